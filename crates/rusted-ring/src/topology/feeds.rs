//! Which rings the stages of this process publish into.
//!
//! A circle of them would deadlock once its rings are full, with each stage waiting for the next. So it is refused.

use std::{
    sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError},
    vec::Vec,
};

use crate::RingRef;

/// The ring's address, which no other ring has while this one exists.
pub(super) fn address<R: RingRef>(ring: &R) -> usize {
    core::ptr::from_ref(ring.view().header()).addr()
}

/// The feeds of this process: for each stage that publishes, the addresses of its own ring and of the one that it publishes into.
static FEEDS: Mutex<Vec<(usize, usize)>> = Mutex::new(Vec::new());

fn feeds() -> MutexGuard<'static, Vec<(usize, usize)>> {
    FEEDS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Returns whether an event published into `from` can lead, by any number of feeds, to one published into `to`.
fn leads(feeds: &[(usize, usize)], from: usize, to: usize) -> bool {
    let mut reached = Vec::from([from]);
    let mut next = 0;
    while let Some(&at) = reached.get(next) {
        if at == to {
            return true;
        }
        for (_, fed) in feeds.iter().filter(|(source, _)| *source == at) {
            if !reached.contains(fed) {
                reached.push(*fed);
            }
        }
        next += 1;
    }
    false
}

/// An entry of [`FEEDS`], which is there while its stage may publish.
#[derive(Debug)]
struct Feed(usize, usize);

impl Drop for Feed {
    fn drop(&mut self) {
        let mut feeds = feeds();
        if let Some(index) = feeds.iter().position(|feed| *feed == (self.0, self.1)) {
            feeds.swap_remove(index);
        }
    }
}

/// Where a stage publishes. Its clones share one feed, which is closed with the last of them.
#[derive(Clone, Debug)]
pub(super) struct Outflow {
    into: usize,
    feed: Arc<OnceLock<Feed>>,
}

impl Outflow {
    pub(super) fn into_ring_at(into: usize) -> Self {
        Outflow { into, feed: Arc::default() }
    }

    /// Opens the feed from the stage's ring, once. Returns false if that would make a circle.
    pub(super) fn open(&self, from: usize) -> bool {
        let mut feeds = feeds();
        if leads(&feeds, self.into, from) {
            return false;
        }
        feeds.push((from, self.into));
        drop(feeds);
        self.feed.set(Feed(from, self.into)).is_ok()
    }
}
