//! Streams from process to process.

use std::{
    pin::pin,
    sync::Arc,
    task::{Context, Poll, Wake, Waker},
    thread::{self, Thread},
    time::{Duration, Instant},
};

use rusted_ring::{Consumer, Publisher, SolePublisher, Start, Subscriber, ledger::Ledger, wait::WaitSet};
use rusted_ring_shm::{RingFile, trust_peers};

use crate::{LONG, ManyRing, Place, SoleRing, child::event};

const EVENTS: u64 = 100_000;

#[test]
fn a_lossy_reader_elsewhere_balances_its_books() {
    let place = Place::new();
    let ring: SoleRing = place.file().create(256).unwrap();
    let mut publisher = SolePublisher::join(ring.clone()).unwrap();
    let mut child = place.start(&format!("counts {EVENTS}"));
    for n in 0..EVENTS {
        publisher.publish(&event(n), 1).unwrap();
    }
    let books = child.hear("books");
    let books: Vec<u64> = books.split(' ').map(|number| number.parse().unwrap()).collect();
    assert_eq!(books.iter().sum::<u64>(), EVENTS, "received, lost, holes, ahead: {books:?}");
    assert_eq!((books[2], books[3]), (0, 0));
}

#[test]
fn lossless_readers_here_receive_all_that_two_publishers_elsewhere_publish() {
    let place = Place::new();
    let ring: ManyRing = place.file().create(256).unwrap();
    let mut copying = Consumer::join(ring.clone(), Start::Newest).unwrap();
    // SAFETY: the tests write the ring through the library.
    let mut lending = Consumer::join(unsafe { trust_peers(ring.clone()) }, Start::Newest).unwrap();
    let children = [(); 2].map(|()| place.start(&format!("publishes {}", EVENTS / 2)));
    let (mut copied, mut lent) = ((0, 0), (0, 0));
    while lent.0 < EVENTS || copied.0 < EVENTS {
        for _ in 0..64 {
            match copying.try_copy() {
                Ok(event) => copied = (copied.0 + 1, copied.1 + u64::from_le_bytes(event.bytes().try_into().unwrap())),
                Err(_) => break,
            }
        }
        if let Ok(event) = lending.recv_timeout(Duration::from_millis(if copied.0 < lent.0 { 0 } else { 100 })) {
            lent = (lent.0 + 1, lent.1 + u64::from_le_bytes((*event).try_into().unwrap()));
        }
    }
    drop(children);
    let each = EVENTS / 2;
    assert_eq!(copied, (EVENTS, each * (each - 1)));
    assert_eq!(lent, copied);
    let claimed = Ledger::of(&ring).claimed().get();
    assert_eq!((copying.received() + copying.holes(), lending.received() + lending.holes()), (claimed, claimed));
}

#[test]
fn a_wait_set_and_a_task_notice_what_another_process_publishes() {
    let place = Place::new();
    let ring: ManyRing = place.file().create(64).unwrap();
    let mut reader = Subscriber::join(ring.clone(), Start::Newest);
    let mut task = reader.clone().into_async();
    let _child = place.start("publishes-late 2");
    let begun = Instant::now();
    assert_eq!(WaitSet::new().wait_timeout(&mut [&mut reader], LONG), Some(0));
    assert!(begun.elapsed() < LONG / 2, "the set slept until its time-out");
    assert_eq!(reader.try_recv().unwrap().bytes(), event(0));
    assert_eq!(block_on(task.recv()).unwrap().bytes(), event(0));
    assert_eq!(block_on(task.recv()).unwrap().bytes(), event(1));
}

/// Polls `future` whenever it was woken.
pub(crate) fn block_on<T>(future: impl Future<Output = T>) -> T {
    struct Unpark(Thread);

    impl Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }

    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    let mut future = pin!(future);
    loop {
        let begun = Instant::now();
        match future.as_mut().poll(&mut Context::from_waker(&waker)) {
            Poll::Ready(outcome) => return outcome,
            Poll::Pending => thread::park_timeout(LONG),
        }
        assert!(begun.elapsed() < LONG, "nobody woke the task");
    }
}

#[test]
fn no_waking_from_process_to_process_is_lost() {
    const ROUNDS: u64 = 400;
    let place = Place::new();
    let there: ManyRing = place.file().create(4).unwrap();
    let back: ManyRing = RingFile::at(place.file().path().with_extension("back")).create(4).unwrap();
    let mut answers = Consumer::join(back, Start::Newest).unwrap();
    let _child = place.start(&format!("echoes {ROUNDS}"));
    let publisher = Publisher::join(there).unwrap();
    let begun = Instant::now();
    for n in 0..ROUNDS {
        // Now and then long enough for the other to be asleep for good.
        if n % 20 == 0 {
            thread::sleep(Duration::from_millis(2));
        }
        publisher.publish(&event(n), 1).unwrap();
        assert_eq!(answers.copy_timeout(LONG).unwrap().bytes(), event(n));
    }
    // A sleep that no waking ends lasts for 50 ms, and each round has two.
    assert!(begun.elapsed() < Duration::from_millis(25) * ROUNDS as u32, "sleeps ended by themselves");
}
