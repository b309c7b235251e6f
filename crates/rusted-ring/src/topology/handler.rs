//! What a stage does with its events.

use core::marker::PhantomData;
use std::{boxed::Box, error::Error};

use super::control::Control;
use crate::{Sequence, consumer::BatchEvent, ring::Slot};

/// Why a handler failed: any error, as `?` makes it.
pub type HandlerError = Box<dyn Error + Send + Sync>;

/// What a stage does with its events, and at the turns of its life; all calls come from the stage's own thread.
///
/// A closure `|event, sequence, end_of_batch|` is a handler by [`StageBuilder::each`](super::StageBuilder::each). An error, and a panic,
/// of any of these is met by the stage's [`OnFailure`](super::OnFailure); one of `start` or `shutdown` always halts the graph.
pub trait Handler<S: Slot> {
    /// The stage begins; also after each restart.
    ///
    /// # Errors
    ///
    /// Any, which halts the graph.
    fn start(&mut self) -> Result<(), HandlerError> {
        Ok(())
    }

    /// Some events are ready.
    ///
    /// # Errors
    ///
    /// Any, which the stage's policy meets.
    fn batch_start(&mut self, _batch: &BatchStart<'_>) -> Result<(), HandlerError> {
        Ok(())
    }

    /// An event.
    ///
    /// # Errors
    ///
    /// Any, which the stage's policy meets.
    fn event(&mut self, event: &BatchEvent<'_, S>, turn: &mut Turn<'_>) -> Result<(), HandlerError>;

    /// All events of the batch were handled; they are finished, for stages that come after, once this returns.
    ///
    /// A batch that began is ended, also when its stage is halted or removed in the middle of it: then with the events that were
    /// handled by then, if any. It is not when the handler fails at one of its events, and is not to go on.
    ///
    /// # Errors
    ///
    /// Any, which the stage's policy meets.
    fn batch_end(&mut self) -> Result<(), HandlerError> {
        Ok(())
    }

    /// Nothing came for as long as the stage's [`timeout`](super::StageBuilder::timeout).
    ///
    /// # Errors
    ///
    /// Any, which the stage's policy meets.
    fn timeout(&mut self) -> Result<(), HandlerError> {
        Ok(())
    }

    /// The stage ends, however that came; nothing is called after this.
    ///
    /// # Errors
    ///
    /// Any, which halts the graph.
    fn shutdown(&mut self) -> Result<(), HandlerError> {
        Ok(())
    }
}

/// A batch that begins.
pub struct BatchStart<'a> {
    pub(super) size: usize,
    pub(super) lag: &'a dyn Fn() -> u64,
}

impl BatchStart<'_> {
    /// How many events it has, at least one.
    pub fn size(&self) -> usize {
        self.size
    }

    /// How many sequences were claimed that the stage has not finished, those of the batch among them. May grow at once.
    pub fn depth(&self) -> u64 {
        (self.lag)()
    }
}

impl core::fmt::Debug for BatchStart<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("BatchStart").field("size", &self.size).field("depth", &self.depth()).finish()
    }
}

/// A handler's turn at one event.
#[derive(Debug)]
pub struct Turn<'a> {
    pub(super) control: &'a Control,
    pub(super) end_of_batch: bool,
    pub(super) release: &'a mut bool,
}

impl Turn<'_> {
    /// Whether the event is the last of its batch.
    ///
    /// A stage that is halted or removed in the middle of a batch comes to no last event: what was put off is done at the
    /// [batch's end](Handler::batch_end).
    pub fn end_of_batch(&self) -> bool {
        self.end_of_batch
    }

    /// Has this event, and those before it, count as finished once the handler returns, and not only with the whole batch.
    ///
    /// They stay so, whatever becomes of the batch. Of a handler that fails at this event after all, see [`OnFailure`](super::OnFailure).
    pub fn release(&mut self) {
        *self.release = true;
    }

    /// Whether the stage is to end at once: a handler that takes long, or waits, then returns.
    pub fn is_halting(&self) -> bool {
        self.control.is_halting()
    }
}

/// What a closure may return: nothing, or whether it failed.
///
/// `?` takes any error, and nothing need be written down: the compiler knows that a closure can fail of a [`HandlerError`] alone. What
/// has an error type of its own goes through `?`, too.
///
/// ```
/// use rusted_ring::{HeapRing, Publisher, topology::Topology};
/// # use std::{num::ParseIntError, str::from_utf8};
///
/// fn parsed(event: &[u8]) -> Result<(), ParseIntError> {
///     String::from_utf8_lossy(event).parse::<u32>().map(drop)
/// }
///
/// let ring = HeapRing::<64>::new(1024);
/// let graph = Topology::over(ring.clone())
///     .stage("count")
///     .each(|event, _, _| {
///         let number: u32 = from_utf8(event)?.parse()?; // two error types
///         if number == 0 {
///             return Err("nothing to count".into());
///         }
///         Ok(())
///     })
///     .stage("check")
///     .each(|event, _, _| Ok(parsed(event)?)) // one of its own
///     .start()?;
/// Publisher::join(ring)?.publish(b"42", 1)?;
/// let report = graph.join()?;
/// assert_eq!(report.stage("count").unwrap().processed, 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[diagnostic::on_unimplemented(
    message = "a handler's closure returns nothing, or a `Result<(), HandlerError>`, and not `{Self}`",
    note = "to return a result with an error of its own, write `Ok(result?)`: `?` makes a `HandlerError` of any error"
)]
pub trait Outcome: sealed::Sealed {
    #[doc(hidden)]
    fn into_result(self) -> Result<(), HandlerError>;
}

mod sealed {
    pub trait Sealed {}
    impl Sealed for () {}
    impl Sealed for Result<(), super::HandlerError> {}
}

impl Outcome for () {
    #[inline]
    fn into_result(self) -> Result<(), HandlerError> {
        Ok(())
    }
}

impl Outcome for Result<(), HandlerError> {
    #[inline]
    fn into_result(self) -> Result<(), HandlerError> {
        self
    }
}

/// A closure as a handler: see [`each`].
pub struct Each<S, F> {
    closure: F,
    slot: PhantomData<fn(&S)>,
}

impl<S, F> core::fmt::Debug for Each<S, F> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Each")
    }
}

/// The handler that calls `closure` with each event, its sequence, and whether it is the last of its batch.
///
/// One that puts off work to the last is a [`Handler`] better: a stage that is halted or removed in the middle of a batch comes to no
/// last event, and is told of the batch's end all the same.
pub fn each<S, F, O>(closure: F) -> Each<S, F>
where
    S: Slot,
    F: FnMut(&BatchEvent<'_, S>, Sequence, bool) -> O,
    O: Outcome,
{
    Each { closure, slot: PhantomData }
}

impl<S, F, O> Handler<S> for Each<S, F>
where
    S: Slot,
    F: FnMut(&BatchEvent<'_, S>, Sequence, bool) -> O,
    O: Outcome,
{
    #[inline]
    fn event(&mut self, event: &BatchEvent<'_, S>, turn: &mut Turn<'_>) -> Result<(), HandlerError> {
        (self.closure)(event, event.sequence(), turn.end_of_batch).into_result()
    }
}
