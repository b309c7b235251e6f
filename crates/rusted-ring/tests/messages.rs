//! What errors and answers say as text: each something, each something else, and the numbers and names in question.

#![cfg(feature = "std")]

use std::{error::Error, time::Duration};

use rusted_ring::{
    Consumer, EmitError, EventCreationError, HeapRing, HeapTypedRing, JoinError, PoolId, Publisher, Sole,
    SolePublisher, Start, Subscriber, SystemHealth, consumer,
    publisher::{Full, PublishError},
    subscriber,
};

/// The texts of `errors`, in which no two are alike.
#[track_caller]
fn texts<E: Error>(errors: impl IntoIterator<Item = E>) -> Vec<String> {
    let texts: Vec<String> = errors.into_iter().map(|error| error.to_string()).collect();
    for (nth, text) in texts.iter().enumerate() {
        assert!(text.contains(' '), "{text:?} says nothing");
        assert!(!texts[..nth].contains(text), "two errors say {text:?}");
    }
    texts
}

#[test]
fn a_consumer_says_why_it_has_no_event() {
    texts([consumer::TryRecvError::Empty, consumer::TryRecvError::Closed]);
    let ring = HeapRing::<8>::new(1);
    let mut consumer = Consumer::join(ring.clone(), Start::Newest).unwrap();
    drop(Publisher::join(ring).unwrap());
    let closed = consumer.recv().unwrap_err();
    assert_eq!(closed.to_string(), consumer::TryRecvError::Closed.to_string());
}

#[test]
fn a_subscriber_says_why_it_has_no_event() {
    let ring = HeapTypedRing::<u64>::new(1);
    let mut reader = Subscriber::join(ring.clone(), Start::Newest);
    let publisher = Publisher::join(ring).unwrap();
    let empty = reader.try_recv().unwrap_err();
    publisher.send_batch(&[1, 2]);
    let lagged = reader.try_recv().unwrap_err();
    assert!(matches!(lagged, subscriber::TryRecvError::Lagged(_)));
    assert_eq!(reader.try_recv(), Ok(2));
    drop(publisher);
    let closed = reader.try_recv().unwrap_err();
    let said = texts([empty, lagged, closed]);
    assert!(said[1].contains("1 sequences from 0 on"), "{said:?}");
    assert_eq!(said[2], reader.recv().unwrap_err().to_string());
}

/// A ring of two that a Consumer holds, and what its publisher is told.
fn refused(name: &str, wait: bool) -> Full {
    let ring = HeapTypedRing::<u64, Sole>::sole(2);
    let quick = Consumer::join(ring.clone(), Start::Newest).unwrap().named("quick");
    let slow = Consumer::join(ring.clone(), Start::Newest).unwrap().named(name);
    let mut publisher = SolePublisher::join(ring).unwrap();
    publisher.send_batch(&[1, 2]);
    drop(quick);
    let full = match wait {
        false => publisher.try_send(&3),
        true => publisher.send_timeout(&3, Duration::from_millis(3)),
    };
    drop(slow);
    full.unwrap_err()
}

#[test]
fn a_full_ring_names_who_blocks_it() {
    let full = refused("archive", false);
    assert_eq!(
        full.to_string(),
        "the ring is full: consumer `archive` (entry 1) has not left sequence 0, 2 behind; it was expected to receive: \
         speed it up, drop it, or read with a Subscriber, which nobody waits for"
    );
    assert!(full.waited.is_none());
    let full = refused("archive", true);
    assert!(full.waited >= Some(Duration::from_millis(3)));
    let text = full.to_string();
    assert!(text.starts_with("the ring is full, and no room came in ") && text.contains("`archive`"), "{text}");
    assert!(refused("", false).to_string().contains("a consumer without a name (entry 1)"));
}

#[test]
fn what_refuses_bytes_says_how_many_fit() {
    let publisher = Publisher::join(HeapRing::<8>::new(1)).unwrap();
    let too_large = publisher.publish(&[0; 9], 0).unwrap_err();
    assert!(texts([too_large])[0].starts_with("9 bytes were given, and there is room for 8"));
    assert_eq!(PublishError::from(too_large).to_string(), too_large.to_string());
    let full = refused("archive", false);
    assert_eq!(PublishError::from(full).to_string(), full.to_string());
}

#[test]
fn an_endpoint_says_why_it_could_not_join() {
    let refused = texts([JoinError::TooManyReaders, JoinError::AnotherRing, JoinError::Closed, JoinError::Occupied]);
    assert!(refused[0].contains("64 readers"), "{refused:?}");
}

#[test]
fn a_pool_says_what_it_refused_and_which_one_it_is() {
    assert!(texts([EmitError::RingFull(PoolId::S)])[0].contains("pool S is full"));
    let too_large = texts([EventCreationError::DataTooLarge { data_len: 300, max_size: 256 }]);
    assert!(too_large[0].contains("300 bytes") && too_large[0].contains("holds 256"), "{too_large:?}");
}

#[test]
fn health_is_a_word_that_can_be_aligned() {
    let all = [SystemHealth::Excellent, SystemHealth::Good, SystemHealth::Warning, SystemHealth::Critical];
    assert_eq!(all.map(|health| format!("{health:>9}")), ["excellent", "     good", "  warning", " critical"]);
}
