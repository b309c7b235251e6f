//! The state of the working tree, as git sees it.

use anyhow::Context;
use ordering_mutants::process::capture;
use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

/// Every file that differs from the last commit or is not tracked, with its status; ignored files aside.
#[derive(Debug)]
pub(crate) struct Status(BTreeSet<String>);

impl Status {
    pub(crate) fn of(root: &Path) -> anyhow::Result<Self> {
        let mut git = Command::new("git");
        git.args(["status", "--porcelain=v1", "--untracked-files=all"]).current_dir(root);
        let deadline = Instant::now() + Duration::from_secs(30);
        let status = capture(&mut git, deadline)
            .context("git status failed; this stage needs git, and a clone rather than an archive")?;
        Ok(Self::parse(&status))
    }

    fn parse(status: &str) -> Self {
        Self(status.lines().map(str::to_owned).collect())
    }

    /// The lines of `git status` that are here and were not in `before`.
    pub(crate) fn since<'a>(&'a self, before: &'a Self) -> Vec<&'a str> {
        self.0.difference(&before.0).map(String::as_str).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_lay_there_before_is_not_reported() {
        let before = Status::parse("?? mine.txt\n M changed.rs\n");
        let after = Status::parse("?? mine.txt\n M changed.rs\n?? left-behind.log\n D gone.rs\n");
        assert_eq!(after.since(&before), [" D gone.rs", "?? left-behind.log"]);
        assert!(before.since(&before).is_empty());
    }
}
