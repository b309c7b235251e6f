//! The page, embedded: there is no directory to serve from and no other site to fetch from.

use std::sync::Arc;

use axum::Router;
use axum::http::header::CONTENT_TYPE;
use axum::routing::get;

use crate::board::Board;

const HTML: &str = "text/html; charset=utf-8";
const CSS: &str = "text/css; charset=utf-8";
const SCRIPT: &str = "text/javascript; charset=utf-8";
const SVG: &str = "image/svg+xml";

/// (path, content type, content) of every file of the page.
const FILES: &[(&str, &str, &str)] = &[
    ("/", HTML, include_str!("../../assets/index.html")),
    ("/style.css", CSS, include_str!("../../assets/style.css")),
    ("/icon.svg", SVG, include_str!("../../assets/icon.svg")),
    ("/main.js", SCRIPT, include_str!("../../assets/main.js")),
    ("/protocol.js", SCRIPT, include_str!("../../assets/protocol.js")),
    ("/connection.js", SCRIPT, include_str!("../../assets/connection.js")),
    ("/outbox.js", SCRIPT, include_str!("../../assets/outbox.js")),
    ("/board.js", SCRIPT, include_str!("../../assets/board.js")),
    ("/ink.js", SCRIPT, include_str!("../../assets/ink.js")),
    ("/pen.js", SCRIPT, include_str!("../../assets/pen.js")),
    ("/people.js", SCRIPT, include_str!("../../assets/people.js")),
    ("/chat.js", SCRIPT, include_str!("../../assets/chat.js")),
    ("/health.js", SCRIPT, include_str!("../../assets/health.js")),
    ("/graph.js", SCRIPT, include_str!("../../assets/graph.js")),
    ("/status.js", SCRIPT, include_str!("../../assets/status.js")),
];

/// A route for each file.
pub(super) fn routes() -> Router<Arc<Board>> {
    FILES.iter().fold(Router::new(), |router, &(path, kind, content)| {
        router.route(path, get(move || async move { ([(CONTENT_TYPE, kind)], content) }))
    })
}
