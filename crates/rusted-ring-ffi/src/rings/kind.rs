//! What follows from where a ring lives, and from how many write it.

use rusted_ring::{
    Bytes, ClosePolicy, Consumer, InlineRing, Lease, Lossless, Many, MappedRing, Mode, Notes, RingRef, SharedRing,
    Slot, Sole, Start, ledger::Ledger,
};
use rusted_ring_journal::Reader;
use rusted_ring_shm::{
    Processes,
    sizes::{self, AtSize},
};

use super::{
    AnyPublisher, AnyReader, AnyRecorder, AnyRing, line,
    lossy::lossy,
    publisher::{in_place, of_many, of_one},
    reader::{copying, lending},
};
use crate::{
    exclusive::Exclusive,
    failure::Failure,
    types::{
        RUSTED_RING_LOSSLESS, RUSTED_RING_NEVER_CLOSES, RUSTED_RING_SHARED, RUSTED_RING_SOLE, ReaderStats, RingStats,
    },
};

/// A type of ring.
pub(crate) trait RingKind: RingRef + Send + Sync + 'static {
    const FLAGS: u32;

    fn join(&self) -> Publishes;
    fn subscribe(&self, from: Start, name: &str, history: Option<Reader>) -> Reads;
    fn consume(&self, from: Start, name: &str) -> Reads;

    /// The process of the reader with this entry; 0, if that is this one.
    fn process_of(&self, _entry: usize) -> u32 {
        0
    }
}

impl<R: RingKind> AnyRing for R {
    fn publisher(&self) -> Publishes {
        self.join()
    }

    fn subscriber(&self, from: Start, name: &str, history: Option<Reader>) -> Reads {
        self.subscribe(from, name, history)
    }

    fn consumer(&self, from: Start, name: &str) -> Reads {
        self.consume(from, name)
    }

    fn recorder(&self, from: Start, name: &str) -> Result<Box<dyn AnyRecorder>, Failure> {
        Ok(Box::new(Consumer::join(self.clone(), from)?.named(name)))
    }

    fn stats(&self) -> Result<RingStats, Failure> {
        let ledger = Ledger::of(self);
        let never = if self.close_policy() == ClosePolicy::Never { RUSTED_RING_NEVER_CLOSES } else { 0 };
        Ok(RingStats {
            slot_bytes: <R::Slot as Slot>::LONGEST as u64,
            slots: ledger.capacity() as u64,
            claimed: ledger.claimed().get(),
            held: ledger.held(),
            readers: ledger.readers().len() as u32,
            unlisted: ledger.unlisted() as u32,
            flags: R::FLAGS | never,
            pressure: ledger.pressure(),
        })
    }

    fn readers(&self, each: &mut dyn FnMut(ReaderStats)) -> Result<(), Failure> {
        Ledger::of(self).readers().for_each(|status| each(line(&status, self.process_of(status.entry))));
        Ok(())
    }
}

pub(crate) type Publishes = Result<Box<dyn AnyPublisher>, Failure>;
pub(crate) type Reads = Result<Box<Exclusive<dyn AnyReader>>, Failure>;

/// Makes a type of ring a `RingKind`: its flags, and the functions that join a publisher, a Subscriber and a Consumer to it.
macro_rules! kind {
    (<$(const $size:ident),+ $(; $notes:ident)?> $ring:ty, $flags:expr, $join:path, $subscribe:path, $consume:path $(, $process_of:path)?) => {
        impl<$(const $size: usize),+ $(, $notes: Notes)?> RingKind for $ring {
            const FLAGS: u32 = $flags;

            fn join(&self) -> Publishes {
                $join(Self::clone(self))
            }

            fn subscribe(&self, from: Start, name: &str, history: Option<Reader>) -> Reads {
                $subscribe(Self::clone(self), from, name, history)
            }

            fn consume(&self, from: Start, name: &str) -> Reads {
                $consume(Self::clone(self), from, name)
            }

            $(
                fn process_of(&self, entry: usize) -> u32 {
                    $process_of(self.peers(), entry)
                }
            )?
        }
    };
}

kind!(<const N> SharedRing<Bytes<N>, Many>, 0, of_many, lossy, lending);
kind!(<const N> SharedRing<Bytes<N>, Sole>, RUSTED_RING_SOLE, of_one, lossy, lending);
kind!(<const N> SharedRing<Lossless<Bytes<N>>, Sole>, RUSTED_RING_SOLE | RUSTED_RING_LOSSLESS, in_place, refused, lending);
kind!(<const N, const CAP> &'static InlineRing<Bytes<N>, CAP>, 0, of_many, lossy, lending);
kind!(<const N; A> MappedRing<Bytes<N, N, A>, Many, Processes<false>>, RUSTED_RING_SHARED, beside_no_notes, lossy, copying, holder);
kind!(<const N> MappedRing<Bytes<N>, Sole, Processes<false>>, RUSTED_RING_SOLE | RUSTED_RING_SHARED, of_one, lossy, copying, holder);

/// What a ring that nothing may be lost on says to a Subscriber.
fn refused<R>(_: R, _: Start, _: &str, _: Option<Reader>) -> Reads {
    Err(Failure::Unsupported("a ring made with RUSTED_RING_LOSSLESS has no Subscribers: join it by a Consumer"))
}

/// Joins a publisher, unless there are notes: what they mean, the program knows that made the ring.
fn beside_no_notes<const N: usize, A: Notes>(ring: MappedRing<Bytes<N, N, A>, Many, Processes<false>>) -> Publishes {
    if size_of::<A>() == 0 {
        return of_many(ring);
    }
    Err(Failure::Unsupported(
        "the ring has notes beside its events, of which nothing is known here: read it, and publish by the program that made it",
    ))
}

/// The process that holds a reader's entry; 0, if that is this one.
fn holder(peers: &Processes<false>, entry: usize) -> u32 {
    peers.holder(Lease::Reader(entry)).filter(|&process| process != std::process::id()).unwrap_or(0)
}

/// Flags of a ring that a caller may ask for.
const ASKED: u32 = RUSTED_RING_SOLE | RUSTED_RING_LOSSLESS | RUSTED_RING_NEVER_CLOSES;

/// Makes a ring on the heap, of slots that hold `slot_bytes` bytes.
pub(crate) fn heap(slot_bytes: usize, slots: usize, flags: u32) -> Result<Box<dyn AnyRing>, Failure> {
    if flags & !ASKED != 0 || flags & RUSTED_RING_LOSSLESS != 0 && flags & RUSTED_RING_SOLE == 0 {
        return Err(Failure::argument(format!(
            "`flags` are {flags:#x}: combine RUSTED_RING_SOLE, RUSTED_RING_NEVER_CLOSES and, with RUSTED_RING_SOLE, RUSTED_RING_LOSSLESS"
        )));
    }
    let size = slot_size(slot_bytes)?;
    check_slots(slots, size)?;
    let made = sizes::with_power(size, OnHeap { slots, flags });
    made.unwrap_or_else(|| Err(no_such_size(size as usize)))
}

/// The size of slots that hold so many bytes.
pub(super) fn slot_size(slot_bytes: usize) -> Result<u64, Failure> {
    sizes::power_holding(slot_bytes as u64).filter(|_| slot_bytes > 0).ok_or_else(|| no_such_size(slot_bytes))
}

pub(super) fn no_such_size(slot_bytes: usize) -> Failure {
    Failure::argument(format!("`slot_bytes` is {slot_bytes}: a slot holds from 1 to 65536 bytes"))
}

/// Refuses a number of slots that no ring can have.
pub(super) fn check_slots(slots: usize, size: u64) -> Result<(), Failure> {
    let most = isize::MAX as usize / 2 / (size as usize + 16);
    if (1..=most).contains(&slots) {
        return Ok(());
    }
    Err(Failure::argument(format!("`slots` is {slots}: a ring has from 1 slot to as many as fit the address space")))
}

struct OnHeap {
    slots: usize,
    flags: u32,
}

impl AtSize for OnHeap {
    type Output = Result<Box<dyn AnyRing>, Failure>;

    fn at<const N: usize>(self) -> Self::Output {
        fn make<S: Slot, M: Mode>(OnHeap { slots, flags }: OnHeap) -> Result<Box<dyn AnyRing>, Failure>
        where
            SharedRing<S, M>: RingKind,
        {
            let never = flags & RUSTED_RING_NEVER_CLOSES != 0;
            let policy = if never { ClosePolicy::Never } else { ClosePolicy::WithLastPublisher };
            Ok(Box::new(SharedRing::<S, M>::try_closing(slots, policy)?))
        }
        match self.flags & (RUSTED_RING_SOLE | RUSTED_RING_LOSSLESS) {
            0 => make::<Bytes<N>, Many>(self),
            RUSTED_RING_SOLE => make::<Bytes<N>, Sole>(self),
            _ => make::<Lossless<Bytes<N>>, Sole>(self),
        }
    }
}
