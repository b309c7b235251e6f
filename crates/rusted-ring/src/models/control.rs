//! What shuttle must catch: if it does not, it explores nothing.

use std::sync::Arc;

use super::explore;
use crate::sync::{AtomicU64, Relaxed, thread};

#[test]
#[should_panic(expected = "an increment is lost")]
fn a_racy_counter_is_caught() {
    explore(1, || {
        let count = Arc::new(AtomicU64::new(0));
        let increment = || {
            let count = count.clone();
            thread::spawn(move || count.store(count.load(Relaxed) + 1, Relaxed))
        };
        for thread in [increment(), increment()] {
            thread.join().unwrap();
        }
        assert_eq!(count.load(Relaxed), 2, "an increment is lost");
    });
}
