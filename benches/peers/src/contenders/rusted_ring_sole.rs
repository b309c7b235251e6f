//! rusted-ring with one writer, on a ring of bytes.

use crate::contender::{Contender, Publish, Receive, Shape};
use crate::payload::{BATCH, PIECE, Tally, fill, fill_batch, make};
use crate::poll::Poll;
use rusted_ring::SolePublisher;
use rusted_ring::{Consumer, HeapRing, PooledEvent, Sole, Start, wait::WaitStrategy};
use rusted_ring::{Subscriber, subscriber::TryRecvError};

/// Readers are lossy.
pub(super) struct Lossy;
/// As `Lossy`, and the writer would spin where the default sleeps.
pub(super) struct LossySpin;
/// Readers are lossless, and read in place.
pub(super) struct Lossless;

impl Contender for Lossy {
    fn open<const W: usize, const N: usize, const CAP: usize>(
        shape: Shape,
    ) -> (Vec<impl Publish + 'static>, Vec<impl Receive + 'static>) {
        lossy::<W, N>(CAP, shape, WaitStrategy::Park)
    }
}

impl Contender for LossySpin {
    fn open<const W: usize, const N: usize, const CAP: usize>(
        shape: Shape,
    ) -> (Vec<impl Publish + 'static>, Vec<impl Receive + 'static>) {
        lossy::<W, N>(CAP, shape, WaitStrategy::BusySpin)
    }
}

impl Contender for Lossless {
    fn open<const W: usize, const N: usize, const CAP: usize>(
        shape: Shape,
    ) -> (Vec<impl Publish + 'static>, Vec<impl Receive + 'static>) {
        let ring = HeapRing::<N, Sole>::sole(CAP);
        let readers = (0..shape.readers).map(|_| Lends::<W, N, Sole>::join(&ring)).collect();
        (vec![sole::<W, N>(ring, WaitStrategy::Park)], readers)
    }
}

type Ends<const W: usize, const N: usize> = (Vec<Writes<W, N>>, Vec<Copies<W, N, Sole>>);

fn lossy<const W: usize, const N: usize>(slots: usize, shape: Shape, strategy: WaitStrategy) -> Ends<W, N> {
    let ring = HeapRing::<N, Sole>::sole(slots);
    let readers = (0..shape.readers).map(|_| Copies::join(&ring)).collect();
    (vec![sole(ring, strategy)], readers)
}

fn sole<const W: usize, const N: usize>(ring: HeapRing<N, Sole>, strategy: WaitStrategy) -> Writes<W, N> {
    let writer = SolePublisher::join(ring).expect("the ring has no writer yet").waiting(strategy);
    Writes { writer, events: vec![[0; W]; BATCH] }
}

struct Writes<const W: usize, const N: usize> {
    writer: SolePublisher<HeapRing<N, Sole>>,
    events: Vec<[u64; W]>,
}

impl<const W: usize, const N: usize> Publish for Writes<W, N> {
    #[inline]
    fn publish(&mut self, sequence: u64, poll: Poll) {
        if W < PIECE {
            let mut event = [0; W];
            fill(&mut event, sequence);
            return poll.until(|| self.writer.try_publish(bytemuck::bytes_of(&event), 1).is_ok());
        }
        let mut wait = poll.begin();
        loop {
            if let Ok(mut claim) = self.writer.try_claim() {
                make::<W>(sequence, |piece| claim.append(bytemuck::bytes_of(piece)).expect("it fits the slot"));
                claim.publish(1);
                return;
            }
            wait.once();
        }
    }

    #[inline]
    fn publish_batch(&mut self, first: u64, poll: Poll) {
        fill_batch(&mut self.events, first);
        let events: [(&[u8], u32); BATCH] = std::array::from_fn(|index| (bytemuck::bytes_of(&self.events[index]), 1));
        let mut left = &events[..];
        poll.until(|| {
            left = &left[self.writer.try_publish_batch(left).unwrap_or(0)..];
            left.is_empty()
        });
    }
}

/// A Subscriber, and what it copies into.
pub(super) struct Copies<const W: usize, const N: usize, M: rusted_ring::Mode> {
    reader: Subscriber<HeapRing<N, M>>,
    event: [u8; N],
    events: Vec<PooledEvent<N>>,
}

impl<const W: usize, const N: usize, M: rusted_ring::Mode> Copies<W, N, M> {
    pub(super) fn join(ring: &HeapRing<N, M>) -> Self {
        let blank = PooledEvent { len: 0, event_type: 0, data: [0; N] };
        let reader = Subscriber::join(ring.clone(), Start::Newest);
        Copies { reader, event: [0; N], events: vec![blank; BATCH] }
    }
}

impl<const W: usize, const N: usize, M: rusted_ring::Mode + Send> Receive for Copies<W, N, M>
where
    Subscriber<HeapRing<N, M>>: Send,
{
    #[inline]
    fn receive(&mut self, tally: &mut Tally) -> bool {
        match self.reader.try_read(&mut self.event) {
            Ok(event) => tally.note_bytes::<W>(event.data),
            Err(TryRecvError::Lagged(_)) => {}
            Err(_) => return false,
        }
        true
    }

    #[inline]
    fn receive_batch(&mut self, tally: &mut Tally) -> bool {
        match self.reader.try_read_batch(&mut self.events) {
            Ok(count) => self.events[..count].iter().for_each(|event| tally.note_bytes::<W>(event.bytes())),
            Err(TryRecvError::Lagged(_)) => {}
            Err(_) => return false,
        }
        true
    }
}

/// A Consumer.
pub(super) struct Lends<const W: usize, const N: usize, M: rusted_ring::Mode> {
    consumer: Consumer<HeapRing<N, M>>,
}

impl<const W: usize, const N: usize, M: rusted_ring::Mode> Lends<W, N, M> {
    pub(super) fn join(ring: &HeapRing<N, M>) -> Self {
        let consumer = Consumer::join(ring.clone(), Start::Newest).expect("the ring's table has room");
        Lends { consumer }
    }
}

impl<const W: usize, const N: usize, M: rusted_ring::Mode> Receive for Lends<W, N, M>
where
    Consumer<HeapRing<N, M>>: Send,
{
    #[inline]
    fn receive(&mut self, tally: &mut Tally) -> bool {
        let Ok(event) = self.consumer.try_recv() else { return false };
        tally.note_bytes::<W>(&event);
        true
    }

    #[inline]
    fn receive_batch(&mut self, tally: &mut Tally) -> bool {
        let Ok(events) = self.consumer.try_batch() else { return false };
        events.iter().for_each(|event| tally.note_bytes::<W>(&event));
        true
    }
}
