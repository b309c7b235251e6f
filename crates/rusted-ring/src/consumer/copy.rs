//! Receiving by value.

#[cfg(feature = "std")]
use core::time::Duration;

use super::{Consumer, CopyError, TryRecvError};
#[cfg(feature = "std")]
use crate::ring::Event;
use crate::{
    ring::{RingRef, Slot},
    wait::Waiter,
};

impl<R: RingRef> Consumer<R> {
    /// Returns the next event, copied out and released, or at once why there is none. For those who keep events, and for rings that untrusted
    /// processes may write, where nothing is lent.
    ///
    /// Wait-free, but for a run of holes, which it steps over.
    ///
    /// ```
    /// # use rusted_ring::{Consumer, HeapTypedRing, Publisher, Start};
    /// let ring = HeapTypedRing::<u64>::new(64);
    /// let mut store = Consumer::join(ring.clone(), Start::Newest)?;
    /// Publisher::join(ring)?.send(&5);
    /// assert_eq!(store.try_copy(), Ok(5));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`try_recv`](Self::try_recv).
    pub fn try_copy(&mut self) -> Result<<R::Slot as Slot>::Owned, TryRecvError> {
        let found = self.find()?;
        Ok(self.position.copy(found))
    }

    /// Returns the next event, copied out and released, once there is one. Blocks until then.
    ///
    /// # Errors
    ///
    /// [`CopyError::Closed`], when nothing will come any more, and everything was received; [`CopyError::Corrupt`] on a ring between processes
    /// alone.
    pub fn copy(&mut self) -> Result<<R::Slot as Slot>::Owned, CopyError> {
        match self.find_waiting(Waiter::new) {
            Ok(found) => Ok(self.position.copy(found)),
            Err(TryRecvError::Closed) => Err(CopyError::Closed),
            Err(TryRecvError::Corrupt(corrupt)) => Err(CopyError::Corrupt(corrupt)),
            Err(TryRecvError::Empty) => unreachable!("a wait without a deadline ends only with an answer"),
        }
    }

    /// Returns the next event, copied out and released, if there is one within `timeout`.
    ///
    /// # Errors
    ///
    /// As [`try_recv`](Self::try_recv); [`TryRecvError::Empty`], when the time is over.
    #[cfg(feature = "std")]
    pub fn copy_timeout(&mut self, timeout: Duration) -> Result<<R::Slot as Slot>::Owned, TryRecvError> {
        let found = self.find_waiting(|strategy| Waiter::for_at_most(strategy, timeout))?;
        Ok(self.position.copy(found))
    }

    /// Returns the next event, copied to the front of `buffer` and released, if there is one within `timeout`: with a time of zero, at once.
    ///
    /// Copies no more than the event's own bytes: those of its value, on a typed ring.
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use rusted_ring::{Consumer, HeapRing, Publisher, Start};
    /// let ring = HeapRing::<64>::new(1024);
    /// let mut store = Consumer::join(ring.clone(), Start::Newest)?;
    /// Publisher::join(ring)?.publish(b"a stroke", 7)?;
    /// let mut buffer = [0; 64];
    /// let event = store.copy_into(&mut buffer, Duration::ZERO)?;
    /// assert_eq!((event.data, event.event_type, event.sequence.get()), (&b"a stroke"[..], 7, 0));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`try_recv`](Self::try_recv); [`TryRecvError::Empty`], when the time is over.
    ///
    /// # Panics
    ///
    /// If `buffer` is shorter than the ring's longest event.
    #[cfg(feature = "std")]
    pub fn copy_into<'b>(&mut self, buffer: &'b mut [u8], timeout: Duration) -> Result<Event<'b>, TryRecvError> {
        let (room, longest) = (buffer.len(), R::Slot::LONGEST);
        assert!(room >= longest, "the buffer has {room} bytes, an event up to {longest}");
        let found = match self.find() {
            Err(TryRecvError::Empty) if !timeout.is_zero() => {
                self.find_again(Waiter::for_at_most(self.strategy, timeout))
            }
            outcome => outcome,
        }?;
        let sequence = self.next_sequence();
        let head = self.position.copy_into(found, buffer);
        Ok(Event { sequence, event_type: head.event_type, data: &buffer[..head.len as usize] })
    }
}
