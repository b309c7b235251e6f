//! The subcommand `rescue`.

use std::io::{IsTerminal, Write};
use std::path::PathBuf;

use crate::store::rescue::{Rescued, rescue};
use crate::terminal;

/// Copies every action that is whole, wherever it lies in the file, to a new store. The damaged store is only read and
/// stays as it is. Stop the whiteboard that uses it first.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  whiteboard rescue --data ./board --into ./rescued\n  whiteboard --data ./rescued")]
pub(crate) struct Args {
    /// Where the damaged store is
    #[arg(long, value_name = "DIR")]
    data: PathBuf,

    /// Where the new one goes: a directory that has no store; it is made if it is missing
    #[arg(long, value_name = "NEWDIR")]
    into: PathBuf,
}

impl Args {
    /// Copies, and says what was found.
    pub(crate) fn run(&self) -> anyhow::Result<()> {
        let Rescued { actions, boards, last } = rescue(&self.data, &self.into, progress)?;
        let missing = last - actions;
        terminal::out(format_args!(
            "rescued {actions} actions on {boards} boards; of the revisions up to {last}, {missing} are missing \
             (damaged, or dropped after a clear)\nopen them with: whiteboard --data {}",
            self.into.display()
        ));
        Ok(())
    }
}

/// One line that grows, for who watches.
fn progress(done: u64, all: u64) {
    let mut stderr = std::io::stderr();
    if stderr.is_terminal() {
        let end = if done == all { "\n" } else { "" };
        // Whoever closed it does not want to know.
        let _ = write!(stderr, "\rlooked at {} of {} MiB{end}", done >> 20, all >> 20);
    }
}
