//! What two targets share: random operations on a ring and on its model, side by side.
//!
//! The model, and the traits over the endpoints, are those of the library's own oracle test; there the operations come
//! from a generator that shrinks, here from a fuzzer that looks for new paths.

#[path = "../../crates/rusted-ring/tests/oracle/model.rs"]
#[allow(dead_code, reason = "what only the oracle test asks of the model")]
mod model;
mod operation;
mod pair;
#[path = "../../crates/rusted-ring/tests/oracle/real.rs"]
#[allow(dead_code, reason = "what only the oracle test asks of the endpoints")]
mod real;
mod shape;

pub use operation::Operation;
pub use pair::{run, run_misheard};
pub use shape::Shape;
