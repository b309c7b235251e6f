//! The program itself, with other processes and with this one.

mod bad_files;
mod bench;
mod containers;
mod doctor;
mod export;
mod follow;
mod journal;
mod list;
mod mirror;
mod record;
mod remove;
mod stream;
mod terminal;

use std::{
    ffi::OsStr,
    fmt::Debug,
    io::Write,
    process::{Child, Command, ExitStatus, Output, Stdio},
    thread,
    time::{Duration, Instant},
};

use rusted_ring::{Bytes, Many};
use rusted_ring_shm::{Ring, RingFile};
use serde_json::Value;
use tempfile::TempDir;

type Events = Ring<Bytes<64>, Many>;

/// Longer than anything takes that does not hang.
const LONG: Duration = Duration::from_secs(20);

/// A directory for a test's rings.
struct Place(TempDir);

impl Place {
    fn new() -> Self {
        Place(tempfile::tempdir().unwrap())
    }

    fn path(&self, name: &str) -> String {
        self.0.path().join(name).to_str().unwrap().to_owned()
    }

    fn file(&self, name: &str) -> RingFile {
        RingFile::at(self.path(name))
    }

    fn create(&self, name: &str, capacity: usize) -> Events {
        self.file(name).create(capacity).unwrap()
    }
}

/// What a run of the program gave.
#[derive(Debug)]
struct Ended {
    code: i32,
    out: String,
    error: String,
}

impl Ended {
    fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    fn lines(&self) -> Vec<&str> {
        self.out.lines().collect()
    }
}

impl From<Output> for Ended {
    fn from(output: Output) -> Self {
        let text = |bytes| String::from_utf8(bytes).unwrap();
        let code = output.status.code().unwrap_or_else(|| panic!("it was ended by a signal: {:?}", output.status));
        Ended { code, out: text(output.stdout), error: text(output.stderr) }
    }
}

fn command<A: AsRef<OsStr>>(arguments: &[A]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_rring"));
    command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// Runs the program, with nothing to read.
fn rring<A: AsRef<OsStr> + Debug>(arguments: &[A]) -> Ended {
    rring_with(arguments, "")
}

/// Runs the program with `input`.
fn rring_with<A: AsRef<OsStr> + Debug>(arguments: &[A], input: &str) -> Ended {
    let mut running = Running::start(arguments);
    // Who refuses to begin does not read, and may have ended.
    let _ = running.child.stdin.take().unwrap().write_all(input.as_bytes());
    running.end()
}

/// The program, running; it is killed when this is dropped.
struct Running {
    child: Child,
}

impl Running {
    fn start<A: AsRef<OsStr> + Debug>(arguments: &[A]) -> Self {
        Running { child: command(arguments).spawn().unwrap() }
    }

    fn id(&self) -> u32 {
        self.child.id()
    }

    fn interrupt(&self) {
        let process = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(process, rustix::process::Signal::INT).unwrap();
    }

    /// Waits for its end, which must come.
    fn status(&mut self) -> ExitStatus {
        let begun = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status;
            }
            assert!(begun.elapsed() < LONG, "the program does not end");
            thread::sleep(Duration::from_millis(1));
        }
    }

    /// Waits for its end, and what it said: no more than a pipe holds.
    fn end(mut self) -> Ended {
        drop(self.child.stdin.take());
        let status = self.status();
        let read = |from: Option<&mut dyn std::io::Read>| {
            let mut bytes = Vec::new();
            if let Some(from) = from {
                from.read_to_end(&mut bytes).unwrap();
            }
            bytes
        };
        let stdout = read(self.child.stdout.as_mut().map(|pipe| pipe as _));
        let stderr = read(self.child.stderr.as_mut().map(|pipe| pipe as _));
        Ended::from(Output { status, stdout, stderr })
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Looks again and again until `is_so`.
fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !is_so() {
        assert!(begun.elapsed() < LONG, "{what}");
        thread::sleep(Duration::from_millis(2));
    }
}

#[test]
fn help_and_wrong_command_lines_say_what_to_type() {
    for command in
        ["ls", "stat", "tap", "pub", "rm", "hz", "export", "top", "doctor", "bench", "record", "replay", "compare"]
    {
        let help = rring(&[command, "--help"]);
        assert_eq!(help.code, 0, "{help:?}");
        assert!(help.out.contains("Usage: rring"), "{help:?}");
    }
    assert!(rring(&["--help"]).out.contains("Exit codes:"));
    let wrong = rring(&["pub", "x", "--create", "64"]);
    assert_eq!(wrong.code, 2);
    assert!(wrong.error.contains("64,1024"), "{wrong:?}");
    assert_eq!(rring(&["tap", "x", "--hex", "--json"]).code, 2);
    let top = rring(&["top"]);
    assert!(
        top.code == 1 && top.error.contains("standard output is none") && top.error.contains("rring ls"),
        "{top:?}"
    );
}
