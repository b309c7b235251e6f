//! Recordings of rings: what is in them, and what ends them.

use std::{
    fs,
    process::{Command, Stdio},
    sync::atomic::AtomicU32,
    thread,
    time::{Duration, Instant},
};

use rusted_ring::{Bytes, Many, Publisher, Sequence, Sole, SolePublisher, Typed, topology::StageBatch};
use rusted_ring_shm::Ring;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::json;

use crate::{Ended, Events, Place, Running, containers::in_namespace, rring, rring_with, until};

/// `rring record`, which has joined the ring.
fn recorder(place: &Place, more: &[&str]) -> Running {
    let (ring, file) = (place.path("ring"), place.path("a.mcap"));
    let running = Running::start(&[&["record", &ring, "-o", &file], more].concat());
    let mut observer = place.file("ring").observe_any().unwrap();
    until("the recorder joins, and its file is there", || {
        observer.look().unwrap();
        !observer.readers().is_empty() && fs::exists(place.path("a.mcap.part")).unwrap()
    });
    running
}

fn signal(running: &Running, signal: Signal) {
    kill_process(Pid::from_child(&running.child), signal).unwrap();
}

fn publish(ring: &Events, from: u64, to: u64) -> Publisher<Events> {
    let publisher = Publisher::join(ring.clone()).unwrap();
    for n in from..to {
        publisher.publish(format!("event {n}").as_bytes(), 7).unwrap();
    }
    publisher
}

/// Waits until the recorder has received so many.
fn until_received(place: &Place, count: u64) {
    let mut observer = place.file("ring").observe_any().unwrap();
    until("the recorder receives", || {
        observer.look().unwrap();
        observer.readers().iter().any(|reader| reader.received == count)
    });
}

fn replay(place: &Place) -> Ended {
    rring(&["replay", &place.path("a.mcap")])
}

fn lines(from: u64, to: u64) -> Vec<String> {
    (from..to).map(|n| format!("{n}\t7\tevent {n}")).collect()
}

#[test]
fn a_recording_is_printed_as_the_ring_is() {
    for mode in [&[][..], &["--sole"]] {
        let place = Place::new();
        let (ring, file) = (place.path("ring"), place.path("a.mcap"));
        let create = [&["pub", &ring, "--create", "24,8", "--type", "7"], mode].concat();
        assert_eq!(rring_with(&create, "one\n\n\x1bthree\\\nlast").code, 0);
        for compression in ["zstd", "lz4", "none"] {
            let recorded =
                rring(&["record", &ring, "-o", &file, "--from", "oldest", "-n", "4", "--compression", compression]);
            assert_eq!(recorded.code, 0, "{recorded:?}");
            let told = "received 4; lost 0, holes 0; the next sequence is 4\nrecorded 4 events of ";
            assert!(recorded.error.starts_with(told), "{recorded:?}");
            for form in [&[][..], &["--hex"], &["--json"]] {
                let [tapped, replayed] = ["tap", "replay"].map(|command| {
                    let from = if command == "tap" { &ring } else { &file };
                    rring(&[&[command, from.as_str()], form].concat())
                });
                assert_eq!((replayed.code, &replayed.out), (0, &tapped.out), "{replayed:?}");
                assert!(
                    replayed.error.contains("from sequence 0 on; lost 0, holes 0; the next sequence is 4"),
                    "{replayed:?}"
                );
            }
            fs::remove_file(&file).unwrap();
        }
    }
}

/// A type whose path is longer than a ring's file has room for: 80 times an array of one.
type Nested4<T> = [[[[T; 1]; 1]; 1]; 1];
type Nested16<T> = Nested4<Nested4<Nested4<Nested4<T>>>>;
type Nested80<T> = Nested16<Nested16<Nested16<Nested16<Nested16<T>>>>>;

fn nested16<T>(value: T) -> Nested16<T> {
    [[[[[[[[[[[[[[[[value]]]]]]]]]]]]]]]]
}

#[test]
fn values_whose_types_path_is_cut_are_replayed_as_lines_and_not_as_another_type() {
    type Value = Nested80<u64>;
    assert!(std::any::type_name::<Value>().len() > 384);
    let place = Place::new();
    let ring = place.file("ring").create::<Typed<Value>, Many>(8).unwrap();
    Publisher::join(ring).unwrap().send(&nested16(nested16(nested16(nested16(nested16(7))))));
    let recorded = rring(&["record", &place.path("ring"), "-o", &place.path("a.mcap"), "--from", "oldest", "-n", "1"]);
    assert_eq!(recorded.code, 0, "{recorded:?}");
    assert_eq!(rring(&["replay", &place.path("a.mcap")]).code, 0);
    let refused = rring(&["replay", &place.path("a.mcap"), "--into", &place.path("other")]);
    assert_eq!(refused.code, 1, "{refused:?}");
    assert!(refused.error.contains("longer than a ring's file has room for"), "{refused:?}");
    assert!(!fs::exists(place.path("other")).unwrap(), "a ring of another type");
}

/// What a recorder says of its end, its arguments, and what ends it.
type Way = (&'static str, &'static [&'static str], fn(&Running, &Place));

#[test]
fn whatever_ends_it_the_file_is_finished() {
    let ways: [Way; 6] = [
        ("asked to stop", &[], |running, _| signal(running, Signal::INT)),
        ("asked to stop", &[], |running, _| signal(running, Signal::TERM)),
        ("as many as were asked for", &["--count", "3"], |_, _| {}),
        ("the time is over", &["--for", "8"], |_, _| {}),
        ("the ring was removed", &[], |_, place| place.file("ring").remove().unwrap()),
        ("another ring has its name", &[], |_, place| {
            place.file("ring").remove().unwrap();
            drop(place.create("ring", 8));
        }),
    ];
    for (why, arguments, end) in ways {
        let place = Place::new();
        let ring = place.create("ring", 8);
        let running = recorder(&place, arguments);
        let _publisher = publish(&ring, 0, 3);
        if !arguments.contains(&"--count") {
            until_received(&place, 3);
        }
        end(&running, &place);
        let ended = running.end();
        assert_eq!(ended.code, 0, "{ended:?}");
        assert!(ended.error.contains("received 3; lost 0, holes 0") && ended.error.contains(why), "{why}: {ended:?}");
        let replayed = replay(&place);
        assert_eq!(
            (replayed.code, replayed.lines()),
            (0, lines(0, 3).iter().map(String::as_str).collect()),
            "{replayed:?}"
        );
        assert!(!fs::exists(place.path("a.mcap.part")).unwrap());
    }
}

#[test]
fn publishers_do_not_wait_for_a_recorder_and_what_it_lost_is_in_the_recording() {
    let place = Place::new();
    let ring = place.create("ring", 8);
    let running = recorder(&place, &[]);
    let publisher = publish(&ring, 0, 2);
    until_received(&place, 2);
    signal(&running, Signal::STOP);
    for n in 2..50 {
        publisher.try_publish(format!("event {n}").as_bytes(), 7).unwrap();
    }
    signal(&running, Signal::CONT);
    let mut observer = place.file("ring").observe_any().unwrap();
    until("it comes to the end", || {
        observer.look().unwrap();
        observer.readers()[0].position.get() == 50
    });
    running.interrupt();
    let ended = running.end();
    let replayed = replay(&place);
    assert_eq!(replayed.code, 0, "{replayed:?}");
    let received = replayed.lines().len();
    assert!((3..50).contains(&received), "{replayed:?}");
    let account = format!("; lost {}, holes 0", 50 - received);
    assert!(ended.error.contains(&format!("received {received}{account}")), "{ended:?}");
    assert!(replayed.error.contains(&account), "{replayed:?}");
    let told = rring(&["replay", &place.path("a.mcap"), "--json"]);
    let lost: serde_json::Value = serde_json::from_str(told.lines()[2]).unwrap();
    assert_eq!(lost, json!({ "lost": 50 - received, "from": 2, "to": 52 - received }), "{told:?}");
}

#[test]
fn publishers_wait_for_a_lossless_recorder_and_it_loses_nothing() {
    let place = Place::new();
    let ring = place.create("ring", 8);
    let running = recorder(&place, &["--lossless"]);
    signal(&running, Signal::STOP);
    let publisher = Publisher::join(ring).unwrap();
    let mut published = 0u64;
    let full = loop {
        assert!(published <= 8, "nobody is waited for");
        match publisher.try_publish(format!("event {published}").as_bytes(), 7) {
            Ok(_) => published += 1,
            Err(full) => break full.to_string(),
        }
    };
    assert!(full.contains("rring record"), "{full}");
    signal(&running, Signal::CONT);
    let _publisher = publish(publisher.ring(), published, 1000);
    until_received(&place, 1000);
    running.interrupt();
    assert_eq!(running.end().code, 0);
    let replayed = replay(&place);
    assert!(replayed.code == 0 && replayed.lines() == lines(0, 1000), "{}", replayed.error);
}

#[test]
fn a_recorder_that_is_killed_leaves_all_but_the_last_second() {
    let place = Place::new();
    let ring = place.create("ring", 64);
    let running = recorder(&place, &[]);
    let part = place.path("a.mcap.part");
    let publisher = publish(&ring, 0, 40);
    let printed = || rring(&["replay", &part]);
    until("what was received is written without more to come", || printed().lines().len() == 40);
    let second = Running::start(&["record", &place.path("ring"), "-o", &place.path("a.mcap"), "--force"]).end();
    assert!(second.code == 1 && second.error.contains("another process is writing"), "{second:?}");
    publisher.publish(b"too late, perhaps", 7).unwrap();
    signal(&running, Signal::KILL);
    drop(running);
    let replayed = printed();
    assert_eq!(replayed.code, 8, "{replayed:?}");
    assert!(replayed.lines().len() >= 40 && replayed.lines()[..40] == lines(0, 40), "{replayed:?}");
    assert!(replayed.error.contains("has no end") && replayed.error.contains("replayed 4"), "{replayed:?}");
    assert!(!fs::exists(place.path("a.mcap")).unwrap(), "what has the name is finished");

    // It is not written over by mistake.
    let arguments = ["record", &place.path("ring"), "-o", &place.path("a.mcap"), "--from", "0", "-n", "2"];
    let refused = rring(&arguments);
    assert!(refused.code == 1 && refused.error.contains("was left by a recorder"), "{refused:?}");
    let forced = rring(&[&arguments[..], &["--force"]].concat());
    assert_eq!((forced.code, replay(&place).lines().len()), (0, 2), "{forced:?}");
    assert!(!fs::exists(&part).unwrap());
}

#[test]
fn nothing_is_overwritten_unasked_and_a_file_is_replaced_by_a_finished_one() {
    let place = Place::new();
    let ring = place.create("ring", 8);
    let _publisher = publish(&ring, 0, 4);
    fs::write(place.path("a.mcap"), "precious").unwrap();
    let arguments = ["record", &place.path("ring"), "-o", &place.path("a.mcap"), "--from", "0"];
    let refused = rring(&[&arguments[..], &["-n", "2"]].concat());
    assert!(
        refused.code == 1 && refused.error.contains("is there already") && refused.error.contains("--force"),
        "{refused:?}"
    );
    let killed = recorder(&place, &["--force"]);
    signal(&killed, Signal::KILL);
    drop(killed);
    assert_eq!(fs::read_to_string(place.path("a.mcap")).unwrap(), "precious");
    assert_eq!(rring(&[&arguments[..], &["-n", "2", "--force"]].concat()).code, 0);
    assert_eq!(replay(&place).lines(), lines(0, 2));
    let nowhere = rring(&["record", &place.path("ring"), "-o", &place.path("none/a.mcap")]);
    assert!(nowhere.code == 1 && nowhere.error.contains("creating"), "{nowhere:?}");
    assert_eq!(rring(&["record", &place.path("none"), "-o", &place.path("b.mcap")]).code, 3);
    assert!(!fs::exists(place.path("b.mcap.part")).unwrap());
}

#[test]
fn a_full_disk_is_said_with_what_is_whole_and_that_is_read() {
    // Events that no compression makes smaller, of 4 KiB each: more than there is room for.
    let ended = in_namespace(
        "mount -t tmpfs -o size=4m tmpfs /mnt",
        "cd /dev/shm && R1=$(mktemp -u ./rring-test.XXXXXX) && \
         head -c 6000000 /dev/urandom | base64 -w 4000 | \"$R\" pub $R1 --create 4096,2100 && \
         \"$R\" record $R1 -o /mnt/a.mcap --from oldest -n 2000; echo $?; \"$R\" rm $R1; ls -A /mnt; \
         \"$R\" replay /mnt/a.mcap.part > /tmp/rring-test.$$; echo $?; wc -l < /tmp/rring-test.$$; rm /tmp/rring-test.$$; stat -c %s /mnt/a.mcap.part",
    );
    let lines = ended.lines();
    assert_eq!(lines[..3], ["1", "a.mcap.part", "8"], "{ended:?}");
    let events: u64 = lines[3].parse().unwrap();
    assert!(events > 500, "{ended:?}");
    let whole = format!("whole up to byte {},", lines[4]);
    for told in ["No space left on device", &format!("{events} events are whole in it"), "make room", &whole] {
        assert!(ended.error.contains(told), "{told}: {ended:?}");
    }
}

#[test]
fn holes_are_recorded_where_they_are() {
    let place = Place::new();
    let ring = place.create("ring", 16);
    let publisher = publish(&ring, 0, 2);
    drop(publisher.claim());
    drop(publisher.claim());
    publisher.publish(b"event 4", 7).unwrap();
    drop(publisher.claim());
    let arguments = ["record", &place.path("ring"), "-o", &place.path("a.mcap"), "--from", "0", "--for", "2"];
    let recorded = rring(&arguments);
    assert!(recorded.error.starts_with("received 3; lost 0, holes 3; the next sequence is 6"), "{recorded:?}");
    let replayed = rring(&["replay", &place.path("a.mcap"), "--json"]);
    assert!(
        replayed.code == 0 && replayed.error.contains("from sequence 0 on; lost 0, holes 3; the next sequence is 6"),
        "{replayed:?}"
    );
    let holes: [serde_json::Value; 2] =
        [replayed.lines()[2], replayed.lines()[4]].map(|line| serde_json::from_str(line).unwrap());
    assert_eq!(holes, [json!({ "holes": 2, "from": 2, "to": 4 }), json!({ "holes": 1, "from": 5, "to": 6 })]);
}

#[test]
fn a_ring_like_the_one_that_was_recorded_is_made_whatever_it_holds() {
    let place = Place::new();
    let record = |name: &str| {
        let file = place.path(&format!("{name}.mcap"));
        let recorded = rring(&["record", &place.path(name), "-o", &file, "--from", "0", "-n", "2"]);
        assert_eq!(recorded.code, 0, "{recorded:?}");
        let again = place.path(&format!("{name}-again"));
        let replayed = rring(&["replay", &file, "--into", &again, "--speed", "max"]);
        assert!(replayed.code == 0 && replayed.error.contains("replayed 2 of "), "{replayed:?}");
        let [before, after] = [place.path(name), again].map(|ring| rring(&["tap", &ring, "--hex"]));
        assert_eq!(before.out, after.out);
        assert_eq!(before.lines().len(), 2, "{before:?}");
    };
    let values = place.file("values").create::<Typed<[u32; 2]>, Many>(8).unwrap();
    Publisher::join(values).unwrap().send_batch(&[[1, 2], [3, u32::MAX]]);
    record("values");
    place.file("values-again").open::<Typed<[u32; 2]>, Many>().expect("it is known by its type");

    let sole = place.file("sole").create::<Typed<f64>, Sole>(8).unwrap();
    SolePublisher::join(sole).unwrap().send_batch(&[0.5, -1.0]);
    record("sole");
    place.file("sole-again").open::<Typed<f64>, Sole>().expect("it is known by its type");

    let noted = place.file("noted").create::<Bytes<64, 64, AtomicU32>, Many>(8).unwrap();
    let publisher = Publisher::join(noted).unwrap();
    publisher.publish(b"one", 1).unwrap();
    publisher.publish(b"two", 2).unwrap();
    record("noted");
    place.file("noted-again").open::<Bytes<64, 64, AtomicU32>, Many>().expect("it has its notes");

    let _long = place.file("long").create::<Bytes<256, 64>, Many>(16).unwrap();
    let refused = rring(&["record", &place.path("long"), "-o", &place.path("long.mcap")]);
    assert!(refused.code == 6 && refused.error.contains("long events"), "{refused:?}");
}

#[test]
fn events_are_replayed_no_sooner_than_they_are_due() {
    let place = Place::new();
    let ring = place.create("ring", 8);
    let running = recorder(&place, &["-n", "2"]);
    let publisher = publish(&ring, 0, 1);
    until_received(&place, 1);
    thread::sleep(Duration::from_millis(300));
    publisher.publish(b"event 1", 7).unwrap();
    assert_eq!(running.end().code, 0);
    let recorded = rring(&["replay", &place.path("a.mcap"), "--json"]);
    assert_eq!(recorded.lines().len(), 2);
    for (speed, least) in [(&[][..], 250), (&["--speed", "0.5"], 500)] {
        let (begun, into) = (Instant::now(), place.path(&format!("into{least}")));
        let replayed = rring(&[&["replay", &place.path("a.mcap"), "--into", &into], speed].concat());
        assert_eq!(replayed.code, 0, "{replayed:?}");
        assert!(begun.elapsed() >= Duration::from_millis(least), "{speed:?}: {:?}", begun.elapsed());
        assert_eq!(rring(&["tap", &into]).lines(), lines(0, 2));
    }
    // Once it has published the first, it waits for the second.
    let into = place.path("slow");
    let slow = Running::start(&["replay", &place.path("a.mcap"), "--speed", "0.0001", "--into", &into]);
    until("the first event is published", || {
        place.file("slow").observe_any().is_ok_and(|observer| observer.claimed().get() == 1)
    });
    slow.interrupt();
    let ended = slow.end();
    assert_eq!(ended.code, 130, "{ended:?}");
    assert!(ended.error.contains("interrupted: 1 events were replayed"), "{ended:?}");
    assert!(ended.error.contains("replayed 1 of") && ended.error.contains("the next sequence is 1"), "{ended:?}");
}

#[test]
fn a_ring_that_is_not_like_the_recorded_one_is_not_published_to() {
    let place = Place::new();
    let ring = place.create("ring", 8);
    let _publisher = publish(&ring, 0, 6);
    let file = place.path("a.mcap");
    assert_eq!(rring(&["record", &place.path("ring"), "-o", &file, "--from", "0", "-n", "6"]).code, 0);
    let _other = place.create("other", 16);
    let _values = place.file("values").create::<Typed<[u8; 64]>, Many>(8).unwrap();
    let small = place.create("small", 8);
    for (ring, what) in [("other", "capacity is 16, and 8 was expected"), ("values", "content is values")] {
        let refused = rring(&["replay", &file, "--into", &place.path(ring), "--speed", "max"]);
        assert!(refused.code == 1 && refused.error.contains(what), "{refused:?}");
        assert_eq!(rring(&["tap", &place.path(ring)]).lines(), [""; 0]);
    }
    let archive = rusted_ring::Consumer::join(small, rusted_ring::Start::Newest).unwrap().named("archive");
    assert_eq!(rring(&["replay", &file, "--into", &place.path("small"), "--speed", "max"]).code, 0);
    let again = ["replay", &file, "--into", &place.path("small"), "--speed", "max", "--timeout", "0.1"];
    let full = rring(&again);
    assert!(
        full.code == 4 && full.error.contains("the event of sequence 2") && full.error.contains("`archive`"),
        "{full:?}"
    );
    drop(archive);
}

#[test]
fn recordings_are_compared_by_their_events() {
    let place = Place::new();
    let record = |name: &str, input: &str| {
        let (ring, file) = (place.path(name), place.path(&format!("{name}.mcap")));
        assert_eq!(rring_with(&["pub", &ring, "--create", "64,16"], input).code, 0);
        let count = input.lines().count().to_string();
        assert_eq!(rring(&["record", &ring, "-o", &file, "--from", "0", "-n", &count]).code, 0);
        file
    };
    let (first, same) = (record("first", "one\ntwo\nthree\n"), record("same", "one\ntwo\nthree\n"));
    let (other, longer) = (record("other", "one\nTWO\nthree\n"), record("longer", "one\ntwo\nthree\nfour\n"));
    let compare = |second: &str| rring(&["compare", &first, second]);
    let found = compare(&same);
    assert!(found.code == 0 && found.out.starts_with("the same: first 0, next 3"), "{found:?}");
    let found = compare(&other);
    assert!(found.code == 9 && found.error.contains("differ at sequence 1"), "{found:?}");
    let lines = [format!("1\t{first}\ttype 0, 3 bytes: two"), format!("1\t{other}\ttype 0, 3 bytes: TWO")];
    assert_eq!(found.lines(), lines);
    let found = compare(&longer);
    assert!(found.code == 9 && found.out.contains("3\t") && found.out.contains("or has ended"), "{found:?}");
    // Nobody reads what they have there, and they differ all the same.
    let mut unread = Command::new(env!("CARGO_BIN_EXE_rring"));
    let (reading, writing) = std::io::pipe().unwrap();
    drop(reading);
    let status = unread.args(["compare", &first, &other]).stdout(writing).stderr(Stdio::null()).status().unwrap();
    assert_eq!(status.code(), Some(9));
    fs::write(&other, &fs::read(&first).unwrap()[..700]).unwrap();
    let found = compare(&other);
    assert!(found.code == 8 && found.error.contains(&format!("{other} has no end")), "{found:?}");
}

#[test]
fn recordings_of_batches_are_compared_stage_by_stage() {
    let place = Place::new();
    let record = |name: &str, batches: &[StageBatch]| {
        let (path, file) = (place.path(name), place.path(&format!("{name}.mcap")));
        let ring: Ring<Typed<StageBatch>, Many> = place.file(name).create(16).unwrap();
        let publisher = Publisher::join(ring).unwrap();
        batches.iter().for_each(|batch| _ = publisher.send(batch));
        let count = batches.len().to_string();
        assert_eq!(rring(&["record", &path, "-o", &file, "--from", "0", "-n", &count]).code, 0);
        file
    };
    let batch = |stage, worker, from, to| StageBatch::new(stage, worker, Sequence::new(from), Sequence::new(to));
    let (a, b) = (batch("a", 0, 0, 3), batch("b", 1, 0, 2));
    let first = record("first", &[a, b, batch("a", 0, 3, 4)]);
    let same = record("same", &[b, a, batch("a", 0, 3, 4)]);
    let other = record("other", &[a, b, batch("a", 0, 3, 5), batch("a", 0, 5, 6)]);
    let found = rring(&["compare", &first, &same]);
    assert!(found.code == 0 && found.out.starts_with("the same 3 batches, stage by stage"), "{found:?}");
    let found = rring(&["compare", &first, &other]);
    assert!(found.code == 9 && found.error.contains("1 stage differs: a"), "{found:?}");
    let batches = [(&first, 4), (&other, 5)];
    let lines = batches.map(|(file, to)| format!("a\t{file}\tworker 0, sequences 3 up to and without {to}"));
    assert_eq!(found.lines(), lines);
    let found = rring(&["compare", &first, &record("longer", &[a, b, batch("a", 0, 3, 4), batch("b", 0, 2, 4)])]);
    assert!(found.code == 9 && found.out.starts_with(&format!("b\t{first}\tno more batches\n")), "{found:?}");
}

/// Replays `bytes` with 200 MiB of memory.
fn replay_bounded(place: &Place, bytes: &[u8]) -> Ended {
    fs::write(place.path("forged"), bytes).unwrap();
    let mut shell = Command::new("sh");
    shell.args(["-c", "ulimit -v 204800; exec \"$0\" replay \"$1\""]);
    shell.args([env!("CARGO_BIN_EXE_rring"), &place.path("forged")]).output().unwrap().into()
}

#[test]
fn a_file_that_claims_more_than_there_is_takes_no_memory() {
    let place = Place::new();
    let ring = place.create("ring", 8);
    let _publisher = publish(&ring, 0, 6);
    let arguments = ["record", &place.path("ring"), "-o", &place.path("a.mcap"), "--from", "0", "-n", "6"];
    assert_eq!(rring(&[&arguments[..], &["--compression", "none"]].concat()).code, 0);
    let whole = fs::read(place.path("a.mcap")).unwrap();
    assert_eq!(replay_bounded(&place, &whole).code, 0, "it needs less than that");
    let begin = &whole[..8];
    let claim = |kind: u8, length: u64, more: &[u8]| [begin, &[kind], &length.to_le_bytes(), more].concat();
    // A record, a chunk, and a chunk that is decompressed.
    for (forged, code) in [
        (claim(4, u64::MAX, b""), 8),
        (claim(4, 1 << 33, b""), 8),
        (claim(4, 1 << 24, b""), 8),
        (claim(6, 1 << 40, b""), 8),
        (claim(6, 48, &[&[0; 16][..], &(1u64 << 40).to_le_bytes(), &[0; 24]].concat()), 8),
        // A name in a channel.
        (claim(4, 12, &[0, 0, 0, 0, 0xff, 0xff, 0xff, 0x7f, 0, 0, 0, 0]), 8),
        (vec![0; 1 << 20], 1),
    ] {
        let ended = replay_bounded(&place, &forged);
        assert_eq!(ended.code, code, "{ended:?}");
        assert!(ended.error.starts_with("rring: ") && ended.lines().is_empty(), "{ended:?}");
    }
    // Whatever is there, as long as a length.
    for at in 8..whole.len() - 8 {
        let mut forged = whole.clone();
        forged[at + 3..at + 8].fill(0x7f);
        if at % 37 == 0 {
            let ended = replay_bounded(&place, &forged);
            assert!([1, 8].contains(&ended.code), "{at}: {ended:?}");
        }
    }
}

#[test]
fn what_came_before_the_rings_name_went_is_recorded() {
    let place = Place::new();
    let ring = place.create("ring", 8);
    let running = recorder(&place, &["--lossless"]);
    let publisher = publish(&ring, 0, 2);
    until_received(&place, 2);
    // It is asleep between two looks while both happen.
    signal(&running, Signal::STOP);
    for n in 2..6 {
        publisher.publish(format!("event {n}").as_bytes(), 7).unwrap();
    }
    place.file("ring").remove().unwrap();
    signal(&running, Signal::CONT);
    let ended = running.end();
    assert!(ended.code == 0 && ended.error.contains("received 6; lost 0"), "{ended:?}");
    assert_eq!(replay(&place).lines(), lines(0, 6));
}

#[test]
fn a_recorder_that_reaches_the_limit_of_a_file_ends_as_on_a_full_disk() {
    let place = Place::new();
    let ring = place.create("ring", 2048);
    let _publisher = publish(&ring, 0, 2000);
    let mut shell = Command::new("sh");
    shell.args(["-c", "ulimit -f 8; exec \"$0\" record \"$1\" -o \"$2\" --from oldest -n 2000 --compression none"]);
    let output = shell.args([env!("CARGO_BIN_EXE_rring"), &place.path("ring"), &place.path("a.mcap")]).output();
    let ended = Ended::from(output.unwrap());
    assert!(ended.code == 1 && ended.error.contains("events are whole in it"), "{ended:?}");
    assert_eq!(rring(&["replay", &place.path("a.mcap.part")]).code, 8, "it has no end");
}

#[test]
fn options_that_would_do_nothing_are_refused() {
    let place = Place::new();
    for arguments in [&["--into", "ring", "--json"][..], &["--timeout", "3"]] {
        let refused = rring(&[&["replay", place.path("a.mcap").as_str()], arguments].concat());
        assert_eq!(refused.code, 2, "{refused:?}");
    }
}
