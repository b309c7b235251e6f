//! The same publishers, on rings of values.

#[cfg(feature = "std")]
use std::time::Duration;

use bytemuck::bytes_of;

use super::{Full, Publisher, SolePublisher};
use crate::{
    Sequence,
    foreign::FirstPanic,
    ring::{Many, RingRef, Sole, TypedSlot, Value},
};

/// The verbs of both publishers differ only in what they borrow and promise.
macro_rules! sends {
    ($publisher:ident, $mode:ident, $receiver:ty, $progress:literal) => {
        impl<T: Value, S: TypedSlot<Value = T>, R: RingRef<Mode = $mode, Slot = S>> $publisher<R> {
            /// Publishes a copy of `value`. While a Consumer has not left the next slot, waits until it has.
            ///
            #[doc = concat!($progress, " without Consumers; blocking behind a gate.")]
            ///
            /// # Panics
            ///
            /// After [`Sequence::LAST`], in 146 years at 10<sup>9</sup> events a second.
            #[inline(always)]
            pub fn send(self: $receiver, value: &T) -> Sequence {
                self.attempt_waiting(bytes_of(value), 0)
            }

            #[doc = concat!("Publishes a copy of `value`, if there is room now. ", $progress, ".")]
            ///
            /// # Errors
            ///
            /// [`Full`], which names the Consumer that is in the way.
            ///
            /// # Panics
            ///
            /// As [`send`](Self::send).
            #[inline(always)]
            pub fn try_send(self: $receiver, value: &T) -> Result<Sequence, Full> {
                self.attempt(bytes_of(value), 0).map_err(|refused| self.full(refused))
            }

            /// Publishes a copy of `value`, giving up once the ring has been full for `timeout`.
            ///
            /// # Errors
            ///
            /// [`Full`], when the time is over.
            ///
            /// # Panics
            ///
            /// As [`send`](Self::send).
            #[cfg(feature = "std")]
            pub fn send_timeout(self: $receiver, value: &T, timeout: Duration) -> Result<Sequence, Full> {
                self.attempt_within(bytes_of(value), 0, timeout)
            }

            /// Publishes copies of `values`, in order, as `publish_batch` does on a ring of bytes.
            ///
            /// # Panics
            ///
            /// As [`send`](Self::send); what went out before stays published.
            pub fn send_batch(self: $receiver, values: &[T]) {
                self.attempt_all(values, |_| 1, |publisher, values, panics| publisher.attempt_values(values, panics));
            }

            /// Publishes copies of as many of `values` as there is room for now, in order. Returns how many: at least one, if there
            /// are any.
            ///
            /// # Errors
            ///
            /// [`Full`], if there is room for none.
            ///
            /// # Panics
            ///
            /// As [`send`](Self::send).
            pub fn try_send_batch(self: $receiver, values: &[T]) -> Result<usize, Full> {
                if values.is_empty() {
                    return Ok(0);
                }
                let mut panics = FirstPanic::default();
                match self.attempt_values(values, &mut panics) {
                    Ok(published) => Ok(panics.pass_on_or(published)),
                    Err(refused) => Err(self.full(refused)),
                }
            }
        }
    };
}

sends!(Publisher, Many, &Self, "Lock-free");
sends!(SolePublisher, Sole, &mut Self, "Wait-free");

impl<T: Value, S: TypedSlot<Value = T>, R: RingRef<Mode = Sole, Slot = S>> SolePublisher<R> {
    /// Publishes as many of `values` as there is room for now, in order. Returns how many: at least one, if there are any. No value is
    /// taken that is not published, so the rest can go out later.
    ///
    /// They are published by one move of the cursor. When `values` panics, nothing is published. Wait-free, as far as `values` is.
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
    ///
    /// # Errors
    ///
    /// [`Full`], if there is room for none.
    ///
    /// # Panics
    ///
    /// As [`send`](Self::send), or when `values` does.
    #[inline]
    pub fn try_send_each(&mut self, values: &mut impl ExactSizeIterator<Item = T>) -> Result<usize, Full> {
        if values.len() == 0 {
            return Ok(0);
        }
        let mut panics = FirstPanic::default();
        match self.attempt_each(values, &mut panics) {
            Ok(published) => Ok(panics.pass_on_or(published)),
            Err(refused) => Err(self.full(refused)),
        }
    }
}
