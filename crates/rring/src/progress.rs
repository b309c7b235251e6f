//! How far long work is, on a terminal.

use std::{
    io::{IsTerminal, Write, stderr},
    time::{Duration, Instant},
};

/// How long it is from one look to the next.
const STEP: Duration = Duration::from_millis(500);

/// A line of standard error that is written over and over; none, if that is no terminal.
#[derive(Debug)]
pub(crate) struct Progress {
    next: Option<Instant>,
}

impl Progress {
    pub(crate) fn new() -> Self {
        Progress { next: stderr().is_terminal().then(|| Instant::now() + STEP) }
    }

    /// Shows what `text` returns, now and then.
    pub(crate) fn show(&mut self, text: impl FnOnce() -> String) {
        if self.next.is_some_and(|next| Instant::now() >= next) {
            // Back to the line's begin, and what was behind it is cleared.
            let _ = write!(stderr(), "\r{}\x1b[K", text());
            self.next = Some(Instant::now() + STEP);
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if self.next.is_some() {
            let _ = write!(stderr(), "\r\x1b[K");
        }
    }
}
