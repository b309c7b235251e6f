//! The subcommand `rescue`.

use std::io::{IsTerminal, Write};
use std::path::PathBuf;

use crate::store::rescue::{Rescued, remedy, rescue};
use crate::store::{key, mark};
use crate::terminal;

/// Copies every action that is whole, and proved by the store's key, wherever it lies in the file, to a new store. The damaged store is only read and
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
        let rescued = rescue(&self.data, &self.into, progress)?;
        terminal::out(self.report(&rescued))
    }

    fn report(&self, rescued: &Rescued) -> String {
        let Rescued { actions, boards, last, acknowledged, .. } = rescued;
        let Rescued { is_proved, disputed: (disputed, first), unproved, undone, .. } = rescued;
        let known = acknowledged.unwrap_or(0).max(*last);
        let missing = known.saturating_sub(*actions);
        let mut report = format!(
            "rescued {} on {}; missing of the revisions up to {known}: {missing} (damaged, or dropped)\n",
            terminal::count(*actions, "action"),
            terminal::count(*boards, "board")
        );
        if acknowledged.is_none() {
            report += &format!(
                "note: nothing tells how far the store had come, for there is no {} that belongs to it: whether there were \
                 actions after revision {last} is not known\n",
                mark::file_in(&self.data).display()
            );
        }
        if !is_proved {
            report += &format!(
                "warning: there is no {}, as stores of earlier versions have none: nothing proves that these actions were \
                 made by their authors, and not forged as a part of something drawn\n",
                key::file_in(&self.data).display()
            );
        }
        if *disputed > 0 {
            let first: Vec<String> = first.iter().map(u64::to_string).collect();
            let more = if *disputed > first.len() as u64 { ", ..." } else { "" };
            report += &format!(
                "warning: of {disputed} revisions there are several actions that differ, and none of them was taken: \
                 {}{more}\n",
                first.join(", ")
            );
        }
        if *undone > 0 {
            report += &format!(
                "note: of {undone} clears it is not known any more whether they had been undone: they are, and what they hid \
                 is seen; clear a board again that is to be clear\n"
            );
        }
        if *unproved > 0 {
            report += &format!("note: {unproved} records were left out: {}\n", remedy(&self.data));
        }
        report + &format!("open them with: whiteboard --data {}", terminal::line(&self.into.display().to_string()))
    }
}

/// One line that grows, for people who watch.
fn progress(done: u64, all: u64) {
    let mut stderr = std::io::stderr();
    if stderr.is_terminal() {
        let end = if done == all { "\n" } else { "" };
        // A reader who closed it does not want to know.
        let _ = write!(stderr, "\rlooked at {} of {} MiB{end}", done >> 20, all >> 20);
    }
}
