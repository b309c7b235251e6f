//! The strokes that one page is drawing; every other page keeps and draws each until it is finished.

use std::time::{Duration, Instant};

use crate::limits::bucket::Bucket;

/// The most at a time: one, and those that were given up a moment ago.
const MOST: usize = 8;
/// Pages forget a stroke that is not continued for this long.
const ABANDONED: Duration = Duration::from_secs(15);
/// Strokes begun: a second in the long run, and at once. What is sent to finish one may yet be refused, or be known already;
/// others then keep the stroke until they forget it.
const BEGUN: (u32, u32) = (8, 16);

/// The unfinished strokes of one connection.
#[derive(Debug)]
pub(crate) struct Unfinished {
    /// Their actions, and when they grew.
    strokes: Vec<(u64, Instant)>,
    begun: Bucket,
}

impl Unfinished {
    /// None yet.
    pub(crate) fn new(now: Instant) -> Self {
        Unfinished { strokes: Vec::new(), begun: Bucket::new(BEGUN.0, BEGUN.1, now) }
    }

    /// Whether the stroke of this action may grow: it is one of these, or there is room for one more.
    pub(crate) fn grows(&mut self, action: u64, now: Instant) -> bool {
        if let Some((_, grew)) = self.strokes.iter_mut().find(|(known, _)| *known == action) {
            *grew = now;
            return true;
        }
        self.strokes.retain(|(_, grew)| now.saturating_duration_since(*grew) < ABANDONED);
        let room = self.strokes.len() < MOST && self.begun.take(1, now);
        if room {
            self.strokes.push((action, now));
        }
        room
    }

    /// The action was sent whole.
    pub(crate) fn finished(&mut self, action: u64) {
        self.strokes.retain(|(known, _)| *known != action);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_8_at_a_time_until_one_is_finished_or_abandoned() {
        let begun = Instant::now();
        let at = |seconds| begun + Duration::from_secs(seconds);
        let mut unfinished = Unfinished::new(begun);
        assert_eq!((0..20).filter(|&action| unfinished.grows(action, begun)).count(), 8);
        assert!(unfinished.grows(7, at(1)), "those that are there grow");
        unfinished.finished(0);
        assert!(unfinished.grows(20, at(1)) && !unfinished.grows(21, at(1)));
        assert_eq!((30..50).filter(|&action| unfinished.grows(action, at(15))).count(), 6, "all but 7 and 20");
    }

    #[test]
    fn who_finishes_each_at_once_begins_8_a_second() {
        let begun = Instant::now();
        let mut unfinished = Unfinished::new(begun);
        let mut count = |now, from: u64| {
            (from..from + 100)
                .filter(|&action| {
                    let grows = unfinished.grows(action, now);
                    unfinished.finished(action);
                    grows
                })
                .count()
        };
        assert_eq!(count(begun, 0), 16);
        assert_eq!(count(begun + Duration::from_secs(1), 100), 8);
    }
}
