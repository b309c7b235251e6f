//! What is served over HTTP: the page, its health, its metrics, the boards' past, and the door to the WebSocket.

mod assets;
mod base;
mod doors;
mod figures;
mod guard;
mod health;
mod lock;
mod names;
mod past;
mod session;
mod stages;
mod tries;

use std::sync::Arc;

use axum::extract::{State, WebSocketUpgrade};
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::middleware;
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get};
use axum::{Extension, Router};
use rusted_ring_metrics::MEDIA_TYPE;

use crate::connection;
use crate::hub::Hub;
use crate::net::sockets::Ends;
use crate::protocol::FRAME_MAX;
pub(crate) use base::Base;
pub(crate) use doors::Doors;
use doors::Outside;
use figures::Figures;
pub(crate) use names::Names;

/// The most that one read takes of what a page sends, in bytes. All of it is cleared before each read, and most frames are short.
const READ_BUFFER: usize = 4 * 1024;

/// Every path the server answers, for requests that pass `doors`. The page's own files are the same for everyone and
/// hold nothing of the board; a visitor uses them to exchange the token. Everything that tells of the board is locked.
pub(crate) fn router(hub: Arc<Hub>, doors: Arc<Doors>) -> Router {
    let locked = Router::new()
        .route("/health", get(health))
        .route("/metrics", get(metrics))
        .route("/past/{board}", get(past::part))
        .route("/ws", any(open))
        .route_layer(middleware::from_fn(session::locked));
    let base = doors.base.clone();
    let nowhere = format!("there is nothing here; the board is at {base}\n");
    let router = assets::routes(&base)
        .merge(session::routes())
        .merge(locked)
        .fallback(|| async { (StatusCode::NOT_FOUND, nowhere) })
        .with_state(hub);
    base::below(base, router).layer(middleware::from_fn(guard::check)).layer(Extension(doors))
}

async fn health(State(hub): State<Arc<Hub>>) -> Response {
    let (status, report) = health::report(&hub);
    (status, [(CONTENT_TYPE, "application/json")], report).into_response()
}

async fn metrics(State(hub): State<Arc<Hub>>, Extension(doors): Extension<Arc<Doors>>) -> Response {
    match hub.shown.text(Figures { hub: Arc::clone(&hub), doors }).await {
        Ok(text) => ([(CONTENT_TYPE, MEDIA_TYPE)], text).into_response(),
        // The panic was reported where it happened.
        Err(_) => (StatusCode::INTERNAL_SERVER_ERROR, "the metrics could not be read: see the log\n").into_response(),
    }
}

async fn open(
    State(hub): State<Arc<Hub>>,
    Extension(doors): Extension<Arc<Doors>>,
    Extension(ends): Extension<Ends>,
    upgrade: WebSocketUpgrade,
) -> Result<Response, Outside> {
    let place = doors.place()?;
    Ok(upgrade.max_message_size(FRAME_MAX).max_frame_size(FRAME_MAX).read_buffer_size(READ_BUFFER).on_upgrade(
        async move |socket| {
            connection::serve(socket, hub, ends.visitor).await;
            drop(place);
        },
    ))
}
