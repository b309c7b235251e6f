//! Rings that processes share, in one process: what a peer that died, or that writes what it likes, does to the others.

use std::{
    collections::HashSet,
    mem,
    ptr::NonNull,
    sync::{Arc, Mutex},
    time::Duration,
    vec::Vec,
};

use crate::{
    Bytes, Consumer, Incident, JoinError, Lease, Many, MappedRing, Mode, Peers, Publisher, Slot, Sole, SolePublisher,
    Start, Subscriber,
    consumer::{CopyError, TryRecvError},
    ledger::Ledger,
    publisher::PublishError,
    ring::{
        RingRef,
        memory::tag::{Head, HeadCell},
    },
    subscriber,
    sync::{AtomicU64, Relaxed},
};

#[repr(C, align(4096))]
struct Page([AtomicU64; 512]);

/// One process of those that have the same leases.
#[derive(Clone)]
struct Process {
    /// The leases that are held, by any process.
    held: Arc<Mutex<HashSet<Lease>>>,
    memory: Arc<Vec<Page>>,
    noted: Arc<Mutex<Vec<Incident>>>,
}

// SAFETY: the pages live as long as their `Arc`; the set has each lease once.
unsafe impl Peers for Process {
    const TRUSTED: bool = false;

    fn hold(&self, lease: Lease) -> bool {
        self.held.lock().unwrap().insert(lease)
    }

    unsafe fn give_back(&self, lease: Lease) {
        assert!(self.held.lock().unwrap().remove(&lease), "what is given back was held");
    }

    fn is_held(&self, lease: Lease) -> bool {
        self.held.lock().unwrap().contains(&lease)
    }

    fn note(&self, incident: Incident) {
        self.noted.lock().unwrap().push(incident);
    }

    fn is_time_to_look(&self) -> bool {
        true
    }
}

type Ring<S, M> = MappedRing<S, M, Process>;

fn ring<S: Slot, M: Mode>(capacity: usize) -> Ring<S, M> {
    let ring = unshared(capacity);
    ring.share();
    ring
}

/// A ring that no word says to be shared.
fn unshared<S: Slot, M: Mode>(capacity: usize) -> Ring<S, M> {
    let bytes = Ring::<S, M>::bytes_for(capacity).unwrap();
    let memory = (0..bytes.div_ceil(4096)).map(|_| Page([const { AtomicU64::new(0) }; 512])).collect();
    let process = Process { held: Arc::default(), memory: Arc::new(memory), noted: Arc::default() };
    let base = NonNull::from(&process.memory[..]).cast();
    // SAFETY: aligned pages, which the process keeps; this is the only ring there.
    unsafe { Ring::at(base, capacity, process) }.unwrap()
}

/// Ends as a process does that is killed: nothing is given back but its leases.
fn kill<S: Slot, M: Mode, E>(ring: &Ring<S, M>, endpoint: E, lease: Lease) {
    mem::forget(endpoint);
    // SAFETY: its owner was forgotten, as if its process had ended.
    unsafe { ring.peers().give_back(lease) };
}

/// Stores `bits` over every word of the ring's memory that holds `old`; how many there were.
fn overwrite<S: Slot, M: Mode>(ring: &Ring<S, M>, old: u64, bits: u64) -> usize {
    let words = ring.peers().memory.iter().flat_map(|page| &page.0);
    words.filter(|word| word.load(Relaxed) == old).map(|word| word.store(bits, Relaxed)).count()
}

/// The word `by` words behind the beginning of `part` of the ring's header.
fn word<'a, S: Slot, M: Mode, T>(ring: &'a Ring<S, M>, part: &T, by: usize) -> &'a AtomicU64 {
    let pages = &ring.peers().memory;
    let at = (core::ptr::from_ref(part).addr() - pages.as_ptr().addr()) / 8 + by;
    &pages[at / 512].0[at % 512]
}

/// What no claim leads to, and that a call says so.
fn is_corrupt<T: core::fmt::Debug>(outcome: Result<T, PublishError>) {
    let Err(PublishError::Corrupt(corrupt)) = outcome else { panic!("{outcome:?}") };
    assert!(corrupt.to_string().contains("written over it"), "{corrupt}");
}

#[test]
fn a_cursor_beyond_all_sequences_is_an_error_of_publishers() {
    for junk in [1 << 62, u64::MAX] {
        let many = ring::<Bytes<8>, Many>(4);
        let publisher = Publisher::join(many.clone()).unwrap();
        word(&many, &many.view().header().cursor, 0).store(junk, Relaxed);
        is_corrupt(publisher.try_publish(b"event", 0));
        is_corrupt(publisher.publish_timeout(b"event", 0, Duration::from_secs(60)));
        is_corrupt(publisher.try_publish_batch(&[(b"event", 0)]));
        assert!(publisher.try_claim().unwrap_err().corrupt.is_some());
        assert!(publisher.try_claim_batch(3).unwrap_err().corrupt.is_some());

        let sole = ring::<Bytes<8>, Sole>(4);
        word(&sole, &sole.view().header().cursor, 0).store(junk, Relaxed);
        let mut publisher = SolePublisher::join(sole).unwrap();
        is_corrupt(publisher.try_publish(b"event", 0));
        is_corrupt(publisher.publish_timeout(b"event", 0, Duration::from_secs(60)));
        assert!(publisher.try_claim().unwrap_err().corrupt.is_some());
    }
}

#[test]
fn a_consumer_that_is_overrun_although_the_gate_forbids_it_says_that_the_ring_is_corrupt() {
    let ring = ring::<Bytes<8>, Many>(4);
    let mut store = Consumer::join(ring.clone(), Start::Newest).unwrap();
    let publisher = Publisher::join(ring.clone()).unwrap();
    word(&ring, &ring.view().header().gate, 0).store(u64::MAX, Relaxed);
    for _ in 0..6 {
        publisher.try_publish(b"event", 0).unwrap();
    }
    assert!(matches!(store.try_copy(), Err(TryRecvError::Corrupt(_))));
    assert!(matches!(store.copy(), Err(CopyError::Corrupt(_))));
    assert!(matches!(store.copy_timeout(Duration::from_secs(60)), Err(TryRecvError::Corrupt(_))));
}

#[test]
fn no_word_closes_a_ring_between_processes() {
    let ring = ring::<Bytes<8>, Many>(4);
    let mut store = Consumer::join(ring.clone(), Start::Newest).unwrap();
    let mut screen = Subscriber::join(ring.clone(), Start::Newest);
    word(&ring, &ring.view().header().lifecycle, 0).store(u64::MAX, Relaxed);
    assert_eq!(store.try_copy().unwrap_err(), TryRecvError::Empty);
    assert_eq!(screen.try_recv().unwrap_err(), subscriber::TryRecvError::Empty);
    let publisher = Publisher::join(ring.clone()).unwrap();
    publisher.publish(b"event", 0).unwrap();
    assert!(store.try_copy().is_ok() && screen.try_recv().is_ok());
}

#[test]
fn a_bit_at_the_gate_that_no_consumer_set_is_taken_away_by_publishers_that_wait() {
    let ring = ring::<Bytes<8>, Many>(4);
    let publisher = Publisher::join(ring.clone()).unwrap();
    let gating = word(&ring, ring.view().header().table(), 2);
    gating.store(1 << 17 | 1 << 63, Relaxed);
    for _ in 0..10 {
        publisher.publish_timeout(b"event", 0, Duration::from_secs(60)).unwrap();
    }
    assert_eq!(gating.load(Relaxed), 0);
}

#[test]
fn a_stamp_that_is_written_over_while_its_slot_is_claimed_ends_no_publisher() {
    let ring = ring::<Bytes<8>, Many>(4);
    let publisher = Publisher::join(ring.clone()).unwrap();
    for junk in [0, 4, u64::MAX] {
        let claim = publisher.claim();
        let stamp = 4 * claim.sequence().get() + 1;
        assert!(overwrite(&ring, stamp, junk) > 0);
        assert!(claim.publish(0).is_err());
    }
}

#[test]
fn unlisted_readers_count_for_as_long_as_they_live() {
    let ring = ring::<Bytes<8>, Many>(4);
    let mut readers: Vec<_> = (0..130).map(|_| Subscriber::join(ring.clone(), Start::Newest)).collect();
    let unlisted = || Ledger::of(&ring).unlisted();
    assert_eq!(unlisted(), 64, "no more are counted");
    readers.truncate(67);
    assert_eq!(unlisted(), 3);
    kill(&ring, readers.pop(), Lease::Unlisted(2));
    assert_eq!(unlisted(), 2, "one was killed");
    readers.push(Subscriber::join(ring.clone(), Start::Newest));
    assert_eq!(unlisted(), 3);
    drop(readers);
    assert_eq!(unlisted(), 0);
}

#[test]
fn who_is_alone_with_a_ring_frees_the_slots_of_dead_publishers_and_what_was_met_is_noted() {
    let ring = ring::<Bytes<8>, Many>(4);
    let publisher = Publisher::join(ring.clone()).unwrap();
    publisher.publish(b"first", 0).unwrap();
    mem::forget(publisher.claim());
    let mut reader = Subscriber::join(ring.clone(), Start::Oldest);
    publisher.publish(b"third", 0).unwrap();
    assert_eq!(reader.try_recv().unwrap().bytes(), b"first");
    assert_eq!(reader.recv().unwrap().bytes(), b"third", "the one between was given up");
    mem::forget(publisher.claim());
    kill(&ring, reader, Lease::Reader(0));
    assert_eq!(Ledger::of(&ring).held(), 2);
    // SAFETY: of all endpoints that there were, none is left that is used.
    assert_eq!(unsafe { ring.mend() }, 2);
    assert_eq!((Ledger::of(&ring).held(), Ledger::of(&ring).readers().count()), (0, 0));
    let mut reader = Subscriber::join(ring.clone(), Start::Newest);
    for n in 4..12u64 {
        assert_eq!(publisher.publish(&n.to_le_bytes(), 0).unwrap().get(), n, "no sequence is passed over");
        assert_eq!(reader.try_recv().unwrap().bytes(), n.to_le_bytes());
    }
    use Incident::{DeadReader, FreedSlot, GivenUp};
    assert_eq!(*ring.peers().noted.lock().unwrap(), [GivenUp, FreedSlot, FreedSlot, DeadReader]);
}

#[test]
fn a_dead_consumer_blocks_nobody_and_a_living_one_is_named() {
    let ring = ring::<Bytes<8>, Many>(4);
    let mut living = Consumer::join(ring.clone(), Start::Newest).unwrap().named("living");
    let dead = Consumer::join(ring.clone(), Start::Newest).unwrap().named("dead");
    let publisher = Publisher::join(ring.clone()).unwrap();
    for n in 0..4u64 {
        publisher.publish(&n.to_le_bytes(), 0).unwrap();
    }
    while living.try_copy().is_ok() {}
    let Err(PublishError::Full(full)) = publisher.try_publish(b"late", 0) else { panic!("the ring is full") };
    assert_eq!(full.blocker.unwrap().name.as_str(), "dead");
    kill(&ring, dead, Lease::Reader(1));
    publisher.publish(b"room", 0).unwrap();
    assert_eq!(Ledger::of(&ring).readers().map(|reader| reader.entry).collect::<Vec<_>>(), [0]);
    // The living one blocks, and is not freed.
    let refused = (0..8).find_map(|_| publisher.publish_timeout(b"more", 0, Duration::from_millis(1)).err());
    let Some(PublishError::Full(full)) = refused else { panic!("the ring is full") };
    assert_eq!(full.blocker.unwrap().name.as_str(), "living");
}

#[test]
fn entries_of_the_dead_are_had_by_those_who_find_the_table_full() {
    let ring = ring::<Bytes<8>, Sole>(4);
    for entry in 0..64 {
        kill(&ring, Subscriber::join(ring.clone(), Start::Newest), Lease::Reader(entry));
    }
    let _living: Vec<_> = (0..64).map(|_| Consumer::join(ring.clone(), Start::Newest).unwrap()).collect();
    assert_eq!(Consumer::join(ring.clone(), Start::Newest).unwrap_err(), JoinError::TooManyReaders);
    assert_eq!(ring.peers().held.lock().unwrap().len(), 64);
}

#[test]
fn who_follows_a_dead_sole_publisher_goes_on_behind_what_it_published() {
    let ring = ring::<Bytes<64>, Sole>(8);
    let mut reader = Subscriber::join(ring.clone(), Start::Newest);
    let mut first = SolePublisher::join(ring.clone()).unwrap();
    first.publish(b"published", 1).unwrap();
    let mut claim = first.claim();
    claim.append(b"half").unwrap();
    assert_eq!(SolePublisher::join(ring.clone()).unwrap_err(), JoinError::Occupied);
    kill(&ring, first, Lease::Publisher);
    let mut second = SolePublisher::join(ring.clone()).unwrap();
    assert_eq!(second.publish(b"next", 1).unwrap().get(), 1);
    assert_eq!(reader.try_recv().unwrap().bytes(), b"published");
    assert_eq!(reader.try_recv().unwrap().bytes(), b"next");
    drop(second);
    assert!(SolePublisher::join(ring).is_ok());
}

#[test]
fn a_cursor_that_somebody_sets_back_leads_no_sole_publisher_out_of_the_ring() {
    let ring = ring::<Bytes<64>, Sole>(8);
    let mut publisher = SolePublisher::join(ring.clone()).unwrap();
    for _ in 0..19 {
        publisher.publish(b"event", 1).unwrap();
    }
    assert!(overwrite(&ring, 19, 1) > 0, "the cursor");
    for n in 19..60 {
        assert_eq!(publisher.publish(b"event", 1).unwrap().get(), n);
    }
}

#[test]
fn a_length_that_somebody_wrote_is_cut_to_what_an_event_may_have() {
    let ring = ring::<Bytes<8>, Many>(4);
    let mut store = Consumer::join(ring.clone(), Start::Newest).unwrap();
    let mut screen = Subscriber::join(ring.clone(), Start::Newest);
    Publisher::join(ring.clone()).unwrap().publish(b"an event", 7).unwrap();
    assert_eq!(overwrite(&ring, 7 << 32 | 8, 7 << 32 | 0xffff_ffff), 1);
    assert_eq!(store.try_copy().unwrap().bytes(), b"an event");
    assert_eq!(screen.try_recv().unwrap().bytes(), b"an event");
}

#[test]
fn a_long_event_whose_head_somebody_took_away_harms_nobody() {
    let ring = ring::<Bytes<32, 8>, Many>(16);
    let mut store = Consumer::join(ring.clone(), Start::Newest).unwrap();
    let publisher = Publisher::join(ring.clone()).unwrap();
    publisher.publish(&[5; 30], 7).unwrap();
    publisher.publish(&[6; 30], 8).unwrap();
    assert_eq!(overwrite(&ring, 8 << 32 | 30, 8 << 32 | 0xffff_fff0), 1);
    assert_eq!(store.try_copy().unwrap().bytes(), [5; 30]);
    let cut = store.try_copy().unwrap();
    assert_eq!((cut.bytes().len(), &cut.bytes()[..30]), (32, &[6; 30][..]));
}

#[test]
fn a_reader_that_died_while_it_counted_keeps_no_observer_and_its_successor_is_read_whole() {
    let ring = ring::<Bytes<8>, Many>(4);
    let dying = Subscriber::join(ring.clone(), Start::Newest).named("dying");
    // Two changes were made: it joined, and it was named.
    assert!(overwrite(&ring, 4, 5) > 0, "the version of its line");
    assert_eq!(Ledger::of(&ring).readers().count(), 1);
    kill(&ring, dying, Lease::Reader(0));
    for _ in 0..63 {
        mem::forget(Subscriber::join(ring.clone(), Start::Newest));
    }
    let _next = Subscriber::join(ring.clone(), Start::Newest).named("next");
    let next = Ledger::of(&ring).readers().next().unwrap();
    assert_eq!((next.entry, next.name.as_str()), (0, "next"));
    assert_eq!(overwrite(&ring, 8, 8), 1, "its version is even");
}

/// A ring has no more holes than slots, whatever is written there: a call that goes past them ends.
#[test]
fn holes_without_end_keep_nobody() {
    let ring = ring::<Bytes<32, 8>, Sole>(16);
    let mut reader = Subscriber::join(ring.clone(), Start::Newest);
    let mut store = Consumer::join(ring.clone(), Start::Newest).unwrap();
    let view = ring.view();
    for s in 0..16 {
        view.slot(view.place(s)).tag.head.store(Head::NO_EVENT);
    }
    view.header().cursor.0.store((1 << 62) - 1, Relaxed);
    assert!(reader.try_recv().is_err());
    assert!(store.try_copy().is_err());
}

/// Whether a ring is shared is known by its type, and not by a word that others write.
#[test]
fn a_sleep_without_a_time_out_ends_though_a_word_says_that_nobody_shares_the_ring() {
    let store = Consumer::join(unshared::<Bytes<8>, Many>(4), Start::Newest).unwrap();
    let (ended, ends) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        store.park_unless(|| false, Duration::MAX);
        ended.send(()).unwrap();
    });
    assert!(ends.recv_timeout(Duration::from_secs(60)).is_ok());
}
