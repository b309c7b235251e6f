//! A run: every cell of every table, round after round.

use crate::cli::Cli;
use crate::report;
use crate::sample::{Fault, Limit};
use crate::table::Table;
use crate::topics;
use anyhow::{Context, bail, ensure};
use common::machine::Machine;
use common::probe;
use std::time::Instant;

/// How a run was made, and what the machine did meanwhile.
pub(crate) struct Conditions {
    pub(crate) machine: Machine,
    pub(crate) rounds: u32,
    pub(crate) limit: Limit,
    /// Nanoseconds between the cores, probed once a round.
    pub(crate) distances: Vec<f64>,
}

/// Measures, prints the tables, and fails if an event came otherwise than it was sent.
pub(crate) fn run(arguments: &Cli) -> anyhow::Result<()> {
    arguments.check()?;
    if cfg!(debug_assertions) && !arguments.tiny {
        bail!("this build is not optimised, so its figures would mean nothing: use `cargo run --release`, or `--tiny`");
    }
    let mut tables = topics::tables(arguments.topics(), |payload| arguments.wants(payload));
    ensure!(!tables.is_empty(), "none of these tables has such a payload");
    let machine = Machine::here();
    if !arguments.tiny {
        warn(&machine);
    }
    let (begin, rounds, limit) = (Instant::now(), arguments.rounds(), arguments.limit());
    let mut distances = Vec::new();
    for round in 0..rounds {
        distances.push(probe::distance());
        for table in &mut tables {
            eprintln!("round {} of {rounds}, {} s: {}", round + 1, begin.elapsed().as_secs(), table.name);
            measure(table, round as usize, &limit)?;
        }
    }
    if arguments.tiny {
        let cells: usize = tables.iter().map(Table::cells).sum();
        println!("{cells} cells ran, and every event came as it was sent. Times of so few mean nothing.");
        return Ok(());
    }
    print!("{}", report::text(&Conditions { machine, rounds, limit, distances }, &tables));
    Ok(())
}

/// Takes a sample of each cell, a column at a time. Each round begins with another row, so that no row always follows the
/// same other one.
fn measure(table: &mut Table, round: usize, limit: &Limit) -> anyhow::Result<()> {
    let count = table.rows.len();
    for column in 0..table.columns.len() {
        for row in (0..count).map(|index| (index + round) % count) {
            let row = &mut table.rows[row];
            if let Some(cell) = &mut row.cells[column] {
                let sampled: Result<(), Fault> = cell.sample(limit);
                sampled.with_context(|| format!("{}, {}, {}", table.name, row.name, table.columns[column]))?;
            }
        }
    }
    Ok(())
}

fn warn(machine: &Machine) {
    if !machine.is_quiet() {
        eprintln!("warning: the load is {}: somebody else is at work here, and the figures show it", machine.load);
    }
    if machine.cores < 2 {
        eprintln!("warning: there is one core: what is measured between threads is how the system switches them");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::{Cell, Row, Unit};

    fn table(sample: impl Fn() -> Result<f64, Fault> + Copy + 'static) -> Table {
        let row = |name: &str, cell: Option<Cell>| Row { name: name.to_owned(), is_limit: false, cells: vec![cell] };
        Table {
            name: "trial".to_owned(),
            title: "A trial".to_owned(),
            of: "row",
            unit: Unit::Nanos,
            columns: vec!["64 B".to_owned()],
            rows: vec![row("one", Some(Cell::of(move |_| sample()))), row("none", None)],
        }
    }

    #[test]
    fn each_cell_is_sampled_once_a_round() {
        let limit = Limit { time: Default::default(), events: 0 };
        let mut table = table(|| Ok(2.0));
        (0..3).for_each(|round| measure(&mut table, round, &limit).unwrap());
        assert_eq!(table.rows[0].cells[0].as_ref().unwrap().samples, [2.0; 3]);
        assert_eq!(table.cells(), 1);
    }

    #[test]
    fn a_fault_names_its_cell() {
        let limit = Limit { time: Default::default(), events: 0 };
        let error = measure(&mut table(|| Err(Fault::Hung)), 0, &limit).unwrap_err();
        assert_eq!(format!("{error:#}").split(": ").next(), Some("trial, one, 64 B"));
    }
}
