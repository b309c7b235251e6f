//! Waits that are futures, for tasks of any runtime. An event wakes a sleeping task, not a timer.
//!
//! An endpoint turned [`Async`] has the verbs that wait as `async` functions, and keeps all its others. Its futures are
//! woken by the publishers, a Consumer that moves, or the end of the ring; they hold no thread, lock or sequence while
//! they sleep, and a future that is dropped has received nothing and published nothing that it did not say.
//! To wait for several endpoints at once, there is the [`WaitSet`](crate::wait::WaitSet), with an `into_async` of its own.
//!
//! ```
//! use rusted_ring::{HeapRing, Start, Subscriber, Publisher};
//!
//! # use std::{future::Future, pin::pin, task::{Context, Poll, Waker}};
//! # let example = async {
//! let ring = HeapRing::<64>::new(1024);
//! let mut screen = Subscriber::join(ring.clone(), Start::Newest).into_async();
//! Publisher::join(ring)?.publish(b"a stroke", 1)?;
//! assert_eq!(screen.recv().await?.bytes(), b"a stroke");
//! assert!(screen.recv().await.is_err(), "the ring closed with its publisher");
//! # Ok::<(), Box<dyn std::error::Error>>(()) };
//! # assert!(matches!(pin!(example).poll(&mut Context::from_waker(Waker::noop())), Poll::Ready(Ok(()))));
//! ```
//!
//! # What it costs
//!
//! Publishers pay what they pay for threads that sleep: nothing while nobody sleeps. A task that goes to sleep takes a lock
//! that publishers take only to wake it, and asks the kernel for a barrier. Where the kernel has none, a task that
//! finds nothing is polled for a millisecond before it sleeps; and a task that waits for a publisher that stopped in
//! mid-publish is polled until the grace of 200 µs is over, because it has no clock of its own. Tasks that wait for rings between processes are woken by a
//! thread that the library starts, and every 200 ms.
//!
//! # Panics
//!
//! A waker is foreign code, and may panic as it is woken. The verb that wakes it then finishes what it was called for, such as publishing
//! its event or all events of a batch, wakes all others, and passes the first panic on, unless its thread is unwinding already. So any
//! endpoint's verb may panic for a task that sleeps on the same ring. Nothing is lost or published twice by that: a verb that
//! panics so has succeeded, and only its answer is not known. One that is refused, or that has an event to hand over, answers that
//! instead, and the panic goes no further.
//!
//! A verb that publishes or claims also panics past [`Sequence::LAST`](crate::Sequence::LAST).

mod consumer;
mod publisher;
mod repaired;
mod subscriber;
mod wait_set;

use core::{
    fmt,
    ops::{Deref, DerefMut},
};

use crate::wait::Registration;

/// An endpoint, or a wait set, whose waits are futures.
///
/// Made by their `into_async`. It derefs to the endpoint, for all that does not wait. The verbs with a time-out, and
/// those not found here, block the thread. For a time-out, put the runtime's own around the future.
pub struct Async<E> {
    endpoint: E,
    /// The sleep of its stream, between two polls.
    stream: Registration,
}

impl<E> Async<E> {
    fn new(endpoint: E) -> Self {
        Async { endpoint, stream: Registration::default() }
    }

    /// Returns the endpoint, to wait as threads do.
    pub fn into_inner(self) -> E {
        self.endpoint
    }
}

impl<E> Deref for Async<E> {
    type Target = E;

    fn deref(&self) -> &E {
        &self.endpoint
    }
}

impl<E> DerefMut for Async<E> {
    fn deref_mut(&mut self) -> &mut E {
        &mut self.endpoint
    }
}

impl<E: Clone> Clone for Async<E> {
    fn clone(&self) -> Self {
        Async::new(self.endpoint.clone())
    }
}

impl<E: fmt::Debug> fmt::Debug for Async<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Async").field(&self.endpoint).finish()
    }
}
