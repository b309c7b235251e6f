//! Capacities that no ring can have are refused, before any memory is taken.

use std::{
    panic::{UnwindSafe, catch_unwind},
    sync::atomic::AtomicU64,
};

use rusted_ring::{
    BorrowedRing, BorrowedTypedRing, Capacities, HeapNotedTypedRing, HeapPools, HeapRing, HeapTypedRing, PlaceError,
    Sole, pool::PoolSet,
};

/// What `make` panics with.
fn refusal(make: impl FnOnce() + UnwindSafe) -> String {
    let panic = catch_unwind(make).expect_err("no such ring is possible");
    match panic.downcast::<String>() {
        Ok(said) => *said,
        Err(panic) => (*panic.downcast::<&str>().expect("a panic says why")).to_owned(),
    }
}

/// Beyond what a slice may have, beyond what an address can count, and beyond a multiplication.
const HUGE: [usize; 4] = [usize::MAX, usize::MAX / 2 + 1, isize::MAX as usize, usize::MAX / 8 + 1];

#[test]
fn a_ring_beyond_the_address_space_is_refused_wherever_it_would_be() {
    for slots in HUGE {
        let on_the_heap: [fn(usize); 8] = [
            |slots| drop(HeapRing::<64>::new(slots)),
            |slots| drop(HeapRing::<64, Sole>::sole(slots)),
            |slots| drop(HeapRing::<16384>::new(slots)),
            |slots| drop(HeapTypedRing::<u64>::new(slots)),
            |slots| drop(HeapTypedRing::<[u64; 8], Sole>::sole(slots)),
            |slots| drop(HeapNotedTypedRing::<[u64; 8], AtomicU64, Sole>::sole(slots)),
            |slots| _ = BorrowedRing::<64>::bytes_for(slots),
            |slots| _ = BorrowedTypedRing::<[u64; 8], Sole>::bytes_for(slots),
        ];
        for make in on_the_heap {
            let said = refusal(move || make(slots));
            assert!(said.contains("must fit the address space"), "{slots} slots: {said}");
        }
        let mut memory = [0; 64];
        let placed = BorrowedRing::<64>::new(&mut memory[..], slots).unwrap_err();
        assert_eq!(placed, PlaceError::TooSmall { needed: usize::MAX, given: 64 });
    }
    // A value of the ring and nothing beside it: no tag is of any size.
    for slots in [usize::MAX, usize::MAX / 8 + 1, isize::MAX as usize / 8] {
        let said = refusal(move || drop(HeapTypedRing::<u64, Sole>::sole(slots)));
        assert!(said.contains("must fit the address space"), "{slots} slots: {said}");
    }
}

#[test]
fn a_set_of_pools_is_refused_whole() {
    let ok = Capacities { xs: 1, s: 1, m: 1, l: 1, xl: 1 };
    let with = |capacity| {
        [
            Capacities { xs: capacity, ..ok },
            Capacities { s: capacity, ..ok },
            Capacities { m: capacity, ..ok },
            Capacities { l: capacity, ..ok },
            Capacities { xl: capacity, ..ok },
        ]
    };
    for capacities in HUGE.into_iter().flat_map(with) {
        assert_eq!(capacities.payload_bytes(), usize::MAX);
        let said = refusal(move || drop(HeapPools::new(capacities)));
        assert!(said.contains("must fit the address space"), "{capacities:?}: {said}");
    }
    for capacities in with(0) {
        let said = refusal(move || drop(HeapPools::new(capacities)));
        assert!(said.contains("at least one slot"), "{capacities:?}: {said}");
    }
    assert_eq!(HeapPools::new(ok).stats().map(|pool| pool.capacity), [1; 5]);
}

/// A length that a slice may have, and no machine has.
#[cfg(target_pointer_width = "64")]
#[test]
fn memory_that_is_not_there_is_a_panic_and_no_abort() {
    let makes: [fn(); 4] = [
        || drop(HeapRing::<64>::new(1 << 55)),
        || drop(HeapTypedRing::<u64, Sole>::sole(1 << 59)),
        || drop(HeapNotedTypedRing::<u64, AtomicU64>::new(1 << 57)),
        || drop(HeapPools::new(Capacities { xl: 1 << 46, ..Capacities::MOBILE })),
    ];
    for make in makes {
        let said = refusal(make);
        assert!(said.contains("no memory: "), "{said}");
    }
}
