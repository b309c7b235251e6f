//! How actions get their one order, and how far that order is on disk.

pub(crate) mod ingest;
pub(crate) mod merge;
pub(crate) mod reply;
pub(crate) mod watermark;
