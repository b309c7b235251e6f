//! Won, tied or lost, for each workload and payload.

use super::figures::Figures;
use super::table::bytes;
use crate::contenders::{Kind, Side};
use crate::workload::{Unit, Workload};

/// The classes that compete: lossless contenders among themselves, and lossy ones among themselves.
const CLASSES: [(&str, &[Kind]); 2] = [("lossless", &[Kind::Queue, Kind::Broadcast]), ("lossy", &[Kind::Lossy])];

/// Within which factor two are equal. One at a time, 256 B and 1 KiB spread more from run to run than the rest.
fn tie(workload: &Workload, payload: usize) -> f64 {
    if workload.name == "one-to-one" && [256, 1024].contains(&payload) { 1.15 } else { 1.05 }
}

/// A line for each class, workload and payload in which ours and a rival were measured.
pub(crate) fn verdicts(figures: &Figures, workloads: &[&Workload], payloads: &[usize]) -> Vec<String> {
    let mut lines = Vec::new();
    for workload in workloads {
        for payload in payloads {
            for (class, kinds) in CLASSES {
                let ours = |row: &crate::contenders::Row| row.side == Side::Ours && kinds.contains(&row.kind);
                let ours = figures.best(workload, *payload, ours);
                let rival = figures.best_rival(workload, *payload, kinds);
                let (Some(ours), Some(rival)) = (ours, rival) else { continue };
                let unit = workload.unit;
                let ratio = if unit == Unit::Rate { ours.value / rival.value } else { rival.value / ours.value };
                lines.push(format!(
                    "{:<4} {} {}, {class}: {ratio:.2} ({} {}, {} {})",
                    name(ratio, tie(workload, *payload)),
                    workload.name,
                    bytes(*payload),
                    ours.row.name,
                    ours.figure(unit),
                    rival.row.name,
                    rival.figure(unit),
                ));
            }
        }
    }
    lines
}

fn name(ratio: f64, tie: f64) -> &'static str {
    match ratio {
        more if more > tie => "win",
        less if less * tie < 1.0 => "loss",
        _ => "tie",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_within_the_spread_is_a_tie() {
        assert_eq!([1.2, 1.1, 0.9, 0.8].map(|ratio| name(ratio, 1.15)), ["win", "tie", "tie", "loss"]);
    }
}
