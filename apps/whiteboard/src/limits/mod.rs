//! How much a page may do, and how that shrinks under pressure.

pub(crate) mod bucket;
pub(crate) mod budget;
pub(crate) mod cost;
pub(crate) mod throttle;
pub(crate) mod unfinished;
pub(crate) mod visitors;
