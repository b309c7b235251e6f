//! Calls about rings in one process, in any order, with any handles and sizes, against what a few lines say they must return.
//!
//! One thread calls. A step takes a handle that is open, or, now and then, one that was closed, is of another kind, is null, or is no handle at all.

#![allow(
    unsafe_code,
    clippy::multiple_unsafe_ops_per_block,
    reason = "every call is unsafe for the one reason, invariant F: the pointers are valid or null, and one thread calls"
)]

mod endpoints;
mod mistakes;
mod publishing;
mod reading;

use std::{
    collections::HashMap,
    ffi::c_void,
    ptr::{null, null_mut, without_provenance_mut},
};

use rusted_ring_ffi::{
    api::{library::*, publisher::*, reader::*, ring::*, wait::*},
    status::*,
    types::*,
};

const STEPS: usize = 20_000;
const MOST: usize = 8;
/// More handles of a kind than these are not opened.
const HANDLES: usize = 12;

/// SplitMix64.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, end: usize) -> usize {
        (self.next() % end as u64) as usize
    }

    fn one_in(&mut self, times: usize) -> bool {
        self.below(times) == 0
    }
}

/// The bytes of an event, by its seed.
fn bytes_of(seed: u64, len: usize) -> Vec<u8> {
    let mut random = Random(seed);
    (0..len).map(|_| random.next() as u8).collect()
}

struct RingModel {
    slot_bytes: usize,
    slots: u64,
    flags: u32,
    /// The next sequence.
    next: u64,
    /// The seed, length and type of each event.
    events: HashMap<u64, (u64, usize, u32)>,
    publishers: usize,
    is_closed: bool,
}

struct RingHandle {
    handle: *mut Ring,
    ring: usize,
}

struct PublisherHandle {
    handle: *mut Publisher,
    ring: usize,
    /// The slot that it has claimed.
    claimed: Option<*mut u8>,
}

struct ReaderHandle {
    handle: *mut Reader,
    ring: usize,
    is_consumer: bool,
    joined: u64,
    position: u64,
    received: u64,
    lost: u64,
    /// The events that are lent, which count as received once they are given back.
    lent: u64,
}

struct World {
    random: Random,
    models: Vec<RingModel>,
    rings: Vec<RingHandle>,
    publishers: Vec<PublisherHandle>,
    readers: Vec<ReaderHandle>,
    set: *mut WaitSet,
    /// Numbers of handles that were closed.
    closed: Vec<usize>,
    seen: HashMap<&'static str, HashMap<Status, usize>>,
}

impl World {
    fn new(seed: u64) -> Self {
        let mut set = null_mut();
        // SAFETY: F: the pointer is valid.
        assert_eq!(unsafe { rusted_ring_wait_set_new(&raw mut set) }, RUSTED_RING_OK);
        World {
            random: Random(seed),
            models: Vec::new(),
            rings: Vec::new(),
            publishers: Vec::new(),
            readers: Vec::new(),
            set,
            closed: Vec::new(),
            seen: HashMap::new(),
        }
    }

    fn note(&mut self, call: &'static str, status: Status) {
        *self.seen.entry(call).or_default().entry(status).or_default() += 1;
    }

    /// What is no handle of the kind that `not` are.
    fn no_handle(&mut self, not: &[usize]) -> usize {
        let all: Vec<usize> = self.handles().into_iter().chain(self.closed.iter().copied()).collect();
        loop {
            let number = match self.random.below(4) {
                0 => 0,
                1 => self.random.next() as usize,
                _ if !all.is_empty() => all[self.random.below(all.len())],
                _ => 1 << 16,
            };
            if !not.contains(&number) {
                return number;
            }
        }
    }

    fn handles(&self) -> Vec<usize> {
        let rings = self.rings.iter().map(|ring| ring.handle.addr());
        let publishers = self.publishers.iter().map(|publisher| publisher.handle.addr());
        rings.chain(publishers).chain(self.readers.iter().map(|reader| reader.handle.addr())).collect()
    }

    /// The room that publishers have before the slowest Consumer, at least and at most: one shows where it is only every so many events, an eighth of the
    /// ring.
    fn room(&self, ring: usize) -> (u64, u64) {
        let model = &self.models[ring];
        let gating = self.readers.iter().filter(|reader| reader.ring == ring && reader.is_consumer);
        let behind = gating.map(|reader| model.next - (reader.position - reader.lent)).max();
        let most = behind.map_or(u64::MAX, |behind| model.slots - behind);
        let unshown = (model.slots / 8).max(1) - 1;
        (if behind.is_some() { most.saturating_sub(unshown) } else { u64::MAX }, most)
    }

    /// Whether a call that publishes one event may return `status`, if nothing else is in the way.
    fn is_by_room(&self, ring: usize, status: Status) -> bool {
        let (least, most) = self.room(ring);
        match status {
            RUSTED_RING_OK => most > 0,
            RUSTED_RING_FULL => least == 0,
            _ => false,
        }
    }

    fn step(&mut self) {
        match self.random.below(40) {
            0 => self.open_ring(),
            _ if self.rings.is_empty() => self.open_ring(),
            1..3 => self.join_publisher(),
            3..6 => self.join_reader(),
            6..8 => self.mistake(),
            8..22 if !self.publishers.is_empty() => match self.random.below(4) {
                0 => self.publish_batch(),
                1 => self.claim(),
                _ => self.publish(),
            },
            22.. if !self.readers.is_empty() => match self.random.below(8) {
                0..2 => self.borrow(),
                2 => self.wait(),
                _ => self.read(),
            },
            _ => {}
        }
    }

    /// Closes everything.
    fn end(mut self) -> HashMap<&'static str, HashMap<Status, usize>> {
        while !self.readers.is_empty() {
            self.close_reader();
        }
        while !self.publishers.is_empty() {
            self.close_publisher();
        }
        while !self.rings.is_empty() {
            self.close_ring();
        }
        // SAFETY: F: no other thread has the handle.
        assert_eq!(unsafe { rusted_ring_wait_set_close(self.set) }, RUSTED_RING_OK);
        assert_eq!(rusted_ring_open_handles(), 0);
        self.seen
    }
}

#[test]
fn any_calls_return_what_they_must() {
    let mut seen: HashMap<&str, HashMap<Status, usize>> = HashMap::new();
    for seed in 0..4 {
        println!("seed {seed}");
        let mut world = World::new(seed);
        for step in 0..STEPS {
            world.step();
            if step % 64 == 0 {
                world.audit();
            }
        }
        for (call, statuses) in world.end() {
            for (status, count) in statuses {
                *seen.entry(call).or_default().entry(status).or_default() += count;
            }
        }
    }
    // The steps come to everything that they are about.
    let expected: [(&str, &[Status]); 13] = [
        ("new", &[RUSTED_RING_OK, RUSTED_RING_BAD_ARGUMENT]),
        ("join", &[RUSTED_RING_OK, RUSTED_RING_CLOSED, RUSTED_RING_OCCUPIED]),
        ("subscribe", &[RUSTED_RING_OK, RUSTED_RING_UNSUPPORTED, RUSTED_RING_BAD_ARGUMENT]),
        ("consume", &[RUSTED_RING_OK, RUSTED_RING_BAD_ARGUMENT]),
        (
            "publish",
            &[RUSTED_RING_OK, RUSTED_RING_FULL, RUSTED_RING_TOO_LARGE, RUSTED_RING_LENT, RUSTED_RING_BAD_ARGUMENT],
        ),
        ("batch", &[RUSTED_RING_OK, RUSTED_RING_FULL, RUSTED_RING_TOO_LARGE, RUSTED_RING_LENT]),
        ("claim", &[RUSTED_RING_OK, RUSTED_RING_FULL, RUSTED_RING_LENT, RUSTED_RING_UNSUPPORTED]),
        ("commit", &[RUSTED_RING_OK, RUSTED_RING_TOO_LARGE, RUSTED_RING_NOT_LENT]),
        (
            "read",
            &[
                RUSTED_RING_OK,
                RUSTED_RING_EMPTY,
                RUSTED_RING_LAGGED,
                RUSTED_RING_CLOSED,
                RUSTED_RING_LENT,
                RUSTED_RING_BAD_ARGUMENT,
            ],
        ),
        ("borrow", &[RUSTED_RING_OK, RUSTED_RING_EMPTY, RUSTED_RING_CLOSED, RUSTED_RING_LENT, RUSTED_RING_UNSUPPORTED]),
        ("release", &[RUSTED_RING_OK, RUSTED_RING_NOT_LENT]),
        ("wait", &[RUSTED_RING_OK, RUSTED_RING_EMPTY, RUSTED_RING_BUSY, RUSTED_RING_LENT]),
        ("mistake", &[RUSTED_RING_OK, RUSTED_RING_BAD_HANDLE]),
    ];
    for (call, statuses) in expected {
        for status in statuses {
            let count = seen.get(call).and_then(|seen| seen.get(status)).copied().unwrap_or(0);
            assert!(count >= 10, "{call} returned {status} only {count} times");
        }
    }
}
