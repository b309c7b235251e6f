//! The metrics of rings between processes, printed and served.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
};

use rusted_ring::{Capacities, Consumer, Publisher, Start, Subscriber, ledger::Ledger};
use rusted_ring_shm::{LatestFile, PoolFiles, SharedLatest};

use super::{LONG, Place, Running, rring, until};

/// The value of the sample that begins so, up to the space.
fn value(text: &str, sample: &str) -> Option<u64> {
    text.lines().find_map(|line| line.strip_prefix(sample)?.strip_prefix(' ')?.parse().ok())
}

fn reader(name: &str, ring: &str, reader: &str, kind: &str) -> String {
    format!(r#"rusted_ring_reader_{name}{{ring="{ring}",reader="{reader}",kind="{kind}"}}"#)
}

fn get(address: &str) -> String {
    let host = address.strip_prefix("http://").unwrap().strip_suffix("/metrics").unwrap();
    let mut stream = TcpStream::connect(host).unwrap();
    stream.set_read_timeout(Some(LONG)).unwrap();
    stream.write_all(b"GET /metrics HTTP/1.1\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (head, text) = answer.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("HTTP/1.1 200 "), "{head}");
    assert!(text.ends_with("# EOF\n"), "{text}");
    text.to_owned()
}

#[test]
fn what_is_printed_is_the_ledgers() {
    let place = Place::new();
    let ring = place.create("orders", 16);
    let mut screen = Subscriber::join(ring.clone(), Start::Newest).named("screen");
    let publisher = Publisher::join(ring.clone()).unwrap();
    for _ in 0..50 {
        publisher.publish(b"event", 1).unwrap();
    }
    while screen.next().is_some() {}
    let path = place.path("orders");
    let printed = rring(&["stat", "--prometheus", &path]);
    assert_eq!((printed.code, &*printed.error), (0, ""));
    let claimed = format!(r#"rusted_ring_claimed_sequences_total{{ring="{path}"}}"#);
    assert_eq!(value(&printed.out, &claimed), Some(50));
    let status = Ledger::of(&ring).readers().next().unwrap();
    assert!(status.lost > 0 && status.received > 0);
    for (name, expected) in [("received_events_total", status.received), ("lost_sequences_total", status.lost)] {
        assert_eq!(value(&printed.out, &reader(name, &path, "screen", "subscriber")), Some(expected), "{name}");
    }
    let absent = rring(&["stat", "--prometheus", &path, &place.path("absent")]);
    assert_eq!((absent.code, &*absent.out), (3, ""));
    assert_eq!(rring(&["stat", "--prometheus", "--json"]).code, 2);
    assert_eq!(rring(&["stat"]).code, 2);
}

#[test]
fn several_rings_are_shown_one_after_another() {
    let place = Place::new();
    let _rings = [place.create("one", 8), place.create("two", 8)];
    let paths = [place.path("one"), place.path("two")];
    let shown = rring(&["stat", &paths[0], &paths[1]]);
    assert_eq!(shown.lines().iter().filter(|line| line.starts_with("ring ")).count(), 2, "{shown:?}");
    assert_eq!(rring(&["stat", "--json", &paths[0], &paths[1]]).lines().len(), 2);
}

#[test]
fn rings_that_come_go_and_are_replaced_are_noticed_and_counters_outlive_readers() {
    let place = Place::new();
    let path = place.path("orders");
    let mut export = Running::start(&["export", "--listen", "127.0.0.1:0", &path]);
    let mut address = String::new();
    BufReader::new(export.child.stdout.as_mut().unwrap()).read_line(&mut address).unwrap();
    let address = address.trim_end();
    assert_eq!(value(&get(address), "rusted_ring_unshown"), Some(0));

    let claimed = format!(r#"rusted_ring_claimed_sequences_total{{ring="{path}"}}"#);
    let received = reader("received_events_total", &path, "archive", "consumer");
    let ring = place.create("orders", 16);
    let mut archive = Consumer::join(ring.clone(), Start::Newest).unwrap().named("archive");
    let publisher = Publisher::join(ring.clone()).unwrap();
    for _ in 0..10 {
        publisher.publish(b"event", 1).unwrap();
        archive.try_copy().unwrap();
    }
    let text = get(address);
    assert_eq!((value(&text, &claimed), value(&text, &received)), (Some(10), Some(10)));
    drop(archive);
    let text = get(address);
    assert_eq!(value(&text, &received), Some(10), "of the one that has left");

    drop((publisher, ring));
    // A child that another test starts has the ring's file open, too, until it is another program.
    until("nobody has the ring open", || place.file("orders").remove_unused().is_ok());
    assert_eq!(value(&get(address), &claimed), None);
    let _next = place.create("orders", 16);
    until("the next ring is shown", || value(&get(address), &claimed) == Some(0));
    assert_eq!(value(&get(address), &received), None, "another ring's");

    export.interrupt();
    assert!(export.status().success());
    assert!(TcpStream::connect(address.strip_prefix("http://").unwrap().strip_suffix("/metrics").unwrap()).is_err());
}

#[test]
fn pool_sets_and_cells_are_shown_and_no_more_than_was_asked_for() {
    let place = Place::new();
    let (set, cells) = (place.path("pools"), place.path("prices"));
    let _pools = PoolFiles::at(&set).create::<16384, ()>(Capacities::MOBILE).unwrap();
    let latest: SharedLatest<u64> = LatestFile::at(&cells).create(3, 5).unwrap();
    let _writer = latest.writer().unwrap();

    let mut export = Running::start(&["export", "--listen", "127.0.0.1:0", &set, &cells]);
    let mut address = String::new();
    BufReader::new(export.child.stdout.as_mut().unwrap()).read_line(&mut address).unwrap();
    let text = get(address.trim_end());
    let info = format!(r#"rusted_ring_info{{ring="{set}.m",mode="many",slot_bytes="1024",set="{set}",pool="m"}}"#);
    assert_eq!(value(&text, &info), Some(1), "{text}");
    let of_cells = |name: &str| value(&text, &format!(r#"rusted_ring_latest_{name}{{latest="{cells}"}}"#));
    assert_eq!(["keys", "max_readers", "readers", "writers"].map(of_cells), [Some(3), Some(5), Some(0), Some(1)]);
    assert_eq!(value(&text, "rusted_ring_unshown"), Some(0));
    export.interrupt();
    assert!(export.status().success());

    let mut export = Running::start(&["export", "--most", "4", "--listen", "127.0.0.1:0", &set, &cells]);
    let mut address = String::new();
    BufReader::new(export.child.stdout.as_mut().unwrap()).read_line(&mut address).unwrap();
    for _ in 0..2 {
        let text = get(address.trim_end());
        let shown = text.lines().filter(|line| line.starts_with("rusted_ring_capacity_slots{")).count();
        assert_eq!((shown, value(&text, "rusted_ring_unshown")), (4, Some(2)), "{text}");
    }
    export.interrupt();
    assert!(export.status().success());
}

#[test]
fn an_address_that_is_taken_is_named() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let refused = rring(&["export", "--listen", &address]);
    assert_eq!(refused.code, 1);
    assert!(refused.error.contains(&address) && refused.error.contains("--listen"), "{refused:?}");
}
