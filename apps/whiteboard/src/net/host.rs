//! A name that browsers know this server by.

use std::str::FromStr;

use axum::http::uri::Authority;

/// A host name, with a port unless it is the default one: what a browser writes into `Host`. It may say how its pages
/// come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct HostName {
    name: String,
    /// With TLS or without, if it says so.
    tls: Option<bool>,
}

impl HostName {
    /// The name, as it was written.
    pub(crate) fn host(&self) -> &str {
        &self.name
    }

    /// Whether a browser means this host by `name`.
    pub(crate) fn is(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name)
    }

    /// Whether pages of this name come with TLS. A name that does not say so comes straight to this server, without TLS, if it
    /// names the port that is listened on; any other leads to a proxy, which has TLS.
    pub(crate) fn is_by_tls(&self, listening: u16) -> bool {
        let port = self.name.rsplit_once(':').and_then(|(_, port)| port.parse().ok()).unwrap_or(80);
        self.tls.unwrap_or(port != listening)
    }
}

impl FromStr for HostName {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const FORM: &str = "a host name as the browser shows it, with its port if that is shown, and with http:// or \
                            https:// if need be: board.example:8443";
        let (tls, name) = match text.split_once("://") {
            None => (None, text),
            Some(("http", name)) => (Some(false), name),
            Some(("https", name)) => (Some(true), name),
            Some(_) => return Err(FORM),
        };
        let authority: Authority = name.parse().map_err(|_| FORM)?;
        let port_is_whole =
            name.rsplit_once(':').is_none_or(|(_, port)| port.ends_with(']') || authority.port_u16().is_some());
        let plain = |c: char| c.is_ascii_alphanumeric() || "-._[]:".contains(c);
        if authority.host().is_empty() || !port_is_whole || !name.chars().all(plain) {
            return Err(FORM);
        }
        Ok(HostName { name: name.to_owned(), tls })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_has_no_path_and_no_user() {
        for name in ["board.example", "board.example:8443", "192.0.2.1:80", "[2001:db8::1]:80", "[2001:db8::1]", "b"] {
            for scheme in ["", "http://", "https://"] {
                assert_eq!(format!("{scheme}{name}").parse::<HostName>().expect(name).host(), name);
            }
        }
        for name in [
            "",
            "ftp://board.example",
            "https://",
            "https://board.example/",
            "board.example/",
            "me@board.example",
            "board.example:",
            ":80",
            "a b",
            "a:b",
            "*",
        ] {
            assert!(name.parse::<HostName>().is_err(), "{name}");
        }
    }

    #[test]
    fn a_name_comes_by_tls_unless_it_says_otherwise_or_names_the_port_itself() {
        let by_tls = |name: &str, listening| name.parse::<HostName>().expect(name).is_by_tls(listening);
        assert!(by_tls("board.example", 7878) && by_tls("board.example:8443", 7878));
        assert!(by_tls("[2001:db8::1]", 7878) && by_tls("https://board.example:7878", 7878));
        assert!(!by_tls("board.example:7878", 7878) && !by_tls("board.example", 80));
        assert!(!by_tls("http://board.example", 7878) && !by_tls("[2001:db8::1]:7878", 7878));
    }
}
