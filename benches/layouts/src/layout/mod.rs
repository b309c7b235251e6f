//! Where stamp, head and payload of a slot lie.

pub(crate) mod in_line;
pub(crate) mod planes;
pub(crate) mod slots;
