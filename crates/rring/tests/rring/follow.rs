//! A tap that goes on, and what is seen of it from outside.

use std::{
    io::{BufRead, BufReader},
    process,
};

use rusted_ring::{Consumer, Publisher, Sequence, Start, ledger::Ledger};

use crate::{Place, Running, rring, until};

#[test]
fn a_tap_follows_is_seen_in_the_ledger_and_says_its_account_when_interrupted() {
    let place = Place::new();
    let path = place.path("ring");
    let ring = place.create("ring", 8);
    let _archive = Consumer::join(ring.clone(), Start::Newest).unwrap().named("archive");
    let mut tap = Running::start(&["tap", &path, "--follow", "--name", "watch"]);
    until("the tap joins", || Ledger::of(&ring).readers().count() == 2);
    let publisher = Publisher::join(ring.clone()).unwrap();
    let mut lines = BufReader::new(tap.child.stdout.take().unwrap()).lines();
    for n in 0..3 {
        publisher.publish(format!("event {n}").as_bytes(), 5).unwrap();
        assert_eq!(lines.next().unwrap().unwrap(), format!("{n}\t5\tevent {n}"));
    }

    let stat = rring(&["stat", &path, "--json"]).json();
    assert_eq!((stat["state"].as_str(), stat["claimed"].as_u64()), (Some("alive"), Some(3)));
    assert_eq!((stat["balances"].as_bool(), stat["readers"].as_array().unwrap().len()), (Some(true), 2));
    for books in Ledger::of(&ring).readers() {
        let shown = stat["readers"].as_array().unwrap().iter().find(|shown| shown["entry"] == books.entry).unwrap();
        let (kind, process) = if books.gating { ("consumer", process::id()) } else { ("subscriber", tap.id()) };
        assert_eq!((shown["name"].as_str(), shown["kind"].as_str()), (Some(books.name.as_str()), Some(kind)));
        let numbers =
            ["position", "received", "repaired", "lost", "holes", "lag"].map(|name| shown[name].as_u64().unwrap());
        assert_eq!(
            numbers,
            [books.position.get(), books.received, books.repaired, books.lost, books.holes, books.ahead]
        );
        assert_eq!((shown["process"].as_u64(), shown["alive"].as_bool()), (Some(process.into()), Some(true)));
        assert_eq!(shown["balances"].as_bool(), Some(true));
    }
    let text = rring(&["stat", &path]).out;
    let row = text.lines().find(|line| line.starts_with("archive")).unwrap();
    let cells: Vec<&str> = row.split_whitespace().collect();
    let process = process::id().to_string();
    assert_eq!(cells, ["archive", "consumer", &process, "0", "0", "0", "0", "0", "0", "0", "3", "yes"]);

    tap.interrupt();
    let ended = tap.end();
    assert_eq!(ended.code, 0);
    assert_eq!(ended.error, "received 3; lost 0, holes 0; the next sequence is 3\n");
    assert_eq!(Ledger::of(&ring).readers().count(), 1, "it has left");
}

#[test]
fn how_far_a_reader_keeps_events_is_shown_where_one_does() {
    let place = Place::new();
    let path = place.path("ring");
    let ring = place.create("ring", 8);
    let cells = || {
        let text = rring(&["stat", &path]).out;
        let rows: Vec<&str> = text.lines().skip_while(|line| !line.starts_with("READER")).collect();
        let of = |row: &str| row.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
        (of(rows[0]), of(rows[1]))
    };
    let mut store = Consumer::join(ring.clone(), Start::Oldest).unwrap().named("store");
    let (head, row) = cells();
    assert_eq!((head.contains(&"DURABLE".to_owned()), head.len(), row.len()), (false, 12, 12));
    assert!(rring(&["stat", &path, "--json"]).json()["readers"][0]["durable"].is_null());
    let publisher = Publisher::join(ring.clone()).unwrap();
    (0..7).for_each(|_| _ = publisher.publish(b"a stroke", 5).unwrap());
    store.show_durable(Sequence::new(7));
    let (head, row) = cells();
    assert_eq!((&*head[5], &*row[5], head.len(), row.len()), ("DURABLE", "7", 13, 13));
    assert_eq!(rring(&["stat", &path, "--json"]).json()["readers"][0]["durable"].as_u64(), Some(7));
    // Who has the entry next has said nothing.
    drop(store);
    let _store = Consumer::join(ring, Start::Oldest).unwrap();
    assert!(rring(&["stat", &path, "--json"]).json()["readers"][0]["durable"].is_null());
}

#[test]
fn a_reader_that_was_killed_is_shown_as_dead() {
    let place = Place::new();
    let path = place.path("ring");
    let ring = place.create("ring", 8);
    let mut tap = Running::start(&["tap", &path, "--follow"]);
    until("the tap joins", || Ledger::of(&ring).readers().count() == 1);
    tap.child.kill().unwrap();
    tap.child.wait().unwrap();
    let stat = rring(&["stat", &path, "--json"]).json();
    assert_eq!(stat["readers"][0]["alive"].as_bool(), Some(false));
    assert!(stat["readers"][0]["process"].is_null());
    assert!(rring(&["stat", &path]).out.contains("dead"));
    assert!(rring(&["ls", &path]).out.contains("0 + 1 dead"));
    assert_eq!(stat["state"], "alive", "this test has it open");
    drop(ring);
    assert_eq!(rring(&["stat", &path, "--json"]).json()["state"], "dead");
}

#[test]
fn the_rate_is_of_what_was_claimed_in_the_window() {
    let place = Place::new();
    let publisher = Publisher::join(place.create("ring", 8)).unwrap();
    let hz = Running::start(&["hz", &place.path("ring"), "--window", "0.15", "-n", "2", "--json"]);
    for _ in 0..100 {
        publisher.publish(b"event", 0).unwrap();
        std::thread::sleep(std::time::Duration::from_millis(2));
    }
    let ended = hz.end();
    let windows: Vec<serde_json::Value> =
        ended.lines().iter().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!((ended.code, windows.len()), (0, 2), "{ended:?}");
    for window in &windows {
        let (sequences, seconds) = (window["sequences"].as_f64().unwrap(), window["seconds"].as_f64().unwrap());
        // The reader of JSON may miss the last bit.
        assert!((window["rate"].as_f64().unwrap() * seconds - sequences).abs() < 1e-6);
        assert!(seconds >= 0.15);
    }
    let claimed = |window: usize| windows[window]["claimed"].as_u64().unwrap();
    assert_eq!(claimed(1) - claimed(0), windows[1]["sequences"].as_u64().unwrap());
    assert!(claimed(1) > 0 && claimed(1) <= 100);

    let mut endless = Running::start(&["hz", &place.path("ring"), "--window", "0.05"]);
    let line = BufReader::new(endless.child.stdout.take().unwrap()).lines().next().unwrap().unwrap();
    assert!(line.starts_with("0.0/s: 0 sequences in "), "{line}");
    endless.interrupt();
    assert_eq!(endless.end().code, 0);
}

#[test]
fn a_ring_that_is_removed_or_replaced_is_told_and_the_next_of_its_name_is_followed() {
    let place = Place::new();
    let path = place.path("ring");
    let old = Publisher::join(place.create("ring", 8)).unwrap();
    let mut tap = Running::start(&["tap", &path, "--follow", "--from", "oldest"]);
    let mut hz = Running::start(&["hz", &path, "--window", "0.02"]);
    let mut lines = BufReader::new(tap.child.stdout.take().unwrap()).lines();
    let mut said = BufReader::new(tap.child.stderr.take().unwrap()).lines();
    let mut hz_said = BufReader::new(hz.child.stderr.take().unwrap()).lines();
    let mut rates = BufReader::new(hz.child.stdout.take().unwrap()).lines();
    rates.next().unwrap().unwrap();
    old.publish(b"old", 0).unwrap();
    assert_eq!(lines.next().unwrap().unwrap(), "0\t0\told");
    place.file("ring").remove().unwrap();
    for said in [&mut said, &mut hz_said] {
        let line = said.next().unwrap().unwrap();
        assert!(line.contains("was removed"), "{line}");
    }
    old.publish(b"still there", 0).unwrap();
    assert_eq!(lines.next().unwrap().unwrap(), "1\t0\tstill there");

    // It comes under its name when 9 events were published to it, of which it holds 4.
    let new = Publisher::join(place.create("new", 4)).unwrap();
    for n in 0..9 {
        new.publish(format!("new {n}").as_bytes(), 0).unwrap();
    }
    std::fs::rename(place.path("new"), &path).unwrap();
    assert_eq!(said.next().unwrap().unwrap(), "received 2; lost 0, holes 0; the next sequence is 2");
    let line = said.next().unwrap().unwrap();
    assert!(
        line.contains("is another ring now") && line.contains("goes on with that at 5; 5 were overwritten"),
        "{line}"
    );
    for n in 5..9 {
        assert_eq!(lines.next().unwrap().unwrap(), format!("{n}\t0\tnew {n}"));
    }
    let line = hz_said.next().unwrap().unwrap();
    assert!(line.contains("is another ring now"), "{line}");
    assert!(rates.any(|rate| rate.unwrap().ends_with("9 claimed in all")));
}

#[test]
fn slots_in_mid_publish_and_what_went_wrong_are_shown() {
    let place = Place::new();
    let path = place.path("ring");
    let ring = place.create("ring", 8);
    let publisher = Publisher::join(ring.clone()).unwrap();
    let quiet = rring(&["stat", &path]).out;
    assert!(!quiet.contains("mid-publish") && !quiet.contains("noted"), "{quiet}");
    std::mem::forget(publisher.claim());
    publisher.publish(b"event", 0).unwrap();
    // The reader gives up what it waits for in vain.
    assert_eq!(rring(&["tap", &path, "--follow", "--from", "oldest", "-n", "1"]).lines(), ["1\t0\tevent"]);
    let shown = rring(&["stat", &path]).out;
    assert!(shown.contains("mid-publish 1 of the slots") && shown.contains("a sequence was given up"), "{shown}");
    let json = rring(&["stat", &path, "--json"]).json();
    assert_eq!(
        (json["slots_in_mid_publish"].as_u64(), json["noted"][0]["incident"].as_str()),
        (Some(1), Some("given_up"))
    );
    assert_eq!(json["noted"][0]["count"], 1);
}
