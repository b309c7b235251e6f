//! A real Prometheus, and the processes that it scrapes.

use std::{
    env, fs,
    io::{Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    path::Path,
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use rusted_ring_metrics::LOOPBACK;
use serde_json::Value;

/// Set in the environment of a process that is scraped.
pub(crate) const WATCHED: &str = "RUSTED_RING_WATCHED";
/// Longer than anything takes that does not hang.
const LONG: Duration = Duration::from_secs(30);

/// A process, killed when this is dropped.
pub(crate) struct Running(Child);

impl Running {
    pub(crate) fn start(command: &mut Command) -> Self {
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        Running(command.spawn().unwrap_or_else(|error| panic!("{command:?}: {error}")))
    }

    /// Starts a test of this program as a process of its own, with `value` in its environment.
    pub(crate) fn test(test: &str, variable: &str, value: &str) -> Self {
        let mut command = Command::new(env::current_exe().unwrap());
        Self::start(command.args(["--ignored", "--exact", "--nocapture", test]).env(variable, value))
    }

    /// As [`test`](Self::test), to be scraped.
    pub(crate) fn watched(test: &str) -> Self {
        Self::test(test, WATCHED, "1")
    }

    /// What the process says next behind `word`.
    pub(crate) fn said(&mut self, word: &str) -> String {
        let stdout = self.0.stdout.as_mut().unwrap();
        // No more than the line is read: nothing is lost with the buffer.
        let mut line = Vec::new();
        loop {
            let mut byte = [0];
            stdout.read_exact(&mut byte).expect("the process says more");
            line.push(byte[0]);
            if byte != *b"\n" {
                continue;
            }
            let text = String::from_utf8(std::mem::take(&mut line)).unwrap();
            if let Some((_, said)) = text.trim_end().split_once(word) {
                return said.to_owned();
            }
        }
    }

    /// Tells the process what to do next.
    pub(crate) fn tell(&mut self, line: &str) {
        self.0.stdin.as_mut().unwrap().write_all(format!("{line}\n").as_bytes()).unwrap();
    }

    /// Ends its input, and waits for its end.
    #[cfg(any(feature = "journal", feature = "opentelemetry"))]
    pub(crate) fn ends_well(mut self) {
        drop(self.0.stdin.take());
        let mut status = None;
        until("the process ends", || {
            status = self.0.try_wait().unwrap();
            status.is_some()
        });
        assert!(status.is_some_and(|status| status.success()), "{status:?}");
    }

    fn has_ended(&mut self) -> bool {
        self.0.try_wait().unwrap().is_some()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A Prometheus that scrapes five times a second.
pub(crate) struct Prometheus {
    _process: Running,
    address: SocketAddr,
}

impl Prometheus {
    /// Starts one at a free port, with its files in `home`, for `targets`. `rules` is a file of alert rules, evaluated five times a second.
    pub(crate) fn start(home: &Path, targets: &[&str], rules: Option<&Path>) -> Self {
        let targets: Vec<_> = targets.iter().map(|target| format!("'{target}'")).collect();
        let rules = rules.map_or(String::new(), |rules| format!("rule_files: ['{}']\n", rules.display()));
        let config = home.join("prometheus.yml");
        let text = format!(
            "global: {{ scrape_interval: 200ms, scrape_timeout: 200ms, evaluation_interval: 200ms }}\n{rules}\
             scrape_configs: [{{ job_name: rings, static_configs: [{{ targets: [{}] }}] }}]\n",
            targets.join(", ")
        );
        fs::write(&config, text).unwrap();
        // Free now; should another take it first, Prometheus ends, and the next port is tried.
        for _ in 0..5 {
            let address = TcpListener::bind(LOOPBACK).unwrap().local_addr().unwrap();
            let mut command = Command::new("prometheus");
            command.arg(format!("--config.file={}", config.display()));
            command.arg(format!("--storage.tsdb.path={}", home.join("data").display()));
            command.arg(format!("--web.listen-address={address}")).arg("--log.level=error");
            let mut prometheus = Prometheus { _process: Running::start(&mut command), address };
            let mut answers = false;
            until("Prometheus answers or ends", || {
                answers = prometheus.query("vector(1)").is_some();
                answers || prometheus._process.has_ended()
            });
            if answers {
                return prometheus;
            }
        }
        panic!("Prometheus finds no free port");
    }

    /// What it answers to a question of its API; none if there is no answer yet. An error is a failure.
    pub(crate) fn ask(&self, path: &str, parameters: &[(&str, &str)]) -> Option<Value> {
        let escaped = |text: &str| text.bytes().map(|byte| format!("%{byte:02X}")).collect::<String>();
        let parameters: Vec<_> = parameters.iter().map(|(name, value)| format!("{name}={}", escaped(value))).collect();
        let mut stream = TcpStream::connect(self.address).ok()?;
        stream.set_read_timeout(Some(LONG)).ok()?;
        let request = format!("GET /api/v1/{path}?{} HTTP/1.0\r\n\r\n", parameters.join("&"));
        stream.write_all(request.as_bytes()).ok()?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).ok()?;
        let (_, body) = answer.split_once("\r\n\r\n")?;
        let body: Value = serde_json::from_str(body).ok()?;
        assert_eq!(body["status"], "success", "{path} {parameters:?}: {body}");
        Some(body["data"].clone())
    }

    /// The one value that `text` has; none, if there is no answer yet, or no value.
    pub(crate) fn query(&self, text: &str) -> Option<f64> {
        let data = self.ask("query", &[("query", text)])?;
        let value = match &data["result"] {
            // A scalar, or a vector of one sample.
            Value::Array(result) if data["resultType"] == "scalar" => result.get(1)?,
            result => &result.get(0)?["value"][1],
        };
        value.as_str()?.parse().ok()
    }
}

pub(crate) fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !is_so() {
        assert!(begun.elapsed() < LONG, "{what}");
        thread::sleep(Duration::from_millis(20));
    }
}
