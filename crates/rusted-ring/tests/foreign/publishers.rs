//! Readers sleep, and a publisher that publishes, gives a claim up or leaves wakes them.

use std::{fmt, time::Duration};

use rusted_ring::{
    Bytes, Consumer, HeapRing, HeapTypedRing, PooledEvent, Publisher, RingRef, Slot, Sole, SolePublisher, Start,
    Subscriber, consumer::Closed, future::Async, ledger::Ledger,
};

use super::{Asleep, FIRST, panics_with, sleeping};

/// A way to ring: its name, what it does, what it panics with, and the events and holes that it leaves.
type Verb<W> = (&'static str, fn(&mut W), &'static str, u64, u64);

const OWN: &str = "the caller's own";
const MINUTE: Duration = Duration::from_secs(60);

/// A text that cannot be written.
struct Unwritable;

impl fmt::Display for Unwritable {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        std::panic::panic_any(OWN)
    }
}

/// Calls what it has as it is dropped.
struct OnDrop<F: FnMut()>(F);

impl<F: FnMut()> Drop for OnDrop<F> {
    fn drop(&mut self) {
        (self.0)();
    }
}

/// Runs `verb` on a fresh ring with sleepers; afterwards all is as if nobody had panicked. Events are numbered from 0 on by
/// `number`, and `publish` publishes one more.
fn rings<R: RingRef, W>(
    (by, verb, panic, events, holes): &Verb<W>,
    ring: &R,
    publisher: &mut W,
    publish: impl FnOnce(&mut W, u64) -> u64,
    number: impl Fn(&<R::Slot as Slot>::View, u32) -> u64,
) {
    let by = format!("{by}, slots of {} bytes", <R::Slot as Slot>::STRIDE);
    let mut keeper = Consumer::join(ring.clone(), Start::Newest).unwrap();
    let mut readers: Vec<_> = (0..4).map(|_| Subscriber::join(ring.clone(), Start::Newest).into_async()).collect();
    let mut consumers: Vec<_> =
        (0..4).map(|_| Consumer::join(ring.clone(), Start::Newest).unwrap().into_async()).collect();
    let asleep = Asleep::new()
        .and(readers.iter_mut().map(|reader| sleeping(reader.recv())))
        .and(consumers.iter_mut().map(|consumer| sleeping(async { _ = consumer.recv().await.map(drop) })));
    panics_with(panic, &by, || verb(publisher));
    asleep.are_all_woken(&by);

    let claimed = events + holes;
    assert_eq!(Ledger::of(ring).claimed().get(), claimed, "{by}");
    let mut received = 0;
    let first = {
        let loan = (*events > 0).then(|| keeper.try_recv().unwrap());
        let first = loan.as_ref().map(|loan| number(loan, loan.event_type()));
        assert_eq!(publish(publisher, *events), claimed, "{by}: a sequence is published once");
        assert_eq!(loan.as_ref().map(|loan| number(loan, loan.event_type())), first, "{by}: what is lent stays");
        received += u64::from(loan.is_some());
        first
    };
    assert!(first.is_none_or(|first| first == 0), "{by}");
    while let Ok(loan) = keeper.try_recv() {
        assert_eq!(number(&loan, loan.event_type()), received, "{by}");
        received += 1;
    }
    assert_eq!((received, keeper.holes()), (events + 1, *holes), "{by}");
}

/// The verbs that publishers of both modes have, of bytes.
macro_rules! verbs_of_bytes {
    ($publisher:ty) => {{
        let verbs: [Verb<$publisher>; 7] = [
            ("publish", |publisher| _ = publisher.publish(b"event", 0), FIRST, 1, 0),
            ("try_publish", |publisher| _ = publisher.try_publish(b"event", 0), FIRST, 1, 0),
            ("publish_timeout", |publisher| _ = publisher.publish_timeout(b"event", 0, MINUTE), FIRST, 1, 0),
            ("publish_batch", |publisher| _ = publisher.publish_batch(&[(b"a", 0), (b"b", 1)]), FIRST, 2, 0),
            ("try_publish_batch", |publisher| _ = publisher.try_publish_batch(&[(b"a", 0), (b"b", 1)]), FIRST, 2, 0),
            (
                "claim",
                |publisher| {
                    let mut claim = publisher.claim();
                    claim.append(b"in").unwrap();
                    claim.append(b"place").unwrap();
                    _ = claim.publish(0);
                },
                FIRST,
                1,
                0,
            ),
            (
                "publish in a panic",
                |publisher| {
                    let _farewell = OnDrop(|| _ = publisher.publish(b"event", 0));
                    std::panic::panic_any(OWN)
                },
                OWN,
                1,
                0,
            ),
        ];
        verbs
    }};
}

/// The verbs that publishers of both modes have, of values.
macro_rules! verbs_of_values {
    ($publisher:ty, $n:ident) => {{
        let verbs: [Verb<$publisher>; 6] = [
            ("send", |publisher| _ = publisher.send(&[0; $n]), FIRST, 1, 0),
            ("try_send", |publisher| _ = publisher.try_send(&[0; $n]), FIRST, 1, 0),
            ("send_timeout", |publisher| _ = publisher.send_timeout(&[0; $n], MINUTE), FIRST, 1, 0),
            ("send_batch", |publisher| _ = publisher.send_batch(&[[0; $n], [1; $n]]), FIRST, 2, 0),
            ("try_send_batch", |publisher| _ = publisher.try_send_batch(&[[0; $n], [1; $n]]), FIRST, 2, 0),
            ("send of a claim", |publisher| _ = publisher.claim().send(&[0; $n]), FIRST, 1, 0),
        ];
        verbs
    }};
}

fn many_write<const N: usize>() {
    type W<const N: usize> = Publisher<HeapRing<N>>;
    let ring = || HeapRing::<N>::new(16);
    let run = |verb: &Verb<W<N>>| {
        let ring = ring();
        let mut publisher = Publisher::join(ring.clone()).unwrap();
        let publish = |publisher: &mut W<N>, number: u64| publisher.publish(b"event", number as u32).unwrap().get();
        rings(verb, &ring, &mut publisher, publish, |_, number| number.into());
    };
    verbs_of_bytes!(W<{ N }>).iter().for_each(run);
    let verbs: [Verb<W<N>>; 8] = [
        (
            "add",
            |publisher| {
                publisher.add(PooledEvent { len: 1, event_type: 0, data: [7; N] });
            },
            FIRST,
            1,
            0,
        ),
        ("a claim is dropped", |publisher| drop(publisher.claim()), FIRST, 0, 1),
        (
            "a claim is dropped in a panic",
            |publisher| {
                let _claim = publisher.claim();
                std::panic::panic_any(OWN)
            },
            OWN,
            0,
            1,
        ),
        (
            "a claim is written what cannot be written",
            |publisher| _ = fmt::Write::write_fmt(&mut publisher.claim(), format_args!("{Unwritable}")),
            OWN,
            0,
            1,
        ),
        ("a run of claims is dropped", |publisher| drop(publisher.claim_batch(3)), FIRST, 0, 3),
        (
            "a run of claims is dropped in a panic",
            |publisher| {
                let _run = publisher.claim_batch(3);
                std::panic::panic_any(OWN)
            },
            OWN,
            0,
            3,
        ),
        ("claims are dropped", |publisher| drop(publisher.claim_batch(3).collect::<Vec<_>>()), FIRST, 0, 3),
        (
            "the first claim of a run is published",
            |publisher| publisher.claim_batch(3).for_each(|claim| _ = claim.publish(0)),
            FIRST,
            1,
            2,
        ),
    ];
    verbs.iter().for_each(run);

    type V<const N: usize> = Publisher<HeapTypedRing<[u8; N]>>;
    for verb in &verbs_of_values!(V<{ N }>, N) {
        let ring = HeapTypedRing::<[u8; N]>::new(16);
        let mut publisher = Publisher::join(ring.clone()).unwrap();
        let publish = |publisher: &mut V<N>, number: u64| publisher.send(&[number as u8; N]).get();
        rings(verb, &ring, &mut publisher, publish, |value, _| value[N - 1].into());
    }
}

fn one_writes<const N: usize>() {
    type W<const N: usize> = SolePublisher<HeapRing<N, Sole>>;
    let verbs: [Verb<W<N>>; 1] = [(
        "the first claim of a run",
        |publisher| _ = publisher.claim_batch(3).next_claim().unwrap().publish(0),
        FIRST,
        1,
        0,
    )];
    for verb in verbs_of_bytes!(W<{ N }>).iter().chain(&verbs) {
        let ring = HeapRing::<N, Sole>::sole(16);
        let mut publisher = SolePublisher::join(ring.clone()).unwrap();
        let publish = |publisher: &mut W<N>, number: u64| publisher.publish(b"event", number as u32).unwrap().get();
        rings(verb, &ring, &mut publisher, publish, |_, number| number.into());
    }

    type V<const N: usize> = SolePublisher<HeapTypedRing<[u8; N], Sole>>;
    let verbs: [Verb<V<N>>; 1] = [(
        "try_send_each",
        |publisher| _ = publisher.try_send_each(&mut (0..2u32).map(|number| [number as u8; N])),
        FIRST,
        2,
        0,
    )];
    for verb in verbs_of_values!(V<{ N }>, N).iter().chain(&verbs) {
        let ring = HeapTypedRing::<[u8; N], Sole>::sole(16);
        let mut publisher = SolePublisher::join(ring.clone()).unwrap();
        let publish = |publisher: &mut V<N>, number: u64| publisher.send(&[number as u8; N]).get();
        rings(verb, &ring, &mut publisher, publish, |value, _| value[N - 1].into());
    }
}

#[test]
fn whatever_many_publishers_do_is_done_when_a_waker_panics() {
    many_write::<8>();
    many_write::<64>();
    many_write::<256>();
    many_write::<1024>();
    many_write::<4096>();
}

#[test]
fn whatever_the_one_publisher_does_is_done_when_a_waker_panics() {
    one_writes::<8>();
    one_writes::<32>();
    one_writes::<64>();
    one_writes::<256>();
    one_writes::<1024>();
    one_writes::<4096>();
}

/// A task of a Consumer that comes after another.
fn behind<R: RingRef>(consumer: &mut Consumer<R>) -> Async<Consumer<R>> {
    let checkpoint = consumer.checkpoint();
    Consumer::join_after(consumer.ring().clone(), Start::Newest, &[checkpoint]).unwrap().into_async()
}

fn leaves<R: RingRef<Slot = Bytes<8>>, W>(ring: &R, publisher: W, by: &str) {
    let mut first = Consumer::join(ring.clone(), Start::Newest).unwrap();
    let mut readers: Vec<_> = (0..4).map(|_| Subscriber::join(ring.clone(), Start::Newest).into_async()).collect();
    let mut behind: Vec<_> = (0..4).map(|_| behind(&mut first)).collect();
    let asleep = Asleep::new()
        .and(readers.iter_mut().map(|reader| sleeping(reader.recv())))
        .and(behind.iter_mut().map(|consumer| sleeping(async { _ = consumer.recv().await.map(drop) })));
    panics_with(FIRST, by, || drop(publisher));
    asleep.are_all_woken(by);
    assert!(matches!(first.recv(), Err(Closed { .. })), "{by}");
}

#[test]
fn a_ring_is_closed_for_all_when_a_waker_panics() {
    let ring = HeapRing::<8>::new(8);
    leaves(&ring, Publisher::join(ring.clone()).unwrap(), "the last of many publishers");
    let ring = HeapRing::<8, Sole>::sole(8);
    leaves(&ring, SolePublisher::join(ring.clone()).unwrap(), "the one publisher");
}

#[test]
fn values_that_panic_as_they_are_made_publish_nothing() {
    let ring = HeapTypedRing::<u32, Sole>::sole(16);
    let mut consumer = Consumer::join(ring.clone(), Start::Newest).unwrap();
    let mut publisher = SolePublisher::join(ring.clone()).unwrap();
    publisher.send(&0);
    let mut values = (1..4u32).map(|number| if number == 3 { std::panic::panic_any(OWN) } else { number });
    panics_with(OWN, "try_send_each", || _ = publisher.try_send_each(&mut values));
    assert_eq!(Ledger::of(&ring).claimed().get(), 1);
    publisher.send_batch(&[1, 2]);
    assert_eq!(consumer.poll(|number, sequence, _| assert_eq!(u64::from(**number), sequence.get())), Ok(3));
}
