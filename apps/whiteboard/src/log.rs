//! What a server that runs says of itself: lines on stderr, each with its time.

use std::fmt::Display;

use crate::clock;

/// Says this in one line.
pub(crate) fn say(text: impl Display) {
    eprintln!("{} whiteboard: {text}", clock::time_of_day());
}
