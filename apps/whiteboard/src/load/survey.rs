//! Looks at the whole board: how far it is before a run, and what it holds afterwards.

use std::time::Duration;

use anyhow::{Context, anyhow, bail};
use futures_util::{SinkExt, StreamExt};
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;

use super::door::{Closed, Door, Socket, ending};
use super::wire::{self, Said};
use crate::protocol::{ClientId, frames};

/// How long the server may be silent before it counts as done.
const PATIENCE: Duration = Duration::from_secs(10);

/// The number of the store, and its last revision.
pub(super) async fn where_it_is(door: &Door) -> anyhow::Result<(u64, u64)> {
    Ok(join(door).await?.1)
}

/// Every action of the board, by a connection that has none: (revision, action), in the order of arrival.
pub(super) async fn whole(door: &Door) -> anyhow::Result<Vec<(u64, u64)>> {
    let (mut socket, _) = join(door).await?;
    let mut actions = Vec::new();
    loop {
        for frame in frames(&next(&mut socket).await?) {
            match wire::heard(frame)? {
                Said::Action { revision, action } => actions.push((revision, action)),
                Said::Live { .. } => return Ok(actions),
                _ => {}
            }
        }
    }
}

async fn join(door: &Door) -> anyhow::Result<(Socket, (u64, u64))> {
    let mut socket = door.open(false).await.map_err(|closed| match closed {
        Closed::Now(reason) => anyhow!("cannot open the board at {}: {reason}", door.address),
        Closed::Always(reason) => anyhow!("the server does not let in: {reason}"),
    })?;
    let id = ClientId::new(std::array::from_fn(|_| fastrand::u8(..)));
    socket.send(wire::hello(id, 0, &door.board).into()).await?;
    match wire::heard(&next(&mut socket).await?)? {
        Said::Welcome { store, revision } => Ok((socket, (store, revision))),
        other => bail!("the server said {other:?} before it said welcome"),
    }
}

async fn next(socket: &mut Socket) -> anyhow::Result<tokio_tungstenite::tungstenite::Bytes> {
    loop {
        match timeout(PATIENCE, socket.next()).await.context("the server says nothing")? {
            Some(Ok(Message::Binary(frame))) => return Ok(frame),
            other => {
                if let Some(reason) = ending(other) {
                    bail!(reason);
                }
            }
        }
    }
}
