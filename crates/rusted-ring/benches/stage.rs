//! What a stage costs for an event that is there when it looks: one stage, and two in a row.
//!
//! `cargo bench -p rusted-ring --bench stage` prints nanoseconds per event. Beside other work the least of the rounds says more than the
//! median. To compare two builds of the library, keep the program of
//! the one and give it to that of the other, which then runs both by turns:
//!
//! ```sh
//! cargo bench -p rusted-ring --bench stage -- --against PATH
//! ```
//!
//! What it costs that a stage catches its handler's panics is such a comparison, with a build that does not catch them:
//!
//! ```sh
//! RUSTFLAGS="--cfg rusted_ring_no_catch" cargo bench -p rusted-ring --bench stage --no-run --target-dir target/no-catch
//! ```
//!
//! Instructions per event are the difference of two runs under callgrind, `--once CASE EVENTS`, over the difference of their events.
//! `docs/adr/0031` has figures.

use std::{
    env,
    hint::black_box,
    process::Command,
    time::{Duration, Instant},
};

use rusted_ring::{HeapTypedRing, Sole, SolePublisher, Start, topology::Topology};

/// How many stages there are, and the most events that one takes at a time.
const CASES: [(&str, usize, usize); 6] = [
    ("one-by-1", 1, 1),
    ("one-by-16", 1, 16),
    ("one-by-1024", 1, 1024),
    ("two-by-1", 2, 1),
    ("two-by-16", 2, 16),
    ("two-by-1024", 2, 1024),
];
const EVENTS: u64 = 2_000_000;
const ROUNDS: usize = 9;

fn main() {
    let arguments: Vec<String> = env::args().skip(1).filter(|argument| argument != "--bench").collect();
    match &arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => compare(&[own_path()]),
        ["--against", other] => compare(&[own_path(), (*other).into()]),
        ["--once", case, events] => {
            let &(_, stages, batch) = CASES.iter().find(|(name, ..)| name == case).expect("a case by its name");
            println!("{}", measure(stages, batch, events.parse().expect("a number of events")));
        }
        _ => panic!("usage: stage [--against PATH | --once CASE EVENTS]"),
    }
}

fn own_path() -> String {
    env::current_exe().expect("its own path").display().to_string()
}

/// Runs each case in each program, by turns, so that what else the machine does falls on all.
fn compare(programs: &[String]) {
    println!("ns per event, for each program the least and the median of {ROUNDS} rounds");
    for (name, ..) in CASES {
        let mut all = vec![Vec::new(); programs.len()];
        for _ in 0..ROUNDS {
            for (figures, program) in all.iter_mut().zip(programs) {
                let output =
                    Command::new(program).args(["--once", name, &EVENTS.to_string()]).output().expect("it runs");
                let figure: f64 = String::from_utf8_lossy(&output.stdout).trim().parse().expect("a figure");
                figures.push(figure);
            }
        }
        print!("{name:12}");
        for mut figures in all {
            figures.sort_unstable_by(f64::total_cmp);
            print!(" {:>8.2} {:>8.2}  ", figures[0], figures[ROUNDS / 2]);
        }
        println!();
    }
}

/// Nanoseconds per event of a graph of so many stages, whose events are all published before it starts.
fn measure(stages: usize, batch: usize, events: u64) -> f64 {
    let ring = HeapTypedRing::<u64, Sole>::sole(2 * events as usize);
    let mut publisher = SolePublisher::join(ring.clone()).expect("a ring of its own");
    (0..events).for_each(|event| _ = publisher.send(&event));
    drop(publisher);
    let names = ["first", "second"];
    let mut topology = Topology::over(ring).starting_at(Start::Oldest);
    for stage in 0..stages {
        let mut sum = 0_u64;
        topology = topology
            .stage(names[stage])
            .after(names[..stage].iter().copied())
            .batch_limit(batch)
            .each(move |event, _| sum = black_box(sum + **event));
    }
    let begun = Instant::now();
    let report = topology.start().expect("a graph").drain(Duration::from_secs(60)).expect("it ends");
    let took = begun.elapsed();
    assert!(report.stages.iter().all(|stage| stage.processed == events), "{report}");
    took.as_nanos() as f64 / events as f64
}
