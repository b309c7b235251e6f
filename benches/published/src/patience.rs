//! How everybody waits, old and new alike.

use crate::threads;
use std::hint::spin_loop;
use std::sync::atomic::{Ordering, compiler_fence};
use std::thread;

/// What a thread does between two looks.
#[derive(Clone, Copy)]
pub(crate) struct Patience {
    shares_cores: bool,
}

impl Patience {
    /// For a workload of this many threads.
    pub(crate) fn among(threads: usize) -> Self {
        Patience { shares_cores: threads > threads::cores() }
    }

    /// After a look that found nothing.
    #[inline]
    pub(crate) fn wait(self) {
        for _ in 0..32 {
            spin_loop();
        }
        // The old crate's cursor is no atomic: without this, the compiler may read it once, and wait for ever.
        compiler_fence(Ordering::SeqCst);
        self.give_way();
    }

    /// Lets others have this core, if it is not this thread's alone.
    pub(crate) fn give_way(self) {
        if self.shares_cores {
            thread::yield_now();
        }
    }
}
