//! Consumers that join anywhere, after others too, and leave, again and again.

use std::{
    collections::BTreeSet,
    mem,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU64, Ordering::SeqCst},
    },
    thread,
};

use rusted_ring::{
    Bytes, Consumer, RingRef, Start,
    consumer::{self, Checkpoint},
    ledger::Ledger,
};

use super::{
    Play,
    book::{Book, Turn, goes_on, start},
};
use crate::{
    case::{Choose, PATIENCE, lock, rng},
    rng::Rng,
};

/// A Consumer's visit, as those see it that come after it.
struct Visit {
    from: u64,
    /// Everything below is finished.
    finished: AtomicU64,
    left: AtomicBool,
    upstream: Vec<Arc<Visit>>,
}

impl Visit {
    /// Whether an event may go on to those that come after.
    fn has_passed(self: &Arc<Self>, sequence: u64) -> bool {
        // Those that have left are many, and come after each other by many ways: each is asked once.
        let (mut asked, mut next) = (BTreeSet::new(), vec![self]);
        while let Some(visit) = next.pop() {
            if !asked.insert(Arc::as_ptr(visit)) {
                continue;
            }
            let left = visit.left.load(SeqCst);
            if sequence < visit.from || sequence < visit.finished.load(SeqCst) {
                continue;
            }
            if !left {
                return false;
            }
            next.extend(&visit.upstream);
        }
        true
    }
}

/// The visits of Consumers that others may come after.
pub(super) struct Visits<R: RingRef>(Mutex<Vec<(Checkpoint<R>, Arc<Visit>)>>);

impl<R: RingRef> Default for Visits<R> {
    fn default() -> Self {
        Visits(Mutex::default())
    }
}

pub(super) fn visit_as_consumer<const N: usize, R>(play: &Play<'_, R>, visits: &Visits<R>, nth: usize)
where
    R: RingRef<Slot = Bytes<N>>,
{
    let mut rng = rng(play.case.seed, 200 + nth as u64);
    let mut over_since = None;
    while !play.over.load(SeqCst) && !play.case.has_failed() {
        let capacity = play.plan.capacity as u64;
        let claimed = || Ledger::of(&play.ring).claimed().get();
        let mut before_it: Vec<(Checkpoint<R>, Arc<Visit>)> = Vec::new();
        if play.plan.in_line {
            let visits = lock(&visits.0);
            for (checkpoint, visit) in visits.iter() {
                if rng.one_in(2) {
                    before_it.push((checkpoint.clone(), Arc::clone(visit)));
                }
            }
        }
        let (checkpoints, upstream): (Vec<_>, Vec<_>) = before_it.into_iter().unzip();
        let (before, entered) = (claimed(), play.entered.load(SeqCst));
        let start = start(&mut rng, before, capacity);
        let joined = if checkpoints.is_empty() {
            Consumer::join(play.ring.clone(), start).map_err(|error| error.to_string())
        } else {
            Consumer::join_after(play.ring.clone(), start, &checkpoints).map_err(|error| error.to_string())
        };
        let mut consumer = match joined {
            Ok(consumer) => consumer.waiting(play.plan.strategy),
            Err(_) if play.plan.has_crowd => {
                thread::yield_now();
                continue;
            }
            Err(error) => return play.case.fault(error),
        };
        let (after, first) = (claimed(), consumer.next_sequence().get());
        // What a sole publisher has entered, published or not, is not retained any more.
        let entered = after + entered.max(play.entered.load(SeqCst));
        let oldest = before.saturating_sub(capacity);
        let young = (entered.saturating_sub(capacity) + (capacity / 8).max(1)).min(after);
        let (least, most) = match start {
            Start::Newest => (before, after),
            Start::Oldest => (oldest, young),
            Start::At(at) => (before.min(at.get()).max(oldest), after.min(at.get()).max(young)),
        };
        // Nowhere before any that go first joined.
        let floor = upstream.iter().map(|visit| visit.from).max().unwrap_or(0);
        let (least, most) = (least.max(floor), most.max(floor));
        let mut book = Book::new(play, &format!("Consumer {nth}"), first);
        book.check((least..=most).contains(&first), || {
            format!("begins at {first}, not in {least}..={most}, at {start:?} of {before} to {after}")
        });
        let visit =
            Arc::new(Visit { from: first, finished: AtomicU64::new(first), left: AtomicBool::new(false), upstream });
        if play.plan.in_line {
            lock(&visits.0).push((consumer.checkpoint(), Arc::clone(&visit)));
        }
        let mut turn = Turn::Received;
        let mut lent = false;
        while goes_on(&book, turn, &mut rng, &mut over_since) {
            turn = consume(&mut consumer, &mut book, &visit, &mut lent, &mut rng);
            book.pass(consumer.holes());
        }
        let own = (consumer.next_sequence().get(), consumer.received());
        let right = lent || own == (book.next, book.received);
        book.check(right, || format!("(next, received) are {:?}, and it says {own:?}", (book.next, book.received)));
        let has_upstream = !visit.upstream.is_empty();
        if turn == Turn::Closed && !has_upstream {
            let claimed = claimed();
            book.check(book.next == claimed, || format!("closed at {}, of {claimed}", book.next));
        }
        play.truth.stretch(first, book.next);
        lock(&visits.0).retain(|(_, other)| !Arc::ptr_eq(other, &visit));
        if rng.one_in(20) {
            consumer.end();
        } else {
            visit.left.store(true, SeqCst);
            drop(consumer);
        }
        if turn == Turn::Closed && !has_upstream {
            return;
        }
    }
}

/// Makes one call to a Consumer; returns whether it was left with what is `lent` and forgotten.
fn consume<const N: usize, R>(
    consumer: &mut Consumer<R>,
    book: &mut Book<'_, R>,
    visit: &Visit,
    lent: &mut bool,
    rng: &mut Rng,
) -> Turn
where
    R: RingRef<Slot = Bytes<N>>,
{
    // What was lent and forgotten is given back by this call.
    let event = |book: &mut Book<'_, R>, sequence: u64, bytes: &[u8], event_type: u32, first: bool| {
        if first {
            book.check(sequence >= book.next, || format!("event {sequence}, where {} is due", book.next));
            let holes = book.holes + (sequence - book.next.min(sequence));
            book.pass(holes);
        }
        let right = visit.upstream.iter().all(|upstream| upstream.has_passed(sequence));
        book.check(right, || format!("event {sequence}, before those that go first have finished it"));
        book.event(sequence, bytes, event_type, N);
        book.play.truth.gave(sequence);
    };
    let over = book.play.over.load(SeqCst);
    let forgets = rng.one_in(12);
    let end = match rng.below(5) {
        0 if !over => match consumer.recv_timeout(PATIENCE) {
            Ok(loan) => {
                event(book, loan.sequence().get(), &loan, loan.event_type(), true);
                visit.finished.store(book.next, SeqCst);
                *lent = forgets;
                if forgets {
                    mem::forget(loan);
                }
                return Turn::Received;
            }
            Err(error @ consumer::TryRecvError::Closed) => error,
            Err(error) => {
                book.check(false, || format!("waited at {} of {}: {error}", book.next, book.claimed()));
                consumer::TryRecvError::Empty
            }
        },
        1 => match consumer.try_recv() {
            Ok(loan) => {
                event(book, loan.sequence().get(), &loan, loan.event_type(), true);
                visit.finished.store(book.next, SeqCst);
                *lent = forgets;
                if forgets {
                    mem::forget(loan);
                }
                return Turn::Received;
            }
            Err(error) => error,
        },
        2 => {
            let mut handled = 0;
            let outcome = consumer.poll(|lent, sequence, last| {
                event(book, sequence.get(), lent, lent.event_type(), handled == 0);
                handled += 1;
                if last {
                    visit.finished.store(book.next, SeqCst);
                }
            });
            match outcome {
                Ok(count) => {
                    book.check(count == handled && count > 0, || format!("polled {count}, and was given {handled}"));
                    *lent = false;
                    return Turn::Received;
                }
                Err(error) => error,
            }
        }
        kind => {
            let outcome = match kind {
                3 if !over => consumer.batch().map_err(|_| consumer::TryRecvError::Closed),
                _ => consumer.try_batch(),
            };
            match outcome {
                Ok(mut batch) => {
                    let len = batch.len();
                    book.check(len > 0 && len <= book.play.plan.capacity, || format!("a batch of {len}"));
                    for (nth, lent) in batch.iter().enumerate() {
                        event(book, lent.sequence().get(), &lent, lent.event_type(), nth == 0);
                    }
                    for _ in 0..rng.below(3) {
                        let part = rng.below(batch.len().max(1) as u64) as usize;
                        visit.finished.store(batch.first().get() + part as u64, SeqCst);
                        batch.release(part);
                    }
                    visit.finished.store(book.next, SeqCst);
                    *lent = forgets;
                    if forgets {
                        mem::forget(batch);
                    }
                    return Turn::Received;
                }
                Err(error) => error,
            }
        }
    };
    *lent = false;
    match end {
        consumer::TryRecvError::Closed => Turn::Closed,
        _ => Turn::Empty,
    }
}
