//! What is shown of one journal: its figures now, and counters that survive its recordings.

use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};

use crate::source::Journaled;

/// The claims of earlier scrapes that are known apart, at most.
const MARKS: usize = 16;

/// A journal's figures, as of the last scrape.
#[derive(Debug, Default)]
pub(crate) struct JournalAccount {
    pub(crate) written: u64,
    pub(crate) durable: u64,
    pub(crate) lost: u64,
    /// What it said last.
    pub(crate) last: Option<Journaled>,
    /// How long ago an earlier scrape saw claimed what is not written yet.
    pub(crate) delay: Duration,
    /// What scrapes saw claimed, and when, the oldest first: those of which not everything is written.
    marks: VecDeque<(u64, Instant)>,
}

/// What a recording counts since it began.
fn counts(of: &Journaled) -> [u64; 3] {
    let since = |position: rusted_ring::Sequence| position.get().saturating_sub(of.began.get());
    [since(of.written), since(of.durable), of.lost]
}

/// The claimed sequences that are not in files.
pub(crate) fn lag(of: &Journaled) -> u64 {
    of.claimed.get().saturating_sub(of.written.get())
}

/// Whether both are of one recording. An epoch that is resumed has another one, which begins elsewhere, or counts from 0 again.
fn is_same(last: &Journaled, now: &Journaled) -> bool {
    let goes_on = counts(last).iter().zip(counts(now)).all(|(last, now)| *last <= now);
    (last.epoch, last.began) == (now.epoch, now.began) && goes_on
}

impl JournalAccount {
    /// Takes over what the journal says now.
    pub(crate) fn update(&mut self, now: &Journaled, at: Instant) {
        let same = self.last.filter(|last| is_same(last, now));
        let before = same.as_ref().map_or([0; 3], counts);
        let totals = [&mut self.written, &mut self.durable, &mut self.lost];
        for ((total, count), before) in totals.into_iter().zip(counts(now)).zip(before) {
            *total += count - before;
        }
        self.marks.retain(|(claimed, _)| same.is_some() && now.written.get() < *claimed);
        if lag(now) > 0 {
            self.mark(now.claimed.get(), at);
        }
        self.delay = self.marks.front().map_or(Duration::ZERO, |(_, since)| at.saturating_duration_since(*since));
        self.last = Some(*now);
    }

    /// Keeps what was claimed when. If that is too much, the one goes whose neighbours are nearest to each other, so that all of the time is covered: then the delay
    /// may be shorter than the truth by a gap more, and is never longer.
    fn mark(&mut self, claimed: u64, at: Instant) {
        if self.marks.back().is_some_and(|(last, _)| *last >= claimed) {
            return;
        }
        self.marks.push_back((claimed, at));
        if self.marks.len() > MARKS {
            let gap = |one: &usize| self.marks[one + 1].1.saturating_duration_since(self.marks[one - 1].1);
            (1..MARKS).min_by_key(gap).and_then(|nearest| self.marks.remove(nearest));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rusted_ring::Sequence;

    fn says(epoch: u32, began: u64, written: u64, claimed: u64) -> Journaled {
        let [began, written, claimed] = [began, written, claimed].map(Sequence::new);
        Journaled { epoch, began, oldest: began, written, durable: began, claimed, ..Journaled::default() }
    }

    #[test]
    fn counters_go_on_where_another_recording_begins() {
        let (mut account, now) = (JournalAccount::default(), Instant::now());
        let mut written = |epoch, began, to| {
            account.update(&says(epoch, began, to, to), now);
            account.written
        };
        assert_eq!([written(1, 10, 10), written(1, 10, 50), written(2, 0, 5), written(2, 0, 9)], [0, 40, 45, 49]);
    }

    #[test]
    fn the_delay_is_that_of_the_oldest_scrape_whose_claims_are_not_written() {
        let (mut account, begun) = (JournalAccount::default(), Instant::now());
        let mut delay = |second, written, claimed| {
            account.update(&says(1, 0, written, claimed), begun + Duration::from_secs(second));
            account.delay.as_secs()
        };
        assert_eq!(delay(0, 0, 10), 0);
        assert_eq!(delay(5, 9, 30), 5, "the claims of 0 s are not all written");
        assert_eq!(delay(6, 10, 30), 1, "they are; those of 5 s are not");
        assert_eq!(delay(9, 29, 40), 4);
        assert_eq!(delay(10, 40, 40), 0);
        assert_eq!(delay(60, 40, 41), 0, "what was claimed in between is not older than the last scrape");
        assert_eq!(delay(61, 40, 41), 1);
    }

    #[test]
    fn counters_go_on_where_an_epoch_is_resumed() {
        let (mut account, now) = (JournalAccount::default(), Instant::now());
        let mut written = |began, to| {
            account.update(&says(1, began, to, to), now);
            account.written
        };
        assert_eq!([written(10, 10), written(10, 50), written(60, 60), written(60, 160)], [0, 40, 40, 140]);
        assert_eq!(written(60, 100), 180, "what went down began again");
    }

    #[test]
    fn a_journal_that_is_always_as_far_behind_has_a_steady_delay() {
        // One claim a second, seen each 15 s. What is shown is at most an interval less than the truth.
        for (lag, expected) in [(20, 15), (60, 45), (100, 90)] {
            let (mut account, begun) = (JournalAccount::default(), Instant::now());
            for second in (0_u64..1500).step_by(15) {
                let written = second.saturating_sub(lag);
                account.update(&says(1, 0, written, second), begun + Duration::from_secs(second));
                if second > 2 * lag {
                    assert_eq!(account.delay.as_secs(), expected, "{lag} s behind, after {second} s");
                }
            }
        }
    }

    #[test]
    fn many_readings_are_thinned_and_the_oldest_claim_stays() {
        let (mut account, begun) = (JournalAccount::default(), Instant::now());
        let mut delay = |second, written| {
            account.update(&says(1, 0, written, second), begun + Duration::from_secs(second));
            assert!(account.marks.len() <= MARKS, "{}", account.marks.len());
            account.delay.as_secs()
        };
        for second in 1..1000 {
            assert_eq!(delay(second, 0), second - 1, "nothing is written");
        }
        let late = delay(1000, 500);
        assert!((250..=500).contains(&late), "the claim of 501 s is not written: {late}");
    }

    #[test]
    fn a_journal_that_is_not_behind_has_no_delay() {
        let (mut account, begun) = (JournalAccount::default(), Instant::now());
        for second in 0..3 {
            account.update(&says(1, 0, 10, 10), begun + Duration::from_secs(second));
            assert_eq!(account.delay, Duration::ZERO);
        }
    }
}
