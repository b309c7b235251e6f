//! A store's file to which nothing is written until it was found whole.
//!
//! The database mends its file while it opens it, and damaged data that could have been rescued may be gone then. Here its
//! writes are kept in memory until somebody lets them go, in their order. A process that only reads never does so, and
//! leaves the file as it is.

use std::collections::BTreeMap;
use std::io::Result;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use redb::StorageBackend;

/// The size of a block that is kept.
const BLOCK: usize = 4096;

/// A file whose writes are held.
#[derive(Debug)]
pub(super) struct Held<B>(Arc<Shared<B>>);

/// Lets them go.
#[derive(Debug)]
pub(super) struct Gate<B>(Arc<Shared<B>>);

#[derive(Debug)]
struct Shared<B> {
    file: B,
    /// Whether writes pass. It changes once, before a second thread has the database.
    passes: AtomicBool,
    kept: Mutex<Kept>,
    /// Whether the file is locked for the process that has it open; not where it is only read.
    is_locked: bool,
}

/// The held writes, as they are read back, and as they are written in the end.
#[derive(Debug, Default)]
struct Kept {
    blocks: BTreeMap<u64, Box<[u8; BLOCK]>>,
    /// How long the file is now, if that was changed.
    len: Option<u64>,
    /// How much of the file itself was never cut off.
    uncut: Option<u64>,
    steps: Vec<Step>,
}

#[derive(Debug)]
enum Step {
    Write(u64, Vec<u8>),
    Len(u64),
    Sync,
}

/// Holds everything that is written to this file from now on.
pub(super) fn held<B: StorageBackend>(file: B, is_locked: bool) -> (Held<B>, Gate<B>) {
    let shared = Arc::new(Shared { file, passes: AtomicBool::new(false), kept: Mutex::default(), is_locked });
    (Held(Arc::clone(&shared)), Gate(shared))
}

impl<B: StorageBackend> Gate<B> {
    /// Writes everything that was held, and holds nothing any more. Nothing may be read or written meanwhile.
    pub(super) fn open(self) -> Result<()> {
        let Shared { file, passes, .. } = &*self.0;
        let kept = std::mem::take(&mut *self.0.kept());
        for step in kept.steps {
            match step {
                Step::Write(offset, data) => file.write(offset, &data)?,
                Step::Len(len) => file.set_len(len)?,
                Step::Sync => file.sync_data()?,
            }
        }
        passes.store(true, Ordering::Release);
        Ok(())
    }
}

impl<B> Shared<B> {
    fn passes(&self) -> bool {
        self.passes.load(Ordering::Acquire)
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<B: StorageBackend> Shared<B> {
    fn len(&self, kept: &Kept) -> Result<u64> {
        kept.len.map_or_else(|| self.file.len(), Ok)
    }

    /// Reads from the file; zeros lie beyond its end, and where it was cut off.
    fn read_file(&self, kept: &Kept, offset: u64, out: &mut [u8]) -> Result<()> {
        let there = kept.uncut.map_or_else(|| self.file.len(), Ok)?.saturating_sub(offset);
        let there = usize::try_from(there).map_or(out.len(), |there| there.min(out.len()));
        let (there, behind) = out.split_at_mut(there);
        behind.fill(0);
        if there.is_empty() { Ok(()) } else { self.file.read(offset, there) }
    }
}

/// Splits these bytes of the file by the blocks in which they lie: the block's place, and from where to where in it.
fn parts(offset: u64, len: usize) -> impl Iterator<Item = (u64, std::ops::Range<usize>)> {
    let end = offset + len as u64;
    let mut at = offset;
    std::iter::from_fn(move || {
        let block = at - at % BLOCK as u64;
        let part = (at - block) as usize..end.saturating_sub(block).min(BLOCK as u64) as usize;
        at = block + BLOCK as u64;
        (!part.is_empty()).then_some((block, part))
    })
}

type Bound = std::ops::Bound<u64>;
type Locked<T> = std::result::Result<T, redb::BackendError>;

impl<B: StorageBackend> StorageBackend for Held<B> {
    fn len(&self) -> Result<u64> {
        if self.0.passes() { self.0.file.len() } else { self.0.len(&self.0.kept()) }
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> Result<()> {
        if self.0.passes() {
            return self.0.file.read(offset, out);
        }
        let kept = self.0.kept();
        if offset + out.len() as u64 > self.0.len(&kept)? {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        self.0.read_file(&kept, offset, out)?;
        let mut done = 0;
        for (block, part) in parts(offset, out.len()) {
            let len = part.len();
            if let Some(bytes) = kept.blocks.get(&block) {
                out[done..done + len].copy_from_slice(&bytes[part]);
            }
            done += len;
        }
        Ok(())
    }

    fn set_len(&self, len: u64) -> Result<()> {
        if self.0.passes() {
            return self.0.file.set_len(len);
        }
        let mut kept = self.0.kept();
        let uncut = kept.uncut.map_or_else(|| self.0.file.len(), Ok)?;
        kept.uncut = Some(uncut.min(len));
        kept.len = Some(len);
        // What lies beyond the end is gone, and returns as zeros.
        kept.blocks.retain(|&block, bytes| {
            if let Some(rest) = len.checked_sub(block).and_then(|rest| usize::try_from(rest).ok())
                && rest < BLOCK
            {
                bytes[rest..].fill(0);
            }
            block < len
        });
        kept.steps.push(Step::Len(len));
        Ok(())
    }

    fn sync_data(&self) -> Result<()> {
        if self.0.passes() {
            return self.0.file.sync_data();
        }
        self.0.kept().steps.push(Step::Sync);
        Ok(())
    }

    fn write(&self, offset: u64, data: &[u8]) -> Result<()> {
        if self.0.passes() {
            return self.0.file.write(offset, data);
        }
        let mut kept = self.0.kept();
        let mut done = 0;
        for (block, part) in parts(offset, data.len()) {
            if !kept.blocks.contains_key(&block) {
                let mut bytes = Box::new([0; BLOCK]);
                self.0.read_file(&kept, block, &mut bytes[..])?;
                kept.blocks.insert(block, bytes);
            }
            let len = part.len();
            if let Some(bytes) = kept.blocks.get_mut(&block) {
                bytes[part].copy_from_slice(&data[done..done + len]);
            }
            done += len;
        }
        let end = offset + data.len() as u64;
        if end > self.0.len(&kept)? {
            kept.len = Some(end);
        }
        kept.steps.push(Step::Write(offset, data.to_vec()));
        Ok(())
    }

    fn close(&self) -> Result<()> {
        self.0.file.close()
    }

    fn try_lock_range(&self, start: Bound, end: Bound) -> Locked<bool> {
        if self.0.is_locked { self.0.file.try_lock_range(start, end) } else { Err(redb::BackendError::Unsupported) }
    }

    fn try_lock_shared_range(&self, start: Bound, end: Bound) -> Locked<bool> {
        if self.0.is_locked {
            self.0.file.try_lock_shared_range(start, end)
        } else {
            Err(redb::BackendError::Unsupported)
        }
    }

    fn lock_range(&self, start: Bound, end: Bound) -> Locked<()> {
        if self.0.is_locked { self.0.file.lock_range(start, end) } else { Err(redb::BackendError::Unsupported) }
    }

    fn lock_shared_range(&self, start: Bound, end: Bound) -> Locked<()> {
        if self.0.is_locked { self.0.file.lock_shared_range(start, end) } else { Err(redb::BackendError::Unsupported) }
    }

    fn unlock_range(&self, start: Bound, end: Bound) -> Locked<()> {
        if self.0.is_locked { self.0.file.unlock_range(start, end) } else { Err(redb::BackendError::Unsupported) }
    }

    fn query_lock_range(&self, start: Bound, end: Bound) -> Locked<bool> {
        if self.0.is_locked { self.0.file.query_lock_range(start, end) } else { Err(redb::BackendError::Unsupported) }
    }
}

#[cfg(test)]
mod tests {
    use redb::backends::InMemoryBackend;

    use super::*;

    #[test]
    fn what_is_held_is_read_as_if_it_were_written_and_is_written_as_it_was_read() {
        for seed in 0..40 {
            let mut random = fastrand::Rng::with_seed(seed);
            let file = InMemoryBackend::new();
            file.set_len(20_000).expect("made");
            let mut model: Vec<u8> = (0..20_000).map(|_| random.u8(..)).collect();
            file.write(0, &model).expect("written");
            let before = model.clone();
            let (held, gate) = held(file, false);
            for _ in 0..60 {
                if random.u8(..) < 30 {
                    let len = random.usize(1..30_000);
                    held.set_len(len as u64).expect("held");
                    model.resize(len, 0);
                } else if random.bool() {
                    let data: Vec<u8> = (0..random.usize(0..9000.min(model.len()))).map(|_| random.u8(..)).collect();
                    let at = random.usize(0..=model.len() - data.len());
                    held.write(at as u64, &data).expect("held");
                    model[at..at + data.len()].copy_from_slice(&data);
                } else {
                    held.sync_data().expect("held");
                }
                let len = random.usize(0..=model.len());
                let at = random.usize(0..=model.len() - len);
                let mut read = vec![0; len];
                held.read(at as u64, &mut read).expect("read");
                assert_eq!(
                    (read == model[at..at + len], held.len().expect("read")),
                    (true, model.len() as u64),
                    "{seed}"
                );
                assert!(held.read(model.len() as u64, &mut [0]).is_err());
            }
            let mut untouched = vec![0; before.len()];
            held.0.file.read(0, &mut untouched).expect("read");
            assert!(untouched == before, "{seed}: nothing is written before it is let go");
            gate.open().expect("written");
            let mut all = vec![0; model.len()];
            held.read(0, &mut all).expect("read");
            assert_eq!((all == model, held.0.file.len().expect("read")), (true, model.len() as u64), "{seed}");
        }
    }
}
