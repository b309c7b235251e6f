//! One sleeper and two threads that wake it: the one that finds the flag taken leaves the waking to the other.

use std::{sync::Arc, time::Duration};

use super::explore_sleeping;
use crate::{
    sync::{Acquire, AtomicU64, Release, thread},
    wait::Notifier,
};

#[test]
fn what_two_publish_wakes_one_sleeper() {
    explore_sleeping(3, || {
        let shared = Arc::new((Notifier::new(), [AtomicU64::new(0), AtomicU64::new(0)]));
        let publish = |index: usize| {
            let shared = shared.clone();
            thread::spawn(move || {
                let (notifier, published) = &*shared;
                published[index].store(1, Release);
                notifier.notify();
            })
        };
        let publishing = [publish(0), publish(1)];
        let (notifier, published) = &*shared;
        let waits = || published.iter().any(|value| value.load(Acquire) == 0);
        while waits() {
            notifier.sleep(Duration::MAX, waits);
        }
        for thread in publishing {
            thread.join().unwrap();
        }
    });
}
