//! A running whiteboard.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::time::{Duration, Instant};

/// No single step of a test takes longer than this.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// A server of its own; killed when it is dropped.
pub(crate) struct Server {
    child: Child,
    address: SocketAddr,
    /// What it printed to be opened.
    page: String,
}

impl Server {
    /// Starts one on this data directory and a free port, and waits until it says where it listens.
    pub(crate) fn start(data: &Path) -> Server {
        Server::of(command(&["--listen", "127.0.0.1:0", "--data", &data.display().to_string()]))
    }

    /// Starts one on this data directory with these options, and this in its environment.
    pub(crate) fn start_with(data: &Path, options: &[&str], environment: &[(&str, &str)]) -> Server {
        let mut command = command(&["--data", &data.display().to_string()]);
        command.args(options).envs(environment.iter().copied()).stderr(log_in(data));
        Server::of(command)
    }

    /// The same, whose log goes here.
    #[cfg(target_os = "linux")]
    pub(crate) fn start_saying_to(
        log: impl Into<Stdio>,
        data: &Path,
        options: &[&str],
        environment: &[(&str, &str)],
    ) -> Server {
        let mut command = command(&["--data", &data.display().to_string()]);
        command.args(options).envs(environment.iter().copied()).stderr(log);
        Server::of(command)
    }

    /// Starts one where another was.
    #[cfg(unix)]
    pub(crate) fn start_at(address: SocketAddr, data: &Path) -> Server {
        Server::of(command(&["--listen", &address.to_string(), "--data", &data.display().to_string()]))
    }

    /// Starts one that cannot write a file beyond this many blocks of 512 bytes.
    #[cfg(unix)]
    pub(crate) fn start_limited(data: &Path, blocks: u32) -> Server {
        let mut command = Command::new("sh");
        let script = format!("ulimit -S -f {blocks}; exec \"$0\" --listen 127.0.0.1:0 --data \"$1\"");
        command.args(["-c", &script, env!("CARGO_BIN_EXE_whiteboard")]).arg(data);
        Server::of(command)
    }

    /// Starts one for which this directory is a file system of this size, in a namespace of its own.
    #[cfg(target_os = "linux")]
    pub(crate) fn start_with_small(directory: &Path, size: &str, data: &Path, options: &[&str]) -> Server {
        std::fs::create_dir_all(directory).expect("made");
        let mut command = Command::new("unshare");
        let script = "mount -t tmpfs -o size=$1 tmpfs \"$2\" && shift 2 && exec \"$0\" \"$@\"";
        command.args(["--map-root-user", "--mount", "sh", "-c", script, env!("CARGO_BIN_EXE_whiteboard"), size]);
        command.arg(directory).args(["--data", &data.display().to_string()]).args(options).stderr(log_in(data));
        Server::of(command)
    }

    /// Starts one by bash, with these commands before it and its streams so.
    #[cfg(unix)]
    pub(crate) fn start_by(before: &str, data: &Path, streams: &str) -> Server {
        let mut command = Command::new("bash");
        let script = format!("{before}; exec \"$0\" --listen 127.0.0.1:0 --data \"$1\" {streams}");
        command.args(["-c", &script, env!("CARGO_BIN_EXE_whiteboard")]).arg(data);
        Server::of(command)
    }

    fn of(mut command: Command) -> Server {
        let mut child = command.stdout(Stdio::piped()).spawn().expect("the binary starts");
        let lines = BufReader::new(child.stdout.take().expect("a pipe")).lines();
        let page = lines
            .map(|line| line.expect("UTF-8"))
            .find_map(|line| Some(line.strip_prefix("open ")?.split(' ').next()?.to_owned()))
            .expect("an address is printed");
        let address = page.strip_prefix("http://").and_then(|rest| rest.split('/').next()).expect("an address");
        Server { child, address: address.parse().expect("an address"), page }
    }

    /// Starts one that is to outlive its terminal, as by `nohup`.
    #[cfg(target_os = "linux")]
    pub(crate) fn start_without_terminal(data: &Path) -> Server {
        let mut command = Command::new("sh");
        let script = "trap '' HUP; exec \"$0\" --listen 127.0.0.1:0 --data \"$1\"";
        command.args(["-c", script, env!("CARGO_BIN_EXE_whiteboard")]).arg(data);
        Server::of(command)
    }

    /// From now on it can write files of any length.
    #[cfg(unix)]
    pub(crate) fn lift_limit(&self) {
        use rustix::process::{Pid, Resource, Rlimit, prlimit};
        let pid = Pid::from_child(&self.child);
        let unlimited = Rlimit { current: None, maximum: None };
        prlimit(Some(pid), Resource::Fsize, unlimited).expect("lifted");
    }

    /// Where it listens.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// What it printed to be opened.
    pub(crate) fn page(&self) -> &str {
        &self.page
    }

    /// The token in what it printed.
    pub(crate) fn token(&self) -> &str {
        self.page.split_once("/#token=").expect("a token").1
    }

    /// Ends it as a power failure would.
    pub(crate) fn kill(mut self) {
        self.child.kill().expect("killed");
        self.child.wait().expect("ended");
    }

    /// The same, while others still use it; they see it gone.
    #[cfg(unix)]
    pub(crate) fn kill_now(&self) {
        self.signal("-KILL");
    }

    /// Asks it to stop.
    pub(crate) fn terminate(&self) {
        self.signal("-TERM");
    }

    /// Tells it that its terminal is gone.
    #[cfg(unix)]
    pub(crate) fn hang_up(&self) {
        self.signal("-HUP");
    }

    fn signal(&self, signal: &str) {
        let status = Command::new("kill").args([signal, &self.child.id().to_string()]).status();
        assert!(status.expect("kill runs").success());
    }

    /// Waits for its end.
    pub(crate) fn ended(&mut self) -> ExitStatus {
        ended(&mut self.child)
    }

    /// The head and the body of the answer to a request with these header lines.
    pub(crate) fn request(&self, path: &str, headers: &str) -> (String, String) {
        self.ask(path, &format!("{headers}Connection: close\r\n"))
    }

    /// The same, but the header lines say what becomes of the connection; it must not stay open.
    pub(crate) fn ask(&self, path: &str, headers: &str) -> (String, String) {
        self.send(&format!("GET {path} HTTP/1.1\r\n{headers}\r\n"))
    }

    /// The head and the body of the answer to this request, word for word.
    pub(crate) fn send(&self, request: &str) -> (String, String) {
        let mut stream = TcpStream::connect(self.address).expect("connected");
        stream.set_read_timeout(Some(PATIENCE)).expect("a time-out");
        stream.write_all(request.as_bytes()).expect("sent");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("an answer");
        let (head, body) = answer.split_once("\r\n\r\n").expect("a head and a body");
        (head.to_owned(), body.to_owned())
    }

    /// What `/health` says.
    pub(crate) fn health(&self) -> serde_json::Value {
        let (status, health) = self.health_and_status();
        assert_eq!(status, 200, "{health}");
        health
    }

    /// The same whatever it is, with the status of the answer.
    pub(crate) fn health_and_status(&self) -> (u16, serde_json::Value) {
        let (head, body) = self.request("/health", &format!("Host: {}\r\n", self.address));
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).expect("a status");
        (status, serde_json::from_str(&body).expect("JSON"))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Runs the binary with arguments it cannot serve, to its end.
pub(crate) fn run(arguments: &[&str]) -> Output {
    let mut child = command(arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("started");
    ended(&mut child);
    child.wait_with_output().expect("its output")
}

/// What a server on this data directory says on stderr goes here, beside the data.
fn log_in(data: &Path) -> std::fs::File {
    std::fs::File::options().create(true).append(true).open(log(data)).expect("a log")
}

/// The log of the servers that ran on this data directory.
pub(crate) fn log(data: &Path) -> PathBuf {
    data.with_extension("log")
}

fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_whiteboard"));
    command.args(arguments);
    command
}

/// Waits for the end of a process.
pub(crate) fn ended(child: &mut Child) -> ExitStatus {
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Some(status) = child.try_wait().expect("a status") {
            return status;
        }
        if Instant::now() >= deadline {
            child.kill().expect("killed");
            panic!("it does not end");
        }
        std::thread::sleep(Duration::from_millis(2));
    }
}
