//! The crate `disruptor`, with its pollers: a poll takes all that is ready, and reads it in place.

use crate::contender::{Contender, Look, Publish, Receive};
use crate::wait::Wait;
use disruptor::{
    BusySpin, EventPoller, MultiProducerBarrier, Polling, Producer, SingleProducerBarrier, build_multi_producer,
    build_single_producer,
};

/// One producer, one consumer.
pub(super) struct OneToOne;
/// One producer.
pub(super) struct OneToMany;
/// One consumer.
pub(super) struct ManyToOne;

/// What every slot holds: one long.
#[derive(Debug)]
struct LongEvent(i64);

fn event() -> LongEvent {
    LongEvent(0)
}

// The builders ask for a strategy, which nobody uses here: pollers wait by the loop of all.

impl Contender for OneToOne {
    fn open(capacity: usize, producers: usize, consumers: usize) -> (Vec<impl Publish>, Vec<impl Receive>) {
        assert_eq!((producers, consumers), (1, 1), "this ring is from one to one");
        let (poller, builder) = build_single_producer(capacity, event, BusySpin).new_event_poller();
        (vec![Produces(builder.build())], vec![poller])
    }
}

impl Contender for OneToMany {
    fn open(capacity: usize, producers: usize, consumers: usize) -> (Vec<impl Publish>, Vec<impl Receive>) {
        assert_eq!(producers, 1, "this ring has one producer");
        let mut builder = build_single_producer(capacity, event, BusySpin).with_multi_consumer();
        let mut pollers = Vec::new();
        for _ in 0..consumers {
            let (poller, next) = builder.new_event_poller();
            builder = next;
            pollers.push(poller);
        }
        (vec![Produces(builder.build())], pollers)
    }
}

impl Contender for ManyToOne {
    fn open(capacity: usize, producers: usize, consumers: usize) -> (Vec<impl Publish>, Vec<impl Receive>) {
        assert_eq!(consumers, 1, "this ring has one consumer");
        let (poller, builder) = build_multi_producer(capacity, event, BusySpin).new_event_poller();
        let producer = builder.build();
        ((0..producers).map(|_| Produces(producer.clone())).collect(), vec![poller])
    }
}

struct Produces<P>(P);

impl<P: Producer<LongEvent> + Send> Publish for Produces<P> {
    #[inline]
    fn publish(&mut self, value: i64) -> bool {
        self.0.try_publish(|event| event.0 = value).is_ok()
    }

    /// All or nothing.
    #[inline]
    fn publish_batch(&mut self, values: &[i64]) -> usize {
        let published = self.0.try_batch_publish(values.len(), |events| {
            events.zip(values).for_each(|(event, value)| event.0 = *value);
        });
        published.map_or(0, |_| values.len())
    }
}

/// The trait that the barriers have in common cannot be named.
macro_rules! receives {
    ($barrier:ty) => {
        impl Receive for EventPoller<LongEvent, $barrier> {
            #[inline]
            fn receive(&mut self, mut handle: impl FnMut(i64)) -> Look {
                match self.poll() {
                    Ok(mut events) => {
                        (&mut events).for_each(|event| handle(event.0));
                        Look::Events
                    }
                    Err(Polling::NoEvents) => Look::Nothing,
                    Err(Polling::Shutdown) => Look::Closed,
                }
            }

            #[inline]
            fn next(&mut self, wait: Wait) -> Option<i64> {
                let mut waiting = wait.begin();
                loop {
                    match self.take(1) {
                        Ok(mut events) => return (&mut events).next().map(|event| event.0),
                        Err(Polling::NoEvents) => waiting.once(),
                        Err(Polling::Shutdown) => return None,
                    }
                }
            }
        }
    };
}

receives!(SingleProducerBarrier);
receives!(MultiProducerBarrier);
