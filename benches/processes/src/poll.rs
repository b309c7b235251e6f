//! The one way in which everybody waits.

use std::hint::spin_loop;
use std::thread;
use std::time::{Duration, Instant};

/// Looks from one at the clock to the next.
const LOOKS: u32 = 1 << 16;
/// Nothing takes so long that does not hang.
const PATIENCE: Duration = Duration::from_secs(10);

/// Pauses between two looks, of which each takes a line from the process that fills it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Poll {
    pauses: u32,
    is_crowded: bool,
}

impl Poll {
    /// For a stream: what a late look costs nothing.
    pub(crate) fn for_rate(is_crowded: bool) -> Self {
        Poll { pauses: 32, is_crowded }
    }

    /// For a single event.
    pub(crate) fn for_latency(is_crowded: bool) -> Self {
        Poll { pauses: 1, is_crowded }
    }

    /// Looks until `look` is content. Panics after [`PATIENCE`].
    #[inline]
    pub(crate) fn until(self, mut look: impl FnMut() -> bool) {
        let mut looks = 0;
        let mut begun = None;
        while !look() {
            looks += 1;
            if looks % LOOKS == 0 {
                assert!(begun.get_or_insert_with(Instant::now).elapsed() < PATIENCE, "nothing comes");
            }
            if self.is_crowded {
                thread::yield_now();
            } else {
                (0..self.pauses).for_each(|_| spin_loop());
            }
        }
    }
}
