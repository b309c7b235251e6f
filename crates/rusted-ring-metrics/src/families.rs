//! The metrics: their names, what they say of themselves, and where their values are. Each way out of here shows this table.

use rusted_ring::pool::PoolId;

use crate::{
    account::{Account, Series},
    collector::Shown,
    source::Cells,
    stages::StageSeries,
};

mod journals;

pub(crate) use journals::JOURNALS;

/// A metric of all rings, or of all readers.
pub(crate) struct Family {
    /// Without its unit, and without what the format puts behind.
    pub(crate) name: &'static str,
    pub(crate) unit: Unit,
    pub(crate) help: &'static str,
    pub(crate) kind: Kind,
    pub(crate) values: fn(&Shown<'_>, &mut Take<'_>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Info,
    Gauge,
    Counter,
}

/// What a value is a number of.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Unit {
    Seconds,
    /// A part of a whole, from 0 to 1.
    Ratio,
    Bytes,
    /// These things, which are the last word of the name.
    InName(&'static str),
    /// Of this thing, one for each; the name says more of it.
    #[cfg_attr(not(feature = "opentelemetry"), expect(dead_code, reason = "the text has no word for it"))]
    Each(&'static str),
    /// It is no number of anything.
    None,
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Value {
    Whole(u64),
    Real(f64),
}

pub(crate) type Labels<'l> = [(&'static str, &'l str)];

/// What is called with each value of a metric.
pub(crate) type Take<'t> = dyn FnMut(&Labels<'_>, Value) + 't;

/// What is said of rings, and of their readers.
pub(crate) const RINGS: [Family; 21] = [
    Family {
        name: "rusted_ring",
        unit: Unit::None,
        help: "What the ring is.",
        kind: Kind::Info,
        values: |shown, take| {
            for (ring, account) in shown.rings {
                let mode = if account.properties.many { "many" } else { "sole" };
                let slot_bytes = account.properties.slot_bytes.to_string();
                let mut labels = vec![("ring", *ring), ("mode", mode), ("slot_bytes", &*slot_bytes)];
                if let Some((set, pool)) = &account.properties.pool {
                    labels.extend([("set", &**set), ("pool", pool_name(*pool))]);
                }
                take(&labels, Value::Whole(1));
            }
        },
    },
    Family {
        name: "rusted_ring_capacity",
        unit: Unit::InName("slots"),
        help: "The ring's slots.",
        kind: Kind::Gauge,
        values: |shown, take| rings(shown, take, |account| Value::Whole(account.properties.capacity)),
    },
    Family {
        name: "rusted_ring_claimed",
        unit: Unit::InName("sequences"),
        help: "Sequences claimed by publishers, holes included.",
        kind: Kind::Counter,
        values: |shown, take| rings(shown, take, |account| Value::Whole(account.claimed)),
    },
    Family {
        name: "rusted_ring_closed",
        unit: Unit::None,
        help: "Whether the ring is closed: 1 if nothing will be published any more.",
        kind: Kind::Gauge,
        values: |shown, take| rings(shown, take, |account| Value::Whole(account.closed.into())),
    },
    Family {
        name: "rusted_ring_pressure",
        unit: Unit::Ratio,
        help: "The largest lag as a part of the capacity.",
        kind: Kind::Gauge,
        values: |shown, take| rings(shown, take, |account| Value::Real(account.pressure(account.lag()))),
    },
    Family {
        name: "rusted_ring_unlisted_readers",
        unit: Unit::Each("reader"),
        help: "Readers that found the table full, of which nothing else is known.",
        kind: Kind::Gauge,
        values: |shown, take| rings(shown, take, |account| Value::Whole(account.unlisted)),
    },
    Family {
        name: "rusted_ring_readers",
        unit: Unit::Each("reader"),
        help: "Listed readers of this name and kind.",
        kind: Kind::Gauge,
        values: |shown, take| readers(shown, take, |series| Value::Whole(series.readers)),
    },
    Family {
        name: "rusted_ring_reader_received",
        unit: Unit::InName("events"),
        help: "Events received.",
        kind: Kind::Counter,
        values: |shown, take| readers(shown, take, |series| Value::Whole(series.totals.received)),
    },
    Family {
        name: "rusted_ring_reader_repaired",
        unit: Unit::InName("events"),
        help: "Overwritten events that a history gave the reader back.",
        kind: Kind::Counter,
        values: |shown, take| readers(shown, take, |series| Value::Whole(series.totals.repaired)),
    },
    Family {
        name: "rusted_ring_reader_lost",
        unit: Unit::InName("sequences"),
        help: "Sequences overwritten before the reader came to them.",
        kind: Kind::Counter,
        values: |shown, take| readers(shown, take, |series| Value::Whole(series.totals.lost)),
    },
    Family {
        name: "rusted_ring_reader_holes",
        unit: Unit::Each("hole"),
        help: "Sequences that carried no event.",
        kind: Kind::Counter,
        values: |shown, take| readers(shown, take, |series| Value::Whole(series.totals.holes)),
    },
    Family {
        name: "rusted_ring_reader_laps",
        unit: Unit::Each("lap"),
        help: "How often the reader was overtaken.",
        kind: Kind::Counter,
        values: |shown, take| readers(shown, take, |series| Value::Whole(series.totals.laps)),
    },
    Family {
        name: "rusted_ring_reader_shared",
        unit: Unit::InName("events"),
        help: "Events that other workers of the reader's stage took.",
        kind: Kind::Counter,
        values: |shown, take| readers(shown, take, |series| Value::Whole(series.totals.shared)),
    },
    Family {
        name: "rusted_ring_reader_failed",
        unit: Unit::InName("events"),
        help: "Received events at which the stage's handler failed.",
        kind: Kind::Counter,
        values: |shown, take| readers(shown, take, |series| Value::Whole(series.totals.failed)),
    },
    Family {
        name: "rusted_ring_reader_restarts",
        unit: Unit::Each("restart"),
        help: "How often the stage's handler was replaced after a failure.",
        kind: Kind::Counter,
        values: |shown, take| readers(shown, take, |series| Value::Whole(series.totals.restarts)),
    },
    Family {
        name: "rusted_ring_reader_blocked",
        unit: Unit::Seconds,
        help: "Time between readings at both of which the reader was blocking.",
        kind: Kind::Counter,
        values: |shown, take| readers(shown, take, |series| Value::Real(series.blocked.as_secs_f64())),
    },
    Family {
        name: "rusted_ring_reader_lag",
        unit: Unit::InName("sequences"),
        help: "Claimed sequences that the slowest reader of this name and kind has not come to.",
        kind: Kind::Gauge,
        values: |shown, take| present(shown, take, |_, series| Value::Whole(series.lag)),
    },
    Family {
        name: "rusted_ring_reader_not_durable",
        unit: Unit::InName("sequences"),
        help: "Claimed sequences that the reader has not made durable, if it says what is.",
        kind: Kind::Gauge,
        values: |shown, take| {
            for (ring, account) in shown.rings {
                let told = account.series.iter().filter_map(|series| Some((series, series.not_durable?)));
                told.for_each(|(series, sequences)| take(&labels(ring, series), Value::Whole(sequences)));
            }
        },
    },
    Family {
        name: "rusted_ring_reader_pressure",
        unit: Unit::Ratio,
        help: "The lag as a part of the capacity.",
        kind: Kind::Gauge,
        values: |shown, take| present(shown, take, |account, series| Value::Real(account.pressure(series.lag))),
    },
    Family {
        name: "rusted_ring_reader_blocking",
        unit: Unit::Each("reader"),
        help: "Consumers that are so far behind that publishers may wait for them.",
        kind: Kind::Gauge,
        values: |shown, take| present(shown, take, |_, series| Value::Whole(series.blocking)),
    },
    Family {
        name: "rusted_ring_reader_dead",
        unit: Unit::Each("reader"),
        help: "Readers whose processes have ended without leaving the ring.",
        kind: Kind::Gauge,
        values: |shown, take| present(shown, take, |_, series| Value::Whole(series.dead)),
    },
];

/// What is said of the stages of topologies.
pub(crate) const STAGES: [Family; 5] = [
    Family {
        name: "rusted_ring_stage_finished",
        unit: Unit::InName("sequences"),
        help: "Sequences that all workers of the stage have finished.",
        kind: Kind::Counter,
        values: |shown, take| stages(shown, take, |series| series.totals.finished),
    },
    Family {
        name: "rusted_ring_stage_failed",
        unit: Unit::InName("events"),
        help: "Events at which the stage's handler failed.",
        kind: Kind::Counter,
        values: |shown, take| stages(shown, take, |series| series.totals.failed),
    },
    Family {
        name: "rusted_ring_stage_restarts",
        unit: Unit::Each("restart"),
        help: "How often the stage's handler was replaced after a failure.",
        kind: Kind::Counter,
        values: |shown, take| stages(shown, take, |series| series.totals.restarts),
    },
    Family {
        name: "rusted_ring_stage_workers",
        unit: Unit::Each("worker"),
        help: "The stage's workers; 0 when it is not there any more.",
        kind: Kind::Gauge,
        values: |shown, take| stages(shown, take, |series| series.workers),
    },
    Family {
        name: "rusted_ring_stage_lag",
        unit: Unit::InName("sequences"),
        help: "Claimed sequences that the stage has not finished.",
        kind: Kind::Gauge,
        values: |shown, take| stages(shown, take, |series| series.lag),
    },
];

/// What is said of latest-value cells.
pub(crate) const CELLS: [Family; 4] = [
    Family {
        name: "rusted_ring_latest_keys",
        unit: Unit::Each("key"),
        help: "The keys of the latest-value cells.",
        kind: Kind::Gauge,
        values: |shown, take| cells(shown, take, |cells| cells.keys),
    },
    Family {
        name: "rusted_ring_latest_max_readers",
        unit: Unit::Each("reader"),
        help: "The readers that there may be at a time.",
        kind: Kind::Gauge,
        values: |shown, take| cells(shown, take, |cells| cells.max_readers),
    },
    Family {
        name: "rusted_ring_latest_readers",
        unit: Unit::Each("reader"),
        help: "The readers that there are.",
        kind: Kind::Gauge,
        values: |shown, take| cells(shown, take, |cells| cells.readers),
    },
    Family {
        name: "rusted_ring_latest_writers",
        unit: Unit::Each("writer"),
        help: "The writers that there are: 1 or none.",
        kind: Kind::Gauge,
        values: |shown, take| cells(shown, take, |cells| cells.is_written.into()),
    },
];

/// What is said of what is not shown.
pub(crate) const UNSHOWN: [Family; 1] = [Family {
    name: "rusted_ring_unshown",
    unit: Unit::None,
    help: "Rings and latest-value cells beyond the bound, of which nothing is shown.",
    kind: Kind::Gauge,
    values: |shown, take| shown.unshown.iter().for_each(|unshown| take(&[], Value::Whole(*unshown))),
}];

/// Every metric that there can be.
#[cfg(feature = "opentelemetry")]
pub(crate) fn all() -> impl Iterator<Item = &'static Family> {
    RINGS.iter().chain(&STAGES).chain(&JOURNALS).chain(&CELLS).chain(&UNSHOWN)
}

fn rings(shown: &Shown<'_>, take: &mut Take<'_>, value: fn(&Account) -> Value) {
    shown.rings.iter().for_each(|(ring, account)| take(&[("ring", *ring)], value(account)));
}

fn readers(shown: &Shown<'_>, take: &mut Take<'_>, value: fn(&Series) -> Value) {
    for (ring, account) in shown.rings {
        account.series.iter().for_each(|series| take(&labels(ring, series), value(series)));
    }
}

/// Who is not there has no lag.
fn present(shown: &Shown<'_>, take: &mut Take<'_>, value: fn(&Account, &Series) -> Value) {
    for (ring, account) in shown.rings {
        let present = account.series.iter().filter(|series| series.readers > 0);
        present.for_each(|series| take(&labels(ring, series), value(account, series)));
    }
}

fn labels<'l>(ring: &'l str, series: &'l Series) -> [(&'static str, &'l str); 3] {
    [("ring", ring), ("reader", &series.reader), ("kind", if series.gating { "consumer" } else { "subscriber" })]
}

fn stages(shown: &Shown<'_>, take: &mut Take<'_>, value: fn(&StageSeries) -> u64) {
    for (topology, stages) in shown.topologies {
        for series in &stages.series {
            take(&[("topology", *topology), ("stage", &series.stage)], Value::Whole(value(series)));
        }
    }
}

fn cells(shown: &Shown<'_>, take: &mut Take<'_>, value: fn(&Cells) -> u64) {
    shown.cells.iter().for_each(|(latest, cells)| take(&[("latest", *latest)], Value::Whole(value(cells))));
}

pub(crate) fn pool_name(pool: PoolId) -> &'static str {
    match pool {
        PoolId::XS => "xs",
        PoolId::S => "s",
        PoolId::M => "m",
        PoolId::L => "l",
        PoolId::XL => "xl",
    }
}
