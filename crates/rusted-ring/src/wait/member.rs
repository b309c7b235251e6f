//! What is waited for: an endpoint as a sleeper sees it, and as a member of a wait set.

#[cfg(feature = "async")]
use core::slice;
use core::{fmt, time::Duration};
use std::{boxed::Box, task::Waker};

#[cfg(feature = "async")]
use super::notifier::stays_asleep;
use super::{Notifier, wakers::Registration};

/// Something that a [`WaitSet`](super::WaitSet) waits for: an endpoint, or what has one inside.
///
/// ```
/// use rusted_ring::{Consumer, HeapRing};
/// use rusted_ring::wait::{Member, Waitable};
///
/// struct Feed {
///     name: &'static str,
///     events: Consumer<HeapRing<64>>,
/// }
///
/// impl Waitable for Feed {
///     fn member(&mut self) -> Member<'_> {
///         self.events.member()
///     }
/// }
/// ```
pub trait Waitable {
    /// Returns the endpoint that is waited for. A wait asks several times, and expects the same endpoint.
    fn member(&mut self) -> Member<'_>;
}

/// An endpoint, borrowed for a wait, whatever its type. Made by [`Waitable::member`]; members of unlike types form one slice.
pub struct Member<'a>(&'a mut (dyn Endpoint + Send + 'a));

/// What a wait needs of an endpoint.
pub(crate) trait Endpoint {
    /// Whether its next attempt would bring something, or say that nothing will come. Goes past holes, as an attempt does.
    fn is_ready(&mut self) -> bool;

    /// Whether a sleeper has nothing to do, except to wait until a grace that has begun is over.
    fn is_idle(&mut self) -> bool;

    /// Where it sleeps.
    fn notifier(&self) -> &Notifier;

    /// Returns for how long it may sleep before the grace of a stopped publisher is over; `None`, if that has not begun.
    fn grace_left(&self) -> Option<Duration>;

    /// Whether its ring is one between processes, whatever the ring's words say.
    fn is_shared(&self) -> bool;

    /// Whether another process may have to wake it.
    fn may_be_woken_elsewhere(&self) -> bool {
        self.is_shared() || self.notifier().is_shared()
    }

    /// Registers `waker` for the next waking where it sleeps. False, if nothing can wake it there, so that it is looked at again and again.
    fn register(&mut self, registration: &mut Registration, waker: &Waker) -> bool {
        self.notifier().register(self.may_be_woken_elsewhere(), registration, waker)
    }
}

/// Registers a task to be woken once `endpoint` may be ready. Returns false, if it is by now.
///
/// In a grace that has begun, the task is woken at once, because it has no clock of its own.
#[cfg(feature = "async")]
pub(crate) fn sleep_task(endpoint: &mut impl Endpoint, registration: &mut Registration, waker: &Waker) -> bool {
    if endpoint.grace_left().is_some() {
        waker.wake_by_ref();
        return true;
    }
    if !endpoint.register(registration, waker) {
        waker.wake_by_ref();
    }
    let barrier = endpoint.notifier().barrier(endpoint.may_be_woken_elsewhere());
    stays_asleep(slice::from_ref(registration), barrier, waker, || endpoint.is_idle())
}

impl<'a> Member<'a> {
    pub(crate) fn of(endpoint: &'a mut (impl Endpoint + Send)) -> Self {
        Member(endpoint)
    }

    pub(super) fn endpoint(self) -> &'a mut (dyn Endpoint + Send + 'a) {
        self.0
    }
}

impl fmt::Debug for Member<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Member").finish_non_exhaustive()
    }
}

impl Waitable for Member<'_> {
    fn member(&mut self) -> Member<'_> {
        Member(&mut *self.0)
    }
}

impl<W: Waitable + ?Sized> Waitable for &mut W {
    fn member(&mut self) -> Member<'_> {
        (**self).member()
    }
}

impl<W: Waitable + ?Sized> Waitable for Box<W> {
    fn member(&mut self) -> Member<'_> {
        (**self).member()
    }
}
