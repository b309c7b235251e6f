//! Publishers in a wait set, which waits for room.

#[cfg(feature = "async")]
use core::task::Waker;
use core::time::Duration;

use super::{Publisher, SolePublisher, look_after_peers};
#[cfg(feature = "async")]
use crate::wait::Registration;
use crate::{
    ring::{Many, RingRef, Sole},
    wait::{Endpoint, Member, Notifier, Waitable},
};

macro_rules! wait_for_room {
    ($(#[$doc:meta])* $publisher:ident, $mode:ident) => {
        $(#[$doc])*
        impl<R: RingRef<Mode = $mode> + Send> Waitable for $publisher<R> {
            fn member(&mut self) -> Member<'_> {
                Member::of(self)
            }
        }

        #[cfg(feature = "async")]
        impl<R: RingRef<Mode = $mode>> $publisher<R> {
            /// Registers a task to be woken once an event of `slots` slots may be claimed. Returns false, if it may by now.
            pub(crate) fn sleep_task(&self, slots: u64, registration: &mut Registration, waker: &Waker) -> bool {
                look_after_peers(self.ring());
                let view = self.ring().view();
                view.header().publishers().sleep_task(R::SHARED, registration, waker, || view.is_shut(slots))
            }
        }

        impl<R: RingRef<Mode = $mode>> Endpoint for $publisher<R> {
            fn is_ready(&mut self) -> bool {
                look_after_peers(self.ring());
                !self.is_idle()
            }

            fn is_idle(&mut self) -> bool {
                self.ring().view().is_shut(1)
            }

            fn notifier(&self) -> &Notifier {
                self.ring().view().header().publishers()
            }

            fn grace_left(&self) -> Option<Duration> {
                None
            }

            fn is_shared(&self) -> bool {
                R::SHARED
            }
        }
    };
}

wait_for_room!(
    /// Ready while the ring has room for an event of one slot. Other publishers may be quicker, and fill it again.
    Publisher, Many
);
wait_for_room!(
    /// Ready while the ring has room for an event of one slot, which [`try_publish`](SolePublisher::try_publish) then publishes. A
    /// [long event](crate::Bytes#long-events) may need more: `publish` waits for that.
    SolePublisher, Sole
);
