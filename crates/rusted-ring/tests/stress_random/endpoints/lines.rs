//! Short lines of Consumers on rings that close, again and again: what may meet there does so for nanoseconds alone.

use std::{
    hint,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering::SeqCst},
    },
    thread,
    time::Instant,
};

use rusted_ring::{
    Consumer, HeapTypedRing, Many, Publisher, Sole, SolePublisher, Start,
    consumer::{Checkpoint, TryRecvError},
};

use crate::{
    case::{Case, Choose, PATIENCE, message, rng},
    graphs::Numbers,
    rng::Rng,
};

/// Rings of one case.
const ROUNDS: usize = if cfg!(debug_assertions) { 40 } else { 200 };

/// A Consumer of the line, as those see it that come after it.
struct Place {
    finished: AtomicU64,
    left: AtomicBool,
    upstream: Vec<Arc<Place>>,
}

impl Place {
    fn has_passed(&self, sequence: u64) -> bool {
        let left = self.left.load(SeqCst);
        sequence < self.finished.load(SeqCst) || left && self.upstream.iter().all(|place| place.has_passed(sequence))
    }
}

pub(super) fn case(case: &Arc<Case>) {
    let mut rng = rng(case.seed, 3);
    let (sole, capacity) = (rng.one_in(2), rng.one_of(&[2, 4, 8, 8, 13, 16]) as usize);
    let (consumers, events) = (2 + rng.below(3) as usize, rng.up_to(capacity as u64));
    let mode = if sole { "sole" } else { "many" };
    case.is(format_args!("{ROUNDS} {mode} rings of {capacity}, {consumers} Consumers in line, {events} events"));
    for round in 0..ROUNDS {
        if case.has_failed() {
            return case.fault(format_args!("that was round {round}"));
        }
        let mut dice = rng.fork();
        if sole {
            let ring = HeapTypedRing::<u64, Sole>::sole(capacity);
            let mut publisher = SolePublisher::join(ring.clone()).expect("the first");
            let line = line(&ring, consumers, &mut dice);
            play(case, line, &mut dice, events, move |value| _ = publisher.send(&value));
        } else {
            let ring = HeapTypedRing::<u64, Many>::new(capacity);
            let publisher = Publisher::join(ring.clone()).expect("the first");
            let line = line(&ring, consumers, &mut dice);
            play(case, line, &mut dice, events, move |value| _ = publisher.send(&value));
        }
    }
}

type Line<R> = Vec<(Consumer<R>, Arc<Place>)>;

/// Consumers of which each comes after some of those before it, most often after the last.
fn line<R: Numbers>(ring: &R, count: usize, rng: &mut Rng) -> Line<R> {
    let (mut line, mut checkpoints): (Line<R>, Vec<Checkpoint<R>>) = Default::default();
    for nth in 0..count {
        let chosen: Vec<usize> = (0..nth).filter(|before| before + 1 == nth || rng.one_in(3)).collect();
        let upstream: Vec<Checkpoint<R>> = chosen.iter().map(|before| checkpoints[*before].clone()).collect();
        let mut consumer = Consumer::join_after(ring.clone(), Start::Newest, &upstream).expect("there is room");
        checkpoints.push(consumer.checkpoint());
        let upstream = chosen.iter().map(|before| Arc::clone(&line[*before].1)).collect();
        let place = Arc::new(Place { finished: AtomicU64::new(0), left: AtomicBool::new(false), upstream });
        line.push((consumer, place));
    }
    line
}

/// The publisher writes and leaves; each of the line receives some, and all but the last leave when they like.
fn play<R: Numbers>(case: &Case, line: Line<R>, rng: &mut Rng, events: u64, mut send: impl FnMut(u64) + Send) {
    let count = line.len();
    let early = rng.below(events + 1);
    (0..early).for_each(&mut send);
    let ready = AtomicUsize::new(0);
    let begin = || {
        ready.fetch_add(1, SeqCst);
        // The last spins make them meet; before, another thread may need the core.
        let mut looks = 0;
        while ready.load(SeqCst) < count + 1 {
            looks += 1;
            if looks % 200 == 0 { thread::yield_now() } else { hint::spin_loop() }
        }
    };
    thread::scope(|scope| {
        let threads: Vec<_> = line
            .into_iter()
            .enumerate()
            .map(|(nth, (consumer, place))| {
                let (mut rng, begin) = (rng.fork(), &begin);
                scope.spawn(move || {
                    begin();
                    let most = if nth + 1 < count && !rng.one_in(4) { rng.below(events + 1) } else { u64::MAX };
                    receive(case, nth, consumer, &place, most, events, &mut rng);
                })
            })
            .collect();
        begin();
        (early..events).for_each(&mut send);
        drop(send);
        for thread in threads {
            if let Err(payload) = thread.join() {
                case.fault(message(&*payload));
            }
        }
    });
}

/// Receives up to `most` events, and leaves.
fn receive<R: Numbers>(
    case: &Case,
    nth: usize,
    mut consumer: Consumer<R>,
    place: &Place,
    most: u64,
    events: u64,
    rng: &mut Rng,
) {
    let (mut next, begun) = (0, Instant::now());
    let enter = |next: &mut u64, sequence: u64, value: u64| {
        case.check((sequence, value) == (*next, *next), || {
            format!("Consumer {nth} has {value} at {sequence}, not {next}")
        });
        let passed = place.upstream.iter().all(|upstream| upstream.has_passed(sequence));
        case.check(passed, || format!("Consumer {nth} has {sequence}, before those that go first have finished it"));
        *next = sequence + 1;
    };
    while next < most && !case.has_failed() {
        let outcome = if rng.one_in(2) {
            consumer.try_recv().map(|loan| {
                enter(&mut next, loan.sequence().get(), *loan);
                place.finished.store(next, SeqCst);
            })
        } else {
            consumer.try_batch().map(|batch| {
                case.check(batch.len() > 0, || format!("Consumer {nth} was lent an empty batch at {next}"));
                batch.iter().for_each(|event| enter(&mut next, event.sequence().get(), *event));
                place.finished.store(next, SeqCst);
            })
        };
        match outcome {
            Ok(()) => {}
            Err(TryRecvError::Closed) => {
                case.check(next == events, || format!("Consumer {nth} is told that all is over at {next} of {events}"));
                break;
            }
            Err(_) if begun.elapsed() > PATIENCE => {
                return case.fault(format_args!("Consumer {nth} waits at {next} of {events}"));
            }
            Err(_) if rng.one_in(8) => thread::yield_now(),
            Err(_) => (0..rng.below(4)).for_each(|_| hint::spin_loop()),
        }
    }
    (0..rng.below(60)).for_each(|_| hint::spin_loop());
    place.left.store(true, SeqCst);
}
