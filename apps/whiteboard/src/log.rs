//! What the program says: lines on stderr, each with its time where a server runs, and the results of its other tasks on
//! stdout.
//!
//! Nothing here panics, whatever became of the stream: whoever has something to say may be on the way to tell everyone that
//! nothing is saved.

use std::fmt::Display;
use std::io::{Write, stderr, stdout};

use anyhow::Context;

use crate::clock;

/// Says this in one line, as a server does.
pub(crate) fn say(text: impl Display) {
    tell(format_args!("{} whiteboard: {text}", clock::time_of_day()));
}

/// Says this in one line, to the person who started the program.
pub(crate) fn tell(text: impl Display) {
    // In one piece, so that lines of several threads do not mix. Whoever closed it does not want to know.
    let _ = stderr().write_all(format!("{text}\n").as_bytes());
}

/// Gives the result of a task; an error if nobody gets it.
pub(crate) fn give(text: impl Display) -> anyhow::Result<()> {
    let mut stdout = stdout();
    let written = stdout.write_all(format!("{text}\n").as_bytes()).and_then(|()| stdout.flush());
    written.context("cannot write the result to the standard output")
}
