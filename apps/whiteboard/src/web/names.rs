//! The names this server answers to, and the pages it belongs to.

use std::net::SocketAddr;

use axum::extract::Request;
use axum::http::HeaderMap;
use axum::http::header::{HOST, ORIGIN};

use crate::net::host::HostName;

/// Fixed at the start of the server.
#[derive(Debug)]
pub(crate) struct Names {
    /// The server's own, with its port.
    own: Vec<String>,
    /// Those it was given; a TLS proxy may stand before it under these.
    given: Vec<HostName>,
    /// The port that is listened on.
    port: u16,
    /// Whether the address that a connection came to is a name, too.
    any_address: bool,
}

/// Which page sent a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Origin {
    /// Apparently none: a program.
    Absent,
    /// One of this server.
    Own {
        /// Whether it came to the browser with TLS.
        tls: bool,
    },
    /// One of another site.
    Foreign,
}

impl Names {
    /// The loopback names with the bound port, the bound address, and those given. A server that listens on all
    /// addresses also answers to the one that a connection came to, which nobody can rebind, because it is a number.
    pub(crate) fn of(bound: SocketAddr, given: &[HostName]) -> Self {
        let mut own: Vec<String> = ["localhost", "127.0.0.1", "[::1]"]
            .iter()
            .flat_map(|host| as_browsers_write(format!("{host}:{}", bound.port()), bound.port()))
            .collect();
        let any_address = bound.ip().is_unspecified();
        if !any_address {
            own.extend(as_browsers_write(bound.to_string(), bound.port()));
        }
        Names { own, given: given.to_vec(), port: bound.port(), any_address }
    }

    /// Adds another name of the server.
    pub(crate) fn extend(&mut self, name: Option<HostName>) {
        self.own.extend(name.map(|name| name.host().to_owned()));
    }

    /// Checks that there is exactly one `Host`, and a known one; `local` is the address that the connection came to.
    pub(super) fn admits_host(&self, request: &Request, local: SocketAddr) -> bool {
        let mut hosts = request.headers().get_all(HOST).iter();
        let host = match (hosts.next(), hosts.next()) {
            (Some(host), None) => host.to_str().unwrap_or_default(),
            _ => return false,
        };
        let known = |name: &str| self.is_own(name, local) || self.is_given(name);
        known(host) && request.uri().authority().is_none_or(|authority| known(authority.as_str()))
    }

    /// Returns the page that sent a request with these headers over a connection to `local`.
    pub(super) fn origin(&self, headers: &HeaderMap, local: SocketAddr) -> Origin {
        let mut origins = headers.get_all(ORIGIN).iter();
        let origin = match (origins.next(), origins.next()) {
            (None, _) => return Origin::Absent,
            (Some(origin), None) => origin.to_str().unwrap_or_default(),
            _ => return Origin::Foreign,
        };
        match origin.split_once("://") {
            Some(("http", name)) if self.is_own(name, local) || self.comes(name, false) => Origin::Own { tls: false },
            Some(("https", name)) if self.comes(name, true) => Origin::Own { tls: true },
            _ => Origin::Foreign,
        }
    }

    fn is_own(&self, name: &str, local: SocketAddr) -> bool {
        self.own.iter().any(|own| own.eq_ignore_ascii_case(name))
            || (self.any_address && as_browsers_write(local.to_string(), local.port()).any(|own| own == name))
    }

    fn is_given(&self, name: &str) -> bool {
        self.given.iter().any(|given| given.is(name))
    }

    /// Whether pages come under this name with TLS, or without. Anyone on the way may have written a page that came without TLS:
    /// it is not a page of a name that has TLS.
    fn comes(&self, name: &str, tls: bool) -> bool {
        self.given.iter().any(|given| given.is(name) && given.is_by_tls(self.port) == tls)
    }
}

/// The address, also without its port where that is the default one.
fn as_browsers_write(address: String, port: u16) -> impl Iterator<Item = String> {
    let bare = (port == 80).then(|| address.trim_end_matches(":80").to_owned());
    std::iter::once(address).chain(bare)
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    const LOCAL: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 7)), 7878);

    fn names(bound: &str, given: &[&str]) -> Names {
        let given: Vec<HostName> = given.iter().map(|name| name.parse().expect("a name")).collect();
        Names::of(bound.parse().expect("an address"), &given)
    }

    fn admits(names: &Names, uri: &str, hosts: &[&'static str]) -> bool {
        let mut request = Request::new(axum::body::Body::empty());
        *request.uri_mut() = uri.parse().expect("a uri");
        for host in hosts {
            request.headers_mut().append(HOST, HeaderValue::from_static(host));
        }
        names.admits_host(&request, LOCAL)
    }

    fn origin(names: &Names, origins: &[&'static str]) -> Origin {
        let headers = origins.iter().map(|origin| (ORIGIN, HeaderValue::from_static(origin)));
        names.origin(
            &headers.fold(HeaderMap::new(), |mut all, (name, value)| {
                all.append(name, value);
                all
            }),
            LOCAL,
        )
    }

    #[test]
    fn only_loopback_names_with_the_bound_port_are_hosts() {
        let names = names("127.0.0.1:7878", &[]);
        for host in ["localhost:7878", "LocalHost:7878", "127.0.0.1:7878", "[::1]:7878"] {
            assert!(admits(&names, "/", &[host]), "{host}");
        }
        for host in [
            "localhost",
            "localhost:7879",
            "evil.test",
            "evil.test:7878",
            "localhost:7878.evil.test",
            "192.0.2.7:7878",
            "",
        ] {
            assert!(!admits(&names, "/", &[host]), "{host}");
        }
        assert!(!admits(&names, "/", &[]));
        assert!(!admits(&names, "/", &["localhost:7878", "evil.test"]));
        assert!(!admits(&names, "http://evil.test/", &["localhost:7878"]));
    }

    #[test]
    fn the_address_of_the_connection_is_a_host_only_when_all_addresses_are_listened_on() {
        for bound in ["0.0.0.0:7878", "[::]:7878"] {
            let names = names(bound, &[]);
            assert!(admits(&names, "/", &["192.0.2.7:7878"]), "{bound}");
            assert!(admits(&names, "/", &["localhost:7878"]), "{bound}");
            for host in ["192.0.2.8:7878", "192.0.2.7", "192.0.2.7:80", "0.0.0.0:7878", "evil.test:7878"] {
                assert!(!admits(&names, "/", &[host]), "{bound} {host}");
            }
            assert_eq!(origin(&names, &["http://192.0.2.7:7878"]), Origin::Own { tls: false });
            assert_eq!(origin(&names, &["http://192.0.2.8:7878"]), Origin::Foreign);
            assert_eq!(origin(&names, &["https://192.0.2.7:7878"]), Origin::Foreign);
        }
        let names = names("192.0.2.9:7878", &[]);
        assert!(admits(&names, "/", &["192.0.2.9:7878"]));
        assert!(!admits(&names, "/", &["192.0.2.7:7878"]));
    }

    #[test]
    fn a_given_name_is_a_host_and_its_pages_may_come_by_tls() {
        let names = names("127.0.0.1:7878", &["board.example", "other.example:8443"]);
        for host in ["board.example", "Board.Example", "other.example:8443"] {
            assert!(admits(&names, "/", &[host]), "{host}");
        }
        for host in ["board.example:7878", "other.example", "sub.board.example", "board.example.evil.test"] {
            assert!(!admits(&names, "/", &[host]), "{host}");
        }
        assert_eq!(origin(&names, &["https://board.example"]), Origin::Own { tls: true });
        assert_eq!(origin(&names, &["http://board.example"]), Origin::Foreign);
        assert_eq!(origin(&names, &["https://other.example:8443"]), Origin::Own { tls: true });
        assert_eq!(origin(&names, &["https://other.example"]), Origin::Foreign);
    }

    #[test]
    fn a_given_name_without_tls_has_no_pages_with_it_unless_it_is_given_twice() {
        let names = names(
            "127.0.0.1:7878",
            &["board.test:7878", "http://plain.example", "http://both.example", "https://both.example"],
        );
        for name in ["board.test:7878", "plain.example", "both.example"] {
            assert!(admits(&names, "/", &[name]), "{name}");
        }
        let of = |origin_of: &'static str| origin(&names, &[origin_of]);
        for plain in ["http://board.test:7878", "http://plain.example", "http://both.example"] {
            assert_eq!(of(plain), Origin::Own { tls: false }, "{plain}");
        }
        for foreign in ["https://board.test:7878", "https://plain.example"] {
            assert_eq!(of(foreign), Origin::Foreign, "{foreign}");
        }
        assert_eq!(of("https://both.example"), Origin::Own { tls: true });
    }

    #[test]
    fn an_origin_is_ours_foreign_or_absent() {
        let names = names("127.0.0.1:7878", &[]);
        assert_eq!(origin(&names, &[]), Origin::Absent);
        assert_eq!(origin(&names, &["http://localhost:7878"]), Origin::Own { tls: false });
        for foreign in ["http://evil.test", "https://localhost:7878", "null", "http://localhost", "localhost:7878", ""]
        {
            assert_eq!(origin(&names, &[foreign]), Origin::Foreign, "{foreign}");
        }
        assert_eq!(origin(&names, &["http://localhost:7878", "http://localhost:7878"]), Origin::Foreign);
    }

    #[test]
    fn the_default_port_of_http_may_be_left_out() {
        let names = names("127.0.0.1:80", &[]);
        assert!(admits(&names, "/", &["localhost"]) && admits(&names, "/", &["localhost:80"]));
        assert!(admits(&names, "/", &["[::1]"]));
    }
}
