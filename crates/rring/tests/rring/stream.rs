//! Events in, events out.

use std::{fs, io::Write, os::unix::fs::PermissionsExt, process, sync::atomic::AtomicU8, thread, time::Duration};

use rusted_ring::{Bytes, Consumer, Many, Publisher, Sole, SolePublisher, Start, Typed};
use serde_json::{Value, json};

use crate::{Place, Running, rring, rring_with, until};

#[test]
fn lines_come_out_as_they_went_in() {
    for mode in [&[][..], &["--sole"]] {
        let place = Place::new();
        let ring = place.path("ring");
        let create = [&["pub", &ring, "--create", "24,8", "--type", "7"], mode].concat();
        let published = rring_with(&create, "one\n\n\x1bthree\\\nlast");
        assert_eq!((published.code, published.error.as_str()), (0, "published 4, the last as sequence 3\n"));
        assert_eq!(rring_with(&["pub", &ring], "other\n").code, 0, "the ring is there by now");

        let text = rring(&["tap", &ring]);
        assert_eq!(text.lines(), ["0\t7\tone", "1\t7\t", "2\t7\t\\u{1b}three\\\\", "3\t7\tlast", "4\t0\tother"]);
        assert_eq!((text.code, text.error.as_str()), (0, "received 5; lost 0, holes 0; the next sequence is 5\n"));
        let hex = rring(&["tap", &ring, "--hex", "-n", "1"]);
        assert_eq!(hex.lines(), ["0\t7\t6f6e65"]);
        let one_type = rring(&["tap", &ring, "--type", "0"]);
        assert_eq!(one_type.lines(), ["4\t0\tother"]);
        assert!(one_type.error.starts_with("received 5, 4 of them not printed;"), "{one_type:?}");
        let from = rring(&["tap", &ring, "--from", "3", "--json"]);
        let first: Value = serde_json::from_str(from.lines()[0]).unwrap();
        assert_eq!(first, json!({ "sequence": 3, "type": 7, "hex": "6c617374", "text": "last" }));
        assert_eq!(rring(&["tap", &ring, "--from", "newest"]).lines(), [""; 0]);
    }
}

#[test]
fn files_are_read_one_after_the_other_and_what_does_not_fit_is_named() {
    let place = Place::new();
    let ring = place.path("ring");
    let _ring = place.create("ring", 16);
    fs::write(place.path("first"), "a\nb\n").unwrap();
    fs::write(place.path("second"), format!("c\n{}\nd\n", "x".repeat(65))).unwrap();
    let ended = rring(&["pub", &ring, &place.path("first"), &place.path("second")]);
    assert_eq!(ended.code, 1);
    assert!(ended.error.starts_with("published 3, the last as sequence 2\nrring: line 2 of "), "{ended:?}");
    assert!(ended.error.contains("more than 64 bytes"), "{ended:?}");
    assert_eq!(rring(&["pub", &ring, &place.path("none")]).code, 1);
    assert_eq!(rring(&["tap", &ring]).lines(), ["0\t0\ta", "1\t0\tb", "2\t0\tc"]);
}

#[test]
fn a_ring_is_its_owners_or_the_groups_and_not_joined_if_anybody_may_write_it() {
    let place = Place::new();
    let ring = place.path("ring");
    let permissions = || fs::metadata(&ring).unwrap().permissions();
    assert_eq!(rring_with(&["pub", &ring, "--create", "64,8", "--group"], "one\n").code, 0);
    assert_eq!(permissions().mode() & 0o777, 0o660);
    fs::set_permissions(&ring, fs::Permissions::from_mode(0o606)).unwrap();
    let refused = rring_with(&["pub", &ring], "two\n");
    assert!(refused.code == 1 && refused.error.contains("606") && refused.error.contains("chmod"), "{refused:?}");
    assert_eq!(rring(&["stat", &ring]).code, 0, "a look does no harm");
}

#[test]
fn nobody_has_to_read_what_is_said() {
    let place = Place::new();
    let ring = place.path("ring");
    let full = || fs::File::options().write(true).open("/dev/full").unwrap();
    let run = |arguments: &[&str]| {
        let mut command = process::Command::new(env!("CARGO_BIN_EXE_rring"));
        let child = command.args(arguments).stdin(process::Stdio::null()).stderr(full()).output().unwrap();
        child.status.code()
    };
    assert_eq!(run(&["pub", &ring, "--create", "64,8"]), Some(0));
    assert_eq!(run(&["tap", &ring]), Some(0));
    assert_eq!(run(&["stat", &place.path("none")]), Some(3));
}

#[test]
fn what_was_overwritten_is_told_and_counted() {
    let place = Place::new();
    let ring = place.path("ring");
    let publisher = Publisher::join(place.create("ring", 8)).unwrap();
    for n in 0..20 {
        publisher.publish(format!("event {n}").as_bytes(), 0).unwrap();
    }
    let text = rring(&["tap", &ring, "--from", "0"]);
    let lost = 20 - text.lines().len();
    assert!(lost >= 12, "the ring holds eight");
    assert_eq!(text.lines()[0], format!("{lost}\t0\tevent {lost}"));
    let received = 20 - lost;
    assert_eq!(
        text.error,
        format!(
            "lost {lost}: overwritten from 0 on, it goes on at {lost}\nreceived {received}; lost {lost}, holes 0; the next sequence is 20\n"
        )
    );
    let told = rring(&["tap", &ring, "--from", "0", "--json"]);
    let first: Value = serde_json::from_str(told.lines()[0]).unwrap();
    assert_eq!(first, json!({ "lost": lost, "from": 0, "to": lost }));
}

#[test]
fn a_full_ring_is_waited_for_and_then_its_blocker_is_named_with_its_process() {
    let place = Place::new();
    let ring = place.path("ring");
    let mut archive = Consumer::join(place.create("ring", 4), Start::Newest).unwrap().named("archive");
    let ended = rring_with(&["pub", &ring, "--timeout", "0.1"], "1\n2\n3\n4\n5\n6\n");
    assert_eq!(ended.code, 4);
    assert!(
        ended.error.starts_with("published 4, the last as sequence 3\nrring: line 5 of standard input"),
        "{ended:?}"
    );
    assert!(
        ended.error.contains("`archive`") && ended.error.contains(&format!("process {}", process::id())),
        "{ended:?}"
    );

    let waiting = thread::spawn({
        let ring = ring.clone();
        move || rring_with(&["pub", &ring, "--timeout", "20"], "5\n6\n")
    });
    for n in 1..=6 {
        assert_eq!(archive.copy_timeout(crate::LONG).unwrap().bytes(), n.to_string().as_bytes());
    }
    assert_eq!(waiting.join().unwrap().code, 0);
}

#[test]
fn a_sole_publisher_keeps_others_out() {
    let place = Place::new();
    let ring = place.file("ring").create::<Bytes<64>, Sole>(8).unwrap();
    let publisher = SolePublisher::join(ring).unwrap();
    let ended = rring_with(&["pub", &place.path("ring")], "a\n");
    assert_eq!(ended.code, 1, "{ended:?}");
    drop(publisher);
    assert_eq!(rring_with(&["pub", &place.path("ring")], "a\n").code, 0);
}

#[test]
fn values_are_shown_as_their_bytes_and_what_cannot_be_opened_is_explained() {
    let place = Place::new();
    let values = place.file("values").create::<Typed<[u32; 2]>, Many>(8).unwrap();
    Publisher::join(values).unwrap().send(&[1, 0x0a0b_0c0d]);
    let tapped = rring(&["tap", &place.path("values"), "--hex"]);
    assert_eq!(tapped.lines(), ["0\t0\t010000000d0c0b0a"]);
    let refused = rring_with(&["pub", &place.path("values")], "x\n");
    assert_eq!(refused.code, 6, "{refused:?}");
    assert!(refused.error.contains("[u32; 2]"), "{refused:?}");

    let _long = place.file("long").create::<Bytes<256, 64>, Many>(16).unwrap();
    let _odd = place.file("odd").create::<Bytes<65>, Many>(16).unwrap();
    for (name, what) in [("long", "long events"), ("odd", "slots of 65 bytes")] {
        let refused = rring(&["tap", &place.path(name)]);
        assert_eq!(refused.code, 6, "{refused:?}");
        assert!(refused.error.contains(what) && refused.error.contains("65536"), "{refused:?}");
    }
    let refused = rring(&["pub", &place.path("new"), "--create", "65,8"]);
    assert_eq!(refused.code, 6, "{refused:?}");
}

#[test]
fn a_ring_that_is_there_with_another_capacity_is_not_taken_for_the_one_asked_for() {
    let place = Place::new();
    let _ring = place.create("ring", 8);
    let refused = rring(&["pub", &place.path("ring"), "--create", "64,9"]);
    assert_eq!(refused.code, 1);
    assert!(refused.error.contains("capacity is 8, and 9 was expected"), "{refused:?}");
}

#[test]
fn a_claim_that_is_never_published_is_not_waited_for() {
    let place = Place::new();
    let publisher = Publisher::join(place.create("ring", 8)).unwrap();
    publisher.publish(b"event", 0).unwrap();
    let claim = publisher.claim();
    let ended = rring(&["tap", &place.path("ring")]);
    assert_eq!((ended.code, ended.lines()), (0, vec!["0\t0\tevent"]));
    drop(claim);
}

#[test]
fn nobody_who_reads_the_output_any_more_is_no_error() {
    let place = Place::new();
    let publisher = Publisher::join(place.create("ring", 8)).unwrap();
    let mut tap = Running::start(&["tap", &place.path("ring"), "--follow"]);
    drop(tap.child.stdout.take());
    let mut observer = place.file("ring").observe_any().unwrap();
    until("the tap joins", || {
        observer.look().unwrap();
        !observer.readers().is_empty()
    });
    let begun = std::time::Instant::now();
    while tap.child.try_wait().unwrap().is_none() {
        assert!(begun.elapsed() < crate::LONG);
        publisher.publish(b"into nothing", 0).unwrap();
        thread::sleep(Duration::from_millis(1));
    }
    let ended = tap.end();
    assert_eq!(ended.code, 0, "{ended:?}");
    assert!(ended.error.starts_with("received "), "{ended:?}");
}

#[test]
fn a_line_without_end_is_refused_once_it_exceeds_an_event_and_not_kept() {
    let place = Place::new();
    let ring = place.path("ring");
    let mut publish = Running::start(&["pub", &ring, "--create", "64,8"]);
    let mut input = publish.child.stdin.take().unwrap();
    input.write_all(b"one\n").unwrap();
    // It would be read for as long as there is memory.
    let endless = thread::spawn(move || while input.write_all(&[b'x'; 1 << 16]).is_ok() {});
    let ended = publish.end();
    endless.join().unwrap();
    assert_eq!(ended.code, 1, "{ended:?}");
    assert!(ended.error.contains("line 2 of standard input has more than 64 bytes"), "{ended:?}");
    assert_eq!(rring(&["tap", &ring]).lines(), ["0\t0\tone"]);
}

#[test]
fn a_publisher_that_is_interrupted_says_what_it_published() {
    let place = Place::new();
    let ring = place.path("ring");
    let _archive = Consumer::join(place.create("ring", 4), Start::Newest).unwrap();
    for (input, says) in [
        (
            &b"1\n2\nunfinished"[..],
            "published 2, the last as sequence 1\nrring: interrupted: line 2 of standard input was the last to be published, and 10 bytes",
        ),
        (
            b"3\n4\n5\n",
            "published 2, the last as sequence 3\nrring: interrupted: line 2 of standard input was the last to be published",
        ),
    ] {
        let mut publish = Running::start(&["pub", &ring, "--timeout", "100"]);
        let mut pipe = publish.child.stdin.take().unwrap();
        pipe.write_all(input).unwrap();
        let mut observer = place.file("ring").observe_any().unwrap();
        let published = 2 + observer.claimed().get();
        until("it publishes", || {
            observer.look().unwrap();
            observer.claimed().get() == published
        });
        publish.interrupt();
        let status = publish.status();
        drop(pipe);
        assert_eq!(status.code(), Some(130));
        let ended = publish.end();
        assert!(ended.error.starts_with(says), "{ended:?}");
    }
}

#[test]
fn the_events_of_a_pool_with_notes_are_printed_without_their_notes() {
    let place = Place::new();
    let ring = place.file("noted").create::<Bytes<64, 64, AtomicU8>, Many>(8).unwrap();
    Publisher::join(ring).unwrap().publish(b"event", 3).unwrap();
    assert_eq!(rring(&["tap", &place.path("noted")]).out, "0\t3\tevent\n");
    let other = place.file("other").create::<Bytes<64, 64, [AtomicU8; 8]>, Many>(8);
    drop(other);
    let refused = rring(&["tap", &place.path("other")]);
    assert!(refused.code == 6 && refused.error.contains("notes"), "{refused:?}");
}
