//! A ring of other processes, which this one keeps.

use rusted_ring::{Consumer, Sequence, Start, subscriber::Kept};
use rusted_ring_journal::{Journal, Options};

use crate::{Events, Place, rring, rring_with, until};

#[test]
fn what_others_publish_is_kept_and_they_see_how_far_it_is_durable() {
    const EVENTS: u64 = 300;
    let place = Place::new();
    let path = place.path("ring");
    let directory = place.path("journal");
    drop(place.create("ring", 16));
    let publish = |from: u64| {
        let lines: String = (from..from + EVENTS).map(|n| format!("event {n}\n")).collect();
        assert_eq!(rring_with(&["pub", &path, "--timeout", "20"], &lines).code, 0);
    };
    let durable = || rring(&["stat", &path, "--json"]).json()["readers"][0]["durable"].as_u64();
    for life in 0..2 {
        let ring: Events = place.file("ring").open().unwrap();
        let start = Start::At(Sequence::new(life * EVENTS));
        let consumer = Consumer::join(ring, start).unwrap().named("journal");
        let recording = Journal::open(&directory, Options::default()).unwrap().resume(consumer).unwrap();
        publish(life * EVENTS);
        until("nobody sees that it is durable", || durable() == Some((life + 1) * EVENTS));
        assert!(rring(&["stat", &path]).out.contains("DURABLE"));
        assert_eq!(recording.status().lost, 0);
        let journal = recording.stop().unwrap();
        assert_eq!(journal.epochs().len(), 1);
    }
    let journal = Journal::open(&directory, Options::default()).unwrap();
    let (mut reader, mut buffer) = (journal.reader(1), [0; 64]);
    for n in 0..2 * EVENTS {
        let kept = reader.read(Sequence::new(n), Sequence::new(2 * EVENTS), &mut buffer).unwrap();
        let Kept::Event { len, .. } = kept else { panic!("{n}: {kept:?}") };
        assert_eq!(buffer[..len], *format!("event {n}").as_bytes());
    }
}
