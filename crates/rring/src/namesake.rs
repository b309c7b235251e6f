//! Whether a ring's name still leads to the ring that was opened.

use std::time::{Duration, Instant};

use rusted_ring_shm::{Properties, RingFile};

/// How long it is from one look at the name to the next.
const LOOK: Duration = Duration::from_millis(100);

/// What became of a ring's name.
#[derive(Debug)]
pub(crate) enum Change {
    /// Nothing has it any more. Processes that have the ring open may go on with it.
    Removed,
    /// Another ring has it.
    Replaced(Properties),
}

/// The name of a ring that is open.
#[derive(Debug)]
pub(crate) struct Namesake {
    file: RingFile,
    looked: Instant,
    is_gone: bool,
}

impl Namesake {
    pub(crate) fn new(file: &RingFile) -> Self {
        Namesake { file: file.clone(), looked: Instant::now(), is_gone: false }
    }

    /// Looks now and then, and says each change once. `is_same` says whether a file is the one that is open.
    pub(crate) fn change(&mut self, is_same: impl FnOnce(&RingFile) -> bool) -> Option<Change> {
        if self.looked.elapsed() < LOOK {
            return None;
        }
        self.looked = Instant::now();
        if is_same(&self.file) {
            self.is_gone = false;
            return None;
        }
        match self.file.properties() {
            Ok(found) => {
                self.is_gone = false;
                Some(Change::Replaced(found))
            }
            // What is no ring, or cannot be read, is not followed either.
            Err(_) if self.is_gone => None,
            Err(_) => {
                self.is_gone = true;
                Some(Change::Removed)
            }
        }
    }
}
