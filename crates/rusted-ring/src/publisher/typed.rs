//! The same publishers, on rings of values.

#[cfg(feature = "std")]
use std::time::Duration;

use bytemuck::{AnyBitPattern, NoUninit, bytes_of};

#[cfg(feature = "std")]
use super::PublishTimeoutError;
use super::{PublishError, Publisher, SolePublisher, TryPublishError};
use crate::{
    Sequence,
    foreign::FirstPanic,
    ring::{Many, Notes, RingRef, Sole, Typed},
    wait::Waiter,
};

/// The verbs of both publishers differ only in what they borrow and promise.
macro_rules! sends {
    ($publisher:ident, $mode:ident, $receiver:ty, $progress:literal) => {
        impl<T, N, R> $publisher<R>
        where
            T: AnyBitPattern + NoUninit + Send + Sync,
            N: Notes,
            R: RingRef<Mode = $mode, Slot = Typed<T, N>>,
        {
            /// Publishes a copy of `value`; behind a Consumer that has not left the next slot, waits until it has.
            ///
            #[doc = concat!($progress, " without Consumers; blocking behind a gate.")]
            #[inline(always)]
            pub fn send(self: $receiver, value: &T) -> Result<Sequence, PublishError> {
                Ok(self.attempt_waiting(bytes_of(value), 0, Waiter::new)?)
            }

            #[doc = concat!("Publishes a copy of `value`, or says at once that the ring is full or exhausted. ", $progress, ".")]
            #[inline(always)]
            pub fn try_send(self: $receiver, value: &T) -> Result<Sequence, TryPublishError> {
                Ok(self.attempt(bytes_of(value), 0)?)
            }

            /// Publishes a copy of `value`, giving up once the ring has been full for `timeout`.
            #[cfg(feature = "std")]
            pub fn send_timeout(self: $receiver, value: &T, timeout: Duration) -> Result<Sequence, PublishTimeoutError> {
                Ok(self.attempt_waiting(bytes_of(value), 0, |strategy| Waiter::for_at_most(strategy, timeout))?)
            }

            /// Publishes copies of `values`, in order, as `publish_batch` does on a ring of bytes.
            pub fn send_batch(self: $receiver, values: &[T]) -> Result<(), PublishError> {
                Ok(self.attempt_all(values, |_| 1, |publisher, values, panics| publisher.attempt_values(values, panics))?)
            }

            /// Publishes copies of as many of `values` as there is room for now, in order; how many, at least one if there
            /// are any.
            pub fn try_send_batch(self: $receiver, values: &[T]) -> Result<usize, TryPublishError> {
                if values.is_empty() {
                    return Ok(0);
                }
                let mut panics = FirstPanic::default();
                let published = self.attempt_values(values, &mut panics)?;
                Ok(panics.pass_on_or(published))
            }
        }
    };
}

sends!(Publisher, Many, &Self, "Lock-free");
sends!(SolePublisher, Sole, &mut Self, "Wait-free");

impl<T, N, R> SolePublisher<R>
where
    T: AnyBitPattern + NoUninit + Send + Sync,
    N: Notes,
    R: RingRef<Mode = Sole, Slot = Typed<T, N>>,
{
    /// Publishes as many of `values` as there is room for now, in order, each written where it is made; how many, at least one if
    /// there are any. No value is taken that is not published, so the rest can go out later.
    ///
    /// They are shown by one move of the cursor. When `values` panics, nothing is published. Wait-free, as far as `values` is.
    ///
    /// ```
    /// # use rusted_ring::{HeapTypedRing, Sole, SolePublisher};
    /// let ring = HeapTypedRing::<[f64; 2], Sole>::sole(64);
    /// let mut pen = SolePublisher::join(ring)?;
    /// let mut arc = (0..40u32).map(|step| f64::from(step) / 40.0).map(|angle| [angle.cos(), angle.sin()]);
    /// while arc.len() > 0 {
    ///     pen.try_send_each(&mut arc)?;
    /// }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[inline]
    pub fn try_send_each(&mut self, values: &mut impl ExactSizeIterator<Item = T>) -> Result<usize, TryPublishError> {
        if values.len() == 0 { Ok(0) } else { Ok(self.attempt_each(values)?) }
    }
}
