//! Exchanges the token for a cookie, and keeps the rest of the board locked without one of them.

use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::http::header::{CACHE_CONTROL, HeaderValue, SET_COOKIE};
use axum::http::{HeaderMap, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Extension, Router};
use tokio::time::timeout;

use super::doors::{Doors, Outside};
use super::lock::no_cookie;
use super::names::Origin;
use crate::hub::Hub;
use crate::net::sockets::Ends;

/// Longer than any token, in bytes.
const BODY_MAX: usize = 1024;
/// How long the body may take.
const BODY_TIME: Duration = Duration::from_secs(10);

/// `GET /session` tells whether a page is let in; `POST /session` exchanges the token, or an invitation, for the cookie;
/// `DELETE /session` removes the cookie; `POST /invitation` gives a page that is in an invitation for others.
pub(super) fn routes() -> Router<Arc<Hub>> {
    Router::new().route("/session", get(ask).post(exchange).delete(leave)).route("/invitation", post(invite))
}

/// Passes on a request that may see the board.
pub(super) async fn locked(
    Extension(doors): Extension<Arc<Doors>>,
    Extension(ends): Extension<Ends>,
    request: Request,
    next: Next,
) -> Response {
    match doors.admit(request.headers(), &ends) {
        Ok(()) => next.run(request).await,
        Err(outside) => outside.into_response(),
    }
}

async fn ask(
    Extension(doors): Extension<Arc<Doors>>,
    Extension(ends): Extension<Ends>,
    headers: HeaderMap,
) -> Result<StatusCode, Outside> {
    doors.admit(&headers, &ends).map(|()| StatusCode::NO_CONTENT)
}

async fn invite(
    Extension(doors): Extension<Arc<Doors>>,
    Extension(ends): Extension<Ends>,
    headers: HeaderMap,
) -> Result<Response, Outside> {
    doors.admit(&headers, &ends)?;
    let no_store = [(CACHE_CONTROL, HeaderValue::from_static("no-store"))];
    Ok(match &doors.lock {
        Some(lock) => (no_store, lock.invitation()).into_response(),
        None => (StatusCode::NO_CONTENT, no_store).into_response(),
    })
}

async fn leave(
    Extension(doors): Extension<Arc<Doors>>,
    Extension(ends): Extension<Ends>,
    headers: HeaderMap,
) -> Result<Response, Outside> {
    let tls = match doors.names.origin(&headers, ends.local) {
        Origin::Own { tls } => tls,
        Origin::Absent => false,
        Origin::Foreign => return Err(Outside::Foreign),
    };
    let no_store = HeaderValue::from_static("no-store");
    let forget = no_cookie(&doors.base, tls);
    Ok((StatusCode::NO_CONTENT, [(SET_COOKIE, forget), (CACHE_CONTROL, no_store)]).into_response())
}

async fn exchange(
    Extension(doors): Extension<Arc<Doors>>,
    Extension(ends): Extension<Ends>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Outside> {
    let tls = match doors.names.origin(&headers, ends.local) {
        Origin::Own { tls } => tls,
        Origin::Absent => doors.unlock(&headers, ends.peer).map(|()| false)?,
        Origin::Foreign => return Err(Outside::Foreign),
    };
    let Some(lock) = &doors.lock else { return Ok(StatusCode::NO_CONTENT.into_response()) };
    let Ok(Ok(token)) = timeout(BODY_TIME, to_bytes(body, BODY_MAX)).await else {
        return Ok((StatusCode::BAD_REQUEST, "the body is the token and nothing else\n").into_response());
    };
    doors.try_key(lock, &token, ends.peer)?;
    let no_store = HeaderValue::from_static("no-store");
    Ok((StatusCode::NO_CONTENT, [(SET_COOKIE, lock.cookie(&doors.base, tls)), (CACHE_CONTROL, no_store)])
        .into_response())
}
