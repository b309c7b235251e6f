//! Foreign code that may panic: the user's wakers, handlers, destructors and closures.
//!
//! The rule: a caller of foreign code has finished its own state, makes every call that is due, and passes on the first panic after
//! the last of them.

#[cfg(feature = "std")]
use std::{
    any::Any,
    boxed::Box,
    mem,
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
    thread,
};

/// The first panic of several calls of foreign code, all of which are made. Dropping this discards the panic.
#[derive(Debug, Default)]
#[must_use = "a panic is passed on"]
pub(crate) struct FirstPanic {
    #[cfg(feature = "std")]
    payload: Option<Box<dyn Any + Send>>,
}

#[cfg(feature = "std")]
impl FirstPanic {
    /// Calls foreign code, and keeps its panic if it is the first.
    pub(crate) fn of(&mut self, call: impl FnOnce()) {
        if let Err(payload) = caught(call) {
            match self.payload {
                None => self.payload = Some(payload),
                Some(_) => discard(payload),
            }
        }
    }

    /// Drops each of these, one by one.
    #[cfg(not(any(loom, shuttle)))]
    pub(crate) fn of_drops<T>(&mut self, values: impl IntoIterator<Item = T>) {
        values.into_iter().for_each(|value| self.of(|| drop(value)));
    }

    /// After the last call: passes the panic on, if there was one, unless this thread already unwinds, where a second panic would
    /// abort. Otherwise returns `outcome`.
    #[inline]
    pub(crate) fn pass_on_or<T>(mut self, outcome: T) -> T {
        match self.payload.take() {
            None => outcome,
            Some(payload) => pass_on_or(payload, outcome),
        }
    }
}

#[cfg(feature = "std")]
#[cold]
fn pass_on_or<T>(payload: Box<dyn Any + Send>, outcome: T) -> T {
    if thread::panicking() {
        discard(payload);
        outcome
    } else {
        discard(outcome);
        resume_unwind(payload)
    }
}

/// Without `std` nobody sleeps, and the library calls nothing foreign.
#[cfg(not(feature = "std"))]
impl FirstPanic {
    #[inline]
    pub(crate) fn pass_on_or<T>(self, outcome: T) -> T {
        outcome
    }
}

impl FirstPanic {
    /// After the last call: passes the panic on, if there was one, unless this thread already unwinds, where a second panic would abort.
    #[inline]
    pub(crate) fn pass_on(self) {
        self.pass_on_or(());
    }
}

#[cfg(feature = "std")]
impl Drop for FirstPanic {
    #[inline]
    fn drop(&mut self) {
        if let Some(payload) = self.payload.take() {
            discard(payload);
        }
    }
}

/// Calls foreign code; returns its result, or what it panicked with.
///
/// The caller has finished its own state, so no broken state of it can be seen. The foreign state belongs to the user, who gets
/// the panic.
#[cfg(feature = "std")]
pub(crate) fn caught<T>(call: impl FnOnce() -> T) -> Result<T, Box<dyn Any + Send>> {
    // For `benches/stage.rs` alone, which measures what catching costs.
    if cfg!(rusted_ring_no_catch) {
        return Ok(call());
    }
    catch_unwind(AssertUnwindSafe(call))
}

/// Calls into the ring where a waker's panic must not count as the caller's: on a stage's thread it is not the stage's failure.
#[cfg(feature = "std")]
#[cfg_attr(any(loom, shuttle), allow(dead_code, reason = "models have no stages, and are built without tasks, too"))]
pub(crate) fn waking(call: impl FnOnce()) {
    if let Err(payload) = caught(call) {
        discard(payload);
    }
}

/// Drops something foreign where nobody can be told that its drop panics.
#[cfg(feature = "std")]
#[cold]
pub(crate) fn discard<T>(value: T) {
    let mut left = caught(|| drop(value)).err();
    // A panic's payload may panic when it is dropped, and so may the next one, and so on: after a few it is leaked.
    for _ in 0..8 {
        let Some(payload) = left else { return };
        left = caught(|| drop(payload)).err();
    }
    mem::forget(left);
}

/// Drops something foreign, as the caller's last act.
#[cfg(feature = "std")]
pub(crate) fn part_with<T>(foreign: T) {
    let mut panics = FirstPanic::default();
    panics.of(|| drop(foreign));
    panics.pass_on();
}

#[cfg(all(test, feature = "std", not(any(loom, shuttle))))]
mod tests {
    use std::panic::panic_any;

    use super::*;

    /// Panics when it is dropped, with another of itself.
    struct Endless;

    impl Drop for Endless {
        fn drop(&mut self) {
            if !thread::panicking() {
                panic_any(Endless);
            }
        }
    }

    #[test]
    fn all_are_called_and_the_first_panic_is_passed_on() {
        let mut called = 0;
        let mut panics = FirstPanic::default();
        let payload = catch_unwind(AssertUnwindSafe(|| {
            panics.of(|| called += 1);
            panics.of(|| panic_any("the first"));
            panics.of_drops([Endless, Endless]);
            panics.of(|| called += 1);
            panics.pass_on_or(Endless);
        }))
        .unwrap_err();
        assert_eq!((payload.downcast_ref(), called), (Some(&"the first"), 2));
        assert_eq!(FirstPanic::default().pass_on_or(7), 7);
    }

    #[test]
    fn what_cannot_be_dropped_is_let_go_and_a_panic_that_is_not_passed_on_too() {
        discard(Endless);
        waking(|| panic_any(Endless));
        FirstPanic::default().of(|| panic_any(Endless));
    }
}
