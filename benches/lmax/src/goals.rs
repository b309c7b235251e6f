//! What rusted-ring is to reach, as a table, and whether it does.

use crate::contenders::{JAVA, OURS, RUST_RIVAL};
use crate::report::{median, millions, rates};
use crate::sample::Sample;
use crate::workload;
use common::table::aligned;

/// A goal: at least this many times the rate of the best of others.
struct Goal {
    workload: &'static str,
    against: &'static [&'static str],
    factor: f64,
}

const ALL_RIVALS: &[&str] = &[RUST_RIVAL, JAVA];

const GOALS: [Goal; 9] = [
    Goal { workload: "pipeline", against: ALL_RIVALS, factor: 1.2 },
    Goal { workload: "diamond", against: ALL_RIVALS, factor: 1.2 },
    twice_java("unicast"),
    twice_java("unicast-batch"),
    twice_java("multicast"),
    twice_java("pipeline"),
    twice_java("diamond"),
    twice_java("sequencer"),
    twice_java("ping-pong"),
];

const fn twice_java(workload: &'static str) -> Goal {
    Goal { workload, against: &[JAVA], factor: 2.0 }
}

/// A line for each goal that the run has figures for.
pub(crate) fn goals(samples: &[Sample]) -> String {
    let head = ["goal", "against", "its M ops/s", "our M ops/s", "ratio", "wanted", "outcome"];
    let mut lines = vec![head.map(str::to_owned).to_vec()];
    lines.extend(GOALS.iter().filter_map(|goal| goal.line(samples)));
    aligned(&lines)
}

impl Goal {
    fn line(&self, samples: &[Sample]) -> Option<Vec<String>> {
        let workload = workload::named(self.workload)?;
        let rate = |contender: &str| median(&rates(samples, workload, contender));
        let ours = rate(OURS)?;
        let rivals = self.against.iter().filter_map(|name| Some((*name, rate(name)?)));
        let (name, theirs) = rivals.max_by(|(_, a), (_, b)| a.total_cmp(b))?;
        Some(vec![
            workload.name.to_owned(),
            name.to_owned(),
            millions(theirs),
            millions(ours),
            format!("{:.2}", ours / theirs),
            format!("≥ {:.2}", self.factor),
            if ours >= self.factor * theirs { "met" } else { "MISSED" }.to_owned(),
        ])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contenders::NAMES;
    use crate::sample::{Ending, Measured};
    use common::machine::Machine;

    fn sample(contender: &'static str, ops_per_second: f64) -> Sample {
        let measured = Measured {
            seconds: 1.0,
            ops_per_second,
            checksum: vec![],
            handled: vec![],
            pinned: false,
            java: None,
            disruptor: None,
        };
        let (processor, system, date) = Default::default();
        Sample {
            contender,
            version: String::new(),
            workload: "diamond",
            ring: 8,
            events: 1,
            round: 1,
            ending: Ending::Measured(measured),
            machine: Machine { processor, family: "f-1-2".into(), cores: 2, system, load: 0.0, date },
        }
    }

    #[test]
    fn every_goal_names_what_there_is() {
        for goal in GOALS {
            assert!(workload::named(goal.workload).is_some(), "{}", goal.workload);
            assert!(goal.against.iter().all(|name| NAMES.contains(name)));
        }
    }

    #[test]
    fn the_better_rival_counts_and_what_was_not_measured_has_no_line() {
        let table = goals(&[sample(OURS, 24e6), sample(RUST_RIVAL, 15e6), sample(JAVA, 10e6)]);
        let lines: Vec<&str> = table.lines().skip(2).collect();
        let [first, second] = lines[..] else { panic!("{table}") };
        assert!(first.contains(RUST_RIVAL) && first.contains("1.60") && first.contains("met"), "{table}");
        assert!(second.contains(JAVA) && second.contains("2.40") && second.contains("met"), "{table}");
        let table = goals(&[sample(OURS, 11e6), sample(RUST_RIVAL, 10e6)]);
        assert!(table.lines().count() == 3 && table.contains("MISSED"), "{table}");
    }
}
