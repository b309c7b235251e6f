//! What becomes of a stage whose handler fails.

use core::{any::Any, fmt};
use std::{
    error::Error,
    format,
    string::{String, ToString},
};

use super::HandlerError;
use crate::{
    Sequence,
    foreign::{caught, discard},
};

/// What becomes of a stage whose handler returns an error or panics. (Built with `panic = "abort"`, a program ends where it panics.)
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum OnFailure {
    /// Every stage of the graph ends, and whoever waits for the graph is told why. The default.
    ///
    /// The batch at which it failed is not finished, but for what was released of it: stages that come after do not receive it. The
    /// event at which it failed is not released, only those before it.
    #[default]
    Halt,
    /// The stage goes on with the next event. The one at which it failed is counted, once, and stages that come after receive it.
    ///
    /// The handler goes on too, in the state in which a panic may have left it. After a failing batch start it is given the batch, after
    /// a failing batch end the next; the first and the last event of the batch count as those at which it failed.
    Skip,
    /// The handler is dropped and made anew, and goes on with the next event; otherwise as [`Skip`](OnFailure::Skip).
    ///
    /// After a failing batch start the new handler is given the batch from its start; where that fails too, it goes on as under `Skip`.
    /// A handler whose drop panics halts the graph, as one does that fails at its start or shutdown.
    ///
    /// What the handler had put off to the end of its batch goes with it: a handler that puts off work limits its batches, or
    /// releases what it has done. For handlers that can be made again, by [`made_by`](super::StageBuilder::made_by) or
    /// [`workers`](super::StageBuilder::workers).
    Restart,
}

/// What a handler returns that broke off an event because its stage [is to end](super::Turn::is_halting): the event is not finished,
/// and nothing has failed. Its batch is ended, with the events before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Halting;

impl fmt::Display for Halting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the stage is to end, and broke off its event")
    }
}

impl Error for Halting {}

/// Why a handler failed.
#[derive(Debug)]
#[non_exhaustive]
pub enum Cause {
    /// It returned this error.
    Error(HandlerError),
    /// It panicked, with this message; empty if the panic carried none.
    Panic(String),
}

impl Cause {
    /// Whether the handler broke off because it was to.
    pub(super) fn is_halting(&self) -> bool {
        matches!(self, Cause::Error(error) if error.is::<Halting>())
    }

    fn of_panic(payload: &(dyn Any + Send)) -> Self {
        let message = match payload.downcast_ref::<&str>() {
            Some(text) => (*text).into(),
            None => payload.downcast_ref::<String>().cloned().unwrap_or_default(),
        };
        Cause::Panic(message)
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Cause::Error(error) => error.fmt(f),
            Cause::Panic(message) => write!(f, "panicked: {message}"),
        }
    }
}

/// What a stage failed of, and at which event, in words. What an error says is foreign: of one that panics as it is asked, nothing.
pub(super) fn in_words(at: Option<Sequence>, cause: &Cause) -> String {
    let said = guarded(|| Ok(cause.to_string())).unwrap_or_default();
    at.map_or_else(|| said.clone(), |at| format!("at event {at}: {said}"))
}

/// A failure of a stage's handler.
#[derive(Debug)]
#[non_exhaustive]
pub struct StageFailure {
    /// The stage.
    pub stage: String,
    /// The event that it was at; none, if it was at none.
    pub sequence: Option<Sequence>,
    /// What happened.
    pub cause: Cause,
}

impl fmt::Display for StageFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "stage \"{}\" failed", self.stage)?;
        if let Some(sequence) = self.sequence {
            write!(f, " at event {sequence}")?;
        }
        write!(f, ": {}", self.cause)
    }
}

impl Error for StageFailure {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match &self.cause {
            Cause::Error(error) => Some(&**error),
            Cause::Panic(_) => None,
        }
    }
}

/// What a call of a handler's came to; a panic is caught.
pub(super) fn guarded<T>(call: impl FnOnce() -> Result<T, HandlerError>) -> Result<T, Cause> {
    // Whether the handler is used again after a panic is its stage's policy, which says so.
    match caught(call) {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(error)) => Err(Cause::Error(error)),
        Err(payload) => {
            let cause = Cause::of_panic(&*payload);
            discard(payload);
            Err(cause)
        }
    }
}

/// What dropping a handler came to, or what it was made by.
pub(super) fn dropped<T>(value: T) -> Result<(), Cause> {
    guarded(|| {
        drop(value);
        Ok(())
    })
}
