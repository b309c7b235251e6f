//! Receiving by value.

#[cfg(feature = "std")]
use core::time::Duration;

use super::{Consumer, CopyError, TryRecvError};
use crate::{
    ring::{Event, Found, RingRef, Slot},
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

    /// As [`try_copy`](Self::try_copy), copying no more than the event's own bytes, into `buffer`: those of its value, on a typed ring.
    ///
    /// Beyond the event, and on an error, the buffer's contents are unspecified.
    ///
    /// ```
    /// # use rusted_ring::{Consumer, HeapRing, Publisher, Start};
    /// let ring = HeapRing::<64>::new(1024);
    /// let mut store = Consumer::join(ring.clone(), Start::Newest)?;
    /// Publisher::join(ring)?.publish(b"a stroke", 7)?;
    /// let mut buffer = [0; 64];
    /// let event = store.try_copy_to(&mut buffer)?;
    /// assert_eq!((event.data, event.event_type, event.sequence.get()), (&b"a stroke"[..], 7, 0));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`try_recv`](Self::try_recv).
    ///
    /// # Panics
    ///
    /// If `buffer` has no room for the longest event of the ring.
    #[inline]
    pub fn try_copy_to<'b>(&mut self, buffer: &'b mut [u8]) -> Result<Event<'b>, TryRecvError> {
        Self::has_room(buffer);
        let found = self.find()?;
        Ok(self.copy_found_to(found, buffer))
    }

    /// As [`try_copy_to`](Self::try_copy_to), once there is an event, if there is one within `timeout`.
    ///
    /// # Errors
    ///
    /// As [`try_recv`](Self::try_recv); [`TryRecvError::Empty`], when the time is over.
    ///
    /// # Panics
    ///
    /// As [`try_copy_to`](Self::try_copy_to).
    #[cfg(feature = "std")]
    pub fn copy_to_timeout<'b>(&mut self, buffer: &'b mut [u8], timeout: Duration) -> Result<Event<'b>, TryRecvError> {
        Self::has_room(buffer);
        let found = self.find_waiting(|strategy| Waiter::for_at_most(strategy, timeout))?;
        Ok(self.copy_found_to(found, buffer))
    }

    #[inline]
    fn copy_found_to<'b>(&mut self, found: Found, buffer: &'b mut [u8]) -> Event<'b> {
        let sequence = self.next_sequence();
        let head = self.position.copy_to(found, buffer);
        Event { sequence, event_type: head.event_type, data: &buffer[..head.len as usize] }
    }

    #[inline]
    fn has_room(buffer: &[u8]) {
        let (room, longest) = (buffer.len(), R::Slot::LONGEST);
        assert!(room >= longest, "the buffer has {room} bytes, and an event of this ring has up to {longest}");
    }
}
