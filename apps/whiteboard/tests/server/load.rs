//! `whiteboard load`: what it measures, and what it leaves behind.

use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, ChildStderr, Command, Stdio};

use serde_json::Value;

use crate::server::{Server, ended};

/// A run of `load`, whose own board, if it has one, lies in a directory of the test.
struct Load {
    child: Child,
    progress: BufReader<ChildStderr>,
}

impl Load {
    fn start(home: &Path, arguments: &[&str]) -> Load {
        let mut command = Command::new(env!("CARGO_BIN_EXE_whiteboard"));
        command.arg("load").args(arguments).arg("--json").env("TMPDIR", home);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("started");
        let progress = BufReader::new(child.stderr.take().expect("a pipe"));
        Load { child, progress }
    }

    /// Waits until the first second is over.
    fn wait_until_it_draws(&mut self) {
        let mut said = String::new();
        while !said.contains("sent ") {
            assert!(self.progress.read_line(&mut said).expect("UTF-8") > 0, "it has ended: {said}");
        }
    }

    /// Sends a signal.
    #[cfg(unix)]
    fn signal(&self, name: &str) {
        let status = Command::new("kill").args([name, &self.child.id().to_string()]).status();
        assert!(status.expect("kill runs").success());
    }

    /// Its exit code, its result, and what it said meanwhile.
    fn end(mut self) -> (Option<i32>, Value, String) {
        let code = ended(&mut self.child).code();
        let (mut result, mut said) = (String::new(), String::new());
        self.child.stdout.take().expect("a pipe").read_to_string(&mut result).expect("UTF-8");
        self.progress.read_to_string(&mut said).expect("UTF-8");
        (code, serde_json::from_str(&result).expect("one JSON object"), said)
    }
}

impl Drop for Load {
    fn drop(&mut self) {
        // It has ended already, unless the test failed. Asked to stop twice, it takes its server with it.
        #[cfg(unix)]
        if matches!(self.child.try_wait(), Ok(None)) {
            self.signal("-TERM");
            self.signal("-TERM");
        }
    }
}

fn is_empty(directory: &Path) -> bool {
    directory.read_dir().expect("a directory").next().is_none()
}

/// That each check holds, and the sums with it.
fn assert_balanced(result: &Value) {
    let n = |name: &str| result[name].as_u64().unwrap_or_else(|| panic!("{name} in {result:#}"));
    for check in ["answered", "received", "stored", "ordered"] {
        assert_eq!(result["checks"][check], true, "{check}: {result:#}");
    }
    assert_eq!(result["ok"], true, "{result:#}");
    assert_eq!(n("sent"), n("acknowledged") + n("refused"));
    assert_eq!(n("broadcast"), n("delivered") + n("missed") + n("rejoined"));
    assert_eq!(n("healed"), n("missed"));
}

#[test]
fn a_run_on_a_board_of_its_own_balances_and_leaves_nothing() {
    let home = tempfile::tempdir().expect("a directory");
    let load = Load::start(home.path(), &["--clients", "5", "--seconds", "1", "--rate", "50"]);
    let (code, result, said) = load.end();
    assert_eq!(code, Some(0), "{said}");
    assert_balanced(&result);
    assert_eq!([&result["sent"], &result["broadcast"]], [250, 1250]);
    assert!(result["latency_ms"]["p50"].as_f64() > Some(0.0), "{result:#}");
    assert_eq!([&result["interrupted"], &result["stalled_latency_ms"]], [&Value::from(false), &Value::Null]);
    assert!(is_empty(home.path()));
}

#[test]
fn a_running_board_is_measured_and_goes_on() {
    let home = tempfile::tempdir().expect("a directory");
    let server = Server::start(home.path());
    let url = format!("http://{}/b/team-7", server.address());
    let temporary = tempfile::tempdir().expect("a directory");
    for runs in 1..=2 {
        let options = ["--url", &url, "--clients", "3", "--seconds", "1", "--rate", "20"];
        let (code, result, said) = Load::start(temporary.path(), &options).end();
        assert_eq!(code, Some(0), "{said}");
        assert_balanced(&result);
        assert_eq!(result["broadcast"], 180, "only what is drawn in this run");
        assert_eq!(result["board"], url);
        assert_eq!(server.health()["store"]["revision"], 60 * runs);
    }
}

#[test]
fn clients_that_stop_reading_are_told_their_loss_and_the_books_balance() {
    let home = tempfile::tempdir().expect("a directory");
    let options = ["--clients", "6", "--seconds", "6", "--rate", "150", "--points", "400", "--stalled", "2"];
    // While others have the processors, too little is drawn for anybody to miss: the books balance all the same.
    for tries in 1.. {
        let (code, result, said) = Load::start(home.path(), &options).end();
        assert_eq!(code, Some(0), "{said}");
        assert_balanced(&result);
        if result["missed"].as_u64() > Some(0) {
            let p99 = |of: &str| result[of]["p99"].as_f64().expect("a time");
            assert!(p99("latency_ms") < p99("stalled_latency_ms"), "{result:#}");
            return;
        }
        assert!(tries < 5, "nobody ever missed anything: {result:#}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_run_that_is_killed_leaves_no_server_behind() {
    let children = |parent: u32| -> Vec<String> {
        let processes = std::fs::read_dir("/proc").expect("processes").flatten();
        let stats = processes.filter_map(|process| std::fs::read_to_string(process.path().join("stat")).ok());
        let of_parent = stats.filter(|stat| {
            let rest = stat.rsplit_once(") ").map_or("", |(_, rest)| rest);
            rest.split(' ').nth(1).is_some_and(|of| of == parent.to_string())
        });
        of_parent.filter_map(|stat| Some(stat.split_once(' ')?.0.to_owned())).collect()
    };
    let home = tempfile::tempdir().expect("a directory");
    let mut load = Load::start(home.path(), &["--clients", "2", "--seconds", "60", "--rate", "20"]);
    load.wait_until_it_draws();
    let servers = children(load.child.id());
    assert_eq!(servers.len(), 1, "{servers:?}");
    load.signal("-KILL");
    load.child.wait().expect("ended");
    let deadline = std::time::Instant::now() + crate::server::PATIENCE;
    while std::path::Path::new("/proc").join(&servers[0]).exists() {
        assert!(std::time::Instant::now() < deadline, "it is still there");
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
}

#[cfg(unix)]
#[test]
fn a_server_that_is_killed_is_said_to_be_gone() {
    let home = tempfile::tempdir().expect("a directory");
    let server = Server::start(home.path());
    let address = server.address();
    let url = format!("http://{address}/");
    let mut load = Load::start(home.path(), &["--url", &url, "--clients", "4", "--seconds", "20", "--rate", "50"]);
    load.wait_until_it_draws();
    server.kill();
    let (code, result, said) = load.end();
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains(&format!("no connection to {address} for 5s")), "{said}");
    assert_eq!([&result["ok"], &result["checks"]["stored"]], [false, false], "{result:#}");
    assert!(result["sent"].as_u64() > result["acknowledged"].as_u64(), "what was open has no answer: {result:#}");
}

#[cfg(unix)]
#[test]
fn a_server_that_comes_back_loses_nothing() {
    let home = tempfile::tempdir().expect("a directory");
    let server = Server::start(home.path());
    let address = server.address();
    let url = format!("http://{address}/b/again");
    let mut load = Load::start(home.path(), &["--url", &url, "--clients", "4", "--seconds", "4", "--rate", "50"]);
    load.wait_until_it_draws();
    server.kill();
    let _server = Server::start_at(address, home.path());
    let (code, result, said) = load.end();
    assert_eq!(code, Some(0), "{said}");
    assert_balanced(&result);
    assert_eq!([&result["sent"], &result["connections_lost"]], [800, 4], "{result:#}");
}

#[cfg(unix)]
#[test]
fn ctrl_c_ends_early_with_the_result_so_far() {
    let home = tempfile::tempdir().expect("a directory");
    let mut load = Load::start(home.path(), &["--clients", "4", "--seconds", "60", "--rate", "50"]);
    load.wait_until_it_draws();
    load.signal("-INT");
    let (code, result, said) = load.end();
    assert_eq!(code, Some(0), "{said}");
    assert_balanced(&result);
    assert_eq!(result["interrupted"], true);
    assert!(result["seconds"].as_f64() < Some(30.0), "{result:#}");
    assert!(is_empty(home.path()));
}

#[test]
fn what_cannot_be_measured_is_said() {
    let home = tempfile::tempdir().expect("a directory");
    let refused = |options: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_whiteboard"));
        let output = command.arg("load").args(options).env("TMPDIR", home.path()).output().expect("run");
        (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    let (code, error) = refused(&["--url", "http://127.0.0.1:1/", "--clients", "1", "--seconds", "1"]);
    assert!(code == Some(1) && error.contains("cannot open the board at 127.0.0.1:1"), "{error}");
    let (code, error) = refused(&["--url", "https://127.0.0.1:1/"]);
    assert!(code == Some(1) && error.contains("http://HOST:PORT/b/NAME"), "{error}");
    let (code, error) = refused(&["--rate", "0"]);
    assert!(code == Some(2) && error.contains("above 0"), "{error}");
}

#[test]
fn help_teaches() {
    let output = Command::new(env!("CARGO_BIN_EXE_whiteboard")).args(["load", "--help"]).output().expect("run");
    let text = String::from_utf8_lossy(&output.stdout);
    for word in ["Examples", "--url", "--stalled", "latency_ms", "busy", "Ctrl-C", "WHITEBOARD_TOKEN"] {
        assert!(text.contains(word), "{word} in {text}");
    }
}
