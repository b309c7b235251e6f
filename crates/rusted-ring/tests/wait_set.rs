//! Waiting for several endpoints at once: a ready one is returned, in turn, whatever the others do, and no event is slept through.

#![cfg(feature = "std")]

#[cfg(feature = "async")]
mod common {
    pub(crate) mod block_on;
}

use std::{
    array::from_fn,
    panic::{AssertUnwindSafe, catch_unwind},
    thread,
    time::{Duration, Instant},
};

use rusted_ring::{
    BorrowedTypedRing, ClosePolicy, Closing, Consumer, HeapRing, HeapTypedRing, Many, Publisher, RingRef, Sole,
    SolePublisher, Start, Subscriber, TypedRing, consumer, subscriber,
    wait::{Member, WaitSet, WaitStrategy, Waitable},
};

const STRATEGIES: [WaitStrategy; 4] =
    [WaitStrategy::BusySpin, WaitStrategy::Yield, WaitStrategy::Backoff, WaitStrategy::Park];

/// What a wait may take on a machine that has other things to do.
const PATIENCE: Duration = Duration::from_secs(60);

type Ring = HeapTypedRing<u64>;

fn consumers<const M: usize>(rings: &[Ring; M]) -> [Consumer<Ring>; M] {
    from_fn(|index| Consumer::join(rings[index].clone(), Start::Newest).unwrap())
}

fn publishers<const M: usize>(rings: &[Ring; M]) -> [Publisher<Ring>; M] {
    from_fn(|index| Publisher::join(rings[index].clone()).unwrap())
}

/// What `set` answers.
///
/// # Panics
///
/// If that takes so long that a waking was lost.
fn wait<W: Waitable>(set: &mut WaitSet, members: &mut [W]) -> usize {
    let begun = Instant::now();
    let ready = set.wait_timeout(members, 2 * PATIENCE);
    assert!(begun.elapsed() < PATIENCE, "a waking was lost");
    ready.expect("a member is ready before the deadline")
}

/// What `set` answers when another thread does `act` while it sleeps, or, on a slow machine, before.
fn asleep<W: Waitable>(set: &mut WaitSet, members: &mut [W], act: impl FnOnce() + Send) -> usize {
    thread::scope(|scope| {
        scope.spawn(|| {
            thread::sleep(Duration::from_millis(2));
            act();
        });
        wait(set, members)
    })
}

#[test]
fn members_that_are_always_ready_are_answered_equally_often() {
    const EACH: usize = 100;
    let rings: [Ring; 5] = from_fn(|_| Ring::new(128));
    let (mut readers, publishers) = (consumers(&rings), publishers(&rings));
    for publisher in &publishers {
        (0..EACH as u64).for_each(|value| _ = publisher.send(&value));
    }
    let (mut set, mut answered) = (WaitSet::new(), [0; 5]);
    for call in 0..5 * EACH {
        let ready = set.wait(&mut readers);
        drop(readers[ready].try_recv().unwrap());
        answered[ready] += 1;
        let (least, most) = (answered.iter().min().unwrap(), answered.iter().max().unwrap());
        assert!(most - least <= 1, "{answered:?} after {call} calls");
    }
    assert_eq!(answered, [EACH; 5]);
    assert_eq!(set.try_wait(&mut readers), None);
}

#[test]
fn a_member_waits_for_at_most_one_answer_of_each_other() {
    const MEMBERS: usize = 7;
    let rings: [Ring; MEMBERS] = from_fn(|_| Ring::new(1024));
    let (mut readers, publishers) = (consumers(&rings), publishers(&rings));
    let mut set = WaitSet::new();
    // All but one are always ready, whatever was answered last when that one becomes so.
    for quiet in 0..MEMBERS {
        for before in 0..MEMBERS {
            for busy in (0..MEMBERS).filter(|&busy| busy != quiet) {
                (0..2).for_each(|_| _ = publishers[busy].send(&0));
            }
            for _ in 0..before {
                let ready = set.wait(&mut readers);
                assert_ne!(ready, quiet);
            }
            publishers[quiet].send(&1);
            let others = (0..MEMBERS).find(|_| set.wait(&mut readers) == quiet);
            assert!(others.is_some(), "member {quiet} starves, {before} calls later");
            for reader in &mut readers {
                while reader.try_recv().is_ok() {}
            }
        }
    }
}

#[test]
fn one_set_receives_everything_of_many_rings() {
    const RINGS: usize = 64;
    const EACH: u64 = 500;
    for strategy in [WaitStrategy::Park, WaitStrategy::Yield] {
        let rings: [HeapTypedRing<u64, Sole>; RINGS] = from_fn(|_| HeapTypedRing::sole(8));
        let mut open: Vec<_> = rings.iter().map(|ring| Consumer::join(ring.clone(), Start::Newest).unwrap()).collect();
        let mut publishers = rings.map(|ring| SolePublisher::join(ring).unwrap());
        let mut set = WaitSet::new().waiting(strategy);
        thread::scope(|scope| {
            let (one, other) = publishers.split_at_mut(RINGS / 2);
            for half in [one, other] {
                scope.spawn(move || {
                    for value in 0..EACH {
                        half.iter_mut().for_each(|publisher| _ = publisher.send(&value));
                        if value % 64 == 0 {
                            thread::sleep(Duration::from_millis(1));
                        }
                    }
                });
            }
            let mut received = 0;
            while received < EACH * RINGS as u64 {
                let ready = wait(&mut set, &mut open);
                let value = open[ready].received();
                assert_eq!(*open[ready].try_recv().expect("it is ready"), value);
                received += 1;
            }
        });
        drop(publishers);
        while !open.is_empty() {
            let ready = set.wait(&mut open);
            let mut ended = open.swap_remove(ready);
            assert_eq!(ended.received(), EACH);
            assert_eq!(ended.try_recv().map(drop), Err(consumer::TryRecvError::Closed));
        }
    }
}

#[test]
fn what_is_closed_or_lost_is_ready_and_a_hole_is_not() {
    let rings: [HeapRing<8>; 2] = from_fn(|_| HeapRing::new(4));
    let [first, second] = rings.clone().map(|ring| Publisher::join(ring).unwrap());
    let mut readers = rings.map(|ring| Subscriber::join(ring, Start::Newest));
    let mut set = WaitSet::new();
    drop(first.claim());
    assert_eq!(set.try_wait(&mut readers), None, "a claim that was given up is a hole");
    assert_eq!(readers[0].holes(), 1);
    (0..9).for_each(|_| _ = second.publish(b"event", 0).unwrap());
    assert_eq!(set.try_wait(&mut readers), Some(1));
    assert_eq!(set.try_wait(&mut readers), Some(1), "nothing was received");
    assert!(matches!(readers[1].try_recv(), Err(subscriber::TryRecvError::Lagged(_))));
    while readers[1].try_recv().is_ok() {}
    assert_eq!(set.try_wait(&mut readers), None);
    drop((first, second));
    for expected in [0, 1, 0, 1] {
        assert_eq!(set.wait(&mut readers), expected);
        assert_eq!(readers[expected].try_recv(), Err(subscriber::TryRecvError::Closed));
    }
}

#[test]
fn members_come_and_go_between_waits() {
    let rings: [Ring; 4] = from_fn(|_| Ring::new(8));
    let publishers = publishers(&rings);
    let mut readers = Vec::from(consumers(&rings));
    let mut set = WaitSet::new();
    publishers[3].send(&3);
    assert_eq!(set.wait(&mut readers), 3);
    readers.truncate(1);
    publishers[0].send(&0);
    assert_eq!(set.wait(&mut readers), 0);
    readers.clear();
    assert_eq!(set.try_wait(&mut readers), None);
    assert_eq!(set.wait_timeout(&mut readers, Duration::from_millis(1)), None);
    let panic = catch_unwind(AssertUnwindSafe(|| set.wait(&mut readers))).unwrap_err();
    assert!(panic.downcast_ref::<&str>().is_some_and(|text| text.contains("give it one")));
    readers.push(Consumer::join(rings[2].clone(), Start::Newest).unwrap());
    publishers[2].send(&2);
    assert_eq!(set.wait(&mut readers), 0);
}

#[test]
fn every_strategy_wakes_and_keeps_its_deadline() {
    const ROUNDS: u64 = 200;
    let timeout = Duration::from_millis(20);
    for strategy in STRATEGIES {
        let rings: [Ring; 4] = from_fn(|_| Ring::new(1));
        let [to, back, _silent, _silent_too] = publishers(&rings);
        let [mut echoes, answers, quiet, quiet_too] = consumers(&rings);
        let mut members = [quiet, quiet_too, answers];
        let mut set = WaitSet::new().waiting(strategy);
        let begun = Instant::now();
        assert_eq!(set.wait_timeout(&mut members, timeout), None);
        assert!(begun.elapsed() >= timeout, "{strategy:?}");
        thread::scope(|scope| {
            scope.spawn(move || {
                let mut set = WaitSet::new().waiting(strategy);
                for _ in 0..ROUNDS {
                    assert_eq!(set.wait(&mut [&mut echoes]), 0);
                    let value = *echoes.try_recv().unwrap();
                    back.send(&value);
                }
            });
            for round in 0..ROUNDS {
                to.send(&round);
                assert_eq!(wait(&mut set, &mut members), 2, "{strategy:?}");
                assert_eq!(*members[2].try_recv().unwrap(), round);
            }
        });
    }
}

#[test]
fn a_set_that_sleeps_gives_a_stopped_publisher_up_when_the_grace_is_over() {
    let (ring, silent) = (HeapRing::<8>::new(8), HeapRing::<8>::closing(8, ClosePolicy::Never));
    let mut subscriber = Subscriber::join(ring.clone(), Start::Newest);
    let mut consumer = Consumer::join(ring.clone(), Start::Newest).unwrap();
    let mut quiet = Subscriber::join(silent, Start::Newest);
    let publisher = Publisher::join(ring).unwrap();
    let mut set = WaitSet::new();
    // Each time another member is the first that gives it up.
    for _ in 0..2 {
        let stopped = publisher.claim();
        publisher.publish(b"event", 0).unwrap();
        let mut members = [quiet.member(), consumer.member()];
        assert_eq!(wait(&mut set, &mut members), 1);
        assert_eq!(&*consumer.try_recv().unwrap(), b"event");
        drop(stopped);
        while subscriber.try_recv().is_ok() {}
        let stopped = publisher.claim();
        publisher.publish(b"event", 0).unwrap();
        let mut members = [quiet.member(), subscriber.member()];
        assert_eq!(wait(&mut set, &mut members), 1);
        assert_eq!(subscriber.try_recv().unwrap().bytes(), b"event");
        drop(stopped);
        drop(consumer.recv().unwrap());
    }
    assert_eq!((subscriber.holes(), consumer.holes()), (4, 4));
}

#[test]
fn rings_of_all_homes_and_publishers_that_wait_for_room_are_members() {
    static IN_A_STATIC: TypedRing<u64, 8, Many, Closing> = TypedRing::closing();
    let mut memory = vec![0; BorrowedTypedRing::<u32, Sole>::bytes_for(4)];
    let lent = BorrowedTypedRing::<u32, Sole>::sole(&mut memory[..], 4).unwrap();
    let heap = HeapRing::<64>::new(1);
    let mut in_a_static = Subscriber::join(&IN_A_STATIC, Start::Newest);
    let mut in_lent_memory = Consumer::join(lent, Start::Newest).unwrap();
    let mut on_the_heap = Consumer::join(heap.clone(), Start::Newest).unwrap();
    let mut full = Publisher::join(heap).unwrap();
    full.publish(b"full", 0).unwrap();
    let (to_static, mut to_lent) = (Publisher::join(&IN_A_STATIC).unwrap(), SolePublisher::join(lent).unwrap());
    let mut set = WaitSet::new();
    let mut members = [in_a_static.member(), in_lent_memory.member(), full.member()];
    assert_eq!(asleep(&mut set, &mut members, || drop(on_the_heap.recv().unwrap())), 2);
    full.publish(b"full", 0).unwrap();
    let mut members = [in_a_static.member(), in_lent_memory.member(), full.member()];
    assert_eq!(asleep(&mut set, &mut members, || _ = to_lent.send(&1)), 1);
    drop(in_lent_memory.try_recv().unwrap());
    let mut members = [in_lent_memory.member(), in_a_static.member(), full.member()];
    assert_eq!(asleep(&mut set, &mut members, || _ = to_static.send(&1)), 1);
    assert!(full.try_publish(b"full", 0).is_err());
}

#[test]
fn a_stage_is_a_member_and_is_woken_by_the_one_before() {
    let (ring, silent) = (Ring::new(8), Ring::new(8));
    let publisher = Publisher::join(ring.clone()).unwrap();
    let _open = Publisher::join(silent.clone()).unwrap();
    let mut first = Consumer::join(ring.clone(), Start::Newest).unwrap();
    let after = Consumer::join_after(ring, Start::Newest, &[first.checkpoint()]).unwrap();
    let mut members = [Consumer::join(silent, Start::Newest).unwrap(), after];
    let mut set = WaitSet::new();
    publisher.send(&7);
    assert_eq!(set.wait_timeout(&mut members, Duration::from_millis(5)), None, "the stage before has not finished it");
    assert_eq!(asleep(&mut set, &mut members, || assert_eq!(*first.recv().unwrap(), 7)), 1);
    assert_eq!(*members[1].try_recv().unwrap(), 7);
    // What it comes after ends, and so does it.
    assert_eq!(asleep(&mut set, &mut members, || first.end()), 1);
    assert_eq!(members[1].try_recv().map(drop), Err(consumer::TryRecvError::Closed));
}

/// A program's own member, as a list of feeds of unlike rings has them.
trait Feed: Waitable + Send {
    fn take(&mut self) -> Option<u64>;
}

struct Bytes<const N: usize>(Consumer<HeapRing<N>>);

impl<const N: usize> Waitable for Bytes<N> {
    fn member(&mut self) -> Member<'_> {
        self.0.member()
    }
}

impl<const N: usize> Feed for Bytes<N> {
    fn take(&mut self) -> Option<u64> {
        self.0.try_recv().ok().map(|event| u64::from_le_bytes(event[..8].try_into().unwrap()))
    }
}

#[test]
fn an_actor_sleeps_over_rings_of_several_sizes_and_a_ring_of_signals() {
    const EACH: u64 = 300;
    let (small, large) = (HeapRing::<64>::new(16), HeapRing::<1024>::new(8));
    // What is no ring's is told by one: losses do not matter, for a signal says only that there is something.
    let signals = HeapTypedRing::<u8>::new(1);
    let mut signal = Subscriber::join(signals.clone(), Start::Newest);
    let mut feeds: Vec<Box<dyn Feed>> = vec![
        Box::new(Bytes(Consumer::join(small.clone(), Start::Newest).unwrap())),
        Box::new(Bytes(Consumer::join(large.clone(), Start::Newest).unwrap())),
    ];
    let (commanding, commands) = std::sync::mpsc::channel();
    let (to_small, to_large) = (Publisher::join(small).unwrap(), Publisher::join(large).unwrap());
    let signalling = Publisher::join(signals).unwrap();
    let actor = thread::spawn(move || {
        let (mut set, mut sums, mut commanded) = (WaitSet::new(), [0; 2], 0);
        while sums.iter().sum::<u64>() < EACH * (EACH - 1) || commanded < EACH {
            let mut members: Vec<_> = feeds.iter_mut().map(|feed| feed.member()).collect();
            members.push(signal.member());
            wait(&mut set, &mut members);
            drop(members);
            while !matches!(signal.try_recv(), Err(subscriber::TryRecvError::Empty | subscriber::TryRecvError::Closed))
            {
            }
            commanded += commands.try_iter().count() as u64;
            for (feed, sum) in feeds.iter_mut().zip(&mut sums) {
                while let Some(value) = feed.take() {
                    *sum += value;
                }
            }
        }
        sums
    });
    let open = (to_small.clone(), to_large.clone(), signalling.clone());
    thread::scope(|scope| {
        scope.spawn(move || (0..EACH).for_each(|value| _ = to_small.publish(&value.to_le_bytes(), 0).unwrap()));
        scope.spawn(move || (0..EACH).for_each(|value| _ = to_large.publish(&value.to_le_bytes(), 0).unwrap()));
        scope.spawn(move || {
            for command in 0..EACH {
                commanding.send(command).unwrap();
                signalling.send(&0);
                if command % 50 == 0 {
                    thread::sleep(Duration::from_millis(1));
                }
            }
        });
    });
    assert_eq!(actor.join().unwrap(), [EACH * (EACH - 1) / 2; 2]);
    drop(open);
}

#[test]
fn a_set_and_its_members_go_to_other_threads() {
    fn goes<T: Send>(_: &T) {}
    let ring = Ring::new(8);
    let mut reader = Subscriber::join(ring.clone(), Start::Newest);
    let mut consumer = Consumer::join(ring.clone(), Start::Newest).unwrap();
    goes(&WaitSet::new());
    goes(&[reader.member(), consumer.member()]);
    assert_eq!(ring.capacity(), 8);
    #[cfg(feature = "async")]
    goes(&WaitSet::new().into_async().wait(&mut [reader.member(), consumer.member()]));
}

#[cfg(feature = "async")]
mod tasks {
    use std::{
        future::Future,
        pin::pin,
        sync::{
            Arc,
            atomic::{AtomicUsize, Ordering::Relaxed},
        },
        task::{Context, Poll, Wake, Waker},
    };

    use super::{common::block_on::block_on, *};

    /// A waker that is counted.
    #[derive(Default)]
    struct Counted(AtomicUsize);

    impl Wake for Counted {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Relaxed);
        }
    }

    #[test]
    fn tasks_over_the_same_rings_all_receive_everything_fairly() {
        const EACH: u64 = 400;
        let rings: [Ring; 3] = from_fn(|_| Ring::new(16));
        let publishers = publishers(&rings);
        let tasks: Vec<_> = (0..3).map(|_| consumers(&rings)).collect();
        thread::scope(|scope| {
            for mut readers in tasks {
                scope.spawn(move || {
                    let mut set = WaitSet::new().into_async();
                    let mut sums = [0; 3];
                    for _ in 0..3 * EACH {
                        let ready = block_on(set.wait(&mut readers));
                        sums[ready] += *readers[ready].try_recv().expect("it is ready");
                    }
                    assert_eq!(sums, [EACH * (EACH - 1) / 2; 3]);
                });
            }
            for publisher in &publishers {
                scope.spawn(move || (0..EACH).for_each(|value| _ = publisher.send(&value)));
            }
        });
    }

    #[test]
    fn a_wait_that_is_dropped_leaves_no_waker_and_has_received_nothing() {
        let rings: [Ring; 3] = from_fn(|_| Ring::new(8));
        let publishers = publishers(&rings);
        let mut readers = consumers(&rings).map(Consumer::into_async);
        let mut set = WaitSet::new().into_async();
        let counted = Arc::new(Counted::default());
        let waker = Waker::from(Arc::clone(&counted));
        for member in 0..3 {
            {
                let mut waiting = pin!(set.wait(&mut readers));
                assert!(waiting.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
                assert!(waiting.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
                assert_eq!(Arc::strong_count(&counted), 5, "the test's, its waker, and one at each member");
                // Of several wakings at one place the first counts.
                (0..2).for_each(|_| _ = publishers[member].send(&7));
                assert_eq!(counted.0.swap(0, Relaxed), 1);
                assert_eq!(waiting.poll(&mut Context::from_waker(&waker)), Poll::Ready(member));
            }
            assert_eq!(Arc::strong_count(&counted), 2);
            assert_eq!(*readers[member].try_recv().unwrap(), 7, "nothing was received by the wait");
            drop(readers[member].try_recv().unwrap());
        }
        {
            let mut waiting = pin!(set.wait(&mut readers));
            assert!(waiting.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
        }
        assert_eq!(Arc::strong_count(&counted), 2, "dropped while it slept");
        publishers[0].send(&7);
        assert_eq!(counted.0.load(Relaxed), 0);
    }

    #[test]
    fn a_wait_ends_though_its_publisher_stopped() {
        let ring = HeapRing::<8>::new(8);
        let publisher = Publisher::join(ring.clone()).unwrap();
        let mut readers = [Consumer::join(ring, Start::Newest).unwrap()];
        let _stopped = publisher.claim();
        publisher.publish(b"event", 0).unwrap();
        assert_eq!(block_on(WaitSet::new().into_async().wait(&mut readers)), 0);
        assert_eq!(&*readers[0].try_recv().unwrap(), b"event");
    }
}
