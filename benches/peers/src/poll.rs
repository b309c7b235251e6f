//! The one way in which everybody waits.

use std::hint::spin_loop;
use std::thread;

/// How a loop that found nothing to do goes on: it pauses, and gives the core away where it must share it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Poll {
    /// Pauses between two looks. Each look takes the line from the thread that fills it.
    pauses: u32,
    /// Looks before the core is given away.
    patience: u32,
}

impl Poll {
    /// For a stream, in which a late look costs nothing, and an early one slows down every thread that it disturbs.
    pub(crate) fn for_rate(crowded: bool) -> Self {
        Poll { pauses: 32, patience: if crowded { 4 } else { 500 } }
    }

    /// For a single event, in which a late look is what is measured.
    pub(crate) fn for_latency() -> Self {
        Poll { pauses: 1, patience: 2_000 }
    }

    /// Looks until `look` is content.
    #[inline]
    pub(crate) fn until(self, mut look: impl FnMut() -> bool) {
        let mut wait = self.begin();
        while !look() {
            wait.once();
        }
    }

    pub(crate) fn begin(self) -> Wait {
        Wait { poll: self, looks: 0 }
    }
}

/// One wait.
pub(crate) struct Wait {
    poll: Poll,
    looks: u32,
}

impl Wait {
    /// Between two looks.
    pub(crate) fn once(&mut self) {
        self.looks += 1;
        if self.looks >= self.poll.patience {
            self.looks = 0;
            thread::yield_now();
            return;
        }
        for _ in 0..self.poll.pauses {
            spin_loop();
        }
    }
}
