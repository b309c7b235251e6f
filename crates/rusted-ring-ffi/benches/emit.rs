//! What an event of 64 bytes costs in Rust, one by one and in batches: `emit.c` has the same from C, and the commands.

use std::{hint::black_box, time::Instant};

use rusted_ring::{Capacities, HeapPools, HeapRing, PoolSet, Publisher, Sole, SolePublisher};

const BYTES: usize = 64;
const SLOTS: usize = 1024;
const EVENTS: usize = 1 << 21;
const BATCH: usize = 64;
const ROUNDS: usize = 9;

/// Prints the median of some rounds, in nanoseconds an event.
fn measure(what: &str, mut run: impl FnMut()) {
    run();
    let mut rounds = [0.0; ROUNDS];
    for round in &mut rounds {
        let begun = Instant::now();
        run();
        *round = begun.elapsed().as_secs_f64() * 1e9 / EVENTS as f64;
    }
    rounds.sort_by(f64::total_cmp);
    println!("{what:<28} {:6.2} ns, from {:.2} to {:.2}", rounds[ROUNDS / 2], rounds[0], rounds[ROUNDS - 1]);
}

fn main() {
    // As from C, where the compiler does not see what is made of them.
    let mut bytes = [0; BYTES];
    let mut sole = SolePublisher::join(HeapRing::<BYTES, Sole>::sole(SLOTS)).expect("it is alone");
    let many = Publisher::join(HeapRing::<BYTES>::new(SLOTS)).expect("the ring is open");
    let pools = HeapPools::new(Capacities { xs: SLOTS, s: 2, m: 2, l: 2, xl: 2 });
    let records = [[0_u8; BYTES]; BATCH];
    let batch: [(&[u8], u32); BATCH] = std::array::from_fn(|n| (&records[n][..], 1));
    measure("Rust, sole, one by one", || {
        for n in 0..EVENTS {
            bytes[0] = n as u8;
            sole.try_publish(black_box(&bytes[..]), 1).expect("nobody gates");
        }
    });
    measure("Rust, sole, batches of 64", || {
        for _ in 0..EVENTS / BATCH {
            sole.publish_batch(black_box(&batch)).expect("they fit");
        }
    });
    measure("Rust, one of many, one by one", || {
        for n in 0..EVENTS {
            bytes[0] = n as u8;
            many.try_publish(black_box(&bytes[..]), 1).expect("nobody gates");
        }
    });
    measure("Rust, one of many, of 64", || {
        for _ in 0..EVENTS / BATCH {
            many.publish_batch(black_box(&batch)).expect("they fit");
        }
    });
    measure("Rust, emit", || {
        for n in 0..EVENTS {
            bytes[0] = n as u8;
            pools.emit(black_box(&bytes[..]), 1).expect("nobody gates");
        }
    });
}
