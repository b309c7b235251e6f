//! The command line of `bench`.

use std::{path::PathBuf, str::FromStr, time::Duration};

use clap::{Args, ValueEnum};

use crate::{cli::seconds, sizes::POOLS};

/// Measures how fast events go between two processes, and between two threads of one.
///
/// It starts itself a second time for that; no other program takes part. Both wait without sleeping, so it needs two cores which nothing else uses.
///
/// round-trip  one event there and back over two rings, with one publisher and one Consumer each. MEDIAN is that of the means of 32 trips, of all
///             rounds; the percentiles are those of single trips, each of which includes a reading of the clock.
/// consumer    a stream from one publisher to one Consumer, which loses nothing: the publisher waits for it.
/// subscriber  a stream from one publisher to one Subscriber, which is never waited for: what it lost is counted.
///
/// Each is measured in three places: `processes` are two processes on one ring in shared memory, `threads` two threads on such a ring, and `heap` two
/// threads on a ring of one process alone. What is measured in one round is measured one after the other, and then again in the next round, so that a
/// change of the machine meets all of it. Of the rounds the median is shown, and the lowest and the highest.
///
/// Of each stream it is checked that received + lost = published, and of each event its first and last word; exit code 7 says that this failed.
///
/// Try it:
///   rring bench --size 64 --measure round-trip
///   rring bench --size 64,16384 --rounds 9 --cores 2,3
///   rring bench --json >figures.json
#[derive(Args, Debug)]
#[command(verbatim_doc_comment)]
pub(crate) struct Bench {
    /// Bytes of an event: 64, 256, 1024, 4096 or 16384, or several of these.
    #[arg(long, value_name = "BYTES", value_delimiter = ',', default_values_t = POOLS, value_parser = size)]
    pub(crate) size: Vec<u64>,
    /// What to measure; without it, all of it.
    #[arg(long, value_enum, value_delimiter = ',', default_values = ["round-trip", "consumer", "subscriber"], hide_default_value = true)]
    pub(crate) measure: Vec<Measure>,
    /// The cores of the two sides; without it, the first two that this process may use.
    #[arg(long, value_name = "CORE,CORE")]
    pub(crate) cores: Option<Cores>,
    /// How many rounds there are.
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub(crate) rounds: u32,
    /// How long each of a round's measurements takes.
    #[arg(long, value_name = "SECONDS", default_value = "0.1", value_parser = seconds)]
    pub(crate) seconds: Duration,
    /// Where the rings' files are made, instead of /dev/shm. Their names are taken away before anything is measured.
    #[arg(long, value_name = "DIR")]
    pub(crate) directory: Option<PathBuf>,
    /// One JSON object instead of tables.
    #[arg(long)]
    pub(crate) json: bool,
}

/// The other side of a measurement: what `bench` starts.
#[derive(Args, Debug)]
pub(crate) struct Partner {
    /// The ring that the first process writes.
    pub(crate) there: PathBuf,
    /// The ring that this process writes.
    pub(crate) back: PathBuf,
    #[arg(long)]
    pub(crate) size: u64,
    #[arg(long, value_enum)]
    pub(crate) measure: Measure,
    #[arg(long)]
    pub(crate) cores: Cores,
    /// The first process, with which this one ends.
    #[arg(long)]
    pub(crate) of: u32,
}

/// What is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Measure {
    RoundTrip,
    Consumer,
    Subscriber,
}

impl Measure {
    /// As on the command line.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Measure::RoundTrip => "round-trip",
            Measure::Consumer => "consumer",
            Measure::Subscriber => "subscriber",
        }
    }
}

/// The cores of the first side and of the second.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Cores(pub(crate) [usize; 2]);

impl Cores {
    /// Whether both sides share a core, and must yield it.
    pub(crate) fn are_one(self) -> bool {
        self.0[0] == self.0[1]
    }
}

impl FromStr for Cores {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let cores = text.split_once(',').and_then(|(one, other)| Some([one.parse().ok()?, other.parse().ok()?]));
        cores.map(Cores).ok_or_else(|| "give the numbers of two cores, such as 0,1".to_owned())
    }
}

fn size(text: &str) -> Result<u64, String> {
    let size = text.parse().ok().filter(|size| POOLS.contains(size));
    size.ok_or_else(|| "give 64, 256, 1024, 4096 or 16384, or several with commas between them".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_and_cores_are_parsed_or_refused_with_an_example() {
        assert_eq!(("3,1".parse(), size("4096")), (Ok(Cores([3, 1])), Ok(4096)));
        assert!("3".parse::<Cores>().unwrap_err().contains("0,1"));
        assert!(size("65").unwrap_err().contains("256"));
        assert!(Cores([2, 2]).are_one() && !Cores([2, 3]).are_one());
    }
}
