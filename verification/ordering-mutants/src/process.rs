//! Commands that cannot outlive their deadline.
//!
//! A command leads a process group of its own. At the deadline, or when the run is interrupted, the
//! whole group is told to end (SIGTERM) and, a grace later, is killed (SIGKILL).

use crate::interrupt;
use anyhow::bail;
use rustix::io::Errno;
use rustix::process::{Pid, Signal, kill_process_group};
use std::fmt;
use std::io::{self, Read};
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

const POLL: Duration = Duration::from_millis(20);
const GRACE: Duration = Duration::from_secs(1);

/// Runs `command` to its end. Only exit status 0 before `deadline` is `Ok`.
///
/// # Errors
///
/// If it is not started, fails, is not done in time, or this process is interrupted.
pub fn run(command: &mut Command, deadline: Instant) -> Result<(), RunError> {
    run_unless(command, deadline, || false)
}

/// Like [`run`], and ends the command as well once `stopped` says so.
///
/// # Errors
///
/// As [`run`], and [`RunError::Stopped`].
pub fn run_unless(command: &mut Command, deadline: Instant, stopped: impl Fn() -> bool) -> Result<(), RunError> {
    let started = Instant::now();
    let mut child = spawn(command)?;
    loop {
        match child.try_wait().map_err(RunError::Waiting)? {
            Some(status) if status.success() => return Ok(()),
            Some(status) => return Err(RunError::Failed(status)),
            None if interrupt::seen() => {
                end_group(&mut child).map_err(RunError::Waiting)?;
                return Err(RunError::Interrupted);
            }
            None if stopped() => {
                end_group(&mut child).map_err(RunError::Waiting)?;
                return Err(RunError::Stopped);
            }
            None if Instant::now() >= deadline => {
                end_group(&mut child).map_err(RunError::Waiting)?;
                return Err(RunError::TimedOut(started.elapsed()));
            }
            None => thread::sleep(POLL),
        }
    }
}

/// Runs `command` to a successful end before `deadline`, and returns its standard output.
///
/// # Errors
///
/// As [`run`], and if what it wrote is not UTF-8.
pub fn capture(command: &mut Command, deadline: Instant) -> anyhow::Result<String> {
    let (mut reader, writer) = io::pipe()?;
    command.stdout(writer);
    thread::scope(|scope| {
        let said = scope.spawn(move || {
            let mut said = String::new();
            reader.read_to_string(&mut said).map(|_| said)
        });
        let result = run(command, deadline);
        // The reader ends when the last writing end does, and the command still holds one.
        command.stdout(Stdio::null());
        let said = said.join().expect("reading a pipe does not panic")?;
        result?;
        Ok(said)
    })
}

/// Runs `command`, which must fail before `deadline`, and returns what it wrote to its standard error.
///
/// # Errors
///
/// If it ends well, or does not fail by itself in time.
pub fn report(command: &mut Command, deadline: Instant) -> anyhow::Result<String> {
    let (mut reader, writer) = io::pipe()?;
    command.stderr(writer);
    thread::scope(|scope| {
        let said = scope.spawn(move || {
            let mut said = Vec::new();
            reader.read_to_end(&mut said).map(|_| String::from_utf8_lossy(&said).into_owned())
        });
        let result = run(command, deadline);
        // As in `capture`.
        command.stderr(Stdio::null());
        let said = said.join().expect("reading a pipe does not panic")?;
        match result {
            Ok(()) => bail!("it had to fail, and ended well"),
            Err(RunError::Failed(_)) => Ok(said),
            Err(error) => Err(error.into()),
        }
    })
}

fn spawn(command: &mut Command) -> Result<Child, RunError> {
    // A group in the terminal's background would be stopped when it asks the terminal.
    command.stdin(Stdio::null()).process_group(0).spawn().map_err(|source| RunError::NotStarted {
        program: command.get_program().to_string_lossy().into_owned(),
        source,
    })
}

/// Ends the group that `child` leads. The child is reaped only after the last signal: until then
/// its process id, and with it the group's, cannot be given to a stranger.
fn end_group(child: &mut Child) -> io::Result<()> {
    let group = Pid::from_child(child);
    signal(group, Signal::TERM)?;
    thread::sleep(GRACE);
    signal(group, Signal::KILL)?;
    child.wait().map(drop)
}

fn signal(group: Pid, signal: Signal) -> io::Result<()> {
    match kill_process_group(group, signal) {
        Ok(()) | Err(Errno::SRCH) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// Why [`run`] or [`run_unless`] did not see a success.
#[derive(Debug)]
pub enum RunError {
    /// The program could not be started.
    NotStarted {
        /// The program, as it was given.
        program: String,
        /// Why.
        source: io::Error,
    },
    /// It was started, and could not be waited for.
    Waiting(io::Error),
    /// It ended before its deadline, and not well.
    Failed(ExitStatus),
    /// It was ended at its deadline, after this time.
    TimedOut(Duration),
    /// It was ended because this process was told to end.
    Interrupted,
    /// The caller no longer wanted it.
    Stopped,
}

impl fmt::Display for RunError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            RunError::NotStarted { program, source } => {
                write!(f, "`{program}` could not be started: {source}")
            }
            RunError::Waiting(source) => write!(f, "could not wait for the command: {source}"),
            RunError::Failed(status) => write!(f, "the command failed ({status})"),
            RunError::TimedOut(after) => write!(
                f,
                "timed out: the command was killed after {:.0} s, with all it had started",
                after.as_secs_f64()
            ),
            RunError::Interrupted => write!(f, "interrupted"),
            RunError::Stopped => write!(f, "stopped: its result was no longer wanted"),
        }
    }
}

impl std::error::Error for RunError {}

#[cfg(test)]
mod tests {
    use super::*;

    fn soon() -> Instant {
        Instant::now() + Duration::from_millis(300)
    }

    fn shell(script: &str) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        command
    }

    fn in_a_minute() -> Instant {
        Instant::now() + Duration::from_secs(60)
    }

    #[test]
    fn success_and_failure_are_told_apart() {
        assert!(run(&mut shell("exit 0"), in_a_minute()).is_ok());
        match run(&mut shell("exit 3"), in_a_minute()) {
            Err(RunError::Failed(status)) => assert_eq!(status.code(), Some(3)),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_missing_program_is_named() {
        let error = run(&mut Command::new("no-such-program-here"), in_a_minute()).unwrap_err();
        assert!(error.to_string().contains("`no-such-program-here`"), "{error}");
    }

    #[test]
    fn capture_returns_the_output_or_the_failure() {
        let deadline = in_a_minute();
        assert_eq!(capture(Command::new("echo").arg("hello"), deadline).unwrap(), "hello\n");
        assert!(capture(&mut Command::new("false"), deadline).is_err());
    }

    #[test]
    fn a_report_is_what_a_failing_command_says() {
        let deadline = in_a_minute();
        let mut shell = Command::new("sh");
        shell.args(["-c", "echo no; echo caught >&2; exit 66"]).stdout(Stdio::null());
        assert_eq!(report(&mut shell, deadline).unwrap(), "caught\n");
        let error = report(&mut Command::new("true"), deadline).unwrap_err();
        assert!(error.to_string().contains("ended well"), "{error}");
    }

    #[test]
    fn what_is_no_longer_wanted_is_ended() {
        let started = Instant::now();
        let result = run_unless(&mut shell("sleep 60"), in_a_minute(), || true);
        assert!(matches!(result, Err(RunError::Stopped)), "{result:?}");
        assert!(started.elapsed() < Duration::from_secs(30), "{:?}", started.elapsed());
    }

    /// The grandchild holds the pipe's writing end, so the pipe ends only when the grandchild has.
    fn times_out_and_closes_its_pipe(script: &str) {
        let (mut reader, writer) = io::pipe().unwrap();
        let started = Instant::now();
        let mut command = shell(script);
        command.stdout(writer);
        let result = run(&mut command, soon());
        drop(command);
        assert!(matches!(result, Err(RunError::TimedOut(_))), "{result:?}");
        let mut said = String::new();
        reader.read_to_string(&mut said).unwrap();
        assert_eq!(said, "started\n");
        assert!(started.elapsed() < Duration::from_secs(30), "{:?}", started.elapsed());
    }

    #[test]
    fn the_deadline_ends_the_whole_group() {
        times_out_and_closes_its_pipe("sleep 60 & echo started; wait");
    }

    #[test]
    fn the_deadline_ends_a_group_that_ignores_the_polite_signal() {
        times_out_and_closes_its_pipe("trap '' TERM; sleep 60 & echo started; wait; wait");
    }
}
