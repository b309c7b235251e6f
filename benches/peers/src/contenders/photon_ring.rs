//! photon-ring: lossy, bounded, with many writers, and its ring of events in place.

use super::put::put;
use crate::contender::{Contender, Publish, Receive, Shape};
use crate::payload::{BATCH, Tally, fill, fill_batch};
use crate::poll::Poll;
use photon_ring::{EventPublisher, Publisher, Subscribable, Subscriber, TryRecvError};

pub(super) struct Lossy;
pub(super) struct Bounded;
pub(super) struct Mpmc;
pub(super) struct Events;

impl Contender for Lossy {
    fn open<const W: usize, const N: usize, const CAP: usize>(
        shape: Shape,
    ) -> (Vec<impl Publish + 'static>, Vec<impl Receive + 'static>) {
        ends(photon_ring::channel::<[u64; W]>(CAP), shape)
    }
}

impl Contender for Bounded {
    fn open<const W: usize, const N: usize, const CAP: usize>(
        shape: Shape,
    ) -> (Vec<impl Publish + 'static>, Vec<impl Receive + 'static>) {
        ends(photon_ring::channel_bounded::<[u64; W]>(CAP, 0), shape)
    }
}

impl Contender for Mpmc {
    fn open<const W: usize, const N: usize, const CAP: usize>(
        shape: Shape,
    ) -> (Vec<impl Publish + 'static>, Vec<impl Receive + 'static>) {
        let (publisher, subscribers) = photon_ring::channel_mpmc::<[u64; W]>(CAP);
        let writers = (0..shape.writers)
            .map(|_| {
                let publisher = publisher.clone();
                put::<W, _>(move |event: &[u64; W]| {
                    publisher.publish(*event);
                    true
                })
            })
            .collect();
        (writers, readers(&subscribers, shape))
    }
}

impl Contender for Events {
    fn open<const W: usize, const N: usize, const CAP: usize>(
        shape: Shape,
    ) -> (Vec<impl Publish + 'static>, Vec<impl Receive + 'static>) {
        let (publisher, subscribers) = photon_ring::event_channel(CAP, || [0; W]);
        let readers = (0..shape.readers)
            .map(|_| {
                let mut subscriber = subscribers.subscribe();
                move |tally: &mut Tally| subscriber.process(|event: &[u64; W]| tally.note(event)).is_some()
            })
            .collect();
        (vec![InPlace(publisher)], readers)
    }
}

fn ends<const W: usize>(
    (publisher, subscribers): (Publisher<[u64; W]>, Subscribable<[u64; W]>),
    shape: Shape,
) -> (Vec<Writes<W>>, Vec<Reads<W>>) {
    let readers = readers(&subscribers, shape);
    (vec![Writes { publisher, events: vec![[0; W]; BATCH] }], readers)
}

fn readers<const W: usize>(subscribers: &Subscribable<[u64; W]>, shape: Shape) -> Vec<Reads<W>> {
    let subscribe = || Reads { subscriber: subscribers.subscribe(), events: vec![[0; W]; BATCH] };
    (0..shape.readers).map(|_| subscribe()).collect()
}

struct Writes<const W: usize> {
    publisher: Publisher<[u64; W]>,
    events: Vec<[u64; W]>,
}

impl<const W: usize> Publish for Writes<W> {
    #[inline]
    fn publish(&mut self, sequence: u64, poll: Poll) {
        let event = &mut self.events[0];
        fill(event, sequence);
        poll.until(|| self.publisher.try_publish(*event).is_ok());
    }

    #[inline]
    fn publish_batch(&mut self, first: u64, _poll: Poll) {
        fill_batch(&mut self.events, first);
        self.publisher.publish_batch(&self.events);
    }
}

struct Reads<const W: usize> {
    subscriber: Subscriber<[u64; W]>,
    events: Vec<[u64; W]>,
}

impl<const W: usize> Receive for Reads<W> {
    #[inline]
    fn receive(&mut self, tally: &mut Tally) -> bool {
        match self.subscriber.try_recv() {
            Ok(event) => tally.note(&event),
            Err(TryRecvError::Lagged { .. }) => {}
            Err(TryRecvError::Empty) => return false,
        }
        true
    }

    #[inline]
    fn receive_batch(&mut self, tally: &mut Tally) -> bool {
        let count = self.subscriber.recv_batch(&mut self.events);
        self.events[..count].iter().for_each(|event| tally.note(event));
        count > 0
    }
}

struct InPlace<const W: usize>(EventPublisher<[u64; W]>);

impl<const W: usize> Publish for InPlace<W> {
    #[inline]
    fn publish(&mut self, sequence: u64, poll: Poll) {
        poll.until(|| self.0.try_publish(|event| fill(event, sequence)));
    }
}
