//! What another program's reader finds: Python's, with its decoder of ROS 1. The stage `mcap` installs them.

use std::{env, fs, path::Path, process::Command};

use rusted_ring_recording::{Options, Origin, Recorder};
use serde_json::{Value, json};

use crate::{COMPRESSIONS, FIRST, Kept, Place, begin, entries, origin, write};

fn python(how: &str, path: &Path) -> Value {
    let python = env::var_os("RUSTED_RING_MCAP_PYTHON").expect(
        "RUSTED_RING_MCAP_PYTHON is not set: `cargo xtask test --only mcap` installs Python's reader and runs this",
    );
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/recording/read.py");
    let output = Command::new(python).args([script, how]).arg(path).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
#[ignore = "needs Python's reader of MCAP: cargo xtask test --only mcap"]
fn pythons_reader_finds_what_was_recorded() {
    let place = Place::new();
    let entries = entries(2000);
    for compression in COMPRESSIONS {
        let path = place.path(&format!("{compression:?}"));
        let balance = write(&path, &entries, compression);
        let found = python("indexed", &path);
        let (mut events, mut missing) = (Vec::new(), Vec::new());
        for entry in &entries {
            match entry {
                Kept::Event { time, sequence, event_type, data } => events.push(json!({
                    "sequence": sequence, "type": event_type, "data": data, "time": time, "low": *sequence as u32
                })),
                Kept::Missing { from, to, why } => missing.push(json!({
                    "from": from, "to": to, "count": to - from, "reason": why.name()
                })),
            }
        }
        assert!(found["events"] == json!(events), "{compression:?}");
        assert!(found["missing"] == json!(missing), "{compression:?}");
        assert_eq!(found["topics"], json!({ "events": "/strokes/events", "missing": "/strokes/missing" }));
        let schemas = json!({ "rusted_ring/Event": "ros1msg", "rusted_ring.Missing": "jsonschema" });
        assert_eq!(found["schemas"], schemas);
        let ledger = [
            ("first", balance.first),
            ("next", balance.next),
            ("published", balance.published()),
            ("received", balance.received),
            ("repaired", 0),
            ("lost", balance.lost),
            ("holes", balance.holes),
        ];
        let ledger: serde_json::Map<_, _> =
            ledger.into_iter().map(|(key, value)| (key.to_owned(), value.to_string().into())).collect();
        assert_eq!(found["metadata"], json!({ "rusted-ring.balance": ledger }));
        assert!(found["chunks"].as_u64().unwrap() > 1);
    }
}

#[test]
#[ignore = "needs Python's reader of MCAP: cargo xtask test --only mcap"]
fn pythons_reader_has_the_numbers_of_values() {
    let place = Place::new();
    for (event, event_bytes, data, value) in [
        ("[u32; 2]", 8, [1u32.to_le_bytes(), u32::MAX.to_le_bytes()].concat(), json!([1, u32::MAX])),
        ("f64", 8, (-0.5f64).to_le_bytes().to_vec(), json!(-0.5)),
        ("strokes::Point", 3, vec![1, 2, 255], json!([1, 2, 255])),
    ] {
        let path = place.path(&event_bytes.to_string());
        let values = Origin { typed: true, event: event.to_owned(), event_bytes, align: 1, ..origin() };
        let options = Options { replace: true, ..Options::default() };
        let mut recorder = Recorder::create(&path, &values, options).unwrap();
        recorder.event(1, FIRST, 0, &data).unwrap();
        let balance = recorder.counted();
        recorder.finish(1, &balance).unwrap();
        let found = python("indexed", &path);
        let expected = json!([{ "sequence": FIRST, "type": 0, "value": value, "time": 1, "low": FIRST as u32 }]);
        assert_eq!(found["events"], expected, "{event}");
    }
}

#[test]
#[ignore = "needs Python's reader of MCAP: cargo xtask test --only mcap"]
fn pythons_reader_recovers_what_a_killed_recorder_left() {
    let place = Place::new();
    // The last one is an event: a hole behind it is not known yet.
    let entries = &entries(2000)[..1999];
    for compression in COMPRESSIONS {
        let mut recorder = begin(&place.path("left"), entries, compression);
        recorder.write_old(u64::MAX).unwrap();
        let part = place.path("left.part");
        // As it is while it is written.
        let bytes = fs::read(&part).unwrap();
        fs::write(place.path("copy"), &bytes).unwrap();
        // A message for each, for what is missing is missing by itself.
        assert_eq!(python("recovered", &place.path("copy")), json!({ "messages": entries.len(), "balances": 0 }));
        drop(recorder);
        fs::remove_file(part).unwrap();
        fs::write(place.path("copy"), &bytes[..bytes.len() - 1]).unwrap();
        let torn = python("recovered", &place.path("copy"));
        assert!(torn["messages"].as_u64().unwrap() > 0, "{torn}");
    }
}
