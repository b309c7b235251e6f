//! Which rings stages feed from which: a circle would stand still once its rings are full, each of its stages waiting for the next.

use std::{
    sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError},
    vec::Vec,
};

use crate::RingRef;

/// Where a ring lies in memory: no other lies there, while anybody holds it.
pub(super) fn address<R: RingRef>(ring: &R) -> usize {
    core::ptr::from_ref(ring.view().header()).addr()
}

/// The feeds of this process, from the ring at one address to that at another; a pair for each stage.
static FEEDS: Mutex<Vec<(usize, usize)>> = Mutex::new(Vec::new());

fn feeds() -> MutexGuard<'static, Vec<(usize, usize)>> {
    FEEDS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Whether what is published into `from` is published on, by some way, into `to`.
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

/// A feed, for as long as its stage may publish.
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

/// Where a stage publishes. A clone is the same; the feed, once opened, ends with the last of them.
#[derive(Clone, Debug)]
pub(super) struct Outflow {
    into: usize,
    feed: Arc<OnceLock<Feed>>,
}

impl Outflow {
    pub(super) fn into_ring_at(into: usize) -> Self {
        Outflow { into, feed: Arc::default() }
    }

    /// Opens the feed from the stage's ring, once; false if that would close a circle.
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
