//! What is shown of one journal: its figures now, and counters that survive its recordings.

use std::time::{Duration, Instant};

use crate::source::Journaled;

/// A journal's figures, as of the last scrape.
#[derive(Debug, Default)]
pub(crate) struct JournalAccount {
    pub(crate) written: u64,
    pub(crate) durable: u64,
    pub(crate) lost: u64,
    /// What it said last.
    pub(crate) last: Option<Journaled>,
    /// What was claimed at an earlier scrape and is not written yet, and how long ago that was.
    pub(crate) delay: Duration,
    mark: Option<(u64, Instant)>,
}

/// What a recording counts since it began.
fn counts(of: &Journaled) -> [u64; 3] {
    let since = |position: rusted_ring::Sequence| position.get().saturating_sub(of.began.get());
    [since(of.written), since(of.durable), of.lost]
}

/// The claimed sequences that are not in files.
pub(crate) fn behind(of: &Journaled) -> u64 {
    of.claimed.get().saturating_sub(of.written.get())
}

impl JournalAccount {
    /// Takes over what the journal says now.
    pub(crate) fn update(&mut self, now: &Journaled, at: Instant) {
        let same = self.last.filter(|last| last.epoch == now.epoch);
        let before = same.as_ref().map_or([0; 3], counts);
        let totals = [&mut self.written, &mut self.durable, &mut self.lost];
        for ((total, count), before) in totals.into_iter().zip(counts(now)).zip(before) {
            *total += count.saturating_sub(before);
        }
        let claimed = now.claimed.get();
        let mark = self.mark.filter(|(mark, _)| same.is_some() && now.written.get() < *mark);
        let (_, since) = *self.mark.insert(mark.unwrap_or((claimed, at)));
        self.delay = if behind(now) == 0 { Duration::ZERO } else { at.saturating_duration_since(since) };
        self.last = Some(*now);
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
        assert_eq!(delay(6, 10, 30), 0, "they are; those of 5 s are not known to be older");
        assert_eq!(delay(9, 29, 40), 3);
        assert_eq!(delay(10, 40, 40), 0);
        assert_eq!(delay(60, 40, 41), 0, "what was claimed in between is not older than the last scrape");
        assert_eq!(delay(61, 40, 41), 1);
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
