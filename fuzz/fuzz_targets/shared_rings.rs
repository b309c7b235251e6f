//! What another process may write into a shared ring, and when: nobody panics, waits for ever, or reads what is not the ring's.

#![no_main]

use arbitrary::Arbitrary;
use libfuzzer_sys::fuzz_target;
use rusted_ring::{
    Bytes, Consumer, Many, Mode, PooledEvent, Publisher, Slot, Sole, SolePublisher, Start, Subscriber, Typed,
    ledger::Ledger,
};
use rusted_ring_shm::{Described, Ring, RingFile};
use std::{
    fs::{File, OpenOptions},
    os::unix::fs::FileExt,
    sync::atomic::AtomicU8,
    time::Duration,
};

#[derive(Arbitrary, Debug)]
struct Input {
    kind: Kind,
    capacity: u8,
    steps: Vec<Step>,
}

#[derive(Arbitrary, Clone, Copy, Debug)]
enum Kind {
    Bytes,
    SoleBytes,
    LongBytes,
    SoleLongBytes,
    Noted,
    Values,
    SoleValues,
}

#[derive(Arbitrary, Clone, Copy, Debug)]
enum Step {
    /// Another process writes a word of the ring.
    Write {
        at: u16,
        word: Word,
    },
    /// Another process writes a byte of the file's header, and whether it corrects the checksum.
    Header {
        at: u16,
        byte: u8,
        corrects: bool,
    },
    /// Another process makes the file shorter or longer; nobody has it mapped.
    Resize {
        len: u16,
    },
    Reopen,
    Look,
    Publish {
        len: u8,
    },
    PublishInTime {
        len: u8,
    },
    Subscribe {
        start: u8,
        from: u64,
    },
    Consume,
    Receive,
    Copy,
    Leave,
    Joined,
}

/// What stands in a word afterwards.
#[derive(Arbitrary, Clone, Copy, Debug)]
enum Word {
    Any(u64),
    /// A few more or less than there was.
    Near(i8),
    /// A few less than a power of two.
    Below(u8, u8),
}

impl Word {
    fn after(self, before: u64) -> u64 {
        match self {
            Word::Any(word) => word,
            Word::Near(distance) => before.wrapping_add_signed(distance.into()),
            Word::Below(power, distance) => (1u64 << (power % 64)).wrapping_sub(distance.into()),
        }
    }
}

/// Bytes before the ring in its file: its header's page.
const RING_AT: u64 = 4096;
/// Where the header's checksum is, of all before it.
const CHECK_AT: usize = 504;

/// An event, or a value as its bytes.
trait Event {
    fn len(&self) -> usize;
}

impl<const N: usize> Event for PooledEvent<N> {
    fn len(&self) -> usize {
        self.bytes().len()
    }
}

impl Event for [u32; 5] {
    fn len(&self) -> usize {
        size_of_val(self)
    }
}

/// Publishes a few bytes, and waits no longer than this.
type Publish = Box<dyn FnMut(&[u8], Duration)>;

/// What makes a publisher of a ring; none, if the ring has no place for one.
type Join<S, M> = fn(&Ring<S, M>) -> Option<Publish>;

fuzz_target!(|input: Input| {
    let Input { kind, capacity, steps } = &input;
    // A long event wants four times its slots.
    let (few, some) = (usize::from(capacity % 9 + 1), usize::from(capacity % 9 + 20));
    match kind {
        Kind::Bytes => run::<Bytes<64>, Many>(few, steps, many),
        Kind::SoleBytes => run::<Bytes<64>, Sole>(few, steps, sole),
        Kind::LongBytes => run::<Bytes<200, 40>, Many>(some, steps, many),
        Kind::SoleLongBytes => run::<Bytes<200, 40>, Sole>(some, steps, sole),
        Kind::Noted => run::<Bytes<64, 64, AtomicU8>, Many>(few, steps, many),
        Kind::Values => run::<Typed<[u32; 5]>, Many>(few, steps, |ring| {
            let publisher = Publisher::join(ring.clone()).ok()?;
            Some(Box::new(move |data, _| {
                let _ = publisher.try_send(&[data.len() as u32; 5]);
            }))
        }),
        Kind::SoleValues => run::<Typed<[u32; 5]>, Sole>(few, steps, |ring| {
            let mut publisher = SolePublisher::join(ring.clone()).ok()?;
            Some(Box::new(move |data, _| {
                let _ = publisher.try_send(&[data.len() as u32; 5]);
            }))
        }),
    }
});

macro_rules! of_bytes {
    ($name:ident, $publisher:ident, $mode:ident) => {
        fn $name<const N: usize, const SLOT: usize, A: rusted_ring::Notes>(
            ring: &Ring<Bytes<N, SLOT, A>, $mode>,
        ) -> Option<Publish> {
            #[allow(unused_mut, reason = "one of many publishes by a shared reference")]
            let mut publisher = $publisher::join(ring.clone()).ok()?;
            Some(Box::new(move |data, timeout| {
                if timeout.is_zero() {
                    let _ = publisher.try_publish(data, 7);
                    let _ = publisher.try_publish_batch(&[(data, 1), (b"two", 2)]);
                } else {
                    let _ = publisher.publish_timeout(data, 7, timeout);
                    let _ = publisher.try_claim().map(|claim| claim.remaining());
                }
            }))
        }
    };
}

of_bytes!(many, Publisher, Many);
of_bytes!(sole, SolePublisher, Sole);

/// A file that goes with the test.
struct Place(RingFile);

impl Place {
    fn new() -> Self {
        let file = RingFile::at(format!("/dev/shm/rusted-ring.fuzz-{}", std::process::id()));
        let _ = std::fs::remove_file(file.path());
        Place(file)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(self.0.path());
    }
}

/// Everybody who takes part in the ring.
struct Here<S: Described, M: Mode> {
    ring: Ring<S, M>,
    publisher: Option<Publish>,
    subscriber: Option<Subscriber<Ring<S, M>>>,
    consumer: Option<Consumer<Ring<S, M>>>,
}

impl<S: Described, M: Mode> Here<S, M> {
    fn new(ring: Ring<S, M>, join: Join<S, M>) -> Self {
        Here { publisher: join(&ring), ring, subscriber: None, consumer: None }
    }
}

fn run<S: Described + Slot<Owned: Event>, M: Mode>(capacity: usize, steps: &[Step], join: Join<S, M>) {
    let place = Place::new();
    let file = &place.0;
    let ring = file.create::<S, M>(capacity).expect("there is room");
    let longest = ring.peers().properties().longest as usize;
    let mut here = Some(Here::new(ring, join));
    let other = OpenOptions::new().read(true).write(true).open(file.path()).expect("it is there");
    let len = other.metadata().expect("it is open").len();
    let mut is_resized = false;
    for step in steps.iter().take(100) {
        match (*step, &mut here) {
            (Step::Write { at, word }, _) => {
                let at = RING_AT + u64::from(at) % ((len - RING_AT) / 8) * 8;
                let mut before = [0; 8];
                // There may be nothing any more.
                let _ = other.read_exact_at(&mut before, at);
                if !is_resized {
                    let after = word.after(u64::from_le_bytes(before));
                    other.write_all_at(&after.to_le_bytes(), at).expect("written");
                }
            }
            (Step::Header { at, byte, corrects }, _) if !is_resized => forge(&other, at, byte, corrects),
            (Step::Resize { len: other_len }, here) => {
                // A mapped file that is truncated ends who touches it, which nothing prevents.
                *here = None;
                is_resized = u64::from(other_len) != len;
                other.set_len(u64::from(other_len)).expect("resized");
            }
            (Step::Reopen, here) => {
                // First with the others, and then alone: who is alone mends.
                let with_them = file.open::<S, M>().ok();
                drop(here.take());
                drop(with_them);
                *here = file.open::<S, M>().ok().map(|ring| Here::new(ring, join));
            }
            (Step::Look, _) => look::<S, M>(file),
            (_, None) => {}
            (step, Some(here)) => take_part(here, step, longest),
        }
    }
    look::<S, M>(file);
    drop(here);
    let _ = file.remove_unused();
}

fn take_part<S: Described + Slot<Owned: Event>, M: Mode>(here: &mut Here<S, M>, step: Step, longest: usize) {
    const SHORT: Duration = Duration::from_micros(20);
    let data = |len: u8| [7; 255].split_at(usize::from(len)).0.to_vec();
    match step {
        Step::Publish { len } => {
            let _ = here.publisher.as_mut().map(|publish| publish(&data(len), Duration::ZERO));
        }
        Step::PublishInTime { len } => {
            let _ = here.publisher.as_mut().map(|publish| publish(&data(len), SHORT));
        }
        Step::Subscribe { start, from } => {
            let start = match start % 3 {
                0 => Start::Oldest,
                1 => Start::Newest,
                _ => Start::At(rusted_ring::Sequence::new(from)),
            };
            here.subscriber = Some(Subscriber::join(here.ring.clone(), start).named("a reader"));
        }
        Step::Consume => here.consumer = Consumer::join(here.ring.clone(), Start::Oldest).ok(),
        Step::Receive => {
            if let Some(subscriber) = &mut here.subscriber {
                if let Ok(event) = subscriber.try_recv() {
                    assert!(event.len() <= longest);
                }
                let _ = (subscriber.lag(), subscriber.received(), subscriber.lost(), subscriber.holes());
            }
        }
        Step::Copy => {
            if let Some(consumer) = &mut here.consumer {
                if let Ok(event) = consumer.try_copy() {
                    assert!(event.len() <= longest);
                }
                let _ = (consumer.lag(), consumer.received(), consumer.holes());
            }
        }
        Step::Leave => (here.subscriber, here.consumer) = (None, None),
        _ => {
            let ledger = Ledger::of(&here.ring);
            let _ = (ledger.readers().count(), ledger.pressure(), ledger.held(), ledger.unlisted());
            let _ = here.ring.peers().noted();
        }
    }
}

/// Looks by both kinds of observer.
fn look<S: Described, M: Mode>(file: &RingFile) {
    if let Ok(mut observer) = file.observe_any() {
        for _ in 0..2 {
            let _ = (observer.claimed(), observer.readers().len(), observer.pressure(), observer.held());
            let _ = (observer.unlisted(), observer.noted(), observer.is_in_use());
            if observer.look().is_err() {
                break;
            }
        }
    }
    if let Ok(observer) = file.observe::<S, M>() {
        let ledger = observer.ledger();
        let _ = (ledger.claimed(), ledger.readers().count(), ledger.pressure());
    }
}

/// Writes a byte of the header, and perhaps the checksum that it then has.
fn forge(file: &File, at: u16, byte: u8, corrects: bool) {
    let mut header = [0; CHECK_AT + 8];
    file.read_exact_at(&mut header, 0).expect("a header");
    header[usize::from(at) % (CHECK_AT + 8)] = byte;
    if corrects {
        let check = header[..CHECK_AT]
            .iter()
            .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x100_0000_01b3));
        header[CHECK_AT..].copy_from_slice(&check.to_le_bytes());
    }
    file.write_all_at(&header, 0).expect("written");
}
