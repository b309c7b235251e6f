//! The command line.

use std::{net::SocketAddr, path::PathBuf, time::Duration};

use clap::{Args, Parser, Subcommand, ValueEnum};
use rusted_ring::{Sequence, Start};

use crate::{
    commands::bench::{Bench, Partner},
    exit::CODES,
};

/// Looks inside rusted-ring's rings between processes: what is there, which readers there are, what they lost, and which of them blocks.
#[derive(Debug, Parser)]
///
/// A ring is a file. A NAME is that of a ring in /dev/shm; what has a `/` in it is a path.
///
/// Try it:
///   echo hello | rring pub greetings --create 64,1024
///   rring ls
///   rring tap greetings
///   rring rm greetings
#[command(version, verbatim_doc_comment, after_help = CODES)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Ls(Ls),
    Stat(Stat),
    Tap(Tap),
    Pub(Publish),
    Rm(Rm),
    Hz(Hz),
    Export(Export),
    Top(Top),
    Doctor(Doctor),
    Record(Record),
    Replay(Replay),
    Compare(Compare),
    Bench(Bench),
    #[command(hide = true)]
    BenchPartner(Partner),
}

/// Lists the rings of a directory, and its latest-value cells.
///
/// The five pools of a set come one after another, with the set's name under SET; latest-value cells have a table of their own.
///
/// A ring is `alive` while a process has it open to take part. Observers, such as this program, do not count. Publishers are
/// only counted where there can be but one: where many may publish, the ring keeps no count of them.
#[derive(Args, Debug)]
pub(crate) struct Ls {
    /// A directory, instead of /dev/shm; or one ring, pool set or latest-value cells, by the name or the path. A name has no `/` in it: for a
    /// directory here, give `./NAME`.
    #[arg(value_name = "DIR|RING")]
    pub(crate) place: Option<String>,
    /// One JSON object instead of a table.
    #[arg(long)]
    pub(crate) json: bool,
}

/// Shows what a ring is, and the account of each of its readers; of latest-value cells, which processes write and read.
///
/// An account balances, if what was claimed since its reader joined = received + repaired + lost + holes + shared + lag. It is taken from a running
/// ring, so that a reader which counts a loss at that moment may be shown in between; at rest every account balances.
///
/// The process of a reader is the one that holds its lease, by the number that it has in its own namespace. A reader whose process has ended is
/// `dead`: its entry is freed by the next reader that needs one.
#[derive(Args, Debug)]
pub(crate) struct Stat {
    /// The rings' names, or paths. With --prometheus and without any, all rings in /dev/shm.
    #[arg(value_name = "RING", required_unless_present = "prometheus")]
    pub(crate) rings: Vec<String>,
    /// JSON instead of text, one object a line for each ring.
    #[arg(long)]
    pub(crate) json: bool,
    /// The metrics that Prometheus reads, in the text format of OpenMetrics. `rring export` serves the same.
    #[arg(long, conflicts_with = "json")]
    pub(crate) prometheus: bool,
}

/// Prints a ring's events, as one more reader that is never waited for.
///
/// It begins with the oldest event that the ring still has, and ends with the last one that was there when it began. With --follow it begins
/// with the next event to come, and ends when it is interrupted. What it lost it says on standard error where it happens, and at
/// the end its whole account.
///
/// Each line is sequence, type and text, with tabs between. In text, backslashes, control characters and bytes that are no UTF-8
/// are escaped.
#[derive(Args, Debug)]
pub(crate) struct Tap {
    /// The ring's name, or a path.
    pub(crate) ring: String,
    /// Prints only events of this type. The others are received, too, and counted so.
    #[arg(long = "type", value_name = "N")]
    pub(crate) event_type: Option<u32>,
    #[command(flatten)]
    pub(crate) form: Form,
    /// Goes on until it is interrupted.
    #[arg(short, long)]
    pub(crate) follow: bool,
    /// Where to begin: `oldest`, `newest`, or a sequence. By default the oldest, and with --follow the newest.
    #[arg(long, value_name = "WHERE")]
    pub(crate) from: Option<From>,
    /// Ends after so many events were printed.
    #[arg(short = 'n', long, value_name = "N")]
    pub(crate) count: Option<u64>,
    /// What the reader is called in the ring's ledger.
    #[arg(long, default_value = "rring tap")]
    pub(crate) name: String,
}

/// How events are printed.
#[derive(Args, Clone, Copy, Debug)]
#[group(multiple = false)]
pub(crate) struct Form {
    /// Payloads as hexadecimal digits.
    #[arg(long)]
    pub(crate) hex: bool,
    /// Payloads as text; so it is without any of these.
    #[arg(long)]
    pub(crate) utf8: bool,
    /// One JSON object a line, with the payload as hexadecimal digits, and as text if it is UTF-8. Losses are lines, too.
    #[arg(long)]
    pub(crate) json: bool,
}

/// Where a reader begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum From {
    Oldest,
    Newest,
    At(u64),
}

impl From {
    pub(crate) fn start(self) -> Start {
        match self {
            From::Oldest => Start::Oldest,
            From::Newest => Start::Newest,
            From::At(sequence) => Start::At(Sequence::new(sequence)),
        }
    }
}

impl std::str::FromStr for From {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "oldest" => Ok(From::Oldest),
            "newest" => Ok(From::Newest),
            _ => text.parse().map(From::At).map_err(|_| "give `oldest`, `newest`, or a sequence such as 17".to_owned()),
        }
    }
}

/// Publishes lines: each line of standard input, or of files, is an event.
///
/// A line that is longer than an event of the ring may be is an error, and ends it. When it is interrupted, it says what it has published.
///
/// While a consumer has not left the slot that is needed, it waits, up to --timeout for each event, and then names the consumer that is in the way.
#[derive(Args, Debug)]
pub(crate) struct Publish {
    /// The ring's name, or a path.
    pub(crate) ring: String,
    /// Files to read; `-`, or none, is standard input.
    pub(crate) files: Vec<PathBuf>,
    /// The type of the events.
    #[arg(long = "type", value_name = "N", default_value_t = 0)]
    pub(crate) event_type: u32,
    /// How many seconds to wait for room, for each event.
    #[arg(long, value_name = "SECONDS", default_value = "5", value_parser = seconds)]
    pub(crate) timeout: Duration,
    /// Creates the ring, unless there is one already, which then must be of this capacity and slot size.
    #[arg(long, value_name = "SLOT_BYTES,CAPACITY")]
    pub(crate) create: Option<Create>,
    /// Shares the ring with other users: with --create, the group of the file may read and write it; and a ring is joined although another
    /// user created it. Without this, a ring is its owner's alone, and one of another user is refused.
    #[arg(long)]
    pub(crate) group: bool,
    /// With --create: a ring of one publisher at a time.
    #[arg(long, requires = "create")]
    pub(crate) sole: bool,
}

/// What ring to create.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Create {
    pub(crate) slot_bytes: u64,
    pub(crate) capacity: usize,
}

impl std::str::FromStr for Create {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let numbers = text.split_once(',').and_then(|(bytes, capacity)| {
            Some(Create { slot_bytes: bytes.trim().parse().ok()?, capacity: capacity.trim().parse().ok()? })
        });
        numbers.ok_or_else(|| "give the bytes of a slot and the number of slots, such as 64,1024".to_owned())
    }
}

/// Removes rings, pool sets and latest-value cells.
///
/// What a process has open stays, unless --force is given: then those who have it open keep it, and no one else finds it.
///
/// A pool set is removed by its own name, unless a ring has that name. One of its five pools stays as long as all five are there, unless --force is given.
#[derive(Args, Debug)]
pub(crate) struct Rm {
    /// The names, or paths, of the rings, sets or cells.
    #[arg(required = true)]
    pub(crate) rings: Vec<String>,
    /// Removes them though they are in use.
    #[arg(long)]
    pub(crate) force: bool,
}

/// Prints how many sequences are claimed a second.
///
/// A line for each window, until it is interrupted. Holes are sequences, too.
#[derive(Args, Debug)]
pub(crate) struct Hz {
    /// The ring's name, or a path.
    pub(crate) ring: String,
    /// How many seconds a window has.
    #[arg(long, value_name = "SECONDS", default_value = "1", value_parser = seconds)]
    pub(crate) window: Duration,
    /// Ends after so many windows.
    #[arg(short = 'n', long, value_name = "N")]
    pub(crate) count: Option<u64>,
    /// One JSON object a line.
    #[arg(long)]
    pub(crate) json: bool,
}

/// How many rings and cells `export` shows, unless it is told otherwise: each keeps a file open, of which a process often may have 1024.
const MOST_SHOWN: usize = 256;

/// Serves the metrics of rings to Prometheus, as GET /metrics over HTTP, until it is interrupted.
///
/// It only reads the rings' files, when it is asked, so that their processes pay nothing. Rings that come, go or are replaced are noticed. Of
/// latest-value cells it says who uses them.
///
/// Counters begin with what the rings' readers count when they are first read; readers that leave keep their last figures. There is no encryption, and
/// everyone who reaches the address may read.
#[derive(Args, Debug)]
pub(crate) struct Export {
    /// The names, or paths, of rings, pool sets and latest-value cells, be they there already or not; without any, all in /dev/shm.
    #[arg(value_name = "RING")]
    pub(crate) rings: Vec<String>,
    /// How many rings and cells are shown at most: the first that are found. `rusted_ring_unshown` says how many are not.
    #[arg(long, value_name = "COUNT", default_value_t = MOST_SHOWN)]
    pub(crate) most: usize,
    /// Where to listen; port 0 is any that is free. The address is printed.
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:9464")]
    pub(crate) listen: SocketAddr,
}

/// Shows all rings on the terminal: rates, pressure, readers, and the consumers that block.
///
/// It only reads the rings' files, and maps none; nobody notices. A consumer BLOCKS when it is a whole ring behind, or nearly, and neither
/// it nor the ring has moved from one look to the next; the time is from the first look on that saw it so. The bar is the
/// slowest reader's lag as a part of the ring, the line of blocks behind it the last rates. `q` quits.
#[derive(Args, Debug)]
pub(crate) struct Top {
    /// A directory, instead of /dev/shm; or one ring, or pool set, by its name or its path. A name has no `/` in it: for a directory here, give
    /// `./NAME`.
    #[arg(value_name = "DIR|RING")]
    pub(crate) place: Option<String>,
    /// How many seconds there are from one look to the next.
    #[arg(long, value_name = "SECONDS", default_value = "1", value_parser = seconds)]
    pub(crate) interval: Duration,
    /// Draws a picture of 100 by 30 characters into this file, after 15 looks, and ends. It needs no terminal.
    #[arg(long, value_name = "FILE")]
    pub(crate) svg: Option<PathBuf>,
}

/// Says what this machine is like for rings between processes, and what to do about it.
///
/// It looks at shared memory, permissions and namespaces, the barrier by which sleepers are woken, huge pages, limits and the clock,
/// and measures how long a cache line takes from each core to each other and back. Leave the machine alone meanwhile.
#[derive(Args, Debug)]
pub(crate) struct Doctor {
    /// Draws the round trips between cores into this file, too.
    #[arg(long, value_name = "FILE")]
    pub(crate) svg: Option<PathBuf>,
    /// Round trips of which each measurement is; with 0 there is none.
    #[arg(long, value_name = "N", default_value_t = 1000, value_parser = clap::value_parser!(u32).range(..=1_000_000))]
    pub(crate) rounds: u32,
}

/// Records a ring's events into an MCAP file, as one more reader, which publishers never wait for.
///
/// It begins with the next event to come, and ends when it is interrupted, after --count or --for, or when the ring was removed or replaced and nothing more
/// comes. The file has what was lost, holes, and the reader's account, by which `rring replay` sees that it is whole.
///
/// Until it is finished the file is called FILE.part. What was recorded is written once a second at least, and what is written stays, whatever becomes of
/// this process: `rring replay FILE.part` reads it. Foxglove and other programs for MCAP open the file.
#[derive(Args, Debug)]
pub(crate) struct Record {
    /// The ring's name, or a path.
    pub(crate) ring: String,
    /// The file, such as strokes.mcap.
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: PathBuf,
    /// Loses nothing to publishers: when the ring is full they wait until an event was received. What was received in the last second goes with a recorder that is
    /// killed, all the same.
    #[arg(long)]
    pub(crate) lossless: bool,
    /// Where to begin: `oldest`, `newest`, or a sequence.
    #[arg(long, value_name = "WHERE", default_value = "newest")]
    pub(crate) from: From,
    /// Ends after so many events.
    #[arg(short = 'n', long, value_name = "N")]
    pub(crate) count: Option<u64>,
    /// Ends after so many seconds.
    #[arg(long = "for", value_name = "SECONDS", value_parser = seconds)]
    pub(crate) time: Option<Duration>,
    /// By what the file is compressed.
    #[arg(long, value_enum, default_value_t = Compression::Zstd)]
    pub(crate) compression: Compression,
    /// Replaces FILE, once the new one is finished, and a FILE.part that was left.
    #[arg(long)]
    pub(crate) force: bool,
    /// What the reader is called in the ring's ledger.
    #[arg(long, default_value = "rring record")]
    pub(crate) name: String,
}

/// By what a recording is compressed.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Compression {
    /// Smaller.
    Zstd,
    /// Quicker.
    Lz4,
    None,
}

/// Reads a recording: prints its events, or publishes them anew.
///
/// It is printed as `rring tap` prints, at once. With --into it is published to a ring, with the time between two events that there was when it was recorded. The
/// ring is made like the one that was recorded, or is there and like it. Its sequences are its own.
///
/// What the recording lacks is said at the end. A recording that is damaged, has no end or does not balance is replayed as far as it is whole, and is an error.
#[derive(Args, Debug)]
pub(crate) struct Replay {
    /// The recording.
    pub(crate) file: PathBuf,
    /// The name, or path, of the ring to publish to.
    #[arg(long, value_name = "RING", conflicts_with = "Form")]
    pub(crate) into: Option<String>,
    /// How many times as fast as it was recorded, or `max`. By default 1 with --into, and else `max`.
    #[arg(long, value_name = "X")]
    pub(crate) speed: Option<Speed>,
    #[command(flatten)]
    pub(crate) form: Form,
    /// With --into: how many seconds to wait for room, for each event.
    #[arg(long, value_name = "SECONDS", default_value = "5", value_parser = seconds, requires = "into")]
    pub(crate) timeout: Duration,
}

/// How fast a recording is replayed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Speed {
    /// So many times as fast as it was recorded.
    Times(f64),
    Max,
}

impl std::str::FromStr for Speed {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match (text, text.parse()) {
            ("max", _) => Ok(Speed::Max),
            (_, Ok(times)) if (1e-6..=1e6).contains(&times) => Ok(Speed::Times(times)),
            _ => Err("give `max`, or a number such as 0.5 or 10, from a millionth to a million".to_owned()),
        }
    }
}

/// Says at which sequence two recordings differ first: in an event's type or bytes, in what is missing, or in where they begin or end.
///
/// Two recordings of a graph's batches, as `Topology::on_batch` tells them, are compared stage by stage: it says the first batch that each stage had only in one.
///
/// Times are not compared. The exit code is 0 if they are the same, and 9 if they differ.
#[derive(Args, Debug)]
pub(crate) struct Compare {
    /// A recording.
    pub(crate) first: PathBuf,
    /// Another.
    pub(crate) second: PathBuf,
}

pub(crate) fn seconds(text: &str) -> Result<Duration, String> {
    let seconds = text.parse().ok().and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    // Beyond a billion the clock cannot say when that is.
    let is_possible = |time: &Duration| !time.is_zero() && time.as_secs() <= 1_000_000_000;
    seconds
        .filter(is_possible)
        .ok_or_else(|| "give a number of seconds above 0, such as 0.5, up to a billion".to_owned())
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_sound_and_its_long_help_has_the_codes() {
        Cli::command().debug_assert();
        assert!(Cli::command().render_long_help().to_string().contains(CODES));
    }

    #[test]
    fn values_are_parsed_or_refused_with_an_example() {
        assert_eq!("64,1024".parse(), Ok(Create { slot_bytes: 64, capacity: 1024 }));
        assert!("64".parse::<Create>().unwrap_err().contains("64,1024"));
        assert_eq!("17".parse(), Ok(From::At(17)));
        assert!("first".parse::<From>().is_err());
        assert_eq!(["max", "0.5"].map(str::parse), [Ok(Speed::Max), Ok(Speed::Times(0.5))]);
        assert!(["0", "-1", "nan", "inf", "fast"].iter().all(|text| text.parse::<Speed>().is_err()));
        assert_eq!(seconds("0.5"), Ok(Duration::from_millis(500)));
        assert!(["0", "-1", "nan", "1e19"].iter().all(|text| seconds(text).is_err()));
    }
}
