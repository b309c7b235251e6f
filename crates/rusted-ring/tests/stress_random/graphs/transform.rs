//! Stages that publish into another ring, and the readers there.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering::SeqCst},
    },
    thread::{self, JoinHandle},
    time::Duration,
};

use rusted_ring::{
    Consumer, HeapRing, Publisher, Start,
    consumer::TryRecvError,
    topology::{HandlerError, OnFailure, traced},
};

use super::{
    book::{Book, Desk},
    plan::Stage,
};
use crate::{
    case::{PLANNED, lock, rng},
    rng::Rng,
};

/// A ring to publish into, and its reader, which receives until it closes with its publisher.
pub(super) fn into(book: &Arc<Book>, stage: &Stage, capacity: usize) -> (Publisher<HeapRing<32>>, JoinHandle<()>) {
    let ring = HeapRing::<32>::new(capacity);
    let mut consumer = Consumer::join(ring.clone(), Start::Newest).expect("an empty ring");
    let publisher = Publisher::join(ring).expect("an open ring");
    let (book, id) = (Arc::clone(book), stage.id);
    let receiving = thread::spawn(move || {
        let desk = book.desk(id).expect("it was opened");
        let mut received = Vec::new();
        loop {
            match consumer.recv_timeout(Duration::from_millis(50)) {
                Ok(loan) => match traced(&loan) {
                    Some((source, made)) => {
                        let right = *made == source.get().to_be_bytes() && loan.event_type() == source.get() as u32;
                        book.case.check(right, || format!("of event {source} was made {made:?}"));
                        received.push(source.get());
                    }
                    None => book.case.fault("an event without a trace"),
                },
                Err(TryRecvError::Closed) => break,
                Err(_) => {}
            }
        }
        let made = lock(&desk.transformed);
        // What was made last may have been broken off.
        let right = received == *made || received[..] == made[..made.len().saturating_sub(1)];
        book.case.check(right, || {
            let differs = received.iter().zip(&*made).position(|(one, other)| one != other);
            format!(
                "{} made {}, of which {} came, the first of others {differs:?}",
                desk.plan.name(),
                made.len(),
                received.len()
            )
        });
    });
    (publisher, receiving)
}

/// Makes events of events, and fails at times.
pub(super) struct Transformer {
    book: Arc<Book>,
    desk: Arc<Desk>,
    rng: Mutex<Rng>,
    nth: AtomicU64,
}

impl Transformer {
    pub(super) fn new(book: &Arc<Book>, stage: &Stage) -> Self {
        let desk = book.desk(stage.id).expect("it was opened");
        let rng = Mutex::new(rng(book.case.seed, 9000 + stage.id as u64));
        Transformer { book: Arc::clone(book), desk, rng, nth: AtomicU64::new(0) }
    }

    pub(super) fn event(&self, sequence: u64, value: u64, out: &mut Vec<u8>) -> Result<Option<u32>, HandlerError> {
        let desk = &self.desk;
        desk.calls.fetch_add(1, SeqCst);
        desk.enter(&self.book, sequence, value);
        let mut rng = lock(&self.rng);
        let (fails, one_in) = (desk.plan.habits.fails, desk.plan.habits.fails.max(1));
        if fails > 0 && rng.one_in(one_in) {
            let text = format!("{PLANNED}event, {} of {}", self.nth.fetch_add(1, SeqCst), desk.plan.name());
            match desk.plan.on_failure {
                OnFailure::Halt => desk.halts(&text, Some(sequence)),
                _ => desk.failed(sequence),
            }
            if rng.one_in(2) {
                drop(rng);
                panic!("{text}");
            }
            return Err(text.into());
        }
        desk.handled(sequence);
        desk.done(sequence);
        if rng.one_in(4) {
            return Ok(None);
        }
        lock(&desk.transformed).push(sequence);
        out.extend_from_slice(&sequence.to_be_bytes());
        Ok(Some(sequence as u32))
    }
}
