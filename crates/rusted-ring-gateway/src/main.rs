//! `rring-mirror` mirrors rings of one machine on another. See `rring-mirror --help`, and the crate's README.

#![forbid(unsafe_code)]

use std::{
    path::PathBuf,
    process::ExitCode,
    sync::{Arc, atomic::AtomicBool},
    time::Duration,
};

use clap::{Args, Parser, Subcommand, ValueEnum};
use rusted_ring_gateway::{
    follow::follow,
    mirror::{Begin, Bounds, Mirror, RingFiles},
    name::Keys,
    serve::Serve,
    session::Links,
};
use rusted_ring_shm::{FileError, RingFile};
use signal_hook::{
    consts::{SIGHUP, SIGINT, SIGTERM},
    flag,
};

/// Mirrors a ring of one machine on another, over zenoh: with the same sequences, repaired where something is missing, and counted where nothing repairs it.
///
/// A RING is a file: a name, of a ring in /dev/shm, or a path, with a `/` in it.
///
/// Try it:
///   rring-mirror serve strokes --listen tcp/0.0.0.0:7447            # here
///   rring-mirror follow strokes --connect tcp/10.0.0.1:7447         # there
///   rring tap strokes --follow                                      # there
#[derive(Debug, Parser)]
#[command(version, verbatim_doc_comment)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Serve(ServeArgs),
    Follow(FollowArgs),
}

/// Sends what a ring publishes, and answers what its mirrors ask for, until it is interrupted. Then it prints what it sent, as JSON.
///
/// The ring's publishers do not wait for it, unless it records the ring: a journal's reader is waited for.
#[derive(Args, Debug)]
struct ServeArgs {
    /// The ring's name, or a path. It need not be there yet.
    ring: String,
    /// What it is called between machines: as here, unless it is said.
    #[arg(long)]
    name: Option<String>,
    /// Records the ring in a directory of its own in this one: mirrors may then ask for what the ring has no more.
    #[arg(long, value_name = "DIR")]
    journal: Option<PathBuf>,
    #[command(flatten)]
    links: Links,
}

/// Keeps a mirror of a ring of another machine, until it is interrupted. Then it prints its books, as JSON.
///
/// A mirror that is there already, of the same ring, goes on where it stopped. One of an earlier ring of the source is replaced by a new one.
#[derive(Args, Debug)]
struct FollowArgs {
    /// What the ring is called between machines.
    name: String,
    /// The mirror's name here, or a path: as there, unless it is said.
    #[arg(long)]
    ring: Option<String>,
    /// Where a mirror begins that is not there yet.
    #[arg(long, value_enum, default_value = "newest")]
    from: From,
    /// How many seconds a source that lives may leave a question unanswered, before what was asked for counts as lost.
    #[arg(long, value_name = "SECONDS", default_value_t = 60)]
    patience: u64,
    /// Bytes that a mirror's ring may take.
    #[arg(long, value_name = "BYTES", default_value_t = 1 << 30)]
    most_bytes: u64,
    #[command(flatten)]
    links: Links,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum From {
    /// With what is published next.
    Newest,
    /// With the oldest that the source has.
    Oldest,
}

fn main() -> ExitCode {
    let outcome = match Cli::parse().command {
        Command::Serve(args) => serve(&args),
        Command::Follow(args) => mirror(&args),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("rring-mirror: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Set, once the program is asked to stop. Asked a second time, it ends at once.
fn stop() -> anyhow::Result<Arc<AtomicBool>> {
    let asked = Arc::new(AtomicBool::new(false));
    for signal in [SIGINT, SIGTERM, SIGHUP] {
        flag::register_conditional_shutdown(signal, 128 + signal, Arc::clone(&asked))?;
        flag::register(signal, Arc::clone(&asked))?;
    }
    Ok(asked)
}

fn file(text: &str) -> Result<RingFile, FileError> {
    if text.contains('/') { Ok(RingFile::at(text)) } else { RingFile::named(text) }
}

fn serve(args: &ServeArgs) -> anyhow::Result<()> {
    let name = args.name.as_deref().unwrap_or_else(|| args.ring.rsplit('/').next().unwrap_or_default());
    let serve = Serve { file: file(&args.ring)?, keys: Keys::of(name)?, journal: args.journal.clone() };
    let stop = stop()?;
    let session = args.links.open()?;
    let sent = serve.run(&session, &stop)?;
    println!("{}", sent.json());
    Ok(())
}

fn mirror(args: &FollowArgs) -> anyhow::Result<()> {
    let keys = Keys::of(&args.name)?;
    let stop = stop()?;
    let files = RingFiles {
        file: file(args.ring.as_deref().unwrap_or(&args.name))?,
        most_bytes: args.most_bytes,
        stop: Arc::clone(&stop),
    };
    let begin = match args.from {
        From::Newest => Begin::Newest,
        From::Oldest => Begin::Oldest,
    };
    let bounds = Bounds { patience: Duration::from_secs(args.patience), ..Bounds::default() };
    let mut mirror = Mirror::new(files, begin, bounds)?;
    let outcome = follow(&args.links, &keys, &mut mirror, &stop);
    for ended in mirror.ended() {
        println!("{}", ended.json());
    }
    println!("{}", mirror.books().json());
    outcome
}
