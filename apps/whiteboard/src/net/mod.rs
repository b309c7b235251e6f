//! How the server is reached: sockets, addresses and names.

pub(crate) mod address;
pub(crate) mod host;
pub(crate) mod listen;
pub(crate) mod peer;
pub(crate) mod socket;
pub(crate) mod sockets;
