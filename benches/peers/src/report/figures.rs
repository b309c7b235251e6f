//! The figures of each cell, over its rounds.

use super::table::value;
use crate::contenders::{self, Kind, Row, Side};
use crate::distance::{self, median};
use crate::payload::Faults;
use crate::sample::{Ending, Measured, Sample};
use crate::workload::{Unit, Workload};
use std::collections::{HashMap, HashSet};

/// All cells of a run.
pub(crate) struct Figures {
    cells: HashMap<(String, String, usize), Figure>,
    /// The contenders that delivered, in any cell, what was not sent.
    unsound: HashSet<String>,
}

/// What came of one cell.
#[derive(Clone, Debug, Default)]
pub(crate) struct Figure {
    /// Absent when nothing was measured.
    pub(crate) value: Option<Spread>,
    pub(crate) percentiles: Option<[f64; 3]>,
    pub(crate) faults: Faults,
    pub(crate) delivered: u64,
    /// No sample was taken at the common distance of the cores.
    pub(crate) away: bool,
    /// Why it was not measured, or not always.
    pub(crate) refused: Option<String>,
    pub(crate) failed: Option<String>,
}

/// The best contender at something, and its median.
#[derive(Clone, Copy)]
pub(crate) struct Best {
    pub(crate) row: &'static Row,
    pub(crate) value: f64,
    pub(crate) away: bool,
}

/// The median of the rounds, and their range.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Spread {
    pub(crate) median: f64,
    pub(crate) least: f64,
    pub(crate) most: f64,
}

impl Figures {
    pub(crate) fn of(samples: &[Sample]) -> Self {
        let common = distance::common(samples);
        let mut cells: HashMap<_, Vec<&Sample>> = HashMap::new();
        for sample in samples {
            let key = (sample.contender.clone(), sample.workload.clone(), sample.payload);
            cells.entry(key).or_default().push(sample);
        }
        let cells: HashMap<_, _> =
            cells.into_iter().map(|(key, samples)| (key, Figure::of(&samples, common))).collect();
        let unsound = cells.iter().filter(|(_, figure)| figure.faults.unsound()).map(|((name, ..), _)| name.clone());
        Figures { unsound: unsound.collect(), cells }
    }

    pub(crate) fn get(&self, contender: &str, workload: &str, payload: usize) -> Option<&Figure> {
        self.cells.get(&(contender.to_owned(), workload.to_owned(), payload))
    }

    /// The best of the rows that `wanted` accepts; of those at the common distance of the cores, if there are any.
    ///
    /// A contender that delivered what was not sent does not compete, in any workload: what it saves is the cost of soundness.
    pub(crate) fn best(&self, workload: &Workload, payload: usize, wanted: impl Fn(&Row) -> bool) -> Option<Best> {
        let rows = contenders::ALL.iter().filter(|row| wanted(row) && !self.unsound.contains(row.name));
        let measured = rows.filter_map(|row| {
            let figure = self.get(row.name, workload.name, payload)?;
            Some(Best { row, value: figure.value?.median, away: figure.away })
        });
        measured.min_by(|a, b| {
            let better = match workload.unit {
                Unit::Rate => b.value.total_cmp(&a.value),
                Unit::Nanos => a.value.total_cmp(&b.value),
            };
            a.away.cmp(&b.away).then(better)
        })
    }

    /// The best rival of these kinds.
    pub(crate) fn best_rival(&self, workload: &Workload, payload: usize, kinds: &[Kind]) -> Option<Best> {
        self.best(workload, payload, |row| row.side == Side::Rival && kinds.contains(&row.kind))
    }

    /// What the machine gives.
    pub(crate) fn limit(&self, workload: &Workload, payload: usize) -> Option<Best> {
        self.best(workload, payload, |row| row.side == Side::Limit)
    }
}

impl Best {
    /// Its figure, marked if it was taken at another distance than the rest.
    pub(crate) fn figure(&self, unit: Unit) -> String {
        format!("{}{}", value(self.value, unit), if self.away { " ~" } else { "" })
    }
}

impl Figure {
    fn of(samples: &[&Sample], common: f64) -> Self {
        let all: Vec<&Measured> = samples.iter().filter_map(|sample| distance::measured(sample)).collect();
        let near: Vec<&Measured> = all.iter().copied().filter(|measured| distance::is_at(measured, common)).collect();
        let away = near.is_empty() && !all.is_empty();
        let counted = if away { &all } else { &near };
        let of = |value: fn(&Measured) -> f64| counted.iter().map(|measured| value(measured)).collect::<Vec<f64>>();
        let values = of(|measured| measured.value);
        let percentiles = counted.iter().filter_map(|measured| measured.percentiles);
        let percentiles: Vec<[f64; 3]> = percentiles.collect();
        let mut figure = Figure {
            value: (!values.is_empty()).then(|| Spread {
                median: median(values.clone()),
                least: values.iter().copied().fold(f64::INFINITY, f64::min),
                most: values.iter().copied().fold(0.0, f64::max),
            }),
            percentiles: (!percentiles.is_empty())
                .then(|| [0, 1, 2].map(|index| median(percentiles.iter().map(|all| all[index]).collect()))),
            // A fault counts wherever it was seen.
            faults: all.iter().fold(Faults::default(), |faults, measured| faults.and(measured.faults)),
            delivered: all.iter().map(|measured| measured.events).sum(),
            away,
            ..Figure::default()
        };
        for sample in samples {
            match &sample.ending {
                Ending::NotApplicable { reason } => figure.refused = Some(reason.clone()),
                Ending::Failed { reason } => figure.failed = Some(reason.clone()),
                Ending::Measured(_) => {}
            }
        }
        figure
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::payload::Check;
    use crate::workload;
    use common::machine::Machine;

    /// A sample of 64 B from one to one.
    fn sample(contender: &str, value: f64, probe: f64, torn: u64) -> Sample {
        let faults = Faults { torn, ..Faults::default() };
        let measured = Measured { events: 100, seconds: 1.0, value, percentiles: None, faults, probe: [probe; 2] };
        let (processor, system, date) = Default::default();
        Sample {
            contender: contender.to_owned(),
            version: String::new(),
            workload: "one-to-one".to_owned(),
            payload: 64,
            capacity: 1024,
            check: Check::Full,
            round: 1,
            ending: Ending::Measured(measured),
            machine: Machine { processor, family: "f-1-2".into(), cores: 2, system, load: 0.0, date },
        }
    }

    #[test]
    fn what_was_taken_at_another_distance_does_not_count() {
        let near = [1.0, 2.0, 3.0].map(|value| sample("rtrb", value, 100.0, 0));
        let far = [sample("rtrb", 9.0, 500.0, 0), sample("bus", 8.0, 500.0, 0)];
        let figures = Figures::of(&[near.as_slice(), &far].concat());
        let rtrb = figures.get("rtrb", "one-to-one", 64).unwrap();
        assert_eq!(rtrb.value, Some(Spread { median: 2.0, least: 1.0, most: 3.0 }));
        assert!(!rtrb.away && figures.get("bus", "one-to-one", 64).unwrap().away);
        let best = figures.best_rival(&workload::ALL[0], 64, &[Kind::Queue, Kind::Broadcast]).unwrap();
        assert_eq!((best.row.name, best.value), ("rtrb", 2.0));
    }

    #[test]
    fn who_tears_events_is_not_in_the_running() {
        let figures = Figures::of(&[sample("rtrb", 1.0, 100.0, 0), sample("bus", 2.0, 100.0, 1)]);
        let best = figures.best_rival(&workload::ALL[0], 64, &[Kind::Queue, Kind::Broadcast]).unwrap();
        assert_eq!(best.row.name, "rtrb");
    }
}
