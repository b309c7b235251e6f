//! Rings in memory that the caller lends.

use std::{mem::MaybeUninit, sync::OnceLock, thread};

use rusted_ring::{
    BorrowedRing, BorrowedTypedRing, ClosePolicy, Consumer, PlaceError, Publisher, RingBuffer, RingRef, Sole,
    SolePublisher, Start, Subscriber, ledger::Ledger,
};

#[test]
fn a_ring_works_wherever_in_the_memory_it_begins_and_the_memory_is_ours_again() {
    let enough = BorrowedRing::<20>::bytes_for(7);
    let mut memory = vec![0xAA; enough + 64];
    for skipped in 0..64 {
        {
            let ring = BorrowedRing::<20>::new(&mut memory[skipped..skipped + enough], 7).unwrap();
            let mut reader = Subscriber::join(ring, Start::Newest);
            let publisher = Publisher::join(ring).unwrap();
            for number in 0..100u64 {
                publisher.publish(&number.to_le_bytes(), 0).unwrap();
                assert_eq!(reader.recv().unwrap().bytes(), number.to_le_bytes());
            }
            drop(publisher);
            assert!(reader.recv().is_err(), "the ring closed with its last publisher");
            assert_eq!((ring.capacity(), Ledger::of(&ring).claimed().get()), (7, 100));
        }
        assert!(memory[..skipped].iter().chain(&memory[skipped + enough..]).all(|&byte| byte == 0xAA));
        memory.fill(0xAA);
    }
}

#[test]
fn threads_share_a_ring_in_memory_that_was_never_written() {
    let mut memory: Vec<u8> = Vec::with_capacity(BorrowedTypedRing::<u64, Sole>::bytes_for(64));
    let ring = BorrowedTypedRing::<u64, Sole>::sole(memory.spare_capacity_mut(), 64).unwrap();
    let mut consumer = Consumer::join(ring, Start::Newest).unwrap();
    let mut publisher = SolePublisher::join(ring).unwrap();
    thread::scope(|scope| {
        scope.spawn(move || (0..10_000).for_each(|number| _ = publisher.send(&number)));
        let mut wanted = 0;
        while let Ok(batch) = consumer.batch() {
            batch.iter().for_each(|number| {
                assert_eq!(*number, wanted);
                wanted += 1;
            });
        }
        assert_eq!(wanted, 10_000);
    });
}

#[test]
fn a_ring_in_memory_that_lives_for_ever_is_for_threads_that_do() {
    static RING: OnceLock<BorrowedRing<'static, 64>> = OnceLock::new();
    let ring = *RING.get_or_init(|| {
        let memory = Box::leak(Box::<[u8]>::new_uninit_slice(BorrowedRing::<64>::bytes_for(16)));
        BorrowedRing::closing(memory, 16, ClosePolicy::Never).unwrap()
    });
    let mut reader = Subscriber::join(ring, Start::Newest);
    thread::spawn(move || Publisher::join(ring).unwrap().publish(b"from a thread", 1).unwrap()).join().unwrap();
    assert_eq!(reader.recv().unwrap().bytes(), b"from a thread");
}

#[test]
fn memory_that_is_too_small_is_refused_and_told_by_how_much() {
    let needed = BorrowedRing::<64>::bytes_for(10);
    assert!(needed < size_of::<RingBuffer<64, 10>>() + 64, "nothing is taken but the ring and its alignment");
    let mut memory = vec![MaybeUninit::uninit(); needed];
    assert!(BorrowedRing::<64>::new(&mut memory[..], 10).is_ok());
    for given in [0, 1, 63, 64, needed - 64] {
        let refused = BorrowedRing::<64>::new(&mut memory[..given], 10).unwrap_err();
        assert_eq!(refused, PlaceError::TooSmall { needed, given });
        assert!(refused.to_string().contains(&format!("{given} bytes, and the ring needs {needed}")), "{refused}");
    }
    assert_eq!(BorrowedRing::<64>::new(&mut memory[..], 0).unwrap_err(), PlaceError::NoSlots);
    let endless = BorrowedRing::<64>::new(&mut memory[..], usize::MAX).unwrap_err();
    assert_eq!(endless, PlaceError::TooSmall { needed: usize::MAX, given: needed });
}
