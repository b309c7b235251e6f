//! Threads that are waited for together.

use std::thread::{self, JoinHandle};

/// Threads that run until they are [`joined`](Self::join).
#[derive(Debug, Default)]
pub struct Crew(Vec<JoinHandle<()>>);

impl Crew {
    /// A crew of nobody.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a thread.
    pub fn spawn(&mut self, work: impl FnOnce() + Send + 'static) {
        self.0.push(thread::spawn(work));
    }

    /// Waits for every thread; panics if one did.
    pub fn join(self) {
        let failed = self.0.into_iter().filter_map(|thread| thread.join().err()).count();
        assert_eq!(failed, 0, "threads that panicked");
    }
}
