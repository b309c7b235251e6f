//! A table that is to be measured, cell by cell.

use crate::sample::{Fault, Limit};

/// What the figures are, and so which is better.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unit {
    /// Events a second: more is better.
    Rate,
    /// Nanoseconds: less is better.
    Nanos,
}

/// Rows that are compared in each column.
pub(crate) struct Table {
    /// As a progress line and a complaint say it.
    pub(crate) name: String,
    pub(crate) title: String,
    /// What a row is.
    pub(crate) of: &'static str,
    pub(crate) unit: Unit,
    pub(crate) columns: Vec<String>,
    pub(crate) rows: Vec<Row>,
}

/// A row of a table.
pub(crate) struct Row {
    pub(crate) name: String,
    /// Not in the running, but what the others are held against.
    pub(crate) is_limit: bool,
    /// One a column; none where it is not applicable.
    pub(crate) cells: Vec<Option<Cell>>,
}

/// Takes a sample.
type Measure = dyn Fn(&Limit) -> Result<f64, Fault>;

/// What is measured once a round.
pub(crate) struct Cell {
    measure: Box<Measure>,
    pub(crate) samples: Vec<f64>,
}

impl Cell {
    pub(crate) fn of(measure: impl Fn(&Limit) -> Result<f64, Fault> + 'static) -> Self {
        Cell { measure: Box::new(measure), samples: Vec::new() }
    }

    /// Takes a sample, and keeps it.
    pub(crate) fn sample(&mut self, limit: &Limit) -> Result<(), Fault> {
        self.samples.push((self.measure)(limit)?);
        Ok(())
    }
}

impl Table {
    /// How many cells can be measured.
    pub(crate) fn cells(&self) -> usize {
        self.rows.iter().map(|row| row.cells.iter().flatten().count()).sum()
    }
}
