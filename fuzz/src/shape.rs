//! The rings that are put to the test: contents, capacities, modes, homes.
//!
//! Each type of ring has code of its own, whose coverage counts for the fuzzer as new: few types leave it more time for
//! operations. Slots of every word are the concern of another target.

use arbitrary::Arbitrary;
use rusted_ring::{Bytes, Typed};

use crate::pair::{AnyRing, Form};

/// Which ring.
#[derive(Arbitrary, Clone, Copy, Debug)]
pub(crate) struct Shape {
    content: u8,
    capacity: u8,
    form: Form,
}

const CAPACITIES: [usize; 9] = [1, 2, 3, 5, 8, 15, 16, 64, 65];

impl Shape {
    /// A new ring of this shape.
    pub(crate) fn build(self) -> Box<dyn AnyRing> {
        let Shape { content, capacity, form } = self;
        let capacity = CAPACITIES[usize::from(capacity) % CAPACITIES.len()];
        match content % 6 {
            0 => form.on_the_heap::<Bytes<1>>(capacity),
            1 => form.on_the_heap::<Bytes<12>>(capacity),
            2 => form.on_the_heap::<Bytes<64>>(capacity),
            3 => form.in_a_value::<Bytes<5>, 3>(),
            4 => form.on_the_heap::<Typed<[u32; 3]>>(capacity),
            _ => form.in_a_value::<Typed<u16>, 5>(),
        }
    }
}
