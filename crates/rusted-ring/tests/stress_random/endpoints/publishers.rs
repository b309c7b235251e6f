//! Publishers that come and go.

use std::{mem, sync::atomic::Ordering::SeqCst, thread, time::Duration};

use rusted_ring::{
    Bytes, Many, Publisher, RingRef, Sequence, Sole, SolePublisher,
    publisher::{JoinError, PublishError},
};

use super::{Play, plan::Plan};
use crate::{
    case::{Choose, PATIENCE, rng},
    payload::fill,
    rng::Rng,
};

/// A publisher of either mode, from when it joins until it leaves.
pub(super) trait Session<R>: Sized + Send {
    const IS_SOLE: bool;

    /// Another publisher beside this one, where there may be one.
    fn twin(&self) -> Option<Self>;
    /// A new publisher, unless the ring is closed.
    fn enter(ring: &R) -> Option<Self>;
    /// A turn from event `counter` on, by whole events; returns how many it was.
    fn usual_turn(&mut self, play: &Play<'_, R>, rng: &mut Rng, id: usize, counter: u64, left: u64) -> u64;
    /// A turn by claims, some of which are given up; returns how many events it was.
    fn odd_turn(&mut self, play: &Play<'_, R>, rng: &mut Rng, id: usize, counter: u64, left: u64) -> u64;
    /// Publishes one event of nobody's.
    fn last_event(&mut self, play: &Play<'_, R>);
}

/// Publishes the events of publisher `id`, by one session after another; its last, if it ends in one.
pub(super) fn write<R: Sync, W: Session<R>>(play: &Play<'_, R>, id: usize, first: Option<W>) -> Option<W> {
    let mut rng = rng(play.case.seed, 100 + id as u64);
    let (events, mut counter) = (play.plan.events, 0);
    let mut session = first.or_else(|| W::enter(&play.ring));
    // How far slots may have been written into by claims that were given up, beyond what is published.
    let mut given_up = 0u64;
    while counter < events && !play.case.has_failed() {
        let Some(publisher) = &mut session else { break };
        if W::IS_SOLE {
            play.entered.store(play.plan.most_entered(), SeqCst);
        }
        let (is_odd, left) = (play.plan.odd_turns > 0 && rng.one_in(play.plan.odd_turns.max(1)), events - counter);
        let published = if is_odd {
            publisher.odd_turn(play, &mut rng, id, counter, left)
        } else {
            publisher.usual_turn(play, &mut rng, id, counter, left)
        };
        given_up = if is_odd { play.plan.most_entered() } else { given_up.saturating_sub(published) };
        play.entered.store(if W::IS_SOLE { given_up } else { 0 }, SeqCst);
        counter += published;
        match rng.below(50) {
            0 => thread::sleep(Duration::from_micros(rng.up_to(1500))),
            1..5 => thread::yield_now(),
            // It goes, and comes again.
            5 if W::IS_SOLE && !play.plan.closes || !W::IS_SOLE && rng.one_in(2) => {
                drop(session.take());
                session = W::enter(&play.ring);
                let closed = session.is_none();
                play.closed.fetch_or(closed, SeqCst);
                play.case.check(!closed || play.plan.closes, || "a ring that never closes is closed".into());
            }
            _ => {}
        }
    }
    session
}

/// Sleeps longer than readers wait for a publisher.
fn stop_for_a_while(rng: &mut Rng) {
    thread::sleep(Duration::from_micros(rng.below(1200)));
}

macro_rules! told {
    ($play:ident, $outcome:expr, $id:expr) => {
        match $outcome {
            Ok(sequence) => $play.truth.told($play.case, Some(Sequence::get(sequence)), $id),
            Err(error) => $play.case.fault(format_args!("event {:?} was not published: {error}", $id)),
        }
    };
}

/// The turns that both publishers have, by the same names.
macro_rules! usual_turn {
    ($self:ident, $play:ident, $rng:ident, $id:ident, $counter:ident, $left:ident) => {{
        let kind = $rng.below(5);
        let mut buffer = [0; N];
        let (data, event_type) = fill(&mut buffer, $id, $counter);
        match kind {
            0 => told!($play, $self.publish_timeout(data, event_type, PATIENCE), ($id, $counter)),
            1 => told!($play, $self.publish(data, event_type), ($id, $counter)),
            2 => match $self.try_publish(data, event_type) {
                Err(PublishError::Full(_)) => {
                    $play.case.check($play.plan.may_be_full(), || "the ring is full, and nobody gates it".into());
                    told!($play, $self.publish_timeout(data, event_type, PATIENCE), ($id, $counter))
                }
                outcome => told!($play, outcome, ($id, $counter)),
            },
            kind => {
                let count = $rng.up_to(Plan::BATCH).min($left);
                let mut buffers = vec![[0; N]; count as usize];
                let events: Vec<(&[u8], u32)> =
                    buffers.iter_mut().zip($counter..).map(|(buffer, counter)| fill(buffer, $id, counter)).collect();
                let published = if kind == 3 {
                    $self.publish_batch(&events).map_or(0, |()| events.len())
                } else {
                    $self.try_publish_batch(&events).unwrap_or(0)
                };
                ($counter..$counter + published as u64)
                    .for_each(|counter| $play.truth.told($play.case, None, ($id, counter)));
                return published as u64;
            }
        }
        1
    }};
}

impl<const N: usize, R> Session<R> for Publisher<R>
where
    R: RingRef<Mode = Many, Slot = Bytes<N>> + Send + Sync,
{
    const IS_SOLE: bool = false;

    fn twin(&self) -> Option<Self> {
        Some(self.clone())
    }

    fn enter(ring: &R) -> Option<Self> {
        match Publisher::join(ring.clone()) {
            Ok(publisher) => Some(publisher),
            Err(JoinError::Closed) => None,
            Err(error) => panic!("{error}"),
        }
    }

    fn usual_turn(&mut self, play: &Play<'_, R>, rng: &mut Rng, id: usize, counter: u64, left: u64) -> u64 {
        usual_turn!(self, play, rng, id, counter, left)
    }

    fn odd_turn(&mut self, play: &Play<'_, R>, rng: &mut Rng, id: usize, counter: u64, _left: u64) -> u64 {
        let mut buffer = [0; N];
        let (data, event_type) = fill(&mut buffer, id, counter);
        match rng.below(6) {
            0 => {
                let claim = self.claim_timeout(PATIENCE).map_err(|error| play.case.fault(error));
                if let Ok(mut claim) = claim {
                    claim.append(&data[..data.len() / 2]).expect("it fits");
                }
                0
            }
            1 => {
                let may = play.forgets.fetch_update(SeqCst, SeqCst, |left| left.checked_sub(1)).is_ok();
                if may && let Ok(claim) = self.claim_timeout(PATIENCE) {
                    mem::forget(claim);
                }
                0
            }
            2 | 3 => {
                let Ok(mut claim) = self.claim_timeout(PATIENCE).map_err(|error| play.case.fault(error)) else {
                    return 0;
                };
                let (front, rest) = data.split_at(rng.below(data.len() as u64 + 1) as usize);
                claim.append(front).expect("it fits");
                stop_for_a_while(rng);
                claim.append(rest).expect("it fits");
                let sequence = claim.sequence();
                match claim.publish(event_type) {
                    Ok(published) => {
                        play.case.check(published == sequence, || format!("claimed {sequence}, published {published}"));
                        play.truth.told(play.case, Some(published.get()), (id, counter));
                        1
                    }
                    Err(_) => 0,
                }
            }
            _ => {
                let Ok(run) = self.try_claim_batch(rng.below(6) as usize) else { return 0 };
                let mut claims: Vec<_> = run.take(rng.below(6) as usize).collect();
                let may = claims.len() > 1 && rng.one_in(4);
                if may && play.forgets.fetch_update(SeqCst, SeqCst, |left| left.checked_sub(1)).is_ok() {
                    mem::forget(claims.pop());
                }
                if claims.is_empty() {
                    return 0;
                }
                let mut claim = claims.swap_remove(rng.below(claims.len() as u64) as usize);
                drop(claims);
                claim.append(data).expect("it fits");
                let Ok(published) = claim.publish(event_type) else { return 0 };
                play.truth.told(play.case, Some(published.get()), (id, counter));
                1
            }
        }
    }

    fn last_event(&mut self, play: &Play<'_, R>) {
        let mut buffer = [0; N];
        let (data, event_type) = fill(&mut buffer, 200, 0);
        told!(play, self.publish_timeout(data, event_type, PATIENCE), (200, 0));
    }
}

impl<const N: usize, R> Session<R> for SolePublisher<R>
where
    R: RingRef<Mode = Sole, Slot = Bytes<N>> + Send + Sync,
{
    const IS_SOLE: bool = true;

    fn twin(&self) -> Option<Self> {
        None
    }

    fn enter(ring: &R) -> Option<Self> {
        match SolePublisher::join(ring.clone()) {
            Ok(publisher) => Some(publisher),
            Err(JoinError::Closed) => None,
            Err(error) => panic!("{error}"),
        }
    }

    fn usual_turn(&mut self, play: &Play<'_, R>, rng: &mut Rng, id: usize, counter: u64, left: u64) -> u64 {
        usual_turn!(self, play, rng, id, counter, left)
    }

    fn odd_turn(&mut self, play: &Play<'_, R>, rng: &mut Rng, id: usize, counter: u64, left: u64) -> u64 {
        let mut buffer = [0; N];
        let (data, event_type) = fill(&mut buffer, id, counter);
        match rng.below(5) {
            0 => {
                let claim = self.claim_timeout(PATIENCE).map_err(|error| play.case.fault(error));
                if let Ok(mut claim) = claim {
                    claim.append(&data[..data.len() / 2]).expect("it fits");
                }
                0
            }
            1 => {
                drop(self.try_claim());
                0
            }
            2 => {
                let Ok(mut claim) = self.claim_timeout(PATIENCE).map_err(|error| play.case.fault(error)) else {
                    return 0;
                };
                let (front, rest) = data.split_at(rng.below(data.len() as u64 + 1) as usize);
                claim.append(front).expect("it fits");
                stop_for_a_while(rng);
                claim.append(rest).expect("it fits");
                play.truth.told(play.case, Some(claim.publish(event_type).get()), (id, counter));
                1
            }
            _ => {
                let Ok(mut run) = self.try_claim_batch(rng.below(6) as usize) else { return 0 };
                let mut published = 0;
                for _ in 0..rng.below(6) {
                    if published == left {
                        break;
                    }
                    let Some(mut claim) = run.next_claim() else { break };
                    let mut buffer = [0; N];
                    let (data, event_type) = fill(&mut buffer, id, counter + published);
                    claim.append(data).expect("it fits");
                    if rng.one_in(3) {
                        continue;
                    }
                    let sequence = claim.publish(event_type).get();
                    play.truth.told(play.case, Some(sequence), (id, counter + published));
                    published += 1;
                }
                published
            }
        }
    }

    fn last_event(&mut self, play: &Play<'_, R>) {
        let mut buffer = [0; N];
        let (data, event_type) = fill(&mut buffer, 200, 0);
        told!(play, self.publish_timeout(data, event_type, PATIENCE), (200, 0));
    }
}
