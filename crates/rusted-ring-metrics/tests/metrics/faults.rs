//! A process in which things go wrong when it is told so.

use std::{
    env, fs,
    io::BufRead,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::Relaxed},
        mpsc::{self, TryRecvError},
    },
    thread,
    time::{Duration, Instant},
};

use rusted_ring::{
    ClosePolicy, Consumer, HeapTypedRing, Publisher, Start, Subscriber, Typed,
    ledger::Ledger,
    subscriber,
    topology::{OnFailure, Topology, each},
};
use rusted_ring_journal::{Journal, Options, Recording, Watch};
use rusted_ring_metrics::{LOOPBACK, RingCollector, Server, encode};
use tempfile::TempDir;

use crate::peer::WATCHED;

type Ring = HeapTypedRing<u64>;

/// A process that nobody ends ends by itself.
const LONGEST: Duration = Duration::from_secs(300);
const TICK: Duration = Duration::from_millis(5);
const READERS: usize = 64;

/// The process, when another test starts it; alone it does nothing. Each line of its input says what goes wrong from there on: `lose`, `stall`,
/// `fail`, `crowd`, `fill`, `stop`, `skip`, or `nothing`. At `rest` it says what the ledgers and the journal say, and no more happens.
#[test]
#[ignore = "another test starts it"]
fn a_process_in_which_things_go_wrong() {
    if env::var_os(WATCHED).is_none() {
        return;
    }
    let names = ["orders", "held", "flow", "crowded"];
    let rings = names.map(|_| Ring::closing(64, ClosePolicy::Never));
    let [orders, held, flow, crowded] = &rings;
    let collector = RingCollector::new();
    names.iter().zip(&rings).for_each(|(name, ring)| collector.register(name, ring.clone()).unwrap());
    let publishers = rings.each_ref().map(|ring| Publisher::join(ring.clone()).unwrap());
    let mut archive = Consumer::join(orders.clone(), Start::Newest).unwrap().named("archive");
    let mut screen = Subscriber::join(orders.clone(), Start::Newest).named("screen");
    let mut disk = Consumer::join(held.clone(), Start::Newest).unwrap().named("disk");
    let is_failing = Arc::new(AtomicBool::new(false));
    let fails = is_failing.clone();
    let graph = Topology::over(flow.clone()).stage("resize").on_failure(OnFailure::Restart).made_by(move || {
        let fails = fails.clone();
        each::<Typed<u64>, _, _>(move |event, _| match fails.load(Relaxed) && event.is_multiple_of(10) {
            true => Err("it cannot be resized".into()),
            false => Ok(()),
        })
    });
    let graph = graph.start().unwrap();
    collector.register_topology("images", &graph).unwrap();
    let mut journal = Journaled::start();
    // Its loss is no part of the other one's account.
    let mut skipping = Journaled::start();
    collector.register("kept", journal.ring.clone()).unwrap();
    collector.register_journal("kept", (journal.ring.clone(), journal.watch.clone())).unwrap();
    collector.register_journal("skipping", (skipping.ring.clone(), skipping.watch.clone())).unwrap();
    let server = Server::start(LOOPBACK, move || encode(&collector)).unwrap();
    println!("address={}", server.address());

    let (told, lines) = mpsc::channel();
    thread::spawn(move || std::io::stdin().lock().lines().map_while(Result::ok).try_for_each(|line| told.send(line)));
    let mut fault = "nothing".to_owned();
    let mut crowd = Vec::new();
    let begun = Instant::now();
    for event in 0.. {
        match lines.try_recv() {
            Ok(line) => fault = line,
            Err(TryRecvError::Empty) => {}
            Err(TryRecvError::Disconnected) => return,
        }
        assert!(begun.elapsed() < LONGEST, "nobody ended this");
        if fault == "rest" {
            break;
        }
        is_failing.store(fault == "fail", Relaxed);
        let members = if fault == "crowd" { READERS + 3 } else { 0 };
        crowd.truncate(members);
        crowd.resize_with(members, || Subscriber::join(crowded.clone(), Start::Newest));
        for _ in 0..16 {
            for publisher in &publishers {
                _ = publisher.try_send(&event);
            }
        }
        while archive.try_recv().is_ok() {}
        // Only now and then, if it is to lose.
        if fault != "lose" || event % 20 == 0 {
            // A loss is no end.
            while !matches!(screen.try_recv(), Err(subscriber::TryRecvError::Empty)) {}
        }
        while fault != "stall" && disk.try_recv().is_ok() {}
        journal.go_on(&fault, event);
        skipping.go_on(if fault == "skip" { "pause" } else { "nothing" }, event);
        thread::sleep(TICK);
    }
    println!("journal={}", journal.written());
    for (name, ring) in names.iter().zip(&rings) {
        for reader in Ledger::of(ring).readers() {
            println!("books={name} {} {} {} {}", reader.name, reader.received, reader.lost, reader.ahead);
        }
    }
    println!("books=end");
    _ = lines.recv_timeout(LONGEST);
    drop((server, graph));
}

/// A ring that is recorded, and what can go wrong with that.
struct Journaled {
    ring: Ring,
    publisher: Publisher<Ring>,
    home: TempDir,
    watch: Watch,
    recording: Option<Recording>,
    /// The journal, while nobody records.
    idle: Option<Journal>,
    /// What recordings wrote that have ended.
    written: u64,
}

impl Journaled {
    fn start() -> Self {
        let home = tempfile::tempdir().unwrap();
        let ring = Ring::closing(64, ClosePolicy::Never);
        let options = Options::default().segment_bytes(4096).keep_bytes(64 << 10).keep_for(LONGEST);
        let journal = Journal::open(home.path().join("kept"), options).unwrap();
        let (watch, recording) = (journal.watch(), Some(journal.record(reader(&ring)).unwrap()));
        let publisher = Publisher::join(ring.clone()).unwrap();
        Journaled { ring, publisher, home, watch, recording, idle: None, written: 0 }
    }

    /// Publishes. At `fill` the disk seems full: there is no directory for a new segment. At `stop` nobody records. At `pause` nobody does now and then, for
    /// a moment in which something is published.
    fn go_on(&mut self, fault: &str, event: u64) {
        let (kept, away) = (self.home.path().join("kept"), self.home.path().join("away"));
        match fault {
            "fill" if kept.exists() => fs::rename(kept, away).unwrap(),
            "fill" => {}
            _ if away.exists() => fs::rename(away, kept).unwrap(),
            "stop" => {
                if let Some(recording) = self.recording.take() {
                    self.idle = Some(recording.stop().unwrap());
                    self.written += written(&self.watch);
                }
            }
            "pause" if event.is_multiple_of(40) => {
                let journal = self.recording.take().expect("it records").stop().unwrap();
                self.publish(event);
                self.recording = Some(journal.resume(reader(&self.ring)).unwrap());
            }
            "pause" => {}
            _ => {
                let begun = self.idle.take().map(|journal| journal.record(reader(&self.ring)).unwrap());
                self.recording = begun.or(self.recording.take());
            }
        }
        self.publish(event);
    }

    fn publish(&self, event: u64) {
        for _ in 0..16 {
            _ = self.publisher.try_send(&event);
        }
    }

    /// All that was recorded, once everything is.
    fn written(&self) -> u64 {
        let recording = self.recording.as_ref().expect("nothing is wrong");
        assert!(recording.wait_durable(Ledger::of(&self.ring).claimed(), LONGEST));
        self.written + written(&self.watch)
    }
}

fn reader(ring: &Ring) -> Consumer<Ring> {
    Consumer::join(ring.clone(), Start::Newest).unwrap().named("journal")
}

fn written(watch: &Watch) -> u64 {
    let status = watch.status();
    status.written - status.began
}
