//! Two machines, as two network namespaces with a link between them: what one publishes the other has, whatever happens to the link and to the programs.
//!
//! It takes the superuser, `ip` and `tc` (iproute2), and `rring` at the path in the variable `RRING`: `cargo xtask test --only machines` has all that.

mod hostile;
mod machines;

use std::{
    fs,
    time::{Duration, Instant},
};

use machines::{Machines, Program, until};
use serde_json::Value;

/// The number of a book.
fn number(books: &Value, name: &str) -> u64 {
    books[name].as_u64().unwrap_or_else(|| panic!("no {name} in {books}"))
}

/// That all of `published`, which began at 0, was received or repaired.
fn check_whole(books: &Value, published: u64) {
    assert_eq!(books["balances"], true, "{books}");
    assert_eq!((number(books, "begun"), number(books, "next"), number(books, "lost")), (0, published, 0), "{books}");
    assert_eq!(number(books, "received") + number(books, "repaired"), published, "{books}");
}

/// What a show prints of what happened.
fn show(what: &str, sent: &Value, books: &Value) {
    println!("{what}\n  source: {sent}\n  mirror: {books}");
}

/// Publishes in one, taps the mirror in the other; the link is cut for ten seconds.
#[test]
fn a_link_is_cut_for_ten_seconds_and_the_books_balance() {
    let machines = Machines::new("cut");
    let journal = machines.place.path().join("journal");
    let mut publisher = machines.publisher(1024);
    let source = machines.serve(&["--journal", journal.to_str().unwrap()]);
    let mirror = machines.follow(&[]);
    publisher.publish(0..500);
    machines.until_mirrored(500);
    publisher.publish(500..1000);
    machines.until_mirrored(1000);
    let mut tap = machines.tap();

    machines.cut();
    let begun = Instant::now();
    let mut next = 1000;
    while begun.elapsed() < Duration::from_secs(10) {
        publisher.publish(next..next + 100);
        next += 100;
        std::thread::sleep(Duration::from_millis(50));
    }
    assert!(machines.mirrored() < next, "the link was cut");
    machines.mend();
    publisher.publish(next..next + 500);
    next += 500;
    machines.until_mirrored(next);

    let lines = tap.stop();
    let taken: Vec<u64> = lines.lines().map(check_line).collect();
    assert_eq!(taken.last(), Some(&(next - 1)), "the tap came to the end");
    let (sent, books) = (source.end(), mirror.end());
    show("a link that was cut for ten seconds", &sent, &books);
    check_whole(&books, next);
    assert!(number(&books, "received") > 0 && number(&books, "repaired") > 0, "{books}");
    assert!(number(&sent, "lost") > 0, "the source's reader was overtaken: {sent}");
}

/// A mirror is killed while the source publishes more than its ring has, and is started again.
#[test]
fn a_mirror_that_was_away_catches_up_from_the_ring_and_the_journal() {
    let machines = Machines::new("away");
    let journal = machines.place.path().join("journal");
    let mut publisher = machines.publisher(1024);
    let source = machines.serve(&["--journal", journal.to_str().unwrap()]);
    let mut mirror = machines.follow(&[]);
    publisher.publish(0..500);
    machines.until_mirrored(500);
    mirror.kill();
    publisher.publish(500..20_000);
    let mirror = machines.follow(&[]);
    machines.until_mirrored(20_000);
    let (sent, books) = (source.end(), mirror.end());
    show("a mirror that was away", &sent, &books);
    assert_eq!((number(&books, "begun"), number(&books, "next"), number(&books, "lost")), (500, 20_000, 0), "{books}");
    assert_eq!(books["balances"], true);
}

/// Without a journal, what the ring has no more is lost: counted, and a hole at the mirror.
#[test]
fn what_the_source_has_no_more_is_lost_and_counted() {
    let machines = Machines::new("lost");
    let mut publisher = machines.publisher(1024);
    let source = machines.serve(&[]);
    let mut mirror = machines.follow(&[]);
    publisher.publish(0..500);
    machines.until_mirrored(500);
    mirror.kill();
    publisher.publish(500..10_000);
    let mirror = machines.follow(&[]);
    machines.until_mirrored(10_000);
    let (sent, books) = (source.end(), mirror.end());
    show("a mirror that was away, of a source without a journal", &sent, &books);
    assert_eq!(books["balances"], true, "{books}");
    // All that the ring has was had.
    assert_eq!((number(&books, "lost"), number(&books, "repaired")), (10_000 - 1024 - 500, 1024), "{books}");
}

/// The source's gateway is killed, and comes again: its ring lives on.
#[test]
fn a_source_whose_gateway_is_killed_goes_on_with_its_journal() {
    let machines = Machines::new("gateway");
    let journal = machines.place.path().join("journal");
    let mut publisher = machines.publisher(1024);
    let mut source = machines.serve(&["--journal", journal.to_str().unwrap()]);
    let mirror = machines.follow(&[]);
    publisher.publish(0..100);
    machines.until_mirrored(100);
    publisher.publish(100..5000);
    machines.until_mirrored(5000);
    source.kill();
    // No more than the ring keeps, for nobody else does meanwhile.
    publisher.publish(5000..5900);
    let source = machines.serve(&["--journal", journal.to_str().unwrap()]);
    machines.until_mirrored(5900);
    let (sent, books) = (source.end(), mirror.end());
    show("a source's gateway that was killed", &sent, &books);
    check_whole(&books, 5900);
}

/// Either side is killed again and again in the middle of a stream, and started again. What the mirror then has is what was published.
#[test]
fn sides_that_are_killed_in_the_middle_of_a_stream_lose_nothing_that_is_kept() {
    let machines = Machines::new("kills");
    let journal = machines.place.path().join("journal");
    let serve = || machines.serve(&["--journal", journal.to_str().unwrap()]);
    let mut publisher = machines.publisher(1024);
    let (mut source, mut mirror) = (serve(), machines.follow(&[]));
    publisher.publish(0..10);
    machines.until_mirrored(10);
    let mut next = 10;
    for round in 0..8 {
        let publishing = std::thread::scope(|scope| {
            // No more than the ring keeps: while the source's program is dead, nobody records.
            let publishing = scope.spawn(|| {
                for _ in 0..9 {
                    publisher.publish(next..next + 100);
                    next += 100;
                    std::thread::sleep(Duration::from_millis(5));
                }
            });
            std::thread::sleep(Duration::from_millis(7 * (round + 1)));
            if round % 2 == 0 {
                mirror.kill();
                mirror = machines.follow(&[]);
            } else {
                source.kill();
                source = serve();
            }
            publishing.join()
        });
        publishing.unwrap();
        machines.until_mirrored(next);
    }
    let lines = machines.read_mirror();
    let numbers: Vec<u64> = lines.lines().map(check_line).collect();
    assert_eq!(numbers, (next - 1024..next).collect::<Vec<_>>());
    let (sent, books) = (source.end(), mirror.end());
    show("sides that were killed in the middle of a stream", &sent, &books);
    assert!(books["balances"] == true && number(&books, "lost") == 0, "{books}");
}

/// The sequence of a line of `rring tap`, whose event must be what was published under it.
fn check_line(line: &str) -> u64 {
    let (sequence, event) = line.split_once("\t0\tevent ").unwrap_or_else(|| panic!("{line}"));
    assert_eq!(sequence, event);
    sequence.parse().unwrap()
}

/// A ring that is made anew is not taken for the old one, though it begins with the same sequences.
#[test]
fn a_source_that_began_anew_has_another_ring_at_the_mirror() {
    let machines = Machines::new("anew");
    let mut publisher = machines.publisher(1024);
    let source = machines.serve(&[]);
    let mirror = machines.follow(&[]);
    publisher.publish(0..300);
    machines.until_mirrored(300);
    let old = machines.identity();
    publisher.end();
    fs::remove_file(machines.source_path()).unwrap();
    let mut publisher = machines.publisher(1024);
    publisher.publish(0..700);
    until("the mirror is of the new ring", || machines.identity() != old && machines.mirrored() == 700);
    let (sent, mirrored) = (source.end(), mirror.end_all());
    let [first, second] = &mirrored[..] else { panic!("{mirrored:?}") };
    show("a source that began anew", &sent, second);
    check_whole(first, 300);
    check_whole(second, 700);
}

/// A link of so few bytes a second that packets are dropped, and two mirrors.
#[test]
fn a_slow_link_that_drops_packets_loses_nothing_that_is_kept() {
    let machines = Machines::new("slow");
    let journal = machines.place.path().join("journal");
    let mut publisher = machines.publisher_of("1024", 1024).padded(900);
    let source = machines.serve(&["--journal", journal.to_str().unwrap()]);
    let mirror = machines.follow(&[]);
    let other = machines.follow_at("other", &[]);
    publisher.publish(0..100);
    machines.until_mirrored(100);
    machines.until_mirrored_at("other", 100);
    machines.limit("tbf rate 8mbit burst 4kb limit 12kb");
    for batch in 1..20 {
        publisher.publish(batch * 100..batch * 100 + 100);
        std::thread::sleep(Duration::from_millis(20));
    }
    machines.until_mirrored(2000);
    machines.until_mirrored_at("other", 2000);
    let (sent, books, others) = (source.end(), mirror.end(), other.end());
    show("a slow link that drops packets", &sent, &books);
    check_whole(&books, 2000);
    check_whole(&others, 2000);
}

/// One of two mirrors is stopped, and not dead, for longer than zenoh waits for a link: the other one, and then it itself, has all.
#[test]
fn a_mirror_that_is_stopped_holds_neither_the_source_nor_another_mirror_for_good() {
    let machines = Machines::new("stop");
    let journal = machines.place.path().join("journal");
    let mut publisher = machines.publisher_of("1024", 1024).padded(900);
    let source = machines.serve(&["--journal", journal.to_str().unwrap()]);
    let mirror = machines.follow(&[]);
    let stopped = machines.follow_at("stopped", &[]);
    publisher.publish(0..100);
    machines.until_mirrored(100);
    machines.until_mirrored_at("stopped", 100);
    stopped.signal("STOP");
    // More than all buffers between the two.
    publisher.publish(100..20_000);
    machines.until_mirrored(20_000);
    assert!(machines.mirrored_at("stopped") < 20_000);
    stopped.signal("CONT");
    machines.until_mirrored_at("stopped", 20_000);
    let (sent, books, others) = (source.end(), mirror.end(), stopped.end());
    show("a mirror beside one that was stopped", &sent, &books);
    show("the one that was stopped", &sent, &others);
    check_whole(&books, 20_000);
    check_whole(&others, 20_000);
}

/// A mirror that joins late begins with what is published next, under its sequence.
#[test]
fn a_mirror_that_joins_late_begins_at_its_sources_sequence() {
    let machines = Machines::new("late");
    let mut publisher = machines.publisher(1024);
    let source = machines.serve(&[]);
    publisher.publish(0..5000);
    let mirror = machines.follow_newest();
    machines.until_mirrored(5000);
    publisher.publish(5000..5300);
    machines.until_mirrored(5300);
    let (sent, books) = (source.end(), mirror.end());
    show("a mirror that joined late", &sent, &books);
    assert_eq!(
        (number(&books, "begun"), number(&books, "received"), number(&books, "lost")),
        (5000, 300, 0),
        "{books}"
    );
    assert_eq!(machines.read_mirror().lines().map(check_line).collect::<Vec<_>>(), (5000..5300).collect::<Vec<_>>());
}

/// A mirror of a ring of another type is left alone, and its program says why it ends.
#[test]
fn a_source_of_another_type_is_refused() {
    let machines = Machines::new("type");
    let mut publisher = machines.publisher_of("128", 64);
    publisher.publish(0..1);
    let source = machines.serve(&[]);
    machines.make_mirror_of_another_type();
    let mirror: Program = machines.follow(&[]);
    let said = mirror.failure();
    assert!(said.contains("slots of 128 bytes now"), "{said}");
    source.end();
}
