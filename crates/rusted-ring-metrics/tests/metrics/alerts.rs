//! Two processes in which everything goes wrong, one thing after another: a real Prometheus sees each by the alert rules, then sees it gone, and its
//! figures balance. The dashboard's queries have something to show.
//!
//! `cargo xtask test --only metrics` runs it: it needs Prometheus, and `rring` at the path in `RUSTED_RING_RRING`. If `RUSTED_RING_DASHBOARD` has
//! a path, the dashboard is drawn into that file.

use std::{
    collections::BTreeSet,
    env, fs,
    path::Path,
    process::Command,
    thread,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use crate::{
    dashboard,
    peer::{Prometheus, Running, until},
};

/// What goes wrong in the first process, and the alerts that this fires.
const FAULTS: [(&str, &[&str]); 7] = [
    ("lose", &["RustedRingReaderLoses"]),
    ("stall", &["RustedRingReaderBlocks"]),
    ("fail", &["RustedRingStageFails", "RustedRingStageRestarts"]),
    ("crowd", &["RustedRingTableIsFull"]),
    // It holds the publishers, as it is told to do.
    ("fill", &["RustedRingJournalFallsBehind", "RustedRingReaderBlocks"]),
    ("stop", &["RustedRingJournalHasStopped"]),
    ("skip", &["RustedRingJournalLoses"]),
];
/// What fires when the second process looks at a ring whose reader was killed.
const DEAD: &str = "RustedRingReaderIsDead";
/// The rules' durations, and what they are here: a few scrapes.
const SHORTER: [(&str, &str); 4] =
    [("for: 1m", "for: 1s"), ("[1m]", "[2s]"), ("[5m]", "[2s]"), ("delay_seconds > 10", "delay_seconds > 2")];
/// How long nothing goes wrong at first.
const CALM: Duration = Duration::from_secs(2);
/// How long it is from one thing to the next, if this is drawn.
const SHOWN: Duration = Duration::from_secs(4);

/// The alert rules, with shorter durations.
fn shortened(home: &Path) -> std::path::PathBuf {
    let mut rules = include_str!("../../prometheus/alerts.yml").to_owned();
    for (long, short) in SHORTER {
        assert!(rules.contains(long), "no rule has {long:?}: mend the table of this test");
        rules = rules.replace(long, short);
    }
    assert!(
        !rules.contains("m]") && !rules.contains("for: 1m"),
        "a rule has a duration that is not in the table of this test"
    );
    let path = home.join("alerts.yml");
    fs::write(&path, rules).unwrap();
    path
}

/// The names of the alerts that fire.
fn firing(prometheus: &Prometheus) -> BTreeSet<String> {
    let query = [("query", "ALERTS{alertstate=\"firing\"}")];
    let data = prometheus.ask("query", &query).expect("Prometheus answers");
    let alerts = data["result"].as_array().unwrap().iter();
    alerts.map(|alert| alert["metric"]["alertname"].as_str().unwrap().to_owned()).collect()
}

/// A ring between processes with a reader, and what looks at it.
struct Outside {
    rring: String,
    ring: String,
    reader: Option<Running>,
    export: Running,
}

impl Outside {
    fn start(home: &Path) -> Self {
        let rring = env::var("RUSTED_RING_RRING").expect("RUSTED_RING_RRING is the path of rring");
        let ring = home.join("quotes").to_str().unwrap().to_owned();
        let mut outside = Outside {
            reader: None,
            export: Running::start(Command::new(&rring).args(["export", "--listen", "127.0.0.1:0", &ring])),
            rring,
            ring,
        };
        outside.publish();
        let tap = ["tap", "--follow", &outside.ring, "--name", "display"];
        outside.reader = Some(Running::start(Command::new(&outside.rring).args(tap)));
        outside
    }

    fn publish(&self) {
        let mut publisher = Running::start(Command::new(&self.rring).args(["pub", &self.ring, "--create", "64,64"]));
        (0..10).for_each(|event| publisher.tell(&event.to_string()));
        publisher.ends_well();
    }

    fn remove(&self) {
        Running::start(Command::new(&self.rring).args(["rm", "--force", &self.ring])).ends_well();
    }
}

#[test]
#[ignore = "needs Prometheus and rring: `cargo xtask test --only metrics` runs it"]
fn every_alert_fires_and_clears() {
    let home = tempfile::tempdir().unwrap();
    let mut inside = Running::watched("faults::a_process_in_which_things_go_wrong");
    let mut outside = Outside::start(home.path());
    let addresses = [inside.said("address="), outside.export.said("http://").replace("/metrics", "")];
    let rules = shortened(home.path());
    let picture = env::var_os("RUSTED_RING_DASHBOARD");
    let prometheus = Prometheus::start(home.path(), &addresses.each_ref().map(|address| &**address), Some(&rules));
    let declared = prometheus.ask("rules", &[]).unwrap();
    let declared = declared["groups"].as_array().unwrap().iter().flat_map(|group| group["rules"].as_array().unwrap());
    let declared: BTreeSet<_> = declared.map(|rule| rule["name"].as_str().unwrap().to_owned()).collect();
    let expected = FAULTS.iter().flat_map(|(_, alerts)| *alerts).chain([&DEAD]).map(|alert| (*alert).to_owned());
    assert_eq!(declared, expected.collect(), "each rule has its fault here");

    // The whole of one process is scraped, and the reader of the other ring.
    until("both are scraped", || {
        prometheus.query("count(rusted_ring_readers{reader=~\"archive|display\"} == 1)") == Some(2.0)
    });
    let begun = SystemTime::now();
    thread::sleep(CALM);
    assert_eq!(firing(&prometheus), BTreeSet::new(), "nothing has gone wrong");
    let must_fire = |fault: &str, alerts: &[&str]| {
        let alerts: BTreeSet<_> = alerts.iter().map(|alert| (*alert).to_owned()).collect();
        let mut fire = BTreeSet::new();
        until(&format!("{alerts:?} fire at {fault:?}, and no others"), || {
            fire = firing(&prometheus);
            fire == alerts
        });
        println!("{fault}: {fire:?}");
        if picture.is_some() {
            thread::sleep(SHOWN);
        }
    };
    for (fault, alerts) in FAULTS {
        inside.tell(fault);
        must_fire(fault, alerts);
        inside.tell("nothing");
        must_fire("nothing", &[]);
    }
    drop(outside.reader.take());
    must_fire("killed", &[DEAD]);
    balances(&prometheus, &mut inside);
    let drawn = dashboard::draw(&prometheus, seconds(begun), seconds(SystemTime::now()));
    if let Some(path) = picture.as_ref() {
        fs::write(path, drawn).unwrap();
    }
    outside.remove();
    must_fire("removed", &[]);
}

/// What Prometheus has of a process at rest is what the ledgers say, and with every reader claimed = received + lost + holes + shared + lag.
fn balances(prometheus: &Prometheus, inside: &mut Running) {
    inside.tell("rest");
    let written: f64 = inside.said("journal=").parse().unwrap();
    for query in
        ["written", "durable"].map(|what| format!("rusted_ring_journal_{what}_sequences_total{{journal=\"kept\"}}"))
    {
        until(&format!("{query} is {written}, and not {:?}", prometheus.query(&query)), || {
            prometheus.query(&query) == Some(written)
        });
    }
    assert_eq!(prometheus.query("rusted_ring_journal_lag_sequences{journal=\"kept\"}"), Some(0.0));
    println!("the journal: {written} are written and durable, by itself and by Prometheus");
    let mut readers = 0;
    loop {
        let books = inside.said("books=");
        let [ring, reader, counts @ ..] = &*books.split(' ').collect::<Vec<_>>() else { break };
        for (name, count) in ["received_events_total", "lost_sequences_total", "lag_sequences"].iter().zip(counts) {
            let query = format!("rusted_ring_reader_{name}{{ring={ring:?},reader={reader:?}}}");
            let count: f64 = count.parse().unwrap();
            until(&format!("{query} is {count}, and not {:?}", prometheus.query(&query)), || {
                prometheus.query(&query) == Some(count)
            });
        }
        println!("{ring}, {reader}: the ledger's, and Prometheus': received, lost and ahead are {counts:?}");
        readers += 1;
    }
    assert_eq!(readers, 4);
    // Of readers that were there from the ring's beginning on.
    let sum = "rusted_ring_reader_received_events_total + rusted_ring_reader_lost_sequences_total + rusted_ring_reader_holes_total \
               + rusted_ring_reader_shared_events_total + rusted_ring_reader_lag_sequences";
    let of = "reader=~\"archive|screen|disk|resize\"";
    let sum =
        sum.replace("_total", &format!("_total{{{of}}}")).replace("lag_sequences", &format!("lag_sequences{{{of}}}"));
    let differences = format!("({sum}) - on (instance, ring) group_left () rusted_ring_claimed_sequences_total");
    assert_eq!(prometheus.query(&format!("count({differences})")), Some(4.0));
    assert_eq!(prometheus.query(&format!("max(abs({differences}))")), Some(0.0), "the books balance");
}

fn seconds(time: SystemTime) -> f64 {
    time.duration_since(UNIX_EPOCH).unwrap().as_secs_f64()
}
