//! Publishers of random habits.

use std::{
    mem,
    sync::{
        Arc,
        atomic::{AtomicU64, AtomicUsize, Ordering::SeqCst},
    },
    thread,
    time::Duration,
};

use rusted_ring::{Many, Publisher, RingRef, Sequence, Sole, SolePublisher, Typed, publisher::Full};

use super::book::Book;
use crate::{
    case::{Choose, PATIENCE},
    rng::Rng,
};

/// What all publishers of a case have in common.
pub(super) struct Press {
    pub(super) book: Arc<Book>,
    /// The next value.
    pub(super) next: AtomicU64,
    /// No value is published from this one on.
    pub(super) until: AtomicU64,
    pub(super) forgets: AtomicUsize,
    pub(super) odd_turns: u64,
}

impl Press {
    /// Up to `most` values to be published; none at the end.
    fn take(&self, most: u64) -> std::ops::Range<u64> {
        let first = self.next.fetch_add(most, SeqCst);
        let until = self.until.load(SeqCst);
        first.min(until)..(first + most).min(until)
    }

    fn told(&self, outcome: Result<Sequence, impl std::fmt::Display>, value: u64) {
        match outcome {
            Ok(sequence) => self.book.told(sequence.get(), value),
            Err(error) => self.book.case.fault(format_args!("event {value} was not published: {error}")),
        }
    }

    fn count(&self, published: usize) {
        self.book.ring.published.fetch_add(published as u64, SeqCst);
    }

    /// Sleeps longer than readers wait for a publisher.
    fn stop_for_a_while(&self, rng: &mut Rng) {
        thread::sleep(Duration::from_micros(rng.below(1200)));
    }
}

pub(super) trait AnyPublisher: Send {
    /// Publishes one event or some; false, if there are none left.
    fn turn(&mut self, rng: &mut Rng, press: &Press) -> bool;

    /// Publishes one more event, whatever was agreed.
    fn one_more(&mut self, press: &Press);
}

/// Publishes until there is nothing left.
pub(super) fn publish(publisher: &mut dyn AnyPublisher, rng: &mut Rng, press: &Press) {
    while !press.book.case.has_failed() && publisher.turn(rng, press) {
        match rng.below(60) {
            0 => thread::sleep(Duration::from_micros(rng.up_to(3000))),
            1..5 => thread::yield_now(),
            _ => {}
        }
    }
}

/// The turns that both publishers have, by the same names.
macro_rules! usual_turn {
    ($self:ident, $rng:ident, $press:ident) => {{
        let kind = $rng.below(5);
        let values: Vec<u64> = $press.take(if kind < 3 { 1 } else { $rng.up_to(12) }).collect();
        let Some(&value) = values.first() else { return false };
        match kind {
            0 => $press.told($self.send_timeout(&value, PATIENCE), value),
            1 => {
                let mut outcome = $self.try_send(&value);
                for _ in 0..$rng.below(4) {
                    if outcome.is_err() {
                        thread::yield_now();
                        outcome = $self.try_send(&value);
                    }
                }
                match outcome {
                    Err(_) => $press.told($self.send_timeout(&value, PATIENCE), value),
                    sent => $press.told(sent, value),
                }
            }
            2 => $press.told(Ok::<_, Full>($self.send(&value)), value),
            3 => {
                $self.send_batch(&values);
                $press.count(values.len());
            }
            _ => {
                let sent = $self.try_send_batch(&values).unwrap_or(0);
                $press.count(sent);
                for value in &values[sent..] {
                    $press.told($self.send_timeout(value, PATIENCE), *value);
                }
            }
        }
        true
    }};
}

impl<R: RingRef<Mode = Many, Slot = Typed<u64>> + Send> AnyPublisher for Publisher<R> {
    fn turn(&mut self, rng: &mut Rng, press: &Press) -> bool {
        if press.odd_turns == 0 || !rng.one_in(press.odd_turns) {
            return usual_turn!(self, rng, press);
        }
        match rng.below(6) {
            // A claim that is given up, or forgotten.
            0 => drop(self.claim_timeout(PATIENCE).map_err(|error| press.book.case.fault(error))),
            1 => {
                let may = press.forgets.fetch_update(SeqCst, SeqCst, |left| left.checked_sub(1)).is_ok();
                if may && let Ok(claim) = self.claim_timeout(PATIENCE) {
                    mem::forget(claim);
                }
            }
            // One that takes its time.
            2 | 3 => {
                let Some(value) = press.take(1).next() else { return false };
                match self.claim_timeout(PATIENCE) {
                    Ok(claim) => {
                        press.stop_for_a_while(rng);
                        if let Ok(sequence) = claim.send(&value) {
                            press.book.told(sequence.get(), value);
                        }
                    }
                    Err(error) => press.book.case.fault(error),
                }
            }
            // Some, of which some are given up, in any order.
            _ => {
                let Ok(run) = self.try_claim_batch(rng.below(6) as usize) else { return true };
                let mut claims: Vec<_> = run.take(rng.below(6) as usize).collect();
                while !claims.is_empty() {
                    let claim = claims.swap_remove(rng.below(claims.len() as u64) as usize);
                    if rng.one_in(3) {
                        continue;
                    }
                    let Some(value) = press.take(1).next() else { return false };
                    if let Ok(sequence) = claim.send(&value) {
                        press.book.told(sequence.get(), value);
                    }
                }
            }
        }
        true
    }

    fn one_more(&mut self, press: &Press) {
        let value = press.next.fetch_add(1, SeqCst);
        press.told(self.send_timeout(&value, PATIENCE), value);
    }
}

impl<R: RingRef<Mode = Sole, Slot = Typed<u64>> + Send> AnyPublisher for SolePublisher<R> {
    fn turn(&mut self, rng: &mut Rng, press: &Press) -> bool {
        if press.odd_turns == 0 || !rng.one_in(press.odd_turns) {
            return usual_turn!(self, rng, press);
        }
        match rng.below(5) {
            0 => drop(self.claim_timeout(PATIENCE).map_err(|error| press.book.case.fault(error))),
            1 => drop(self.try_claim()),
            2 => {
                let Some(value) = press.take(1).next() else { return false };
                match self.claim_timeout(PATIENCE) {
                    Ok(claim) => {
                        press.stop_for_a_while(rng);
                        press.book.told(claim.send(&value).get(), value);
                    }
                    Err(error) => press.book.case.fault(error),
                }
            }
            3 => {
                let mut values: Vec<u64> = press.take(rng.up_to(8)).collect();
                if values.is_empty() {
                    return false;
                }
                let mut each = values.drain(..);
                let sent = self.try_send_each(&mut each).unwrap_or(0);
                press.count(sent);
                for value in each {
                    press.told(self.send_timeout(&value, PATIENCE), value);
                }
            }
            _ => {
                let Ok(mut run) = self.try_claim_batch(rng.below(6) as usize) else { return true };
                for _ in 0..rng.below(6) {
                    let Some(claim) = run.next_claim() else { break };
                    if rng.one_in(3) {
                        drop(claim);
                        continue;
                    }
                    let Some(value) = press.take(1).next() else { return false };
                    press.book.told(claim.send(&value).get(), value);
                }
            }
        }
        true
    }

    fn one_more(&mut self, press: &Press) {
        let value = press.next.fetch_add(1, SeqCst);
        press.told(self.send_timeout(&value, PATIENCE), value);
    }
}
