//! Room for one side's words.

/// Keeps what one side writes off the lines that another side reads.
#[repr(C, align(64))]
#[derive(Debug)]
pub(crate) struct CacheLine<T>(pub(crate) T);
