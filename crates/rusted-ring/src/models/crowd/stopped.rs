//! Publishers that stop in the middle of a publish, for a while or for ever: the others go on, and nothing is lost.

use std::sync::Arc;

use super::{
    Consumer, Ring, Subscriber,
    books::{Events, Published, event},
    explore_sleeping, joined, payload, read_to_the_end, receive_to_the_end,
};
use crate::{Closing, Many, RingRef, Start, publisher::Publisher, sync::thread};

const EACH: u64 = 2;

/// Publishes, stops with a sequence claimed, and publishes again.
fn publish_and_stop<const CAP: usize>(publisher: Publisher<Arc<Ring<CAP, Many, Closing>>>, id: u64) -> Events {
    let publish = |number: u64| {
        let value = event(id, number);
        (publisher.publish(&payload(value), 0).unwrap().get(), value)
    };
    let claim = || {
        loop {
            match publisher.ring().view().claim() {
                Ok(claim) => break claim,
                Err(_) => thread::yield_now(),
            }
        }
    };
    let mut events: Events = (0..EACH).map(publish).collect();
    match id {
        0 => core::mem::forget(claim()),
        1 => drop(claim()),
        _ => {
            let mut claim = claim();
            thread::yield_now();
            let value = event(id, EACH);
            claim.fill(&payload(value), 0);
            // Given up meanwhile, it is a hole, and a publisher would publish again.
            events.extend(claim.commit().ok().map(|sequence| (sequence.get(), value)));
        }
    }
    events.extend((EACH + 1..=2 * EACH).map(publish));
    events
}

#[test]
fn what_is_claimed_and_not_published_is_a_hole_for_everybody() {
    explore_sleeping(3, || {
        let ring = Arc::new(Ring::<5, _, _>::closing());
        let consumer = Consumer::<5, _, _>::join(ring.clone(), Start::Newest).unwrap();
        let reader = Subscriber::<5, _, _>::join(ring.clone(), Start::Newest);
        let publishers = [0, 1, 2].map(|id| (Publisher::join(ring.clone()).unwrap(), id));
        let publishing = publishers.map(|(publisher, id)| thread::spawn(move || publish_and_stop(publisher, id)));
        let reading = thread::spawn(move || read_to_the_end(reader));
        let whole = receive_to_the_end(consumer);
        let published = Published::by(joined(publishing));
        published.is_whole_in(&whole);
        published.is_partly_in(&reading.join().unwrap(), whole.next());
        assert_eq!(published.len() + whole.holes(), whole.next());
        assert!(whole.holes() >= 2, "one claim was forgotten, and one dropped");
    });
}
