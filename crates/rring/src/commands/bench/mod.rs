//! How fast events go between two processes, and between two threads of one.

mod histogram;
mod options;
pub(crate) mod partner;
mod report;
mod sides;

use std::{
    cell::RefCell,
    path::{Path, PathBuf},
    sync::mpsc,
    thread,
    time::Duration,
};

use anyhow::{Context, anyhow, bail};
use rusted_ring::{
    Bytes, HeapRing, RingRef, Sole,
    placement::{Machine, pin_thread},
};
use rusted_ring_shm::{DIRECTORY, PREFIX, Ring, RingFile};

pub(crate) use options::{Bench, Partner};

use self::{
    options::{Cores, Measure},
    partner::Started,
    report::{Cell, Figures, Report},
    sides::{Account, Follow, Lead, Led, Over, Patience},
};
use crate::{
    exit::End,
    processor,
    sizes::{AtSize, POOLS, with_pool},
    stop::Stop,
};

/// Where the two sides are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// In two processes, on a ring in shared memory.
    Processes,
    /// In two threads of one process, on a ring in shared memory.
    Threads,
    /// In two threads, on a ring of one process.
    Heap,
}

impl Place {
    const ALL: [Place; 3] = [Place::Processes, Place::Threads, Place::Heap];

    fn name(self) -> &'static str {
        match self {
            Place::Processes => "processes",
            Place::Threads => "threads",
            Place::Heap => "heap",
        }
    }
}

pub(crate) fn run(bench: &Bench) -> anyhow::Result<()> {
    let stop = Stop::install()?;
    let cores = chosen(bench.cores)?;
    pin_thread(cores.0[0]).context("keeping the first side on its core")?;
    let directory = bench.directory.as_deref().unwrap_or(Path::new(DIRECTORY));
    let mut cells: Vec<Cell> = Vec::new();
    for measure in &bench.measure {
        for size in &bench.size {
            cells.extend(Place::ALL.map(|place| Cell {
                measure: *measure,
                size: *size,
                place,
                figures: Figures::default(),
            }));
        }
    }
    let samples = cells.len() as u32 * bench.rounds;
    crate::text::say!(
        "{samples} measurements of {} s, in {} rounds, on cores {} and {}",
        bench.seconds.as_secs_f64(),
        bench.rounds,
        cores.0[0],
        cores.0[1]
    );
    if cores.are_one() {
        crate::text::say!("both sides share one core, and yield it: these figures are those of the scheduler");
    }
    for round in 1..=bench.rounds {
        crate::text::say!("round {round} of {}", bench.rounds);
        for cell in &mut cells {
            let sample = Sample {
                directory,
                cores,
                measure: cell.measure,
                place: cell.place,
                size: cell.size,
                time: bench.seconds,
                stop: &stop,
            };
            let (led, account) = at_size(cell.size, &sample)?;
            cell.figures.add(led, account, cell.measure);
        }
    }
    let report = Report { processor: processor::here(), cores: cores.0, bench, cells };
    report.print()?;
    match report.faults().as_slice() {
        [] => Ok(()),
        faults => Err(End::Void(faults.join("; ")).into()),
    }
}

/// Calls `what` with one of the sizes of [`POOLS`].
fn at_size<W: AtSize<Output = anyhow::Result<T>>, T>(size: u64, what: W) -> anyhow::Result<T> {
    let refused = || anyhow!("events of {size} bytes were asked for, and there are those of {POOLS:?}");
    with_pool(size, what).unwrap_or_else(|| Err(refused()))
}

/// The cores that were asked for, or the first two.
fn chosen(asked: Option<Cores>) -> anyhow::Result<Cores> {
    let usable = Machine::look().cores;
    let Some(&first) = usable.first() else { bail!("the system does not say which cores may be used: give --cores") };
    let cores = asked.unwrap_or(Cores([first, *usable.get(1).unwrap_or(&first)]));
    for core in cores.0 {
        if !usable.contains(&core) {
            bail!("core {core} was asked for, and this process may use {usable:?}: choose two of these by --cores");
        }
    }
    Ok(cores)
}

fn interrupted() -> anyhow::Error {
    End::Interrupted("it was interrupted: nothing is shown, and nothing is left behind".to_owned()).into()
}

/// One measurement.
struct Sample<'a> {
    directory: &'a Path,
    cores: Cores,
    measure: Measure,
    place: Place,
    size: u64,
    time: Duration,
    stop: &'a Stop,
}

impl AtSize for &Sample<'_> {
    type Output = anyhow::Result<(Led, Account)>;

    fn at<const N: usize>(self) -> Self::Output {
        let capacity = if N > 4096 {
            64
        } else if N > 1024 {
            256
        } else {
            1024
        };
        match self.place {
            Place::Heap => self.threads::<N, _>([(); 2].map(|()| HeapRing::<N, Sole>::sole(capacity))),
            Place::Threads => {
                let files = self.files();
                let rings = files.create::<N>(capacity)?;
                files.remove();
                self.threads(rings)
            }
            Place::Processes => self.processes::<N>(capacity),
        }
    }
}

impl Sample<'_> {
    fn files(&self) -> Files {
        let file = |way| {
            let name = format!("{PREFIX}bench-{}-{way}", std::process::id());
            RingFile::at(self.directory.join(name))
        };
        Files { files: ["there", "back"].map(file), named: RefCell::default() }
    }

    fn patience<'a>(&self, is_over: &'a (dyn Fn() -> bool + Sync)) -> Patience<'a> {
        Patience { is_crowded: self.cores.are_one(), is_over }
    }

    fn processes<const N: usize>(&self, capacity: usize) -> anyhow::Result<(Led, Account)> {
        let files = self.files();
        let [there, back] = files.create::<N>(capacity)?;
        let lead = Lead::join(there, back)?;
        let second = Started::start(self, [files.files[0].path(), files.files[1].path()])?;
        // Both have them open: whatever happens from here on, nothing is left behind.
        files.remove();
        let led = lead.run(self.measure, self.time, &self.patience(&|| self.stop.is_asked() || second.has_ended()));
        match led {
            Ok(led) => Ok((led, second.account()?)),
            Err(Over) => Err(second.lost()),
        }
    }

    fn threads<const N: usize, R>(&self, [there, back]: [R; 2]) -> anyhow::Result<(Led, Account)>
    where
        R: RingRef<Slot = Bytes<N>, Mode = Sole> + Clone + Send,
    {
        let lead = Lead::join(there.clone(), back.clone())?;
        let is_over = || self.stop.is_asked();
        thread::scope(|scope| {
            let (say, hear) = mpsc::channel();
            let follow = scope.spawn(move || {
                let joined = pin_thread(self.cores.0[1])
                    .map_err(anyhow::Error::from)
                    .and_then(|()| Ok(Follow::join(there, back, self.measure)?));
                let _ = say.send(joined.is_ok());
                Ok(joined?.run(&self.patience(&is_over)))
            });
            let led = match hear.recv() {
                Ok(true) => lead.run(self.measure, self.time, &self.patience(&is_over)),
                _ => Err(Over),
            };
            let account: anyhow::Result<_> = follow.join().expect("it does not panic");
            match (led, account?) {
                (Ok(led), Ok(account)) => Ok((led, account)),
                _ => Err(interrupted()),
            }
        })
    }
}

/// The files of a measurement's rings: they have no names any more once it runs, or has failed.
struct Files {
    files: [RingFile; 2],
    /// Those that have been created.
    named: RefCell<Vec<PathBuf>>,
}

impl Files {
    fn create<const N: usize>(&self, capacity: usize) -> anyhow::Result<[Ring<Bytes<N>, Sole>; 2]> {
        let create = |file: &RingFile| -> anyhow::Result<_> {
            let ring = file.create(capacity)?;
            self.named.borrow_mut().push(file.path().to_owned());
            Ok(ring)
        };
        Ok([create(&self.files[0])?, create(&self.files[1])?])
    }

    fn remove(&self) {
        for path in self.named.take() {
            let _ = RingFile::at(path).remove();
        }
    }
}

impl Drop for Files {
    fn drop(&mut self) {
        self.remove();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cores_that_may_not_be_used_are_refused_with_those_that_may() {
        let usable = Machine::look().cores;
        assert_eq!(chosen(None).unwrap().0[0], usable[0]);
        let error = chosen(Some(Cores([usable[0], 1023]))).unwrap_err().to_string();
        assert!(error.contains("core 1023") && error.contains("--cores"), "{error}");
    }
}
