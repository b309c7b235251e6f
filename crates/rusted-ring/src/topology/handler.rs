//! What a stage does with its events.

use core::marker::PhantomData;
use std::{boxed::Box, error::Error};

use super::control::Control;
use crate::{Sequence, consumer::BatchEvent, ring::Slot};

/// Why a handler failed: any error, as `?` makes it.
pub type HandlerError = Box<dyn Error + Send + Sync>;

/// What a stage does with its events, and when it starts, waits and ends. All calls come from the stage's own thread.
///
/// [`StageBuilder::each`](super::StageBuilder::each) makes a handler of a closure `|event, turn|`. When one of these methods returns an
/// error or panics, the stage's [`OnFailure`](super::OnFailure) decides what happens; a failure of `start` or `shutdown` always halts
/// the graph.
pub trait Handler<S: Slot> {
    /// The stage starts. Also called after each restart.
    ///
    /// # Errors
    ///
    /// Any. It halts the graph.
    fn start(&mut self) -> Result<(), HandlerError> {
        Ok(())
    }

    /// A batch of events is ready. [`event`](Self::event) follows for each of them.
    ///
    /// # Errors
    ///
    /// Any. The stage's policy decides what happens.
    fn batch_start(&mut self, _batch: &BatchStart<'_>) -> Result<(), HandlerError> {
        Ok(())
    }

    /// Handles one event.
    ///
    /// # Errors
    ///
    /// Any. The stage's policy decides what happens.
    fn event(&mut self, event: &BatchEvent<'_, S>, turn: &mut Turn<'_>) -> Result<(), HandlerError>;

    /// All events of the batch were handled. When this returns, the stage has finished them, and the stages after it receive them.
    ///
    /// A batch that is cut short because its stage is halted or removed is ended too, after the events that were handled so far,
    /// if any. This is not called when the handler fails at one of the events and does not continue.
    ///
    /// # Errors
    ///
    /// Any. The stage's policy decides what happens.
    fn batch_end(&mut self) -> Result<(), HandlerError> {
        Ok(())
    }

    /// No event came for the stage's [`timeout`](super::StageBuilder::timeout).
    ///
    /// # Errors
    ///
    /// Any. The stage's policy decides what happens.
    fn timeout(&mut self) -> Result<(), HandlerError> {
        Ok(())
    }

    /// The stage ends, for whatever reason. This is the last call.
    ///
    /// # Errors
    ///
    /// Any. It halts the graph.
    fn shutdown(&mut self) -> Result<(), HandlerError> {
        Ok(())
    }
}

/// A batch that starts: see [`Handler::batch_start`].
pub struct BatchStart<'a> {
    pub(super) size: usize,
    pub(super) lag: &'a dyn Fn() -> u64,
}

impl BatchStart<'_> {
    /// The number of events in the batch, at least one.
    pub fn size(&self) -> usize {
        self.size
    }

    /// The number of sequences that are claimed and not yet finished by the stage, including those of the batch. May already
    /// have grown.
    pub fn depth(&self) -> u64 {
        (self.lag)()
    }
}

impl core::fmt::Debug for BatchStart<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("BatchStart").field("size", &self.size).field("depth", &self.depth()).finish()
    }
}

/// A handler's turn at one event: which one it is, and what the handler can tell its stage.
///
/// ```
/// use std::sync::{Arc, Mutex};
/// use rusted_ring::{HeapTypedRing, Sole, SolePublisher, topology::Topology};
///
/// let ring = HeapTypedRing::<u64, Sole>::sole(64);
/// let sums = Arc::new(Mutex::new(Vec::new()));
/// let (kept, mut sum) = (Arc::clone(&sums), 0);
/// let graph = Topology::over(ring.clone())
///     .stage("sum")
///     .batch_limit(2)
///     .each(move |number, turn| {
///         sum += **number;
///         if turn.is_last() {
///             kept.lock().unwrap().push((turn.sequence().get(), sum));
///         }
///     })
///     .start()?;
/// SolePublisher::join(ring)?.send_batch(&[10, 20, 30, 40]);
/// graph.join()?;
/// assert_eq!(sums.lock().unwrap().last(), Some(&(3, 100)));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Turn<'a> {
    pub(super) control: &'a Control,
    pub(super) sequence: Sequence,
    pub(super) is_last: bool,
    pub(super) release: &'a mut bool,
}

impl Turn<'_> {
    /// The event's sequence.
    #[inline]
    pub fn sequence(&self) -> Sequence {
        self.sequence
    }

    /// Returns true for the last event of its batch.
    ///
    /// A batch that is cut short because its stage is halted or removed has no last event. A handler that defers work completes it
    /// in [`Handler::batch_end`], which is called in that case too.
    #[inline]
    pub fn is_last(&self) -> bool {
        self.is_last
    }

    /// Finishes this event and those before it when the handler returns, without waiting for the end of the batch.
    ///
    /// They stay finished, whatever becomes of the rest of the batch. If the handler then fails at this event, it is not released under
    /// [`OnFailure::Halt`](super::OnFailure::Halt).
    #[inline]
    pub fn release(&mut self) {
        *self.release = true;
    }

    /// Returns true once the stage is to end at once. A handler that takes long, or waits, checks this and returns, with
    /// [`Halting`](super::Halting) if it has not handled its event.
    #[inline]
    pub fn is_halting(&self) -> bool {
        self.control.is_halting()
    }
}

/// What a closure may return: nothing, or a `Result<(), HandlerError>`.
///
/// `?` converts any error, without annotations. A result with an error type of its own is returned as `Ok(result?)`.
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
///     .each(|event, _| {
///         let number: u32 = from_utf8(event)?.parse()?; // two error types
///         if number == 0 {
///             return Err("nothing to count".into());
///         }
///         Ok(())
///     })
///     .stage("check")
///     .each(|event, _| Ok(parsed(event)?)) // one of its own
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

/// Makes a handler of a closure, which is called with each event and its [`Turn`].
///
/// A handler that defers work to the last event of a batch should implement [`Handler`] instead: a batch that is cut short has no last event,
/// but its [`batch_end`](Handler::batch_end) is called.
///
/// ```
/// use rusted_ring::{HeapTypedRing, Sole, SolePublisher, topology::{Topology, each}};
///
/// let ring = HeapTypedRing::<u64, Sole>::sole(64);
/// let graph = Topology::over(ring.clone()).stage("check").workers(2, |_worker| each(|number, _| assert!(**number < 3))).start()?;
/// SolePublisher::join(ring)?.send_batch(&[0, 1, 2]);
/// assert_eq!(graph.join()?.stage("check").map(|stage| stage.processed), Some(3));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn each<S, F, O>(closure: F) -> Each<S, F>
where
    S: Slot,
    F: FnMut(&BatchEvent<'_, S>, &mut Turn<'_>) -> O,
    O: Outcome,
{
    Each { closure, slot: PhantomData }
}

impl<S, F, O> Handler<S> for Each<S, F>
where
    S: Slot,
    F: FnMut(&BatchEvent<'_, S>, &mut Turn<'_>) -> O,
    O: Outcome,
{
    #[inline]
    fn event(&mut self, event: &BatchEvent<'_, S>, turn: &mut Turn<'_>) -> Result<(), HandlerError> {
        (self.closure)(event, turn).into_result()
    }
}
