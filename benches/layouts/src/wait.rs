//! How everybody waits, and not for ever.

use common::pin;
use std::fmt;
use std::hint::spin_loop;
use std::thread;
use std::time::{Duration, Instant};

/// The processor's pauses between two looks that find nothing. Each look takes the line from the thread that fills it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pauses {
    /// This many.
    Fixed(u32),
    /// One at first, then twice as many after each look, up to 64; the next wait begins with one.
    Adaptive,
}

impl Pauses {
    /// For a stream, in which a late look costs nothing.
    pub(crate) const FOR_RATE: Pauses = Pauses::Fixed(32);
    /// For a single event, in which a late look is what is measured.
    pub(crate) const FOR_LATENCY: Pauses = Pauses::Fixed(1);
    /// The most that `Adaptive` comes to.
    const MOST: u32 = 64;
}

impl fmt::Display for Pauses {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Pauses::Fixed(pauses) => pauses.fmt(f),
            Pauses::Adaptive => f.write_str("adaptive"),
        }
    }
}

/// A thread waited beyond the deadline: events were lost, or the system gave no time to the thread that should send them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Hung;

/// A sample's deadline, for every wait in it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Watch {
    deadline: Instant,
    /// Looks before a wait looks at the clock, and gives its core away.
    patience: u32,
}

impl Watch {
    /// The patience of threads that share cores.
    const CROWDED: u32 = 4;

    /// For a sample of this many threads that should take `time`.
    pub(crate) fn over(time: Duration, threads: usize) -> Self {
        let patience = if pin::is_crowded(threads) { Self::CROWDED } else { 1_000 };
        Watch { deadline: Instant::now() + 4 * time + Duration::from_secs(4), patience }
    }

    /// Yields to the threads that share this one's core, if any; a thread that never waits calls it now and then.
    pub(crate) fn make_way(&self) {
        if self.patience == Self::CROWDED {
            thread::yield_now();
        }
    }

    /// Looks until `look` is content.
    #[inline]
    pub(crate) fn until(&self, pauses: Pauses, mut look: impl FnMut() -> bool) -> Result<(), Hung> {
        let mut wait = self.begin(pauses);
        while !look() {
            wait.once()?;
        }
        Ok(())
    }

    #[inline]
    fn begin(&self, pauses: Pauses) -> Wait<'_> {
        let (next, growth) = match pauses {
            Pauses::Fixed(pauses) => (pauses, 1),
            Pauses::Adaptive => (1, 2),
        };
        Wait { watch: self, looks: 0, next, growth }
    }
}

/// One wait.
struct Wait<'w> {
    watch: &'w Watch,
    looks: u32,
    /// Pauses before the next look.
    next: u32,
    growth: u32,
}

impl Wait<'_> {
    /// Between two looks.
    #[inline]
    fn once(&mut self) -> Result<(), Hung> {
        self.looks += 1;
        if self.looks >= self.watch.patience {
            self.looks = 0;
            thread::yield_now();
            return if Instant::now() < self.watch.deadline { Ok(()) } else { Err(Hung) };
        }
        for _ in 0..self.next {
            spin_loop();
        }
        if self.growth > 1 {
            self.next = (self.next * self.growth).min(Pauses::MOST);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_waits_in_vain_is_told() {
        let watch = Watch { deadline: Instant::now(), patience: 3 };
        assert_eq!(watch.until(Pauses::Adaptive, || false), Err(Hung));
        assert_eq!(watch.until(Pauses::FOR_RATE, || true), Ok(()));
    }

    #[test]
    fn adaptive_pauses_double_up_to_the_most() {
        let watch = Watch { deadline: Instant::now() + Duration::from_secs(60), patience: u32::MAX };
        let mut wait = watch.begin(Pauses::Adaptive);
        let pauses = [(); 8].map(|()| {
            let pauses = wait.next;
            wait.once().unwrap();
            pauses
        });
        assert_eq!(pauses, [1, 2, 4, 8, 16, 32, 64, 64]);
        assert_eq!(watch.begin(Pauses::Fixed(4)).next, 4);
    }
}
