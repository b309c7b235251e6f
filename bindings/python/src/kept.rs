//! Events that a reader has copied and not yet given to Python.

use std::{
    collections::VecDeque,
    sync::{Mutex, MutexGuard, PoisonError},
};

use crate::abi::Head;

/// Events that a call copied behind one that it could not return: the next call begins with them. Who looks has entered the reader, and so
/// is alone.
#[derive(Default)]
pub(crate) struct Kept(Mutex<VecDeque<(Head, Box<[u8]>)>>);

impl Kept {
    fn events(&self) -> MutexGuard<'_, VecDeque<(Head, Box<[u8]>)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keeps events, each in a place of `stride` bytes, before those that are kept already.
    pub(crate) fn keep(&self, heads: &[Head], places: &[u8], stride: usize) {
        let events = heads.iter().zip(places.chunks(stride));
        let mut kept = self.events();
        for (head, place) in events.rev() {
            kept.push_front((*head, place[..head.len].into()));
        }
    }

    /// Moves the first ones to places of `stride` bytes, as many as there are, and returns what they are.
    pub(crate) fn take(&self, places: &mut [u8], stride: usize) -> Vec<Head> {
        let mut kept = self.events();
        let mut heads = Vec::new();
        for place in places.chunks_exact_mut(stride) {
            let Some((head, bytes)) = kept.pop_front() else { break };
            place[..head.len].copy_from_slice(&bytes);
            heads.push(head);
        }
        heads
    }

    /// The first and the last sequence of them.
    pub(crate) fn sequences(&self) -> Option<(u64, u64)> {
        let kept = self.events();
        Some((kept.front()?.0.sequence, kept.back()?.0.sequence))
    }
}
