//! disruptor, with its pollers: events are written and read in place, and a poll takes all that is ready.

use crate::contender::{Contender, Publish, Receive, Shape, Staged};
use crate::payload::{BATCH, Tally, fill};
use crate::poll::Poll;
use disruptor::{BusySpin, Producer, build_multi_producer, build_single_producer};

/// One producer.
pub(super) struct Single;
/// Many producers.
pub(super) struct Multi;

/// The builders have no type in common that could be named.
macro_rules! open {
    ($builder:expr, $readers:expr) => {{
        let (mut builder, mut readers) = ($builder.with_multi_consumer(), Vec::new());
        for _ in 0..$readers {
            let (mut poller, next) = builder.new_event_poller();
            builder = next;
            readers.push(move |tally: &mut Tally| {
                let Ok(mut events) = poller.poll() else { return false };
                (&mut events).for_each(|event| tally.note(event));
                true
            });
        }
        (builder.build(), readers)
    }};
}

/// Takes one event; the common part of pollers cannot be named either.
macro_rules! takes {
    ($poller:ident) => {{
        let mut poller = $poller;
        move |tally: &mut Tally| {
            let Ok(mut events) = poller.take(1) else { return false };
            (&mut events).for_each(|event| tally.note_sequence(event[0]));
            true
        }
    }};
}

impl Contender for Single {
    fn open<const W: usize, const N: usize, const CAP: usize>(
        shape: Shape,
    ) -> (Vec<impl Publish + 'static>, Vec<impl Receive + 'static>) {
        let (producer, readers) = open!(build_single_producer(CAP, || [0u64; W], BusySpin), shape.readers);
        (vec![Produces::<W, _>(producer)], readers)
    }
}

impl Contender for Multi {
    fn open<const W: usize, const N: usize, const CAP: usize>(
        shape: Shape,
    ) -> (Vec<impl Publish + 'static>, Vec<impl Receive + 'static>) {
        let (producer, readers) = open!(build_multi_producer(CAP, || [0u64; W], BusySpin), shape.readers);
        ((0..shape.writers).map(|_| Produces::<W, _>(producer.clone())).collect(), readers)
    }
}

impl Staged for Single {
    fn stages<const CAP: usize>()
    -> (impl Publish + 'static, impl Receive + 'static, impl Receive + 'static, impl Receive + 'static) {
        let (first, builder) = build_single_producer(CAP, || [0u64], BusySpin).new_event_poller();
        let (second, builder) = builder.and_then().new_event_poller();
        let (third, builder) = builder.and_then().new_event_poller();
        (Produces::<1, _>(builder.build()), takes!(first), takes!(second), takes!(third))
    }
}

struct Produces<const W: usize, P>(P);

impl<const W: usize, P: Producer<[u64; W]> + Send> Publish for Produces<W, P> {
    #[inline]
    fn publish(&mut self, sequence: u64, poll: Poll) {
        poll.until(|| self.0.try_publish(|event| fill(event, sequence)).is_ok());
    }

    #[inline]
    fn publish_batch(&mut self, first: u64, poll: Poll) {
        poll.until(|| {
            let published = self.0.try_batch_publish(BATCH, |events| {
                events.zip(first..).for_each(|(event, sequence)| fill(event, sequence));
            });
            published.is_ok()
        });
    }
}
