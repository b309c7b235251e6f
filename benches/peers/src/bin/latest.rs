//! The cost of reading a current value: `Latest` beside a lock, a pointer that is swapped, and a sequence lock.
//!
//! `cargo run --release --manifest-path benches/peers/Cargo.toml --bin latest`; a figure is the best of many short times, only of those in
//! which the writer was at work if it should be: so other users of the machine lengthen the run, and not the figures. Every value is
//! checked: a torn one ends the program.

use std::hint::black_box;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Arc, RwLock};
use std::thread;
use std::time::{Duration, Instant};

use arc_swap::ArcSwap;
use common::machine::Machine;
use common::{pin, table};
use rusted_ring::{Latest, LatestReader, LatestWriter};
use seqlock::SeqLock;

/// How often each figure is taken, and for how long.
const TIMES: usize = 60;
const TIME: Duration = Duration::from_millis(1);
/// How often it may be tried, where the writer must have been at work.
const TRIES: usize = 5 * TIMES;

/// A value of this many words, all of them the same.
type Value<const WORDS: usize> = [u64; WORDS];

/// One cell, as its contender has it.
trait Cell<const WORDS: usize> {
    const NAME: &'static str;
    type Writer: FnMut(u64) + Send;
    type Reader: FnMut() -> Value<WORDS> + Send;

    fn ends() -> (Self::Writer, Self::Reader);
}

struct Ours;
struct Locked;
struct Swapped;
struct Sequenced;

impl<const WORDS: usize> Cell<WORDS> for Ours
where
    Value<WORDS>: rusted_ring::bytemuck::Pod,
{
    const NAME: &'static str = "rusted-ring `Latest`";
    type Writer = Box<dyn FnMut(u64) + Send>;
    type Reader = Box<dyn FnMut() -> Value<WORDS> + Send>;

    fn ends() -> (Self::Writer, Self::Reader) {
        let cells = Latest::new(1, 1);
        let mut writer: LatestWriter<Value<WORDS>> = cells.writer().expect("there is none");
        let mut reader: LatestReader<Value<WORDS>> = cells.reader().expect("there is none");
        writer.update(0, &[0; WORDS]);
        (
            Box::new(move |number| _ = writer.update(0, &[number; WORDS])),
            Box::new(move || reader.get(0).expect("it was updated").value),
        )
    }
}

/// The same for cells that are shared as they are.
macro_rules! shared {
    ($cell:ident, $name:literal, $new:expr, $write:expr, $read:expr) => {
        impl<const WORDS: usize> Cell<WORDS> for $cell {
            const NAME: &'static str = $name;
            type Writer = Box<dyn FnMut(u64) + Send>;
            type Reader = Box<dyn FnMut() -> Value<WORDS> + Send>;

            fn ends() -> (Self::Writer, Self::Reader) {
                let cell = Arc::new($new([0; WORDS]));
                let writer = Arc::clone(&cell);
                let (write, read) = ($write, $read);
                (Box::new(move |number| write(&*writer, [number; WORDS])), Box::new(move || read(&*cell)))
            }
        }
    };
}

shared!(
    Locked,
    "std `RwLock`",
    RwLock::new,
    |cell: &RwLock<Value<WORDS>>, value| *cell.write().expect("nobody panics") = value,
    |cell: &RwLock<Value<WORDS>>| *cell.read().expect("nobody panics")
);
shared!(
    Swapped,
    "arc-swap",
    ArcSwap::from_pointee,
    |cell: &ArcSwap<Value<WORDS>>, value| cell.store(Arc::new(value)),
    |cell: &ArcSwap<Value<WORDS>>| **cell.load()
);
shared!(
    Sequenced,
    "seqlock",
    SeqLock::new,
    |cell: &SeqLock<Value<WORDS>>, value| *cell.lock_write() = value,
    |cell: &SeqLock<Value<WORDS>>| cell.read()
);

/// What the other core does meanwhile.
#[derive(Clone, Copy)]
enum Meanwhile {
    Nothing,
    Every(Duration),
    OnAndOn,
}

const BLOCK: u64 = 64;

/// Nanoseconds a call of `work`, which is made `BLOCK` times in a row. Only times count in which the returned value changed from
/// block to block, on average once in `blocks`.
fn nanoseconds(blocks: Option<u64>, mut work: impl FnMut() -> u64) -> f64 {
    let (mut best, mut taken) = (f64::INFINITY, 0);
    for _ in 0..TRIES {
        let (begun, mut done, mut changes, mut last) = (Instant::now(), 0, 0, work());
        while begun.elapsed() < TIME {
            (1..BLOCK).for_each(|_| _ = work());
            let now = work();
            changes += u64::from(now != last);
            (last, done) = (now, done + 1);
        }
        let took = begun.elapsed().as_nanos() as f64 / (done * BLOCK) as f64;
        if blocks.is_none_or(|blocks| changes * blocks >= done) {
            best = best.min(took);
            taken += 1;
        }
        if taken == TIMES {
            break;
        }
    }
    best
}

fn checked<const WORDS: usize>(value: Value<WORDS>) -> u64 {
    assert!(value.iter().all(|&word| word == value[0]), "torn");
    black_box(value)[0]
}

/// Nanoseconds a read, while `meanwhile` is done by a writer on another core.
fn reads<const WORDS: usize, C: Cell<WORDS>>(meanwhile: Meanwhile) -> f64 {
    let (mut write, mut read) = C::ends();
    let over = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            pin::pin(1);
            let (mut number, mut next) = (0, Instant::now());
            while !over.load(Relaxed) {
                match meanwhile {
                    Meanwhile::Nothing => return,
                    Meanwhile::Every(pause) => {
                        next += pause;
                        while Instant::now() < next && !over.load(Relaxed) {
                            std::hint::spin_loop();
                        }
                    }
                    Meanwhile::OnAndOn => {}
                }
                number += 1;
                write(number);
            }
        });
        pin::pin(0);
        let blocks = match meanwhile {
            Meanwhile::Nothing => None,
            Meanwhile::Every(_) => Some(200),
            Meanwhile::OnAndOn => Some(2),
        };
        let found = nanoseconds(blocks, || checked(read()));
        over.store(true, Relaxed);
        found
    })
}

/// Nanoseconds an update, on one core and with nobody reading.
fn updates<const WORDS: usize, C: Cell<WORDS>>() -> f64 {
    pin::pin(0);
    let (mut write, _read) = C::ends();
    let mut number = 0;
    nanoseconds(None, || {
        number += 1;
        write(black_box(number));
        number
    })
}

fn row<const WORDS: usize, C: Cell<WORDS>>() -> Vec<String> {
    let figures = [
        reads::<WORDS, C>(Meanwhile::Nothing),
        reads::<WORDS, C>(Meanwhile::Every(Duration::from_micros(10))),
        reads::<WORDS, C>(Meanwhile::OnAndOn),
        updates::<WORDS, C>(),
    ];
    let mut row = vec![format!("{} B", 8 * WORDS), C::NAME.to_owned()];
    row.extend(figures.map(|nanoseconds| format!("{nanoseconds:.1}")));
    row
}

fn rows<const WORDS: usize>() -> [Vec<String>; 4]
where
    Value<WORDS>: rusted_ring::bytemuck::Pod,
{
    [row::<WORDS, Ours>(), row::<WORDS, Sequenced>(), row::<WORDS, Swapped>(), row::<WORDS, Locked>()]
}

fn main() {
    let machine = Machine::here();
    println!("{}, {} cores, {}, load {}\n", machine.processor, machine.cores, machine.date, machine.load);
    let heads = ["value", "cell", "get, ns", "one update each 10 µs", "updates on and on", "update, ns"];
    let mut all = vec![heads.map(str::to_owned).to_vec()];
    all.extend(rows::<2>());
    all.extend(rows::<16>());
    all.extend(rows::<128>());
    println!("{}", table::aligned(&all));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_contender_gives_what_was_written() {
        fn gives<C: Cell<3>>() {
            let (mut write, mut read) = C::ends();
            write(7);
            assert_eq!(read(), [7; 3], "{}", C::NAME);
        }
        gives::<Ours>();
        gives::<Sequenced>();
        gives::<Swapped>();
        gives::<Locked>();
    }
}
