//! The stages over the five pools: who publishes, who receives, and what wakes whom.

pub(crate) mod books;
pub(crate) mod feed;
pub(crate) mod pace;
pub(crate) mod pools;
pub(crate) mod shown;
pub(crate) mod stages;
pub(crate) mod wakeup;
pub(crate) mod writers;
