//! The other end of a connection, as far as bounds are concerned.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// An address that counts as one: the first half of an IPv6 address, because a household has all of the second; and all of this machine's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Peer(IpAddr);

impl Peer {
    /// The peer with this address.
    pub(crate) fn at(address: IpAddr) -> Self {
        match address.to_canonical() {
            IpAddr::V6(address) if !address.is_loopback() => {
                Peer(Ipv6Addr::from_bits(address.to_bits() & !u128::from(u64::MAX)).into())
            }
            // A program here can use all of them.
            address if address.is_loopback() => Peer(Ipv4Addr::LOCALHOST.into()),
            address => Peer(address),
        }
    }

    /// Whether it is a program on this machine.
    pub(crate) fn is_here(self) -> bool {
        self.0.is_loopback()
    }
}

impl fmt::Display for Peer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_household_is_one_peer_and_this_machine_is_here() {
        let at = |text: &str| Peer::at(text.parse().expect("an address"));
        assert_eq!(at("2001:db8:1:2::1"), at("2001:db8:1:2:ffff::9"));
        assert_ne!(at("2001:db8:1:2::1"), at("2001:db8:1:3::1"));
        assert_ne!(at("192.0.2.1"), at("192.0.2.2"));
        assert_eq!(at("::ffff:192.0.2.1"), at("192.0.2.1"));
        for here in ["127.0.0.1", "::1", "::ffff:127.0.0.1"] {
            assert!(at(here).is_here(), "{here}");
            assert_eq!(at(here), at("127.0.0.2"), "{here}");
        }
        assert!(!at("192.0.2.1").is_here() && !at("2001:db8::1").is_here());
    }
}
