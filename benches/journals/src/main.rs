//! What else appends events to files, measured beside the journal. `journals --help` tells more.

mod contenders;
mod events;

use std::{
    env, fs,
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::Context;
use clap::Parser;
use common::{machine::Machine, table};

use contenders::CONTENDERS;

/// Appends events to files and reads them again, by the journal and by others: to the page cache, never synced.
///
/// From when the first event is there until the last is in a file, with one thread that has the events; each is read again, one by one, and its first and last bytes are checked. The journal takes the
/// events from a ring, by a thread of its own; the others are called by the thread that has them. `write` is the bytes alone, a mebibyte at a time: what the
/// system takes at most. In turns; the median, with the least and the most.
#[derive(Parser, Debug)]
struct Cli {
    /// Where the files are made, in a directory that is removed: of a disk, or `/dev/shm`.
    #[arg(long, value_name = "DIR")]
    directory: Option<PathBuf>,
    /// How often each is measured.
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    /// Mebibytes of events, in each.
    #[arg(long, default_value_t = 256)]
    mebibytes: usize,
    /// A few events once, only to see that everything works.
    #[arg(long)]
    tiny: bool,
}

/// One figure: events a second, appended and read.
type Rates = [f64; 2];

fn main() -> anyhow::Result<()> {
    let cli = Cli::parse();
    let (rounds, bytes) = if cli.tiny { (1, 1 << 20) } else { (cli.rounds.max(1), cli.mebibytes << 20) };
    let machine = Machine::here();
    println!(
        "{} ({}), {} cores, {}, load {}\n",
        machine.processor, machine.family, machine.cores, machine.date, machine.load
    );
    if !machine.is_quiet() {
        eprintln!("the machine is busy: these figures are worth little");
    }
    let place = cli.directory.unwrap_or_else(env::temp_dir).join(format!("journals-{}", std::process::id()));
    let mut rows = vec![["event", "what", "appended M/s", "GB/s", "read M/s", "GB/s"].map(str::to_owned).to_vec()];
    for length in [64, 1024] {
        let mut figures = vec![Vec::<Rates>::new(); CONTENDERS.len()];
        for _ in 0..rounds {
            for (contender, figures) in CONTENDERS.iter().zip(&mut figures) {
                let rates = measure(contender, &place, length, bytes / length)
                    .with_context(|| format!("{}, events of {length} bytes", contender.name))?;
                figures.push(rates);
            }
        }
        for (contender, figures) in CONTENDERS.iter().zip(figures) {
            let mut row = vec![format!("{length} B"), contender.name.to_owned()];
            for at in [0, 1] {
                let mut rates: Vec<f64> = figures.iter().map(|rates| rates[at] / 1e6).collect();
                rates.sort_by(f64::total_cmp);
                let median = rates[rates.len() / 2];
                row.push(format!("{median:.2} ({:.2} to {:.2})", rates[0], rates[rates.len() - 1]));
                row.push(format!("{:.2}", median * length as f64 / 1e3));
            }
            rows.push(row);
        }
    }
    print!("{}", table::aligned(&rows));
    Ok(())
}

fn measure(contender: &contenders::Contender, place: &Path, length: usize, events: usize) -> anyhow::Result<Rates> {
    let outcome = fs::create_dir_all(place).map_err(Into::into).and_then(|()| (contender.run)(place, length, events));
    fs::remove_dir_all(place)?;
    Ok(outcome?.map(|took: Duration| events as f64 / took.as_secs_f64()))
}
