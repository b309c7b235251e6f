//! The two machines, their programs, and the link between them.

use std::{
    fs::File,
    io::{BufRead, BufReader, Read, Write},
    ops::Range,
    path::{Path, PathBuf},
    process::{Child, ChildStdin, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use rusted_ring_shm::{Identity, RingFile};
use serde_json::Value;

/// How long anything may take, on a machine that has other things to do.
const PATIENCE: Duration = Duration::from_secs(60);
const PORT: u16 = 7447;
/// Where the source is, and its mirrors are.
const HERE: &str = "10.77.0.1";
const THERE: &str = "10.77.0.2";

/// Waits for what is to happen.
pub(crate) fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !is_so() {
        assert!(begun.elapsed() < PATIENCE, "not within {PATIENCE:?}: {what}");
        thread::sleep(Duration::from_millis(10));
    }
}

fn ip(arguments: &str) {
    let run = Command::new("ip").args(arguments.split_whitespace()).output();
    let output = run.unwrap_or_else(|error| panic!("`ip` cannot be executed ({error}): install Debian's iproute2"));
    assert!(
        output.status.success(),
        "`ip {arguments}` failed, and without network namespaces there are no two machines: run this as the superuser, on a kernel that has them. It said: {}",
        String::from_utf8_lossy(&output.stderr)
    );
}

/// Two network namespaces with a link between them, which go with the test; or neither, and both are this machine.
pub(crate) struct Machines {
    here: Option<String>,
    there: Option<String>,
    pub(crate) place: tempfile::TempDir,
}

impl Machines {
    pub(crate) fn new(name: &str) -> Self {
        let process = std::process::id();
        let place = tempfile::tempdir().unwrap();
        let (here, there) = (format!("rr{process}{name}a"), format!("rr{process}{name}b"));
        let machines = Machines { here: Some(here.clone()), there: Some(there.clone()), place };
        ip(&format!("netns add {here}"));
        ip(&format!("netns add {there}"));
        ip(&format!("-n {here} link add name link type veth peer name link netns {there}"));
        for (machine, address) in [(&here, HERE), (&there, THERE)] {
            ip(&format!("-n {machine} address add {address}/24 dev link"));
            ip(&format!("-n {machine} link set lo up"));
            ip(&format!("-n {machine} link set dev link up"));
        }
        machines
    }

    /// This machine alone.
    pub(crate) fn on_one() -> Self {
        Machines { here: None, there: None, place: tempfile::tempdir().unwrap() }
    }

    /// The link carries nothing from now on.
    pub(crate) fn cut(&self) {
        self.set_link("down");
    }

    pub(crate) fn mend(&self) {
        self.set_link("up");
    }

    fn set_link(&self, state: &str) {
        ip(&format!("-n {} link set dev link {state}", self.there.as_deref().unwrap()));
    }

    /// The link, at the source's end, is limited by this discipline of `tc`.
    pub(crate) fn limit(&self, discipline: &str) {
        ip(&format!("netns exec {} tc qdisc add dev link root {discipline}", self.here.as_deref().unwrap()));
    }

    pub(crate) fn source_path(&self) -> PathBuf {
        self.place.path().join("source")
    }

    fn mirror_path(&self, name: &str) -> PathBuf {
        self.place.path().join(name)
    }

    /// A program in one of the namespaces.
    fn command(machine: &Option<String>, program: &Path) -> Command {
        let mut command = match machine {
            None => Command::new(program),
            Some(machine) => {
                let mut ip = Command::new("ip");
                ip.args(["netns", "exec", machine]).arg(program);
                ip
            }
        };
        command.stdin(Stdio::null());
        command
    }

    fn rring() -> PathBuf {
        let path = std::env::var_os("RRING");
        path.expect(
            "RRING is the path of `rring`, which is built beforehand: `cargo xtask test --only machines` does that",
        )
        .into()
    }

    fn mirror_program() -> PathBuf {
        env!("CARGO_BIN_EXE_rring-mirror").into()
    }

    /// `rring pub`, to a ring of so many slots of 64 bytes.
    pub(crate) fn publisher(&self, capacity: usize) -> Publisher {
        self.publisher_of("64", capacity)
    }

    pub(crate) fn publisher_of(&self, slot: &str, capacity: usize) -> Publisher {
        let mut command = Self::command(&self.here, &Self::rring());
        command.arg("pub").arg(self.source_path()).args(["--timeout", "30", "--create", &format!("{slot},{capacity}")]);
        let mut child = command.stdin(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let lines = child.stdin.take();
        let file = RingFile::at(self.source_path());
        until("the ring is there", || file.properties().is_ok());
        Publisher { child, lines, file, padding: String::new() }
    }

    /// `rring-mirror serve`.
    pub(crate) fn serve(&self, arguments: &[&str]) -> Program {
        self.serve_at(&format!("tcp/{HERE}:{PORT}"), arguments)
    }

    pub(crate) fn serve_at(&self, endpoint: &str, arguments: &[&str]) -> Program {
        let mut command = Self::command(&self.here, &Self::mirror_program());
        command.arg("serve").arg(self.source_path()).args(["--listen", endpoint]).args(arguments);
        Program::start(command, self.place.path())
    }

    /// `rring mirror follow`, from the oldest on.
    pub(crate) fn follow(&self, arguments: &[&str]) -> Program {
        self.follow_at("mirror", arguments)
    }

    pub(crate) fn follow_at(&self, name: &str, arguments: &[&str]) -> Program {
        self.follow_from(&format!("tcp/{HERE}:{PORT}"), name, arguments)
    }

    pub(crate) fn follow_from(&self, endpoint: &str, name: &str, arguments: &[&str]) -> Program {
        self.start_mirror(endpoint, name, &[&["--from", "oldest"], arguments].concat())
    }

    pub(crate) fn follow_newest(&self) -> Program {
        self.start_mirror(&format!("tcp/{HERE}:{PORT}"), "mirror", &[])
    }

    fn start_mirror(&self, endpoint: &str, name: &str, arguments: &[&str]) -> Program {
        let mut command = Self::command(&self.there, &Self::mirror_program());
        command.args(["follow", "source", "--connect", endpoint, "--ring"]);
        command.arg(self.mirror_path(name)).args(arguments);
        Program::start(command, self.place.path())
    }

    /// `rring tap --follow` on the mirror.
    pub(crate) fn tap(&self) -> Tap {
        let mut command = Self::command(&self.there, &Self::rring());
        command.arg("tap").arg(self.mirror_path("mirror")).args(["--follow", "--from", "oldest"]);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut out = child.stdout.take().unwrap();
        let lines = thread::spawn(move || {
            let mut lines = String::new();
            out.read_to_string(&mut lines).unwrap();
            lines
        });
        Tap { child, lines: Some(lines) }
    }

    /// What `rring tap` prints of the mirror.
    pub(crate) fn read_mirror(&self) -> String {
        let output = Self::command(&self.there, &Self::rring()).arg("tap").arg(self.mirror_path("mirror")).output();
        String::from_utf8(output.unwrap().stdout).unwrap()
    }

    /// The sequence that the mirror has come to; 0, while it is not there.
    pub(crate) fn mirrored(&self) -> u64 {
        self.mirrored_at("mirror")
    }

    pub(crate) fn mirrored_at(&self, name: &str) -> u64 {
        RingFile::at(self.mirror_path(name)).observe_any().map_or(0, |observer| observer.claimed().get())
    }

    pub(crate) fn until_mirrored(&self, next: u64) {
        self.until_mirrored_at("mirror", next);
    }

    pub(crate) fn until_mirrored_at(&self, name: &str, next: u64) {
        until(&format!("{name} has all before {next}"), || self.mirrored_at(name) == next);
    }

    pub(crate) fn identity(&self) -> Option<Identity> {
        RingFile::at(self.mirror_path("mirror")).properties().ok().map(|properties| properties.identity)
    }

    /// What the frames of the source's ring have as their type.
    pub(crate) fn fingerprint(&self) -> u64 {
        rusted_ring_gateway::fingerprint::of_bytes(64)
    }

    /// A ring of 64 bytes where the mirror is to be.
    pub(crate) fn make_mirror_of_another_type(&self) {
        let source = Identity { id: 7, epoch: 7 };
        RingFile::at(self.mirror_path("mirror")).create_mirror::<rusted_ring::Bytes<64>>(source, 64, 0.into()).unwrap();
    }
}

impl Drop for Machines {
    fn drop(&mut self) {
        // The programs in them have ended, or end now: they hold what they still use.
        for machine in [&self.here, &self.there].into_iter().flatten() {
            let _ = Command::new("ip").args(["netns", "del", machine]).output();
        }
    }
}

/// `rring pub`, and its standard input.
pub(crate) struct Publisher {
    child: Child,
    lines: Option<ChildStdin>,
    file: RingFile,
    padding: String,
}

impl Publisher {
    /// Its events are longer by so many bytes.
    pub(crate) fn padded(mut self, bytes: usize) -> Self {
        self.padding = " ".repeat(bytes);
        self
    }

    /// Publishes these numbers, which are their own sequences, as lines. Returns once they are on the ring.
    pub(crate) fn publish(&mut self, numbers: Range<u64>) {
        let lines: String = numbers.clone().map(|number| format!("event {number}{}\n", self.padding)).collect();
        self.lines.as_mut().unwrap().write_all(lines.as_bytes()).unwrap();
        until("they are published", || self.file.observe_any().is_ok_and(|ring| ring.claimed().get() == numbers.end));
    }

    pub(crate) fn end(mut self) {
        drop(self.lines.take());
        assert!(self.child.wait().unwrap().success());
    }
}

impl Drop for Publisher {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// `rring tap`.
pub(crate) struct Tap {
    child: Child,
    lines: Option<thread::JoinHandle<String>>,
}

impl Tap {
    /// Asks it to stop, and returns what it printed.
    pub(crate) fn stop(&mut self) -> String {
        // What was published last is printed within a look.
        thread::sleep(Duration::from_millis(300));
        interrupt(&self.child);
        self.child.wait().unwrap();
        self.lines.take().unwrap().join().unwrap()
    }
}

impl Drop for Tap {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn interrupt(child: &Child) {
    signal(child, "INT");
}

fn signal(child: &Child, signal: &str) {
    // `ip netns exec` becomes the program: the process is the same.
    let sent = Command::new("kill").args([&format!("-{signal}"), &child.id().to_string()]).status().unwrap();
    assert!(sent.success());
}

/// `rring-mirror`.
pub(crate) struct Program {
    child: Child,
    said: PathBuf,
}

impl Program {
    fn start(mut command: Command, place: &Path) -> Self {
        static STARTED: std::sync::atomic::AtomicU64 = std::sync::atomic::AtomicU64::new(0);
        let number = STARTED.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let said = place.join(format!("said.{number}"));
        let child = command.stdout(Stdio::piped()).stderr(File::create(&said).unwrap()).spawn().unwrap();
        Program { child, said }
    }

    pub(crate) fn signal(&self, name: &str) {
        signal(&self.child, name);
    }

    pub(crate) fn process(&self) -> u32 {
        self.child.id()
    }

    pub(crate) fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Asks it to stop, and returns its books.
    pub(crate) fn end(self) -> Value {
        self.end_all().pop().unwrap()
    }

    /// The same, of all rings that it had.
    pub(crate) fn end_all(mut self) -> Vec<Value> {
        interrupt(&self.child);
        let out = BufReader::new(self.child.stdout.take().unwrap());
        let books = out.lines().map(|line| serde_json::from_str(&line.unwrap()).unwrap()).collect();
        let status = self.child.wait().unwrap();
        assert!(status.success(), "{status}: {}", self.said());
        books
    }

    /// Waits until it ends by itself, and returns what it said.
    pub(crate) fn failure(mut self) -> String {
        until("it ends", || self.child.try_wait().unwrap().is_some());
        assert_eq!(self.child.wait().unwrap().code(), Some(1));
        self.said()
    }

    fn said(&self) -> String {
        std::fs::read_to_string(&self.said).unwrap()
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        if thread::panicking() {
            eprintln!("rring-mirror said: {}", self.said());
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
