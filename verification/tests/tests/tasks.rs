//! Waits that are futures, on the runtimes that people use: they are woken by events, and lose nothing when dropped.

use std::{
    future::Future,
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
    task::{Context, Poll, RawWaker, RawWakerVTable, Wake, Waker},
    thread,
    time::{Duration, Instant},
};

use rusted_ring::{
    Consumer, HeapRing, HeapTypedRing, Publisher, Sole, SolePublisher, Start, Subscriber, future::Async,
    ledger::Ledger, subscriber::RecvError,
};
use smol::stream::StreamExt;

/// Runs a test on tokio, with one thread and with two, and on smol.
fn on_each_runtime<F: Future<Output = ()>>(test: impl Fn() -> F) {
    let mut one = tokio::runtime::Builder::new_current_thread();
    let mut two = tokio::runtime::Builder::new_multi_thread();
    for tokio in [&mut one, two.worker_threads(2)] {
        tokio.enable_time().build().unwrap().block_on(within_a_minute(test()));
    }
    smol::block_on(within_a_minute(test()));
}

/// A waking that is lost would otherwise wait for ever.
async fn within_a_minute<F: Future>(future: F) -> F::Output {
    let late = async {
        smol::Timer::after(Duration::from_secs(60)).await;
        panic!("a waking was lost");
    };
    smol::future::or(future, late).await
}

/// Counts how often a future is polled.
async fn counting<F: Future>(polls: &AtomicUsize, future: F) -> F::Output {
    let mut future = pin!(future);
    std::future::poll_fn(|context| {
        polls.fetch_add(1, Relaxed);
        future.as_mut().poll(context)
    })
    .await
}

/// Publishes from a thread, after a while in which the task has gone to sleep.
fn after_a_while(act: impl FnOnce() + Send + 'static) -> thread::JoinHandle<()> {
    thread::spawn(|| {
        thread::sleep(Duration::from_millis(20));
        act();
    })
}

#[test]
fn a_task_sleeps_until_an_event_wakes_it_and_is_not_polled_meanwhile() {
    on_each_runtime(|| async {
        let ring = HeapRing::<16>::new(8);
        let mut reader = Subscriber::join(ring.clone(), Start::Newest).into_async();
        let mut consumer = Consumer::join(ring.clone(), Start::Newest).unwrap().into_async();
        let publisher = Publisher::join(ring).unwrap();
        let publishing = after_a_while(move || _ = publisher.publish(b"event", 7).unwrap());
        let polls = AtomicUsize::new(0);
        let event = counting(&polls, reader.recv()).await.unwrap();
        assert_eq!((event.bytes(), event.event_type), (&b"event"[..], 7));
        assert_eq!(&*consumer.recv().await.unwrap(), b"event");
        publishing.join().unwrap();
        // Once to look, once when woken; where the kernel grants no barrier, for a millisecond more.
        let most = if cfg!(target_os = "linux") { 4 } else { 100_000 };
        assert!(polls.load(Relaxed) <= most, "polled {} times", polls.load(Relaxed));
        assert_eq!(reader.recv().await, Err(RecvError::Closed));
        assert!(consumer.recv().await.is_err());
    });
}

#[test]
fn a_task_that_is_asleep_is_woken_by_the_end_of_the_ring() {
    on_each_runtime(|| async {
        let ring = HeapRing::<16, Sole>::sole(8);
        let mut reader = Subscriber::join(ring.clone(), Start::Newest).into_async();
        let publisher = SolePublisher::join(ring).unwrap();
        let leaving = after_a_while(move || drop(publisher));
        assert_eq!(reader.recv().await, Err(RecvError::Closed));
        leaving.join().unwrap();
    });
}

#[test]
fn every_task_of_many_gets_every_event() {
    const EVENTS: u64 = 2_000;
    on_each_runtime(|| async {
        let ring = HeapTypedRing::<u64>::new(64);
        let consumers: Vec<_> =
            (0..8).map(|_| Consumer::join(ring.clone(), Start::Newest).unwrap().into_async()).collect();
        let publisher = Publisher::join(ring).unwrap();
        let publishing = thread::spawn(move || {
            for number in 0..EVENTS {
                publisher.send(&number);
                if number % 100 == 0 {
                    thread::sleep(Duration::from_micros(200));
                }
            }
        });
        let executor = smol::LocalExecutor::new();
        let tasks: Vec<_> = consumers
            .into_iter()
            .map(|mut consumer| {
                executor.spawn(async move {
                    let mut wanted = 0;
                    while let Ok(batch) = consumer.batch().await {
                        for number in batch.iter() {
                            assert_eq!(*number, wanted);
                            wanted += 1;
                        }
                    }
                    wanted
                })
            })
            .collect();
        executor
            .run(async {
                for task in tasks {
                    assert_eq!(task.await, EVENTS);
                }
            })
            .await;
        publishing.join().unwrap();
    });
}

#[test]
fn a_receive_that_is_dropped_at_any_time_loses_nothing() {
    const EVENTS: u64 = 3_000;
    on_each_runtime(|| async {
        let ring = HeapTypedRing::<u64>::new(16);
        let mut consumer = Consumer::join(ring.clone(), Start::Newest).unwrap().into_async();
        let mut reader = Subscriber::join(ring.clone(), Start::Newest).into_async();
        let publisher = Publisher::join(ring).unwrap();
        let publishing = thread::spawn(move || {
            for number in 0..EVENTS {
                publisher.send(&number);
                if number % 16 == 0 {
                    thread::sleep(Duration::from_micros(100));
                }
            }
        });
        let (mut wanted, mut given_up) = (0, 0);
        while wanted < EVENTS {
            // Each try is dropped after some tens of microseconds, whatever it does then.
            let received = async { consumer.recv().await.map(|number| Some(*number)).unwrap() };
            let patience = async {
                smol::Timer::after(Duration::from_micros(wanted % 50)).await;
                None
            };
            match smol::future::or(received, patience).await {
                Some(number) => {
                    assert_eq!(number, wanted);
                    wanted += 1;
                }
                None => given_up += 1,
            }
            let looking = async { reader.recv().await.is_ok() };
            smol::future::or(looking, async { false }).await;
        }
        publishing.join().unwrap();
        assert!(given_up > 0, "no receive was ever dropped");
        while !matches!(reader.recv().await, Err(RecvError::Closed)) {}
        assert_eq!(reader.received() + reader.lost(), EVENTS);
    });
}

#[test]
fn a_stream_has_every_event_and_every_loss_and_ends_with_the_ring() {
    on_each_runtime(|| async {
        let ring = HeapTypedRing::<u64>::new(8);
        let reader = Subscriber::join(ring.clone(), Start::Newest).into_async();
        let consumer = Consumer::join(ring.clone(), Start::Newest).unwrap();
        let publisher = Publisher::join(ring).unwrap();
        (0..8).for_each(|number| _ = publisher.send(&number));
        let consumed: Vec<u64> = consumer.into_async().take(8).collect().await;
        assert_eq!(consumed, (0..8).collect::<Vec<_>>());
        (8..12).for_each(|number| _ = publisher.send(&number));
        let publishing = after_a_while(move || _ = publisher.send(&12));
        let read: Vec<_> = reader.collect().await;
        let lagged = read[0].unwrap_err();
        assert_eq!((lagged.from.get(), lagged.to.get()), (0, 5));
        let values: Vec<u64> = read[1..].iter().map(|event| event.unwrap()).collect();
        assert_eq!(values, (5..13).collect::<Vec<_>>());
        publishing.join().unwrap();
    });
}

#[test]
fn a_reader_fills_a_buffer_once_there_is_something() {
    on_each_runtime(|| async {
        let ring = HeapTypedRing::<u64, Sole>::sole(16);
        let mut reader = Subscriber::join(ring.clone(), Start::Newest).into_async();
        let mut publisher = SolePublisher::join(ring).unwrap();
        let publishing = after_a_while(move || publisher.send_batch(&[1, 2, 3]));
        let mut buffer = [0; 8];
        let mut read = Vec::new();
        while let Ok(count) = reader.read_batch(&mut buffer).await {
            assert!(count > 0);
            read.extend_from_slice(&buffer[..count]);
            assert!(read.len() <= 3, "more than there was");
        }
        assert_eq!(read, [1, 2, 3]);
        assert_eq!(reader.read_batch(&mut []).await, Ok(0), "there is room for none");
        publishing.join().unwrap();
    });
}

#[test]
fn a_publisher_waits_for_a_consumer_and_gives_up_without_a_trace() {
    on_each_runtime(|| async {
        let ring = HeapRing::<8>::new(2);
        let mut consumer = Consumer::join(ring.clone(), Start::Newest).unwrap();
        let publisher = Publisher::join(ring.clone()).unwrap().into_async();
        publisher.publish_batch(&[(b"one", 1), (b"two", 2)]).await.unwrap();
        assert!(publisher.publish(b"far too long", 0).await.is_err());
        let given_up = smol::future::or(async { Some(publisher.publish(b"never", 0).await) }, async { None }).await;
        assert_eq!((given_up, Ledger::of(&ring).claimed().get()), (None, 2));
        let consuming = thread::spawn(move || {
            thread::sleep(Duration::from_millis(20));
            let types: Vec<_> = std::iter::from_fn(|| Some(consumer.recv().ok()?.event_type())).collect();
            (types, consumer.holes())
        });
        assert_eq!(publisher.publish(b"three", 3).await.unwrap().get(), 2);
        publisher.publish_batch(&[(b"", 4), (b"", 5), (b"", 6)]).await.unwrap();
        publisher.claim().await.publish(7).unwrap();
        drop(publisher);
        assert_eq!(consuming.join().unwrap(), (vec![1, 2, 3, 4, 5, 6, 7], 0));

        let ring = HeapTypedRing::<u64, Sole>::sole(4);
        let mut consumer = Consumer::join(ring.clone(), Start::Newest).unwrap().into_async();
        let mut publisher = SolePublisher::join(ring).unwrap().into_async();
        let publishing = async {
            publisher.send(&0).await;
            publisher.send_batch(&(1..99).collect::<Vec<_>>()).await;
            publisher.claim().await.send(&99);
            drop(publisher);
            std::future::pending().await
        };
        let consuming = async {
            let mut wanted = 0;
            while let Ok(number) = consumer.recv().await.map(|number| *number) {
                assert_eq!(number, wanted);
                wanted += 1;
            }
            wanted
        };
        assert_eq!(smol::future::or(publishing, consuming).await, 100);
    });
}

#[test]
fn a_publisher_stopped_in_mid_publish_costs_a_task_one_hole_and_a_grace() {
    on_each_runtime(|| async {
        let ring = HeapRing::<8>::new(8);
        let mut reader = Subscriber::join(ring.clone(), Start::Newest).into_async();
        let publisher = Publisher::join(ring).unwrap();
        let stopped = publisher.claim();
        publisher.publish(b"others", 0).unwrap();
        let begun = Instant::now();
        assert_eq!(reader.recv().await.unwrap().bytes(), b"others");
        assert!(begun.elapsed() >= Duration::from_micros(200));
        assert_eq!(reader.holes(), 1);
        drop(stopped);
    });
}

#[test]
fn a_task_that_waits_out_a_grace_gives_way_to_others_meanwhile() {
    let ring = HeapRing::<8>::new(8);
    let mut reader = Subscriber::join(ring.clone(), Start::Newest).into_async();
    let mut consumer = Consumer::join(ring.clone(), Start::Newest).unwrap().into_async();
    let publisher = Publisher::join(ring).unwrap();
    let _stopped = publisher.claim();
    publisher.publish(b"others", 0).unwrap();
    let mut context = Context::from_waker(Waker::noop());
    assert!(pin!(reader.recv()).poll(&mut context).is_pending());
    assert!(pin!(consumer.recv()).poll(&mut context).is_pending());
    // Polled until the grace is over: a task that waits for it is woken at once.
    assert_eq!(smol::block_on(within_a_minute(reader.recv())).unwrap().bytes(), b"others");
    assert_eq!(&*smol::block_on(within_a_minute(consumer.recv())).unwrap(), b"others");
}

/// A waker that is only counted.
struct Counted;

impl Wake for Counted {
    fn wake(self: Arc<Self>) {}
}

#[test]
fn a_future_that_is_dropped_keeps_no_waker_and_a_sleeping_one_keeps_one() {
    let ring = HeapRing::<8>::new(8);
    let mut reader = Subscriber::join(ring.clone(), Start::Newest).into_async();
    let counted = Arc::new(Counted);
    let waker = Waker::from(counted.clone());
    let mut context = Context::from_waker(&waker);
    let held = || Arc::strong_count(&counted) - 2;
    {
        let mut receiving = pin!(reader.recv());
        for _ in 0..3 {
            assert!(receiving.as_mut().poll(&mut context).is_pending());
            assert_eq!(held(), 1);
        }
    }
    assert_eq!(held(), 0);
    let mut stream = pin!(reader);
    assert!(matches!(stream.as_mut().poll_next(&mut context), Poll::Pending));
    assert_eq!(held(), 1);
    Publisher::join(ring).unwrap().publish(b"wakes", 0).unwrap();
    assert_eq!(held(), 0, "who is woken is forgotten");
    assert!(matches!(stream.as_mut().poll_next(&mut context), Poll::Ready(Some(Ok(_)))));
}

#[test]
fn a_task_that_is_polled_again_by_the_same_waker_keeps_the_one_it_has() {
    static CLONES: AtomicUsize = AtomicUsize::new(0);
    static VTABLE: RawWakerVTable = RawWakerVTable::new(clone, |_| {}, |_| {}, |_| {});
    fn clone(_: *const ()) -> RawWaker {
        CLONES.fetch_add(1, Relaxed);
        RawWaker::new(core::ptr::null(), &VTABLE)
    }
    // SAFETY: nothing is behind the pointer, and no function of the table uses it.
    let waker = unsafe { Waker::new(core::ptr::null(), &VTABLE) };
    let ring = HeapRing::<8>::new(8);
    let mut stream = pin!(Subscriber::join(ring, Start::Newest).into_async());
    for _ in 0..3 {
        assert!(stream.as_mut().poll_next(&mut Context::from_waker(&waker)).is_pending());
        assert_eq!(CLONES.load(Relaxed), 1);
    }
}

#[test]
fn an_endpoint_that_takes_anothers_place_leaves_no_waker_behind() {
    let rings = [HeapRing::<8>::new(8), HeapRing::<8>::new(8)];
    let [first, second] = rings.each_ref().map(|ring| Subscriber::join(ring.clone(), Start::Newest));
    let counted = Arc::new(Counted);
    let waker = Waker::from(counted.clone());
    let mut context = Context::from_waker(&waker);
    let held = || Arc::strong_count(&counted) - 2;
    let mut stream = first.into_async();
    assert!(pin!(&mut stream).poll_next(&mut context).is_pending());
    *stream = second;
    assert!(pin!(&mut stream).poll_next(&mut context).is_pending());
    assert_eq!(held(), 1, "the first ring's is gone");
    drop(stream);
    assert_eq!(held(), 0);
}

#[test]
fn an_endpoint_whose_waits_are_futures_shows_what_it_is_and_gives_it_back() {
    let ring = HeapRing::<8>::new(8);
    let reader = Subscriber::join(ring.clone(), Start::Newest).into_async();
    let publisher = Publisher::join(ring).unwrap().into_async();
    let said = format!("{reader:?} {publisher:?}");
    assert!(said.starts_with("Async(Subscriber") && said.contains(" Async(Publisher"), "{said}");
    let mut twin = reader.clone();
    publisher.into_inner().publish(b"both", 0).unwrap();
    assert_eq!(twin.try_recv().unwrap().bytes(), b"both");
    assert_eq!(reader.into_inner().try_recv().unwrap().bytes(), b"both", "a clone reads for itself");
}

#[test]
fn futures_of_endpoints_go_between_threads() {
    fn is_send<T: Send>(value: T) -> T {
        value
    }
    let ring = HeapRing::<8>::new(8);
    let mut reader = is_send(Subscriber::join(ring.clone(), Start::Newest).into_async());
    let mut consumer = is_send(Consumer::join(ring.clone(), Start::Newest).unwrap().into_async());
    let publisher: Async<Publisher<_>> = is_send(Publisher::join(ring).unwrap().into_async());
    drop(is_send(reader.recv()));
    drop(is_send(consumer.recv()));
    drop(is_send(consumer.batch()));
    drop(is_send(publisher.publish(b"", 0)));
}
