//! The users of polled stages.

use std::{
    collections::BTreeMap,
    mem,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering::SeqCst},
    },
    thread::{self, JoinHandle},
    time::Duration,
};

use rusted_ring::{Consumer, consumer::TryRecvError};

use super::{
    Numbers,
    book::{Book, Desk},
};
use crate::{
    case::{Case, Choose, lock, message, rng},
    rng::Rng,
};

/// Each on a thread, by the stage's number.
#[derive(Default)]
pub(super) struct Users {
    users: Mutex<BTreeMap<usize, User>>,
    stop: Arc<AtomicBool>,
}

struct User {
    thread: Option<JoinHandle<()>>,
    /// It was told that nothing will come any more.
    has_ended: Arc<AtomicBool>,
    has_left: Arc<AtomicBool>,
}

impl Users {
    /// Lets a thread poll this Consumer until it is closed, or it is time to leave.
    pub(super) fn serve<R: Numbers>(&self, book: &Arc<Book>, desk: &Arc<Desk>, consumer: Consumer<R>) {
        let (has_ended, has_left) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicBool::new(false)));
        let (ended, left, stop) = (Arc::clone(&has_ended), Arc::clone(&has_left), Arc::clone(&self.stop));
        let (book, desk, id) = (Arc::clone(book), Arc::clone(desk), desk.plan.id);
        let thread = thread::spawn(move || {
            poll(&book, &desk, consumer, &stop, &ended);
            left.store(true, SeqCst);
        });
        lock(&self.users).insert(id, User { thread: Some(thread), has_ended, has_left });
    }

    /// Whether somebody polls it, or did.
    pub(super) fn is_served(&self, id: usize) -> bool {
        lock(&self.users).contains_key(&id)
    }

    pub(super) fn has_left(&self, id: usize) -> bool {
        lock(&self.users).get(&id).is_none_or(|user| user.has_left.load(SeqCst))
    }

    pub(super) fn is_there(&self, id: usize) -> bool {
        !self.has_left(id)
    }

    pub(super) fn has_ended(&self, id: usize) -> bool {
        lock(&self.users).get(&id).is_some_and(|user| user.has_ended.load(SeqCst))
    }

    /// Makes all leave.
    pub(super) fn stop(&self, case: &Case) {
        self.stop.store(true, SeqCst);
        for user in lock(&self.users).values_mut() {
            if let Some(Err(payload)) = user.thread.take().map(JoinHandle::join) {
                case.fault(format_args!("the user of a polled stage: {}", message(&*payload)));
            }
        }
    }
}

/// Receives as users do, and leaves.
fn poll<R: Numbers>(book: &Book, desk: &Arc<Desk>, mut consumer: Consumer<R>, stop: &AtomicBool, ended: &AtomicBool) {
    let mut rng = rng(book.case.seed, 5000 + desk.plan.id as u64);
    let mut last = None;
    while !desk.leaves.load(SeqCst) && !stop.load(SeqCst) {
        match receive(book, desk, &mut consumer, &mut rng, &mut last) {
            Err(TryRecvError::Closed) => {
                ended.store(true, SeqCst);
                break;
            }
            _ if rng.one_in(100) => thread::sleep(Duration::from_micros(rng.up_to(500))),
            _ => {}
        }
    }
    // Closed, it stays at the gate of an open ring until its user leaves.
    desk.leaves.store(true, SeqCst);
    drop(consumer);
}

fn receive<R: Numbers>(
    book: &Book,
    desk: &Arc<Desk>,
    consumer: &mut Consumer<R>,
    rng: &mut Rng,
    last: &mut Option<u64>,
) -> Result<(), TryRecvError> {
    let mut enter = |sequence: u64, value: u64| {
        desk.enter(book, sequence, value);
        let before = last.replace(sequence);
        let name = || desk.plan.name();
        book.case.check(before.is_none_or(|before| before < sequence), || {
            format!("{}: {sequence} after {before:?}", name())
        });
        sequence
    };
    match rng.below(4) {
        0 => {
            let loan = consumer.recv_timeout(Duration::from_millis(2))?;
            desk.done(enter(loan.sequence().get(), *loan));
        }
        1 => {
            let loan = consumer.try_recv()?;
            desk.done(enter(loan.sequence().get(), *loan));
            if rng.one_in(8) {
                mem::forget(loan);
            }
        }
        2 => {
            let handled = consumer.poll(|event, sequence, _| desk.done(enter(sequence.get(), **event)))?;
            book.case.check(handled > 0, || format!("{} polled nothing, and that was all right", desk.plan.name()));
        }
        _ => {
            let mut batch = consumer.try_batch()?;
            let len = batch.len();
            book.case.check(len > 0, || format!("{} was lent an empty batch", desk.plan.name()));
            let part = rng.below(len.max(1) as u64) as usize;
            let entered: Vec<u64> = batch.iter().map(|event| enter(event.sequence().get(), *event)).collect();
            entered[..part].iter().for_each(|sequence| desk.done(*sequence));
            batch.release(part);
            entered[part..].iter().for_each(|sequence| desk.done(*sequence));
            if rng.one_in(8) {
                mem::forget(batch);
            }
        }
    }
    Ok(())
}
