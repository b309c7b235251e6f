//! What happens when a stage's handler fails.

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

/// What happens when a stage's handler returns an error or panics. (A program built with `panic = "abort"` ends where it panics.)
///
/// ```
/// use rusted_ring::{HeapTypedRing, Sole, SolePublisher, topology::{OnFailure, Topology}};
///
/// let ring = HeapTypedRing::<u64, Sole>::sole(64);
/// let graph = Topology::over(ring.clone())
///     .stage("divide")
///     .on_failure(OnFailure::Skip)
///     .each(|number, _| 100_u64.checked_div(**number).map(drop).ok_or_else(|| "zero".into()))
///     .start()?;
/// SolePublisher::join(ring)?.send_batch(&[5, 0, 20]);
/// let report = graph.join()?;
/// let divide = report.stage("divide").unwrap();
/// assert_eq!((divide.processed, divide.failed), (3, 1));
/// assert_eq!(divide.failure.as_deref(), Some("at event 1: zero"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum OnFailure {
    /// Halts the graph: every stage ends, and [`Graph::join`](super::Graph::join) and the others return the failure. The default.
    ///
    /// The batch in which the handler failed is not finished, so the stages after it do not receive it, except for the events
    /// that the handler [released](super::Turn::release). The event at which it failed is never among these.
    #[default]
    Halt,
    /// Skips the event: the same handler continues with the next one. The event is counted as failed, once, and the stages after it
    /// receive it.
    ///
    /// The handler keeps the state in which the panic left it. If its batch start failed, it is given the batch nevertheless; if its batch end
    /// failed, it is given the next batch. The first event of the batch, or the last, then counts as failed.
    Skip,
    /// Replaces the handler: it is dropped, and a new one continues with the next event. Otherwise as [`Skip`](OnFailure::Skip).
    ///
    /// If the batch start failed, the new handler is given the same batch from its start; if that fails too, it continues as under
    /// `Skip`. A handler that panics when it is dropped halts the graph, and so does one that fails at its start or shutdown.
    ///
    /// Work that the handler has deferred to the end of its batch is lost with it. A handler that defers work should have small batches, or
    /// release what it has done. Only for handlers that can be made again: by [`made_by`](super::StageBuilder::made_by) or
    /// [`workers`](super::StageBuilder::workers).
    Restart,
}

/// The error of a handler that interrupts an event because its stage [is halting](super::Turn::is_halting).
///
/// This is no failure. The event is not finished; its batch is ended after the events before it.
///
/// ```
/// use rusted_ring::{HeapTypedRing, topology::{Halting, Topology}};
/// # fn sent(_: u64) -> bool { true }
///
/// let graph = Topology::over(HeapTypedRing::<u64>::new(64))
///     .stage("send")
///     .each(|number, turn| {
///         while !sent(**number) {
///             if turn.is_halting() {
///                 return Err(Halting.into());
///             }
///         }
///         Ok(())
///     })
///     .start()?;
/// graph.halt()?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Halting;

impl fmt::Display for Halting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the stage is halting, and has interrupted its event")
    }
}

impl Error for Halting {}

/// Why a handler failed.
#[derive(Debug)]
#[non_exhaustive]
pub enum Cause {
    /// It returned this error.
    Error(HandlerError),
    /// It panicked with this message, which is empty if the panic carried none.
    Panic(String),
}

impl Cause {
    /// Returns whether the handler interrupted its event because its stage is halting.
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

/// Describes a failure and its event in words. An error whose `Display` panics has none.
pub(super) fn in_words(at: Option<Sequence>, cause: &Cause) -> String {
    let message = guarded(|| Ok(cause.to_string())).unwrap_or_default();
    at.map_or_else(|| message.clone(), |at| format!("at event {at}: {message}"))
}

/// A failure of a stage's handler.
#[derive(Debug)]
#[non_exhaustive]
pub struct StageFailure {
    /// The stage.
    pub stage: String,
    /// The event at which it failed; none if the failure was at no event, such as in a start or a shutdown.
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

/// Calls a handler. A panic is returned as its cause.
pub(super) fn guarded<T>(call: impl FnOnce() -> Result<T, HandlerError>) -> Result<T, Cause> {
    // Whether the handler is used again after a panic is for its stage's policy to say.
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

/// Drops a handler, or what made it. A panic is returned as its cause.
pub(super) fn dropped<T>(value: T) -> Result<(), Cause> {
    guarded(|| {
        drop(value);
        Ok(())
    })
}
