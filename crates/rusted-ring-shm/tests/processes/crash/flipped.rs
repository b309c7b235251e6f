//! A ring's file in which somebody flips bytes.

use std::{
    any::Any,
    env,
    fs::{self, OpenOptions},
    os::unix::fs::FileExt,
    panic::{self, AssertUnwindSafe},
    time::Duration,
};

use rusted_ring::{Bytes, Consumer, Many, Mode, Publisher, Sole, SolePublisher, Start, Subscriber, ledger::Ledger};
use rusted_ring_shm::{Ring, RingFile};

type Small = Ring<Bytes<64>>;

/// What can be done with a ring without waiting.
macro_rules! use_all_of {
    ($name:ident, $publisher:ident, $mode:ident) => {
        fn $name(ring: &Ring<Bytes<64>, $mode>) {
            let mut store = Consumer::join(ring.clone(), Start::Oldest);
            let mut screen = Subscriber::join(ring.clone(), Start::Oldest);
            #[allow(unused_mut, reason = "one of many publishes by a shared reference")]
            let mut publisher = $publisher::join(ring.clone()).unwrap();
            for _ in 0..6 {
                let _ = publisher.try_publish(b"an event", 1);
                let _ = publisher.try_publish_batch(&[(b"one", 1), (b"two", 2)]);
                let _ = screen.try_recv();
                let _ = store.as_mut().map(|store| (store.lag(), store.try_copy().map(|event| event.bytes().len())));
                let _ = (screen.lag(), screen.received());
            }
            let _ = Ledger::of(ring).readers().count();
        }
    };
}

use_all_of!(use_all_of, Publisher, Many);
use_all_of!(use_all_of_sole, SolePublisher, Sole);

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
    assert!(panicked.is_empty(), "{panicked:#?}");
}

/// What a panic says.
fn text(cause: &(dyn Any + Send)) -> String {
    let text = cause.downcast_ref::<String>().cloned();
    text.or_else(|| cause.downcast_ref::<&str>().map(ToString::to_string)).unwrap_or_default()
}

/// What a process may write over a word: what no count comes to, what is just at an edge, and anything.
fn junk(at: usize) -> [u64; 8] {
    let random = (at as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    [0, 1, 9, u64::MAX, 1 << 63, (1 << 62) - 2, (1 << 62) - 1, random]
}

#[test]
fn no_word_whatever_is_in_it_makes_anybody_panic() {
    fn check<M: Mode>(use_all_of: impl Fn(&Ring<Bytes<64>, M>)) {
        let place = tempfile::tempdir().unwrap();
        let file = RingFile::at(place.path().join("ring"));
        let ring: Ring<Bytes<64>, M> = file.create(4).unwrap();
        let _reader = Subscriber::join(ring.clone(), Start::Newest).named("a reader");
        use_all_of(&ring);
        let whole = fs::read(file.path()).unwrap();
        let written = OpenOptions::new().write(true).open(file.path()).unwrap();
        let mut panicked = Vec::new();
        for at in (4096..whole.len()).step_by(8) {
            for junk in junk(at) {
                written.write_all_at(&whole, 0).unwrap();
                written.write_all_at(&junk.to_le_bytes(), at as u64).unwrap();
                if let Err(cause) = panic::catch_unwind(AssertUnwindSafe(|| use_all_of(&ring))) {
                    panicked.push((at, junk, text(&*cause)));
                }
            }
        }
        assert!(panicked.is_empty(), "{} panicked: {:#?}", panicked.len(), &panicked[..panicked.len().min(40)]);
    }
    check(use_all_of);
    check(use_all_of_sole);
}

/// Numbers that look like any, by a fixed seed.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ self.0 >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb)
    }
}

#[test]
fn random_bytes_anywhere_while_everybody_is_at_work_make_nobody_panic() {
    let place = tempfile::tempdir().unwrap();
    let seed = env::var("RUSTED_RING_SEED").map_or(7, |seed| seed.parse().unwrap());
    let mut random = Random(seed);
    for round in 0..100u64 {
        let file = RingFile::at(place.path().join(format!("ring-{round}")));
        let ring: Small = file.create(5).unwrap();
        let mut store = Consumer::join(ring.clone(), Start::Newest).unwrap();
        let mut screen = Subscriber::join(ring.clone(), Start::Newest);
        let publisher = Publisher::join(ring.clone()).unwrap();
        let written = OpenOptions::new().write(true).open(file.path()).unwrap();
        let len = written.metadata().unwrap().len();
        for _ in 0..20 {
            // A few words, or nearly all of the ring.
            let words = if round % 10 == 0 { (len - 4096) / 8 } else { 1 + random.next() % 9 };
            for _ in 0..words {
                let at = 4096 + random.next() % ((len - 4096) / 8) * 8;
                let word = random.next() >> (random.next() % 64);
                written.write_all_at(&word.to_le_bytes(), at).unwrap();
            }
            let claim = publisher.try_claim();
            use_all_of(&ring);
            let _ = publisher.publish_timeout(b"an event", 1, Duration::from_micros(10));
            let _ = claim.map(|claim| claim.publish(1).is_ok());
            let _ = (store.try_copy().is_ok(), screen.try_recv().is_ok(), store.lag(), screen.lag());
        }
        file.remove().unwrap();
    }
}
