//! The real endpoints, behind traits, so that one interpreter drives rings of every content, mode and home.

use std::mem;

use rusted_ring::{
    Consumer, Mode, RingRef, Slot, Start, Subscriber,
    consumer::{self, Batch},
    ledger::{Ledger, ReaderStatus},
    subscriber::TryRecvError,
};

use super::{
    content::Content,
    model::{Answer, Figures, Sent},
    operation::Call,
};

/// Whether the publisher may wait: it does so only where the model says that there is room.
pub(crate) trait AnyPublisher {
    fn publish(&mut self, sent: &Sent, may_wait: bool) -> Option<u64>;
    fn publish_batch(&mut self, sent: &[Sent], may_wait: bool) -> Option<usize>;
}

pub(crate) trait AnyReader {
    /// One call: the events, or why there are none. The sequence of an owned event is not said, and counted here.
    fn poll(&mut self, call: Call) -> Vec<Answer>;
    fn twin(&self, name: &str) -> Box<dyn AnyReader>;
    fn figures(&self) -> Figures;
}

pub(crate) trait AnyConsumer {
    /// Receives an event, or all, and shows them while they are lent; `held` answers whether the loan is dropped or
    /// forgotten.
    fn receive(&mut self, all: bool, held: &mut dyn FnMut(&[Answer]) -> bool) -> Vec<Answer>;
    fn figures(&self) -> Figures;
}

pub(crate) trait AnyRing {
    fn capacity(&self) -> usize;
    fn max_size(&self) -> usize;
    /// Whether every event is a whole slot, and has no type.
    fn has_values(&self) -> bool;
    fn closes(&self) -> bool;
    fn is_sole(&self) -> bool;
    fn publisher(&self) -> Box<dyn AnyPublisher>;
    fn reader(&self, start: Start, name: &str) -> Box<dyn AnyReader>;
    fn consumer(&self, start: Start, name: &str) -> Box<dyn AnyConsumer>;
    fn ledger(&self) -> (u64, f32, Vec<ReaderStatus>);
}

/// A ring's handle, how a publisher joins it, and whether it closes with the last one.
pub(crate) struct Home<R> {
    pub(crate) ring: R,
    pub(crate) join: fn(R) -> Box<dyn AnyPublisher>,
    pub(crate) closes: bool,
}

impl<R: RingRef<Slot: Content> + 'static> AnyRing for Home<R> {
    fn capacity(&self) -> usize {
        self.ring.capacity()
    }

    fn max_size(&self) -> usize {
        R::Slot::LEN
    }

    fn has_values(&self) -> bool {
        R::Slot::VALUES
    }

    fn closes(&self) -> bool {
        self.closes
    }

    fn is_sole(&self) -> bool {
        !R::Mode::MANY
    }

    fn publisher(&self) -> Box<dyn AnyPublisher> {
        (self.join)(self.ring.clone())
    }

    fn reader(&self, start: Start, name: &str) -> Box<dyn AnyReader> {
        Box::new(Subscriber::join(self.ring.clone(), start).named(name))
    }

    fn consumer(&self, start: Start, name: &str) -> Box<dyn AnyConsumer> {
        Box::new(Consumer::join(self.ring.clone(), start).expect("the table has room").named(name))
    }

    fn ledger(&self) -> (u64, f32, Vec<ReaderStatus>) {
        let ledger = Ledger::of(&self.ring);
        assert_eq!((ledger.capacity(), ledger.unlisted()), (self.ring.capacity(), 0));
        (ledger.claimed().get(), ledger.pressure(), ledger.readers().collect())
    }
}

impl<R: RingRef<Slot: Content> + 'static> AnyReader for Subscriber<R> {
    fn poll(&mut self, call: Call) -> Vec<Answer> {
        let position = self.next_sequence().get();
        let outcome = match call {
            Call::TryRecv => self.try_recv().map(|event| vec![Answer::Event(position, R::Slot::owned(&event))]),
            Call::TryRead => R::Slot::try_read(self).map(|(sequence, sent)| vec![Answer::Event(sequence, sent)]),
            Call::Next => match self.next() {
                Some(event) => Ok(vec![Answer::Event(self.next_sequence().get() - 1, R::Slot::owned(&event))]),
                None => Err(TryRecvError::Empty),
            },
            Call::TryReadBatch(room) => {
                let mut events: Vec<_> = (0..room).map(|_| R::Slot::blank()).collect();
                self.try_read_batch(&mut events).map(|count| {
                    (position..)
                        .zip(&events[..count])
                        .map(|(s, event)| Answer::Event(s, R::Slot::owned(event)))
                        .collect()
                })
            }
        };
        outcome.unwrap_or_else(|error| {
            vec![match error {
                TryRecvError::Empty => Answer::Empty,
                TryRecvError::Closed => Answer::Closed,
                TryRecvError::Lagged(lagged) => {
                    assert_eq!(lagged.count(), lagged.to.get() - lagged.from.get());
                    Answer::Lagged { from: lagged.from.get(), to: lagged.to.get() }
                }
                other => panic!("{other}"),
            }]
        })
    }

    fn twin(&self, name: &str) -> Box<dyn AnyReader> {
        Box::new(self.clone().named(name))
    }

    fn figures(&self) -> Figures {
        assert_eq!(self.holes(), 0);
        let (position, ahead) = (self.next_sequence().get(), self.lag());
        let joined = position - self.received() - self.lost();
        let (received, lost, laps) = (self.received(), self.lost(), self.laps());
        Figures { gating: false, joined, position, received, lost, laps, ahead }
    }
}

impl<R: RingRef<Slot: Content>> AnyConsumer for Consumer<R> {
    fn receive(&mut self, all: bool, held: &mut dyn FnMut(&[Answer]) -> bool) -> Vec<Answer> {
        let outcome = if all {
            self.try_batch().map(|batch| hold(batch, in_a_batch, held))
        } else {
            self.try_recv().map(|loan| {
                let lent = |loan: &consumer::Loan<'_, R>| {
                    R::Slot::note(loan.notes(), loan.sequence().get());
                    let sent = Sent { event_type: loan.event_type(), bytes: R::Slot::lent(loan).to_vec() };
                    assert!(R::Slot::is_noted(loan.notes(), loan.sequence().get()), "a note was lost");
                    vec![Answer::Event(loan.sequence().get(), sent)]
                };
                hold(loan, lent, held)
            })
        };
        outcome.unwrap_or_else(|error| {
            vec![match error {
                consumer::TryRecvError::Empty => Answer::Empty,
                consumer::TryRecvError::Closed => Answer::Closed,
                other => panic!("{other}"),
            }]
        })
    }

    fn figures(&self) -> Figures {
        assert_eq!(self.holes(), 0);
        let (position, received, ahead) = (self.next_sequence().get(), self.received(), self.lag());
        Figures { gating: true, joined: position - received, position, received, lost: 0, laps: 0, ahead }
    }
}

/// Holds `loan` while `held` is shown what it lends.
fn hold<L>(loan: L, lent: impl Fn(&L) -> Vec<Answer>, held: &mut dyn FnMut(&[Answer]) -> bool) -> Vec<Answer> {
    let events = lent(&loan);
    let dropped = held(&events);
    assert_eq!(lent(&loan), events, "an event changed while it was lent");
    if !dropped {
        mem::forget(loan);
    }
    events
}

/// What a batch lends, which its slots hold as well.
fn in_a_batch<R: RingRef<Slot: Content>>(batch: &Batch<'_, R>) -> Vec<Answer> {
    assert_eq!(batch.iter().len(), batch.len());
    batch.iter().for_each(|event| R::Slot::note(event.notes(), event.sequence().get()));
    let slots = R::Slot::slots(batch);
    let events = batch.iter().enumerate().zip(batch.first().get()..).map(|((index, event), sequence)| {
        let bytes = R::Slot::lent(&event).to_vec();
        if let Some(slots) = &slots {
            let slot =
                slots.chunks_exact(slots.len() / batch.len()).nth(index).expect("there is a slot for each event");
            assert_eq!(slot[..bytes.len()], bytes);
        }
        assert_eq!(event.sequence().get(), sequence);
        assert!(R::Slot::is_noted(event.notes(), sequence), "a note was lost");
        Answer::Event(sequence, Sent { event_type: event.event_type(), bytes })
    });
    events.collect()
}

/// The ledger's line as figures; it balances.
pub(crate) fn status_figures(status: &ReaderStatus) -> Figures {
    let ReaderStatus { gating, joined, position, received, lost, holes, laps, ahead, .. } = *status;
    assert_eq!(holes, 0);
    let (joined, position) = (joined.get(), position.get());
    Figures { gating, joined, position, received, lost, laps, ahead }
}
