//! Files that were made to do harm: their checks are right, or none.

use std::{fs, io::Write};

use rusted_ring_recording::{Entry, Origin, Recording, Unreadable};

use crate::{
    FIRST, Place, begin,
    forge::{CHANNEL, CHUNK, MAGIC, MESSAGE, METADATA, SAYS, channel, chunk, record, write},
    read,
};

fn message(channel: u16, data: &[u8]) -> Vec<u8> {
    record(MESSAGE, &[&channel.to_le_bytes()[..], &[0; 4 + 8 + 8], data].concat())
}

fn event(sequence: u64, data: &[u8]) -> Vec<u8> {
    let head = [&sequence.to_le_bytes()[..], &[0; 4], &(data.len() as u32).to_le_bytes()].concat();
    message(1, &[&head, data].concat())
}

/// What reading such a file ends with, and how many entries were read.
fn end(parts: &[Vec<u8>]) -> (usize, String) {
    let place = Place::new();
    write(&place.path("forged"), parts);
    let (kept, end) = read(&place.path("forged"));
    (kept.len(), end.unwrap_err().to_string())
}

#[test]
fn what_is_in_no_chunk_is_read_and_other_peoples_channels_are_passed_over() {
    let others = [channel(2, &[("x", "y")]), message(2, b"?"), message(9, b""), record(0x90, b"private")].concat();
    let (kept, end) = end(&[event(0, b"one"), others, event(1, b"two")]);
    assert!(kept == 2 && end.contains("has no end"), "{end}");
}

#[test]
fn lengths_that_claim_more_than_there_is_are_damage_and_take_no_memory() {
    let long = [&[MESSAGE][..], &u64::MAX.to_le_bytes(), b"short"].concat();
    let half = [&[MESSAGE][..], &(1u64 << 40).to_le_bytes(), b"short"].concat();
    let lz4 = |bytes: &[u8]| {
        let mut encoder = lz4::EncoderBuilder::new().build(Vec::new()).unwrap();
        encoder.write_all(bytes).unwrap();
        encoder.finish().0
    };
    let bomb = vec![0; 100 << 20];
    let zstd_bomb = zstd::encode_all(&bomb[..], 1).unwrap();
    let inner = event(0, b"one");
    let size = inner.len() as u64;
    for (parts, what) in [
        (vec![long.clone()], "exceeds limit"),
        (vec![half.clone()], "exceeds limit"),
        (vec![chunk(u64::MAX, "", b"")], "at most"),
        (vec![chunk(1 << 40, "zstd", b"")], "at most"),
        (vec![chunk(bomb.len() as u64, "zstd", &zstd_bomb)], "at most"),
        (vec![chunk(1 << 20, "zstd", &zstd_bomb)], "as many bytes as it says"),
        (vec![chunk(1 << 20, "lz4", &lz4(&bomb))], "as many bytes as it says"),
        (vec![chunk(size, "lz4", b"no such thing")], "decompressed"),
        (vec![chunk(size, "zstd", b"no such thing")], "decompressed"),
        (vec![chunk(size, "gzip", &inner)], "neither"),
        (vec![chunk(size - 1, "", &inner)], "as many bytes as it says"),
        (vec![chunk(size + 1, "", &inner)], "as many bytes as it says"),
        (vec![chunk(size - 1, "", &inner[..inner.len() - 1])], "middle of a record"),
        (vec![chunk(long.len() as u64, "", &long)], "middle of a record"),
        (vec![chunk(half.len() as u64, "zstd", &zstd::encode_all(&half[..], 1).unwrap())], "middle of a record"),
        (vec![record(CHUNK, &[0; 20])], "head is not whole"),
        (vec![record(0, b"")], "no kind"),
        (vec![record(MESSAGE, &[1; 10])], "not whole"),
        (vec![record(CHANNEL, &[0xff; 40])], "not whole"),
    ] {
        let (kept, end) = end(&parts);
        assert!(kept == 0 && end.contains("damaged at byte") && end.contains(what), "{what}: {end}");
    }
    // A record of metadata that is not whole is not the balance.
    assert!(end(&[record(METADATA, &[0xff; 40])]).1.contains("has no end"));
}

#[test]
fn sequences_that_do_not_follow_one_another_are_damage() {
    let missing = |from: u64, to: u64| {
        let text = format!(r#"{{"from":{from},"to":{to},"count":{},"reason":"lost"}}"#, to.saturating_sub(from));
        [channel(2, &[("rusted-ring", "missing")]), message(2, text.as_bytes())].concat()
    };
    for (parts, kept, what) in [
        (vec![event(1, b"")], 0, "1 is there where 0 was expected"),
        (vec![event(0, b""), event(0, b"")], 1, "0 is there where 1 was expected"),
        (vec![event(0, b""), event(2, b"")], 1, "2 is there where 1 was expected"),
        (vec![missing(0, u64::MAX), event(u64::MAX, b"")], 1, "none that can be"),
        (vec![missing(0, 0)], 0, "none that can be"),
        (vec![missing(5, 3)], 0, "5 is there where 0"),
        (vec![event(0, &[0; 65])], 0, "laid out"),
        (vec![message(1, b"short")], 0, "laid out"),
        (vec![event(0, b""), channel(7, &SAYS)], 1, "two rings"),
    ] {
        let (found, end) = end(&parts);
        assert!(found == kept && end.contains(what), "{what}: {found}, {end}");
    }
}

#[test]
fn what_is_no_recording_is_not_taken_for_one() {
    let place = Place::new();
    let refused = |name: &str, bytes: &[u8]| {
        fs::write(place.path(name), bytes).unwrap();
        Recording::open(&place.path(name)).unwrap_err()
    };
    let text = refused("text", b"a text that is longer than the magic");
    assert!(matches!(text.what, Unreadable::Foreign(_)), "{text}");
    assert!(matches!(refused("empty", b"").what, Unreadable::Foreign(_)));
    assert!(matches!(refused("short", b"hi\n").what, Unreadable::Foreign(_)));
    // Another program's, finished.
    let mut other = mcap::Writer::new(fs::File::create(place.path("other")).unwrap()).unwrap();
    other.add_channel(0, "/odometry", "json", &Default::default()).unwrap();
    other.finish().unwrap();
    let error = Recording::open(&place.path("other")).unwrap_err();
    assert!(error.to_string().contains("no recording of a ring"), "{error}");
    assert!(matches!(Recording::open(&place.path("none")).unwrap_err().what, Unreadable::Io(_)));
    assert!(matches!(Recording::open(&place.path("")).unwrap_err().what, Unreadable::Foreign(_)), "a directory");
}

#[test]
fn the_forger_writes_what_the_recorder_writes() {
    let place = Place::new();
    write(&place.path("forged"), &[]);
    let forged = Recording::open(&place.path("forged")).unwrap().origin().clone();
    let expected =
        Origin { ring: "x".to_owned(), id: 1, epoch: 1, capacity: 8, first: 0, event_bytes: 64, ..crate::origin() };
    assert_eq!(forged, expected);
    drop(begin(&place.path("real"), &[crate::event(FIRST)], rusted_ring_recording::Compression::None));
    let real = fs::read(place.path("real.part")).unwrap();
    assert!(real.starts_with(MAGIC));
}

#[test]
fn behind_damage_nothing_is_read() {
    let place = Place::new();
    write(&place.path("forged"), &[channel(1, &SAYS), event(0, b"one"), event(2, b"three"), event(1, b"two")]);
    let mut recording = Recording::open(&place.path("forged")).unwrap();
    assert!(matches!(recording.read(), Ok(Some(Entry::Event(event))) if event.sequence == 0));
    for _ in 0..3 {
        assert!(matches!(recording.read().unwrap_err().what, Unreadable::Damaged { .. }));
    }
}

#[test]
fn another_version_and_another_machine_are_called_that() {
    let opened = |key: &str, value: &'static str| {
        let place = Place::new();
        let path = place.path("foreign");
        let says = SAYS.map(|(name, says)| if name == key { (name, value) } else { (name, says) });
        fs::write(&path, [MAGIC, &record(1, &[0; 8]), &channel(1, &says)].concat()).unwrap();
        Recording::open(&path).unwrap_err()
    };
    let later = opened("version", "2");
    assert!(matches!(&later.what, Unreadable::Version { found, expected: "1" } if found == "2"), "{later}");
    let big = opened("byte_order", "big");
    assert!(matches!(&big.what, Unreadable::ByteOrder { found, .. } if found == "big"), "{big}");
    for error in [later, big] {
        assert!(!error.to_string().contains("damaged"), "{error}");
    }
    let damaged = opened("epoch", "yesterday");
    assert!(matches!(damaged.what, Unreadable::Damaged { .. }), "{damaged}");
}
