//! What each choice of `Tuning` does on this machine: one publisher on the first core, one reader on the second.
//!
//! ```sh
//! cargo bench -p rusted-ring --bench tuning             # two minutes
//! cargo bench -p rusted-ring --bench tuning -- single   # the workloads whose names contain a word
//! ```
//!
//! Each column is `Tuning::PORTABLE` with one choice changed; the last is this machine's. A cell is the median of five rounds and their
//! range; the columns are measured by turns, because the distance of two cores of a virtual machine changes. Every event is checked.
//! `docs/adr/0038` has figures. The machine should have nothing else to do.

#[cfg(target_os = "linux")]
fn main() {
    linux::main();
}

#[cfg(not(target_os = "linux"))]
fn main() {
    println!("this benchmark pins its threads, which it can do on Linux only");
}

#[cfg(target_os = "linux")]
mod linux {
    use std::{
        env,
        hint::spin_loop,
        sync::atomic::{AtomicU64, Ordering},
        thread,
        time::{Duration, Instant},
    };

    use rusted_ring::{Consumer, HeapTypedRing, Sole, SolePublisher, Start, Subscriber, Tuning, consumer, subscriber};
    use rustix::thread::{CpuSet, sched_setaffinity};

    const SAMPLE: Duration = Duration::from_millis(60);
    const ROUNDS: usize = 5;
    const CAPACITY: usize = 1024;

    type Workload = fn(Tuning) -> f64;

    const WORKLOADS: [(&str, Workload); 17] = [
        ("single 8 B", single::<1>),
        ("single 16 B", single::<2>),
        ("single 24 B", single::<3>),
        ("single 64 B", single::<8>),
        ("single 256 B", single::<32>),
        ("single 1 KiB", single::<128>),
        ("single 4 KiB", single::<512>),
        ("batch 64 B", batch::<8>),
        ("batch 1 KiB", batch::<128>),
        ("batch 4 KiB", batch::<512>),
        ("lossy 24 B", lossy::<3>),
        ("lossy 64 B", lossy::<8>),
        ("lossy 256 B", lossy::<32>),
        ("round-trip 24 B", round_trip::<3>),
        ("round-trip 64 B", round_trip::<8>),
        ("round-trip 256 B", round_trip::<32>),
        ("round-trip 1 KiB", round_trip::<128>),
    ];

    pub(super) fn main() {
        // Cargo adds `--bench`.
        let wanted: Vec<String> = env::args().skip(1).filter(|argument| argument != "--bench").collect();
        for word in &wanted {
            let names = WORKLOADS.map(|(name, _)| name);
            assert!(names.iter().any(|name| name.contains(word)), "no workload has `{word}` in its name: {names:?}");
        }
        let tunings = tunings();
        println!("cores {:.0} ns apart (a cache line there and back)", distance());
        println!("single, batch and lossy: M events a second; round-trip: ns\n");
        print!("{:18}", "");
        tunings.iter().for_each(|(name, _)| print!("{name:>24}"));
        println!();
        for (name, workload) in WORKLOADS {
            if !wanted.is_empty() && !wanted.iter().any(|word| name.contains(word.as_str())) {
                continue;
            }
            let mut cells = vec![Vec::new(); tunings.len()];
            for round in 0..ROUNDS {
                for index in 0..tunings.len() {
                    let index = (index + round) % tunings.len();
                    cells[index].push(workload(tunings[index].1));
                }
            }
            print!("{name:18}");
            for mut cell in cells {
                cell.sort_unstable_by(f64::total_cmp);
                print!("{:>24}", format!("{:.4} ({:.4}-{:.4})", cell[ROUNDS / 2], cell[0], cell[ROUNDS - 1]));
            }
            println!();
        }
        println!("\ncores {:.0} ns apart", distance());
    }

    fn tunings() -> [(&'static str, Tuning); 6] {
        let with = |change: fn(&mut Tuning)| {
            let mut tuning = Tuning::PORTABLE;
            change(&mut tuning);
            tuning
        };
        [
            ("portable", Tuning::PORTABLE),
            ("cursor_first", with(|tuning| tuning.cursor_first = true)),
            ("own_events", with(|tuning| tuning.own_events_below = usize::MAX)),
            ("own_batches", with(|tuning| tuning.own_batches_below = usize::MAX)),
            ("fetch_ahead", with(|tuning| tuning.fetch_ahead = true)),
            ("this machine", Tuning::of_this_machine()),
        ]
    }

    /// Keeps this thread on a core, so that the two ends are on two.
    fn pin(core: usize) {
        let mut set = CpuSet::new();
        set.set(core);
        sched_setaffinity(None, &set).expect("a core of this process");
    }

    fn pause(times: u32) {
        (0..times).for_each(|_| spin_loop());
    }

    fn ends<const W: usize>(tuning: Tuning) -> (SolePublisher<Ring<W>>, Consumer<Ring<W>>) {
        let ring = Ring::<W>::sole(CAPACITY);
        let consumer = Consumer::join(ring.clone(), Start::Newest).expect("room in the table").tuned(tuning);
        (SolePublisher::join(ring).expect("a ring of its own").tuned(tuning), consumer)
    }

    type Ring<const W: usize> = HeapTypedRing<[u64; W], Sole>;

    /// Counts the events that `receive` takes until it answers `None`, beside a publisher; millions a second.
    fn rate<const W: usize>(
        mut publisher: SolePublisher<Ring<W>>,
        mut receive: impl FnMut() -> Option<u64> + Send,
    ) -> f64 {
        thread::scope(|scope| {
            let reader = scope.spawn(move || {
                pin(1);
                let (begun, mut count) = (Instant::now(), 0);
                while let Some(received) = receive() {
                    count += received;
                    if received == 0 {
                        pause(32);
                    }
                }
                count as f64 / begun.elapsed().as_secs_f64() / 1e6
            });
            pin(0);
            let begun = Instant::now();
            for number in 0_u64.. {
                while publisher.try_send(&[number; W]).is_err() {
                    pause(32);
                }
                if number.is_multiple_of(4096) && begun.elapsed() > SAMPLE {
                    break;
                }
            }
            drop(publisher);
            reader.join().expect("every event is as it was sent")
        })
    }

    fn single<const W: usize>(tuning: Tuning) -> f64 {
        let (publisher, mut consumer) = ends::<W>(tuning);
        let mut next = 0;
        rate(publisher, move || match consumer.try_recv() {
            Ok(event) => {
                assert_eq!(*event, [next; W]);
                next += 1;
                Some(1)
            }
            Err(consumer::TryRecvError::Closed) => None,
            Err(_) => Some(0),
        })
    }

    fn batch<const W: usize>(tuning: Tuning) -> f64 {
        let (publisher, mut consumer) = ends::<W>(tuning);
        let mut next = 0;
        rate(publisher, move || match consumer.try_batch() {
            Ok(events) => {
                events
                    .slots()
                    .into_iter()
                    .flatten()
                    .zip(next..)
                    .for_each(|(event, number)| assert_eq!(*event, [number; W]));
                next += events.len() as u64;
                Some(events.len() as u64)
            }
            Err(consumer::TryRecvError::Closed) => None,
            Err(_) => Some(0),
        })
    }

    fn lossy<const W: usize>(tuning: Tuning) -> f64 {
        let ring = Ring::<W>::sole(CAPACITY);
        let mut subscriber = Subscriber::join(ring.clone(), Start::Newest);
        let publisher = SolePublisher::join(ring).expect("a ring of its own").tuned(tuning);
        rate(publisher, move || match subscriber.try_recv() {
            Ok(event) => {
                assert_eq!(event, [subscriber.next_sequence().get() - 1; W]);
                Some(1)
            }
            Err(subscriber::TryRecvError::Closed) => None,
            Err(_) => Some(0),
        })
    }

    /// There and back over two rings, one event at a time; the median of means of 32.
    fn round_trip<const W: usize>(tuning: Tuning) -> f64 {
        let ((mut there, mut far), (mut back, mut near)) = (ends::<W>(tuning), ends::<W>(tuning));
        thread::scope(|scope| {
            scope.spawn(move || {
                pin(1);
                loop {
                    match far.try_recv() {
                        Ok(event) => _ = back.send(&event),
                        Err(consumer::TryRecvError::Closed) => break,
                        Err(_) => pause(1),
                    }
                }
            });
            pin(0);
            let (begun, mut means, mut number) = (Instant::now(), Vec::new(), 0);
            while begun.elapsed() < SAMPLE {
                let block = Instant::now();
                for _ in 0..32 {
                    there.send(&[number; W]);
                    loop {
                        if let Ok(event) = near.try_recv() {
                            assert_eq!(*event, [number; W]);
                            break;
                        }
                        pause(1);
                    }
                    number += 1;
                }
                means.push(block.elapsed().as_nanos() as f64 / 32.0);
            }
            drop(there);
            means.sort_unstable_by(f64::total_cmp);
            means[means.len() / 2]
        })
    }

    /// How long a cache line takes to the other core and back, in nanoseconds.
    fn distance() -> f64 {
        #[repr(align(128))]
        struct Line(AtomicU64);
        const TRIPS: u64 = 20_000;
        let lines = [Line(AtomicU64::new(0)), Line(AtomicU64::new(0))];
        let await_number = |line: usize, number| {
            while lines[line].0.load(Ordering::Acquire) != number {
                spin_loop();
            }
        };
        thread::scope(|scope| {
            scope.spawn(|| {
                pin(1);
                for number in 1..=TRIPS {
                    await_number(0, number);
                    lines[1].0.store(number, Ordering::Release);
                }
            });
            pin(0);
            let begun = Instant::now();
            for number in 1..=TRIPS {
                lines[0].0.store(number, Ordering::Release);
                await_number(1, number);
            }
            begun.elapsed().as_nanos() as f64 / TRIPS as f64
        })
    }
}
