//! Waiting for several readers.

use std::{slice, time::Duration};

use rusted_ring::wait::{self, Member, Waitable};

use crate::{exclusive::Entered, rings::AnyReader};

/// A reader in a wait.
pub(crate) struct Waiting<'c>(pub(crate) Entered<'c, dyn AnyReader>);

impl Waitable for Waiting<'_> {
    fn member(&mut self) -> Member<'_> {
        self.0.member()
    }
}

/// A wait set, and whose turn it is: the set of the library knows nothing of losses that are still to be told.
#[derive(Default)]
pub(crate) struct WaitSet {
    set: wait::WaitSet,
    /// The index behind the one that was returned last.
    next: usize,
}

impl WaitSet {
    /// Returns the first that is ready, from the one behind the last on; if none is, the first to be within `timeout`.
    pub(crate) fn wait(&mut self, readers: &mut [Waiting<'_>], timeout: Duration) -> Option<usize> {
        let found = self.ready(readers).or_else(|| match timeout {
            Duration::ZERO => None,
            _ => self.set.wait_timeout(readers, timeout),
        });
        if let Some(index) = found {
            self.next = index + 1;
        }
        found
    }

    fn ready(&mut self, readers: &mut [Waiting<'_>]) -> Option<usize> {
        let count = readers.len();
        let mut turns = (0..count).map(|turn| (self.next + turn) % count);
        turns.find(|&index| {
            let reader = &mut readers[index];
            reader.0.is_owing() || self.set.try_wait(slice::from_mut(reader)).is_some()
        })
    }
}
