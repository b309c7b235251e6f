//! Lines of their own.

/// Keeps what threads poll off the lines of everything else: two lines, because processors fetch them in pairs.
///
/// A word that one thread polls, and that lies beside what another one writes, takes that thread's line away at each look: on a stack it costs a
/// workload more the more of the stack a contender uses.
#[derive(Debug, Default)]
#[repr(align(128))]
pub struct Apart<T>(pub T);
