//! What a workload's chart shows.

use crate::cli::Workload;
use crate::contenders::{ROWS, Row, Side};
use crate::report::{bytes, figure, title, value};
use crate::sample::Sample;
use common::chart::{self, Bar, OURS, Panel, RIVALS};

/// The chart as SVG.
pub(crate) fn svg(workload: Workload, payloads: &[usize], samples: &[Sample]) -> String {
    let bar = |row: &Row, payload| {
        let median = figure(samples, row, workload, payload)?.ok()?.median;
        let color = if row.side == Side::Ours { OURS } else { RIVALS };
        Some(Bar { name: row.name, value: median, text: value(median, workload), color })
    };
    let panel = |payload: &usize| Panel {
        title: bytes(*payload),
        bars: ROWS.iter().filter_map(|row| bar(row, *payload)).collect(),
    };
    chart::svg(title(workload), workload == Workload::Stream, payloads.iter().map(panel))
}
