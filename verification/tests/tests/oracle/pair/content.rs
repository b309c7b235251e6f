//! What a ring's slots hold, as the endpoints' calls differ by it: bytes, or values.

use std::{
    sync::atomic::{AtomicU16, Ordering::Relaxed},
    time::Duration,
};

use rusted_ring::{
    Bytes, Many, Notes, PooledEvent, Publisher, RingRef, Sequence, Slot, Sole, SolePublisher, Subscriber, Typed,
    bytemuck::{AnyBitPattern, NoUninit, bytes_of, cast_slice, pod_read_unaligned},
    consumer::Batch,
    publisher::PublishError,
    subscriber::TryRecvError,
};

use super::{model::Sent, real::AnyPublisher};

/// On one thread, a call that waits for a moment waits for ever.
const NO_TIME: Duration = Duration::from_millis(10);

pub(crate) trait Content: Slot {
    /// Whether every event has the same size, and no type.
    const VALUES: bool;

    fn many<R: RingRef<Mode = Many, Slot = Self> + 'static>(ring: R) -> Box<dyn AnyPublisher>;
    fn sole<R: RingRef<Mode = Sole, Slot = Self> + 'static>(ring: R) -> Box<dyn AnyPublisher>;
    /// An event that was copied into a blank.
    fn owned(event: &Self::Owned) -> Sent;
    fn lent(event: &Self::View) -> &[u8];
    /// A batch's slots one after the other, where an event has all of its slot.
    fn slots<R: RingRef<Slot = Self>>(batch: &Batch<'_, R>) -> Option<Vec<u8>>;
    /// Notes `sequence` beside its event, where there is room.
    fn note(_notes: &Self::Notes, _sequence: u64) {}
    /// Whether `sequence` is noted there, if there is room.
    fn is_noted(_notes: &Self::Notes, _sequence: u64) -> bool {
        true
    }
    /// The call that copies no more than the event, where there is one; returns the event's sequence and the event.
    fn try_read<R: RingRef<Slot = Self>>(reader: &mut Subscriber<R>) -> Result<(u64, Sent), TryRecvError>;
}

struct OfBytes<W>(W);
struct OfValues<W>(W);

/// What slots with notes do alike.
macro_rules! noted {
    () => {
        fn slots<R: RingRef<Slot = Self>>(_batch: &Batch<'_, R>) -> Option<Vec<u8>> {
            None
        }

        fn note(notes: &AtomicU16, sequence: u64) {
            // Not zero, which nobody has noted.
            notes.store(!(sequence as u16), Relaxed);
        }

        fn is_noted(notes: &AtomicU16, sequence: u64) -> bool {
            notes.load(Relaxed) == !(sequence as u16)
        }
    };
}

/// What rings of bytes do alike, with notes and without.
macro_rules! bytes {
    () => {
        const VALUES: bool = false;

        fn many<R: RingRef<Mode = Many, Slot = Self> + 'static>(ring: R) -> Box<dyn AnyPublisher> {
            Box::new(OfBytes(Publisher::join(ring).expect("the ring is open")))
        }

        fn sole<R: RingRef<Mode = Sole, Slot = Self> + 'static>(ring: R) -> Box<dyn AnyPublisher> {
            Box::new(OfBytes(SolePublisher::join(ring).expect("the ring is open and has no publisher")))
        }

        fn owned(event: &PooledEvent<N>) -> Sent {
            assert!(event.data[event.len as usize..].iter().all(|&byte| byte == 0));
            Sent { event_type: event.event_type, bytes: event.bytes().to_vec() }
        }

        fn lent(event: &[u8]) -> &[u8] {
            event
        }

        fn try_read<R: RingRef<Slot = Self>>(reader: &mut Subscriber<R>) -> Result<(u64, Sent), TryRecvError> {
            let mut buffer = [0xA5; N];
            let event = reader.try_read(&mut buffer)?;
            Ok((event.sequence.get(), Sent { event_type: event.event_type, bytes: event.data.to_vec() }))
        }
    };
}

impl<const N: usize> Content for Bytes<N> {
    bytes!();

    fn slots<R: RingRef<Slot = Self>>(batch: &Batch<'_, R>) -> Option<Vec<u8>> {
        Some(batch.slots().map(cast_slice).concat())
    }
}

impl<const N: usize> Content for Bytes<N, N, AtomicU16> {
    bytes!();
    noted!();
}

/// What rings of values do alike, with notes and without.
macro_rules! values {
    () => {
        const VALUES: bool = true;

        fn many<R: RingRef<Mode = Many, Slot = Self> + 'static>(ring: R) -> Box<dyn AnyPublisher> {
            Box::new(OfValues(Publisher::join(ring).expect("the ring is open")))
        }

        fn sole<R: RingRef<Mode = Sole, Slot = Self> + 'static>(ring: R) -> Box<dyn AnyPublisher> {
            Box::new(OfValues(SolePublisher::join(ring).expect("the ring is open and has no publisher")))
        }

        fn owned(value: &T) -> Sent {
            Sent { event_type: 0, bytes: bytes_of(value).to_vec() }
        }

        fn lent(value: &T) -> &[u8] {
            bytes_of(value)
        }

        fn try_read<R: RingRef<Slot = Self>>(reader: &mut Subscriber<R>) -> Result<(u64, Sent), TryRecvError> {
            let sequence = reader.next_sequence().get();
            Ok((sequence, Self::owned(&reader.try_recv()?)))
        }
    };
}

impl<T: AnyBitPattern + NoUninit + Send + Sync> Content for Typed<T> {
    values!();

    fn slots<R: RingRef<Slot = Self>>(batch: &Batch<'_, R>) -> Option<Vec<u8>> {
        Some(batch.slots().map(cast_slice).concat())
    }
}

impl<T: AnyBitPattern + NoUninit + Send + Sync> Content for Typed<T, AtomicU16> {
    values!();
    noted!();
}

fn accepted<A>(outcome: Result<A, PublishError>) -> Option<A> {
    match outcome {
        Ok(accepted) => Some(accepted),
        Err(PublishError::Full(_)) => None,
        Err(error) => panic!("{error}"),
    }
}

/// Both publishers have the same calls.
macro_rules! publishers {
    ($publisher:ident, $mode:ident) => {
        impl<const N: usize, A: Notes, R: RingRef<Mode = $mode, Slot = Bytes<N, N, A>>> AnyPublisher
            for OfBytes<$publisher<R>>
        {
            fn publish(&mut self, sent: &Sent, may_wait: bool) -> Option<u64> {
                let Sent { event_type, bytes } = sent;
                if may_wait {
                    return self.0.publish_timeout(bytes, *event_type, NO_TIME).ok().map(Sequence::get);
                }
                accepted(self.0.try_publish(bytes, *event_type)).map(Sequence::get)
            }

            fn publish_batch(&mut self, sent: &[Sent], may_wait: bool) -> Option<usize> {
                let events: Vec<_> = sent.iter().map(|sent| (&sent.bytes[..], sent.event_type)).collect();
                if may_wait {
                    return self.0.publish_batch(&events).ok().map(|()| sent.len());
                }
                accepted(self.0.try_publish_batch(&events))
            }
        }

        impl<T, N, R> AnyPublisher for OfValues<$publisher<R>>
        where
            T: AnyBitPattern + NoUninit + Send + Sync,
            N: Notes,
            R: RingRef<Mode = $mode, Slot = Typed<T, N>>,
        {
            fn publish(&mut self, sent: &Sent, may_wait: bool) -> Option<u64> {
                let value = pod_read_unaligned(&sent.bytes);
                if may_wait {
                    return self.0.send_timeout(&value, NO_TIME).ok().map(Sequence::get);
                }
                self.0.try_send(&value).ok().map(Sequence::get)
            }

            fn publish_batch(&mut self, sent: &[Sent], may_wait: bool) -> Option<usize> {
                let values: Vec<T> = sent.iter().map(|sent| pod_read_unaligned(&sent.bytes)).collect();
                if may_wait {
                    self.0.send_batch(&values);
                    return Some(sent.len());
                }
                self.0.try_send_batch(&values).ok()
            }
        }
    };
}

publishers!(Publisher, Many);
publishers!(SolePublisher, Sole);
