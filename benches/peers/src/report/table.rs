//! A workload's table: every contender has a row.

use super::figures::{Figure, Figures};
use crate::contenders::{self, Kind, Row};
use crate::payload::Faults;
use crate::workload::{Unit, Workload};
use common::table::aligned;

/// The table, in Markdown that is aligned for a terminal.
pub(crate) fn table(figures: &Figures, workload: &Workload, payloads: &[usize], rows: &[&Row]) -> String {
    let mut lines = vec![["contender".to_owned(), "version".to_owned(), "an event goes".to_owned()].to_vec()];
    lines[0].extend(payloads.iter().map(|payload| bytes(*payload)));
    for row in rows {
        let mut line = vec![row.name.to_owned(), row.version(), goes(row.kind).to_owned()];
        let mut reason_told = None;
        for payload in payloads {
            let figure = figures.get(row.name, workload.name, *payload);
            let mut text = figure.map_or("not measured".to_owned(), |figure| cell(figure, workload.unit));
            // A reason is told once in a line.
            if text.starts_with("n/a") {
                if reason_told.as_ref() == Some(&text) {
                    text = "n/a".to_owned();
                } else {
                    reason_told = Some(text.clone());
                }
            }
            line.push(text);
        }
        lines.push(line);
    }
    let notes: Vec<String> = rows
        .iter()
        .flat_map(|row| payloads.iter().filter_map(|payload| note(figures, workload, *payload, row)))
        .collect();
    let notes = if notes.is_empty() { String::new() } else { format!("\n{}\n", notes.join("\n")) };
    aligned(&lines) + &notes
}

/// What a cell has no room for.
fn note(figures: &Figures, workload: &Workload, payload: usize, row: &Row) -> Option<String> {
    let figure = figures.get(row.name, workload.name, payload)?;
    let name = format!("- {}, {}", row.name, bytes(payload));
    let Faults { torn, stale, repeated, .. } = figure.faults;
    match (&figure.failed, figure.faults.unsound()) {
        (Some(reason), _) => Some(format!("{name}: {reason}")),
        (None, true) => Some(format!("{name}: {torn} torn, {stale} stale, {repeated} repeated")),
        (None, false) => None,
    }
}

/// The rows that a run has anything about.
pub(crate) fn rows_of(figures: &Figures, workload: &Workload, payloads: &[usize]) -> Vec<&'static Row> {
    let has = |row: &&Row| payloads.iter().any(|payload| figures.get(row.name, workload.name, *payload).is_some());
    contenders::ALL.iter().filter(has).collect()
}

fn goes(kind: Kind) -> &'static str {
    match kind {
        Kind::Queue => "to one reader",
        Kind::Broadcast => "to every reader",
        Kind::Lossy => "to every reader in time",
    }
}

fn cell(figure: &Figure, unit: Unit) -> String {
    if let Some(reason) = &figure.refused {
        return format!("n/a: {reason}");
    }
    let Some(spread) = figure.value else {
        return if figure.failed.is_some() { "FAILED" } else { "not measured" }.to_owned();
    };
    let range = match unit {
        Unit::Rate => format!("{}–{}", millions(spread.least), millions(spread.most)),
        Unit::Nanos => format!("{}–{}", value(spread.least, unit), value(spread.most, unit)),
    };
    let mut text = format!("{} ({range})", value(spread.median, unit));
    if let Some([_, p99, p999]) = figure.percentiles {
        text += &format!(", p99 {}, p99.9 {}", value(p99, unit), value(p999, unit));
    }
    if figure.away {
        text += " ~";
    }
    let faults = figure.faults;
    if faults.lost > 0 {
        let share = 100.0 * faults.lost as f64 / (faults.lost + figure.delivered) as f64;
        text += &if share < 0.1 { format!(", lost {}", faults.lost) } else { format!(", lost {share:.1} %") };
    }
    if faults.unsound() {
        text += ", UNSOUND";
    }
    if figure.failed.is_some() {
        text += ", FAILED";
    }
    text
}

/// A value with its unit.
pub(crate) fn value(value: f64, unit: Unit) -> String {
    match unit {
        Unit::Rate => format!("{} M/s", millions(value)),
        Unit::Nanos if value >= 1e6 => format!("{} ms", short(value / 1e6)),
        Unit::Nanos if value >= 1e4 => format!("{} µs", short(value / 1e3)),
        Unit::Nanos => format!("{} ns", short(value)),
    }
}

fn millions(rate: f64) -> String {
    short(rate / 1e6)
}

/// Three digits, or all before the point.
fn short(value: f64) -> String {
    match value {
        large if large >= 100.0 => format!("{large:.0}"),
        middle if middle >= 10.0 => format!("{middle:.1}"),
        small => format!("{small:.2}"),
    }
}

/// A size as people say it.
pub(crate) fn bytes(payload: usize) -> String {
    if payload >= 1024 { format!("{} KiB", payload / 1024) } else { format!("{payload} B") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_have_three_digits_and_a_unit() {
        assert_eq!(value(242_130_000.0, Unit::Rate), "242 M/s");
        assert_eq!(value(1_570_976.0, Unit::Rate), "1.57 M/s");
        assert_eq!(value(112.4, Unit::Nanos), "112 ns");
        assert_eq!(value(2_345_678.0, Unit::Nanos), "2.35 ms");
    }
}
