//! A real Prometheus scrapes two processes while readers come, lose and leave, and its sums are those of the ledgers.
//!
//! `cargo xtask test --only metrics` runs it: it needs Prometheus.

use std::{
    env, fs,
    io::{BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    path::Path,
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use rusted_ring::{Consumer, HeapTypedRing, Publisher, Start, Subscriber, ledger::Ledger};
use rusted_ring_metrics::{LOOPBACK, RingCollector, Server, encode};

type Ring = HeapTypedRing<u64>;

/// Set in the environment of a process that is scraped.
const WATCHED: &str = "RUSTED_RING_WATCHED";
/// Longer than anything takes that does not hang.
const LONG: Duration = Duration::from_secs(30);
/// A reader's name. Rust and PromQL escape it alike.
const HOSTILE: &str = "a\\ \"b\"\n{c=\"d\"} #";
/// What a watched process counts, and the queries for it.
const COUNTS: [(&str, &str); 4] = [
    ("claimed", "sum(rusted_ring_claimed_sequences_total)"),
    ("received", "sum(rusted_ring_reader_received_events_total)"),
    ("lost", "sum(rusted_ring_reader_lost_sequences_total)"),
    ("lag", "sum(rusted_ring_reader_lag_sequences)"),
];

/// A process, killed when this is dropped.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A process that publishes, reads, and shows it.
struct Watched {
    process: Running,
    address: String,
}

impl Watched {
    fn start() -> Self {
        let mut command = Command::new(env::current_exe().unwrap());
        command.args(["--ignored", "--exact", "--nocapture", "prometheus::a_process_that_is_watched"]);
        command.env(WATCHED, "1").stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut watched = Watched { process: Running(command.spawn().unwrap()), address: String::new() };
        watched.address = watched.said("address");
        watched
    }

    /// What the process says behind `word`.
    fn said(&mut self, word: &str) -> String {
        let stdout = self.process.0.stdout.as_mut().unwrap();
        // No more than the line is read: nothing is lost with the buffer.
        let mut line = Vec::new();
        loop {
            let mut byte = [0];
            stdout.read_exact(&mut byte).expect("the watched process says more");
            line.push(byte[0]);
            if byte != *b"\n" {
                continue;
            }
            let text = String::from_utf8(std::mem::take(&mut line)).unwrap();
            if let Some((_, said)) = text.trim_end().split_once(&format!("{word}=")) {
                return said.to_owned();
            }
        }
    }

    /// Lets the process take its next step.
    fn go_on(&mut self) {
        self.process.0.stdin.as_mut().unwrap().write_all(b"\n").unwrap();
    }
}

/// The process, when the other test starts it; alone it does nothing.
#[test]
#[ignore = "the other test starts it"]
fn a_process_that_is_watched() {
    if env::var_os(WATCHED).is_none() {
        return;
    }
    let mut steps = BufReader::new(std::io::stdin()).lines();
    let ring = Ring::new(64);
    let rings = RingCollector::new();
    rings.register("orders", ring.clone()).unwrap();
    let idle = Ring::new(8);
    rings.register(HOSTILE, idle.clone()).unwrap();
    let server = Server::start(LOOPBACK, move || encode(&rings)).unwrap();
    println!("address={}", server.address());

    let publisher = Publisher::join(ring.clone()).unwrap();
    let mut archive = Consumer::join(ring.clone(), Start::Newest).unwrap().named("archive");
    let mut screen = Subscriber::join(ring.clone(), Start::Newest).named("screen");
    let _idle = Consumer::join(idle.clone(), Start::Newest).unwrap().named(HOSTILE);
    let mut leaver = Subscriber::join(ring.clone(), Start::Newest).named("leaver");
    let mut publish = |screen: &mut Subscriber<Ring>, events: u64| {
        for event in 0..events {
            publisher.send(&event);
            drop(archive.recv().unwrap());
            if event % 100 == 0 {
                _ = screen.try_recv();
                thread::sleep(Duration::from_millis(5));
            }
        }
    };
    publish(&mut screen, 10_000);
    for _ in 0..40 {
        _ = leaver.try_recv();
    }
    let mut sums = [0; 4];
    let count = |sums: &mut [u64; 4], name: &str| {
        let status = Ledger::of(&ring).readers().find(|status| status.name.as_str() == name).unwrap();
        sums[1] += status.received;
        sums[2] += status.lost;
        sums[3] += status.ahead;
    };
    count(&mut sums, "leaver");
    sums[3] = 0;
    println!("rests=yes");
    steps.next();
    // It was scraped as it stands, and leaves.
    drop(leaver);
    publish(&mut screen, 5000);
    sums[0] = Ledger::of(&ring).claimed().get();
    ["archive", "screen"].iter().for_each(|name| count(&mut sums, name));
    println!("sums={}", sums.map(|sum| sum.to_string()).join(","));
    steps.next();
}

#[test]
#[ignore = "needs Prometheus: `cargo xtask test --only metrics` runs it"]
fn prometheus_has_the_sums_of_the_ledgers() {
    let mut watched = [Watched::start(), Watched::start()];
    let home = tempfile::tempdir().unwrap();
    let (prometheus, address) = start_prometheus(home.path(), watched.each_ref().map(|watched| &*watched.address));

    // Each leaver's figures are in Prometheus before it leaves.
    watched.iter_mut().for_each(|watched| _ = watched.said("rests"));
    let scraped = "min(timestamp(rusted_ring_readers{reader=\"leaver\"}))";
    let rested = query(address, "time()").expect("Prometheus has a clock");
    until("both processes are scraped at rest", || {
        query(address, "count(up == 1)") == Some(2.0) && query(address, scraped).is_some_and(|at| at > rested)
    });
    watched.iter_mut().for_each(Watched::go_on);

    let mut sums = [0; 4];
    for watched in &mut watched {
        let said = watched.said("sums");
        for (sum, said) in sums.iter_mut().zip(said.split(',')) {
            *sum += said.parse::<u64>().unwrap();
        }
    }
    for ((name, text), sum) in COUNTS.into_iter().zip(sums) {
        until(&format!("{name} is {sum}, and not {:?}", query(address, text)), || {
            query(address, text) == Some(sum as f64)
        });
        println!("{name}: {sum}, by the ledgers and by Prometheus");
    }
    assert!(sums[2] > 0, "readers lost");
    assert_eq!(query(address, r#"sum(rusted_ring_readers{reader="leaver"})"#), Some(0.0));
    let hostile = format!("sum(rusted_ring_readers{{reader={HOSTILE:?}}})");
    assert_eq!(query(address, &hostile), Some(2.0), "a name of all characters");
    for counter in ["claimed_sequences", "reader_received_events", "reader_lost_sequences"] {
        let resets = format!("sum(resets(rusted_ring_{counter}_total[5m]))");
        assert_eq!(query(address, &resets), Some(0.0), "{counter} went back");
    }
    drop(prometheus);
}

/// Starts Prometheus at a free port.
fn start_prometheus(home: &Path, targets: [&str; 2]) -> (Running, SocketAddr) {
    let targets = targets.map(|target| format!("'{target}'")).join(", ");
    let config = home.join("prometheus.yml");
    let text = format!(
        "global: {{ scrape_interval: 200ms, scrape_timeout: 200ms }}\n\
         scrape_configs: [{{ job_name: rings, static_configs: [{{ targets: [{targets}] }}] }}]\n"
    );
    fs::write(&config, text).unwrap();
    // Free now; should another take it first, Prometheus ends, and the next port is tried.
    for _ in 0..5 {
        let address = TcpListener::bind(LOOPBACK).unwrap().local_addr().unwrap();
        let mut command = Command::new("prometheus");
        command.arg(format!("--config.file={}", config.display()));
        command.arg(format!("--storage.tsdb.path={}", home.join("data").display()));
        command.arg(format!("--web.listen-address={address}")).arg("--log.level=error").stdout(Stdio::null());
        let mut running = Running(command.spawn().expect("Prometheus starts"));
        until("Prometheus answers or ends", || {
            query(address, "vector(1)").is_some() || running.0.try_wait().unwrap().is_some()
        });
        if running.0.try_wait().unwrap().is_none() {
            return (running, address);
        }
    }
    panic!("Prometheus finds no free port");
}

/// The one value that `text` has; none, if there is no answer yet, or no value.
fn query(address: SocketAddr, text: &str) -> Option<f64> {
    let encoded: String = text.bytes().map(|byte| format!("%{byte:02X}")).collect();
    let mut stream = TcpStream::connect(address).ok()?;
    stream.set_read_timeout(Some(LONG)).ok()?;
    stream.write_all(format!("GET /api/v1/query?query={encoded} HTTP/1.0\r\n\r\n").as_bytes()).ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok()?;
    assert!(!answer.contains("\"error\""), "{text}: {answer}");
    // A vector of one sample, or a scalar: its value is the last string.
    let (_, value) = answer.rsplit_once(",\"")?;
    value.split('"').next()?.parse().ok()
}

fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !is_so() {
        assert!(begun.elapsed() < LONG, "{what}");
        thread::sleep(Duration::from_millis(20));
    }
}
