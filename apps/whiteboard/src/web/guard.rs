//! Decides who may ask at all, and how often: protects a server from pages of other sites, DNS rebinding included.

use std::sync::Arc;
use std::time::Instant;

use axum::Extension;
use axum::extract::Request;
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, HeaderName, HeaderValue, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::doors::{Doors, Outside};
use crate::limits::visitors::Doing;
use crate::net::sockets::Ends;

const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; \
                      base-uri 'self'; form-action 'none'; frame-ancestors 'none'";

/// The headers of every answer: the page runs only its own files, and no other site's page embeds it, reads it or opens
/// a window onto it.
const PROTECTION: [(HeaderName, HeaderValue); 5] = [
    (CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY)),
    (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    (REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    (HeaderName::from_static("cross-origin-opener-policy"), HeaderValue::from_static("same-origin")),
    (HeaderName::from_static("cross-origin-resource-policy"), HeaderValue::from_static("same-origin")),
];

/// Refuses a foreign `Host` and an address that asks too often, counts what is refused here and behind, and puts the page's protection on every answer.
pub(super) async fn check(
    Extension(doors): Extension<Arc<Doors>>,
    Extension(ends): Extension<Ends>,
    request: Request,
    next: Next,
) -> Response {
    let mut response = if !ends.visitor.may(Doing::Request, 1, Instant::now()) {
        Outside::Often.into_response()
    } else if doors.names.admits_host(&request, ends.local) {
        next.run(request).await
    } else {
        Outside::Nameless.into_response()
    };
    if let Some(why) = response.extensions().get::<Outside>() {
        doors.count(*why);
    }
    let headers = response.headers_mut();
    headers.extend(PROTECTION);
    headers.entry(CACHE_CONTROL).or_insert(HeaderValue::from_static("no-cache"));
    response
}
