//! Rings in memory as it is wished work as any other, whatever is granted.

use std::{env, panic::catch_unwind, thread};

use rusted_ring::{
    Bytes, ClosePolicy, Consumer, HeapNotedTypedRing, HeapRing, HeapTypedRing, Publisher, RingRef, SharedRing, Sole,
    SolePublisher, Start, Subscriber,
    placement::{RingMemory, Unmet, Wish},
};

const CLOSING: ClosePolicy = ClosePolicy::WithLastPublisher;

/// Every wish at once, on a machine that has a core of number 0.
fn all() -> RingMemory {
    RingMemory::new().huge_pages().near_core(0).locked()
}

#[test]
fn events_go_through_rings_of_every_kind_and_shape() {
    for memory in [RingMemory::new(), RingMemory::new().huge_pages(), RingMemory::new().on_node(0), all()] {
        for capacity in [1, 7, 100, 5000] {
            let (ring, report) = HeapRing::<20>::with_memory(capacity, CLOSING, &memory);
            assert_eq!((ring.capacity(), ring.close_policy()), (capacity, CLOSING));
            assert!(report.bytes >= (capacity * (20 + 16)) as u64, "{report}");
            let mut consumer = Consumer::join(ring.clone(), Start::Newest).unwrap();
            let mut subscriber = Subscriber::join(ring.clone(), Start::Newest);
            let publisher = Publisher::join(ring).unwrap();
            for number in 0..3 * capacity as u64 {
                publisher.publish(&number.to_le_bytes(), 7).unwrap();
                assert_eq!(*consumer.recv().unwrap(), number.to_le_bytes());
                assert_eq!(subscriber.recv().unwrap().bytes(), number.to_le_bytes());
            }
            drop(publisher);
            assert!(consumer.recv().is_err() && subscriber.recv().is_err(), "it closed with its publisher");
        }
    }
}

#[test]
fn threads_share_a_ring_whose_tags_have_no_size() {
    let (ring, _) = HeapTypedRing::<[u64; 2], Sole>::with_memory(64, CLOSING, &all());
    let mut consumer = Consumer::join(ring.clone(), Start::Newest).unwrap();
    let publishing = thread::spawn(move || {
        let mut publisher = SolePublisher::join(ring).unwrap();
        (0..10_000).for_each(|number| _ = publisher.send(&[number, !number]));
    });
    let mut wanted = 0;
    while let Ok(batch) = consumer.batch() {
        for event in &batch {
            assert_eq!(*event, [wanted, !wanted]);
            wanted += 1;
        }
    }
    assert_eq!(wanted, 10_000);
    publishing.join().unwrap();
}

#[test]
fn notes_and_long_events_lie_there_too() {
    use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

    let (ring, _) = HeapNotedTypedRing::<u64, AtomicU64>::with_memory(16, CLOSING, &all());
    let mut consumer = Consumer::join(ring.clone(), Start::Newest).unwrap();
    let publisher = Publisher::join(ring).unwrap();
    for number in 0..100 {
        publisher.send(&number);
        let batch = consumer.batch().unwrap();
        assert_eq!(batch.iter().next().unwrap().notes().swap(number, Relaxed), number.saturating_sub(16));
    }
    let (ring, _) = SharedRing::<Bytes<1000, 64>>::with_memory(128, CLOSING, &all());
    let mut consumer = Consumer::join(ring.clone(), Start::Newest).unwrap();
    let publisher = Publisher::join(ring).unwrap();
    for number in 0..100u8 {
        publisher.publish(&vec![number; 10 * usize::from(number)], 1).unwrap();
        assert_eq!(*consumer.recv().unwrap(), vec![number; 10 * usize::from(number)]);
    }
}

#[test]
fn what_is_not_wished_is_not_answered_and_a_path_that_is_no_hugetlbfs_says_why() {
    let (_, report) = HeapRing::<64>::with_memory(10, CLOSING, &RingMemory::new());
    assert!(report.answers.is_empty());
    assert!(report.required().is_ok());
    let directories = [env::temp_dir(), env::temp_dir().join("there is no such directory")];
    for directory in directories {
        let before = directory.read_dir().map_or(0, |files| files.filter_map(Result::ok).filter(is_ours).count());
        let memory = RingMemory::new().huge_pages_at(&directory);
        let (ring, report) = HeapRing::<64>::with_memory(10, CLOSING, &memory);
        assert_eq!(ring.capacity(), 10, "the ring is there nevertheless");
        let [(Wish::HugePagesAt(path), unmet)] = &report.unmet().collect::<Vec<_>>()[..] else { panic!("{report}") };
        assert_eq!(*path, directory);
        let expected = |unmet: &Unmet| {
            if cfg!(target_os = "linux") {
                matches!(unmet, Unmet::NoHugetlbfs { .. })
            } else {
                *unmet == Unmet::NotHere
            }
        };
        assert!(expected(unmet), "{report}");
        let error = report.required().unwrap_err();
        assert!(error.to_string().starts_with("the ring's memory is not as required; huge pages of "), "{error}");
        let after = directory.read_dir().map_or(0, |files| files.filter_map(Result::ok).filter(is_ours).count());
        assert_eq!(after, before, "no file is left behind");
    }
}

fn is_ours(file: &std::fs::DirEntry) -> bool {
    file.file_name().to_string_lossy().starts_with(&format!("rusted-ring-{}-", std::process::id()))
}

#[test]
fn a_ring_that_cannot_be_panics_as_any_other() {
    let said = |capacity| {
        let memory = RingMemory::new().huge_pages();
        let panic = catch_unwind(|| drop(HeapRing::<64>::with_memory(capacity, CLOSING, &memory))).unwrap_err();
        match panic.downcast_ref::<String>() {
            Some(said) => said.clone(),
            None => panic.downcast_ref::<&str>().unwrap().to_string(),
        }
    };
    assert!(said(0).contains("at least one slot"));
    assert!(said(usize::MAX / 64).contains("must fit the address space"));
    assert!(said(1 << 52).contains("no memory"));
}
