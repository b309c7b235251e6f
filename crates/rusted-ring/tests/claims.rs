//! Events written in place: what a claim promises while it is held, published, dropped, forgotten and given up.

use std::{
    fmt::Write as _,
    io::Write as _,
    panic::{AssertUnwindSafe, catch_unwind},
    thread,
    time::{Duration, Instant},
};

use rusted_ring::{
    Consumer, HeapRing, HeapTypedRing, Publisher, Sequence, Sole, SolePublisher, Start, Subscriber,
    ledger::Ledger,
    publisher::Revoked,
    subscriber::{Resync, TryRecvError},
};

/// Writes `whole` in pieces of `piece` bytes to slots of `N` bytes, by both kinds of publisher.
fn written_in_pieces<const N: usize>(whole: &[u8], piece: usize) {
    let ring = HeapRing::<N>::new(4);
    let mut reader = Subscriber::join(ring.clone(), Start::Newest);
    let publisher = Publisher::join(ring).unwrap();
    let mut claim = publisher.claim();
    whole.chunks(piece).for_each(|bytes| claim.append(bytes).unwrap());
    assert_eq!((claim.len(), claim.remaining()), (whole.len(), N - whole.len()));
    claim.publish(7).unwrap();
    let event = reader.try_recv().unwrap();
    assert_eq!((event.bytes(), event.event_type), (whole, 7), "{N}, in pieces of {piece}");

    let ring = HeapRing::<N, Sole>::sole(4);
    let mut reader = Subscriber::join(ring.clone(), Start::Newest);
    let mut publisher = SolePublisher::join(ring).unwrap();
    let mut claim = publisher.claim();
    whole.chunks(piece).for_each(|bytes| claim.append(bytes).unwrap());
    assert_eq!((claim.len(), claim.remaining()), (whole.len(), N - whole.len()));
    claim.publish(7);
    assert_eq!(reader.try_recv().unwrap().bytes(), whole);
}

#[test]
fn what_is_appended_in_any_pieces_is_one_event_whatever_the_word() {
    let bytes: Vec<u8> = (1..=48).collect();
    for piece in 1..=17 {
        (0..=48).for_each(|len| written_in_pieces::<48>(&bytes[..len], piece));
        (0..=20).for_each(|len| written_in_pieces::<20>(&bytes[..len], piece));
        (0..=6).for_each(|len| written_in_pieces::<6>(&bytes[..len], piece));
        (0..=5).for_each(|len| written_in_pieces::<5>(&bytes[..len], piece));
    }
}

#[test]
fn what_does_not_fit_is_refused_whole_and_the_claim_goes_on() {
    let ring = HeapRing::<8>::new(4);
    let mut reader = Subscriber::join(ring.clone(), Start::Newest);
    let publisher = Publisher::join(ring).unwrap();
    let mut claim = publisher.claim();
    claim.append(b"12345").unwrap();
    let refused = claim.append(b"6789").unwrap_err();
    assert_eq!((refused.data_len, refused.max_size), (4, 3));
    claim.append(b"678").unwrap();
    assert_eq!(
        claim.append(b"9").unwrap_err().to_string(),
        "1 bytes were given, and there is room for 0: use a larger size class, a ring of long events, or split them"
    );
    claim.publish(0).unwrap();
    assert_eq!(reader.recv().unwrap().bytes(), b"12345678");
}

#[test]
fn a_claim_is_written_to_as_a_file_or_as_text() {
    let ring = HeapRing::<16, Sole>::sole(4);
    let mut reader = Subscriber::join(ring.clone(), Start::Newest);
    let mut publisher = SolePublisher::join(ring).unwrap();
    let mut claim = publisher.claim();
    claim.write_all(b"bytes, ").unwrap();
    write!(AssertFmt(&mut claim), "{}", 42).unwrap();
    assert!(claim.write_all(b"too many bytes").is_err());
    claim.publish(0);
    assert_eq!(reader.recv().unwrap().bytes(), b"bytes, 42too man");
    let mut claim = publisher.claim();
    assert!(AssertFmt(&mut claim).write_str("this text is too long").is_err());
    claim.publish(0);
    assert!(reader.recv().unwrap().bytes().is_empty());
}

/// Text alone: a claim is both a `fmt::Write` and an `io::Write`.
struct AssertFmt<'a, W>(&'a mut W);

impl<W: std::fmt::Write> std::fmt::Write for AssertFmt<'_, W> {
    fn write_str(&mut self, text: &str) -> std::fmt::Result {
        self.0.write_str(text)
    }
}

#[test]
fn a_claim_of_many_publishers_that_is_dropped_is_a_hole_in_a_panic_too() {
    let ring = HeapRing::<8>::new(8);
    let mut reader = Subscriber::join(ring.clone(), Start::Newest);
    let mut consumer = Consumer::join(ring.clone(), Start::Newest).unwrap();
    let publisher = Publisher::join(ring.clone()).unwrap();
    drop(publisher.claim());
    let panicked = catch_unwind(AssertUnwindSafe(|| {
        let mut claim = publisher.claim();
        claim.append(b"half").unwrap();
        panic!("in the middle of an event");
    }));
    assert!(panicked.is_err());
    publisher.publish(b"event", 0).unwrap();
    assert_eq!(reader.try_recv().unwrap().bytes(), b"event");
    assert_eq!(&*consumer.try_recv().unwrap(), b"event");
    assert_eq!((reader.holes(), reader.received(), consumer.holes(), consumer.received()), (2, 1, 2, 1));
    assert_eq!(Ledger::of(&ring).claimed().get(), 3);
}

#[test]
fn a_claim_of_the_sole_publisher_that_is_dropped_never_was_in_a_panic_too() {
    let ring = HeapRing::<8, Sole>::sole(2);
    let mut reader = Subscriber::join(ring.clone(), Start::Newest);
    let mut consumer = Consumer::join(ring.clone(), Start::Newest).unwrap();
    let mut publisher = SolePublisher::join(ring.clone()).unwrap();
    publisher.claim().append(b"dropped").unwrap();
    let panicked = catch_unwind(AssertUnwindSafe(|| {
        let _claim = publisher.claim();
        panic!("in the middle of an event");
    }));
    assert!(panicked.is_err());
    assert_eq!(reader.try_recv().unwrap_err(), TryRecvError::Empty);
    assert_eq!(Ledger::of(&ring).claimed().get(), 0);
    assert_eq!(publisher.claim().publish(3).get(), 0);
    assert_eq!(reader.try_recv().unwrap().event_type, 3);
    assert_eq!(consumer.try_recv().unwrap().event_type(), 3);
    assert_eq!((reader.holes(), consumer.holes()), (0, 0));
}

#[test]
fn a_ring_that_closes_on_a_claim_given_up_ends_without_a_hole() {
    let ring = HeapRing::<8, Sole>::sole(4);
    let mut reader = Subscriber::join(ring.clone(), Start::Newest);
    let mut consumer = Consumer::join(ring.clone(), Start::Newest).unwrap();
    let mut publisher = SolePublisher::join(ring.clone()).unwrap();
    publisher.publish(b"event", 0).unwrap();
    _ = publisher.claim();
    drop(publisher);
    assert!(reader.recv().is_ok() && reader.recv().is_err());
    assert!(consumer.recv().is_ok() && consumer.recv().is_err());
    assert_eq!((reader.holes(), consumer.holes(), Ledger::of(&ring).claimed().get()), (0, 0, 1));
}

#[test]
fn a_reader_that_meets_a_claim_given_up_does_not_go_past_what_was_claimed() {
    for (capacity, resync) in [1, 2, 8, 9].into_iter().flat_map(|c| [(c, Resync::Margin), (c, Resync::Newest)]) {
        let ring = HeapRing::<8, Sole>::sole(capacity);
        let mut reader = Subscriber::join(ring.clone(), Start::Newest).resyncing(resync);
        let mut publisher = SolePublisher::join(ring.clone()).unwrap();
        let longest_run = (capacity as u64 / 4).max(1);
        let published = capacity as u64 + 1 - longest_run;
        (0..published).for_each(|number| _ = publisher.publish(&number.to_le_bytes(), 0).unwrap());
        // The last claim of this run takes the first event's slot; then the run is given up.
        _ = publisher.claim_batch(capacity);
        let Err(TryRecvError::Lagged(lagged)) = reader.try_recv() else {
            panic!("{capacity}: nothing was overwritten")
        };
        assert_eq!(lagged.from.get(), 0);
        assert!(lagged.to <= Ledger::of(&ring).claimed(), "{capacity}, {resync:?}: {lagged:?}");
        publisher.publish(b"newest", 0).unwrap();
        assert_eq!(reader.by_ref().last().unwrap().bytes(), b"newest");
        assert_eq!((reader.received() + reader.lost(), reader.holes()), (published + 1, 0), "{capacity}, {resync:?}");
    }
}

#[test]
fn claims_of_a_batch_are_filled_and_published_in_any_order() {
    let ring = HeapRing::<8>::new(8);
    let mut reader = Subscriber::join(ring.clone(), Start::Newest);
    let publisher = Publisher::join(ring).unwrap();
    let batch = publisher.claim_batch(5);
    assert_eq!(batch.len(), 5);
    let mut claims: Vec<_> = batch.take(4).collect();
    let hole = claims.remove(1);
    for claim in claims.iter_mut().rev() {
        let number = claim.sequence().get();
        claim.append(&number.to_le_bytes()).unwrap();
    }
    for claim in claims.into_iter().rev() {
        claim.publish(0).unwrap();
    }
    drop(hole);
    publisher.publish(b"after", 0).unwrap();
    for number in [0u64, 2, 3] {
        assert_eq!(reader.try_recv().unwrap().bytes(), number.to_le_bytes());
    }
    assert_eq!(reader.try_recv().unwrap().bytes(), b"after");
    // The second was dropped, the fifth was not taken out of the batch.
    assert_eq!((reader.holes(), reader.next_sequence()), (2, Sequence::new(6)));
}

#[test]
fn a_batch_of_the_sole_publisher_is_published_in_order_as_far_as_it_was() {
    let ring = HeapRing::<8, Sole>::sole(16);
    let mut reader = Subscriber::join(ring.clone(), Start::Newest);
    let mut publisher = SolePublisher::join(ring.clone()).unwrap();
    let mut batch = publisher.claim_batch(100);
    assert_eq!(batch.remaining(), 4, "a quarter of the ring");
    batch.next_claim().unwrap().publish(10);
    _ = batch.next_claim().unwrap();
    let again = batch.next_claim().unwrap();
    assert_eq!(again.sequence().get(), 1, "the sequence of the one before, which was dropped");
    again.publish(11);
    assert_eq!(Ledger::of(&ring).claimed().get(), 2);
    publisher.publish(b"", 12).unwrap();
    let types: Vec<_> = std::iter::from_fn(|| Some(reader.try_recv().ok()?.event_type)).collect();
    assert_eq!((types, reader.holes()), (vec![10, 11, 12], 0));
}

#[test]
fn a_batch_of_none_claims_none() {
    let ring = HeapRing::<8>::new(8);
    let publisher = Publisher::join(ring.clone()).unwrap();
    assert_eq!(publisher.claim_batch(0).count(), 0);
    assert_eq!(Ledger::of(&ring).claimed().get(), 0);
    let ring = HeapRing::<8, Sole>::sole(8);
    let mut publisher = SolePublisher::join(ring).unwrap();
    assert!(publisher.try_claim_batch(0).unwrap().next_claim().is_none());
    assert!(publisher.claim_batch(0).next_claim().is_none());
}

#[test]
fn behind_a_consumer_a_claim_is_refused_or_waits_and_holds_no_sequence() {
    let ring = HeapRing::<8>::new(2);
    let mut consumer = Consumer::join(ring.clone(), Start::Newest).unwrap();
    let publisher = Publisher::join(ring.clone()).unwrap();
    (0..2).for_each(|_| _ = publisher.publish(b"fills", 0).unwrap());
    let full = [
        publisher.try_claim().unwrap_err(),
        publisher.try_claim_batch(3).unwrap_err(),
        publisher.claim_timeout(Duration::from_millis(2)).unwrap_err(),
    ];
    assert!(full.iter().all(|full| full.blocker.unwrap().position.get() == 0), "{full:?}");
    assert_eq!(full.map(|full| full.waited >= Some(Duration::from_millis(2))), [false, false, true]);
    assert_eq!(Ledger::of(&ring).claimed().get(), 2);
    thread::scope(|scope| {
        let waiting = scope.spawn(|| publisher.claim().publish(5).unwrap());
        thread::sleep(Duration::from_millis(5));
        drop(consumer.recv().unwrap());
        assert_eq!(waiting.join().unwrap().get(), 2);
    });

    let ring = HeapRing::<8, Sole>::sole(2);
    let mut consumer = Consumer::join(ring.clone(), Start::Newest).unwrap();
    let mut publisher = SolePublisher::join(ring).unwrap();
    (0..2).for_each(|_| _ = publisher.publish(b"fills", 0).unwrap());
    let full = [
        publisher.try_claim().unwrap_err(),
        publisher.try_claim_batch(3).unwrap_err(),
        publisher.claim_timeout(Duration::from_millis(2)).unwrap_err(),
    ];
    assert!(full.iter().all(|full| full.blocker.unwrap().position.get() == 0), "{full:?}");
    assert_eq!(full.map(|full| full.waited >= Some(Duration::from_millis(2))), [false, false, true]);
    thread::scope(|scope| {
        let waiting = scope.spawn(|| publisher.claim_batch(2).next_claim().unwrap().publish(5));
        thread::sleep(Duration::from_millis(5));
        drop(consumer.recv().unwrap());
        assert_eq!(waiting.join().unwrap().get(), 2);
    });
}

#[test]
fn a_claim_held_for_too_long_is_revoked_and_costs_one_hole() {
    let ring = HeapRing::<8>::new(8);
    let mut reader = Subscriber::join(ring.clone(), Start::Newest);
    let publisher = Publisher::join(ring).unwrap();
    let mut claim = publisher.claim();
    claim.append(b"late").unwrap();
    publisher.publish(b"others", 0).unwrap();
    let begun = Instant::now();
    assert_eq!(reader.recv().unwrap().bytes(), b"others");
    assert!(begun.elapsed() >= Duration::from_micros(200));
    claim.append(b"r").unwrap();
    assert!(matches!(claim.publish(0), Err(Revoked { sequence, .. }) if sequence.get() == 0));
    publisher.publish(b"again", 0).unwrap();
    assert_eq!(reader.recv().unwrap().bytes(), b"again");
    assert_eq!((reader.holes(), reader.lost()), (1, 0));
}

#[test]
fn values_are_made_of_the_sequence_they_are_sent_under() {
    let ring = HeapTypedRing::<[u64; 2]>::new(8);
    let mut consumer = Consumer::join(ring.clone(), Start::Newest).unwrap();
    let publisher = Publisher::join(ring).unwrap();
    for claim in publisher.claim_batch(3) {
        let sequence = claim.sequence().get();
        claim.send(&[sequence, !sequence]).unwrap();
    }
    let ring = HeapTypedRing::<[u64; 2], Sole>::sole(16);
    let mut other = Consumer::join(ring.clone(), Start::Newest).unwrap();
    let mut publisher = SolePublisher::join(ring).unwrap();
    let mut batch = publisher.claim_batch(3);
    while let Some(claim) = batch.next_claim() {
        let sequence = claim.sequence().get();
        claim.send(&[sequence, !sequence]);
    }
    for sequence in 0..3 {
        assert_eq!(*consumer.try_recv().unwrap(), [sequence, !sequence]);
        assert_eq!(*other.try_recv().unwrap(), [sequence, !sequence]);
    }
}
