//! rusted-ring with one writer and lossless readers, on a ring of values: no length and no type are carried.

use crate::contender::{Contender, Publish, Receive, Shape, Staged};
use crate::payload::{BATCH, PIECE, Tally, fill, fill_batch};
use crate::poll::Poll;
use rusted_ring::{Consumer, HeapTypedRing, RingRef, Sole, SolePublisher, Start, TypedSlot, Whole};

pub(super) struct Typed;

impl Contender for Typed {
    fn open<const W: usize, const N: usize, const CAP: usize>(
        shape: Shape,
    ) -> (Vec<impl Publish + 'static>, Vec<impl Receive + 'static>) {
        let ring = HeapTypedRing::<[u64; W], Sole>::sole(CAP);
        let join = || Consumer::join(ring.clone(), Start::Newest).expect("the ring's table has room");
        let readers = (0..shape.readers).map(|_| Lends { consumer: join() }).collect();
        let writer = SolePublisher::join(ring.clone()).expect("the ring has no writer yet");
        (vec![Writes { writer, events: vec![[0; W]; BATCH] }], readers)
    }
}

impl Staged for Typed {
    fn stages<const CAP: usize>()
    -> (impl Publish + 'static, impl Receive + 'static, impl Receive + 'static, impl Receive + 'static) {
        let ring = HeapTypedRing::<u64, Sole>::sole(CAP);
        let mut first = Consumer::join(ring.clone(), Start::Newest).expect("the ring's table has room");
        let mut second = after(&mut first);
        let third = after(&mut second);
        let writer = SolePublisher::join(ring).expect("the ring has no writer yet");
        (Words { writer }, Stage { consumer: first }, Stage { consumer: second }, Stage { consumer: third })
    }
}

type WordRing = HeapTypedRing<u64, Sole>;

fn after(other: &mut Consumer<WordRing>) -> Consumer<WordRing> {
    let checkpoint = other.checkpoint();
    Consumer::join_after(other.ring().clone(), Start::Newest, &[checkpoint]).expect("the ring's table has room")
}

struct Words {
    writer: SolePublisher<WordRing>,
}

impl Publish for Words {
    #[inline]
    fn publish(&mut self, sequence: u64, poll: Poll) {
        poll.until(|| self.writer.try_send(&sequence).is_ok());
    }
}

struct Stage {
    consumer: Consumer<WordRing>,
}

impl Receive for Stage {
    #[inline]
    fn receive(&mut self, tally: &mut Tally) -> bool {
        let Ok(event) = self.consumer.try_recv() else { return false };
        tally.note_sequence(*event);
        true
    }
}

struct Writes<const W: usize> {
    writer: SolePublisher<HeapTypedRing<[u64; W], Sole>>,
    events: Vec<[u64; W]>,
}

impl<const W: usize> Publish for Writes<W> {
    #[inline]
    fn publish(&mut self, sequence: u64, poll: Poll) {
        // A small event is made in registers; one that needs memory is not made anew each time.
        if W <= PIECE {
            let mut event = [0; W];
            fill(&mut event, sequence);
            poll.until(|| self.writer.try_send(&event).is_ok());
        } else {
            let event = &mut self.events[0];
            fill(event, sequence);
            poll.until(|| self.writer.try_send(event).is_ok());
        }
    }

    #[inline]
    fn publish_batch(&mut self, first: u64, poll: Poll) {
        if W <= PIECE {
            let mut events = (0..BATCH).map(|index| {
                let mut event = [0; W];
                fill(&mut event, first + index as u64);
                event
            });
            return poll.until(|| {
                _ = self.writer.try_send_each(&mut events);
                events.len() == 0
            });
        }
        fill_batch(&mut self.events, first);
        let mut left = &self.events[..];
        poll.until(|| {
            left = &left[self.writer.try_send_batch(left).unwrap_or(0)..];
            left.is_empty()
        });
    }
}

/// Lends values in place, from a ring of any kind of slots that hold them.
pub(super) struct Lends<R: RingRef> {
    pub(super) consumer: Consumer<R>,
}

impl<const W: usize, R: RingRef + Send> Receive for Lends<R>
where
    R::Slot: TypedSlot<Value = [u64; W]> + Whole<Cell = [u64; W]>,
{
    #[inline]
    fn receive(&mut self, tally: &mut Tally) -> bool {
        let Ok(event) = self.consumer.try_recv() else { return false };
        tally.note(&event);
        true
    }

    #[inline]
    fn receive_batch(&mut self, tally: &mut Tally) -> bool {
        let Ok(events) = self.consumer.try_batch() else { return false };
        events.slots().into_iter().flatten().for_each(|event| tally.note(event));
        true
    }
}
