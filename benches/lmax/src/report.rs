//! The table.

use crate::cli;
use crate::contenders::{self, JAVA, NAMES};
use crate::goals;
use crate::sample::{Ending, Sample};
use crate::workload::Workload;
use common::pin;
use common::table::aligned;

/// The table, and what there is to say about it.
pub(crate) fn text(arguments: &cli::Run, samples: &[Sample], no_java: Option<&str>) -> String {
    let heads = ["workload", "contender", "M ops/s: median (min–max)", "to Java LMAX", "checksum"];
    let mut lines = vec![heads.map(str::to_owned).to_vec()];
    for workload in arguments.workloads() {
        let java = median(&rates(samples, workload, JAVA));
        for contender in NAMES.into_iter().filter(|name| arguments.wants(name)) {
            lines.push(line(samples, workload, contender, java, no_java));
        }
    }
    let mut text = aligned(&lines);
    if let Some(reason) = no_java {
        text += &format!("\nJava LMAX: not measured: {reason}\n");
    }
    if arguments.tiny {
        text += "\nWith so few events the figures say nothing: only the checksums count.\n";
    }
    text += &notes(arguments, samples);
    if arguments.goals {
        text += &format!("\nGoals\n\n{}", goals::goals(samples));
    }
    text
}

fn line(
    samples: &[Sample],
    workload: &Workload,
    contender: &str,
    java: Option<f64>,
    no_java: Option<&str>,
) -> Vec<String> {
    let rates = rates(samples, workload, contender);
    let endings = || of(samples, workload, contender).map(|sample| &sample.ending);
    let rate = match median(&rates) {
        Some(median) => format!("{} ({}–{})", millions(median), millions(rates[0]), millions(rates[rates.len() - 1])),
        None if contender == JAVA && no_java.is_some() => "not measured".to_owned(),
        None => contenders::refusal(contender, workload).map_or("none".to_owned(), |why| format!("n/a: {why}")),
    };
    let ratio = match (median(&rates), java) {
        (Some(median), Some(java)) if contender != JAVA => format!("{:.2}", median / java),
        _ => String::new(),
    };
    let verdict = if endings().any(|ending| matches!(ending, Ending::Wrong { .. })) {
        "WRONG"
    } else if endings().any(|ending| matches!(ending, Ending::Failed { .. })) {
        "FAILED"
    } else if rates.is_empty() {
        ""
    } else {
        "ok"
    };
    vec![workload.name.to_owned(), contender.to_owned(), rate, ratio, verdict.to_owned()]
}

/// What the table has no room for.
fn notes(arguments: &cli::Run, samples: &[Sample]) -> String {
    let mut text = "\n".to_owned();
    for contender in NAMES {
        let mut measured = samples.iter().filter(|sample| sample.contender == contender);
        let Some(sample) = measured.find(|sample| matches!(sample.ending, Ending::Measured(_))) else { continue };
        text += &format!("{contender} is version {}", sample.version);
        if let Ending::Measured(measured) = &sample.ending
            && let Some(java) = &measured.java
        {
            text += &format!(", on Java {java}");
        }
        text += ".\n";
    }
    let crowded: Vec<&str> = arguments.workloads().into_iter().filter_map(crowded).collect();
    text += &match (arguments.unpinned, crowded.is_empty()) {
        (true, _) => "No thread was pinned.\n".to_owned(),
        (false, true) => "Each thread of a Rust contender was pinned to a core; Java's were not.\n".to_owned(),
        (false, false) => format!(
            "Each thread of a Rust contender was pinned to a core; Java's were not, and none where there are more \
             threads than cores: {}.\n",
            crowded.join(", ")
        ),
    };
    for sample in samples {
        if let Ending::Wrong { reason } | Ending::Failed { reason } = &sample.ending {
            text += &format!("round {}: {}, {}: {reason}\n", sample.round, sample.workload, sample.contender);
        }
    }
    text
}

fn crowded(workload: &'static Workload) -> Option<&'static str> {
    pin::is_crowded(workload.threads()).then_some(workload.name)
}

fn of<'s>(samples: &'s [Sample], workload: &Workload, contender: &str) -> impl Iterator<Item = &'s Sample> {
    samples.iter().filter(move |sample| sample.workload == workload.name && sample.contender == contender)
}

/// From the lowest to the highest.
pub(crate) fn rates(samples: &[Sample], workload: &Workload, contender: &str) -> Vec<f64> {
    let rate = |sample: &Sample| match &sample.ending {
        Ending::Measured(measured) => Some(measured.ops_per_second),
        _ => None,
    };
    let mut rates: Vec<f64> = of(samples, workload, contender).filter_map(rate).collect();
    rates.sort_by(f64::total_cmp);
    rates
}

/// The middle one, or the mean of the two in the middle.
pub(crate) fn median(sorted: &[f64]) -> Option<f64> {
    let middle = sorted.len() / 2;
    match sorted.len() {
        0 => None,
        odd if odd % 2 == 1 => Some(sorted[middle]),
        _ => Some((sorted[middle - 1] + sorted[middle]) / 2.0),
    }
}

/// Three digits, or all before the point.
pub(crate) fn millions(rate: f64) -> String {
    match rate / 1e6 {
        large if large >= 100.0 => format!("{large:.0}"),
        middle if middle >= 10.0 => format!("{middle:.1}"),
        small if small >= 1.0 => format!("{small:.2}"),
        tiny => format!("{tiny:.4}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_in_the_middle() {
        assert_eq!(median(&[]), None);
        assert_eq!(median(&[1.0, 2.0, 9.0]), Some(2.0));
        assert_eq!(median(&[1.0, 2.0, 4.0, 9.0]), Some(3.0));
    }

    #[test]
    fn rates_have_three_digits() {
        assert_eq!(millions(160_400_000.0), "160");
        assert_eq!(millions(29_700_000.0), "29.7");
        assert_eq!(millions(3_456_000.0), "3.46");
        assert_eq!(millions(12_345.0), "0.0123");
    }
}
