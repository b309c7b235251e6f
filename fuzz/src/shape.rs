//! The rings that are put to the test: sizes of slots, capacities, modes, homes.
//!
//! Each type of ring has code of its own, whose coverage counts for the fuzzer as new: few types leave it more time for
//! operations. Slots of every word are the concern of another target.

use std::sync::Arc;

use arbitrary::Arbitrary;
use rusted_ring::{ClosePolicy, HeapRing, Many, RingBuffer, Sole};

use crate::real::{AnyRing, Home, many, sole};

/// Which ring.
#[derive(Arbitrary, Clone, Copy, Debug)]
pub struct Shape {
    size: u8,
    capacity: u8,
    is_sole: bool,
    closes: bool,
    in_a_buffer: bool,
}

const CAPACITIES: [usize; 9] = [1, 2, 3, 5, 8, 15, 16, 64, 65];

impl Shape {
    /// A new ring of this shape.
    pub(crate) fn build(self) -> Box<dyn AnyRing> {
        match (self.in_a_buffer, self.size % 3) {
            (true, _) => self.buffer::<5, 3>(),
            (false, 0) => self.heap::<1>(),
            (false, 1) => self.heap::<12>(),
            (false, _) => self.heap::<64>(),
        }
    }

    fn heap<const N: usize>(self) -> Box<dyn AnyRing> {
        let capacity = CAPACITIES[usize::from(self.capacity) % CAPACITIES.len()];
        let closes = self.closes;
        if self.is_sole {
            Box::new(Home { ring: HeapRing::<N, Sole>::closing(capacity, self.policy()), join: sole, closes })
        } else {
            Box::new(Home { ring: HeapRing::<N, Many>::closing(capacity, self.policy()), join: many, closes })
        }
    }

    fn buffer<const N: usize, const CAP: usize>(self) -> Box<dyn AnyRing> {
        let closes = self.closes;
        if self.is_sole {
            let ring = Arc::new(RingBuffer::<N, CAP, Sole>::closing(self.policy()));
            Box::new(Home { ring, join: sole, closes })
        } else {
            let ring = Arc::new(RingBuffer::<N, CAP, Many>::closing(self.policy()));
            Box::new(Home { ring, join: many, closes })
        }
    }

    fn policy(self) -> ClosePolicy {
        if self.closes { ClosePolicy::WithLastWriter } else { ClosePolicy::Never }
    }
}
