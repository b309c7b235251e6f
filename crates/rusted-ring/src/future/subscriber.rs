//! A Subscriber's waits.

use core::{
    future::poll_fn,
    pin::Pin,
    task::{Context, Poll},
};

use futures_core::Stream;

use super::Async;
use crate::{
    ring::RingRef,
    subscriber::{Lagged, Owned, RecvError, Subscriber, TryRecvError},
    wait::{Registration, poll_until, sleep_task},
};

impl<R: RingRef> Subscriber<R> {
    /// Returns this Subscriber, with waits that are futures.
    pub fn into_async(self) -> Async<Self> {
        Async::new(self)
    }
}

impl<R: RingRef> Async<Subscriber<R>> {
    /// Returns the next event, once there is one. Dropped before, it has received nothing.
    ///
    /// # Errors
    ///
    /// As [`Subscriber::recv`].
    pub async fn recv(&mut self) -> Result<Owned<R>, RecvError> {
        Ok(self.once(Subscriber::try_recv).await?)
    }

    /// Copies the events that are ready into `events`, once there is one. Returns how many: at least one, if `events` has room.
    ///
    /// As [`Subscriber::read_batch`]. Dropped before, it has received nothing.
    ///
    /// # Errors
    ///
    /// As [`Subscriber::recv`].
    pub async fn read_batch(&mut self, events: &mut [Owned<R>]) -> Result<usize, RecvError> {
        Ok(self.once(|reader| reader.try_read_batch(events)).await?)
    }

    /// Returns what `look` finds, once it finds something.
    async fn once<T>(
        &mut self,
        mut look: impl FnMut(&mut Subscriber<R>) -> Result<T, TryRecvError>,
    ) -> Result<T, TryRecvError> {
        let mut registration = Registration::default();
        poll_fn(|context| poll(&mut self.endpoint, &mut registration, context, &mut look)).await
    }
}

/// Looks, and registers the task if there is nothing.
fn poll<R: RingRef, T>(
    reader: &mut Subscriber<R>,
    registration: &mut Registration,
    context: &Context<'_>,
    look: &mut impl FnMut(&mut Subscriber<R>) -> Result<T, TryRecvError>,
) -> Poll<Result<T, TryRecvError>> {
    poll_until(reader, look, |reader| sleep_task(reader, registration, context.waker()))
}

/// Its events, and its losses where they happen; it ends when the ring is closed and read to its end.
impl<R: RingRef + Unpin> Stream for Async<Subscriber<R>> {
    type Item = Result<Owned<R>, Lagged>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let Async { endpoint, stream } = self.get_mut();
        poll(endpoint, stream, context, &mut Subscriber::try_recv).map(|outcome| match outcome {
            Ok(event) => Some(Ok(event)),
            Err(TryRecvError::Lagged(lagged)) => Some(Err(lagged)),
            Err(TryRecvError::Empty | TryRecvError::Closed) => None,
        })
    }
}
