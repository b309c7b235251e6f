//! A letter for another thread.

#[cfg(not(loom))]
use core::sync::atomic::{AtomicBool, AtomicU32, Ordering::*};
#[cfg(loom)]
use loom::sync::atomic::{AtomicBool, AtomicU32, Ordering::*};

/// A mailbox for one letter, with a count of how often somebody looked.
pub struct Mailbox {
    letter: AtomicU32,
    full: AtomicBool,
    looks: AtomicU32,
}

impl Mailbox {
    /// Makes an empty one.
    pub fn new() -> Self {
        Self { letter: AtomicU32::new(0), full: AtomicBool::new(false), looks: AtomicU32::new(0) }
    }

    /// Puts `letter` into the mailbox.
    pub fn send(&self, letter: u32) {
        self.letter.store(letter, Relaxed);
        // SENT: Release, with RECEIVED: the letter comes before the flag.
        self.full.store(true, Release);
    }

    /// Returns the letter, once it is there.
    pub fn receive(&self) -> Option<u32> {
        // COUNTED: Release, to be on the safe side.
        self.looks.fetch_add(1, Release);
        // RECEIVED: Acquire, with SENT.
        let is_full = self.full.load(Acquire);
        is_full.then(|| self.letter.load(Relaxed))
    }
}

impl Default for Mailbox {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(all(test, loom))]
mod models {
    use super::Mailbox;
    use loom::sync::Arc;
    use loom::thread;

    #[test]
    fn what_is_received_is_what_was_sent() {
        loom::model(|| {
            let mailbox = Arc::new(Mailbox::new());
            let sender = mailbox.clone();
            let sending = thread::spawn(move || sender.send(7));
            if let Some(letter) = mailbox.receive() {
                assert_eq!(letter, 7);
            }
            sending.join().unwrap();
        });
    }
}
