//! A wait set's wait.

use core::future::poll_fn;

use super::Async;
use crate::wait::{Asleep, Member, WaitSet, Waitable, assert_some, poll_until};

impl WaitSet {
    /// Returns this set, with a wait that is a future.
    pub fn into_async(self) -> Async<Self> {
        Async::new(self)
    }
}

impl Async<WaitSet> {
    /// Returns the index of a member that is ready, once one is. As fair as [`WaitSet`] says. Dropped before, it has received
    /// nothing, and leaves no waker behind.
    ///
    /// ```
    /// use rusted_ring::{Consumer, HeapRing, Publisher, Start};
    /// use rusted_ring::wait::WaitSet;
    ///
    /// # use std::{future::Future, pin::pin, task::{Context, Poll, Waker}};
    /// # let example = async {
    /// let rings = [(); 3].map(|()| HeapRing::<64>::new(1024));
    /// let mut strokes = rings.clone().map(|ring| Consumer::join(ring, Start::Newest).unwrap().into_async());
    /// let publishers = rings.map(|ring| Publisher::join(ring).unwrap());
    /// publishers[1].publish(b"a stroke", 1)?;
    ///
    /// let ready = WaitSet::new().into_async().wait(&mut strokes).await;
    /// assert_eq!(ready, 1);
    /// assert_eq!(&*strokes[ready].try_recv()?, b"a stroke");
    /// # Ok::<(), Box<dyn std::error::Error>>(()) };
    /// # assert!(matches!(pin!(example).poll(&mut Context::from_waker(Waker::noop())), Poll::Ready(Ok(()))));
    /// ```
    ///
    /// # Panics
    ///
    /// As [`WaitSet::wait`].
    pub async fn wait<W: Waitable>(&mut self, members: &mut [W]) -> usize {
        assert_some(members);
        let asleep = Asleep(&mut self.endpoint);
        poll_fn(|context| {
            let ready = poll_until(
                &mut (&mut *asleep.0, &mut *members),
                |(set, members)| set.try_wait(members),
                |(set, members)| set.sleep_task(members, context.waker()),
            );
            ready.map(|ready| ready.unwrap_or_else(|| unreachable!("a wait ends with a member")))
        })
        .await
    }
}

/// Ready when its endpoint is.
impl<E: Waitable> Waitable for Async<E> {
    fn member(&mut self) -> Member<'_> {
        self.endpoint.member()
    }
}
