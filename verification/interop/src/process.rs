//! A process in another language, and what it says.

use std::{
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, ChildStdout, Command, Stdio},
    sync::mpsc::{Receiver, RecvTimeoutError, channel},
    thread,
};

use crate::{ENDLESS, LONG, Result};

/// A process; it is killed when this is dropped.
pub(crate) struct Process {
    name: &'static str,
    child: Child,
    lines: Receiver<String>,
}

impl Process {
    /// Starts a program, and returns once it has said that it is ready.
    pub(crate) fn start(name: &'static str, program: &Path, arguments: &[&str]) -> Result<Self> {
        let mut process = Self::start_silent(name, program, arguments)?;
        process.hear("ready")?;
        Ok(process)
    }

    /// As [`start`](Self::start), of one that does not say so.
    pub(crate) fn start_silent(name: &'static str, program: &Path, arguments: &[&str]) -> Result<Self> {
        let mut child = Command::new(program)
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| format!("starting {}: {error}", program.display()))?;
        let output = child.stdout.take().ok_or("the output was asked for")?;
        Ok(Process { name, child, lines: lines_of(output) })
    }

    /// Returns the next line.
    pub(crate) fn line(&mut self) -> Result<String> {
        match self.lines.recv_timeout(LONG) {
            Ok(line) => Ok(line),
            Err(RecvTimeoutError::Timeout) => Err(format!("{} has said nothing for {LONG:?}", self.name).into()),
            Err(RecvTimeoutError::Disconnected) => {
                Err(format!("{} ended, and had more to say: {}", self.name, self.child.wait()?).into())
            }
        }
    }

    /// Returns the next line, which begins with `word`.
    pub(crate) fn hear(&mut self, word: &str) -> Result<String> {
        let line = self.line()?;
        if line.split(' ').next() == Some(word) {
            Ok(line)
        } else {
            Err(format!("{} said `{line}`, not `{word}`", self.name).into())
        }
    }

    /// Waits for its end, which must be a good one.
    pub(crate) fn end(mut self) -> Result<()> {
        // Its output ends first.
        while self.lines.recv_timeout(LONG).is_ok() {}
        let status = self.child.wait()?;
        if status.success() { Ok(()) } else { Err(format!("{} ended with {status}", self.name).into()) }
    }

    /// Kills it by SIGKILL, in the middle of whatever it does.
    pub(crate) fn kill(mut self) -> Result<()> {
        if let Some(status) = self.child.try_wait()? {
            return Err(format!("{} was to be killed, and had ended with {status}", self.name).into());
        }
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
    }

    /// What a reader says at its end: nothing that it received was broken, or came twice.
    pub(crate) fn report(&mut self) -> Result<Report> {
        let line = self.hear("received")?;
        let words: Vec<&str> = line.split(' ').collect();
        let number = |name: &str| -> Result<u64> {
            let at = words.iter().position(|word| *word == name).ok_or(format!("no {name} in `{line}`"))?;
            Ok(words.get(at + 1).ok_or(format!("nothing behind {name} in `{line}`"))?.parse()?)
        };
        let report = Report {
            received: number("received")?,
            lost: number("lost")?,
            sum: number("sum")?,
            broken: number("broken")?,
            back: number("back")?,
        };
        if report.broken != 0 || report.back != 0 {
            return Err(format!("{} received events that are broken, or not in order: {report:?}", self.name).into());
        }
        Ok(report)
    }

    /// Fails unless it says just that.
    pub(crate) fn reports_exactly(&mut self, expected: &Report) -> Result<()> {
        let report = self.report()?;
        if report == *expected {
            Ok(())
        } else {
            Err(format!("{} says {report:?}, not {expected:?}", self.name).into())
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn lines_of(output: ChildStdout) -> Receiver<String> {
    let (to, lines) = channel();
    thread::spawn(move || {
        for line in BufReader::new(output).lines().map_while(std::result::Result::ok) {
            if to.send(line).is_err() {
                return;
            }
        }
    });
    lines
}

/// What a reader received.
#[derive(Debug, PartialEq)]
pub(crate) struct Report {
    pub(crate) received: u64,
    pub(crate) lost: u64,
    /// The sum of the numbers.
    pub(crate) sum: u64,
    /// Events whose bytes do not follow from their number.
    pub(crate) broken: u64,
    /// Events whose number is not above that of the one before.
    pub(crate) back: u64,
}

impl Report {
    /// Fails unless the numbers are those from 0 up to some, and then `more` from [`ENDLESS`] on.
    pub(crate) fn is_without_gaps(&self, more: u64) -> Result<()> {
        let first = self.received.checked_sub(more).ok_or(format!("fewer than {more}: {self:?}"))?;
        let sum_to = |end: u64| u128::from(end) * u128::from(end.saturating_sub(1)) / 2;
        let sum = sum_to(first) + u128::from(more) * u128::from(ENDLESS) + sum_to(more);
        if first > 0 && sum == u128::from(self.sum) { Ok(()) } else { Err(format!("there is a gap: {self:?}").into()) }
    }
}
