//! What is shown of one ring: its books now, and counters that survive the readers that have left.

use std::{
    ops::AddAssign,
    time::{Duration, Instant},
};

use rusted_ring::{Name, Sequence, ledger::ReaderStatus};

use crate::source::{Books, Properties};

/// The series of a reader without a name.
const UNNAMED: &str = "unnamed";
/// The series of all readers beyond the bound.
pub(crate) const OTHER: &str = "other";

/// A ring's figures, as of the last scrape.
#[derive(Debug)]
pub(crate) struct Account {
    pub(crate) properties: Properties,
    pub(crate) claimed: u64,
    pub(crate) unlisted: u64,
    pub(crate) closed: bool,
    /// The series of readers, in the order in which they were first seen.
    pub(crate) series: Vec<Series>,
    max_readers: usize,
    /// The readers that the last scrape saw, and when.
    seen: Vec<Seen>,
    seen_at: Option<Instant>,
}

/// The readers of one name and kind, together.
#[derive(Debug, Default)]
pub(crate) struct Series {
    pub(crate) reader: String,
    pub(crate) gating: bool,
    is_other: bool,
    /// Of these readers since the ring was registered, and of all that have left meanwhile.
    pub(crate) totals: Counts,
    /// The time between scrapes at both of which a reader was blocking, of all readers together.
    pub(crate) blocked: Duration,
    /// The number that are there now.
    pub(crate) readers: u64,
    /// The slowest one's lag.
    pub(crate) lag: u64,
    /// The largest number of claimed sequences that one of them has not made durable; none, if none of them says what is.
    pub(crate) not_durable: Option<u64>,
    /// The number of Consumers for which publishers may have to wait.
    pub(crate) blocking: u64,
    /// The number of readers whose processes have ended.
    pub(crate) dead: u64,
}

/// What a reader counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    pub(crate) received: u64,
    pub(crate) repaired: u64,
    pub(crate) lost: u64,
    pub(crate) holes: u64,
    pub(crate) laps: u64,
    pub(crate) shared: u64,
    pub(crate) failed: u64,
    pub(crate) restarts: u64,
}

/// A reader, as the last scrape saw it.
#[derive(Clone, Copy, Debug)]
struct Seen {
    entry: usize,
    gating: bool,
    joined: Sequence,
    position: Sequence,
    is_blocking: bool,
    /// The largest that was seen of each count.
    counts: Counts,
}

impl Counts {
    fn of(reader: &ReaderStatus) -> Self {
        Counts {
            received: reader.received,
            repaired: reader.repaired,
            lost: reader.lost,
            holes: reader.holes,
            laps: reader.laps,
            shared: reader.shared,
            failed: reader.failed,
            restarts: reader.restarts,
        }
    }

    /// Each count of the two, combined.
    fn zip(self, other: Self, combine: impl Fn(u64, u64) -> u64) -> Self {
        Counts {
            received: combine(self.received, other.received),
            repaired: combine(self.repaired, other.repaired),
            lost: combine(self.lost, other.lost),
            holes: combine(self.holes, other.holes),
            laps: combine(self.laps, other.laps),
            shared: combine(self.shared, other.shared),
            failed: combine(self.failed, other.failed),
            restarts: combine(self.restarts, other.restarts),
        }
    }
}

impl AddAssign for Counts {
    /// Saturating: the numbers of a ring between processes may be anything.
    fn add_assign(&mut self, more: Self) {
        *self = self.zip(more, u64::saturating_add);
    }
}

impl Seen {
    fn of(reader: &ReaderStatus, is_blocking: bool) -> Self {
        let ReaderStatus { entry, gating, joined, position, .. } = *reader;
        Seen { entry, gating, joined, position, is_blocking, counts: Counts::of(reader) }
    }

    /// Whether `later` may be the same reader: it may have another name by now, but it never goes back.
    fn is_continued_by(&self, later: &Seen) -> bool {
        (self.entry, self.gating, self.joined) == (later.entry, later.gating, later.joined)
            && self.position <= later.position
    }
}

impl Account {
    pub(crate) fn new(properties: Properties, max_readers: usize) -> Self {
        Account {
            properties,
            claimed: 0,
            unlisted: 0,
            closed: false,
            series: Vec::new(),
            max_readers,
            seen: Vec::new(),
            seen_at: None,
        }
    }

    /// Takes over what the books say `now`.
    pub(crate) fn update(&mut self, books: &Books, now: Instant) {
        self.claimed = self.claimed.max(books.claimed.get());
        self.unlisted = books.unlisted;
        self.closed = books.closed;
        for series in &mut self.series {
            (series.readers, series.lag, series.blocking, series.dead) = (0, 0, 0, 0);
            series.not_durable = None;
        }
        let since = self.seen_at.replace(now).map_or(Duration::ZERO, |before| now.saturating_duration_since(before));
        let before = std::mem::take(&mut self.seen);
        for reader in &books.readers {
            let is_blocking = reader.gating && reader.ahead.saturating_add(self.late()) > self.properties.capacity;
            let mut seen = Seen::of(reader, is_blocking);
            let mut news = seen.counts;
            let mut blocked = Duration::ZERO;
            if let Some(known) = before.iter().find(|known| known.is_continued_by(&seen)) {
                news = seen.counts.zip(known.counts, u64::saturating_sub);
                seen.counts = seen.counts.zip(known.counts, u64::max);
                if is_blocking && known.is_blocking {
                    blocked = since;
                }
            }
            self.seen.push(seen);
            let series = self.series_of(reader.name, reader.gating);
            series.totals += news;
            series.blocked += blocked;
            series.readers += 1;
            series.lag = series.lag.max(reader.ahead);
            let not_durable = reader.durable.map(|durable| books.claimed.get().saturating_sub(durable.get()));
            series.not_durable = series.not_durable.max(not_durable);
            series.blocking += u64::from(is_blocking);
            series.dead += u64::from(books.dead.contains(&reader.entry));
        }
    }

    /// The lag as a part of the capacity.
    pub(crate) fn pressure(&self, lag: u64) -> f64 {
        (lag as f64 / self.properties.capacity as f64).min(1.0)
    }

    /// By how much a Consumer's position may be shown to publishers late.
    fn late(&self) -> u64 {
        (self.properties.capacity / 8).max(1)
    }

    /// The slowest reader's lag.
    pub(crate) fn lag(&self) -> u64 {
        self.series.iter().map(|series| series.lag).max().unwrap_or(0)
    }

    /// The series of readers of this name and kind: a new one, or if there are as many as there may be, the one of all others.
    fn series_of(&mut self, name: Name, gating: bool) -> &mut Series {
        let reader = match name.as_str() {
            "" => UNNAMED,
            name => name,
        };
        let find = |series: &[Series], reader: &str| {
            series.iter().position(|series| (&*series.reader, series.gating) == (reader, gating))
        };
        if let Some(at) = find(&self.series, reader) {
            return &mut self.series[at];
        }
        let own = self.series.iter().filter(|series| !series.is_other).count();
        let is_other = own >= self.max_readers;
        let reader = if is_other { OTHER } else { reader };
        let at = find(&self.series, reader).unwrap_or_else(|| {
            let reader = reader.to_owned();
            self.series.push(Series { reader, gating, is_other, ..Series::default() });
            self.series.len() - 1
        });
        &mut self.series[at]
    }
}
