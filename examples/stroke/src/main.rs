//! A pen emits moves and strokes, the disk loses none, and the screen is told what it lost. In C: `stroke.c`; in C++: `stroke.cpp`.

use std::error::Error;

use rusted_ring::{
    Capacities, Consumer, HeapPools, PoolSet, Start, Subscriber,
    consumer::TryRecvError,
    ledger::{Ledger, ReaderStatus},
    publisher::PublishError,
    subscriber,
};

const MOVE: u32 = 1;
const STROKE: u32 = 2;

/// A point of a stroke: 12 bytes.
fn point(n: u32) -> [u8; 12] {
    let mut bytes = [0; 12];
    for (to, part) in bytes.chunks_exact_mut(4).zip([n * 3 % 1000, n * 7 % 1000, n]) {
        to.copy_from_slice(&part.to_le_bytes());
    }
    bytes
}

fn stroke(points: u32) -> Vec<u8> {
    (0..points).flat_map(point).collect()
}

/// FNV-1a, so that programs in several languages can say what they read.
fn checksum(sum: u64, bytes: &[u8]) -> u64 {
    bytes.iter().fold(sum, |sum, byte| (sum ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3))
}

const BEGUN: u64 = 0xcbf2_9ce4_8422_2325;

fn show(pool: &str, line: &ReaderStatus) {
    let ReaderStatus { name, received, lost, holes, ahead, .. } = line;
    println!("{pool}: {} received {received}, lost {lost}, holes {holes}, ahead {ahead}", name.as_str());
}

fn main() -> Result<(), Box<dyn Error>> {
    let pools = HeapPools::new(Capacities { xs: 64, s: 16, m: 8, l: 4, xl: 2 });
    let mut disk = Consumer::join(pools.s(), Start::Newest)?.named("disk");
    let mut screen = Subscriber::join(pools.xs(), Start::Newest).named("screen");

    for n in 0..100 {
        pools.emit(&point(n), MOVE)?;
    }
    let (pool, sequence) = pools.emit(&stroke(15), STROKE)?;
    println!("a stroke of 15 points is event {sequence} of pool {}", pool as u8);
    if let Err(PublishError::TooLarge(refused)) = pools.emit(&stroke(1500), STROKE) {
        println!("a stroke of 1500 points has {} bytes: refused", refused.data_len);
    }
    let mut emitted = 1;
    let blocker = loop {
        match pools.emit(&stroke(6 + emitted % 10), STROKE) {
            Ok(_) => emitted += 1,
            Err(PublishError::Full(full)) => break full.blocker.ok_or("nobody is in the way")?,
            Err(error) => return Err(error.into()),
        }
    };
    println!("{emitted} strokes went out, then {} was {} behind", blocker.name.as_str(), blocker.lag);

    let (mut count, mut sum) = (0, BEGUN);
    loop {
        match disk.try_batch() {
            Ok(batch) => {
                for stroke in &batch {
                    count += 1;
                    sum = checksum(sum, &stroke);
                }
            }
            Err(TryRecvError::Empty) => break,
            Err(error) => return Err(error.into()),
        }
    }
    println!("disk: {count} strokes, checksum {sum:016x}");

    let (mut count, mut sum, mut buffer) = (0, BEGUN, [0; 64]);
    loop {
        match screen.try_read(&mut buffer) {
            Ok(event) => {
                count += 1;
                sum = checksum(sum, event.data);
            }
            Err(subscriber::TryRecvError::Lagged(lost)) => println!("screen: lost {} to {}", lost.from, lost.to),
            Err(_) => break,
        }
    }
    println!("screen: {count} moves, checksum {sum:016x}");
    Ledger::of(&pools.xs()).readers().for_each(|line| show("xs", &line));
    Ledger::of(&pools.s()).readers().for_each(|line| show("s", &line));
    Ok(())
}
