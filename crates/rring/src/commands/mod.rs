//! The commands, one a file.

pub(crate) mod bench;
pub(crate) mod compare;
pub(crate) mod doctor;
pub(crate) mod export;
pub(crate) mod hz;
pub(crate) mod ls;
pub(crate) mod mirror;
pub(crate) mod publish;
pub(crate) mod record;
pub(crate) mod replay;
pub(crate) mod rm;
pub(crate) mod stat;
pub(crate) mod tap;
pub(crate) mod top;
