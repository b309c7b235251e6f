//! Whether there is a journal, and how long it keeps things.

use std::time::Duration;

use clap::builder::FalseyValueParser;

use crate::number::seconds;
use crate::size::Size;

/// The options of the journal.
#[derive(Clone, Debug, clap::Args)]
#[group(skip)]
pub(crate) struct Options {
    /// Keeps a journal beside the store: the history that the page shows, with times and names, and what a server that is killed
    /// had taken and not stored yet, which the next start stores
    #[arg(long = "journal", env = "WHITEBOARD_JOURNAL", value_parser = FalseyValueParser::new())]
    pub(super) is_kept: bool,

    /// What the journal may take; beyond it the oldest part goes, a sixteenth at a time. It does not count for --max-store
    #[arg(
        long = "max-journal",
        env = "WHITEBOARD_MAX_JOURNAL",
        value_name = "SIZE",
        default_value = "256MiB",
        value_parser = max,
        allow_hyphen_values = true
    )]
    max: Size,

    /// How long the journal keeps what was drawn, also what was cleared since; 30 days
    #[arg(
        long = "keep-journal",
        env = "WHITEBOARD_KEEP_JOURNAL",
        value_name = "SECONDS",
        default_value_t = 2_592_000,
        value_parser = seconds,
        allow_hyphen_values = true
    )]
    keep: u64,
}

impl Options {
    /// The most bytes.
    pub(super) fn max(&self) -> u64 {
        self.max.0
    }

    /// The longest time.
    pub(super) fn keep(&self) -> Duration {
        Duration::from_secs(self.keep)
    }

    #[cfg(test)]
    pub(super) fn kept() -> Self {
        Options { is_kept: true, max: Size(64 << 20), keep: 3600 }
    }

    #[cfg(test)]
    pub(super) fn kept_small() -> Self {
        Options { max: Size(1 << 20), ..Self::kept() }
    }
}

/// Refuses less, because a part would hold hardly anything.
fn max(text: &str) -> Result<Size, String> {
    Size::at_least(1 << 20, text)
}
