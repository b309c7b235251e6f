//! Limits, not contenders: what the machine gives to one writer and one reader that know each other and nothing else.

use crate::contender::{Contender, Publish, Receive, Shape, Staged};
use crate::payload::{BATCH, Tally, fill};
use crate::poll::Poll;
use std::cell::UnsafeCell;
use std::sync::Arc;
use std::sync::atomic::{
    AtomicU64,
    Ordering::{Acquire, Relaxed, Release},
};

/// A cache line for each way, which carries nothing but a sequence.
pub(super) struct Line;
/// A stamp and a payload for each event.
pub(super) struct Slots;
/// Payloads, and one cursor that is stored once for each event or batch.
pub(super) struct Cursor;
/// Payloads that are handed over half a ring at a time.
pub(super) struct Block;

type Apart = common::apart::Apart<AtomicU64>;

/// A payload on cache lines of its own.
#[repr(align(64))]
struct Lines<const W: usize>(UnsafeCell<[u64; W]>);

/// Memory that a writer and a reader share.
///
/// The writer writes the slot of `s` only while `s < read + CAP`, and the reader reads it only once `s` was shown by
/// its stamp or by `written`; it stores `read` beyond `s` when it is through. Each of these is a Release that the other
/// acquires.
struct Shared<const W: usize, const CAP: usize> {
    payloads: Box<[Lines<W>]>,
    stamps: Box<[AtomicU64]>,
    written: Apart,
    read: Apart,
}

// SAFETY: by the type's rule, a slot is never touched by one side while the other may touch it.
unsafe impl<const W: usize, const CAP: usize> Sync for Shared<W, CAP> {}

impl<const W: usize, const CAP: usize> Shared<W, CAP> {
    fn ends(show: Show) -> (Vec<Writes<W, CAP>>, Vec<Reads<W, CAP>>) {
        const { assert!(CAP.is_power_of_two()) };
        let shared = Arc::new(Shared {
            payloads: (0..CAP).map(|_| Lines(UnsafeCell::new([0; W]))).collect(),
            stamps: (0..CAP).map(|_| AtomicU64::new(0)).collect(),
            written: Apart::default(),
            read: Apart::default(),
        });
        let writer = Writes { shared: Arc::clone(&shared), limit: CAP as u64, next: 0, show };
        (vec![writer], vec![Reads { shared, seen: 0, next: 0, show }])
    }
}

/// Where the event with this number lies.
#[inline]
fn slot<const CAP: usize>(number: u64) -> usize {
    number as usize & (CAP - 1)
}

/// How the writer shows what it has written.
#[derive(Clone, Copy, PartialEq)]
enum Show {
    Stamps,
    Cursor,
    /// The cursor, after this many events each.
    Blocks(u64),
}

struct Writes<const W: usize, const CAP: usize> {
    shared: Arc<Shared<W, CAP>>,
    /// What the reader is known to have made room for.
    limit: u64,
    next: u64,
    show: Show,
}

impl<const W: usize, const CAP: usize> Writes<W, CAP> {
    /// Waits until all before `end` may be written.
    #[inline]
    fn make_room(&mut self, end: u64, poll: Poll) {
        if end > self.limit {
            poll.until(|| {
                self.limit = self.shared.read.0.load(Acquire) + CAP as u64;
                end <= self.limit
            });
        }
    }

    /// Writes an event for which there is room, and its stamp.
    #[inline]
    fn write(&self, number: u64, sequence: u64) {
        let index = slot::<CAP>(number);
        // SAFETY: there is room, that is `number < read + CAP`, so by the type's rule the reader has left this slot.
        fill(unsafe { &mut *self.shared.payloads[index].0.get() }, sequence);
        if self.show == Show::Stamps {
            self.shared.stamps[index].store(number + 1, Release);
        }
    }

    /// Shows what was written, where a cursor shows it.
    #[inline]
    fn show(&self) {
        let shown = match self.show {
            Show::Stamps => false,
            Show::Cursor => true,
            Show::Blocks(events) => self.next.is_multiple_of(events),
        };
        if shown {
            self.shared.written.0.store(self.next, Release);
        }
    }
}

impl<const W: usize, const CAP: usize> Publish for Writes<W, CAP> {
    #[inline]
    fn publish(&mut self, sequence: u64, poll: Poll) {
        self.make_room(self.next + 1, poll);
        self.write(self.next, sequence);
        self.next += 1;
        self.show();
    }

    #[inline]
    fn publish_batch(&mut self, first: u64, poll: Poll) {
        let begin = self.next;
        self.make_room(begin + BATCH as u64, poll);
        for index in 0..BATCH as u64 {
            self.write(begin + index, first + index);
        }
        self.next = begin + BATCH as u64;
        self.show();
    }
}

struct Reads<const W: usize, const CAP: usize> {
    shared: Arc<Shared<W, CAP>>,
    /// What the writer is known to have shown.
    seen: u64,
    next: u64,
    show: Show,
}

impl<const W: usize, const CAP: usize> Reads<W, CAP> {
    /// How far the writer has shown; it looks only when all that it knew of is read.
    #[inline]
    fn look(&mut self) -> u64 {
        if self.next == self.seen {
            self.seen = match self.show {
                Show::Stamps => self.shared.stamps[slot::<CAP>(self.next)].load(Acquire).max(self.next),
                Show::Cursor | Show::Blocks(_) => self.shared.written.0.load(Acquire),
            };
        }
        self.seen
    }

    /// Reads up to `end`, which was shown, and makes room an eighth of the ring at a time, or when all is read.
    #[inline]
    fn read(&mut self, end: u64, tally: &mut Tally) {
        for number in self.next..end {
            // SAFETY: what was shown of this event was acquired, and `read` is not beyond it.
            tally.note(unsafe { &*self.shared.payloads[slot::<CAP>(number)].0.get() });
        }
        let eighth = CAP as u64 / 8;
        if end / eighth != self.next / eighth {
            self.shared.read.0.store(end, Release);
        }
        self.next = end;
    }

    /// Nothing is there: all room is given back.
    #[inline]
    fn rest(&self) {
        if self.shared.read.0.load(Relaxed) != self.next {
            self.shared.read.0.store(self.next, Release);
        }
    }
}

impl<const W: usize, const CAP: usize> Receive for Reads<W, CAP> {
    #[inline]
    fn receive(&mut self, tally: &mut Tally) -> bool {
        let found = self.look() > self.next;
        if found {
            self.read(self.next + 1, tally)
        } else {
            self.rest()
        }
        found
    }

    #[inline]
    fn receive_batch(&mut self, tally: &mut Tally) -> bool {
        let end = self.look();
        let found = end > self.next;
        if found {
            self.read(end, tally)
        } else {
            self.rest()
        }
        found
    }
}

macro_rules! shared {
    ($($name:ident: $show:expr;)*) => {$(
        impl Contender for $name {
            fn open<const W: usize, const N: usize, const CAP: usize>(
                _shape: Shape,
            ) -> (Vec<impl Publish + 'static>, Vec<impl Receive + 'static>) {
                Shared::<W, CAP>::ends($show)
            }
        }
    )*};
}

shared! {
    Slots: Show::Stamps;
    Cursor: Show::Cursor;
    Block: Show::Blocks(CAP as u64 / 2);
}

impl Contender for Line {
    fn open<const W: usize, const N: usize, const CAP: usize>(
        _shape: Shape,
    ) -> (Vec<impl Publish + 'static>, Vec<impl Receive + 'static>) {
        let line = Arc::new(Apart::default());
        (vec![Stores(Arc::clone(&line))], vec![Loads { line, last: 0 }])
    }
}

impl Staged for Line {
    fn stages<const CAP: usize>()
    -> (impl Publish + 'static, impl Receive + 'static, impl Receive + 'static, impl Receive + 'static) {
        let [written, first, second, third] = std::array::from_fn(|_| Arc::new(Apart::default()));
        let stage = |before: &Arc<Apart>, own: &Arc<Apart>| Passes {
            before: Arc::clone(before),
            own: Arc::clone(own),
            next: 0,
        };
        let stages = [stage(&written, &first), stage(&first, &second), stage(&second, &third)];
        let [first, second, third] = stages;
        (Stores(written), first, second, third)
    }
}

/// A stage that has nothing to do with what it passes on.
struct Passes {
    before: Arc<Apart>,
    own: Arc<Apart>,
    next: u64,
}

impl Receive for Passes {
    #[inline]
    fn receive(&mut self, tally: &mut Tally) -> bool {
        if self.before.0.load(Acquire) <= self.next {
            return false;
        }
        tally.note_sequence(self.next);
        self.next += 1;
        self.own.0.store(self.next, Release);
        true
    }
}

struct Stores(Arc<Apart>);

impl Publish for Stores {
    #[inline]
    fn publish(&mut self, sequence: u64, _poll: Poll) {
        self.0.0.store(sequence + 1, Release);
    }
}

struct Loads {
    line: Arc<Apart>,
    last: u64,
}

impl Receive for Loads {
    #[inline]
    fn receive(&mut self, tally: &mut Tally) -> bool {
        let value = self.line.0.load(Acquire);
        if value == self.last {
            return false;
        }
        self.last = value;
        tally.note_sequence(value - 1);
        true
    }
}
