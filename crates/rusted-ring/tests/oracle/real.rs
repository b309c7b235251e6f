//! The real endpoints, behind traits, so that one interpreter drives rings of every size, mode and home.

use std::{mem, time::Duration};

use rusted_ring::{
    Bytes, Many, Mode, RingRef, Sequence, Sole, Start,
    consumer::{self, Consumer},
    ledger::{Ledger, ReaderStatus},
    reader::{Reader, TryRecvError},
    writer::{SoleWriter, TryPublishError, Writer},
};

use crate::model::{Answer, Figures, Sent};

/// On one thread, whoever waits for a moment waits for ever.
const NO_TIME: Duration = Duration::from_millis(10);

/// Whether the writer may wait: it does so only where the model says that there is room.
pub(crate) trait AnyWriter {
    fn publish(&mut self, sent: &Sent, may_wait: bool) -> Option<u64>;
}

/// Which of a Reader's calls.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Call {
    TryRecv,
    TryRead,
    Next,
}

pub(crate) trait AnyReader {
    /// One call; `Next` skips losses, and answers `Empty` for both ends. The sequence of an owned event is not said.
    fn poll(&mut self, call: Call) -> (Answer, bool);
    fn twin(&self, name: &str) -> Box<dyn AnyReader>;
    fn figures(&self) -> Figures;
}

pub(crate) trait AnyConsumer {
    /// Receives an event and shows it while it is lent; whether the loan is dropped or forgotten is `held`'s answer.
    fn receive(&mut self, held: &mut dyn FnMut(u64, u32, &[u8]) -> bool) -> Answer;
    fn figures(&self) -> Figures;
}

pub(crate) trait AnyRing {
    fn capacity(&self) -> usize;
    fn max_size(&self) -> usize;
    fn closes(&self) -> bool;
    fn is_sole(&self) -> bool;
    fn writer(&self) -> Box<dyn AnyWriter>;
    fn reader(&self, start: Start, name: &str) -> Box<dyn AnyReader>;
    fn consumer(&self, start: Start, name: &str) -> Box<dyn AnyConsumer>;
    fn ledger(&self) -> (u64, f32, Vec<ReaderStatus>);
}

/// A ring's handle, how a writer joins it, and whether it closes with the last one.
pub(crate) struct Home<R> {
    pub(crate) ring: R,
    pub(crate) join: fn(R) -> Box<dyn AnyWriter>,
    pub(crate) closes: bool,
}

pub(crate) fn many<const N: usize, R: RingRef<Mode = Many, Slot = Bytes<N>> + 'static>(ring: R) -> Box<dyn AnyWriter> {
    Box::new(Writer::join(ring).expect("the ring is open"))
}

pub(crate) fn sole<const N: usize, R: RingRef<Mode = Sole, Slot = Bytes<N>> + 'static>(ring: R) -> Box<dyn AnyWriter> {
    Box::new(SoleWriter::join(ring).expect("the ring is open and has no writer"))
}

impl<const N: usize, R: RingRef<Slot = Bytes<N>> + 'static> AnyRing for Home<R> {
    fn capacity(&self) -> usize {
        self.ring.capacity()
    }

    fn max_size(&self) -> usize {
        N
    }

    fn closes(&self) -> bool {
        self.closes
    }

    fn is_sole(&self) -> bool {
        !R::Mode::MANY
    }

    fn writer(&self) -> Box<dyn AnyWriter> {
        (self.join)(self.ring.clone())
    }

    fn reader(&self, start: Start, name: &str) -> Box<dyn AnyReader> {
        Box::new(Reader::join(self.ring.clone(), start).named(name))
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

fn accepted(outcome: Result<Sequence, TryPublishError>) -> Option<u64> {
    match outcome {
        Ok(sequence) => Some(sequence.get()),
        Err(TryPublishError::Full) => None,
        Err(error) => panic!("{error}"),
    }
}

impl<const N: usize, R: RingRef<Mode = Many, Slot = Bytes<N>>> AnyWriter for Writer<R> {
    fn publish(&mut self, sent: &Sent, may_wait: bool) -> Option<u64> {
        if may_wait {
            return self.publish_timeout(&sent.bytes, sent.event_type, NO_TIME).ok().map(Sequence::get);
        }
        accepted(self.try_publish(&sent.bytes, sent.event_type))
    }
}

impl<const N: usize, R: RingRef<Mode = Sole, Slot = Bytes<N>>> AnyWriter for SoleWriter<R> {
    fn publish(&mut self, sent: &Sent, may_wait: bool) -> Option<u64> {
        if may_wait {
            return self.publish_timeout(&sent.bytes, sent.event_type, NO_TIME).ok().map(Sequence::get);
        }
        accepted(self.try_publish(&sent.bytes, sent.event_type))
    }
}

impl<const N: usize, R: RingRef<Slot = Bytes<N>> + 'static> AnyReader for Reader<R> {
    fn poll(&mut self, call: Call) -> (Answer, bool) {
        let position = self.next_sequence().get();
        let refused = |error| match error {
            TryRecvError::Empty => Answer::Empty,
            TryRecvError::Closed => Answer::Closed,
            TryRecvError::Lagged(lagged) => {
                assert_eq!(lagged.count(), lagged.to.get() - lagged.from.get());
                Answer::Lagged { from: lagged.from.get(), to: lagged.to.get() }
            }
            other => panic!("{other}"),
        };
        let owned = |event: rusted_ring::PooledEvent<N>| {
            assert!(event.data[event.len as usize..].iter().all(|&byte| byte == 0));
            Sent { event_type: event.event_type, bytes: event.bytes().to_vec() }
        };
        let answer = match call {
            Call::TryRecv => match self.try_recv() {
                Ok(event) => Answer::Event(position, owned(event)),
                Err(error) => refused(error),
            },
            Call::TryRead => match self.try_read(&mut [0xA5; N]) {
                Ok(event) => {
                    let sent = Sent { event_type: event.event_type, bytes: event.data.to_vec() };
                    Answer::Event(event.sequence.get(), sent)
                }
                Err(error) => refused(error),
            },
            Call::Next => match self.next() {
                Some(event) => Answer::Event(self.next_sequence().get() - 1, owned(event)),
                None => Answer::Empty,
            },
        };
        (answer, matches!(call, Call::Next))
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

impl<const N: usize, R: RingRef<Slot = Bytes<N>>> AnyConsumer for Consumer<R> {
    fn receive(&mut self, held: &mut dyn FnMut(u64, u32, &[u8]) -> bool) -> Answer {
        match self.try_recv() {
            Ok(loan) => {
                let (sequence, event_type, bytes) = (loan.sequence().get(), loan.event_type(), loan.to_vec());
                let dropped = held(sequence, event_type, &loan);
                assert_eq!(*loan, bytes[..], "an event changed while it was lent");
                if !dropped {
                    mem::forget(loan);
                }
                Answer::Event(sequence, Sent { event_type, bytes })
            }
            Err(consumer::TryRecvError::Empty) => Answer::Empty,
            Err(consumer::TryRecvError::Closed) => Answer::Closed,
            Err(other) => panic!("{other}"),
        }
    }

    fn figures(&self) -> Figures {
        assert_eq!(self.holes(), 0);
        let (position, received, ahead) = (self.next_sequence().get(), self.received(), self.lag());
        Figures { gating: true, joined: position - received, position, received, lost: 0, laps: 0, ahead }
    }
}

/// The ledger's line as figures; it balances.
pub(crate) fn status_figures(status: &ReaderStatus) -> Figures {
    let ReaderStatus { gating, joined, position, received, lost, holes, laps, ahead, .. } = *status;
    assert_eq!(holes, 0);
    Figures { gating, joined, position, received, lost, laps, ahead }
}
