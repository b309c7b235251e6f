//! rusted-ring: a typed ring, one writer or many, and Consumers, which lose nothing and read in place.

use crate::contender::{Contender, Look, Publish, Receive};
use crate::wait::Wait;
use rusted_ring::{Consumer, consumer::TryRecvError};
use rusted_ring::{HeapTypedRing, Many, Mode, Sole, Start};
use rusted_ring::{Publisher, SolePublisher};

/// A ring of longs; as LMAX's, it knows whether one writes it or many.
type Ring<M> = HeapTypedRing<i64, M>;

/// One producer.
pub(super) struct Single;
/// Many producers.
pub(super) struct Multi;

impl Contender for Single {
    fn open(capacity: usize, producers: usize, consumers: usize) -> (Vec<impl Publish>, Vec<impl Receive>) {
        assert_eq!(producers, 1, "this ring has one writer");
        let ring = Ring::<Sole>::sole(capacity);
        let consumers = join(&ring, consumers);
        (vec![SolePublisher::join(ring).expect("the ring has no writer yet")], consumers)
    }
}

impl Contender for Multi {
    fn open(capacity: usize, producers: usize, consumers: usize) -> (Vec<impl Publish>, Vec<impl Receive>) {
        let ring = Ring::new(capacity);
        let consumers = join(&ring, consumers);
        let writer = || Publisher::join(ring.clone()).expect("the ring is open");
        ((0..producers).map(|_| writer()).collect(), consumers)
    }
}

fn join<M: Mode>(ring: &Ring<M>, count: usize) -> Vec<Consumer<Ring<M>>> {
    (0..count).map(|_| Consumer::join(ring.clone(), Start::Newest).expect("the ring's table has room")).collect()
}

impl Publish for SolePublisher<Ring<Sole>> {
    #[inline]
    fn publish(&mut self, value: i64) -> bool {
        self.try_send(&value).is_ok()
    }

    #[inline]
    fn publish_batch(&mut self, values: &[i64]) -> usize {
        self.try_send_batch(values).unwrap_or(0)
    }
}

impl Publish for Publisher<Ring<Many>> {
    #[inline]
    fn publish(&mut self, value: i64) -> bool {
        self.try_send(&value).is_ok()
    }

    #[inline]
    fn publish_batch(&mut self, values: &[i64]) -> usize {
        self.try_send_batch(values).unwrap_or(0)
    }
}

impl<M: Mode> Receive for Consumer<Ring<M>>
where
    Self: Send,
{
    #[inline]
    fn receive(&mut self, mut handle: impl FnMut(i64)) -> Look {
        match self.try_batch() {
            Ok(batch) => {
                batch.slots().into_iter().flatten().for_each(|value| handle(*value));
                Look::Events
            }
            Err(TryRecvError::Closed) => Look::Closed,
            Err(_) => Look::Nothing,
        }
    }

    #[inline]
    fn next(&mut self, wait: Wait) -> Option<i64> {
        // A Consumer sleeps by `Park` unless told otherwise: a few microseconds of spinning, then the kernel.
        if wait == Wait::Sleeping {
            return self.recv().ok().map(|value| *value);
        }
        let mut waiting = wait.begin();
        loop {
            match self.try_recv() {
                Ok(value) => return Some(*value),
                Err(TryRecvError::Closed) => return None,
                Err(_) => waiting.once(),
            }
        }
    }
}
