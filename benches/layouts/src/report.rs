//! The tables, and under what conditions they were measured.

use crate::sample::{Spread, median};
use crate::session::Conditions;
use crate::table::{Table, Unit};
use common::table::aligned;

pub(crate) fn text(conditions: &Conditions, tables: &[Table]) -> String {
    let tables = tables.iter().map(|table| format!("\n## {}\n\n{}", table.title, measured(table)));
    self::conditions(conditions) + &tables.collect::<String>()
}

fn conditions(Conditions { machine, rounds, limit, distances }: &Conditions) -> String {
    let load = if machine.is_quiet() { "" } else { " **The machine was not quiet.**" };
    let distance = match Spread::of(distances) {
        Some(Spread { median, least, most }) if median > 0.0 => {
            format!("{} ns ({}–{})", short(median), short(least), short(most))
        }
        _ => "not known".to_owned(),
    };
    format!(
        "{}, {} cores, {}, {}. Load before: {}.{load}\n\
         Medians of {rounds} rounds with their range, a sample is {} ms. The best of a column is in bold; limits are not \
         in the running. A share is of the best, round by round, and of these the median.\n\
         Distance of the cores, a cache line there and back, probed once a round: {distance}.\n",
        machine.processor,
        machine.cores,
        machine.system,
        machine.date,
        machine.load,
        limit.time.as_millis(),
    )
}

fn measured(table: &Table) -> String {
    let best: Vec<Option<usize>> = (0..table.columns.len()).map(|column| best(table, column)).collect();
    let mut lines = vec![vec![table.of.to_owned()]];
    lines[0].extend(table.columns.iter().cloned());
    for (index, row) in table.rows.iter().enumerate() {
        let mut line = vec![if row.is_limit { format!("{} (limit)", row.name) } else { row.name.clone() }];
        line.extend(best.iter().enumerate().map(|(column, best)| {
            let spread = spread(table, index, column);
            match (spread, best) {
                (None, _) => "n/a".to_owned(),
                (Some(spread), Some(best)) if *best != index => {
                    let share = share(table.unit, samples(table, index, column), samples(table, *best, column));
                    format!("{} {:.0} %", figure(table.unit, spread, ""), 100.0 * share)
                }
                (Some(spread), Some(_)) => figure(table.unit, spread, "**"),
                (Some(spread), None) => figure(table.unit, spread, ""),
            }
        }));
        lines.push(line);
    }
    aligned(&lines)
}

/// What was measured in a cell, a value for each round.
fn samples(table: &Table, row: usize, column: usize) -> &[f64] {
    table.rows[row].cells[column].as_ref().map_or(&[], |cell| &cell.samples)
}

fn spread(table: &Table, row: usize, column: usize) -> Option<Spread> {
    Spread::of(samples(table, row, column))
}

/// The row with the best median of those that are in the running.
fn best(table: &Table, column: usize) -> Option<usize> {
    let running = (0..table.rows.len()).filter(|row| !table.rows[*row].is_limit);
    let medians = running.filter_map(|row| Some((row, spread(table, row, column)?.median)));
    let better = |(_, one): &(usize, f64), (_, other): &(usize, f64)| match table.unit {
        Unit::Rate => one.total_cmp(other),
        Unit::Nanos => other.total_cmp(one),
    };
    medians.max_by(better).map(|(row, _)| row)
}

/// How much of the best it is: a half is half the rate, or twice the time. What changes in the machine from round to round
/// changes for both, so each round is compared by itself.
fn share(unit: Unit, samples: &[f64], best: &[f64]) -> f64 {
    let shares = samples.iter().zip(best).map(|(value, best)| match unit {
        Unit::Rate => value / best,
        Unit::Nanos => best / value,
    });
    median(&mut shares.collect::<Vec<f64>>())
}

/// The median between two marks, and the range.
fn figure(unit: Unit, Spread { median, least, most }: Spread, mark: &str) -> String {
    let scaled = |value: f64| short(if unit == Unit::Rate { value / 1e6 } else { value });
    format!("{mark}{}{mark} ({}–{})", scaled(median), scaled(least), scaled(most))
}

/// Three digits, or all before the point.
fn short(value: f64) -> String {
    match value {
        large if large >= 100.0 => format!("{large:.0}"),
        middle if middle >= 10.0 => format!("{middle:.1}"),
        small => format!("{small:.2}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::{Cell, Row};

    fn row(name: &str, is_limit: bool, samples: &[f64]) -> Row {
        let mut cell = Cell::of(|_| Ok(0.0));
        cell.samples = samples.to_vec();
        Row { name: name.to_owned(), is_limit, cells: vec![Some(cell), None] }
    }

    fn table(unit: Unit, rows: Vec<Row>) -> Table {
        let columns = vec!["64 B".to_owned(), "1 KiB".to_owned()];
        Table { name: String::new(), title: String::new(), of: "row", unit, columns, rows }
    }

    #[test]
    fn the_best_is_in_bold_and_the_rest_are_shares_of_it() {
        let slow = row("slow", false, &[10.0, 8.0, 12.0]);
        let rows = vec![slow, row("fast", false, &[5.0; 3]), row("least", true, &[4.0; 3])];
        let expected = "\
            | row           | 64 B                   | 1 KiB |\n\
            |---------------|------------------------|-------|\n\
            | slow          | 10.0 (8.00–12.0) 50 %  | n/a   |\n\
            | fast          | **5.00** (5.00–5.00)   | n/a   |\n\
            | least (limit) | 4.00 (4.00–4.00) 125 % | n/a   |\n";
        assert_eq!(measured(&table(Unit::Nanos, rows)), expected);
    }

    #[test]
    fn of_rates_the_highest_is_the_best() {
        let text = measured(&table(Unit::Rate, vec![row("slow", false, &[1e6]), row("fast", false, &[2e8])]));
        assert!(text.contains("| **200** (200–200)") && text.contains("| 1.00 (1.00–1.00) 0 %"), "{text}");
    }

    #[test]
    fn rounds_are_compared_each_by_itself() {
        // Whichever was measured in the slow rounds, the share is a half.
        assert_eq!(share(Unit::Rate, &[5.0, 1.0, 5.0], &[10.0, 2.0, 10.0]), 0.5);
        assert_eq!(share(Unit::Nanos, &[8.0, 40.0, 80.0], &[4.0, 20.0, 40.0]), 0.5);
    }
}
