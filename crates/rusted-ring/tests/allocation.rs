//! After start nothing allocates: counted by the allocator of this test.

#![cfg(all(feature = "std", not(loom)))]

use std::{
    alloc::{GlobalAlloc, Layout, System},
    cell::Cell,
    time::Duration,
};

use rusted_ring::{
    Bytes, Consumer, HeapRing, Latest, PooledEvent, Publisher, RingBuffer, RingRef, Sole, SolePublisher, Start,
    Subscriber, ledger::Ledger, wait::WaitSet,
};

struct Counting;

thread_local! {
    static ALLOCATIONS: Cell<u64> = const { Cell::new(0) };
}

fn count() {
    // While the thread ends the counter is gone, and nobody looks at it.
    _ = ALLOCATIONS.try_with(|allocations| allocations.set(allocations.get() + 1));
}

// SAFETY: the system's allocator, asked as it was asked.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count();
        // SAFETY: the caller's promise.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        count();
        // SAFETY: the caller's promise.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        count();
        // SAFETY: the caller's promise.
        unsafe { System.realloc(block, layout, size) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        count();
        // SAFETY: the caller's promise.
        unsafe { System.dealloc(block, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// How often this thread allocates or frees in `work`.
fn allocations(work: impl FnOnce()) -> u64 {
    let before = ALLOCATIONS.get();
    work();
    ALLOCATIONS.get() - before
}

const N: usize = 64;
const CAPACITY: usize = 16;

/// Readers and Consumers join, read in every way, are lapped, are asked for, and leave; `publish` writes the ring.
fn everything_about_reading<R: RingRef<Slot = Bytes<N>>>(ring: &R, mut publish: impl FnMut()) {
    let mut reader = Subscriber::join(ring.clone(), Start::Oldest).named("reader");
    for _ in 0..3 * CAPACITY {
        publish();
    }
    assert!(reader.try_recv().is_err(), "lapped");
    reader.recv().expect("an event");
    reader.try_recv().expect("an event");
    reader.try_read(&mut [0; N]).expect("an event");
    let mut twin = reader.clone();
    assert!(reader.by_ref().count() > 0);
    assert!(twin.next().is_some());
    let mut consumer = Consumer::join(ring.clone(), Start::Newest).expect("room").named("consumer");
    for _ in 0..10 * CAPACITY {
        publish();
        assert_eq!(consumer.recv().expect("an event").len(), N);
        publish();
        drop(consumer.try_recv().expect("an event"));
        assert!(consumer.try_recv().is_err());
    }
    let ledger = Ledger::of(ring);
    assert_eq!(ledger.readers().filter(|status| status.ahead > 0).count(), 2);
    assert!(ledger.claimed().get() > 0 && ledger.pressure() > 0.9);
    assert!(reader.is_under_pressure());
}

fn many<R: RingRef<Slot = Bytes<N>, Mode = rusted_ring::Many>>(ring: &R) -> u64 {
    let publisher = Publisher::join(ring.clone()).expect("open");
    let another = publisher.clone();
    let mut turn = 0;
    allocations(|| {
        everything_about_reading(ring, || {
            turn += 1;
            let accepted = match turn % 3 {
                0 => publisher.publish(&[turn; N], 0).is_ok(),
                1 => another.try_publish(&[turn; N], 0).is_ok(),
                _ => publisher.add(PooledEvent { len: N as u32, event_type: 0, data: [turn; N] }),
            };
            assert!(accepted);
            turn %= 99;
        });
        let consumer = Consumer::join(ring.clone(), Start::Newest).expect("room");
        while publisher.try_publish(b"until it is full", 0).is_ok() {}
        assert!(publisher.publish_timeout(b"late", 0, Duration::from_micros(50)).is_err());
        drop(consumer);
        drop(publisher.clone());
    })
}

fn sole<R: RingRef<Slot = Bytes<N>, Mode = Sole>>(ring: &R) -> u64 {
    let mut publisher = SolePublisher::join(ring.clone()).expect("open");
    allocations(|| {
        everything_about_reading(ring, || _ = publisher.publish(&[7; N], 0).expect("there is room"));
    })
}

#[test]
fn nothing_is_allocated_for_the_latest_values() {
    let cells = Latest::<[u64; 40]>::new(3, 2);
    let work = || {
        let (mut writer, mut reader) = (cells.writer().unwrap(), cells.reader().unwrap());
        for version in 1..=100 {
            assert_eq!(writer.update(1, &[version; 40]), version);
            assert_eq!(reader.newer(1, version - 1).unwrap().value, [version; 40]);
            assert_eq!(reader.get(0), None);
        }
    };
    assert_eq!(allocations(work), 0);
}

#[test]
fn the_counter_counts() {
    assert_eq!(allocations(|| drop(Box::new(1))), 2);
}

#[test]
fn nothing_allocates_on_a_static_ring() {
    static MANY: RingBuffer<N, CAPACITY> = RingBuffer::new();
    static SOLE: RingBuffer<N, CAPACITY, Sole> = RingBuffer::sole();
    assert_eq!(allocations(|| drop(Publisher::new(&MANY))), 0, "and starting does not, either");
    assert_eq!((many(&&MANY), sole(&&SOLE)), (0, 0));
}

#[test]
fn nothing_allocates_on_a_heap_ring_once_it_is_made() {
    assert_eq!(many(&HeapRing::<N>::new(CAPACITY)), 0);
    assert_eq!(sole(&HeapRing::<N, Sole>::sole(CAPACITY)), 0);
}

#[test]
fn a_wait_set_that_has_slept_once_allocates_no_more() {
    let rings: Vec<_> = (0..20).map(|_| HeapRing::<N>::new(CAPACITY)).collect();
    let mut readers: Vec<_> = rings.iter().map(|ring| Subscriber::join(ring.clone(), Start::Newest)).collect();
    let publishers: Vec<_> = rings.iter().map(|ring| Publisher::join(ring.clone()).unwrap()).collect();
    let mut set = WaitSet::new();
    let mut sleeps = |rounds| {
        for round in 0..rounds {
            assert_eq!(set.wait_timeout(&mut readers, Duration::from_micros(500)), None);
            publishers[round % 20].publish(b"event", 0).unwrap();
            assert_eq!(set.wait(&mut readers), round % 20);
            assert!(readers[round % 20].try_recv().is_ok());
        }
    };
    sleeps(1);
    // The lists of sleepers are the process's: they may grow here for what another test has sleeping there.
    assert!((0..5).any(|_| allocations(|| sleeps(20)) == 0));
}

#[cfg(feature = "async")]
#[test]
fn waking_tasks_allocates_nothing() {
    use std::{
        future::Future,
        task::{Context, Waker},
    };

    let ring = HeapRing::<N>::new(CAPACITY);
    let publisher = Publisher::join(ring.clone()).unwrap();
    let mut readers: Vec<_> = (0..100).map(|_| Subscriber::join(ring.clone(), Start::Newest).into_async()).collect();
    let mut asleep: Vec<_> = readers.iter_mut().map(|reader| Box::pin(reader.recv())).collect();
    for sleeper in &mut asleep {
        assert!(sleeper.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
    }
    assert_eq!(allocations(|| _ = publisher.publish(b"event", 0).unwrap()), 0);
}

#[test]
fn long_events_allocate_nothing() {
    let ring = rusted_ring::SharedRing::<Bytes<256, 64>>::new(CAPACITY);
    let publisher = Publisher::join(ring.clone()).expect("open");
    let mut consumer = Consumer::join(ring.clone(), Start::Newest).expect("room");
    let mut reader = Subscriber::join(ring, Start::Newest);
    let mut buffer = [0; 256];
    let data = [7; 256];
    let counted = allocations(|| {
        for len in (1..=256).cycle().take(2000) {
            publisher.try_publish(&data[..len], 1).expect("room");
            assert_eq!(consumer.try_recv().expect("an event").len(), len);
            assert_eq!(reader.try_read(&mut buffer).expect("an event").data.len(), len);
        }
    });
    assert_eq!(counted, 0);
}
