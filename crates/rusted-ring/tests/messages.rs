//! What errors and answers say as text: each something, each something else, and the numbers and names in question.

#![cfg(feature = "std")]

use std::error::Error;

use rusted_ring::{
    EmitBytesError, EmitError, EventCreationError, PoolId, SystemHealth,
    consumer::{self, Closed, JoinAfterError, TooManyConsumers},
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
    texts([consumer::RecvTimeoutError::Timeout, consumer::RecvTimeoutError::Closed]);
    let closed = texts([Closed]);
    assert_eq!(closed[0], consumer::TryRecvError::Closed.to_string());
    assert_eq!(closed[0], consumer::RecvTimeoutError::Closed.to_string());
}

#[test]
fn a_consumer_says_why_it_could_not_join() {
    let refused = texts([TooManyConsumers]);
    assert!(refused[0].contains("64 readers"), "{refused:?}");
    let after = texts([JoinAfterError::TooManyConsumers, JoinAfterError::AnotherRing]);
    assert_eq!(after[0], refused[0]);
}

#[test]
fn a_pool_says_what_it_refused_and_which_one_it_is() {
    let refused = texts([
        EmitBytesError::RingFull(PoolId::XL),
        EmitBytesError::Exhausted(PoolId::XL),
        EmitBytesError::DataTooLarge { data_len: 70, max_size: 64 },
    ]);
    assert!(refused[..2].iter().all(|text| text.contains("pool XL")), "{refused:?}");
    assert!(refused[2].contains("70 bytes") && refused[2].contains("holds 64"), "{refused:?}");
    assert!(texts([EmitError::RingFull(PoolId::S)])[0].contains("pool S is full"));
    let too_large = texts([EventCreationError::DataTooLarge { data_len: 300, max_size: 256 }]);
    assert!(too_large[0].contains("300 bytes") && too_large[0].contains("holds 256"), "{too_large:?}");
}

#[test]
fn health_is_a_word_that_can_be_aligned() {
    let all = [SystemHealth::Excellent, SystemHealth::Good, SystemHealth::Warning, SystemHealth::Critical];
    assert_eq!(all.map(|health| format!("{health:>9}")), ["excellent", "     good", "  warning", " critical"]);
}
