//! The Consumer that a full ring names: the name is whole, and is that Consumer's.

use std::sync::Arc;

use super::{Consumer, Ring, explore, payload};
use crate::{
    Start,
    publisher::{Full, PublishError, Publisher},
    sync::thread,
};

/// What `publisher` of a ring of one is told, if it is refused.
fn refused(publisher: &Publisher<Arc<Ring<1>>>) -> Option<Full> {
    match publisher.try_publish(&payload(2), 0) {
        Ok(_) => None,
        Err(PublishError::Full(full)) => Some(full),
        Err(error) => panic!("{error}"),
    }
}

#[test]
fn a_name_is_whole_while_it_changes() {
    explore(2, || {
        let ring = Arc::new(Ring::<1>::new());
        let consumer = Consumer::<1>::join(ring.clone(), Start::Oldest).unwrap().named("first of two");
        let publisher = Publisher::join(ring).unwrap();
        publisher.try_publish(&payload(1), 0).unwrap();
        let naming = thread::spawn(move || consumer.named("other than it"));
        let blocker = refused(&publisher).expect("nobody has received").blocker.expect("one is in the way");
        let name = blocker.name.as_str();
        assert!(["", "first of two", "other than it"].contains(&name), "{name:?}");
        assert_eq!((blocker.entry, blocker.position.get(), blocker.lag), (0, 0, 1));
        drop(naming.join().unwrap());
    });
}

#[test]
fn nobody_is_blamed_for_the_one_that_had_the_entry_before() {
    explore(2, || {
        let ring = Arc::new(Ring::<1>::new());
        let former = Consumer::<1>::join(ring.clone(), Start::Oldest).unwrap().named("former");
        let publisher = Publisher::join(ring.clone()).unwrap();
        publisher.try_publish(&payload(1), 0).unwrap();
        let changing = thread::spawn(move || {
            drop(former);
            Consumer::<1>::join(ring, Start::Newest).unwrap().named("next")
        });
        // The next one begins behind the event, and so holds nobody.
        if let Some(blocker) = refused(&publisher).and_then(|full| full.blocker) {
            assert!(["", "former"].contains(&blocker.name.as_str()), "{blocker:?}");
        }
        drop(changing.join().unwrap());
    });
}
