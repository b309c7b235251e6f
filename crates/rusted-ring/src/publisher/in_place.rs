//! Publishing events that are made in their slots, on rings of [`Lossless`] slots with one publisher.
//!
//! One of many publishers makes them in a claim: what takes long there is given up, and only the caller knows whether it can be made again.

use super::{Full, PublishError, SolePublisher, TooLarge};
use crate::{
    Sequence,
    foreign::FirstPanic,
    ring::{BytesSlot, Lossless, RingRef, Sole, TypedSlot},
};

impl<S: TypedSlot, R: RingRef<Mode = Sole, Slot = Lossless<S>>> SolePublisher<R> {
    /// Publishes the value that `write` makes in its slot. While a Consumer has not left the slot, waits until it has.
    ///
    /// `write` finds any value there, such as that of an earlier event. When it panics, nothing is published. Wait-free without Consumers, as
    /// far as `write` is; blocking behind a gate.
    ///
    /// # Panics
    ///
    /// After [`Sequence::LAST`], in 146 years at 10<sup>9</sup> events a second; and when `write` does.
    #[inline(always)]
    pub fn send_with(&mut self, write: impl FnOnce(&mut S::Value)) -> Sequence {
        self.make_reserved(S::LEN, 0, |slot| write(bytemuck::from_bytes_mut(slot)))
    }

    /// Publishes the value that `write` makes in its slot, as [`send_with`](Self::send_with) does, if there is room now.
    ///
    /// # Errors
    ///
    /// [`Full`], which names the Consumer that is in the way; `write` was not called then.
    ///
    /// # Panics
    ///
    /// As [`send_with`](Self::send_with).
    #[inline(always)]
    pub fn try_send_with(&mut self, write: impl FnOnce(&mut S::Value)) -> Result<Sequence, Full> {
        self.attempt_with(S::LEN, 0, |slot| write(bytemuck::from_bytes_mut(slot))).map_err(|refused| self.full(refused))
    }

    /// Publishes up to `most` values that `write` makes in their slots, as many as there is room for now. Returns how many: at least one,
    /// unless `most` is 0.
    ///
    /// They are published by one move of the cursor. When `write` panics, nothing is published. Wait-free, as far as `write` is.
    ///
    /// ```
    /// # use rusted_ring::{Consumer, HeapLosslessTypedRing, Sole, SolePublisher, Start};
    /// let ring = HeapLosslessTypedRing::<[u64; 128], Sole>::sole(64);
    /// let mut store = Consumer::join(ring.clone(), Start::Newest)?;
    /// let mut frames = 1..;
    /// let made = SolePublisher::join(ring)?.try_send_batch_with(16, |frame| frame.fill(frames.next().unwrap()))?;
    /// assert_eq!((made, store.batch()?.iter().map(|frame| frame[0]).sum::<u64>()), (16, 136));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`Full`], if there is room for none; `write` was not called then.
    ///
    /// # Panics
    ///
    /// As [`send_with`](Self::send_with).
    pub fn try_send_batch_with(&mut self, most: usize, mut write: impl FnMut(&mut S::Value)) -> Result<usize, Full> {
        if most == 0 {
            return Ok(0);
        }
        let mut panics = FirstPanic::default();
        match self.attempt_some_with(most, |slot| write(bytemuck::from_bytes_mut(slot)), &mut panics) {
            Ok(published) => Ok(panics.pass_on_or(published)),
            Err(refused) => Err(self.full(refused)),
        }
    }
}

impl<S: BytesSlot, R: RingRef<Mode = Sole, Slot = Lossless<S>>> SolePublisher<R> {
    /// Publishes the `len` bytes that `write` makes in their slot. While a Consumer has not left the slot, waits until it has.
    ///
    /// `write` finds any bytes there, such as those of an earlier event. When it panics, nothing is published. Wait-free without Consumers, as
    /// far as `write` is; blocking behind a gate.
    ///
    /// # Errors
    ///
    /// [`TooLarge`], if `len` exceeds a slot; `write` was not called then. An event of [several slots](crate::Bytes#long-events) is published by
    /// [`publish`](Self::publish).
    ///
    /// # Panics
    ///
    /// After [`Sequence::LAST`], in 146 years at 10<sup>9</sup> events a second; and when `write` does.
    #[inline(always)]
    pub fn publish_with(
        &mut self,
        len: usize,
        event_type: u32,
        write: impl FnOnce(&mut [u8]),
    ) -> Result<Sequence, TooLarge> {
        TooLarge::unless(len, S::LEN)?;
        Ok(self.make_reserved(len, event_type, write))
    }

    /// Publishes the `len` bytes that `write` makes in their slot, as [`publish_with`](Self::publish_with) does, if there is room now.
    ///
    /// # Errors
    ///
    /// [`PublishError::Full`] while a Consumer holds the slot, which is named; [`PublishError::TooLarge`], if `len` exceeds a slot.
    /// `write` was not called then.
    ///
    /// # Panics
    ///
    /// As [`publish_with`](Self::publish_with).
    #[inline(always)]
    pub fn try_publish_with(
        &mut self,
        len: usize,
        event_type: u32,
        write: impl FnOnce(&mut [u8]),
    ) -> Result<Sequence, PublishError> {
        TooLarge::unless(len, S::LEN)?;
        self.attempt_with(len, event_type, write).map_err(|refused| self.full(refused).into())
    }
}
