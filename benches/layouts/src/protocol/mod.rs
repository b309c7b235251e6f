//! How a writer shows what it has written.

pub(crate) mod block;
pub(crate) mod cursor;
pub(crate) mod stamped;
pub(crate) mod twice;
