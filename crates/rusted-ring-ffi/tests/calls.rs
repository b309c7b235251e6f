//! Calls about rings in one process, in any order, with any handles and sizes, against what a few lines say they must return.
//!
//! One thread calls. A step takes a handle that is open, or, now and then, one that was closed, is of another kind, is null, or is no handle at all.

#![allow(
    unsafe_code,
    clippy::multiple_unsafe_ops_per_block,
    reason = "every call is unsafe for the one reason, invariant F: the pointers are valid or null, and one thread calls"
)]

use std::{
    collections::HashMap,
    ffi::{CString, c_void},
    ptr::{null, null_mut, without_provenance_mut},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::{Duration, Instant},
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

    fn open_ring(&mut self) {
        if self.rings.len() == HANDLES {
            return self.close_ring();
        }
        let slot_bytes = self.random.below(300);
        let slots = self.random.below(20);
        let flags = [
            0,
            0,
            RUSTED_RING_SOLE,
            RUSTED_RING_SOLE | RUSTED_RING_LOSSLESS,
            RUSTED_RING_NEVER_CLOSES,
            RUSTED_RING_LOSSLESS,
            64,
        ][self.random.below(7)];
        let mut handle = null_mut();
        // SAFETY: F: the pointer is valid.
        let status = unsafe { rusted_ring_new(slot_bytes, slots, flags, &raw mut handle) };
        self.note("new", status);
        if slot_bytes == 0 || slots == 0 || flags == 64 || flags == RUSTED_RING_LOSSLESS {
            return assert_eq!(status, RUSTED_RING_BAD_ARGUMENT);
        }
        assert_eq!(status, RUSTED_RING_OK);
        let mut stats = RingStats::default();
        // SAFETY: F: the pointer is valid.
        assert_eq!(unsafe { rusted_ring_stats(handle, &raw mut stats) }, RUSTED_RING_OK);
        assert!(stats.slot_bytes as usize >= slot_bytes && stats.slots as usize >= slots);
        self.models.push(RingModel {
            slot_bytes: stats.slot_bytes as usize,
            slots: stats.slots,
            flags,
            next: 0,
            events: HashMap::new(),
            publishers: 0,
            is_closed: false,
        });
        self.rings.push(RingHandle { handle, ring: self.models.len() - 1 });
    }

    fn close_ring(&mut self) {
        let index = self.random.below(self.rings.len());
        let ring = self.rings.swap_remove(index);
        // SAFETY: F: no other thread has the handle.
        assert_eq!(unsafe { rusted_ring_close(ring.handle) }, RUSTED_RING_OK);
        self.closed.push(ring.handle.addr());
    }

    fn join_publisher(&mut self) {
        if self.publishers.len() == HANDLES || self.random.one_in(3) && !self.publishers.is_empty() {
            return self.close_publisher();
        }
        let of = self.random.below(self.rings.len());
        let RingHandle { handle: ring, ring: of } = self.rings[of];
        let mut handle = null_mut();
        // SAFETY: F: the pointer is valid.
        let status = unsafe { rusted_ring_publisher_join(ring, &raw mut handle) };
        self.note("join", status);
        let model = &mut self.models[of];
        let expected = match model {
            RingModel { is_closed: true, .. } => RUSTED_RING_CLOSED,
            RingModel { flags, publishers: 1.., .. } if *flags & RUSTED_RING_SOLE != 0 => RUSTED_RING_OCCUPIED,
            _ => RUSTED_RING_OK,
        };
        assert_eq!(status, expected);
        if status == RUSTED_RING_OK {
            model.publishers += 1;
            self.publishers.push(PublisherHandle { handle, ring: of, claimed: None });
        }
    }

    fn close_publisher(&mut self) {
        let index = self.random.below(self.publishers.len());
        let publisher = self.publishers.swap_remove(index);
        // SAFETY: F: no other thread has the handle.
        assert_eq!(unsafe { rusted_ring_publisher_close(publisher.handle) }, RUSTED_RING_OK);
        self.closed.push(publisher.handle.addr());
        let model = &mut self.models[publisher.ring];
        model.publishers -= 1;
        model.is_closed = model.publishers == 0 && model.flags & RUSTED_RING_NEVER_CLOSES == 0;
    }

    fn join_reader(&mut self) {
        if self.readers.len() == HANDLES || self.random.one_in(3) && !self.readers.is_empty() {
            return self.close_reader();
        }
        let of = self.random.below(self.rings.len());
        let RingHandle { handle: ring, ring: of } = self.rings[of];
        let model = &self.models[of];
        let from = [RUSTED_RING_NEWEST, RUSTED_RING_NEWEST, RUSTED_RING_OLDEST, model.next / 2, u64::MAX - 2]
            [self.random.below(5)];
        let is_consumer = self.random.one_in(2);
        let join = if is_consumer { rusted_ring_consume } else { rusted_ring_subscribe };
        let mut handle = null_mut();
        // SAFETY: F: the pointers are valid or null.
        let status = unsafe { join(ring, null(), from, &raw mut handle) };
        let expected = match () {
            () if from == u64::MAX - 2 => RUSTED_RING_BAD_ARGUMENT,
            () if !is_consumer && model.flags & RUSTED_RING_LOSSLESS != 0 => RUSTED_RING_UNSUPPORTED,
            () => RUSTED_RING_OK,
        };
        self.note(if is_consumer { "consume" } else { "subscribe" }, status);
        assert_eq!(status, expected);
        if status == RUSTED_RING_OK {
            let mut stats = ReaderStats::default();
            // SAFETY: F: the pointer is valid.
            assert_eq!(unsafe { rusted_ring_reader_stats(handle, &raw mut stats) }, RUSTED_RING_OK);
            let joined = stats.joined;
            assert!(joined <= self.models[of].next, "a reader begins in the future");
            let reader =
                ReaderHandle { handle, ring: of, is_consumer, joined, position: joined, received: 0, lost: 0, lent: 0 };
            self.readers.push(reader);
        }
    }

    fn close_reader(&mut self) {
        let index = self.random.below(self.readers.len());
        let reader = self.readers.swap_remove(index);
        // SAFETY: F: no other thread has the handle.
        assert_eq!(unsafe { rusted_ring_reader_close(reader.handle) }, RUSTED_RING_OK);
        self.closed.push(reader.handle.addr());
    }

    /// Fails unless a publish of `len` bytes by a publisher may return `status`.
    fn judge(&self, publisher: usize, len: usize, status: Status) {
        let PublisherHandle { ring, claimed, .. } = self.publishers[publisher];
        match () {
            () if claimed.is_some() => assert_eq!(status, RUSTED_RING_LENT),
            () if len > self.models[ring].slot_bytes => assert_eq!(status, RUSTED_RING_TOO_LARGE),
            () => assert!(self.is_by_room(ring, status), "{status} with room for {:?}", self.room(ring)),
        }
    }

    /// Notes that an event went out, and returns its sequence.
    fn went_out(&mut self, ring: usize, seed: u64, len: usize, event_type: u32) -> u64 {
        let model = &mut self.models[ring];
        model.events.insert(model.next, (seed, len, event_type));
        model.next += 1;
        model.next - 1
    }

    fn publish(&mut self) {
        let index = self.random.below(self.publishers.len());
        let PublisherHandle { handle, ring, .. } = self.publishers[index];
        let (seed, event_type) = (self.random.next(), self.random.next() as u32);
        let slot_bytes = self.models[ring].slot_bytes;
        let len = if self.random.one_in(10) { slot_bytes + 1 } else { self.random.below(slot_bytes + 1) };
        let bytes = bytes_of(seed, len);
        let is_null = len > 0 && self.random.one_in(20);
        let data = if is_null { null() } else { bytes.as_ptr().cast() };
        let mut sequence = u64::MAX;
        // SAFETY: F: the pointers are valid or null.
        let status = unsafe {
            if self.random.one_in(2) {
                rusted_ring_try_publish(handle, data, len, event_type, &raw mut sequence)
            } else {
                rusted_ring_publish(handle, data, len, event_type, 0, &raw mut sequence)
            }
        };
        self.note("publish", status);
        if is_null {
            return assert_eq!((status, sequence), (RUSTED_RING_BAD_ARGUMENT, u64::MAX));
        }
        self.judge(index, len, status);
        let wanted = if status == RUSTED_RING_OK { self.went_out(ring, seed, len, event_type) } else { u64::MAX };
        assert_eq!(sequence, wanted, "what a call stores, it stores if it returns 0");
    }

    fn publish_batch(&mut self) {
        let index = self.random.below(self.publishers.len());
        let PublisherHandle { handle, ring, claimed } = self.publishers[index];
        let slot_bytes = self.models[ring].slot_bytes;
        let longest = if self.random.one_in(5) { slot_bytes + 2 } else { slot_bytes + 1 };
        let events: Vec<(u64, Vec<u8>)> = (0..self.random.below(MOST + 1))
            .map(|_| {
                let seed = self.random.next();
                (seed, bytes_of(seed, self.random.below(longest)))
            })
            .collect();
        let slices: Vec<Slice> = events
            .iter()
            .map(|(seed, bytes)| Slice {
                data: bytes.as_ptr().cast(),
                len: bytes.len() as u32,
                event_type: *seed as u32,
            })
            .collect();
        let mut published = usize::MAX;
        // SAFETY: F: the pointers are valid.
        let status = unsafe { rusted_ring_publish_batch(handle, slices.as_ptr(), slices.len(), 0, &raw mut published) };
        self.note("batch", status);
        if events.iter().any(|(_, bytes)| bytes.len() > slot_bytes) {
            assert_eq!((status, published), (RUSTED_RING_TOO_LARGE, usize::MAX));
            return;
        }
        let (least, most) = if claimed.is_some() { (0, 0) } else { self.room(ring) };
        let (least, most) = (least.min(events.len() as u64), most.min(events.len() as u64));
        assert!(
            (least..=most).contains(&(published as u64)),
            "{published} of {} with room for {least} to {most}",
            events.len()
        );
        let end = if claimed.is_some() && !events.is_empty() { RUSTED_RING_LENT } else { RUSTED_RING_FULL };
        assert_eq!(status, if published == events.len() { RUSTED_RING_OK } else { end });
        for (seed, bytes) in &events[..published] {
            self.went_out(ring, *seed, bytes.len(), *seed as u32);
        }
    }

    fn claim(&mut self) {
        let index = self.random.below(self.publishers.len());
        let PublisherHandle { handle, ring, claimed } = self.publishers[index];
        let is_lossless = self.models[ring].flags & RUSTED_RING_LOSSLESS != 0;
        let slot_bytes = self.models[ring].slot_bytes;
        let (seed, event_type) = (self.random.next(), self.random.next() as u32);
        match self.random.below(3) {
            0 => {
                let (mut slot, mut room): (*mut c_void, usize) = (null_mut(), 0);
                // SAFETY: F: the pointers are valid.
                let status = unsafe { rusted_ring_claim(handle, 0, &raw mut slot, &raw mut room) };
                self.note("claim", status);
                if is_lossless {
                    self.judge(index, 0, status);
                } else {
                    assert_eq!(status, RUSTED_RING_UNSUPPORTED);
                }
                if status == RUSTED_RING_OK {
                    assert_eq!(room, slot_bytes);
                    self.publishers[index].claimed = Some(slot.cast());
                }
            }
            1 => {
                let len = if self.random.one_in(4) { slot_bytes + 1 } else { self.random.below(slot_bytes + 1) };
                if let Some(slot) = claimed.filter(|_| len <= slot_bytes) {
                    // SAFETY: the slot is lent, and has room.
                    unsafe { std::slice::from_raw_parts_mut(slot, len) }.copy_from_slice(&bytes_of(seed, len));
                }
                let mut sequence = u64::MAX;
                // SAFETY: F: the pointer is valid.
                let status = unsafe { rusted_ring_commit(handle, len, event_type, &raw mut sequence) };
                self.note("commit", status);
                let expected = match claimed {
                    None => RUSTED_RING_NOT_LENT,
                    Some(_) if len > slot_bytes => RUSTED_RING_TOO_LARGE,
                    Some(_) => RUSTED_RING_OK,
                };
                assert_eq!(status, expected);
                if status == RUSTED_RING_OK {
                    self.publishers[index].claimed = None;
                    assert_eq!(sequence, self.went_out(ring, seed, len, event_type));
                }
            }
            _ => {
                // SAFETY: F.
                let status = unsafe { rusted_ring_abandon(handle) };
                self.note("abandon", status);
                assert_eq!(status, if claimed.is_some() { RUSTED_RING_OK } else { RUSTED_RING_NOT_LENT });
                self.publishers[index].claimed = None;
            }
        }
    }

    /// What a reader is told when it looks now.
    fn expected_at(&self, reader: usize) -> Status {
        let ReaderHandle { ring, is_consumer, position, lent, .. } = self.readers[reader];
        let model = &self.models[ring];
        match () {
            () if lent > 0 => RUSTED_RING_LENT,
            () if !is_consumer && position + model.slots < model.next => RUSTED_RING_LAGGED,
            () if position < model.next => RUSTED_RING_OK,
            () if model.is_closed => RUSTED_RING_CLOSED,
            () => RUSTED_RING_EMPTY,
        }
    }

    /// Takes note of a loss, if the status says that there is one.
    fn lose(&mut self, reader: usize, status: Status) {
        if status != RUSTED_RING_LAGGED {
            return;
        }
        let mut loss = Range { from: 0, to: 0 };
        let next = self.models[self.readers[reader].ring].next;
        let reader = &mut self.readers[reader];
        // SAFETY: F: the pointer is valid.
        assert_eq!(unsafe { rusted_ring_reader_loss(reader.handle, &raw mut loss) }, RUSTED_RING_OK);
        assert!(loss.from == reader.position && loss.to > loss.from && loss.to <= next, "{loss:?}");
        reader.lost += loss.to - loss.from;
        reader.position = loss.to;
    }

    /// The events are the next of the reader, and what was published.
    fn receive(&mut self, reader: usize, events: &[Event]) {
        for event in events {
            let reader = &mut self.readers[reader];
            assert_eq!(event.sequence, reader.position);
            let (seed, len, event_type) = self.models[reader.ring].events[&event.sequence];
            assert_eq!((event.len as usize, event.event_type), (len, event_type));
            // SAFETY: the event is in the buffer, or lent.
            let bytes = unsafe { std::slice::from_raw_parts(event.data.cast::<u8>(), len) };
            assert_eq!(bytes, bytes_of(seed, len));
            reader.position += 1;
        }
    }

    fn read(&mut self) {
        let index = self.random.below(self.readers.len());
        let ReaderHandle { handle, ring, .. } = self.readers[index];
        let slot_bytes = self.models[ring].slot_bytes;
        let is_short = self.random.one_in(15);
        let stride = if is_short { slot_bytes - 1 } else { slot_bytes + self.random.below(9) };
        let most = if self.random.one_in(2) { 1 } else { 1 + self.random.below(MOST) };
        let mut buffer = vec![0_u8; stride * most];
        let mut events = [Event { data: null(), len: 0, event_type: 0, sequence: 0 }; MOST];
        let (mut count, data) = (0, buffer.as_mut_ptr().cast());
        // SAFETY: F: the pointers are valid.
        let status = unsafe {
            match (most, self.random.below(2)) {
                (1, 0) => rusted_ring_try_read(handle, data, stride, events.as_mut_ptr()),
                (1, _) => rusted_ring_read(handle, data, stride, 0, events.as_mut_ptr()),
                _ => rusted_ring_read_batch(handle, data, stride, most, 0, events.as_mut_ptr(), &raw mut count),
            }
        };
        self.note("read", status);
        if is_short {
            return assert_eq!(status, RUSTED_RING_BAD_ARGUMENT);
        }
        assert_eq!(status, self.expected_at(index), "{}", self.models[ring].flags);
        if status == RUSTED_RING_OK {
            count = count.max(1);
            let ready = self.models[ring].next - self.readers[index].position;
            assert_eq!(count as u64, ready.min(most as u64));
            self.receive(index, &events[..count]);
            self.readers[index].received += count as u64;
        }
        self.lose(index, status);
    }

    fn borrow(&mut self) {
        let index = self.random.below(self.readers.len());
        let ReaderHandle { handle, is_consumer, lent, .. } = self.readers[index];
        let most = 1 + self.random.below(MOST);
        let mut events = [Event { data: null(), len: 0, event_type: 0, sequence: 0 }; MOST];
        let mut count = usize::MAX;
        if self.random.one_in(2) {
            // SAFETY: F: the pointers are valid.
            let status = unsafe { rusted_ring_borrow(handle, events.as_mut_ptr(), most, 0, &raw mut count) };
            self.note("borrow", status);
            assert_eq!(status, if is_consumer { self.expected_at(index) } else { RUSTED_RING_UNSUPPORTED });
            assert_eq!(count > 0, status == RUSTED_RING_OK);
            assert!(count <= most);
            self.receive(index, &events[..count]);
            self.readers[index].lent += count as u64;
        } else {
            // SAFETY: F.
            let status = unsafe { rusted_ring_release(handle) };
            self.note("release", status);
            assert_eq!(status, if lent > 0 { RUSTED_RING_OK } else { RUSTED_RING_NOT_LENT });
            self.readers[index].received += lent;
            self.readers[index].lent = 0;
        }
    }

    fn wait(&mut self) {
        let indices: Vec<usize> =
            (0..1 + self.random.below(4)).map(|_| self.random.below(self.readers.len())).collect();
        let readers: Vec<*mut Reader> = indices.iter().map(|&index| self.readers[index].handle).collect();
        let mut ready = usize::MAX;
        // SAFETY: F: the pointers are valid.
        let status = unsafe { rusted_ring_wait(self.set, readers.as_ptr(), readers.len(), 0, &raw mut ready) };
        self.note("wait", status);
        let is_twice = indices.iter().enumerate().any(|(place, index)| indices[..place].contains(index));
        let is_lent = indices.iter().any(|&index| self.readers[index].lent > 0);
        let is_ready = |index: usize| self.expected_at(index) != RUSTED_RING_EMPTY;
        match status {
            RUSTED_RING_OK => assert!(!is_twice && !is_lent && is_ready(indices[ready])),
            RUSTED_RING_EMPTY => assert!(!is_twice && !is_lent && !indices.iter().any(|&index| is_ready(index))),
            RUSTED_RING_BUSY => assert!(is_twice),
            RUSTED_RING_LENT => assert!(is_lent),
            other => panic!("a wait returns {other}"),
        }
    }

    /// Calls that are given what is no handle of theirs.
    fn mistake(&mut self) {
        let publishers: Vec<usize> = self.publishers.iter().map(|publisher| publisher.handle.addr()).collect();
        let readers: Vec<usize> = self.readers.iter().map(|reader| reader.handle.addr()).collect();
        let rings: Vec<usize> = self.rings.iter().map(|ring| ring.handle.addr()).collect();
        let mut sequence = 0;
        let mut event = Event { data: null(), len: 0, event_type: 0, sequence: 0 };
        let mut stats = RingStats::default();
        // SAFETY: F: the pointers are valid or null, and handles may be anything.
        let (number, status) = unsafe {
            match self.random.below(6) {
                0 => {
                    let number = self.no_handle(&publishers);
                    (
                        1,
                        rusted_ring_try_publish(
                            without_provenance_mut(number),
                            [1_u8].as_ptr().cast(),
                            1,
                            0,
                            &raw mut sequence,
                        ),
                    )
                }
                1 => {
                    let number = self.no_handle(&readers);
                    let mut buffer = [0_u8; 512];
                    (
                        1,
                        rusted_ring_try_read(
                            without_provenance_mut(number),
                            buffer.as_mut_ptr().cast(),
                            512,
                            &raw mut event,
                        ),
                    )
                }
                2 => (1, rusted_ring_stats(without_provenance_mut(self.no_handle(&rings)), &raw mut stats)),
                3 => {
                    let number = self.no_handle(&rings);
                    (number, rusted_ring_close(without_provenance_mut(number)))
                }
                4 => {
                    let number = self.no_handle(&readers);
                    (number, rusted_ring_reader_close(without_provenance_mut(number)))
                }
                _ => {
                    let number = self.no_handle(&publishers);
                    (number, rusted_ring_publisher_close(without_provenance_mut(number)))
                }
            }
        };
        self.note("mistake", status);
        assert_eq!(status, if number == 0 { RUSTED_RING_OK } else { RUSTED_RING_BAD_HANDLE });
    }

    /// The books of a ring and a reader are those of the model.
    fn audit(&mut self) {
        let open = 1 + self.rings.len() + self.publishers.len() + self.readers.len();
        assert_eq!(rusted_ring_open_handles(), open);
        for RingHandle { handle, ring } in &self.rings {
            let mut stats = RingStats::default();
            // SAFETY: F: the pointer is valid.
            assert_eq!(unsafe { rusted_ring_stats(*handle, &raw mut stats) }, RUSTED_RING_OK);
            assert_eq!((stats.claimed, stats.held), (self.models[*ring].next, 0));
        }
        for reader in self.readers.iter().filter(|reader| reader.lent == 0) {
            let mut line = ReaderStats::default();
            // SAFETY: F: the pointer is valid.
            assert_eq!(unsafe { rusted_ring_reader_stats(reader.handle, &raw mut line) }, RUSTED_RING_OK);
            let ahead = self.models[reader.ring].next - reader.position;
            assert_eq!(
                (line.joined, line.received, line.lost, line.ahead),
                (reader.joined, reader.received, reader.lost, ahead)
            );
            assert_eq!((line.holes, line.repaired, line.shared), (0, 0, 0));
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

/// There is one table of handles, so the tests of this program take turns.
static TABLE: Mutex<()> = Mutex::new(());

/// A ring of 8 slots of 8 bytes.
fn a_ring() -> *mut Ring {
    let mut ring = null_mut();
    // SAFETY: F: the pointer is valid.
    assert_eq!(unsafe { rusted_ring_new(8, 8, 0, &raw mut ring) }, RUSTED_RING_OK);
    ring
}

#[test]
fn where_no_handle_can_be_had_nothing_was_done() {
    let _turn = TABLE.lock().unwrap_or_else(PoisonError::into_inner);
    let ring = a_ring();
    let mut others = Vec::new();
    loop {
        let mut set = null_mut();
        // SAFETY: F: the pointer is valid.
        match unsafe { rusted_ring_wait_set_new(&raw mut set) } {
            RUSTED_RING_OK => others.push(set),
            status => break assert_eq!(status, RUSTED_RING_TOO_MANY_HANDLES),
        }
    }
    assert_eq!(rusted_ring_open_handles(), 1 << 16);
    let mut publisher = null_mut();
    // SAFETY: F: the pointer is valid.
    let status = unsafe { rusted_ring_publisher_join(ring, &raw mut publisher) };
    assert_eq!((status, publisher), (RUSTED_RING_TOO_MANY_HANDLES, null_mut()));
    let directory = tempfile::tempdir().unwrap();
    let name = CString::new(directory.path().join("ring").to_str().unwrap()).unwrap();
    let mut created = null_mut();
    // SAFETY: F: the pointers are valid.
    let status = unsafe { rusted_ring_create(name.as_ptr(), 8, 8, 0, &raw mut created) };
    assert_eq!(status, RUSTED_RING_TOO_MANY_HANDLES);
    assert_eq!(directory.path().read_dir().unwrap().count(), 0, "no file was made");
    for set in others {
        // SAFETY: F: no other thread has the handle.
        assert_eq!(unsafe { rusted_ring_wait_set_close(set) }, RUSTED_RING_OK);
    }
    // The ring had no publisher that could have left it.
    // SAFETY: F: the pointers are valid, and no other thread has the handles.
    unsafe {
        assert_eq!(rusted_ring_publisher_join(ring, &raw mut publisher), RUSTED_RING_OK);
        assert_eq!(rusted_ring_publisher_close(publisher), RUSTED_RING_OK);
        assert_eq!(rusted_ring_close(ring), RUSTED_RING_OK);
    }
}

/// What a reader has lost so far, told or not.
fn lost_by(reader: *mut Reader) -> u64 {
    let mut line = ReaderStats::default();
    // SAFETY: F: the pointer is valid.
    assert_eq!(unsafe { rusted_ring_reader_stats(reader, &raw mut line) }, RUSTED_RING_OK);
    line.lost
}

#[test]
fn a_reader_that_has_a_loss_to_tell_takes_its_turn() {
    let _turn = TABLE.lock().unwrap_or_else(PoisonError::into_inner);
    let ring = a_ring();
    let (mut publisher, mut set) = (null_mut(), null_mut());
    let mut readers = [null_mut::<Reader>(); 3];
    // SAFETY: F: the pointers are valid, and no other thread has the handles.
    unsafe {
        assert_eq!(rusted_ring_publisher_join(ring, &raw mut publisher), RUSTED_RING_OK);
        assert_eq!(rusted_ring_wait_set_new(&raw mut set), RUSTED_RING_OK);
        for reader in &mut readers {
            assert_eq!(rusted_ring_subscribe(ring, null(), RUSTED_RING_NEWEST, reader), RUSTED_RING_OK);
        }
    }
    let stop = Arc::new(AtomicBool::new(false));
    // A batch ends at a loss when the publisher laps it in its middle.
    let other = thread::spawn({
        let (stop, publisher) = (Arc::clone(&stop), publisher.addr());
        move || {
            while !stop.load(Ordering::Relaxed) {
                // SAFETY: F: any thread may use a publisher of a ring of many.
                unsafe { rusted_ring_try_publish(without_provenance_mut(publisher), null(), 0, 0, null_mut()) };
            }
        }
    });
    let (mut owed, begun) = (0, Instant::now());
    while owed < 20 && begun.elapsed() < Duration::from_secs(20) {
        let (mut buffer, mut count) = ([0_u8; 8 * 8], 0);
        let before = lost_by(readers[1]);
        // SAFETY: F: the pointers are valid.
        let status = unsafe {
            rusted_ring_read_batch(readers[1], buffer.as_mut_ptr().cast(), 8, 8, 0, null_mut(), &raw mut count)
        };
        if status != RUSTED_RING_OK || lost_by(readers[1]) == before {
            continue;
        }
        owed += 1;
        let mut turns = [0; 3];
        for _ in 0..30 {
            let mut ready = usize::MAX;
            // SAFETY: F: the pointers are valid.
            let status = unsafe { rusted_ring_wait(set, readers.as_ptr(), 3, 0, &raw mut ready) };
            assert_eq!(status, RUSTED_RING_OK, "the others never read, and so have events");
            turns[ready] += 1;
        }
        assert_eq!(turns, [10; 3], "each has its turn");
    }
    stop.store(true, Ordering::Relaxed);
    other.join().unwrap();
    assert!(owed > 0, "no batch ended at a loss");
    // SAFETY: F: no other thread has the handles.
    unsafe {
        for reader in readers {
            assert_eq!(rusted_ring_reader_close(reader), RUSTED_RING_OK);
        }
        assert_eq!(rusted_ring_wait_set_close(set), RUSTED_RING_OK);
        assert_eq!(rusted_ring_publisher_close(publisher), RUSTED_RING_OK);
        assert_eq!(rusted_ring_close(ring), RUSTED_RING_OK);
    }
}

#[test]
fn any_calls_return_what_they_must() {
    let _turn = TABLE.lock().unwrap_or_else(PoisonError::into_inner);
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
