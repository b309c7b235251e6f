//! The rings that are put to the test: sizes, capacities, modes, homes.

use std::sync::Arc;

use proptest::prelude::*;
use rusted_ring::{ClosePolicy, HeapRing, Many, RingBuffer, Sole};

use crate::real::{AnyRing, Home, many, sole};

/// Which of the forms of a ring.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Form {
    is_sole: bool,
    closes: bool,
}

impl Form {
    fn policy(self) -> ClosePolicy {
        if self.closes { ClosePolicy::WithLastWriter } else { ClosePolicy::Never }
    }

    pub(crate) fn any() -> impl Strategy<Value = Form> {
        any::<(bool, bool)>().prop_map(|(is_sole, closes)| Form { is_sole, closes })
    }
}

fn heap<const N: usize>(capacity: usize, form: Form) -> Box<dyn AnyRing> {
    let Form { is_sole, closes } = form;
    if is_sole {
        Box::new(Home { ring: HeapRing::<N, Sole>::closing(capacity, form.policy()), join: sole, closes })
    } else {
        Box::new(Home { ring: HeapRing::<N, Many>::closing(capacity, form.policy()), join: many, closes })
    }
}

fn buffer<const N: usize, const CAP: usize>(form: Form) -> Box<dyn AnyRing> {
    let Form { is_sole, closes } = form;
    // A sole writer's behind an `Arc`, the others as statics.
    if is_sole {
        let ring = Arc::new(RingBuffer::<N, CAP, Sole>::closing(form.policy()));
        Box::new(Home { ring, join: sole, closes })
    } else {
        let ring: &'static _ = Box::leak(Box::new(RingBuffer::<N, CAP, Many>::closing(form.policy())));
        Box::new(Home { ring, join: many, closes })
    }
}

pub(crate) const CAPACITIES: [usize; 7] = [1, 2, 3, 5, 8, 15, 64];

pub(crate) fn on_the_heap(size: usize, capacity: usize, form: Form) -> Box<dyn AnyRing> {
    match size {
        0 => heap::<1>(capacity, form),
        1 => heap::<2>(capacity, form),
        2 => heap::<3>(capacity, form),
        3 => heap::<5>(capacity, form),
        4 => heap::<8>(capacity, form),
        5 => heap::<12>(capacity, form),
        6 => heap::<64>(capacity, form),
        _ => heap::<100>(capacity, form),
    }
}

pub(crate) fn in_a_buffer(which: usize, form: Form) -> Box<dyn AnyRing> {
    match which {
        0 => buffer::<12, 1>(form),
        1 => buffer::<64, 2>(form),
        2 => buffer::<5, 3>(form),
        3 => buffer::<100, 5>(form),
        4 => buffer::<1, 8>(form),
        5 => buffer::<3, 15>(form),
        6 => buffer::<8, 64>(form),
        _ => buffer::<2, 64>(form),
    }
}
