//! The batches that wait to be written to one connection, bounded in number and bytes.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::mpsc;

use super::batch::Batch;

/// Batches that may wait; a batch may be a single cursor.
const BATCHES: usize = 1024;
/// Bytes that may wait, so that many stalled pages do not take all memory.
const BYTES: usize = 4 << 20;

/// A new queue: the network actor's end, and the connection's.
pub(crate) fn queue() -> (Giving, Taking) {
    queue_of(BATCHES)
}

/// The same, with room for this many batches.
pub(super) fn queue_of(batches: usize) -> (Giving, Taking) {
    let (sender, receiver) = mpsc::channel(batches);
    let waiting = Arc::new(AtomicUsize::new(0));
    (Giving { sender, waiting: Arc::clone(&waiting) }, Taking { receiver, waiting })
}

/// The end where batches are put in.
#[derive(Debug)]
pub(crate) struct Giving {
    sender: mpsc::Sender<Batch>,
    waiting: Arc<AtomicUsize>,
}

impl Giving {
    /// Puts a batch in if there is room; returns whether there was.
    pub(super) fn give(&self, batch: Batch) -> bool {
        let bytes = batch.message().len();
        // Only this end adds to it.
        if self.waiting.load(Ordering::Relaxed) + bytes > BYTES {
            return false;
        }
        self.waiting.fetch_add(bytes, Ordering::Relaxed);
        self.sender.try_send(batch).is_ok()
    }
}

/// The end where batches are taken out.
#[derive(Debug)]
pub(crate) struct Taking {
    receiver: mpsc::Receiver<Batch>,
    waiting: Arc<AtomicUsize>,
}

impl Taking {
    /// Waits for batches and takes up to `most` of them into `batches`; returns 0 when the other end is gone and all is taken.
    /// May be cancelled and called again.
    pub(crate) async fn take(&mut self, batches: &mut Vec<Batch>, most: usize) -> usize {
        let count = self.receiver.recv_many(batches, most).await;
        let bytes = batches[batches.len() - count..].iter().map(|batch| batch.message().len()).sum();
        self.waiting.fetch_sub(bytes, Ordering::Relaxed);
        count
    }

    /// Takes a batch that is there, if the queue is open.
    #[cfg(test)]
    pub(super) fn try_take(&mut self) -> Result<Batch, mpsc::error::TryRecvError> {
        let batch = self.receiver.try_recv()?;
        self.waiting.fetch_sub(batch.message().len(), Ordering::Relaxed);
        Ok(batch)
    }
}

#[cfg(test)]
mod tests {
    use super::super::batch::Gathering;
    use super::*;
    use crate::protocol::Kind;

    fn batch(len: usize) -> Batch {
        let mut gathering = Gathering::default();
        gathering.push(Kind::Image, &vec![Kind::Image as u8; len]);
        gathering.take().expect("something")
    }

    #[tokio::test]
    async fn it_is_full_by_count() {
        let (giving, mut taking) = queue_of(2);
        assert_eq!([1, 2, 3].map(|_| giving.give(batch(100))), [true, true, false]);
        let mut taken = Vec::new();
        assert_eq!(taking.take(&mut taken, 1).await, 1);
        assert!(giving.give(batch(100)));
    }

    #[tokio::test]
    async fn it_is_full_by_bytes_and_empty_again_when_they_are_taken() {
        let (giving, mut taking) = queue();
        let fit = BYTES / 16_384;
        for round in 0..3 {
            let given = (0..fit + 5).filter(|_| giving.give(batch(16_384))).count();
            assert_eq!(given, fit, "round {round}");
            let mut taken = Vec::new();
            while taken.len() < fit {
                taking.take(&mut taken, 64).await;
            }
        }
    }

    #[tokio::test]
    async fn what_was_put_in_is_taken_after_the_end() {
        let (giving, mut taking) = queue();
        assert!(giving.give(batch(100)));
        drop(giving);
        let mut taken = Vec::new();
        assert_eq!((taking.take(&mut taken, 64).await, taking.take(&mut taken, 64).await), (1, 0));
    }
}
