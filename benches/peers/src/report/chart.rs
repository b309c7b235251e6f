//! What a workload's chart shows.

use super::figures::Figures;
use super::table::{bytes, value};
use crate::contenders::{Row, Side};
use crate::workload::{Unit, Workload};
use common::chart::{Bar, OURS, Panel, RIVALS, svg};

/// The chart as SVG.
pub(crate) fn chart(figures: &Figures, workload: &Workload, payloads: &[usize], rows: &[&Row]) -> String {
    let panel = |payload: &usize| Panel {
        title: bytes(*payload),
        bars: rows.iter().filter_map(|row| bar(figures, workload, *payload, row)).collect(),
    };
    svg(workload.title, workload.unit == Unit::Rate, payloads.iter().map(panel))
}

fn bar(figures: &Figures, workload: &Workload, payload: usize, row: &Row) -> Option<Bar> {
    let figure = figures.get(row.name, workload.name, payload)?;
    let (median, is_unsound) = (figure.value?.median, figure.faults.unsound());
    let text = format!("{}{}", value(median, workload.unit), if is_unsound { ", unsound" } else { "" });
    Some(Bar { name: row.name, value: median, text, color: color(row.side, is_unsound) })
}

fn color(side: Side, unsound: bool) -> &'static str {
    match side {
        _ if unsound => "#c0392b",
        Side::Ours => OURS,
        Side::Rival => RIVALS,
        Side::Limit => "#d9c68a",
    }
}
