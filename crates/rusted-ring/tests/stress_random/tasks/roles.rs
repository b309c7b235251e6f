//! What the tasks do.

use std::{future::poll_fn, mem, pin::Pin, sync::Arc, sync::atomic::Ordering::SeqCst, time::Duration};

use futures_core::Stream;
use rusted_ring::{
    Consumer, Many, Publisher, RingRef, Sole, SolePublisher, Subscriber, Typed, ledger::Ledger, subscriber::RecvError,
};

use super::{Numbers, Passage, Play, executor::BoxFuture};
use crate::case::{Choose, lock, rng};

/// The value of event `counter` of a publisher.
fn value(id: u64, counter: u64) -> u64 {
    id << 32 | counter
}

/// The Consumer's own books.
struct Book {
    play: Arc<Play>,
    passage: Arc<Passage>,
    id: u64,
    next: u64,
    /// By publisher.
    last: [Option<u64>; 3],
}

impl Book {
    /// Enters an event; returns whether all that go first have finished it.
    fn enter(&mut self, sequence: u64, value: u64) {
        let (case, id, next) = (&self.play.case, self.id, self.next);
        case.check(sequence >= next, || format!("c{id} was given {sequence}, where {next} is due"));
        let passed = self.passage.upstream.iter().all(|upstream| upstream.has_passed(sequence));
        case.check(passed, || format!("c{id} was given {sequence}, before those that go first have finished it"));
        self.next = sequence + 1;
        self.play.agree(sequence, value);
        self.in_order(value);
    }

    fn in_order(&mut self, value: u64) {
        let (case, id) = (&self.play.case, self.id);
        let last = &mut self.last[(value >> 32) as usize];
        case.check(last.is_none_or(|last| last < value), || format!("{id} has {value:#x} after {last:x?}"));
        *last = Some(value);
    }

    fn finish(&self) {
        self.passage.finished.store(self.next, SeqCst);
    }
}

impl Drop for Book {
    fn drop(&mut self) {
        self.passage.left.store(true, SeqCst);
    }
}

pub(super) fn consume<R: Numbers>(play: Arc<Play>, consumer: Consumer<R>, passage: Arc<Passage>, id: u64) -> BoxFuture {
    let mut rng = rng(play.case.seed, 100 + id);
    // Wherever the task is dropped, by its book it has left before its Consumer has.
    let book = Book { play: Arc::clone(&play), passage, id, next: 0, last: [None; 3] };
    let mut pair = (book, consumer.into_async());
    Box::pin(async move {
        let (book, consumer) = &mut pair;
        let gives_up = play.plan.gives_up;
        loop {
            let executor = &play.executor;
            let is_open = match rng.below(4) {
                0 | 1 => match executor.impatiently(&mut rng.fork(), gives_up, consumer.recv()).await {
                    Some(Ok(loan)) => {
                        book.enter(loan.sequence().get(), *loan);
                        book.finish();
                        if rng.one_in(4) {
                            executor.rest().await;
                        }
                        if rng.one_in(12) {
                            mem::forget(loan);
                        }
                        true
                    }
                    Some(Err(_)) => false,
                    None => true,
                },
                2 => match executor.impatiently(&mut rng.fork(), gives_up, consumer.batch()).await {
                    Some(Ok(mut batch)) => {
                        play.case.check(batch.len() > 0, || format!("c{id} was lent an empty batch"));
                        batch.iter().for_each(|event| book.enter(event.sequence().get(), *event));
                        book.finish();
                        if rng.one_in(4) {
                            executor.rest().await;
                        }
                        let part = rng.below(batch.len() as u64) as usize;
                        batch.release(part);
                        if rng.one_in(12) {
                            mem::forget(batch);
                        }
                        true
                    }
                    Some(Err(_)) => false,
                    None => true,
                },
                _ => {
                    let copying = &book.passage.is_copying;
                    let next = poll_fn(|context| {
                        copying.store(true, SeqCst);
                        let polled = Pin::new(&mut *consumer).poll_next(context);
                        if polled.is_pending() {
                            copying.store(false, SeqCst);
                        }
                        polled
                    });
                    match executor.impatiently(&mut rng.fork(), gives_up, next).await {
                        Some(Some(value)) => {
                            book.enter(consumer.next_sequence().get() - 1, value);
                            book.finish();
                            book.passage.is_copying.store(false, SeqCst);
                            true
                        }
                        Some(None) => false,
                        None => true,
                    }
                }
            };
            if !is_open {
                break;
            }
            if rng.one_in(10) {
                executor.rest().await;
            }
        }
        if book.passage.upstream.is_empty() {
            play.all_seen.store(true, SeqCst);
            let claimed = Ledger::of(consumer.ring()).claimed().get();
            let own = (consumer.next_sequence().get(), consumer.received() + consumer.holes());
            let right = own == (claimed, claimed) && book.next <= claimed;
            play.case.check(right, || format!("c{id} ended at {}, with {own:?} of {claimed}", book.next));
        }
        let missed = (0..book.next).filter(|at| play.by_sequence[*at as usize].load(SeqCst) == 0).count() as u64;
        play.case.check(missed <= consumer.holes(), || format!("c{id} missed {missed}, of {} holes", consumer.holes()));
    })
}

pub(super) fn read<R: Numbers>(play: Arc<Play>, reader: Subscriber<R>, id: u64) -> BoxFuture {
    let mut rng = rng(play.case.seed, 200 + id);
    Box::pin(async move {
        let mut reader = reader.into_async();
        let mut received = 0;
        let mut last = [None; 3];
        loop {
            let executor = &play.executor;
            let mut values = vec![0; rng.up_to(9) as usize];
            let outcome = match rng.below(3) {
                0 => {
                    let one = executor.impatiently(&mut rng.fork(), play.plan.gives_up, reader.recv()).await;
                    one.map(|one| one.map(|value| values[0] = value).map(|()| 1))
                }
                1 => executor.impatiently(&mut rng.fork(), play.plan.gives_up, reader.read_batch(&mut values)).await,
                _ => {
                    let next = poll_fn(|context| Pin::new(&mut reader).poll_next(context));
                    let one = executor.impatiently(&mut rng.fork(), play.plan.gives_up, next).await;
                    one.map(|one| match one {
                        Some(Ok(value)) => {
                            values[0] = value;
                            Ok(1)
                        }
                        Some(Err(lagged)) => Err(RecvError::Lagged(lagged)),
                        None => Err(RecvError::Closed),
                    })
                }
            };
            match outcome {
                Some(Ok(count)) => {
                    received += count as u64;
                    let first = reader.next_sequence().get() - count as u64;
                    for (value, sequence) in values[..count].iter().zip(first..) {
                        play.agree(sequence, *value);
                        let last = &mut last[(value >> 32) as usize];
                        let rises = last.is_none_or(|last| last < *value);
                        play.case.check(rises, || format!("r{id} has {value:#x} after {last:x?}"));
                        *last = Some(*value);
                    }
                }
                Some(Err(RecvError::Closed)) => break,
                _ => {}
            }
            if rng.one_in(10) {
                executor.rest().await;
            }
        }
        let claimed = Ledger::of(reader.ring()).claimed().get();
        let own = (reader.next_sequence().get(), reader.received(), reader.received() + reader.lost() + reader.holes());
        let right = own == (claimed, received, claimed);
        play.case.check(right, || format!("r{id} received {received} of {claimed}, and says {own:?}"));
    })
}

/// The turns of both publishers, by the same names.
macro_rules! write {
    ($play:ident, $publisher:ident, $id:ident, $published:path) => {{
        let mut rng = rng($play.case.seed, 300 + $id);
        Box::pin(async move {
            #[allow(unused_mut)]
            let mut publisher = $publisher.into_async();
            let mut counter = 0;
            while counter < $play.plan.events {
                let (executor, gives_up) = (&$play.executor, $play.plan.gives_up);
                match rng.below(6) {
                    0 => {
                        let values: Vec<u64> =
                            (counter..counter + rng.up_to(9)).map(|counter| value($id, counter)).collect();
                        counter += values.len() as u64;
                        // If the whole task is dropped meanwhile, nobody knows either how many went out.
                        lock(&$play.begun).push(values.clone());
                        match executor.impatiently(&mut rng.fork(), gives_up, publisher.send_batch(&values)).await {
                            Some(()) => {
                                lock(&$play.begun).retain(|begun| *begun != values);
                                values.iter().for_each(|value| $play.told(None, *value));
                            }
                            None => {}
                        }
                    }
                    1 => match executor.impatiently(&mut rng.fork(), gives_up, publisher.claim()).await {
                        Some(claim) => {
                            if $play.plan.slow > 0 && rng.one_in($play.plan.slow) {
                                // A claim stays on its thread.
                                std::thread::sleep(Duration::from_micros(rng.below(900)));
                            }
                            if rng.one_in(8) {
                                drop(claim);
                            } else if let Some(sequence) = $published(claim.send(&value($id, counter))) {
                                $play.told(Some(sequence), value($id, counter));
                                counter += 1;
                            }
                        }
                        None => {}
                    },
                    _ => match executor
                        .impatiently(&mut rng.fork(), gives_up, publisher.send(&value($id, counter)))
                        .await
                    {
                        Some(sequence) => {
                            $play.told(Some(sequence.get()), value($id, counter));
                            counter += 1;
                        }
                        None => {}
                    },
                }
                if rng.one_in(20) {
                    executor.sleep(Duration::from_micros(rng.below(800))).await;
                }
                if rng.one_in(5) {
                    executor.rest().await;
                }
            }
        })
    }};
}

pub(super) fn write_alone<R>(play: Arc<Play>, publisher: SolePublisher<R>, id: u64) -> BoxFuture
where
    R: Numbers + RingRef<Mode = Sole, Slot = Typed<u64>>,
{
    let published = |sequence: rusted_ring::Sequence| Some(sequence.get());
    write!(play, publisher, id, published)
}

pub(super) fn write_among_others<R>(play: Arc<Play>, publisher: Publisher<R>, id: u64) -> BoxFuture
where
    R: Numbers + RingRef<Mode = Many, Slot = Typed<u64>>,
{
    let published = |outcome: Result<rusted_ring::Sequence, _>| outcome.ok().map(rusted_ring::Sequence::get);
    write!(play, publisher, id, published)
}
