//! The publishers' waits, behind Consumers that have not left the next slot.

use core::future::poll_fn;

use bytemuck::bytes_of;

use super::Async;
use crate::{
    Sequence,
    foreign::FirstPanic,
    publisher::{
        Claim, Publisher, SoleClaim, SolePublisher, TooLarge, check_size, check_sizes, slots_of_first, waited_in_vain,
    },
    ring::{BytesSlot, Many, NoRoom, RingRef, Sole, TypedSlot, Value, slots_of},
    wait::{Registration, poll_until},
};

/// The verbs of both publishers differ only in what they borrow.
macro_rules! waits {
    ($publisher:ident, $mode:ident, $receiver:ty, $($borrow:tt)+) => {
        impl<R: RingRef<Mode = $mode>> $publisher<R> {
            /// Returns this publisher, with waits that are futures.
            pub fn into_async(self) -> Async<Self> {
                Async::new(self)
            }
        }

        impl<R: RingRef<Mode = $mode>> Async<$publisher<R>> {
            /// Attempts to publish an event of `slots` slots, until there is room, and returns the outcome.
            async fn once<T>(
                self: $receiver,
                slots: u64,
                mut attempt: impl FnMut($($borrow)+ $publisher<R>) -> Result<T, NoRoom>,
            ) -> T {
                let mut registration = Registration::default();
                let mut publisher = $($borrow)+ self.endpoint;
                poll_fn(|context| {
                    let outcome = poll_until(
                        &mut publisher,
                        |publisher| attempt($($borrow)+ **publisher),
                        |publisher| {
                            if publisher.sleep_task(slots, &mut registration, context.waker()) {
                                return true;
                            }
                            if slots > 1 {
                                // Others may come between again and again: the executor has its turn before the next attempt.
                                context.waker().wake_by_ref();
                            }
                            slots > 1
                        },
                    );
                    outcome.map(|outcome| outcome.unwrap_or_else(|refused| waited_in_vain(publisher.ring(), refused)))
                })
                .await
            }
        }

        impl<S: BytesSlot, R: RingRef<Mode = $mode, Slot = S>> Async<$publisher<R>> {
            /// Publishes a copy of `data`, once the ring is not full. Dropped before, it has published nothing.
            ///
            /// # Errors
            ///
            /// [`TooLarge`], if `data` exceeds the ring's longest event.
            pub async fn publish(self: $receiver, data: &[u8], event_type: u32) -> Result<Sequence, TooLarge> {
                check_size::<R::Slot>(data)?;
                let slots = slots_of::<R::Slot>(data.len());
                Ok(self.once(slots, |publisher| publisher.attempt(data, event_type)).await)
            }

            /// Publishes copies of `events` (data and type of each), in order, waiting whenever the ring is full.
            ///
            /// Dropped before, it has published some of them, from the first on.
            ///
            /// # Errors
            ///
            /// [`TooLarge`], if one of them exceeds the ring's longest event; nothing is published then.
            pub async fn publish_batch(self: $receiver, mut events: &[(&[u8], u32)]) -> Result<(), TooLarge> {
                check_sizes::<R::Slot>(events)?;
                let mut panics = FirstPanic::default();
                while !events.is_empty() {
                    let slots = slots_of_first::<R::Slot>(events);
                    let attempt =
                        self.once(slots, |publisher| publisher.attempt_some(events.iter().copied(), &mut panics));
                    let published = attempt.await;
                    events = &events[published..];
                }
                panics.pass_on();
                Ok(())
            }
        }

        impl<T: Value, S: TypedSlot<Value = T>, R: RingRef<Mode = $mode, Slot = S>> Async<$publisher<R>> {
            /// Publishes a copy of `value`, once the ring is not full. Dropped before, it has published nothing.
            pub async fn send(self: $receiver, value: &T) -> Sequence {
                self.once(1, |publisher| publisher.attempt(bytes_of(value), 0)).await
            }

            /// Publishes copies of `values`, in order, as `publish_batch` does on a ring of bytes.
            pub async fn send_batch(self: $receiver, mut values: &[T]) {
                let mut panics = FirstPanic::default();
                while !values.is_empty() {
                    let attempt = self.once(1, |publisher| publisher.attempt_values(values, &mut panics));
                    let published = attempt.await;
                    values = &values[published..];
                }
                panics.pass_on();
            }
        }
    };
}

impl<R: RingRef<Mode = Many>> Async<Publisher<R>> {
    /// Claims the next sequence, to be written in place, once the ring is not full. Dropped before, it has claimed nothing.
    pub async fn claim(&self) -> Claim<'_, R> {
        self.once(1, |_| self.endpoint.claim_once()).await
    }
}

impl<R: RingRef<Mode = Sole>> Async<SolePublisher<R>> {
    /// Claims the next sequence, to be written in place, once the ring is not full. Dropped before, it has claimed nothing.
    pub async fn claim(&mut self) -> SoleClaim<'_, R> {
        self.once(1, |publisher| publisher.reserve(1)).await;
        self.endpoint.claim_reserved()
    }
}

waits!(Publisher, Many, &Self, &);
waits!(SolePublisher, Sole, &mut Self, &mut);
