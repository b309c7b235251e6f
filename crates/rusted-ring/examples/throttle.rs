//! Two ways to slow down in time: a Subscriber that watches its own lag, and a publisher that is told `Full`.

use std::{
    sync::atomic::{AtomicBool, Ordering::Relaxed},
    thread,
    time::Duration,
};

use rusted_ring::{Consumer, Publisher, RingBuffer, Subscriber, publisher::PublishError, subscriber::TryRecvError};

static CURSORS: RingBuffer<64, 100> = RingBuffer::new();
static STROKES: RingBuffer<64, 100> = RingBuffer::new();

/// Publishers never wait for a lossy Subscriber, so it must do less per event before they lap it. Between 0.9 of the ring and
/// the whole of it there is time for that: here it draws only the newest cursor.
fn watch_the_lag() {
    let publisher = Publisher::new(&CURSORS);
    let mut screen = Subscriber::new(&CURSORS);
    let (mut drawn, mut skipped) = (0, 0);
    for burst in [10, 50, 95, 20] {
        for n in 0..burst {
            publisher.publish(&[n; 4], 1).unwrap();
        }
        let newest_only = screen.should_throttle();
        println!("burst of {burst}: pressure {:.2}, newest only: {newest_only}", screen.backpressure_ratio());
        assert_eq!(newest_only, burst >= 90);
        while let Ok(_cursor) = screen.try_recv() {
            if newest_only && screen.lag() > 0 { skipped += 1 } else { drawn += 1 }
        }
    }
    println!("drew {drawn}, skipped {skipped} on purpose, lost {}\n", screen.lost());
    assert_eq!((drawn, skipped, screen.lost()), (10 + 50 + 1 + 20, 94, 0));
    assert_eq!(screen.try_recv(), Err(TryRecvError::Empty));
}

/// Publishers wait for a Consumer, so they notice it: `try_publish` returns `Full` and leaves the choice to the caller.
fn heed_full() {
    static WAS_FULL: AtomicBool = AtomicBool::new(false);
    let mut disk = Consumer::new(&STROKES).unwrap();
    let publisher = Publisher::new(&STROKES);
    let disk = thread::spawn(move || {
        while !WAS_FULL.load(Relaxed) {
            thread::sleep(Duration::from_millis(1)); // a disk that is busy elsewhere
        }
        (0..500u32).for_each(|n| assert_eq!(*disk.recv().unwrap(), n.to_le_bytes()));
    });
    let (mut accepted_at_once, mut later) = (0, 0);
    for n in 0..500u32 {
        match publisher.try_publish(&n.to_le_bytes(), 1) {
            Ok(_) => accepted_at_once += 1,
            Err(PublishError::Full(_)) => {
                WAS_FULL.store(true, Relaxed); // here a server answers "busy", and its client tries again
                publisher.publish_timeout(&n.to_le_bytes(), 1, Duration::from_secs(10)).unwrap();
                later += 1;
            }
            Err(error) => panic!("{error}"),
        }
    }
    disk.join().unwrap();
    println!("{accepted_at_once} strokes accepted at once, {later} after `Full`: all 500 stored, in order");
    assert!(accepted_at_once >= 100 && later >= 1);
}

fn main() {
    watch_the_lag();
    heed_full();
}
