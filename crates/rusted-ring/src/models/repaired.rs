//! A Subscriber that is overtaken and repaired: it has every event once and in order, while publishers go on and the history comes after.

use std::sync::Arc;

use super::{Consumer, Ring, Subscriber, explore, payload, value, value_of};
use crate::{
    Sequence, Start,
    ledger::Ledger,
    publisher::Publisher,
    subscriber::{History, Kept, TryRecvError},
    sync::{Mutex, thread},
};

/// A journal in memory, of events that were published without a hole.
#[derive(Clone)]
struct Memory(Arc<Mutex<Vec<u64>>>);

impl History for Memory {
    fn next(&mut self, from: Sequence, _to: Sequence, out: &mut [u8]) -> Kept {
        let Some(kept) = self.0.lock().unwrap().get(from.get() as usize).copied() else { return Kept::NotYet };
        out.copy_from_slice(&payload(kept));
        Kept::Event { len: out.len(), event_type: 0 }
    }
}

#[test]
fn every_event_comes_once() {
    const PUBLISHED: u64 = 4;
    explore(2, || {
        let ring = Arc::new(Ring::<2>::new());
        let memory = Memory(Arc::default());
        let mut store = Consumer::<2>::join(ring.clone(), Start::Oldest).unwrap();
        let reader = Subscriber::<2>::join(ring.clone(), Start::Oldest);
        let publisher = Publisher::join(ring.clone()).unwrap();
        let mut reader = reader.repaired_by(memory.clone());
        let publishing = thread::spawn(move || {
            for n in 1..=PUBLISHED {
                publisher.try_publish(&payload(n), 0).unwrap();
                // The event leaves the ring before it is in the history: in between it is nowhere.
                let event = value(&store.try_recv().unwrap());
                memory.0.lock().unwrap().push(event);
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
        let memory = Memory(Arc::new(Mutex::new([1, 2].to_vec())));
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
