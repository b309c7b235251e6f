//! The questions, and the tables that answer each.

use crate::candidates::{self, CLAIMED, CLAIMING, CURSOR_HEADS, PLANES_16, PREFETCHING};
use crate::copies::{self, Direction};
use crate::payload::{PAYLOADS, bytes};
use crate::prefetch;
use crate::sample::Limit;
use crate::table::{Cell, Row, Table, Unit};
use crate::wait::Pauses;
use crate::workload::{Task, Workload};
use clap::ValueEnum;

/// A question.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Topic {
    /// Every candidate, in four workloads
    Layouts,
    /// How often a reader that finds nothing should look
    Polling,
    /// Whether it pays to fetch lines ahead, or to take them
    Prefetch,
    /// How bytes get into a ring and out of it, on one thread
    Copies,
    /// How writers of a ring that many may write claim and publish a slot
    Claims,
}

/// The payload of `polling`, and those of `prefetch`, in bytes, and its workloads.
const POLLED: usize = 64;
const PREFETCHED: [usize; 2] = [64, 1024];
const PREFETCHED_IN: [Workload; 2] = [Workload::Single, Workload::Batch];

/// What a reader does between looks that find nothing.
const PAUSES: [Pauses; 7] = [
    Pauses::Fixed(1),
    Pauses::Fixed(4),
    Pauses::Fixed(16),
    Pauses::Fixed(32),
    Pauses::Fixed(64),
    Pauses::Fixed(128),
    Pauses::Adaptive,
];

/// The tables of these topics, with the payloads that `wanted` accepts; those that have none are left out.
pub(crate) fn tables(topics: &[Topic], wanted: impl Fn(usize) -> bool) -> Vec<Table> {
    let some = |payloads: &[usize]| -> Vec<usize> { payloads.iter().copied().filter(|size| wanted(*size)).collect() };
    let of = |topic: &Topic| match topic {
        Topic::Layouts => layouts(&some(&PAYLOADS.map(|(payload, _)| payload))),
        Topic::Polling if wanted(POLLED) => polling(),
        Topic::Polling => Vec::new(),
        Topic::Prefetch => PREFETCHED_IN.map(|workload| prefetch(workload, &some(&PREFETCHED))).into(),
        Topic::Copies => copies(&some(&copies::PAYLOADS)),
        Topic::Claims => claims(&some(&CLAIMED)),
    };
    topics.iter().flat_map(of).filter(|table| table.cells() > 0).collect()
}

fn layouts(payloads: &[usize]) -> Vec<Table> {
    let table = |workload: Workload| Table {
        name: format!("layouts, {}", workload.name()),
        title: format!("Layouts, `{}`: {}", workload.name(), what(workload)),
        of: "candidate",
        unit: unit(workload),
        columns: columns(payloads),
        rows: candidates::ALL.iter().map(|row| streamed(row, workload, payloads, row.is_for(workload))).collect(),
    };
    Workload::OF_ONE.map(table).into()
}

fn claims(payloads: &[usize]) -> Vec<Table> {
    let table = |workload: Workload| Table {
        name: format!("claims, {}", workload.name()),
        title: format!("Claims, `{}`: {}", workload.name(), what(workload)),
        of: "candidate",
        unit: unit(workload),
        columns: columns(payloads),
        rows: CLAIMING.iter().map(|row| streamed(row, workload, payloads, row.is_for(workload))).collect(),
    };
    Workload::OF_MANY.map(table).into()
}

fn prefetch(workload: Workload, payloads: &[usize]) -> Table {
    let is_available = |index: usize| index == 0 || prefetch::IS_AVAILABLE;
    let rows = PREFETCHING.iter().enumerate();
    Table {
        name: format!("prefetch, {}", workload.name()),
        title: format!("Prefetch, `{}`, {}: {}", workload.name(), CURSOR_HEADS.name, what(workload)),
        of: "who prefetches",
        unit: unit(workload),
        columns: columns(payloads),
        rows: rows.map(|(index, row)| streamed(row, workload, payloads, is_available(index))).collect(),
    }
}

fn columns(payloads: &[usize]) -> Vec<String> {
    payloads.iter().map(|payload| bytes(*payload)).collect()
}

/// A candidate's row under a workload, if it applies at all.
fn streamed(row: &'static candidates::Row, workload: Workload, payloads: &[usize], applies: bool) -> Row {
    let cell = |payload: usize| {
        let measure = move |limit: &Limit| {
            let task = Task { workload, limit: *limit, pauses: workload.pauses() };
            row.measure(&task, payload)
        };
        (applies && row.fits(payload)).then(|| Cell::of(measure))
    };
    let cells = payloads.iter().map(|payload| cell(*payload)).collect();
    Row { name: row.name.to_owned(), is_limit: row.is_limit, cells }
}

fn polling() -> Vec<Table> {
    const CANDIDATES: [candidates::Row; 2] = [PLANES_16, CURSOR_HEADS];
    let row = |workload, pauses: Pauses| Row {
        name: pauses.to_string(),
        is_limit: false,
        cells: CANDIDATES
            .map(|row| {
                let measure = move |limit: &Limit| row.measure(&Task { workload, limit: *limit, pauses }, POLLED);
                Some(Cell::of(measure))
            })
            .into(),
    };
    let table = |workload: Workload| Table {
        name: format!("polling, {}", workload.name()),
        title: format!("Polling, `{}`, {}: {}", workload.name(), bytes(POLLED), what(workload)),
        of: "pauses",
        unit: unit(workload),
        columns: CANDIDATES.map(|row| row.name.to_owned()).into(),
        rows: PAUSES.map(|pauses| row(workload, pauses)).into(),
    };
    [Workload::Single, Workload::RoundTrip].map(table).into()
}

fn copies(payloads: &[usize]) -> Vec<Table> {
    let row = |row: &'static copies::Row, direction: Direction| {
        let cell =
            |payload: usize| row.is_available().then(|| Cell::of(move |limit| row.measure(direction, payload, limit)));
        let cells = payloads.iter().map(|payload| cell(*payload)).collect();
        Row { name: row.name.to_owned(), is_limit: row.is_limit, cells }
    };
    let table = |direction: Direction| Table {
        name: format!("copies, {}", direction.name()),
        title: format!("Copies, `{}`: ns a copy {}", direction.name(), direction.what()),
        of: "way",
        unit: Unit::Nanos,
        columns: columns(payloads),
        rows: copies::ALL.iter().map(|way| row(way, direction)).collect(),
    };
    [Direction::Store, Direction::Load].map(table).into()
}

fn unit(workload: Workload) -> Unit {
    match workload {
        Workload::Single | Workload::Batch | Workload::TwoWriters => Unit::Rate,
        Workload::RoundTrip | Workload::Alone => Unit::Nanos,
    }
}

/// A workload's figure, in words.
fn what(workload: Workload) -> &'static str {
    match workload {
        Workload::Single => "M events/s, one writer to one reader, one at a time",
        Workload::Batch => "M events/s, the same, 32 at a time",
        Workload::RoundTrip => "ns to the other core and back, over two rings",
        Workload::Alone => "ns an event, nobody reading",
        Workload::TwoWriters => "M events/s, two writers to one reader, one at a time",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_has_a_cell_for_each_column() {
        for table in tables(Topic::value_variants(), |_| true) {
            assert!(table.rows.iter().all(|row| row.cells.len() == table.columns.len()), "{}", table.name);
        }
    }

    #[test]
    fn what_does_not_apply_is_not_measured() {
        let tables = tables(&[Topic::Layouts], |payload| payload >= 64);
        let cells = |table: usize, name: &str| {
            let row = tables[table].rows.iter().find(|row| row.name == name).unwrap();
            row.cells.iter().flatten().count()
        };
        assert_eq!((cells(0, "in-line"), cells(0, "padded"), cells(0, "block"), cells(2, "block")), (0, 5, 5, 0));
    }

    #[test]
    fn what_is_for_one_writer_is_not_measured_with_two() {
        let tables = tables(&[Topic::Claims], |_| true);
        let cells = tables.iter().map(|table| {
            let of_one = table.rows[0].cells.iter().flatten().count();
            (table.name.as_str(), of_one, table.cells())
        });
        let expected = [("claims, single", 2, 16), ("claims, alone", 2, 16), ("claims, two-writers", 0, 14)];
        assert!(cells.eq(expected));
    }

    #[test]
    fn a_payload_that_a_topic_has_not_leaves_it_out() {
        assert!(tables(&[Topic::Polling, Topic::Prefetch], |payload| payload == 4096).is_empty());
        assert_eq!(tables(Topic::value_variants(), |payload| payload == 16).len(), 4);
    }
}
