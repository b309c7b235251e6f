//! Recordings that were finished, and such that were not.

use std::fs;

use rusted_ring_recording::{Balance, Compression, Options, Origin, Recorder, Recording, Unreadable};

use crate::{COMPRESSIONS, FIRST, Kept, Place, SECOND, begin, entries, event, origin, read, write};

#[test]
fn what_is_read_is_what_was_written_however_it_was_compressed() {
    let place = Place::new();
    let entries = entries(30_000);
    for compression in COMPRESSIONS {
        let path = place.path(&format!("{compression:?}"));
        let balance = write(&path, &entries, compression);
        assert!(balance.balances() && balance.lost > 0 && balance.holes > 0);
        let (read, end) = read(&path);
        assert_eq!(end.unwrap(), balance);
        assert!(read == entries, "{compression:?}");
        assert_eq!(Recording::open(&path).unwrap().origin(), &origin());
    }
    let size = |compression| fs::metadata(place.path(&format!("{compression:?}"))).unwrap().len();
    let [none, lz4, zstd] = COMPRESSIONS.map(size);
    assert!(zstd < lz4 && lz4 < none, "{zstd} {lz4} {none}");
    assert_eq!(fs::read_dir(place.path("")).unwrap().count(), 3);
}

#[test]
fn a_recording_of_nothing_is_one() {
    let place = Place::new();
    let balance = write(&place.path("empty"), &[], Compression::Zstd);
    assert_eq!(balance, Balance { first: FIRST, next: FIRST, ..Balance::default() });
    let (read, end) = read(&place.path("empty"));
    assert_eq!((read, end.unwrap()), (vec![], balance));
}

#[test]
fn values_have_no_length_before_them() {
    let place = Place::new();
    let values = Origin { typed: true, event: "[u32; 2]".to_owned(), event_bytes: 8, align: 4, ..origin() };
    let mut recorder = Recorder::create(&place.path("values"), &values, Options::default()).unwrap();
    recorder.event(1, FIRST, 0, &[1, 0, 0, 0, 2, 0, 0, 0]).unwrap();
    let balance = recorder.counted();
    recorder.finish(1, &balance).unwrap();
    let data = vec![1, 0, 0, 0, 2, 0, 0, 0];
    assert_eq!(read(&place.path("values")).0, [Kept::Event { time: 1, sequence: FIRST, event_type: 0, data }]);
}

#[test]
fn a_recorder_that_is_dropped_leaves_what_it_has_under_another_name_and_readers_say_so() {
    let place = Place::new();
    let entries = entries(100);
    drop(begin(&place.path("strokes"), &entries[..99], Compression::Zstd));
    assert!(!place.path("strokes").exists());
    let (read, end) = read(&place.path("strokes.part"));
    assert!(read == entries[..99]);
    assert!(matches!(end.unwrap_err().what, Unreadable::Unfinished { .. }));
}

#[test]
fn what_is_a_second_old_is_in_the_file_and_a_cut_in_the_rest_takes_none_of_it() {
    let place = Place::new();
    let mut recorder = Recorder::create(&place.path("strokes"), &origin(), Options::default()).unwrap();
    let read = || read(&place.path("strokes.part"));
    let record = |recorder: &mut Recorder, time, sequence| recorder.event(time, sequence, 0, b"x").unwrap();
    record(&mut recorder, SECOND, FIRST);
    recorder.write_old(SECOND * 2 - 1).unwrap();
    assert_eq!(read().0, [], "it may be as old as that");
    recorder.write_old(SECOND * 2).unwrap();
    assert_eq!(read().0.len(), 1);
    record(&mut recorder, SECOND * 3, FIRST + 1);
    record(&mut recorder, SECOND * 4, FIRST + 2);
    assert_eq!(read().0.len(), 2, "the next event does it, too");
    let whole = recorder.written();
    drop(recorder);
    let bytes = fs::read(place.path("strokes.part")).unwrap();
    for cut in whole as usize..bytes.len() {
        fs::write(place.path("strokes.part"), &bytes[..cut]).unwrap();
        let (kept, end) = read();
        assert!(kept.len() >= 2, "{cut}");
        assert!(matches!(end.unwrap_err().what, Unreadable::Unfinished { .. }), "{cut}");
    }
}

#[test]
fn a_ledger_that_says_something_else_is_an_error_for_readers() {
    let place = Place::new();
    for (name, change) in [
        ("lost", (|balance: &mut Balance| balance.lost += 1) as fn(&mut Balance)),
        ("less", |balance| (balance.received, balance.lost) = (balance.received - 1, balance.lost + 1)),
        ("first", |balance| (balance.first, balance.received) = (balance.first - 1, balance.received + 1)),
    ] {
        let recorder = begin(&place.path(name), &entries(9), Compression::Lz4);
        let mut balance = recorder.counted();
        change(&mut balance);
        recorder.finish(SECOND, &balance).unwrap();
        let (entries, end) = read(&place.path(name));
        assert_eq!(entries.len(), 9);
        let error = end.unwrap_err();
        assert!(matches!(error.what, Unreadable::Unbalanced { .. }), "{name}: {error}");
        assert!(error.to_string().contains(&format!("received {}", balance.received)), "{error}");
    }
}

#[test]
fn what_was_repaired_was_received() {
    let place = Place::new();
    let recorder = begin(&place.path("strokes"), &entries(9), Compression::Zstd);
    let counted = recorder.counted();
    recorder.finish(SECOND, &Balance { received: 5, repaired: 4, ..counted }).unwrap();
    assert_eq!(read(&place.path("strokes")).1.unwrap(), counted);
}

#[test]
#[should_panic(expected = "was recorded before")]
fn a_sequence_is_recorded_once() {
    let place = Place::new();
    let mut recorder = begin(&place.path("strokes"), &[event(FIRST)], Compression::None);
    let _ = recorder.event(SECOND, FIRST, 0, b"again");
}

#[test]
#[should_panic(expected = "257 bytes is none of the ring's")]
fn an_event_is_as_long_as_its_ring_says() {
    let place = Place::new();
    let mut recorder = begin(&place.path("strokes"), &[], Compression::None);
    recorder.event(SECOND, FIRST, 0, &[0; 256]).unwrap();
    let _ = recorder.event(SECOND, FIRST + 1, 0, &[0; 257]);
}
