//! Whatever way a machine goes, events are the same.

use std::{thread, time::Duration};

use rusted_ring::{Consumer, HeapRing, Sole, SolePublisher, Start, Subscriber, Tuning, subscriber};

const EVENTS: u64 = 4_000;

fn event(number: u64) -> [u8; 64] {
    let mut bytes = [number as u8; 64];
    bytes[..8].copy_from_slice(&number.to_le_bytes());
    bytes
}

fn tunings() -> Vec<Tuning> {
    let mut tunings = Vec::new();
    for ways in 0..16 {
        let mut tuning = Tuning::PORTABLE;
        tuning.cursor_first = ways & 1 != 0;
        tuning.own_events_below = if ways & 2 != 0 { usize::MAX } else { 0 };
        tuning.own_batches_below = if ways & 4 != 0 { usize::MAX } else { 0 };
        tuning.fetch_ahead = ways & 8 != 0;
        tunings.push(tuning);
    }
    tunings
}

#[test]
fn every_tuning_carries_the_same_events() {
    for tuning in tunings() {
        let ring = HeapRing::<64, Sole>::sole(32);
        let mut consumer = Consumer::join(ring.clone(), Start::Newest).unwrap().tuned(tuning);
        let mut screen = Subscriber::join(ring.clone(), Start::Newest).tuned(tuning);
        let mut publisher = SolePublisher::join(ring).unwrap().tuned(tuning);
        thread::scope(|scope| {
            scope.spawn(move || (0..EVENTS).for_each(|number| _ = publisher.publish(&event(number), 1).unwrap()));
            scope.spawn(move || {
                let mut next = 0;
                while next < EVENTS {
                    // One by itself, then all that is ready.
                    let loan = consumer.recv_timeout(Duration::from_secs(60)).unwrap();
                    assert_eq!(*loan, event(next), "{tuning:?}");
                    drop(loan);
                    next += 1;
                    if let Ok(batch) = consumer.try_batch() {
                        batch.iter().zip(next..).for_each(|(found, number)| assert_eq!(*found, event(number)));
                        next += batch.len() as u64;
                    }
                }
            });
            let mut received = 0;
            loop {
                match screen.try_recv() {
                    Ok(found) => {
                        assert_eq!(found.bytes(), event(screen.next_sequence().get() - 1), "{tuning:?}");
                        received += 1;
                    }
                    Err(subscriber::TryRecvError::Closed) => break,
                    Err(_) => thread::yield_now(),
                }
            }
            assert_eq!(received + screen.lost(), EVENTS, "{tuning:?}");
        });
    }
}

#[test]
fn a_publisher_is_tuned_anew_between_any_two_events() {
    let ring = HeapRing::<64, Sole>::sole(8);
    let mut consumer = Consumer::join(ring.clone(), Start::Newest).unwrap();
    let mut publisher = SolePublisher::join(ring).unwrap();
    for (number, tuning) in (0..100).zip(tunings().into_iter().cycle()) {
        publisher = publisher.tuned(tuning);
        consumer = consumer.tuned(tuning);
        assert_eq!(publisher.publish(&event(number), 1).unwrap().get(), number);
        assert_eq!(*consumer.recv().unwrap(), event(number));
    }
}

#[test]
fn endpoints_go_as_this_machine_does_and_say_so() {
    let ring = HeapRing::<64, Sole>::sole(8);
    let publisher = SolePublisher::join(ring).unwrap();
    let said = format!("cursor_first: {}", Tuning::of_this_machine().cursor_first);
    assert!(format!("{publisher:?}").contains(&said), "{publisher:?}");
}
