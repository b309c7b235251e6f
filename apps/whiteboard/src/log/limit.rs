//! How much one place in the program may log, and how much of that one source: whatever others provoke, the log grows slowly, and what is left out is
//! counted. One source keeps no other's events out; many together can keep others out of their place.

use std::collections::HashMap;
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use tracing::callsite::Identifier;
use tracing::field::{Field, Visit};
use tracing::{Event, Level, Metadata, Subscriber, debug, error, info, warn};
use tracing_subscriber::layer::{Context, Layer};

use crate::limits::bucket::Bucket;

/// Events of one place that are logged at once, and how many a second in the long run.
const AT_ONCE: u32 = 20;
const A_SECOND: f64 = 1.0 / 3.0;
/// The same, of one source among those of a place; and how many sources of a place are told apart. All others share what one may.
const AT_ONCE_OF_ONE: u32 = 2;
const A_SECOND_OF_ONE: f64 = 1.0 / 60.0;
const SOURCES: usize = 256;
/// The fields that say of which source an event is.
const SOURCE: [&str; 2] = ["peer", "at"];
/// The target of what says what was left out; it is bounded by how often it is said.
const LEFT_OUT: &str = concat!(env!("CARGO_CRATE_NAME"), "::log::left_out");

/// What each place has logged.
#[derive(Debug, Default)]
pub(super) struct Limit {
    places: Mutex<HashMap<Identifier, Place>>,
    /// All that was left out since the start.
    left_out: AtomicU64,
}

/// A place in the program that logs.
#[derive(Debug)]
struct Place {
    metadata: &'static Metadata<'static>,
    bucket: Bucket,
    /// Those of its sources that have logged lately.
    sources: Sources,
    left_out: u64,
    /// The message of the first event that was left out.
    first: String,
}

impl Limit {
    /// Whether this event is logged; counts it if not.
    fn admits(&self, event: &Event<'_>, now: Instant) -> bool {
        let metadata = event.metadata();
        if metadata.target() == LEFT_OUT {
            return true;
        }
        // Read before others are locked out, as below.
        let source = source(event);
        let (is_admitted, is_first) = self.count(metadata, source, now);
        if is_first {
            // Not while others are locked out: what is formatted may log, and a panic in it does.
            let mut message = String::new();
            event.record(&mut Message(&mut message));
            if let Some(place) = self.places().get_mut(&metadata.callsite()) {
                place.first = message;
            }
        }
        is_admitted
    }

    /// Counts an event; returns whether it is logged, and if not whether it is the first that is left out.
    fn count(&self, metadata: &'static Metadata<'static>, source: Option<String>, now: Instant) -> (bool, bool) {
        let mut places = self.places();
        let place = places.entry(metadata.callsite()).or_insert_with(|| {
            let bucket = bucket(AT_ONCE, A_SECOND, now);
            Place { metadata, bucket, sources: Sources::default(), left_out: 0, first: String::new() }
        });
        // A source that has used up its own part takes nothing from the place's.
        let is_admitted =
            source.is_none_or(|source| place.sources.of(source, now).take(1, now)) && place.bucket.take(1, now);
        self.left_out.fetch_add(u64::from(!is_admitted), Ordering::Relaxed);
        place.left_out += u64::from(!is_admitted);
        (is_admitted, !is_admitted && place.left_out == 1)
    }

    /// Logs what was left out since this was called last.
    pub(super) fn tell(&self) {
        let mut left_out = Vec::new();
        for place in self.places().values_mut().filter(|place| place.left_out > 0) {
            let (count, first) = (std::mem::take(&mut place.left_out), std::mem::take(&mut place.first));
            left_out.push((place.metadata, count, first));
        }
        for (metadata, count, first) in left_out {
            let place = format!("{}:{}", metadata.file().unwrap_or_default(), metadata.line().unwrap_or_default());
            macro_rules! tell {
                ($log:ident) => {
                    $log!(target: LEFT_OUT, left_out = count, %place, "left out more of these, the first was: {first}")
                };
            }
            match *metadata.level() {
                Level::ERROR => tell!(error),
                Level::WARN => tell!(warn),
                Level::INFO => tell!(info),
                Level::DEBUG | Level::TRACE => tell!(debug),
            }
        }
    }

    /// All that was left out since the start.
    pub(super) fn left_out(&self) -> u64 {
        self.left_out.load(Ordering::Relaxed)
    }

    fn places(&self) -> MutexGuard<'_, HashMap<Identifier, Place>> {
        self.places.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The parts of a place's sources.
#[derive(Debug, Default)]
struct Sources(HashMap<String, Bucket>);

impl Sources {
    /// The part of this one; if too many others have logged lately, the one of all that are not told apart.
    fn of(&mut self, source: String, now: Instant) -> &mut Bucket {
        if self.0.len() >= SOURCES && !self.0.contains_key(&source) {
            self.0.retain(|_, bucket| !bucket.is_full(now));
        }
        let is_told_apart = self.0.len() < SOURCES || self.0.contains_key(&source);
        let source = if is_told_apart { source } else { String::new() };
        self.0.entry(source).or_insert_with(|| bucket(AT_ONCE_OF_ONE, A_SECOND_OF_ONE, now))
    }
}

fn bucket(size: u32, a_second: f64, now: Instant) -> Bucket {
    let mut bucket = Bucket::new(0, size, now);
    bucket.refill_at(a_second, now);
    bucket
}

/// Of which source an event is, if it says so.
fn source(event: &Event<'_>) -> Option<String> {
    let field = SOURCE.iter().find_map(|name| event.metadata().fields().field(name))?;
    let mut source = None;
    event.record(&mut Source(&field, &mut source));
    source
}

/// Keeps from the log what its limit does not admit.
pub(super) struct Limited(pub(super) Arc<Limit>);

impl<S: Subscriber> Layer<S> for Limited {
    fn event_enabled(&self, event: &Event<'_>, _context: Context<'_, S>) -> bool {
        self.0.admits(event, Instant::now())
    }
}

/// Takes the value of one field.
struct Source<'s>(&'s Field, &'s mut Option<String>);

impl Visit for Source<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        if field == self.0 {
            *self.1 = Some(format!("{value:?}"));
        }
    }
}

/// Takes an event's message, and none of its fields.
struct Message<'m>(&'m mut String);

impl Visit for Message<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        if field.name() == "message" {
            *self.0 = format!("{value:?}");
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tracing_subscriber::layer::SubscriberExt;

    use super::*;

    /// Sums up what is logged: its lines, and those that it says were left out.
    #[derive(Clone, Default)]
    struct Sums(Arc<[AtomicU64; 2]>);

    impl Sums {
        fn now(&self) -> [u64; 2] {
            self.0.each_ref().map(|sum| sum.load(Ordering::Relaxed))
        }
    }

    impl<S: Subscriber> Layer<S> for Sums {
        fn on_event(&self, event: &Event<'_>, _context: Context<'_, S>) {
            match event.metadata().target() == LEFT_OUT {
                true => event.record(&mut LeftOut(&self.0[1])),
                false => _ = self.0[0].fetch_add(1, Ordering::Relaxed),
            }
        }
    }

    struct LeftOut<'c>(&'c AtomicU64);

    impl Visit for LeftOut<'_> {
        fn record_u64(&mut self, field: &Field, value: u64) {
            assert_eq!(field.name(), "left_out");
            self.0.fetch_add(value, Ordering::Relaxed);
        }

        fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
            let text = format!("{value:?}");
            match field.name() {
                "message" => assert!(text.ends_with(": number 20"), "the first that was left out: {text}"),
                name => assert!(name == "place" && text.contains("limit.rs:"), "{name}: {text}"),
            }
        }
    }

    fn flood(events: u64) {
        (0..events).for_each(|number| warn!("number {number}"));
    }

    #[test]
    fn a_place_that_logs_on_and_on_is_cut_off_and_counted_and_another_is_not() {
        let (limit, sums) = (Arc::new(Limit::default()), Sums::default());
        let subscriber = tracing_subscriber::registry().with(Limited(Arc::clone(&limit))).with(sums.clone());
        let begun = Instant::now();
        tracing::subscriber::with_default(subscriber, || {
            flood(1000);
            let [logged, told] = sums.now();
            let most = u64::from(AT_ONCE) + begun.elapsed().as_secs() + 1;
            assert!((AT_ONCE.into()..=most).contains(&logged) && told == 0, "{logged}");
            warn!("another place");
            assert_eq!(sums.now()[0], logged + 1);
            limit.tell();
            assert_eq!(sums.now(), [logged + 1, 1000 - logged]);
            limit.tell();
            assert_eq!(sums.now(), [logged + 1, 1000 - logged], "it is told once");
        });
    }

    #[test]
    fn in_the_long_run_it_is_one_event_in_three_seconds() {
        let limit = Limit::default();
        let sums = Sums::default();
        struct At<'l>(&'l Limit, Instant);
        impl<S: Subscriber> Layer<S> for At<'static> {
            fn event_enabled(&self, event: &Event<'_>, _context: Context<'_, S>) -> bool {
                self.0.admits(event, self.1)
            }
        }
        let limit: &'static Limit = Box::leak(Box::new(limit));
        let begun = Instant::now();
        for (seconds, logged) in [(0, 20), (1, 20), (3, 21), (9, 23), (600, 43)] {
            let at = At(limit, begun + Duration::from_secs(seconds));
            let subscriber = tracing_subscriber::registry().with(at).with(sums.clone());
            tracing::subscriber::with_default(subscriber, || flood(30));
            assert_eq!(sums.now()[0], logged, "after {seconds} s");
        }
    }

    /// What is logged, when so many sources log so often each.
    fn logged_of(sources: u32, each: u32) -> u64 {
        let (limit, sums) = (Arc::new(Limit::default()), Sums::default());
        let subscriber = tracing_subscriber::registry().with(Limited(Arc::clone(&limit))).with(sums.clone());
        tracing::subscriber::with_default(subscriber, || {
            for peer in 0..sources {
                (0..each).for_each(|_| warn!(peer, "an address"));
            }
        });
        assert_eq!(sums.now()[0] + limit.left_out(), u64::from(sources * each), "what is left out is counted");
        sums.now()[0]
    }

    #[test]
    fn a_source_has_its_part_and_keeps_no_other_out() {
        assert_eq!(logged_of(1, 1000), u64::from(AT_ONCE_OF_ONE));
        assert_eq!(logged_of(5, 1000), u64::from(5 * AT_ONCE_OF_ONE));
        assert_eq!(logged_of(1000, 1), u64::from(AT_ONCE), "many have no more than the place");
    }

    #[test]
    fn so_many_sources_are_told_apart_and_all_others_are_one() {
        let now = Instant::now();
        let at = |minutes: u64| now + Duration::from_secs(60 * minutes);
        let mut sources = Sources::default();
        let mut takes = |source: usize, at| sources.of(source.to_string(), at).take(1, at);
        for source in 0..SOURCES {
            assert!(takes(source, at(0)) && takes(source, at(0)) && !takes(source, at(0)));
        }
        assert!(takes(SOURCES, at(0)) && takes(SOURCES + 1, at(0)), "the part of the others");
        assert!(!takes(SOURCES + 2, at(0)));
        assert!((SOURCES..2 * SOURCES).all(|source| takes(source, at(2))), "who was quiet is forgotten");
        assert!(sources.0.len() <= SOURCES + 1);
    }
}
