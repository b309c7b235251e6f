//! A workload's table: a line for each figure, a column for each contender.

use crate::sample::{Sample, Unit};
use crate::workload::Workload;
use std::fmt::Write;

pub(crate) fn of(workload: &Workload, samples: &[Sample]) -> String {
    let of_it: Vec<&Sample> = samples.iter().filter(|sample| sample.workload == workload.name).collect();
    let mut names: Vec<(&str, Unit)> = Vec::new();
    for figure in of_it.iter().flat_map(|sample| sample.ending.figures()) {
        if !names.contains(&(&figure.name, figure.unit)) {
            names.push((&figure.name, figure.unit));
        }
    }
    let mut lines = vec![vec![String::new()]];
    lines[0].extend(workload.contenders.iter().map(|contender| contender.name.to_owned()));
    for (name, unit) in names {
        let cells = workload.contenders.iter().map(|contender| {
            let values = of_it.iter().filter(|sample| sample.contender == contender.name);
            let values = values.flat_map(|sample| sample.ending.figures());
            let mut values: Vec<f64> = values.filter(|f| f.name == name && f.unit == unit).map(|f| f.value).collect();
            cell(&mut values, unit)
        });
        lines.push([name.to_owned()].into_iter().chain(cells).collect());
    }
    let mut text = format!(
        "## {}: {}\n\nPublished: {}\n{}\n\n",
        workload.name.text(),
        workload.title,
        workload.published,
        workload.truth
    );
    text += &aligned(&lines);
    for contender in workload.contenders {
        let faulty = of_it.iter().filter(|sample| sample.contender == contender.name);
        let faulty: Vec<&&Sample> = faulty.filter(|sample| !sample.ending.faults().is_empty()).collect();
        if let Some(sample) = faulty.last() {
            let faults = sample.ending.faults().join("; ");
            let rounds = faulty.len();
            _ = writeln!(text, "\n- {}: faults in {rounds} of its samples; in the last: {faults}", contender.name);
        }
    }
    text
}

/// The median, and the range unless it is a point.
fn cell(values: &mut [f64], unit: Unit) -> String {
    values.sort_by(f64::total_cmp);
    let (Some(least), Some(most)) = (values.first(), values.last()) else { return "–".to_owned() };
    let median = (values[values.len() / 2] + values[(values.len() - 1) / 2]) / 2.0;
    let (scale, suffix) = scale(median, unit);
    let number =
        |value: f64| if scale == 1.0 && unit != Unit::Nanos { format!("{value:.0}") } else { short(value / scale) };
    if least == most {
        return format!("{}{suffix}", number(median));
    }
    format!("{}{suffix} ({}–{})", number(median), number(*least), number(*most))
}

fn scale(value: f64, unit: Unit) -> (f64, &'static str) {
    match unit {
        Unit::Nanos if value >= 1e6 => (1e6, " ms"),
        Unit::Nanos if value >= 1e4 => (1e3, " µs"),
        Unit::Nanos => (1.0, " ns"),
        Unit::Rate if value >= 1e6 => (1e6, " M/s"),
        Unit::Rate => (1e3, " k/s"),
        Unit::Events | Unit::Calls => (1.0, ""),
    }
}

/// Three digits, or all before the point.
fn short(value: f64) -> String {
    match value {
        large if large >= 100.0 => format!("{large:.0}"),
        middle if middle >= 10.0 => format!("{middle:.1}"),
        small => format!("{small:.2}"),
    }
}

/// A Markdown table that is aligned for a terminal.
fn aligned(lines: &[Vec<String>]) -> String {
    let columns = lines.first().map_or(0, Vec::len);
    let width = |column: usize| lines.iter().map(|line| line[column].chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let mut text = String::new();
    for (index, line) in lines.iter().enumerate() {
        let cells = line.iter().zip(&widths).enumerate().map(|(column, (cell, width))| match column {
            0 => format!("{cell:<width$}"),
            _ => format!("{cell:>width$}"),
        });
        text += &format!("| {} |\n", cells.collect::<Vec<_>>().join(" | "));
        if index == 0 {
            let rules = widths.iter().enumerate().map(|(column, width)| match column {
                0 => "-".repeat(*width),
                _ => "-".repeat(width - 1) + ":",
            });
            text += &format!("| {} |\n", rules.collect::<Vec<_>>().join(" | "));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_is_a_median_and_its_range() {
        assert_eq!(cell(&mut [9.0, 7.0, 8.0], Unit::Nanos), "8.00 ns (7.00–9.00)");
        assert_eq!(cell(&mut [2e6, 1e6], Unit::Rate), "1.50 M/s (1.00–2.00)");
        assert_eq!(cell(&mut [20.0, 20.0], Unit::Events), "20");
        assert_eq!(cell(&mut [], Unit::Nanos), "–");
    }
}
