//! Lines of an input, one after the other, read no further than the longest may be, and only until the program is asked to stop.

use std::{io, os::fd::AsFd, time::Duration};

use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    io::{Errno, read},
};

use crate::stop::Stop;

/// How long it is at most from being asked to stop to the end.
const STEP: Duration = Duration::from_millis(50);
/// Bytes that are read at a time.
const PIECE: usize = 1 << 16;

/// What comes next.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Next<'a> {
    /// A line, without its end.
    Line(&'a [u8]),
    /// A line that is longer than it may be. What is behind its first bytes was not read.
    TooLong,
    /// The end of the input.
    End,
    /// The program was asked to stop, and so many bytes of a line had come whose end had not.
    Stopped(usize),
}

/// An input, in lines.
#[derive(Debug)]
pub(crate) struct Lines<'a, F> {
    input: F,
    stop: &'a Stop,
    longest: usize,
    /// What was read, and not returned from `begin` on.
    bytes: Vec<u8>,
    begin: usize,
    has_ended: bool,
}

impl<'a, F: AsFd> Lines<'a, F> {
    /// The lines of `input`, of at most `longest` bytes each.
    pub(crate) fn of(input: F, longest: usize, stop: &'a Stop) -> Self {
        Lines { input, stop, longest, bytes: Vec::new(), begin: 0, has_ended: false }
    }

    pub(crate) fn next(&mut self) -> io::Result<Next<'_>> {
        loop {
            if self.stop.is_asked() {
                return Ok(Next::Stopped(self.bytes.len() - self.begin));
            }
            let rest = &self.bytes[self.begin..];
            let end = rest.iter().take(self.longest + 1).position(|byte| *byte == b'\n');
            if end.is_none() && rest.len() > self.longest {
                return Ok(Next::TooLong);
            }
            let begin = self.begin;
            if let Some(len) = end {
                self.begin += len + 1;
                return Ok(Next::Line(&self.bytes[begin..begin + len]));
            }
            if self.has_ended {
                self.begin = self.bytes.len();
                let line = &self.bytes[begin..];
                return Ok(if line.is_empty() { Next::End } else { Next::Line(line) });
            }
            self.read()?;
        }
    }

    /// Reads what is there, or waits a moment for it.
    fn read(&mut self) -> io::Result<()> {
        self.bytes.drain(..self.begin);
        self.begin = 0;
        let step = Timespec::try_from(STEP).ok();
        match poll(&mut [PollFd::new(&self.input, PollFlags::IN)], step.as_ref()) {
            Ok(0) | Err(Errno::INTR) => return Ok(()),
            outcome => drop(outcome?),
        }
        let len = self.bytes.len();
        self.bytes.resize(len + PIECE, 0);
        let outcome = read(&self.input, &mut self.bytes[len..]);
        self.bytes.truncate(len + outcome.unwrap_or(0));
        match outcome {
            Ok(0) => self.has_ended = true,
            Ok(_) | Err(Errno::INTR | Errno::AGAIN) => {}
            Err(error) => return Err(error.into()),
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Seek, Write};

    use super::*;

    #[test]
    fn lines_are_cut_where_they_end_and_none_is_longer_than_it_may_be() {
        let stop = Stop::never();
        for (text, longest, expected) in [
            ("", 3, vec![]),
            ("a\n\nabc", 3, vec![Some("a"), Some(""), Some("abc")]),
            ("abc\nb\n", 3, vec![Some("abc"), Some("b")]),
            ("a\nabcd\nb\n", 3, vec![Some("a"), None]),
            ("abcd", 3, vec![None]),
        ] {
            let mut file = tempfile::tempfile().unwrap();
            file.write_all(text.as_bytes()).unwrap();
            file.rewind().unwrap();
            let mut lines = Lines::of(file, longest, &stop);
            let mut found = Vec::new();
            loop {
                match lines.next().unwrap() {
                    Next::Line(line) => found.push(Some(String::from_utf8(line.to_vec()).unwrap())),
                    Next::TooLong => break found.push(None),
                    Next::End => break,
                    Next::Stopped(_) => panic!("nobody asked"),
                }
            }
            assert_eq!(found.iter().map(Option::as_deref).collect::<Vec<_>>(), expected, "{text:?}");
        }
    }
}
