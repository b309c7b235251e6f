//! Endpoints that join anywhere, forget, leave and come again, on a ring that others write.
//!
//! Nobody is believed: an event says of itself whose it is, and each endpoint keeps books of its own.

mod book;
mod consumers;
mod lines;
mod plan;
mod publishers;
mod readers;
mod truth;

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering::SeqCst},
    },
    thread,
    time::Duration,
};

use rusted_ring::{
    Bytes, HeapRing, Many, Publisher, RingBuffer, RingRef, Sole, SolePublisher, Start, Subscriber, ledger::Ledger,
};

use self::{
    consumers::{Visits, visit_as_consumer},
    plan::Plan,
    publishers::{Session, write},
    readers::visit_as_reader,
    truth::Truth,
};
use crate::case::{Case, message, rng};

pub(crate) fn case(case: &Arc<Case>) {
    if case.seed.is_multiple_of(4) {
        return lines::case(case);
    }
    let plan = Plan::of(&mut rng(case.seed, 1));
    case.is(&plan);
    match plan.size {
        0 => sized::<8>(case, plan),
        1 => sized::<100>(case, plan),
        2 => sized::<1500>(case, plan),
        _ => in_a_value(case, plan),
    }
}

fn sized<const N: usize>(case: &Arc<Case>, plan: Plan) {
    let policy = plan.policy();
    if plan.is_sole {
        let ring = HeapRing::<N, Sole>::closing(plan.capacity, policy);
        let keeper = SolePublisher::join(ring.clone()).expect("the first");
        run(case, &plan, ring, keeper);
    } else {
        let ring = HeapRing::<N, Many>::closing(plan.capacity, policy);
        let keeper = Publisher::join(ring.clone()).expect("the first");
        run(case, &plan, ring, keeper);
    }
}

/// A ring in a value instead of on the heap.
fn in_a_value(case: &Arc<Case>, plan: Plan) {
    if plan.is_sole {
        let ring = Arc::new(RingBuffer::<64, { Plan::IN_A_VALUE }, Sole>::sole());
        let keeper = SolePublisher::join(ring.clone()).expect("the first");
        run(case, &plan, ring, keeper);
    } else {
        let ring = Arc::new(RingBuffer::<64, { Plan::IN_A_VALUE }, Many>::new());
        let keeper = Publisher::join(ring.clone()).expect("the first");
        run(case, &plan, ring, keeper);
    }
}

/// What the threads of a case have in common.
struct Play<'a, R> {
    case: &'a Case,
    plan: &'a Plan,
    ring: R,
    truth: Truth,
    /// Writing threads that have not ended, and whether anybody is to go on waiting for them.
    writing: AtomicUsize,
    over: AtomicBool,
    /// The ring has closed, by a publisher that left.
    closed: AtomicBool,
    forgets: AtomicUsize,
    /// How far a sole publisher may have entered slots beyond what is published.
    entered: AtomicU64,
}

fn run<const N: usize, R, W>(case: &Arc<Case>, plan: &Plan, ring: R, keeper: W)
where
    R: RingRef<Slot = Bytes<N>> + Send + Sync + 'static,
    W: Session<R>,
{
    let of = ring.clone();
    case.tells(move || format!("{:#?}", Ledger::of(&of)));
    let play = Play {
        case,
        plan,
        ring,
        truth: Truth::new(plan.events as usize * 8 + 8000),
        writing: AtomicUsize::new(plan.publishers),
        over: AtomicBool::new(false),
        closed: AtomicBool::new(false),
        forgets: AtomicUsize::new(plan.forgets),
        entered: AtomicU64::new(0),
    };
    let (play, visits) = (&play, &Visits::default());
    thread::scope(|scope| {
        let mut threads = Vec::new();
        for nth in 0..plan.consumers {
            threads.push(scope.spawn(move || visit_as_consumer(play, visits, nth)));
        }
        for nth in 0..plan.readers {
            threads.push(scope.spawn(move || visit_as_reader(play, nth)));
        }
        let mut publishers = Vec::new();
        // A sole publisher is kept by the one thread that writes; of many publishers this thread keeps one, if the ring is to stay open.
        let mut keeper = Some(keeper);
        for nth in 0..plan.publishers {
            let first = if W::IS_SOLE || !plan.is_kept { keeper.as_ref().and_then(W::twin) } else { None };
            let first = if W::IS_SOLE { keeper.take() } else { first };
            publishers.push(scope.spawn(move || {
                let left = write(play, nth, first);
                play.writing.fetch_sub(1, SeqCst);
                left
            }));
        }
        if !plan.is_kept {
            keeper = None;
        }
        scope.spawn(move || watch(play));
        let mut last = None;
        for publisher in publishers {
            match publisher.join() {
                Ok(left) => last = left.or(last),
                Err(payload) => case.fault(message(&*payload)),
            }
        }
        play.over.store(true, SeqCst);
        // One more event, or the end of the ring, wakes every sleeper.
        if let Some(mut publisher) = keeper.take().or(last).or_else(|| W::enter(&play.ring)) {
            publisher.last_event(play);
        }
        for thread in threads {
            if let Err(payload) = thread.join() {
                case.fault(message(&*payload));
            }
        }
    });
    play.truth.judge(case);
    let mut listed = Ledger::of(&play.ring).readers();
    case.check(listed.next().is_none(), || "readers that have left are in the ledger".into());
}

/// Looks at the ledger until all is over, and is a crowd now and then.
fn watch<const N: usize, R: RingRef<Slot = Bytes<N>>>(play: &Play<'_, R>) {
    let mut rng = rng(play.case.seed, 3);
    while !play.over.load(SeqCst) {
        let ledger = Ledger::of(&play.ring);
        for reader in ledger.readers() {
            let claimed = ledger.claimed();
            let sum = reader.joined + reader.received + reader.lost + reader.holes + reader.shared;
            let right = sum == reader.position && reader.position + reader.ahead <= claimed;
            play.case.check(right, || format!("of {claimed}, the books of {reader:?}"));
            let gating = !reader.gating || (reader.lost, reader.laps) == (0, 0);
            play.case.check(gating && reader.laps <= reader.lost, || format!("losses of {reader:?}"));
        }
        let pressure = ledger.pressure();
        play.case.check((0.0..=1.0).contains(&pressure), || format!("a pressure of {pressure}"));
        if play.plan.has_crowd && rng.one_in(4) {
            let crowd: Vec<_> = (0..70).map(|_| Subscriber::join(play.ring.clone(), Start::Newest)).collect();
            play.case.check(ledger.unlisted() >= 6, || format!("{} of 70 are not listed", ledger.unlisted()));
            drop(crowd);
        }
        thread::sleep(Duration::from_micros(rng.up_to(2000)));
    }
}
