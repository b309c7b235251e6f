//! What rusted-ring is to reach, as a table, and whether it does.

use super::figures::{Best, Figures};
use super::table::{bytes, value};
use crate::contenders::{
    Kind,
    Kind::{Broadcast, Lossy, Queue},
    Side,
};
use crate::workload::{self, Unit, Workload};
use common::table::aligned;

/// A goal: ours against something else, by a factor.
struct Goal {
    workload: &'static str,
    payload: usize,
    /// Which of ours; the best of them counts.
    ours: &'static [&'static str],
    against: Against,
}

/// At least this many times a rate, at most this many times a duration.
enum Against {
    BestRival(&'static [Kind], f64),
    BestRivalOrLimit(&'static [Kind], f64),
    Row(&'static str, f64),
    /// At most this many nanoseconds more.
    RowPlus(&'static str, f64),
    /// Events a second, or nanoseconds.
    Fixed(f64),
}

use Against::{BestRival, BestRivalOrLimit, Fixed, Row, RowPlus};

const HEADED: &[&str] = &["rusted-ring-lossless"];
const TYPED: &[&str] = &["rusted-ring-typed"];
const LOSSLESS: &[&str] = &["rusted-ring-lossless", "rusted-ring-typed"];
const SHARED: &[&str] = &["rusted-ring-shared"];
const LOSSY: &[&str] = &["rusted-ring-lossy"];
const SHARED_LOSSY: &[&str] = &["rusted-ring-shared-lossy"];
const ONE_WRITER: &[&str] = &["rusted-ring-lossless", "rusted-ring-typed", "rusted-ring-lossy"];

/// Every contender that loses nothing.
const ANY_LOSSLESS: &[Kind] = &[Queue, Broadcast];
const RINGS: &[Kind] = &[Broadcast];
const ANY: &[Kind] = &[Queue, Broadcast, Lossy];

#[rustfmt::skip]
const GOALS: &[Goal] = &[
    Goal { workload: "one-to-one", payload: 64, ours: LOSSLESS, against: BestRival(ANY_LOSSLESS, 1.1) },
    Goal { workload: "one-to-one", payload: 64, ours: LOSSLESS, against: BestRival(RINGS, 1.5) },
    Goal { workload: "batches", payload: 64, ours: TYPED, against: BestRival(ANY_LOSSLESS, 1.0) },
    Goal { workload: "batches", payload: 64, ours: HEADED, against: BestRival(RINGS, 1.2) },
    Goal { workload: "one-to-one", payload: 64, ours: LOSSY, against: Row("photon-ring-lossy", 3.0) },
    Goal { workload: "one-to-one", payload: 256, ours: LOSSLESS, against: BestRival(ANY_LOSSLESS, 1.1) },
    Goal { workload: "one-to-one", payload: 1024, ours: LOSSLESS, against: BestRival(ANY_LOSSLESS, 1.2) },
    Goal { workload: "one-to-one", payload: 4096, ours: LOSSLESS, against: BestRivalOrLimit(ANY_LOSSLESS, 0.95) },
    Goal { workload: "one-to-one", payload: 16384, ours: LOSSLESS, against: BestRivalOrLimit(ANY_LOSSLESS, 0.95) },
    Goal { workload: "round-trip", payload: 64, ours: ONE_WRITER, against: BestRival(ANY, 1.0) },
    Goal { workload: "round-trip", payload: 1024, ours: ONE_WRITER, against: BestRival(ANY, 1.0) },
    Goal { workload: "hop", payload: 64, ours: TYPED, against: Row("bare-line", 1.1) },
    Goal { workload: "paced", payload: 64, ours: ONE_WRITER, against: BestRival(ANY, 1.0) },
    Goal { workload: "paced", payload: 1024, ours: ONE_WRITER, against: BestRival(ANY, 1.0) },
    Goal { workload: "alone", payload: 64, ours: LOSSY, against: Row("bare-slots", 1.3) },
    Goal { workload: "alone", payload: 256, ours: LOSSY, against: BestRival(ANY, 1.0) },
    Goal { workload: "alone", payload: 1024, ours: LOSSY, against: BestRival(ANY, 1.0) },
    Goal { workload: "alone", payload: 4096, ours: LOSSY, against: BestRival(ANY, 1.0) },
    Goal { workload: "alone", payload: 16384, ours: LOSSY, against: BestRival(ANY, 1.0) },
    Goal { workload: "alone", payload: 64, ours: SHARED_LOSSY, against: Fixed(6.5) },
    Goal { workload: "alone", payload: 64, ours: LOSSY, against: RowPlus("rusted-ring-lossy-spin", 0.3) },
    Goal { workload: "readers-2", payload: 64, ours: LOSSLESS, against: BestRival(RINGS, 1.05) },
    Goal { workload: "readers-3", payload: 64, ours: LOSSLESS, against: BestRival(RINGS, 1.05) },
    Goal { workload: "readers-2", payload: 64, ours: LOSSY, against: Fixed(20e6) },
    Goal { workload: "readers-3", payload: 64, ours: LOSSY, against: Fixed(20e6) },
    Goal { workload: "writers-2", payload: 64, ours: SHARED, against: BestRival(ANY_LOSSLESS, 1.1) },
    Goal { workload: "writers-2", payload: 1024, ours: SHARED, against: BestRival(ANY_LOSSLESS, 1.1) },
    Goal { workload: "writers-2", payload: 16384, ours: SHARED, against: BestRival(ANY_LOSSLESS, 1.1) },
];

/// A line for each goal that the run has figures for.
pub(crate) fn goals(figures: &Figures) -> String {
    let head = ["goal", "against", "its figure", "limit", "ours", "our figure", "ratio", "wanted", "outcome"];
    let mut lines = vec![head.map(str::to_owned).to_vec()];
    lines.extend(GOALS.iter().filter_map(|goal| goal.line(figures)));
    aligned(&lines)
}

impl Goal {
    fn line(&self, figures: &Figures) -> Option<Vec<String>> {
        let workload = workload::ALL.iter().find(|workload| workload.name == self.workload)?;
        let unit = workload.unit;
        let ours = figures.best(workload, self.payload, |row| self.ours.contains(&row.name))?;
        let theirs = self.against(figures, workload);
        let (their_name, their_value, their_figure) = match (theirs, &self.against) {
            (Some(best), _) => (best.row.name, best.value, best.figure(unit)),
            (None, Fixed(wanted)) => ("a fixed figure", *wanted, value(*wanted, unit)),
            (None, _) => return None,
        };
        let limit = figures.limit(workload, self.payload);
        let (wanted, met) = self.judge(unit, ours.value, their_value);
        Some(vec![
            format!("{} {}", workload.name, bytes(self.payload)),
            their_name.to_owned(),
            their_figure,
            limit.map_or("–".to_owned(), |limit| format!("{} {}", limit.row.name, limit.figure(unit))),
            ours.row.name.to_owned(),
            ours.figure(unit),
            format!("{:.2}", ours.value / their_value),
            wanted,
            if met { "met" } else { "MISSED" }.to_owned(),
        ])
    }

    /// What it is measured against, unless that is a fixed figure.
    fn against(&self, figures: &Figures, workload: &Workload) -> Option<Best> {
        let rival_or_limit = |kinds: &[Kind], limits: bool| {
            figures.best(workload, self.payload, |row| match row.side {
                Side::Ours => false,
                Side::Rival => kinds.contains(&row.kind),
                Side::Limit => limits,
            })
        };
        match self.against {
            BestRival(kinds, _) => rival_or_limit(kinds, false),
            BestRivalOrLimit(kinds, _) => rival_or_limit(kinds, true),
            Row(name, _) | RowPlus(name, _) => figures.best(workload, self.payload, |row| row.name == name),
            Fixed(_) => None,
        }
    }

    /// What was wanted, and whether it is met.
    fn judge(&self, unit: Unit, ours: f64, theirs: f64) -> (String, bool) {
        let (sign, factor) = match (unit, &self.against) {
            (_, RowPlus(_, more)) => return (format!("at most {more} ns more"), ours <= theirs + more),
            (Unit::Rate, BestRival(_, factor) | BestRivalOrLimit(_, factor) | Row(_, factor)) => ("≥", *factor),
            (Unit::Nanos, BestRival(_, factor) | BestRivalOrLimit(_, factor) | Row(_, factor)) => ("≤", *factor),
            (Unit::Rate, Fixed(_)) => ("≥", 1.0),
            (Unit::Nanos, Fixed(_)) => ("≤", 1.0),
        };
        let met = if unit == Unit::Rate { ours >= factor * theirs } else { ours <= factor * theirs };
        (format!("{sign} {factor:.2}"), met)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contenders;

    #[test]
    fn every_goal_names_what_there_is() {
        let is_row = |name: &str| contenders::ALL.iter().any(|row| row.name == name);
        for goal in GOALS {
            let workload = workload::ALL.iter().find(|workload| workload.name == goal.workload).unwrap();
            assert!(workload::PAYLOADS.iter().any(|(payload, _)| *payload == goal.payload));
            for name in goal.ours {
                let row = contenders::ALL.iter().find(|row| row.name == *name).unwrap();
                assert_eq!(row.refusal(workload, goal.payload), None, "{name} {}", goal.workload);
            }
            if let Row(name, _) | RowPlus(name, _) = goal.against {
                assert!(is_row(name), "{name}");
            }
        }
    }

    #[test]
    fn more_is_better_for_a_rate_and_less_for_a_duration() {
        let goal = |against| Goal { workload: "alone", payload: 64, ours: LOSSY, against };
        assert!(goal(BestRival(ANY, 1.1)).judge(Unit::Rate, 111.0, 100.0).1);
        assert!(!goal(BestRival(ANY, 1.1)).judge(Unit::Rate, 109.0, 100.0).1);
        assert!(goal(Row("bare-slots", 1.3)).judge(Unit::Nanos, 1.29, 1.0).1);
        assert!(!goal(RowPlus("rusted-ring-lossy-spin", 0.3)).judge(Unit::Nanos, 2.4, 2.0).1);
        assert!(goal(Fixed(6.5)).judge(Unit::Nanos, 6.4, 6.5).1);
    }
}
