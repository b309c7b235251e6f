//! The command line, and what `--help` teaches.

use crate::payload::PAYLOADS;
use crate::sample::Limit;
use crate::topics::Topic;
use crate::{candidates, copies};
use anyhow::bail;
use clap::{Parser, ValueEnum};
use std::time::Duration;

/// Memory layouts and protocols that a ring could have, measured alike and without the library.
///
/// One writer or two, one reader, nothing lost, every word of every payload checked. The rows of a column are measured
/// one after the other, round after round; shown are the median and the range, and the best of a column is in bold. An
/// event that comes otherwise than it was sent fails the program, and so does a sample that hangs.
#[derive(Debug, Parser)]
#[command(name = "layouts", after_help = after_help())]
pub(crate) struct Cli {
    /// Only these tables; may be given several times
    #[arg(long, value_name = "NAME", value_enum)]
    table: Vec<Topic>,

    /// Only this payload, in bytes; may be given several times
    #[arg(long, value_name = "BYTES")]
    payload: Vec<usize>,

    /// How often each cell is measured
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..))]
    rounds: u32,

    /// How long a sample measures, in milliseconds
    #[arg(long, value_name = "N", default_value_t = 60, value_parser = clap::value_parser!(u64).range(1..=10_000))]
    millis: u64,

    /// Everything once with a few thousand events, in a few seconds: checks them, and measures nothing
    #[arg(long, conflicts_with_all = ["rounds", "millis"])]
    pub(crate) tiny: bool,
}

/// What `--tiny` ends a sample after.
const TINY: Limit = Limit { time: Duration::from_secs(1), events: 2_000 };

impl Cli {
    /// Refuses payloads that there are not, and says which there are.
    pub(crate) fn check(&self) -> anyhow::Result<()> {
        let payloads = PAYLOADS.map(|(payload, _)| payload);
        match self.payload.iter().find(|payload| !payloads.contains(payload)) {
            Some(payload) => bail!("no payload has {payload} bytes; the payloads are: {payloads:?}"),
            None => Ok(()),
        }
    }

    pub(crate) fn topics(&self) -> &[Topic] {
        if self.table.is_empty() { Topic::value_variants() } else { &self.table }
    }

    pub(crate) fn wants(&self, payload: usize) -> bool {
        self.payload.is_empty() || self.payload.contains(&payload)
    }

    pub(crate) fn rounds(&self) -> u32 {
        if self.tiny { 1 } else { self.rounds }
    }

    pub(crate) fn limit(&self) -> Limit {
        if self.tiny { TINY } else { Limit { time: Duration::from_millis(self.millis), events: u64::MAX } }
    }
}

fn after_help() -> String {
    let row = |name: &str, title: &str| format!("  {name:<20} {title}\n");
    let mut text = "Candidates, in the tables of `layouts`:\n".to_owned();
    text.extend(candidates::ALL.iter().map(|candidate| row(candidate.name, candidate.title)));
    text += "\nWho prefetches, in the table of `prefetch`:\n";
    text.extend(candidates::PREFETCHING.iter().map(|prefetching| row(prefetching.name, prefetching.title)));
    text += "\nWays to claim, in the tables of `claims`:\n";
    text.extend(candidates::CLAIMING.iter().map(|claiming| row(claiming.name, claiming.title)));
    text += "\nWays to copy, in the tables of `copies`:\n";
    text.extend(copies::ALL.iter().map(|way| row(way.name, way.title)));
    text += "\nPayloads, each with the slots of its ring:\n";
    text.extend(PAYLOADS.map(|(payload, slots)| row(&payload.to_string(), &slots.to_string())));
    text + "\nA whole run takes about two minutes, on a machine that should have nothing else to do.\n\
            \n\
            Examples:\n\
            \x20 layouts --tiny                              see that everything works\n\
            \x20 layouts > LAYOUTS.md                        every table\n\
            \x20 layouts --table layouts --payload 64        what 64 B want, in a few seconds\n\
            \x20 layouts --table copies --rounds 9           one question, more surely"
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    fn parse(more: &[&str]) -> Cli {
        Cli::parse_from([&["layouts"], more].concat())
    }

    #[test]
    fn the_command_line_is_well_formed() {
        Cli::command().debug_assert();
    }

    #[test]
    fn an_unknown_payload_lists_the_valid_ones() {
        let error = parse(&["--payload", "65"]).check().unwrap_err().to_string();
        assert!(error.contains("65 bytes") && error.contains("16384"), "{error}");
    }

    #[test]
    fn everything_is_measured_unless_something_is_named() {
        assert_eq!(parse(&[]).topics().len(), 5);
        assert!(parse(&[]).wants(16));
        let part = parse(&["--table", "polling", "--payload", "64"]);
        assert_eq!(part.topics(), [Topic::Polling]);
        assert!(part.wants(64) && !part.wants(16));
    }
}
