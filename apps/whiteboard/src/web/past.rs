//! `GET /past/NAME`: what the journal has of a board, a part at a time.

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Extension;
use axum::extract::{Path, RawQuery, State};
use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderValue};
use axum::response::{IntoResponse, Response};
use tokio::time::{sleep, timeout};

use crate::hub::Hub;
use crate::journal::{Part, Place};
use crate::limits::visitors::Doing;
use crate::net::sockets::Ends;
use crate::protocol::{BoardName, what_is_wrong};

/// The least that a part counts for.
const LEAST: usize = 16 * 1024;
/// How long a request may wait for its turn, and for what its address has read before it.
const PATIENCE: Duration = Duration::from_secs(20);
const NONE: &str = "this server keeps no history; it does when it is started with --journal\n";

/// The part that begins where `?from=EPOCH.SEQUENCE` says, or the first one: the next part's epoch u32 and sequence u64, whether there is one u8, and the
/// entries. It counts as what a joining page is sent, and waits for its turn with those.
pub(super) async fn part(
    State(hub): State<Arc<Hub>>,
    Extension(ends): Extension<Ends>,
    Path(name): Path<String>,
    RawQuery(query): RawQuery,
) -> Response {
    let Ok(board) = name.parse::<BoardName>() else {
        return (StatusCode::NOT_FOUND, format!("{}\n", what_is_wrong(&name))).into_response();
    };
    let Some(from) = place(query.as_deref()) else {
        return (StatusCode::BAD_REQUEST, "a part begins at ?from=EPOCH.SEQUENCE, or nowhere\n").into_response();
    };
    let Some(journal) = hub.journal.clone() else { return (StatusCode::NOT_FOUND, NONE).into_response() };
    // Counted and held whether or not the request is still there when it is read.
    let turns = async { (ends.visitor.turn().await, Arc::clone(&hub.readers).acquire_owned().await) };
    let Ok(turns) = timeout(PATIENCE, turns).await else { return busy() };
    spend(&ends, LEAST);
    let committed = hub.watermark.now().revision;
    let read = tokio::task::spawn_blocking(move || {
        let _turns = turns;
        journal.past(&board, from, committed)
    });
    match read.await {
        Ok(Ok(part)) => {
            let wait = spend(&ends, part.read.saturating_sub(LEAST));
            if wait > PATIENCE {
                return busy();
            }
            sleep(wait).await;
            let headers = [(CONTENT_TYPE, "application/octet-stream"), (CACHE_CONTROL, "no-store")]
                .map(|(name, value)| (name, HeaderValue::from_static(value)));
            (headers, written(part)).into_response()
        }
        Ok(Err(error)) => {
            tracing::warn!("the journal was not read: {error}");
            (StatusCode::INTERNAL_SERVER_ERROR, "the history cannot be read: see the server's log\n").into_response()
        }
        // The panic was reported where it happened.
        Err(_) => {
            (StatusCode::INTERNAL_SERVER_ERROR, "the history cannot be read: see the server's log\n").into_response()
        }
    }
}

fn busy() -> Response {
    (StatusCode::TOO_MANY_REQUESTS, "too much is read from this address; try again in a moment\n").into_response()
}

/// Counts bytes of boards to the address; returns how long it has to wait for more.
fn spend(ends: &Ends, bytes: usize) -> Duration {
    ends.visitor.did(Doing::Reading, u32::try_from(bytes).unwrap_or(u32::MAX), Instant::now())
}

/// Where the query says that the part begins; `None` if it says anything else.
fn place(query: Option<&str>) -> Option<Place> {
    let Some(query) = query else { return Some(Place::default()) };
    let (epoch, sequence) = query.strip_prefix("from=")?.split_once('.')?;
    Some(Place { epoch: epoch.parse().ok()?, sequence: sequence.parse().ok()? })
}

fn written(Part { entries, next, more, .. }: Part) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(13 + entries.len());
    bytes.extend_from_slice(&next.epoch.to_le_bytes());
    bytes.extend_from_slice(&next.sequence.to_le_bytes());
    bytes.push(u8::from(more));
    bytes.extend_from_slice(&entries);
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_begins_at_a_place_or_at_the_beginning_and_nothing_else_is_asked() {
        assert_eq!(place(None), Some(Place::default()));
        assert_eq!(place(Some("from=3.70")), Some(Place { epoch: 3, sequence: 70 }));
        for wrong in ["", "from=", "from=1", "from=1.", "from=-1.0", "from=1.2.3", "from=99999999999.0", "to=1.2"] {
            assert_eq!(place(Some(wrong)), None, "{wrong}");
        }
    }
}
