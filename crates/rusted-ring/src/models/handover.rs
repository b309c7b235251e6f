//! What one owner leaves, the next one finds: an entry of the table, and the seat of a sole publisher.

use std::sync::Arc;

use super::{Ring, explore, payload};
use crate::{
    Sole,
    publisher::SolePublisher,
    ring::Entry,
    sync::{AtomicU64, Relaxed, thread},
};

#[test]
fn an_entry_of_the_table_has_one_owner_at_a_time() {
    explore(2, || {
        let ring = Arc::new(Ring::<1>::new());
        // How often each entry was held, counted by its owner alone: if another held it too, a count is lost.
        let counts = Arc::new([AtomicU64::new(0), AtomicU64::new(0)]);
        let hold = || {
            let (ring, counts) = (ring.clone(), counts.clone());
            move || {
                let entry = Entry::register(ring).expect("two hold two entries");
                let count = &counts[entry.index()];
                count.store(count.load(Relaxed) + 1, Relaxed);
            }
        };
        let other = thread::spawn(hold());
        hold()();
        other.join().unwrap();
        assert_eq!(counts.iter().map(|count| count.load(Relaxed)).sum::<u64>(), 2);
    });
}

#[test]
fn a_sole_publisher_goes_on_where_the_one_before_it_stopped() {
    explore(2, || {
        let ring = Arc::new(Ring::<2, Sole>::sole());
        let publish = |value| {
            let ring = ring.clone();
            // None while the other has the ring.
            move || Some(SolePublisher::join(ring).ok()?.try_publish(&payload(value), 0).unwrap().get())
        };
        let other = thread::spawn(publish(1));
        let mine = publish(2)();
        let mut sequences: Vec<u64> = [mine, other.join().unwrap()].into_iter().flatten().collect();
        sequences.sort_unstable();
        assert!(sequences == [0] || sequences == [0, 1], "{sequences:?}");
    });
}
