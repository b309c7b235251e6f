//! A Subscriber that is overtaken and repaired: it has every event once and in order, while publishers go on and the history comes after; and it sleeps
//! through nothing, whichever of the two it waits for.

use std::{sync::Arc, task::Waker};

use super::{Consumer, Ring, Subscriber, explore, explore_sleeping, payload, value, value_of};
use crate::{
    Sequence, Sole, Start,
    ledger::Ledger,
    publisher::{Publisher, SolePublisher},
    subscriber::{History, Kept, TryRecvError},
    sync::{Mutex, thread},
    wait::{WaitSet, Waitable},
};

/// A journal in memory, of events that were published without a hole, and who waits for the next one.
#[derive(Clone)]
struct Memory(Arc<Mutex<(Vec<u64>, Option<Waker>)>>);

impl Memory {
    fn of(events: &[u64]) -> Self {
        Memory(Arc::new(Mutex::new((events.to_vec(), None))))
    }

    fn push(&self, event: u64) {
        let waker = {
            let mut memory = self.0.lock().unwrap();
            memory.0.push(event);
            memory.1.take()
        };
        waker.into_iter().for_each(Waker::wake);
    }
}

impl History for Memory {
    fn next(&mut self, from: Sequence, _to: Sequence, out: &mut [u8]) -> Kept {
        let Some(kept) = self.0.lock().unwrap().0.get(from.get() as usize).copied() else { return Kept::NotYet };
        out.copy_from_slice(&payload(kept));
        Kept::Event { len: out.len(), event_type: 0 }
    }

    fn register(&mut self, _from: Sequence, waker: &Waker) -> bool {
        self.0.lock().unwrap().1 = Some(waker.clone());
        true
    }
}

#[test]
fn every_event_comes_once() {
    const PUBLISHED: u64 = 4;
    explore(2, || {
        let ring = Arc::new(Ring::<2>::new());
        let memory = Memory::of(&[]);
        let mut store = Consumer::<2>::join(ring.clone(), Start::Oldest).unwrap();
        let reader = Subscriber::<2>::join(ring.clone(), Start::Oldest);
        let publisher = Publisher::join(ring.clone()).unwrap();
        let mut reader = reader.repaired_by(memory.clone());
        let publishing = thread::spawn(move || {
            for n in 1..=PUBLISHED {
                publisher.try_publish(&payload(n), 0).unwrap();
                // The event leaves the ring before it is in the history: in between it is nowhere.
                memory.push(value(&store.try_recv().unwrap()));
            }
        });
        let mut values = Vec::new();
        let mut poll = || match reader.try_recv() {
            Ok(event) => values.push(value_of(&event)),
            Err(TryRecvError::Empty | TryRecvError::Closed) => {}
            Err(TryRecvError::Lagged(lagged)) => panic!("{lagged}"),
        };
        (0..2).for_each(|_| poll());
        publishing.join().unwrap();
        (0..=PUBLISHED).for_each(|_| poll());
        assert_eq!(values, (1..=PUBLISHED).collect::<Vec<_>>());
        let books = Ledger::of(&ring).readers().find(|books| !books.gating).unwrap();
        assert_eq!((books.received + books.repaired, books.lost, books.holes, books.ahead), (PUBLISHED, 0, 0, 0));
    });
}

#[test]
fn every_snapshot_balances() {
    explore(2, || {
        let ring = Arc::new(Ring::<1>::new());
        let memory = Memory::of(&[1, 2]);
        let reader = Subscriber::<1>::join(ring.clone(), Start::Oldest);
        let publisher = Publisher::join(ring.clone()).unwrap();
        (1..=2).for_each(|n| _ = publisher.try_publish(&payload(n), 0).unwrap());
        let mut reader = reader.repaired_by(memory);
        let reading = thread::spawn(move || {
            let first = reader.try_recv().unwrap();
            assert_eq!(value_of(&first), 1);
            reader
        });
        for books in Ledger::of(&ring).readers() {
            let counted = books.received + books.repaired + books.lost + books.holes + books.ahead;
            // What it reads is overwritten: none of it counts as received, at no moment.
            assert_eq!((counted, books.lost, books.received), (2, 0, 0), "{books:?}");
        }
        drop(reading.join().unwrap());
    });
}

/// Lets a reader sleep, by `next`, for each of some events that leave a ring of one slot before they are in the history. The publisher is a sole one, on which no
/// reader gives up.
fn sleeps_through_nothing(next: impl Fn(&mut Repaired) -> u64 + Send + Sync + 'static) {
    const PUBLISHED: u64 = 2;
    explore_sleeping(2, move || {
        let ring = Arc::new(Ring::<1, Sole>::sole());
        let memory = Memory::of(&[]);
        let mut reader = Subscriber::<1, Sole>::join(ring.clone(), Start::Newest).repaired_by(memory.clone());
        let mut publisher = SolePublisher::join(ring).unwrap();
        let publishing = thread::spawn(move || {
            (1..=PUBLISHED).for_each(|n| _ = publisher.try_publish(&payload(n), 0).unwrap());
            (1..=PUBLISHED).for_each(|n| memory.push(n));
        });
        for n in 1..=PUBLISHED {
            assert_eq!(next(&mut reader), n);
        }
        publishing.join().unwrap();
    });
}

type Repaired = crate::subscriber::Repaired<Arc<Ring<1, Sole>>, Memory>;

#[test]
fn a_set_sleeps_until_the_ring_or_the_history_has_something() {
    sleeps_through_nothing(|reader| {
        let mut set = WaitSet::new();
        loop {
            assert_eq!(set.wait(&mut [reader.member()]), 0);
            match reader.try_recv() {
                Ok(event) => return value_of(&event),
                // It was overtaken meanwhile, and the history comes after.
                Err(error) => assert_eq!(error, TryRecvError::Empty),
            }
        }
    });
}

#[cfg(feature = "async")]
#[test]
fn a_task_sleeps_until_the_ring_or_the_history_has_something() {
    use core::task::Poll;
    // The reader stays where it is: what a future of it polls is polled here.
    sleeps_through_nothing(|reader| {
        let mut registration = crate::wait::Registration::default();
        crate::sync::block_on(core::future::poll_fn(|context| {
            let sleep = |reader: &mut Repaired| crate::wait::sleep_task(reader, &mut registration, context.waker());
            match crate::wait::poll_until(reader, Repaired::try_recv, sleep) {
                Poll::Ready(event) => Poll::Ready(value_of(&event.unwrap())),
                Poll::Pending => Poll::Pending,
            }
        }))
    });
}
