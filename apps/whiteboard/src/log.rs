//! The log of a running server: lines on stderr, each with its time.

use std::fmt::Display;

use crate::clock;
use crate::terminal;

/// Says this in one line.
pub(crate) fn say(text: impl Display) {
    terminal::err(format_args!("{} whiteboard: {text}", clock::time_of_day()));
}
