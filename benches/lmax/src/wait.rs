//! How the Rust contenders wait: all by the same loop.

use std::hint::spin_loop;
use std::thread;

/// How a thread waits: a consumer for events, a producer for room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wait {
    /// Looks a hundred times, then gives the core away between looks.
    Yielding,
    /// Looks, with the processor's pause between.
    Spinning,
    /// By the contender's own way to sleep; LMAX's is a lock and a condition.
    Sleeping,
}

/// Looks before the core is given away.
const PATIENCE: u32 = 100;

/// One wait, until something is found.
pub(crate) struct Waiting {
    wait: Wait,
    looks: u32,
}

impl Wait {
    pub(crate) fn begin(self) -> Waiting {
        Waiting { wait: self, looks: 0 }
    }

    /// Looks until `look` is content.
    #[inline]
    pub(crate) fn until(self, mut look: impl FnMut() -> bool) {
        if look() {
            return;
        }
        let mut waiting = self.begin();
        while {
            waiting.once();
            !look()
        } {}
    }
}

impl Waiting {
    /// Between two looks.
    #[inline]
    pub(crate) fn once(&mut self) {
        match self.wait {
            Wait::Yielding if self.looks >= PATIENCE => thread::yield_now(),
            Wait::Yielding | Wait::Spinning | Wait::Sleeping => {
                self.looks += 1;
                spin_loop();
            }
        }
    }

    /// Something was found: the next wait is another.
    #[inline]
    pub(crate) fn reset(&mut self) {
        self.looks = 0;
    }
}
