//! One page's WebSocket: both directions side by side, until either ends.

mod ending;
mod inbound;
mod outbound;

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::extract::ws::WebSocket;
use futures_util::{SinkExt, StreamExt};
use tokio::sync::mpsc;
use tokio::time::{sleep, timeout};

use crate::hub::Hub;
use crate::limits::budget::Budget;
use crate::limits::visitors::Visitor;
use crate::phase::Phase;
use crate::protocol::Hello;
use ending::Ending;
use inbound::Inbound;
use outbound::Outbound;

/// Answers that may be on their way to one connection; a page that has more actions open is told busy.
const REPLIES: usize = 256;
/// How long a page has for the closing handshake.
const CLOSE_TIME: Duration = Duration::from_secs(1);
/// How long a page has to read its remaining messages when the server stops.
const LAST_WORDS_TIME: Duration = Duration::from_secs(2);

/// Serves one page until it goes, breaks the rules of the wire (it is told which), or the server stops.
pub(crate) async fn serve(socket: WebSocket, hub: Arc<Hub>, visitor: Arc<Visitor>) {
    let mut budget = Budget::new(Arc::clone(&visitor), Instant::now());
    let mut presence = hub.enter();
    let (mut sink, mut stream) = socket.split();
    let mut phase = hub.phase.clone();
    tracing::debug!(author = presence.author(), "a connection began");
    let hello = tokio::select! {
        hello = inbound::hello(&mut stream, &hub, &mut budget) => hello,
        () = Phase::Stopping.reached(&mut phase) => Err(Ending::stopping()),
    };
    let ending = match hello {
        Ok(Hello { client, after, board: name }) => {
            let board = hub.boards.open(&name);
            presence.shows(board.clone());
            let (replies, answers) = mpsc::channel(REPLIES);
            let on = (name, board.number());
            let inbound = Inbound::new(&mut stream, &hub, presence.author(), client, board, replies, budget);
            let outbound = Outbound::new(&mut sink, &hub, &visitor, presence.author(), on, after, answers);
            tokio::select! {
                ending = inbound.run() => ending,
                ending = outbound.run() => ending,
                ending = patience(&hub) => ending,
            }
        }
        Err(ending) => ending,
    };
    tracing::debug!(author = presence.author(), "a connection ended: {ending}");
    if ending == Ending::Gone {
        return;
    }
    let goodbye = async {
        // The answer to a page that closes is ready since its frame was read.
        let said = match ending.message() {
            Some(message) => sink.send(message).await,
            None => sink.flush().await,
        };
        if said.is_ok() {
            // Read to the end: a socket closed on unread bytes takes the reason with it.
            while let Some(Ok(_)) = stream.next().await {}
        }
    };
    let _ = timeout(CLOSE_TIME, goodbye).await;
}

/// The end of a page that does not read while the server stops.
async fn patience(hub: &Hub) -> Ending {
    Phase::Drained.reached(&mut hub.phase.clone()).await;
    sleep(LAST_WORDS_TIME).await;
    Ending::Gone
}
