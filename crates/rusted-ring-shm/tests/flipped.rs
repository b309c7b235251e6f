//! A ring's file in which somebody flips bytes.

use std::{
    any::Any,
    fs::{self, OpenOptions},
    os::unix::fs::FileExt,
    panic::{self, AssertUnwindSafe},
};

use rusted_ring::{Bytes, Consumer, Many, Publisher, Start, Subscriber, ledger::Ledger};
use rusted_ring_shm::{Ring, RingFile};

type Small = Ring<Bytes<64>>;

/// What can be done with a ring without waiting.
fn use_all_of(ring: &Small) {
    let mut store = Consumer::join(ring.clone(), Start::Oldest);
    let mut screen = Subscriber::join(ring.clone(), Start::Oldest);
    let publisher = Publisher::join(ring.clone()).unwrap();
    for _ in 0..6 {
        let _ = publisher.try_publish(b"an event", 1);
        let _ = screen.try_recv();
        let _ = store.as_mut().map(|store| store.try_copy().map(|event| event.bytes().len()));
    }
    let _ = Ledger::of(ring).readers().count();
}

#[test]
fn a_byte_that_is_flipped_anywhere_before_the_slots_is_an_error_or_ends_nobody() {
    let place = tempfile::tempdir().unwrap();
    let file = RingFile::at(place.path().join("ring"));
    let ring: Small = file.create(4).unwrap();
    let _reader = Subscriber::join(ring.clone(), Start::Newest).named("a reader");
    use_all_of(&ring);
    let whole = fs::read(file.path()).unwrap();
    let slots = whole.len() - 4 * (64 + 16);
    let path = place.path().join("flipped");
    fs::write(&path, &whole).unwrap();
    let flipped = OpenOptions::new().write(true).open(&path).unwrap();
    panic::set_hook(Box::new(|_| {}));
    let mut panicked = Vec::new();
    for at in 0..slots {
        let mask = if at % 2 == 0 { 0x80 } else { 0xff };
        flipped.write_all_at(&whole, 0).unwrap();
        flipped.write_all_at(&[whole[at] ^ mask], at as u64).unwrap();
        match RingFile::at(&path).open::<Bytes<64>, Many>() {
            Err(_) => assert!(at < 512, "only the file's header is judged, not byte {at}"),
            Ok(ring) => {
                assert!(at >= 512, "byte {at} of the file's header was flipped");
                if let Err(cause) = panic::catch_unwind(AssertUnwindSafe(|| use_all_of(&ring))) {
                    panicked.push((at, text(&*cause)));
                }
            }
        }
    }
    let _ = panic::take_hook();
    // In numbers of which no process could have counted so far, and at the gate, which nobody but a Consumer opens.
    let is_told = |text: &str| text.contains("overflow") || text.contains("overrun a Consumer");
    assert!(panicked.iter().all(|(_, text)| is_told(text)), "{panicked:#?}");
}

/// What a panic says.
fn text(cause: &(dyn Any + Send)) -> String {
    let text = cause.downcast_ref::<String>().cloned();
    text.or_else(|| cause.downcast_ref::<&str>().map(ToString::to_string)).unwrap_or_default()
}
