//! Waiting for several endpoints at once, on rings of any types.

use core::{fmt, task::Waker, time::Duration};
use std::{sync::Arc, task::Wake, vec::Vec};

use super::{
    LONGEST_AMONG_PROCESSES, WaitStrategy, Waitable, Waiter, barrier, kernel::Epoch, notifier, wakers::Registration,
};

/// Waits for several endpoints at once, and returns the index of one that is ready.
///
/// A set owns no endpoint: every wait borrows its members, as a slice. So you receive through the members themselves, and they may
/// change between two waits. Members are [`Subscriber`](crate::Subscriber)s, also [repaired](crate::subscriber::Repaired) ones, [`Consumer`](crate::Consumer)s, and
/// publishers that wait for room, on rings of any types.
///
/// # Ready
///
/// A reader is ready when its next `try_recv` would return something other than `Empty`: an event, a loss, or `Closed`. A
/// closed ring stays ready, so leave its reader out of the next wait. A repaired reader that is overtaken meanwhile may find its history behind, and say `Empty`. A publisher is ready when its ring is not full; another
/// publisher may fill the ring again first.
///
/// # Fairness
///
/// A wait looks at its members in their order, starting after the last that was ready, round and round. As long as the
/// slice has the same members at the same indices, a ready member is returned at the latest by the call after every other one
/// was returned once: at most `n - 1` other answers come before it, however busy those are.
///
/// # Sleeping
///
/// With [`WaitStrategy::Park`], the default, the thread sleeps in the kernel until a member's ring wakes it. Publishers execute no
/// memory fence for that. While a member waits for a publisher that stopped in the middle of a publish, the set wakes when
/// the grace is over, as the member itself would. Looking, and going to sleep, take time in proportion to the members.
///
/// Members on rings between processes, among others or alone, are watched by a thread that the library starts in this process, and that wakes the set; the set looks
/// at them every 50 ms besides, because the process that would wake it may have ended.
///
/// It needs the feature `std`. With the feature `async`, `into_async` makes its waits futures.
///
/// ```
/// use rusted_ring::{Consumer, HeapRing, HeapTypedRing, Publisher, Start, Subscriber, subscriber::TryRecvError};
/// use rusted_ring::wait::{WaitSet, Waitable};
///
/// let (strokes, prices) = (HeapRing::<64>::new(1024), HeapTypedRing::<u64>::new(64));
/// let mut disk = Consumer::join(strokes.clone(), Start::Newest)?;
/// let mut ticker = Subscriber::join(prices.clone(), Start::Newest);
/// let (pen, market) = (Publisher::join(strokes)?, Publisher::join(prices)?);
/// market.send(&7);
/// pen.publish(b"a stroke", 1)?;
///
/// let mut set = WaitSet::new();
/// for _ in 0..2 {
///     match set.wait(&mut [disk.member(), ticker.member()]) {
///         0 => assert_eq!(&*disk.try_recv()?, b"a stroke"),
///         _ => assert_eq!(ticker.try_recv()?, 7),
///     }
/// }
///
/// // A closed ring stays ready: leave its reader out of the next wait.
/// let mut open = vec![ticker];
/// drop(market);
/// assert_eq!(set.wait(&mut open), 0);
/// assert_eq!(open[0].try_recv(), Err(TryRecvError::Closed));
/// open.remove(0);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct WaitSet {
    strategy: WaitStrategy,
    /// The member with which the next look begins.
    next: usize,
    sleeper: Arc<Sleeper>,
    /// Wakes the sleeper.
    waker: Waker,
    /// One for each member, during a sleep; otherwise empty.
    registrations: Vec<Registration>,
}

/// Ends the sleep of a set's thread.
struct Sleeper(Epoch);

impl Wake for Sleeper {
    fn wake(self: Arc<Self>) {
        self.0.wake_all();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.0.wake_all();
    }
}

impl WaitSet {
    /// Returns a set that waits by [`WaitStrategy::Park`]. Allocates.
    pub fn new() -> Self {
        let sleeper = Arc::new(Sleeper(Epoch::new()));
        let waker = Waker::from(Arc::clone(&sleeper));
        WaitSet { strategy: WaitStrategy::default(), next: 0, sleeper, waker, registrations: Vec::new() }
    }

    /// The same set, waiting by `strategy`, whatever the strategies of its members are.
    #[must_use = "this returns the set"]
    pub fn waiting(self, strategy: WaitStrategy) -> Self {
        WaitSet { strategy, ..self }
    }

    /// Blocks until a member is ready, and returns its index.
    ///
    /// # Panics
    ///
    /// If there are no members. Also as an endpoint's own attempts may, if a task's waker panics as it is woken (see
    /// the module `future`): the set and its members are as they were.
    pub fn wait<W: Waitable>(&mut self, members: &mut [W]) -> usize {
        assert_some(members);
        match self.wait_by(Waiter::new(self.strategy), members) {
            Some(ready) => ready,
            None => unreachable!("a wait without a deadline ends only with a member"),
        }
    }

    /// Blocks until a member is ready, and returns its index; returns `None` if none was within `timeout`.
    ///
    /// ```
    /// # use rusted_ring::{HeapTypedRing, Publisher, Start, Subscriber, wait::WaitSet};
    /// # use std::time::Duration;
    /// let rings = [(); 3].map(|()| HeapTypedRing::<u64>::new(16));
    /// let mut readers = rings.clone().map(|ring| Subscriber::join(ring, Start::Newest));
    /// let publishers = rings.map(|ring| Publisher::join(ring).unwrap());
    /// let mut set = WaitSet::new();
    /// assert_eq!(set.wait_timeout(&mut readers, Duration::from_millis(1)), None);
    /// publishers[2].send(&5);
    /// assert_eq!(set.wait_timeout(&mut readers, Duration::from_secs(10)), Some(2));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Panics
    ///
    /// As [`wait`](Self::wait), except that without members it only sleeps.
    pub fn wait_timeout<W: Waitable>(&mut self, members: &mut [W], timeout: Duration) -> Option<usize> {
        self.wait_by(Waiter::for_at_most(self.strategy, timeout), members)
    }

    /// Returns the index of a member that is ready now, or `None`; that may change at once.
    ///
    /// Wait-free, except that runs of holes are skipped in a loop.
    ///
    /// # Panics
    ///
    /// As [`wait_timeout`](Self::wait_timeout).
    pub fn try_wait<W: Waitable>(&mut self, members: &mut [W]) -> Option<usize> {
        let first = if self.next < members.len() { self.next } else { 0 };
        let mut round = (first..members.len()).chain(0..first);
        let ready = round.find(|&index| members[index].member().endpoint().is_ready())?;
        self.next = ready + 1;
        Some(ready)
    }

    fn wait_by<W: Waitable>(&mut self, waiter: Waiter, members: &mut [W]) -> Option<usize> {
        waiter.until(
            &mut (self, members),
            |(set, members)| set.try_wait(members),
            |(set, members), timeout| set.park(members, timeout),
        )
    }

    /// Sleeps until a member may be ready, for at most `timeout` and for at most what is left of a grace that has begun.
    fn park<W: Waitable>(&mut self, members: &mut [W], timeout: Duration) {
        let asleep = Asleep(self);
        let WaitSet { sleeper, waker, registrations, .. } = &mut *asleep.0;
        // Read before registering: a waking in between ends the sleep before it begins.
        let epoch = sleeper.0.now();
        let is_woken = register(registrations, members, waker);
        let timeout = grace_left(members).map_or(timeout, |left| left.min(timeout));
        let (barrier, longest) = reach(members);
        let longest = if is_woken { longest } else { barrier::SETTLED };
        notifier::sleep_on(&sleeper.0, epoch, barrier, timeout.min(longest), || are_idle(members));
    }

    /// As [`sleep_task`](super::sleep_task) for each member, with one barrier for all.
    #[cfg(feature = "async")]
    pub(crate) fn sleep_task<W: Waitable>(&mut self, members: &mut [W], waker: &Waker) -> bool {
        if grace_left(members).is_some() {
            waker.wake_by_ref();
            return true;
        }
        if !register(&mut self.registrations, members, waker) {
            waker.wake_by_ref();
        }
        notifier::stays_asleep(&self.registrations, reach(members).0, waker, || are_idle(members))
    }
}

/// Registers `waker` for the next waking at each of the members. One barrier after it serves all of them. False, if at one of them nothing can
/// wake it.
fn register<W: Waitable>(registrations: &mut Vec<Registration>, members: &mut [W], waker: &Waker) -> bool {
    registrations.resize_with(members.len(), Registration::default);
    let mut is_woken = true;
    for (member, registration) in members.iter_mut().zip(registrations) {
        is_woken &= member.member().endpoint().register(registration, waker);
    }
    is_woken
}

impl Default for WaitSet {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for WaitSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WaitSet").field("strategy", &self.strategy).finish_non_exhaustive()
    }
}

/// A set that may sleep. Dropping this unregisters it everywhere.
pub(crate) struct Asleep<'a>(pub(crate) &'a mut WaitSet);

impl Drop for Asleep<'_> {
    fn drop(&mut self) {
        self.0.registrations.clear();
    }
}

/// Panics at a wait that nothing could end.
pub(crate) fn assert_some<W>(members: &[W]) {
    assert!(!members.is_empty(), "a wait for none of any members never ends: give it one, or a time-out");
}

/// How long the members may sleep: until the first grace that has begun is over.
fn grace_left<W: Waitable>(members: &mut [W]) -> Option<Duration> {
    members.iter_mut().filter_map(|member| member.member().endpoint().grace_left()).min()
}

/// What one sleep at all of them needs: one barrier, which is that of a member that processes share, because this process's threads take part in it, too;
/// and the longest that it may last.
fn reach<W: Waitable>(members: &mut [W]) -> (fn() -> bool, Duration) {
    let mut reach: (fn() -> bool, _) = (barrier::heavy, Duration::MAX);
    for member in members {
        let endpoint = member.member().endpoint();
        if endpoint.may_be_woken_elsewhere() {
            let notifier = endpoint.notifier();
            reach = (notifier.barrier(true), LONGEST_AMONG_PROCESSES);
            if !notifier.is_ordered() {
                break;
            }
        }
    }
    reach
}

fn are_idle<W: Waitable>(members: &mut [W]) -> bool {
    members.iter_mut().all(|member| member.member().endpoint().is_idle())
}

#[cfg(all(test, not(any(loom, shuttle))))]
mod tests {
    use std::{
        array::from_fn,
        panic::{AssertUnwindSafe, catch_unwind, panic_any},
        thread,
    };

    use super::*;
    use crate::{HeapTypedRing, Publisher, Start, Subscriber, wait::Member};

    type Reader = Subscriber<HeapTypedRing<u64>>;

    /// How many times the set is registered.
    fn registered(set: &WaitSet) -> usize {
        assert!(set.registrations.is_empty());
        Arc::strong_count(&set.sleeper) - 2
    }

    #[test]
    fn a_set_is_registered_nowhere_once_a_wait_is_over() {
        let rings: [HeapTypedRing<u64>; 3] = from_fn(|_| HeapTypedRing::new(8));
        let publishers = rings.clone().map(|ring| Publisher::join(ring).unwrap());
        let mut readers: [Reader; 3] = rings.map(|ring| Subscriber::join(ring, Start::Newest));
        let mut set = WaitSet::new();
        assert_eq!(set.wait_timeout(&mut readers, Duration::from_millis(5)), None);
        assert_eq!(registered(&set), 0);
        thread::scope(|scope| {
            scope.spawn(|| {
                thread::sleep(Duration::from_millis(5));
                publishers[1].send(&7);
            });
            assert_eq!(set.wait(&mut readers), 1);
        });
        assert_eq!(registered(&set), 0);
        set.park(&mut readers, Duration::from_secs(60));
        assert_eq!(registered(&set), 0, "there was something after all");
    }

    #[test]
    fn a_set_is_registered_nowhere_once_a_member_panicked() {
        /// Answers a few times, and then panics.
        struct Failing(Reader, u32);

        impl Waitable for Failing {
            fn member(&mut self) -> Member<'_> {
                self.1 = self.1.checked_sub(1).unwrap_or_else(|| panic_any("a member"));
                self.0.member()
            }
        }

        let rings: [HeapTypedRing<u64>; 2] = from_fn(|_| HeapTypedRing::new(8));
        let _publishers = rings.clone().map(|ring| Publisher::join(ring).unwrap());
        let mut set = WaitSet::new();
        // Each step of going to sleep asks each member once.
        for step in 0..4 {
            let mut members = rings.clone().map(|ring| Failing(Subscriber::join(ring, Start::Newest), u32::MAX));
            members[1].1 = step;
            let panic = catch_unwind(AssertUnwindSafe(|| set.park(&mut members, Duration::from_secs(60))));
            assert_eq!(panic.unwrap_err().downcast_ref(), Some(&"a member"));
            assert_eq!(registered(&set), 0, "in step {step}");
        }
    }
}
