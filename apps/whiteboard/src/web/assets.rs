//! The page, embedded: there is no directory to serve from and no other site to fetch from.

use std::sync::Arc;

use axum::Router;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use super::base::Base;
use crate::hub::Hub;
use crate::protocol::{BoardName, NotABoard, what_is_wrong};

const HTML: &str = "text/html; charset=utf-8";
const CSS: &str = "text/css; charset=utf-8";
const SCRIPT: &str = "text/javascript; charset=utf-8";
const SVG: &str = "image/svg+xml";

const PAGE: &str = include_str!("../../page/index.html");
/// The place in it that says where it is.
const BASE: &str = "<base href=\"/\">";

/// A module as the compiler left it in `built`.
macro_rules! script {
    ($name:literal) => {
        (concat!("/", $name), SCRIPT, include_str!(concat!("../../page/built/", $name)))
    };
}

/// (path, content type, content) of every file of the page; the paths are relative to where the page is served.
const FILES: &[(&str, &str, &str)] = &[
    ("/", HTML, PAGE),
    ("/style.css", CSS, include_str!("../../page/style.css")),
    ("/panels.css", CSS, include_str!("../../page/panels.css")),
    ("/travel.css", CSS, include_str!("../../page/travel.css")),
    ("/icon.svg", SVG, include_str!("../../page/icon.svg")),
    script!("announce.js"),
    script!("base.js"),
    script!("board.js"),
    script!("boards.js"),
    script!("bounded.js"),
    script!("camera.js"),
    script!("chat.js"),
    script!("colours.js"),
    script!("connection.js"),
    script!("describe.js"),
    script!("dialog.js"),
    script!("dialogs.js"),
    script!("download.js"),
    script!("edge.js"),
    script!("editor.js"),
    script!("effort.js"),
    script!("eraser.js"),
    script!("geometry.js"),
    script!("gestures.js"),
    script!("graph.js"),
    script!("health.js"),
    script!("history.js"),
    script!("insert.js"),
    script!("keys.js"),
    script!("latest.js"),
    script!("layout.js"),
    script!("locked.js"),
    script!("main.js"),
    script!("make.js"),
    script!("me.js"),
    script!("memory.js"),
    script!("notes.js"),
    script!("orbit.js"),
    script!("outbox.js"),
    script!("overlay.js"),
    script!("paint.js"),
    script!("panel.js"),
    script!("paper.js"),
    script!("past.js"),
    script!("pen.js"),
    script!("people.js"),
    script!("person.js"),
    script!("pictures.js"),
    script!("pool.js"),
    script!("protocol.js"),
    script!("pulse.js"),
    script!("rewind.js"),
    script!("rings.js"),
    script!("said.js"),
    script!("session.js"),
    script!("shrink.js"),
    script!("soon.js"),
    script!("sparkline.js"),
    script!("status.js"),
    script!("text.js"),
    script!("theme.js"),
    script!("toasts.js"),
    script!("token.js"),
    script!("tool.js"),
    script!("toolbar.js"),
    script!("top.js"),
    script!("travel.js"),
    script!("turns.js"),
    script!("unfinished.js"),
    script!("unlock.js"),
    script!("view.js"),
    script!("wire.js"),
];

/// A route for each file, and the page for each board. Its `<base>` tells the page where the others are.
pub(super) fn routes(base: &Base) -> Router<Arc<Hub>> {
    let page: &'static str = PAGE.replace(BASE, &format!("<base href=\"{base}\">")).leak();
    let files = FILES.iter().fold(Router::new(), |router, &(path, kind, content)| {
        let content = if path == "/" { page } else { content };
        router.route(path, get(move || async move { ([(CONTENT_TYPE, kind)], content) }))
    });
    let base = base.clone();
    files.route("/b/{name}", get(move |Path(name): Path<String>| async move { board(page, &base, &name) }))
}

fn board(page: &'static str, base: &Base, name: &str) -> Response {
    match name.parse::<BoardName>() {
        Ok(_) => ([(CONTENT_TYPE, HTML)], page).into_response(),
        Err(NotABoard) => {
            let told = format!("{}; the first board is at {base}\n", what_is_wrong(name));
            (StatusCode::NOT_FOUND, told).into_response()
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::fs;

    use super::*;

    #[test]
    fn the_page_has_one_base_and_asks_for_nothing_from_the_root() {
        assert_eq!(PAGE.matches(BASE).count(), 1);
        for absolute in ["href=\"/", "src=\"/"] {
            assert_eq!(PAGE.replace(BASE, "").matches(absolute).count(), 0, "{absolute}");
        }
    }

    #[test]
    fn every_built_module_is_served() {
        let built = fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/page/built")).expect("the built page");
        let built = built.map(|entry| format!("/{}", entry.expect("an entry").file_name().to_string_lossy()));
        let served = FILES.iter().filter(|(_, kind, _)| *kind == SCRIPT).map(|(path, ..)| (*path).to_owned());
        assert_eq!(served.collect::<BTreeSet<_>>(), built.collect::<BTreeSet<_>>());
    }
}
