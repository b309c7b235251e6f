//! The metrics: their names, what they say of themselves, and their values.

use std::fmt;

use prometheus_client::{
    encoding::{DescriptorEncoder, EncodeLabelSet, MetricEncoder, NoLabelSet},
    metrics::MetricType,
    registry::Unit,
};

use crate::account::{Account, Series};

/// A counter of readers, without its unit and `_total`.
struct ReaderCounter {
    name: &'static str,
    unit: Option<&'static str>,
    help: &'static str,
    value: fn(&Series) -> u64,
}

const READER_COUNTERS: [ReaderCounter; 8] = [
    ReaderCounter {
        name: "rusted_ring_reader_received",
        unit: Some("events"),
        help: "Events received.",
        value: |series| series.totals.received,
    },
    ReaderCounter {
        name: "rusted_ring_reader_repaired",
        unit: Some("events"),
        help: "Overwritten events that a history gave the reader back.",
        value: |series| series.totals.repaired,
    },
    ReaderCounter {
        name: "rusted_ring_reader_lost",
        unit: Some("sequences"),
        help: "Sequences overwritten before the reader came to them.",
        value: |series| series.totals.lost,
    },
    ReaderCounter {
        name: "rusted_ring_reader_holes",
        unit: None,
        help: "Sequences that carried no event.",
        value: |series| series.totals.holes,
    },
    ReaderCounter {
        name: "rusted_ring_reader_laps",
        unit: None,
        help: "How often the reader was overtaken.",
        value: |series| series.totals.laps,
    },
    ReaderCounter {
        name: "rusted_ring_reader_shared",
        unit: Some("events"),
        help: "Events that other workers of the reader's stage took.",
        value: |series| series.totals.shared,
    },
    ReaderCounter {
        name: "rusted_ring_reader_failed",
        unit: Some("events"),
        help: "Received events at which the stage's handler failed.",
        value: |series| series.totals.failed,
    },
    ReaderCounter {
        name: "rusted_ring_reader_restarts",
        unit: None,
        help: "How often the stage's handler was replaced after a failure.",
        value: |series| series.totals.restarts,
    },
];

/// The rings under their names, as they are shown.
pub(crate) type Named<'a> = [(&'a str, &'a Account)];

/// Writes every metric of `rings`.
pub(crate) fn write(encoder: &mut DescriptorEncoder<'_>, rings: &Named<'_>) -> fmt::Result {
    if rings.is_empty() {
        return Ok(());
    }
    write_rings(encoder, rings)?;
    write_readers(encoder, rings)
}

fn write_rings(encoder: &mut DescriptorEncoder<'_>, rings: &Named<'_>) -> fmt::Result {
    let info = "What the ring is.";
    let mut family = encoder.encode_descriptor("rusted_ring", info, None, MetricType::Info)?;
    for (ring, account) in rings {
        let mode = if account.properties.many { "many" } else { "sole" };
        let slot_bytes = account.properties.slot_bytes.to_string();
        family.encode_info(&[("ring", *ring), ("mode", mode), ("slot_bytes", &slot_bytes)])?;
    }
    gauge(encoder, "rusted_ring_capacity", Some("slots"), "The ring's slots.", |family| {
        rings.iter().try_for_each(|(ring, account)| gauge_at(family, &of(ring), account.properties.capacity))
    })?;
    let help = "Sequences claimed by publishers, holes included.";
    counter(encoder, "rusted_ring_claimed", Some("sequences"), help, |family| {
        rings.iter().try_for_each(|(ring, account)| counter_at(family, &of(ring), account.claimed))
    })?;
    let help = "The largest lag as a part of the capacity.";
    gauge(encoder, "rusted_ring_pressure", Some("ratio"), help, |family| {
        rings.iter().try_for_each(|(ring, account)| ratio_at(family, &of(ring), account.pressure(account.lag())))
    })?;
    let help = "Readers that found the table full, of which nothing else is known.";
    gauge(encoder, "rusted_ring_unlisted_readers", None, help, |family| {
        rings.iter().try_for_each(|(ring, account)| gauge_at(family, &of(ring), account.unlisted))
    })
}

fn write_readers(encoder: &mut DescriptorEncoder<'_>, rings: &Named<'_>) -> fmt::Result {
    gauge(encoder, "rusted_ring_readers", None, "Listed readers of this name and kind.", |family| {
        all(rings).try_for_each(|(ring, _, series)| gauge_at(family, &labels(ring, series), series.readers))
    })?;
    for ReaderCounter { name, unit, help, value } in READER_COUNTERS {
        counter(encoder, name, unit, help, |family| {
            all(rings).try_for_each(|(ring, _, series)| counter_at(family, &labels(ring, series), value(series)))
        })?;
    }
    // Who is not there has no lag.
    let present = || all(rings).filter(|(_, _, series)| series.readers > 0);
    let help = "Claimed sequences that the slowest reader of this name and kind has not come to.";
    gauge(encoder, "rusted_ring_reader_lag", Some("sequences"), help, |family| {
        present().try_for_each(|(ring, _, series)| gauge_at(family, &labels(ring, series), series.lag))
    })?;
    let help = "The lag as a part of the capacity.";
    gauge(encoder, "rusted_ring_reader_pressure", Some("ratio"), help, |family| {
        present().try_for_each(|(ring, account, series)| {
            ratio_at(family, &labels(ring, series), account.pressure(series.lag))
        })
    })?;
    let help = "Consumers that are so far behind that publishers may wait for them.";
    gauge(encoder, "rusted_ring_reader_blocking", None, help, |family| {
        present().try_for_each(|(ring, _, series)| gauge_at(family, &labels(ring, series), series.blocking))
    })
}

fn all<'a>(rings: &'a Named<'a>) -> impl Iterator<Item = (&'a str, &'a Account, &'a Series)> {
    rings.iter().flat_map(|&(ring, account)| account.series.iter().map(move |series| (ring, account, series)))
}

fn of(ring: &str) -> [(&'static str, &str); 1] {
    [("ring", ring)]
}

fn labels<'a>(ring: &'a str, series: &'a Series) -> [(&'static str, &'a str); 3] {
    [("ring", ring), ("reader", &series.reader), ("kind", if series.gating { "consumer" } else { "subscriber" })]
}

type Values<'f> = dyn FnMut(&mut MetricEncoder<'_>) -> fmt::Result + 'f;

fn family(
    encoder: &mut DescriptorEncoder<'_>,
    name: &str,
    unit: Option<&str>,
    help: &str,
    kind: MetricType,
    values: &mut Values<'_>,
) -> fmt::Result {
    let unit = unit.map(|unit| Unit::Other(unit.to_owned()));
    values(&mut encoder.encode_descriptor(name, help, unit.as_ref(), kind)?)
}

fn gauge(
    encoder: &mut DescriptorEncoder<'_>,
    name: &str,
    unit: Option<&str>,
    help: &str,
    mut values: impl FnMut(&mut MetricEncoder<'_>) -> fmt::Result,
) -> fmt::Result {
    family(encoder, name, unit, help, MetricType::Gauge, &mut values)
}

fn counter(
    encoder: &mut DescriptorEncoder<'_>,
    name: &str,
    unit: Option<&str>,
    help: &str,
    mut values: impl FnMut(&mut MetricEncoder<'_>) -> fmt::Result,
) -> fmt::Result {
    family(encoder, name, unit, help, MetricType::Counter, &mut values)
}

fn counter_at(family: &mut MetricEncoder<'_>, labels: &impl EncodeLabelSet, value: u64) -> fmt::Result {
    family.encode_family(labels)?.encode_counter::<NoLabelSet, u64, u64>(&value, None)
}

fn gauge_at(family: &mut MetricEncoder<'_>, labels: &impl EncodeLabelSet, value: u64) -> fmt::Result {
    family.encode_family(labels)?.encode_gauge(&value)
}

fn ratio_at(family: &mut MetricEncoder<'_>, labels: &impl EncodeLabelSet, value: f64) -> fmt::Result {
    family.encode_family(labels)?.encode_gauge(&value)
}
