//! What it costs to ask what a value is now: `Latest` beside a lock, a pointer that is swapped, and a sequence lock.
//!
//! `cargo run --release --manifest-path benches/peers/Cargo.toml --bin latest`; half a second a figure, the best of five.
//! Every value is checked: a torn one ends the program.

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
#[derive(Clone, Copy)]
struct Plan {
    rounds: usize,
    time: Duration,
}

/// A value of so many words, all of them the same.
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

/// Nanoseconds a call of `work`, of which `BLOCK` are made at a time.
fn nanoseconds(plan: Plan, mut work: impl FnMut()) -> f64 {
    let mut best = f64::INFINITY;
    for _ in 0..plan.rounds {
        let (begun, mut calls) = (Instant::now(), 0);
        while begun.elapsed() < plan.time {
            (0..BLOCK).for_each(|_| work());
            calls += BLOCK;
        }
        best = best.min(begun.elapsed().as_nanos() as f64 / calls as f64);
    }
    best
}

fn checked<const WORDS: usize>(value: Value<WORDS>) {
    assert!(value.iter().all(|&word| word == value[0]), "torn");
    black_box(value);
}

/// Nanoseconds a read, while `meanwhile` is done by a writer on another core.
fn reads<const WORDS: usize, C: Cell<WORDS>>(plan: Plan, meanwhile: Meanwhile) -> f64 {
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
        let found = nanoseconds(plan, || checked(read()));
        over.store(true, Relaxed);
        found
    })
}

/// Nanoseconds an update, on one core and with nobody reading.
fn updates<const WORDS: usize, C: Cell<WORDS>>(plan: Plan) -> f64 {
    pin::pin(0);
    let (mut write, _read) = C::ends();
    let mut number = 0;
    nanoseconds(plan, || {
        number += 1;
        write(black_box(number));
    })
}

fn row<const WORDS: usize, C: Cell<WORDS>>(plan: Plan) -> Vec<String> {
    let figures = [
        reads::<WORDS, C>(plan, Meanwhile::Nothing),
        reads::<WORDS, C>(plan, Meanwhile::Every(Duration::from_micros(10))),
        reads::<WORDS, C>(plan, Meanwhile::OnAndOn),
        updates::<WORDS, C>(plan),
    ];
    let mut row = vec![format!("{} B", 8 * WORDS), C::NAME.to_owned()];
    row.extend(figures.map(|nanoseconds| format!("{nanoseconds:.1}")));
    row
}

fn rows<const WORDS: usize>(plan: Plan) -> [Vec<String>; 4]
where
    Value<WORDS>: rusted_ring::bytemuck::Pod,
{
    [
        row::<WORDS, Ours>(plan),
        row::<WORDS, Sequenced>(plan),
        row::<WORDS, Swapped>(plan),
        row::<WORDS, Locked>(plan),
    ]
}

fn main() {
    let machine = Machine::here();
    let plan = Plan { rounds: 5, time: Duration::from_millis(500) };
    println!("{}, {} cores, {}, load {}\n", machine.processor, machine.cores, machine.date, machine.load);
    let heads = ["value", "cell", "get, ns", "one update each 10 µs", "updates on and on", "update, ns"];
    let mut all = vec![heads.map(str::to_owned).to_vec()];
    all.extend(rows::<2>(plan));
    all.extend(rows::<16>(plan));
    all.extend(rows::<128>(plan));
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
