//! Rings between processes that are killed, stopped, or write what they like.
//!
//! The other process of a test is this same program, asked for the test `child` and told what to be by its environment. It ends by itself
//! in time, whatever becomes of the test that started it.

mod child;
mod crash;
mod sets;
mod statics;
mod stream;

use std::{
    io::{BufRead, BufReader},
    path::Path,
    process::{self, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use rusted_ring::{Bytes, Many, Sole};
use rusted_ring_shm::{LatestFile, PoolFiles, Ring, RingFile};

type ManyRing = Ring<Bytes<64>, Many>;
type SoleRing = Ring<Bytes<64>, Sole>;

/// Longer than anything takes that does not hang.
const LONG: Duration = Duration::from_secs(20);

const ROLE: &str = "RUSTED_RING_SHM_ROLE";
const PATH: &str = "RUSTED_RING_SHM_PATH";

/// A directory of its own for a test's rings, which goes with it.
struct Place(tempfile::TempDir);

impl Place {
    fn new() -> Self {
        Place(tempfile::tempdir().unwrap())
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn file(&self) -> RingFile {
        RingFile::at(self.0.path().join("ring"))
    }

    fn cells(&self) -> LatestFile {
        LatestFile::at(self.file().path())
    }

    fn pools(&self) -> PoolFiles {
        PoolFiles::at(self.file().path())
    }

    /// Starts a process that is `role`, and has come to where it says so.
    fn start(&self, role: &str) -> Child {
        self.start_by(Command::new(std::env::current_exe().unwrap()), role)
    }

    /// As [`start`](Self::start), by a command that ends in this program.
    fn start_by(&self, mut command: Command, role: &str) -> Child {
        command.args(["--exact", "child::child", "--ignored", "--nocapture", "--test-threads=1"]);
        command.env(ROLE, role).env(PATH, self.file().path());
        let mut process = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let output = BufReader::new(process.stdout.take().unwrap());
        let mut child = Child { process, output, said: String::new() };
        child.said = child.hear("ready");
        child
    }
}

/// Another process; it is killed when this is dropped.
struct Child {
    process: process::Child,
    output: BufReader<process::ChildStdout>,
    /// What it said once it was ready.
    said: String,
}

impl Child {
    fn id(&self) -> u32 {
        self.process.id()
    }

    /// Waits until the process says `word`; what it says behind that.
    fn hear(&mut self, word: &str) -> String {
        let mut line = String::new();
        loop {
            line.clear();
            assert!(self.output.read_line(&mut line).unwrap() > 0, "the process ended before it said `{word}`");
            // What the test program prints stands before it, in the same line.
            if let Some((_, rest)) = line.split_once(&format!("<{word}>")) {
                return rest.trim().to_owned();
            }
        }
    }

    fn kill(mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }

    fn signal(&self, signal: rustix::process::Signal) {
        let process = rustix::process::Pid::from_child(&self.process);
        rustix::process::kill_process(process, signal).unwrap();
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Looks again and again until `is_so`.
fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !is_so() {
        assert!(begun.elapsed() < LONG, "{what}");
        thread::sleep(Duration::from_millis(1));
    }
}
