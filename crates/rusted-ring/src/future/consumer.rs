//! A Consumer's waits.

use core::{
    future::poll_fn,
    pin::Pin,
    task::{Context, Poll},
};

use futures_core::Stream;

use super::Async;
use crate::{
    consumer::{Batch, Closed, Consumer, Loan, TryRecvError},
    foreign::waking,
    ring::{Found, RingRef, Slot},
    wait::{Registration, poll_until, sleep_task},
};

impl<R: RingRef> Consumer<R> {
    /// Returns this Consumer, with waits that are futures.
    pub fn into_async(self) -> Async<Self> {
        Async::new(self)
    }
}

impl<R: RingRef> Async<Consumer<R>> {
    /// Returns the next event, lent in place, once there is one. Dropped before, it has received nothing.
    ///
    /// # Errors
    ///
    /// [`Closed`], when nothing will come any more, and everything was received.
    pub async fn recv(&mut self) -> Result<Loan<'_, R>, Closed> {
        let found = self.ready().await?;
        Ok(self.endpoint.lend(found))
    }

    /// Returns all the events that are ready, lent in place, once there is one. Dropped before, it has received nothing.
    ///
    /// # Errors
    ///
    /// As [`recv`](Self::recv).
    pub async fn batch(&mut self) -> Result<Batch<'_, R>, Closed> {
        self.endpoint.look_afresh();
        let found = self.ready().await?;
        Ok(self.endpoint.lend_all(found, u64::MAX))
    }

    /// Brings the Consumer to an event.
    async fn ready(&mut self) -> Result<Found, Closed> {
        let mut registration = Registration::default();
        poll_fn(|context| poll(&mut self.endpoint, &mut registration, context)).await
    }
}

/// Looks, and registers the task if there is nothing.
fn poll<R: RingRef>(
    consumer: &mut Consumer<R>,
    registration: &mut Registration,
    context: &Context<'_>,
) -> Poll<Result<Found, Closed>> {
    let sleep = |consumer: &mut Consumer<R>| sleep_task(consumer, registration, context.waker());
    poll_until(consumer, Consumer::find, sleep).map(|found| found.map_err(TryRecvError::ends_a_wait))
}

/// Copies of its events; it ends when the ring is closed and received to its end.
impl<R: RingRef + Unpin> Stream for Async<Consumer<R>> {
    type Item = <R::Slot as Slot>::Owned;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let Async { endpoint, stream } = self.get_mut();
        poll(endpoint, stream, context).map(|found| {
            let loan = endpoint.lend(found.ok()?);
            let event = loan.copied();
            // The event is handed over, whatever wakers of others do as its loan ends.
            waking(|| drop(loan));
            Some(event)
        })
    }
}
