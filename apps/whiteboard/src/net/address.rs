//! The address that a person opens.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};

use super::host::HostName;
use crate::token::Token;
use crate::web::Base;

/// The page's address, with the token behind `#`, the part that a browser sends to nobody.
pub(crate) fn of_page(bound: SocketAddr, base: &Base, token: Option<&Token>) -> String {
    let host = SocketAddr::new(reachable(bound.ip()), bound.port());
    match token {
        Some(token) => format!("http://{host}{base}#token={}", token.reveal()),
        None => format!("http://{host}{base}"),
    }
}

/// The page's address under a name that the server was given, as others see it.
pub(crate) fn of_name(name: &HostName, listening: u16, base: &Base, token: Option<&Token>) -> String {
    let scheme = if name.is_by_tls(listening) { "https" } else { "http" };
    let token = token.map_or_else(String::new, |token| format!("#token={}", token.reveal()));
    format!("{scheme}://{}{base}{token}", name.host())
}

/// Returns the address itself, or for "all addresses" the one of this machine that faces the others.
fn reachable(bound: IpAddr) -> IpAddr {
    let (v4, v6) = (Ipv4Addr::UNSPECIFIED.into(), Ipv6Addr::UNSPECIFIED.into());
    match bound {
        any if any == v4 => facing_others(v4).unwrap_or(Ipv4Addr::LOCALHOST.into()),
        // Mostly means IPv4, too.
        any if any == v6 => facing_others(v6).or(facing_others(v4)).unwrap_or(Ipv6Addr::LOCALHOST.into()),
        one => one,
    }
}

/// Asks the system for its way to the outside. Connecting a datagram socket sends nothing.
fn facing_others(from: IpAddr) -> Option<IpAddr> {
    // Addresses for documentation, which nobody has.
    let somewhere: IpAddr = match from {
        IpAddr::V4(_) => Ipv4Addr::new(192, 0, 2, 1).into(),
        IpAddr::V6(_) => Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 1).into(),
    };
    let socket = UdpSocket::bind(SocketAddr::new(from, 0)).ok()?;
    socket.connect(SocketAddr::new(somewhere, 9)).ok()?;
    Some(socket.local_addr().ok()?.ip()).filter(|ip| !ip.is_unspecified())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_addresses_are_shown_as_one_that_can_be_opened() {
        for any in ["0.0.0.0:7878", "[::]:7878"] {
            let shown = of_page(any.parse().expect("an address"), &Base::default(), None);
            let host = shown.strip_prefix("http://").and_then(|rest| rest.strip_suffix("/")).expect("a root");
            let host: SocketAddr = host.parse().expect("an address");
            assert!(!host.ip().is_unspecified() && host.port() == 7878, "{shown}");
        }
    }

    #[test]
    fn under_a_name_it_is_what_others_open() {
        let of = |name: &str, token| {
            let token: Option<Token> = token;
            of_name(&name.parse().expect("a name"), 7878, &"/board".parse().expect("a base"), token.as_ref())
        };
        assert_eq!(of("board.example", None), "https://board.example/board/");
        assert_eq!(of("board.lan:7878", None), "http://board.lan:7878/board/");
        let token = Token::parse("abcdefghijklmnopqrst-_").ok();
        assert_eq!(of("http://a", token), "http://a/board/#token=abcdefghijklmnopqrst-_");
    }

    #[test]
    fn the_token_comes_behind_the_hash() {
        let token = Token::parse("abcdefghijklmnopqrst-_").expect("a token");
        let shown =
            of_page("127.0.0.1:1".parse().expect("an address"), &"/board".parse().expect("a base"), Some(&token));
        assert_eq!(shown, "http://127.0.0.1:1/board/#token=abcdefghijklmnopqrst-_");
    }
}
