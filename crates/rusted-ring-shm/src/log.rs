//! What went wrong on a ring, counted in its file: how often, when first, and when last.

use std::{
    sync::atomic::{AtomicU64, Ordering::Relaxed},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use rusted_ring::Incident;

/// Words of one kind of incident: a count, the first time, the last time.
const WORDS: usize = 3;
/// Words of the log; there is room for more kinds in the header's page.
pub(crate) const LEN: usize = WORDS * Incident::ALL.len();

/// How often something went wrong on a ring: any process that may write the ring may have written these numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Noted {
    /// What.
    pub incident: Incident,
    /// How often it was met.
    pub count: u64,
    /// When first.
    pub first: SystemTime,
    /// When last.
    pub last: SystemTime,
}

/// Counts `incident` in `log`, of [`LEN`] words. A process that ends in between leaves a number that is one behind.
pub(crate) fn note(log: &[AtomicU64], incident: Incident) {
    let Some([count, first, last]) = words(log, incident) else { return };
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_nanos() as u64;
    // The first process sets it; 0 is no time.
    let _ = first.compare_exchange(0, now, Relaxed, Relaxed);
    last.fetch_max(now, Relaxed);
    count.fetch_add(1, Relaxed);
}

/// What is noted in `log`.
pub(crate) fn noted(log: &[AtomicU64]) -> Vec<Noted> {
    let of = |incident| {
        let [count, first, last] = words(log, incident)?.each_ref().map(|word| word.load(Relaxed));
        let time = |nanoseconds| UNIX_EPOCH + Duration::from_nanos(nanoseconds);
        (count > 0).then(|| Noted { incident, count, first: time(first.min(last)), last: time(last) })
    };
    Incident::ALL.into_iter().filter_map(of).collect()
}

fn words(log: &[AtomicU64], incident: Incident) -> Option<&[AtomicU64; WORDS]> {
    let index = Incident::ALL.iter().position(|kind| *kind == incident)?;
    log.get(WORDS * index..)?.first_chunk()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_has_its_count_and_its_times() {
        let log = [const { AtomicU64::new(0) }; LEN];
        assert_eq!(noted(&log), []);
        let begun = SystemTime::now();
        for _ in 0..3 {
            note(&log, Incident::GivenUp);
        }
        note(&log, Incident::Corrupt);
        let found = noted(&log);
        assert_eq!(
            found.iter().map(|noted| (noted.incident, noted.count)).collect::<Vec<_>>(),
            [(Incident::Corrupt, 1), (Incident::GivenUp, 3)]
        );
        assert!(found.iter().all(|noted| begun <= noted.first && noted.first <= noted.last));
    }

    #[test]
    fn whatever_is_written_there_is_read() {
        let log = [const { AtomicU64::new(u64::MAX) }; LEN];
        note(&log, Incident::GivenUp);
        assert_eq!(noted(&log).len(), Incident::ALL.len() - 1, "a count that overflows is 0 again");
    }
}
