//! Who may ask: protects a server on this machine from pages of other sites, DNS rebinding included.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Extension;
use axum::extract::Request;
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, HOST, HeaderValue, ORIGIN, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderMap, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; \
                      base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// The names this server answers to, fixed at its start.
#[derive(Clone, Debug)]
pub(crate) struct Names(Arc<[String]>);

impl Names {
    /// The loopback names with the bound port, and the bound address itself.
    pub(crate) fn of(bound: SocketAddr) -> Self {
        let port = bound.port();
        let mut names: Vec<String> =
            ["localhost", "127.0.0.1", "[::1]"].iter().map(|host| format!("{host}:{port}")).collect();
        names.push(bound.to_string());
        if port == 80 {
            let bare: Vec<String> = names.iter().map(|name| name.trim_end_matches(":80").to_owned()).collect();
            names.extend(bare);
        }
        Names(names.into())
    }

    fn has(&self, name: &str) -> bool {
        self.0.iter().any(|known| known.eq_ignore_ascii_case(name))
    }

    /// Exactly one `Host`, and a known one.
    fn admits_host(&self, request: &Request) -> bool {
        let mut hosts = request.headers().get_all(HOST).iter();
        let host = match (hosts.next(), hosts.next()) {
            (Some(host), None) => host.to_str().unwrap_or_default(),
            _ => return false,
        };
        let target = request.uri().authority();
        self.has(host) && target.is_none_or(|authority| self.has(authority.as_str()))
    }

    /// A page of this server, or no page at all: a program sends no `Origin`, and it is on this machine already.
    pub(super) fn admits_origin(&self, headers: &HeaderMap) -> bool {
        headers.get_all(ORIGIN).iter().all(|origin| {
            let name = origin.to_str().ok().and_then(|origin| origin.strip_prefix("http://"));
            name.is_some_and(|name| self.has(name))
        })
    }
}

/// Refuses a foreign `Host`, and puts the page's protection on every answer.
pub(super) async fn check(Extension(names): Extension<Names>, request: Request, next: Next) -> Response {
    let mut response = if names.admits_host(&request) {
        next.run(request).await
    } else {
        let text = format!("this server answers to {} only: foreign Host\n", names.0.join(", "));
        (StatusCode::FORBIDDEN, text).into_response()
    };
    let headers = response.headers_mut();
    headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names() -> Names {
        Names::of(SocketAddr::from(([127, 0, 0, 1], 7878)))
    }

    fn request(uri: &str, hosts: &[&'static str]) -> Request {
        let mut request = Request::new(axum::body::Body::empty());
        *request.uri_mut() = uri.parse().expect("a uri");
        for host in hosts {
            request.headers_mut().append(HOST, HeaderValue::from_static(host));
        }
        request
    }

    #[test]
    fn only_loopback_names_with_the_bound_port_are_hosts() {
        for host in ["localhost:7878", "LocalHost:7878", "127.0.0.1:7878", "[::1]:7878"] {
            assert!(names().admits_host(&request("/", &[host])), "{host}");
        }
        for host in ["localhost", "localhost:7879", "evil.test", "evil.test:7878", "localhost:7878.evil.test", ""] {
            assert!(!names().admits_host(&request("/", &[host])), "{host}");
        }
        assert!(!names().admits_host(&request("/", &[])));
        assert!(!names().admits_host(&request("/", &["localhost:7878", "evil.test"])));
        assert!(!names().admits_host(&request("http://evil.test/", &["localhost:7878"])));
    }

    #[test]
    fn an_origin_is_ours_or_absent() {
        let with = |origin: &'static str| HeaderMap::from_iter([(ORIGIN, HeaderValue::from_static(origin))]);
        assert!(names().admits_origin(&HeaderMap::new()));
        assert!(names().admits_origin(&with("http://localhost:7878")));
        for origin in ["http://evil.test", "https://localhost:7878", "null", "http://localhost", "http://localhost:1"] {
            assert!(!names().admits_origin(&with(origin)), "{origin}");
        }
    }

    #[test]
    fn the_default_port_of_http_may_be_left_out() {
        let names = Names::of(SocketAddr::from(([127, 0, 0, 1], 80)));
        assert!(names.has("localhost") && names.has("localhost:80"));
    }
}
