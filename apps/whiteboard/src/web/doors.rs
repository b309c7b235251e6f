//! Decides who comes in.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use axum::http::header::{HeaderValue, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::base::Base;
use super::lock::{Lock, bearer};
use super::names::{Names, Origin};
use super::tries::Tries;
use crate::net::peer::Peer;
use crate::net::sockets::Ends;
use crate::token::Token;

/// Pages and programs on the board at a time.
const BOARD_CONNECTIONS: usize = 256;

/// The names, the lock if there is one, and the places on the board.
#[derive(Debug)]
pub(crate) struct Doors {
    pub(super) names: Names,
    pub(super) base: Base,
    /// Missing when only this machine reaches the board and nobody gave a token.
    pub(super) lock: Option<Lock>,
    tries: Tries,
    places: Arc<Semaphore>,
    refused: [AtomicU64; Outside::REASONS.len()],
}

/// Why a request is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outside {
    /// It showed no token and no cookie that open the lock.
    Locked,
    /// It guessed too often, and was wrong again.
    Wait(Duration),
    /// Too many requests come from its address.
    Often,
    /// The page that sent it is of another site.
    Foreign,
    /// It asks for a name that this server does not have.
    Nameless,
    /// The board has as many connections as it may.
    Full,
}

impl Doors {
    /// The doors of a server with these names; with a token they have a lock.
    pub(crate) fn new(names: Names, base: Base, token: Option<&Token>) -> Self {
        Doors {
            names,
            base,
            lock: token.map(Lock::of),
            tries: Tries::default(),
            places: Arc::new(Semaphore::new(BOARD_CONNECTIONS)),
            refused: Default::default(),
        }
    }

    /// Admits a request of a page of this server, or of a program (it names no page), if it carries what opens the
    /// lock. Without a lock only this machine reaches the server, so the program is known.
    pub(super) fn admit(&self, headers: &HeaderMap, ends: &Ends) -> Result<(), Outside> {
        match self.names.origin(headers, ends.local) {
            Origin::Foreign => Err(Outside::Foreign),
            Origin::Own { .. } | Origin::Absent => self.unlock(headers, ends.peer),
        }
    }

    /// Opens to the cookie and to the token, and to everyone if there is no lock. A wrong token is a try and is
    /// counted; a wrong cookie is not, because every page that outlives its token has one.
    pub(super) fn unlock(&self, headers: &HeaderMap, peer: Peer) -> Result<(), Outside> {
        match &self.lock {
            Some(lock) if !lock.opens_to_cookie(headers) => {
                let token = bearer(headers).ok_or(Outside::Locked)?;
                self.judge(peer, lock.opens_to_token(token))
            }
            _ => Ok(()),
        }
    }

    /// Lets `peer` try a token, or an invitation of someone who is in.
    pub(super) fn try_key(&self, lock: &Lock, key: &[u8], peer: Peer) -> Result<(), Outside> {
        self.judge(peer, lock.opens_to_token(key) || lock.opens_to_invitation(key))
    }

    /// Admits a right one, however often others at its address were wrong.
    fn judge(&self, peer: Peer, is_right: bool) -> Result<(), Outside> {
        if is_right {
            return Ok(());
        }
        let wait = self.tries.wrong(peer, Instant::now());
        if wait.is_some() {
            tracing::warn!(%peer, "an address gave too many wrong tokens within a minute, and is told to wait");
        }
        Err(wait.map_or(Outside::Locked, Outside::Wait))
    }

    /// Returns a place on the board, which is free again when it is dropped.
    pub(super) fn place(&self) -> Result<OwnedSemaphorePermit, Outside> {
        Arc::clone(&self.places).try_acquire_owned().map_err(|_| Outside::Full)
    }

    /// Counts a refusal.
    pub(super) fn count(&self, why: Outside) {
        self.refused[why.reason()].fetch_add(1, Ordering::Relaxed);
    }

    /// The refusals so far, by their reasons.
    pub(super) fn refused(&self) -> impl Iterator<Item = (&'static str, u64)> {
        Outside::REASONS.into_iter().zip(self.refused.iter().map(|count| count.load(Ordering::Relaxed)))
    }
}

impl Outside {
    /// What each is called in the metrics.
    const REASONS: [&str; 6] = ["locked", "guessing", "often", "origin", "host", "full"];

    /// Where among the reasons this one is.
    fn reason(self) -> usize {
        match self {
            Outside::Locked => 0,
            Outside::Wait(_) => 1,
            Outside::Often => 2,
            Outside::Foreign => 3,
            Outside::Nameless => 4,
            Outside::Full => 5,
        }
    }
}

impl IntoResponse for Outside {
    fn into_response(self) -> Response {
        let (status, text) = match self {
            Outside::Locked => (
                StatusCode::UNAUTHORIZED,
                "this board is locked; open it with the address that the server printed, the part after # included\n",
            ),
            Outside::Wait(_) => (StatusCode::TOO_MANY_REQUESTS, "too many wrong tokens; try again later\n"),
            Outside::Often => {
                (StatusCode::TOO_MANY_REQUESTS, "too many requests from this address; try again in a moment\n")
            }
            Outside::Foreign => (
                StatusCode::FORBIDDEN,
                "this page may not open the board: foreign Origin; a name without TLS is given by --host http://NAME\n",
            ),
            // A page that came here by a name of its own learns none of the names.
            Outside::Nameless => (
                StatusCode::FORBIDDEN,
                "this server does not go by that name: foreign Host; start it with --host NAME to give it one\n",
            ),
            Outside::Full => (
                StatusCode::SERVICE_UNAVAILABLE,
                "256 connections are on the board, which is as many as it takes; try again later\n",
            ),
        };
        let mut response = (status, text).into_response();
        match self {
            Outside::Locked => response.headers_mut().insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer")),
            Outside::Wait(wait) => response.headers_mut().insert(RETRY_AFTER, (wait.as_secs() + 1).into()),
            Outside::Often => response.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static("1")),
            Outside::Foreign | Outside::Nameless | Outside::Full => None,
        };
        // Who lets all answers out counts it.
        response.extensions_mut().insert(self);
        response
    }
}
