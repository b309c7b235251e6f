//! A name that browsers know this server by.

use std::str::FromStr;

use axum::http::uri::Authority;

/// A host name, with a port unless it is the default one: what a browser writes into `Host`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct HostName(String);

impl HostName {
    /// It, as it was written.
    pub(crate) fn host(&self) -> &str {
        &self.0
    }

    /// Whether a browser means this host by `name`.
    pub(crate) fn is(&self, name: &str) -> bool {
        self.0.eq_ignore_ascii_case(name)
    }
}

impl FromStr for HostName {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const FORM: &str = "a host name as the browser shows it, with its port if that is shown: board.example:8443";
        let authority: Authority = text.parse().map_err(|_| FORM)?;
        let port_is_whole =
            text.rsplit_once(':').is_none_or(|(_, port)| port.ends_with(']') || authority.port_u16().is_some());
        let plain = |c: char| c.is_ascii_alphanumeric() || "-._[]:".contains(c);
        if authority.host().is_empty() || !port_is_whole || !text.chars().all(plain) {
            return Err(FORM);
        }
        Ok(HostName(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_has_no_scheme_no_path_and_no_user() {
        for name in ["board.example", "board.example:8443", "192.0.2.1:80", "[2001:db8::1]:80", "[2001:db8::1]", "b"] {
            assert!(name.parse::<HostName>().is_ok(), "{name}");
        }
        for name in [
            "",
            "https://board.example",
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
}
