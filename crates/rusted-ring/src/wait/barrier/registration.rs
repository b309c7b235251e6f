//! What the kernel answered when this process asked to take part in a barrier.

use core::sync::atomic::{AtomicU8, Ordering};

use rustix::thread::{MembarrierCommand, membarrier};

const UNASKED: u8 = 0;
const GRANTED: u8 = 1;
const REFUSED: u8 = 2;

/// Nobody waits for the thread that asks: a child forked while it does has no such thread. Several threads may ask, and the kernel answers each.
pub(super) struct Registration {
    command: MembarrierCommand,
    answer: AtomicU8,
}

impl Registration {
    pub(super) const fn new(command: MembarrierCommand) -> Self {
        Registration { command, answer: AtomicU8::new(UNASKED) }
    }

    pub(super) fn is_granted(&self) -> bool {
        match self.answer.load(Ordering::Relaxed) {
            UNASKED => {
                let is_granted = membarrier(self.command).is_ok();
                self.answer.store(if is_granted { GRANTED } else { REFUSED }, Ordering::Relaxed);
                is_granted
            }
            answer => answer == GRANTED,
        }
    }
}
