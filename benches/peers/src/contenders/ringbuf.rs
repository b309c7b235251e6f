//! ringbuf.

use crate::contender::{Contender, Publish, Receive, Shape};
use crate::payload::{BATCH, Tally, fill, fill_batch};
use crate::poll::Poll;
use ringbuf::traits::{Consumer, Producer, Split};
use ringbuf::{HeapCons, HeapProd, HeapRb};

pub(super) struct Ringbuf;

impl Contender for Ringbuf {
    fn open<const W: usize, const N: usize, const CAP: usize>(
        _shape: Shape,
    ) -> (Vec<impl Publish + 'static>, Vec<impl Receive + 'static>) {
        let (producer, consumer) = HeapRb::<[u64; W]>::new(CAP).split();
        let events = || vec![[0; W]; BATCH];
        (vec![Writes { producer, events: events() }], vec![Reads { consumer, events: events() }])
    }
}

struct Writes<const W: usize> {
    producer: HeapProd<[u64; W]>,
    events: Vec<[u64; W]>,
}

impl<const W: usize> Publish for Writes<W> {
    #[inline]
    fn publish(&mut self, sequence: u64, poll: Poll) {
        let event = &mut self.events[0];
        fill(event, sequence);
        poll.until(|| self.producer.try_push(*event).is_ok());
    }

    #[inline]
    fn publish_batch(&mut self, first: u64, poll: Poll) {
        fill_batch(&mut self.events, first);
        let mut left = &self.events[..];
        poll.until(|| {
            left = &left[self.producer.push_slice(left)..];
            left.is_empty()
        });
    }
}

struct Reads<const W: usize> {
    consumer: HeapCons<[u64; W]>,
    events: Vec<[u64; W]>,
}

impl<const W: usize> Receive for Reads<W> {
    #[inline]
    fn receive(&mut self, tally: &mut Tally) -> bool {
        let Some(event) = self.consumer.try_pop() else { return false };
        tally.note(&event);
        true
    }

    #[inline]
    fn receive_batch(&mut self, tally: &mut Tally) -> bool {
        let count = self.consumer.pop_slice(&mut self.events);
        self.events[..count].iter().for_each(|event| tally.note(event));
        count > 0
    }
}
