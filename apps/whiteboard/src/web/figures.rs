//! The server's own figures in `/metrics`, beside those of its rings: who is there, what is kept, and what was refused.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;

use rusted_ring_metrics::prometheus_client::collector::Collector;
use rusted_ring_metrics::prometheus_client::encoding::{DescriptorEncoder, NoLabelSet};
use rusted_ring_metrics::prometheus_client::metrics::MetricType;
use rusted_ring_metrics::prometheus_client::registry::Unit;

use super::doors::Doors;
use crate::fullness;
use crate::hub::Hub;
use crate::order::watermark::Trouble;
use crate::rings::stages;

/// What has the figures.
#[derive(Debug)]
pub(super) struct Figures {
    pub(super) hub: Arc<Hub>,
    pub(super) doors: Arc<Doors>,
}

/// A value, and the label that it has, if it has one.
type Labelled = (Option<(&'static str, &'static str)>, u64);

/// Writes one metric after another.
struct Page<'p>(DescriptorEncoder<'p>);

impl Page<'_> {
    fn gauge(&mut self, name: &str, help: &str, unit: Option<&Unit>, value: f64) -> fmt::Result {
        self.0.encode_descriptor(name, help, unit, MetricType::Gauge)?.encode_gauge(&value)
    }

    fn counter(
        &mut self,
        name: &str,
        help: &str,
        unit: Option<&Unit>,
        values: impl IntoIterator<Item = Labelled>,
    ) -> fmt::Result {
        let mut metric = self.0.encode_descriptor(name, help, unit, MetricType::Counter)?;
        values.into_iter().try_for_each(|(label, value)| match label {
            Some(label) => metric.encode_family(&[label])?.encode_counter::<NoLabelSet, u64, u64>(&value, None),
            None => metric.encode_counter::<NoLabelSet, u64, u64>(&value, None),
        })
    }
}

/// The one value of a counter without a label.
fn only(value: u64) -> [Labelled; 1] {
    [(None, value)]
}

impl Collector for Figures {
    fn encode(&self, encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let Figures { hub, doors } = self;
        let mut page = Page(encoder);
        self.sessions(&mut page)?;
        self.store(&mut page)?;
        let traffic: Vec<_> =
            hub.traffic.snapshot().map(|(kind, events, bytes)| (Some(("kind", kind.name())), events, bytes)).collect();
        page.counter(
            "whiteboard_events",
            "Sound events in the rings.",
            None,
            traffic.iter().map(|(kind, events, _)| (*kind, *events)),
        )?;
        let bytes = traffic.iter().map(|(kind, _, bytes)| (*kind, *bytes));
        page.counter("whiteboard_event", "Bytes of sound events in the rings.", Some(&Unit::Bytes), bytes)?;
        let declined = [("refused", &hub.declined.refused), ("busy", &hub.declined.busy)];
        let declined = declined.map(|(answer, count)| (Some(("answer", answer)), count.load(Relaxed)));
        page.counter(
            "whiteboard_declined_actions",
            "Actions that were not taken: refused, or to be sent again.",
            None,
            declined,
        )?;
        let refused = doors.refused().map(|(reason, count)| (Some(("reason", reason)), count));
        page.counter("whiteboard_refused_requests", "Requests that were refused.", None, refused)?;
        page.counter(
            "whiteboard_dropped_moments",
            "Moments that went to nobody.",
            None,
            hub.dropped.by_reason().map(|(reason, count)| (Some(("reason", reason)), count)),
        )?;
        let (actions, moments) = hub.missed.now();
        let missed = [(Some(("what", "actions")), actions), (Some(("what", "moments")), moments)];
        page.counter(
            "whiteboard_missed_events",
            "Events that slow pages were not sent live; they get actions later.",
            None,
            missed,
        )?;
        page.counter(
            "whiteboard_bad_events",
            "Events that validation passed over.",
            None,
            only(hub.bad.load(Relaxed)),
        )?;
        page.counter(
            "whiteboard_log_left_out_events",
            "Events beyond the log's limit.",
            None,
            only(hub.log.left_out()),
        )?;
        page.counter(
            "whiteboard_log_lost_lines",
            "Lines of the log that nobody took in time.",
            None,
            only(hub.log.lost()),
        )
    }
}

impl Figures {
    fn sessions(&self, page: &mut Page<'_>) -> fmt::Result {
        let hub = &self.hub;
        page.gauge(
            "whiteboard_sessions",
            "Pages and programs that are there.",
            None,
            hub.present.load(Relaxed) as f64,
        )?;
        let opened = only(hub.connections.load(Relaxed).into());
        page.counter("whiteboard_opened_sessions", "Pages and programs that came.", None, opened)?;
        page.gauge("whiteboard_boards", "Boards that somebody has open.", None, hub.boards.count() as f64)?;
        let pace = f64::from(*hub.pace.borrow()) / 1000.0;
        page.gauge(
            "whiteboard_pace",
            "The interval between moments that pages are to keep.",
            Some(&Unit::Seconds),
            pace,
        )
    }

    fn store(&self, page: &mut Page<'_>) -> fmt::Result {
        let hub = &self.hub;
        let committed = hub.watermark.now();
        let stages: Vec<_> = hub.stages.status().collect();
        let is = |is_so: bool| f64::from(u8::from(is_so));
        for (name, help, unit, value) in [
            ("whiteboard_store_actions", "Actions that are kept.", None, hub.store.actions() as f64),
            (
                "whiteboard_store_damaged_actions",
                "Actions that are kept and cannot be read.",
                None,
                hub.store.damaged() as f64,
            ),
            (
                "whiteboard_store_size",
                "Bytes that the kept actions take.",
                Some(&Unit::Bytes),
                hub.store.bytes() as f64,
            ),
            ("whiteboard_store_max_size", "Bytes that they may take.", Some(&Unit::Bytes), hub.max_store as f64),
            ("whiteboard_store_file", "Bytes of the store's file.", Some(&Unit::Bytes), hub.store.file_len() as f64),
            (
                "whiteboard_store_lag_events",
                "Published events that storage has not finished.",
                None,
                stages::storage_lag(&stages) as f64,
            ),
            (
                "whiteboard_store_revision",
                "The last action of all boards that is on disk.",
                None,
                committed.revision as f64,
            ),
            (
                "whiteboard_store_full",
                "Whether it takes only what frees room: 1 if so.",
                None,
                is(fullness::is_full(hub)),
            ),
            (
                "whiteboard_store_waiting",
                "Whether it waits for room on the disk: 1 if so.",
                None,
                is(matches!(committed.trouble, Some(Trouble::Full(_)))),
            ),
            (
                "whiteboard_store_failed",
                "Whether it has failed, and saves nothing: 1 if so.",
                None,
                is(matches!(committed.trouble, Some(Trouble::Failed(_)))),
            ),
        ] {
            page.gauge(name, help, unit, value)?;
        }
        Ok(())
    }
}
