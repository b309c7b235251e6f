//! What two targets share: random operations on a ring and on its model, side by side.
//!
//! The driver, the model and the operations are those of the library's own oracle test; there the operations come from
//! a generator that shrinks, here from a fuzzer that looks for new paths.

#[path = "../../verification/tests/tests/oracle/pair/mod.rs"]
mod pair;
mod shape;

use arbitrary::Arbitrary;

use pair::{Answer, Operation, Sent};
use shape::Shape;

/// A ring, and what is done to it.
#[derive(Arbitrary, Debug)]
pub struct Input {
    shape: Shape,
    operations: Vec<Operation>,
}

impl Input {
    /// Does the operations to the ring and to its model. Panics where they differ.
    pub fn run(&self) {
        pair::run(self.shape.build(), &self.operations, |answer| answer);
    }

    /// As [`run`](Self::run), with a mistake planted: of a long event that comes late, what a Subscriber says loses its
    /// last byte on the way to the comparison.
    pub fn run_misheard(&self) {
        const LATE: u64 = 100;
        const LONG: usize = 60;
        let mishear = |mut answer| {
            if let Answer::Event(LATE.., Sent { bytes, .. }) = &mut answer
                && bytes.len() >= LONG
            {
                bytes.pop();
            }
            answer
        };
        pair::run(self.shape.build(), &self.operations, mishear);
    }
}
