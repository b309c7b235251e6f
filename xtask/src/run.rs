//! A stage's context: the workspace, the options, and commands bound to the stage's deadline.

use crate::tree::Status;
use crate::workspace::Workspace;
use anyhow::Context;
use ordering_mutants::process::{self, capture};
use std::ffi::OsStr;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

/// One stage's run.
pub(crate) struct Run<'a> {
    pub(crate) workspace: &'a Workspace,
    /// The long form was asked for.
    pub(crate) deep: bool,
    /// Missing Debian packages may be installed.
    pub(crate) install: bool,
    /// The working tree before the first stage; an error when git could not tell.
    pub(crate) tree_at_start: &'a anyhow::Result<Status>,
    /// When the stage's commands are killed.
    pub(crate) deadline: Instant,
}

impl Run<'_> {
    /// Runs cargo in the workspace's root, its output shown.
    pub(crate) fn cargo(&self, arguments: &[&str]) -> anyhow::Result<()> {
        self.show(self.command("cargo").args(arguments))
    }

    /// A command that starts in the workspace's root. Under `--deep` its environment has
    /// `RUSTED_RING_DEEP=1`, which makes the tests take their long form.
    pub(crate) fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(program);
        command.current_dir(&self.workspace.root);
        if self.deep {
            command.env("RUSTED_RING_DEEP", "1");
        }
        command
    }

    /// Prints `command`, and runs it to a successful end before the stage's deadline.
    pub(crate) fn show(&self, command: &mut Command) -> anyhow::Result<()> {
        self.show_until(command, self.deadline)
    }

    /// Like [`show`](Self::show), with a limit for this command alone.
    pub(crate) fn show_within(&self, command: &mut Command, limit: Duration) -> anyhow::Result<()> {
        self.show_until(command, self.deadline.min(Instant::now() + limit))
    }

    fn show_until(&self, command: &mut Command, deadline: Instant) -> anyhow::Result<()> {
        println!("$ {}", self.as_typed(command));
        process::run(command, deadline).with_context(|| self.as_typed(command))
    }

    /// Runs `command` to a successful end, and returns what it wrote to its standard output.
    pub(crate) fn read(&self, command: &mut Command) -> anyhow::Result<String> {
        capture(command, self.deadline).with_context(|| self.as_typed(command))
    }

    /// The command as one would type it in the workspace's root.
    pub(crate) fn as_typed(&self, command: &Command) -> String {
        let root = format!("{}/", self.workspace.root.display());
        let mut words = Vec::new();
        match command.get_current_dir().map(|dir| dir.strip_prefix(&self.workspace.root)) {
            Some(Ok(dir)) if dir != Path::new("") => words.push(format!("cd {} &&", dir.display())),
            _ => {}
        }
        for (name, value) in command.get_envs() {
            let value = value.unwrap_or_default().to_string_lossy();
            words.push(format!("{}={}", name.to_string_lossy(), quoted(&value)));
        }
        for word in std::iter::once(command.get_program()).chain(command.get_args()) {
            words.push(quoted(&word.to_string_lossy().replace(&root, "")));
        }
        words.join(" ")
    }
}

fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_=./:,@+".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_quoted_for_the_shell_when_they_need_it() {
        assert_eq!(quoted("--cfg=loom"), "--cfg=loom");
        assert_eq!(quoted("--cfg loom"), "'--cfg loom'");
        assert_eq!(quoted("stress*"), "'stress*'");
        assert_eq!(quoted(""), "''");
    }
}
