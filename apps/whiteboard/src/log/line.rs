//! How an event becomes a line of text, and how any line comes to stderr.

use std::fmt;
use std::io;

use tracing::{Event, Level, Subscriber};
use tracing_subscriber::fmt::format::{self, FormatEvent, FormatFields};
use tracing_subscriber::fmt::time::FormatTime;
use tracing_subscriber::fmt::{FmtContext, format::Writer as Formatted};
use tracing_subscriber::registry::LookupSpan;

use crate::clock;
use crate::terminal;

/// The time of day, in UTC.
pub(super) struct Clock;

impl FormatTime for Clock {
    fn format_time(&self, to: &mut format::Writer<'_>) -> fmt::Result {
        to.write_str(&clock::time_of_day())
    }
}

/// `TIME whiteboard: warning: what it is`; what only informs has no word before it.
pub(super) struct Text;

impl<S, N> FormatEvent<S, N> for Text
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(&self, context: &FmtContext<'_, S, N>, mut to: Formatted<'_>, event: &Event<'_>) -> fmt::Result {
        let word = match *event.metadata().level() {
            Level::ERROR => "error: ",
            Level::WARN => "warning: ",
            Level::INFO => "",
            Level::DEBUG => "debug: ",
            Level::TRACE => "trace: ",
        };
        write!(to, "{} whiteboard: {word}", clock::time_of_day())?;
        context.format_fields(to.by_ref(), event)
    }
}

/// Shows each line on stderr: without secrets, and without what acts on a terminal. Both leave JSON what it is.
#[derive(Debug)]
pub(super) struct Lines;

impl io::Write for Lines {
    /// Takes a whole line: that is how it is called.
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        terminal::err(String::from_utf8_lossy(line).trim_end());
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
