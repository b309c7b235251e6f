//! Why a connection ends, and how the page is told.

use std::fmt;

use axum::extract::ws::{CloseFrame, Message, close_code};

use crate::protocol::{FRAME_MAX, Malformed};

/// A close frame's reason is at most this many bytes.
const REASON_MAX: usize = 123;

/// The end of a connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Ending {
    /// The page is gone; there is nobody to tell.
    Gone,
    /// The page closes, and waits for the answer.
    Goodbye,
    /// The server closes.
    Close {
        /// A WebSocket close code.
        code: u16,
        /// Why, for a person.
        reason: String,
    },
}

impl fmt::Display for Ending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Ending::Gone => f.write_str("the page is gone"),
            Ending::Goodbye => f.write_str("the page closed it"),
            Ending::Close { code, reason } => write!(f, "closed with {code}, {reason}"),
        }
    }
}

impl Ending {
    /// The page did what the wire allows in form, but not in this place.
    pub(super) fn policy(reason: impl Into<String>) -> Self {
        Ending::Close { code: close_code::POLICY, reason: reason.into() }
    }

    /// The server shuts down in good order.
    pub(super) fn stopping() -> Self {
        Ending::Close { code: close_code::AWAY, reason: "the server is stopping; everything taken is saved".into() }
    }

    /// The server cannot go on.
    pub(super) fn failed(reason: impl Into<String>) -> Self {
        Ending::Close { code: close_code::ERROR, reason: reason.into() }
    }

    /// The page sent text.
    pub(super) fn not_binary() -> Self {
        Ending::Close { code: close_code::UNSUPPORTED, reason: "only binary frames are understood".into() }
    }

    /// The WebSocket reported an error: a frame that is too long gets its own reason, a broken connection is gone.
    pub(super) fn of_transport(error: axum::Error) -> Self {
        let error = error.into_inner();
        match error.downcast_ref::<tungstenite::Error>() {
            Some(tungstenite::Error::Capacity(_)) => {
                Ending::Close { code: close_code::SIZE, reason: format!("frames are at most {FRAME_MAX} bytes") }
            }
            Some(tungstenite::Error::Io(_) | tungstenite::Error::ConnectionClosed) => Ending::Gone,
            _ => Ending::Close { code: close_code::PROTOCOL, reason: error.to_string() },
        }
    }

    /// The message to send to the page, if it is still there.
    pub(super) fn message(&self) -> Option<Message> {
        match self {
            Ending::Gone | Ending::Goodbye => None,
            Ending::Close { code, reason } => {
                let mut end = reason.len().min(REASON_MAX);
                while !reason.is_char_boundary(end) {
                    end -= 1;
                }
                Some(Message::Close(Some(CloseFrame { code: *code, reason: reason[..end].into() })))
            }
        }
    }
}

impl From<Malformed> for Ending {
    fn from(malformed: Malformed) -> Self {
        let code = match malformed {
            Malformed::TooLong(_) => close_code::SIZE,
            Malformed::UnknownKind(_) | Malformed::Version(_) => close_code::POLICY,
            _ => close_code::INVALID,
        };
        Ending::Close { code, reason: malformed.to_string() }
    }
}
