//! Metrics of `rusted-ring`'s rings, for Prometheus and OpenTelemetry.
//!
//! A ring's [ledger](rusted_ring::ledger) says what every reader received and lost. A [`RingCollector`] reads the ledgers of the rings that are
//! registered with it, at the moment of a scrape. Nothing is counted a second time: publishers and readers do nothing for it, and pay
//! only the cache misses on the lines that a scrape reads.
//!
//! ```
//! use rusted_ring::{Consumer, HeapTypedRing, Publisher, Start};
//! use rusted_ring_metrics::{RingCollector, encode};
//!
//! let ring = HeapTypedRing::<u64>::new(64);
//! let publisher = Publisher::join(ring.clone())?;
//! let mut archive = Consumer::join(ring.clone(), Start::Newest)?.named("archive");
//!
//! let rings = RingCollector::new();
//! rings.register("orders", ring)?;
//!
//! publisher.send_batch(&[1, 2, 3]);
//! drop(archive.recv()?);
//! let text = encode(&rings);
//! assert!(text.contains(r#"rusted_ring_claimed_sequences_total{ring="orders"} 3"#));
//! assert!(text.contains(r#"rusted_ring_reader_received_events_total{ring="orders",reader="archive",kind="consumer"} 1"#));
//! assert!(text.contains(r#"rusted_ring_reader_lag_sequences{ring="orders",reader="archive",kind="consumer"} 2"#));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! A program that has a [`Registry`](prometheus_client::registry::Registry) of its own puts a clone of the collector there, by
//! [`register_collector`](prometheus_client::registry::Registry::register_collector). [`encode`] writes the text without one.
#![cfg_attr(feature = "serve", doc = "[`Server`] serves the text over HTTP.")]
#![cfg_attr(not(feature = "serve"), doc = "With the feature `serve`, a `Server` serves the text over HTTP.")]
#![cfg_attr(feature = "opentelemetry", doc = "[`observe`] shows the same to OpenTelemetry.")]
#![cfg_attr(
    not(feature = "opentelemetry"),
    doc = "With the feature `opentelemetry`, `observe` shows the same to OpenTelemetry."
)]
//!
//! # The metrics
//!
//! All have the label `ring`, the name under which the ring is registered. Those of readers also have `reader`, the reader's name in the
//! ledger, and `kind`, `consumer` or `subscriber`.
//!
//! | metric | type | what it is |
//! |---|---|---|
//! | `rusted_ring_info` | info | `mode`: who publishes, `many` or `sole`; `slot_bytes`: from one slot to the next; `set` and `pool`, if the ring is a pool of a set |
//! | `rusted_ring_capacity_slots` | gauge | the ring's slots |
//! | `rusted_ring_claimed_sequences_total` | counter | sequences claimed by publishers, holes included |
//! | `rusted_ring_closed` | gauge | 1 if the ring is closed, so that nothing will be published any more; 0 if not. A ring between processes never closes |
//! | `rusted_ring_pressure_ratio` | gauge | the largest lag as a part of the capacity, from 0 to 1 |
//! | `rusted_ring_unlisted_readers` | gauge | readers that found the table full, of which nothing else is known |
//! | `rusted_ring_readers` | gauge | listed readers of this name and kind |
//! | `rusted_ring_reader_received_events_total` | counter | events received |
//! | `rusted_ring_reader_repaired_events_total` | counter | events overwritten before the reader came to them, which a history gave back |
//! | `rusted_ring_reader_lost_sequences_total` | counter | sequences overwritten before the reader came to them, and not repaired |
//! | `rusted_ring_reader_holes_total` | counter | sequences that carried no event |
//! | `rusted_ring_reader_laps_total` | counter | how often the reader was overtaken |
//! | `rusted_ring_reader_shared_events_total` | counter | events that other workers of the reader's stage took |
//! | `rusted_ring_reader_failed_events_total` | counter | received events at which the stage's handler failed |
//! | `rusted_ring_reader_restarts_total` | counter | how often the stage's handler was replaced after a failure |
//! | `rusted_ring_reader_blocked_seconds_total` | counter | time between scrapes at both of which the reader was blocking |
//! | `rusted_ring_reader_lag_sequences` | gauge | claimed sequences that the reader has not come to |
//! | `rusted_ring_reader_not_durable_sequences` | gauge | claimed sequences that the reader has not made durable, if it [says](rusted_ring::Consumer::show_durable) what is |
//! | `rusted_ring_reader_pressure_ratio` | gauge | the lag as a part of the capacity, from 0 to 1 |
//! | `rusted_ring_reader_blocking` | gauge | Consumers that are a whole ring behind, but for the eighth of it by which they may show their position late: publishers may wait for them |
//! | `rusted_ring_reader_dead` | gauge | readers whose processes have ended without leaving the ring; only who looks at rings between processes from outside knows it, as `rring export` does |
//!
//! The stages of a topology are Consumers with the stages' names: what they received and lag is in the series of their ring's readers. How far they have
//! *finished* is shown for topologies that are [registered](RingCollector::register_topology), with the labels `topology` and `stage`:
//!
//! | metric | type | what it is |
//! |---|---|---|
//! | `rusted_ring_stage_finished_sequences_total` | counter | sequences that all workers of the stage have finished |
//! | `rusted_ring_stage_failed_events_total` | counter | events at which the stage's handler failed |
//! | `rusted_ring_stage_restarts_total` | counter | how often the stage's handler was replaced after a failure |
//! | `rusted_ring_stage_workers` | gauge | the stage's workers; 0 when it is not there any more |
//! | `rusted_ring_stage_lag_sequences` | gauge | claimed sequences that the stage has not finished |
//!
//! Journals that are [registered](RingCollector::register_journal) have the label `journal`. Sequences are counted since the first recording that the
//! collector saw began, or since it was resumed:
//!
//! | metric | type | what it is |
//! |---|---|---|
//! | `rusted_ring_journal_written_sequences_total` | counter | sequences that are accounted for in files, lost ones and holes included |
//! | `rusted_ring_journal_durable_sequences_total` | counter | those of them that are synced |
//! | `rusted_ring_journal_lost_sequences_total` | counter | sequences that a full disk lost, or that came while nobody recorded |
//! | `rusted_ring_journal_lag_sequences` | gauge | claimed sequences that are not in files |
//! | `rusted_ring_journal_delay_seconds` | gauge | how long ago an earlier scrape saw claimed what is still not in files: 0 if all of that is. It is also late by a publisher that holds a claim |
//! | `rusted_ring_journal_kept_sequences` | gauge | sequences of the recording that are still accounted for in files, lost ones and holes included |
//! | `rusted_ring_journal_segments` | gauge | the journal's segments, of all recordings |
//! | `rusted_ring_journal_size_bytes` | gauge | their bytes |
//! | `rusted_ring_journal_max_size_bytes` | gauge | the size beyond which old segments are removed; not there without a bound |
//! | `rusted_ring_journal_max_age_seconds` | gauge | the age beyond which they are; not there without a bound |
//! | `rusted_ring_journal_full` | gauge | 1 if the last write failed, because the disk is full or refuses; 0 if not |
//! | `rusted_ring_journal_recording` | gauge | 1 if events are recorded; 0 if it has stopped |
//! | `rusted_ring_journal_failed` | gauge | 1 if it has stopped by an error; 0 if not |
//!
//! So what is written less what is lost is events and holes. Scrapes of a journal that is behind remember what was claimed when, sixteen of them, spread
//! over the time: the delay may be shorter than the truth by the time between two of them, and is never longer.
//!
//! Latest-value cells have no ledger. Who uses them is shown with the label `latest`, if somebody [tells](CellSource) it, and how much is not shown at
//! all if somebody [counts](RingCollector::set_unshown) that:
//!
//! | metric | type | what it is |
//! |---|---|---|
//! | `rusted_ring_latest_keys` | gauge | the keys of the cells |
//! | `rusted_ring_latest_max_readers` | gauge | the readers that there may be at a time |
//! | `rusted_ring_latest_readers` | gauge | the readers that there are |
//! | `rusted_ring_latest_writers` | gauge | the writers that there are: 1 or none |
//! | `rusted_ring_unshown` | gauge | rings and cells beyond a bound, of which nothing is shown |
//!
//! How an endpoint waits is its own affair, which no ledger has; nor does one say what was published apart from what was claimed.
//!
//! Readers of one name and kind are one series, which has their sums; lag and pressure are those of the slowest. So the workers of a stage
//! are one series, and a reader that comes again under its name goes on with its own. Readers without a name are `unnamed`.
//!
//! # Readers that have left
//!
//! The ledger keeps nothing of a reader that has left. The collector keeps what it saw of it last, so counters never decrease. What a
//! scrape cannot see:
//!
//! - what a reader received or lost between the last scrape and its leaving;
//! - readers that came and left between two scrapes, or before their ring was registered;
//! - that a reader left and another took its entry in the table, if that one joined at the same sequence, with the same kind, and came at least as
//!   far: the two count as one.
//!
//! Claimed sequences are all counted, whoever reads. While no reader has left, the counts of a ring at rest balance as the ledger does: claimed since
//! the readers joined = received + repaired + lost + holes + shared + lag, for a series of one reader.
//!
//! # OpenTelemetry
//!
#![cfg_attr(feature = "opentelemetry", doc = "[`observe`]")]
#![cfg_attr(not(feature = "opentelemetry"), doc = "`observe`, of the feature `opentelemetry`,")]
//! makes an observable instrument of each metric above, by the API alone: the program brings the SDK and the exporter. The instrument is called as the
//! metric is, with a dot for each underscore behind `rusted_ring`, and without what says its type or a unit that OpenTelemetry has:
//! `rusted_ring.reader.lost.sequences`, of the unit `{sequence}`, is `rusted_ring_reader_lost_sequences_total`; `rusted_ring.reader.blocked`, of `s`, is
//! `rusted_ring_reader_blocked_seconds_total`; `rusted_ring.pressure`, of `1`, is `rusted_ring_pressure_ratio`. The attributes are the labels.
//!
//! Prometheus' own receiver and the OpenTelemetry Collector translate these names back: rules and dashboards hold for both ways. Counters are
//! monotonic sums, and `info` is a gauge that is 1. The figures of one export are read at one time. The SDK shows at most 2000 sets of attributes of an
//! instrument, unless a view says more; that is 31 rings with as many readers as they may have.
//!
//! # Bounds
//!
//! A ring has at most [`max_readers`](RingCollector::with_max_readers) series of readers, the first that come; the sums of all others are in
//! the series `other`, one for each kind. A series stays until its ring is unregistered. The names of rings are the program's own.

#![forbid(unsafe_code)]

mod account;
mod collector;
mod families;
#[cfg(feature = "opentelemetry")]
mod instruments;
mod journals;
mod openmetrics;
mod owned;
#[cfg(feature = "serve")]
mod request;
#[cfg(feature = "serve")]
mod server;
mod source;
mod stages;

#[cfg(feature = "opentelemetry")]
pub use opentelemetry;
pub use prometheus_client;

#[cfg(feature = "opentelemetry")]
pub use instruments::observe;
#[cfg(feature = "serve")]
pub use server::{LOOPBACK, Server};
pub use {
    collector::{DEFAULT_MAX_READERS, MEDIA_TYPE, NameTaken, RingCollector, encode},
    source::{Books, CellSource, Cells, JournalSource, Journaled, Properties, Source},
};

#[cfg(all(doctest, feature = "serve"))]
#[doc = include_str!("../README.md")]
struct Readme;
