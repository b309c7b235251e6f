//! Where a server listens, as people write it.

use std::net::{IpAddr, Ipv4Addr, SocketAddr, ToSocketAddrs};
use std::str::FromStr;

use anyhow::{Context, bail};

use super::host::HostName;

/// An address, a name, or a port of this machine alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Listen {
    /// `7878`, `127.0.0.1:7878`, `[::1]:0`
    At(SocketAddr),
    /// `localhost:7878`
    Named(HostName, u16),
}

impl Listen {
    /// The address to listen on. For a name with several it is the first IPv4 address, which all browsers try.
    pub(crate) fn address(&self) -> anyhow::Result<SocketAddr> {
        let (name, port) = match self {
            Listen::At(address) => return Ok(*address),
            Listen::Named(name, port) => (name.host(), *port),
        };
        let found: Vec<SocketAddr> =
            (name, port).to_socket_addrs().with_context(|| format!("cannot find {name}, to listen there"))?.collect();
        let Some(address) = found.iter().find(|address| address.is_ipv4()).or(found.first()) else {
            bail!("{name} has no address to listen on");
        };
        Ok(*address)
    }

    /// The name that people ask by, if one was given; `port` is the port in use.
    pub(crate) fn name(&self, port: u16) -> Option<HostName> {
        match self {
            Listen::At(_) => None,
            Listen::Named(name, _) if port == 80 => Some(name.clone()),
            Listen::Named(name, _) => format!("{}:{port}", name.host()).parse().ok(),
        }
    }
}

impl FromStr for Listen {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const FORM: &str =
            "an address and a port, 127.0.0.1:7878, [::1]:7878 or localhost:7878, or the port alone: 7878";
        if let Ok(address) = text.parse() {
            return Ok(Listen::At(address));
        }
        if let Ok(port) = text.parse() {
            return Ok(Listen::At(SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), port)));
        }
        let (name, port) = text.rsplit_once(':').ok_or(FORM)?;
        let named: HostName = name.parse().map_err(|_| FORM)?;
        if name.contains([':', '[']) {
            return Err(FORM);
        }
        Ok(Listen::Named(named, port.parse().map_err(|_| FORM)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_a_name_and_a_port_are_places_to_listen() {
        let at = |text: &str| text.parse::<Listen>().expect(text).address().expect(text).to_string();
        assert_eq!(at("127.0.0.1:7878"), "127.0.0.1:7878");
        assert_eq!(at("[::1]:80"), "[::1]:80");
        assert_eq!(at("7878"), "127.0.0.1:7878", "this machine alone");
        assert_eq!(at("localhost:7999"), "127.0.0.1:7999");
        for wrong in [
            "",
            "localhost",
            ":7878",
            "127.0.0.1",
            "a b:1",
            "http://localhost:1",
            "localhost:99999",
            "::1:80:",
            "70000",
        ] {
            assert!(wrong.parse::<Listen>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_name_is_asked_by_with_the_port_it_got() {
        let name = |text: &str, port| text.parse::<Listen>().expect(text).name(port);
        assert!(name("board.example:0", 4711).expect("a name").is("board.example:4711"));
        assert!(name("board.example:80", 80).expect("a name").is("board.example"));
        assert_eq!(name("127.0.0.1:0", 4711), None);
    }
}
