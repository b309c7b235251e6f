//! The waits of a Subscriber that a history repairs.

use core::{
    future::poll_fn,
    pin::Pin,
    task::{Context, Poll},
};

use futures_core::Stream;

use super::Async;
use crate::{
    ring::RingRef,
    subscriber::{History, Lagged, Owned, RecvError, Repaired, TryRecvError},
    wait::{Registration, poll_until, sleep_task},
};

impl<R: RingRef, H: History> Repaired<R, H> {
    /// Returns this reader, with waits that are futures.
    pub fn into_async(self) -> Async<Self> {
        Async::new(self)
    }
}

impl<R: RingRef, H: History> Async<Repaired<R, H>> {
    /// Returns the next event, of the history or of the ring, once there is one. Dropped before, it has received nothing; the history may keep its last
    /// waker until it wakes it.
    ///
    /// A poll may read a file, if the history does.
    ///
    /// # Errors
    ///
    /// As [`Repaired::recv`].
    pub async fn recv(&mut self) -> Result<Owned<R>, RecvError> {
        let mut registration = Registration::default();
        Ok(poll_fn(|context| poll(&mut self.endpoint, &mut registration, context)).await?)
    }
}

/// Attempts, and registers the task where the event will come from, if there is none.
fn poll<R: RingRef, H: History>(
    reader: &mut Repaired<R, H>,
    registration: &mut Registration,
    context: &Context<'_>,
) -> Poll<Result<Owned<R>, TryRecvError>> {
    poll_until(reader, Repaired::try_recv, |reader| sleep_task(reader, registration, context.waker()))
}

/// Its events, and its losses where they happen; it ends when the ring is closed and everything was received.
impl<R: RingRef + Unpin, H: History + Unpin> Stream for Async<Repaired<R, H>> {
    type Item = Result<Owned<R>, Lagged>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let Async { endpoint, stream } = self.get_mut();
        poll(endpoint, stream, context).map(|outcome| match outcome {
            Ok(event) => Some(Ok(event)),
            Err(TryRecvError::Lagged(lagged)) => Some(Err(lagged)),
            Err(TryRecvError::Empty | TryRecvError::Closed) => None,
        })
    }
}
