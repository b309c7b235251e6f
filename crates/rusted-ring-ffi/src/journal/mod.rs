//! Journals: a directory of kept events, which is opened, and records a ring meanwhile or does not.

mod failure;
mod replay;

use std::{
    mem,
    path::Path,
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, SystemTime},
};

pub(crate) use replay::replay;
use rusted_ring::{Sequence, Start};
pub(crate) use rusted_ring_journal::Position;
use rusted_ring_journal::{FullDisk, Options, Reader, Recording, SyncPolicy, Watch};

use crate::{
    failure::Failure,
    rings::AnyRing,
    status::{RUSTED_RING_CLOSED, RUSTED_RING_NOT_FOUND, RUSTED_RING_OCCUPIED},
    types::{
        Confirmed, Damage, EpochLine, JournalLine, JournalOptions, RUSTED_RING_DISK_FULL, RUSTED_RING_FULL_DISK_HOLDS,
        RUSTED_RING_FULL_DISK_LOSES, RUSTED_RING_RECORDING, RUSTED_RING_RECORDING_FAILED, RUSTED_RING_SYNC_EACH_BATCH,
        RUSTED_RING_SYNC_EVERY, RUSTED_RING_SYNC_NEVER,
    },
};

/// What the Consumer of a recording is called, if it is not called otherwise.
const NAME: &str = "journal";

/// A journal, whatever it is doing.
pub(crate) struct Journal {
    state: Mutex<State>,
    watch: Watch,
}

enum State {
    Open(rusted_ring_journal::Journal),
    Recording(Recording),
    /// A recording did not begin, or ended by an error.
    Gone,
}

impl Journal {
    pub(crate) fn open(directory: &str, options: JournalOptions) -> Result<Self, Failure> {
        let journal = rusted_ring_journal::Journal::open(Path::new(directory), options_of(options)?)?;
        Ok(Journal { watch: journal.watch(), state: Mutex::new(State::Open(journal)) })
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Looks at the journal.
    fn with<T>(&self, look: impl FnOnce(&rusted_ring_journal::Journal) -> Result<T, Failure>) -> Result<T, Failure> {
        match &*self.lock() {
            State::Open(journal) => look(journal),
            State::Recording(recording) => look(recording.journal()),
            State::Gone => Err(gone()),
        }
    }

    /// Calls `each` with what was not whole when it was opened.
    pub(crate) fn found(&self, mut each: impl FnMut(Damage)) -> Result<(), Failure> {
        self.with(|journal| {
            let found = journal.found();
            if let Some(cut) = &found.cut {
                let end = cut.end.get();
                each(Damage { epoch: cut.epoch, cut: 1, from: end, to: end, bytes: cut.bytes });
            }
            for damage in &found.damaged {
                let (from, to) = (damage.from.get(), damage.to.get());
                each(Damage { epoch: damage.epoch, cut: 0, from, to, bytes: 0 });
            }
            Ok(())
        })
    }

    /// Calls `each` with the epochs, the oldest first.
    pub(crate) fn epochs(&self, each: impl FnMut(EpochLine)) -> Result<(), Failure> {
        self.with(|journal| {
            let line = |epoch: rusted_ring_journal::Epoch| EpochLine {
                number: epoch.number,
                reserved: 0,
                oldest: epoch.oldest.get(),
                end: epoch.end.get(),
            };
            journal.epochs().into_iter().map(line).for_each(each);
            Ok(())
        })
    }

    /// What an epoch has; with 0, the one that is recorded, or else the last one.
    pub(crate) fn history(&self, epoch: u32) -> Result<Reader, Failure> {
        let status = self.watch.status();
        self.with(|journal| {
            let epochs = journal.epochs();
            let recorded = Some(status.epoch).filter(|_| status.is_recording);
            let last = recorded.or_else(|| epochs.last().map(|last| last.number));
            let found = match epoch {
                0 => last,
                number => Some(number)
                    .filter(|_| recorded == Some(number) || epochs.iter().any(|epoch| epoch.number == number)),
            };
            let number = found.ok_or_else(|| {
                let text = format!(
                    "the journal has nothing of the epoch {epoch}: rusted_ring_journal_epochs tells which there are"
                );
                Failure::Journal(RUSTED_RING_NOT_FOUND, text)
            })?;
            Ok(journal.reader(number))
        })
    }

    /// A sequence from which on an epoch has what was taken at this time, in nanoseconds since 1970, or later; none, if it has nothing.
    pub(crate) fn since(&self, epoch: u32, nanoseconds: u64) -> Result<Option<u64>, Failure> {
        let time = SystemTime::UNIX_EPOCH + Duration::from_nanos(nanoseconds);
        Ok(self.history(epoch)?.since(time).map(Sequence::get))
    }

    pub(crate) fn position(&self, name: &str) -> Result<Position, Failure> {
        self.with(|journal| Ok(journal.position(name)?))
    }

    /// Records a ring in an epoch of its own.
    pub(crate) fn record(&self, ring: &dyn AnyRing, from: Start, name: &str) -> Result<(), Failure> {
        self.begin(ring, name, |_| from, false)
    }

    /// Goes on with the last epoch, where that ends; begins one, if there is none.
    pub(crate) fn resume(&self, ring: &dyn AnyRing, name: &str) -> Result<(), Failure> {
        let end = |journal: &rusted_ring_journal::Journal| {
            journal.epochs().last().map_or(Start::Oldest, |last| Start::At(last.end))
        };
        self.begin(ring, name, end, true)
    }

    fn begin(
        &self,
        ring: &dyn AnyRing,
        name: &str,
        from: impl FnOnce(&rusted_ring_journal::Journal) -> Start,
        resumes: bool,
    ) -> Result<(), Failure> {
        let mut state = self.lock();
        let from = match &*state {
            State::Open(journal) => from(journal),
            State::Recording(_) => {
                let text = "the journal records a ring already: stop that with rusted_ring_journal_stop, or take another directory";
                return Err(Failure::Journal(RUSTED_RING_OCCUPIED, text.to_owned()));
            }
            State::Gone => return Err(gone()),
        };
        // Whatever refuses a Consumer leaves the journal open.
        let recorder = ring.recorder(from, if name.is_empty() { NAME } else { name })?;
        if let State::Open(journal) = mem::replace(&mut *state, State::Gone) {
            *state = State::Recording(recorder.record(journal, resumes)?);
        }
        Ok(())
    }

    /// Ends the recording, if there is one, when it has written what was published until now.
    pub(crate) fn stop(&self) -> Result<(), Failure> {
        let mut state = self.lock();
        match mem::replace(&mut *state, State::Gone) {
            State::Recording(recording) => *state = State::Open(recording.stop()?),
            State::Open(journal) => *state = State::Open(journal),
            State::Gone => return Err(gone()),
        }
        Ok(())
    }

    pub(crate) fn stats(&self) -> JournalLine {
        let status = self.watch.status();
        let flag = |is_so: bool, flag: u32| if is_so { flag } else { 0 };
        JournalLine {
            epoch: status.epoch,
            flags: flag(status.is_recording, RUSTED_RING_RECORDING)
                | flag(status.is_full, RUSTED_RING_DISK_FULL)
                | flag(status.has_failed, RUSTED_RING_RECORDING_FAILED),
            began: status.began.get(),
            oldest: status.oldest.get(),
            written: status.written.get(),
            durable: status.durable.get(),
            lost: status.lost,
            segments: status.segments as u64,
            bytes: status.bytes,
        }
    }

    /// Waits until all below `end` is durable.
    pub(crate) fn wait_durable(&self, end: u64, timeout: Duration) -> Result<(), Failure> {
        if end > Sequence::LAST.get() {
            return Err(Failure::argument(format!("`end` is {end}, which no event can have: pass a sequence")));
        }
        if self.watch.wait_durable(Sequence::new(end), timeout) {
            return Ok(());
        }
        if self.watch.status().is_recording {
            return Err(Failure::Empty);
        }
        let text = format!("nothing is recorded any more, and not all below {end} is durable");
        Err(Failure::Journal(RUSTED_RING_CLOSED, text))
    }
}

fn gone() -> Failure {
    let text = "a recording of this journal did not begin, or ended by an error, which closed the journal: close this handle, and open it again";
    Failure::Journal(RUSTED_RING_CLOSED, text.to_owned())
}

/// The options, of which 0 is the default.
fn options_of(asked: JournalOptions) -> Result<Options, Failure> {
    let set = |value: u64| Some(value).filter(|&value| value > 0);
    let mut options = Options::default();
    if let Some(bytes) = set(asked.segment_bytes) {
        options = options.segment_bytes(bytes);
    }
    if let Some(bytes) = set(asked.keep_bytes) {
        options = options.keep_bytes(bytes);
    }
    if let Some(time) = set(asked.keep_for) {
        options = options.keep_for(Duration::from_nanos(time));
    }
    options = match (asked.sync, set(asked.sync_every)) {
        (RUSTED_RING_SYNC_EVERY, None) => options,
        (RUSTED_RING_SYNC_EVERY, Some(time)) => options.sync(SyncPolicy::Every(Duration::from_nanos(time))),
        (RUSTED_RING_SYNC_EACH_BATCH, None) => options.sync(SyncPolicy::EachBatch),
        (RUSTED_RING_SYNC_NEVER, None) => options.sync(SyncPolicy::Never),
        (sync, every) => {
            let every = every.unwrap_or(0);
            return Err(Failure::argument(format!(
                "`sync` is {sync} and `sync_every` {every}: RUSTED_RING_SYNC_EVERY has a time, RUSTED_RING_SYNC_EACH_BATCH and RUSTED_RING_SYNC_NEVER have none"
            )));
        }
    };
    match asked.full_disk {
        RUSTED_RING_FULL_DISK_HOLDS => Ok(options.full_disk(FullDisk::Hold)),
        RUSTED_RING_FULL_DISK_LOSES => Ok(options.full_disk(FullDisk::GoOn)),
        other => Err(Failure::argument(format!(
            "`full_disk` is {other}: pass RUSTED_RING_FULL_DISK_HOLDS or RUSTED_RING_FULL_DISK_LOSES"
        ))),
    }
}

/// What was confirmed last, if anything was.
pub(crate) fn confirmed(position: &Position) -> Option<Confirmed> {
    position.confirmed().map(|confirmed| Confirmed { epoch: confirmed.epoch, reserved: 0, next: confirmed.next.get() })
}

/// Confirms what is below `next`.
pub(crate) fn confirm(position: &mut Position, epoch: u32, next: u64) -> Result<(), Failure> {
    if next > Sequence::LAST.get() {
        return Err(Failure::argument(format!("`next` is {next}, which no event can have: pass a sequence")));
    }
    Ok(position.confirm(epoch, Sequence::new(next))?)
}
