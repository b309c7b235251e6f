//! A program pushes its metrics by OTLP to the OpenTelemetry Collector's receiver, and has them scraped, too. A real Prometheus has the
//! same of both: the same names, labels and values, which are the ledgers'.
//!
//! `cargo xtask test --only metrics --deep` runs it: it needs Prometheus, and the paths of both programs.

use std::{collections::BTreeMap, env, process::Command};

use serde_json::Value;

use crate::peer::{Prometheus, Running, until};

/// Builds nothing: the stage does.
fn program(variable: &str) -> Command {
    Command::new(env::var(variable).unwrap_or_else(|_| panic!("{variable} is the path of a program")))
}

/// All that Prometheus has of a target, by names and labels, without what it adds itself.
fn all(prometheus: &Prometheus, target: &str) -> BTreeMap<String, String> {
    let query = format!("{{__name__=~\"rusted_ring.*\",instance=\"{target}\"}}");
    let data = prometheus.ask("query", &[("query", &query)]).expect("Prometheus answers");
    let series = data["result"].as_array().unwrap().iter().map(|series| {
        let mut labels = series["metric"].as_object().unwrap().clone();
        ["instance", "job"].iter().for_each(|own| _ = labels.remove(*own));
        (Value::Object(labels).to_string(), series["value"][1].as_str().unwrap().to_owned())
    });
    series.collect()
}

#[test]
#[ignore = "needs Prometheus and a receiver for OTLP: `cargo xtask test --only metrics --deep` runs it"]
fn what_is_pushed_is_what_is_scraped_and_the_ledgers() {
    let home = tempfile::tempdir().unwrap();
    let mut receiver = Running::start(&mut program("RUSTED_RING_OTLP_RECEIVER"));
    let (otlp, pushed) = (receiver.said("otlp="), receiver.said("page="));
    let mut watched = Running::start(program("RUSTED_RING_OTLP_PROGRAM").arg(otlp));
    let scraped = watched.said("address=");
    let prometheus = Prometheus::start(home.path(), &[&scraped, &pushed], None);

    let mut expected = BTreeMap::new();
    let mut expect = |name: &str, labels: &str, count: &str| {
        let query = format!("rusted_ring_{name}{{instance=\"{pushed}\",{labels}}}");
        expected.insert(query, count.parse::<f64>().unwrap());
    };
    let (mut readers, mut line) = (0, String::new());
    while line != "rests" {
        line = watched.said("ledger=");
        // Neither a ring nor a reader has a tab in its name.
        match *line.split('\t').collect::<Vec<_>>() {
            [ring, claimed] => expect("claimed_sequences_total", &format!("ring={ring}"), claimed),
            [ring, reader, received, lost, lag] => {
                let labels = format!("ring={ring},reader={reader}");
                expect("reader_received_events_total", &labels, received);
                expect("reader_lost_sequences_total", &labels, lost);
                expect("reader_lag_sequences", &labels, lag);
                readers += 1;
            }
            _ => assert_eq!(line, "rests"),
        }
    }
    assert_eq!(readers, 4, "the journal, the archive, the screen, and the one with the hostile name");
    for (query, count) in &expected {
        until(&format!("{query} is {count}, and not {:?}", prometheus.query(query)), || {
            prometheus.query(query) == Some(*count)
        });
        println!("{query}: {count}, by the ledger and by Prometheus");
    }

    let mut both = [BTreeMap::new(), BTreeMap::new()];
    until("what is pushed is what is scraped", || {
        both = [&scraped, &pushed].map(|target| all(&prometheus, target));
        both[0] == both[1]
    });
    println!("{} series are the same, pushed and scraped", both[0].len());
    // Of the readers that are there from the ring's beginning on.
    let of = format!("instance=\"{pushed}\",reader=~\"journal|archive|screen\"");
    let parts =
        ["received_events_total", "lost_sequences_total", "holes_total", "shared_events_total", "lag_sequences"];
    let sum = parts.map(|part| format!("rusted_ring_reader_{part}{{{of}}}")).join(" + ");
    let differences = format!("({sum}) - on (instance, ring) group_left () rusted_ring_claimed_sequences_total");
    assert_eq!(prometheus.query(&format!("count({differences})")), Some(3.0));
    assert_eq!(prometheus.query(&format!("max(abs({differences}))")), Some(0.0), "the books balance");
    assert!(prometheus.query(&format!("rusted_ring_reader_lost_sequences_total{{{of}}} > 0")).is_some());
    watched.ends_well();
    receiver.ends_well();
}
