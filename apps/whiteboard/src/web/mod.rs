//! What is served over HTTP: the page, its health, and the door to the WebSocket.

mod assets;
mod guard;
mod health;
mod stages;

use std::sync::Arc;

use axum::extract::{State, WebSocketUpgrade};
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, StatusCode};
use axum::middleware;
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get};
use axum::{Extension, Router};

use crate::board::Board;
use crate::connection;
use crate::protocol::FRAME_MAX;
pub(crate) use guard::Names;

/// Every path the server answers; whatever the path, the request must be addressed to one of `names`.
pub(crate) fn router(board: Arc<Board>, names: Names) -> Router {
    assets::routes()
        .route("/health", get(health))
        .route("/ws", any(open))
        .fallback(|| async { (StatusCode::NOT_FOUND, "there is nothing here; the board is at /\n") })
        .with_state(board)
        .layer(middleware::from_fn(guard::check))
        .layer(Extension(names))
}

async fn health(State(board): State<Arc<Board>>) -> Response {
    ([(CONTENT_TYPE, "application/json")], health::report(&board)).into_response()
}

async fn open(
    State(board): State<Arc<Board>>,
    Extension(names): Extension<Names>,
    headers: HeaderMap,
    upgrade: WebSocketUpgrade,
) -> Response {
    if !names.admits_origin(&headers) {
        return (StatusCode::FORBIDDEN, "this page may not open the board: foreign Origin\n").into_response();
    }
    upgrade
        .max_message_size(FRAME_MAX)
        .max_frame_size(FRAME_MAX)
        .on_upgrade(move |socket| connection::serve(socket, board))
}
