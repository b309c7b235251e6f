//! Claims written in place: in pieces that end within a word, given up by their owner, and taken from it.

use std::sync::Arc;

use super::{BYTES, Ring, Subscriber, drain, explore, payload};
use crate::{
    Sole, Start,
    ledger::Ledger,
    publisher::{Publisher, Revoked, SolePublisher},
    subscriber::Resync,
    sync::thread,
};

/// A payload in two pieces, of which the first ends within a word.
fn pieces(payload: &[u8; BYTES]) -> (&[u8], &[u8]) {
    payload.split_at(BYTES - 3)
}

#[test]
fn a_reader_is_overtaken_by_a_claim_in_pieces() {
    explore(3, || {
        let ring = Arc::new(Ring::<1>::new());
        let mut reader = Subscriber::<1>::join(ring.clone(), Start::Newest);
        let publisher = Publisher::join(ring).unwrap();
        publisher.try_publish(&payload(1), 0).unwrap();
        let publishing = thread::spawn(move || {
            let two = payload(2);
            let mut claim = publisher.try_claim().unwrap();
            claim.append(pieces(&two).0).unwrap();
            claim.append(pieces(&two).1).unwrap();
            claim.publish(0).is_ok()
        });
        let mut values = drain(&mut reader, 2);
        let published = publishing.join().unwrap();
        values.extend(drain(&mut reader, 3));
        // On a ring of one slot a pending claim keeps everybody waiting, so a waiting publisher may take the sequence away at once.
        match published {
            true => assert!(values == [1, 2] || values == [2], "{values:?}"),
            false => assert!(values == [1] || values.is_empty(), "{values:?}"),
        }
    });
}

#[test]
fn a_claim_that_the_sole_publisher_gives_up_is_no_event_and_no_hole() {
    for resync in [Resync::Margin, Resync::Newest] {
        explore(3, move || {
            let ring = Arc::new(Ring::<2, Sole>::sole());
            let mut reader = Subscriber::<2, Sole>::join(ring.clone(), Start::Newest).resyncing(resync);
            let mut publisher = SolePublisher::join(ring.clone()).unwrap();
            (1..=2).for_each(|value| _ = publisher.try_publish(&payload(value), 0).unwrap());
            let publishing = thread::spawn(move || {
                publisher.try_claim().unwrap().append(pieces(&payload(9)).0).unwrap();
                publisher.try_publish(&payload(3), 0).unwrap();
            });
            let mut values = drain(&mut reader, 2);
            let position = reader.next_sequence();
            assert!(position <= Ledger::of(&ring).claimed());
            publishing.join().unwrap();
            values.extend(drain(&mut reader, 4));
            assert!([1, 2, 3].ends_with(&values) || values == [1, 3], "{values:?}");
            assert_eq!((reader.received() + reader.lost(), reader.holes()), (3, 0));
        });
    }
}

#[test]
fn a_claim_taken_from_its_owner_is_revoked_or_published_and_never_both() {
    explore(2, || {
        let ring = Arc::new(Ring::<2>::new());
        let publisher = Publisher::join(ring.clone()).unwrap();
        let owner = thread::spawn(move || {
            let one = payload(1);
            let mut claim = publisher.try_claim().unwrap();
            claim.append(pieces(&one).0).unwrap();
            claim.append(pieces(&one).1).unwrap();
            claim.publish(0)
        });
        let other = Publisher::join(ring.clone()).unwrap();
        let second = thread::spawn(move || other.try_publish(&payload(2), 0).unwrap());
        let mut reader = Subscriber::<2>::join(ring, Start::At(crate::Sequence::new(0)));
        let mut values = drain(&mut reader, 2);
        let owned = owner.join().unwrap();
        second.join().unwrap();
        values.extend(drain(&mut reader, 4));
        values.sort_unstable();
        match owned {
            Ok(_) => assert_eq!(values, [1, 2]),
            Err(Revoked { .. }) => assert_eq!((values, reader.holes() > 0), (vec![2], true)),
        }
    });
}
