//! Calls of foreign code: wakers, handlers, destructors and closures of whoever uses the library, any of which may panic.
//!
//! The rule: who calls foreign code has finished its own state, makes every call that is due, and passes on the first panic after the
//! last of them.

#[cfg(feature = "std")]
use std::{
    any::Any,
    boxed::Box,
    mem,
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
    thread,
};

/// Calls of foreign code, all of which are made, whichever panics. What is left of a panic when this is dropped is told to nobody.
#[derive(Debug, Default)]
#[must_use = "a panic is passed on"]
pub(crate) struct ForeignCalls {
    #[cfg(feature = "std")]
    first: Option<Box<dyn Any + Send>>,
}

#[cfg(feature = "std")]
impl ForeignCalls {
    /// Makes one of them.
    #[cfg_attr(not(feature = "async"), allow(dead_code, reason = "of a ring's sleepers only tasks have foreign code"))]
    pub(crate) fn make(&mut self, call: impl FnOnce()) {
        // Own state is finished, so none can be seen broken; the foreign state is its owner's, who gets the panic.
        if let Err(panic) = catch_unwind(AssertUnwindSafe(call)) {
            match self.first {
                None => self.first = Some(panic),
                Some(_) => discard(panic),
            }
        }
    }

    /// Passes the first panic on, after the last of them; not while this thread unwinds already, when a second one would abort.
    #[inline]
    pub(crate) fn pass_on(mut self) {
        if let Some(panic) = self.first.take() {
            pass_on(panic);
        }
    }
}

/// Without `std` nobody sleeps, and nothing foreign is called.
#[cfg(not(feature = "std"))]
impl ForeignCalls {
    #[inline]
    pub(crate) fn pass_on(self) {}
}

#[cfg(feature = "std")]
impl Drop for ForeignCalls {
    #[inline]
    fn drop(&mut self) {
        if let Some(panic) = self.first.take() {
            discard(panic);
        }
    }
}

#[cfg(feature = "std")]
#[cold]
fn pass_on(panic: Box<dyn Any + Send>) {
    if thread::panicking() {
        discard(panic);
    } else {
        resume_unwind(panic);
    }
}

/// Drops what a panic left. That may panic as well, and has nobody to tell.
#[cfg(feature = "std")]
#[cold]
pub(crate) fn discard(panic: Box<dyn Any + Send>) {
    if let Err(another) = catch_unwind(AssertUnwindSafe(|| drop(panic))) {
        mem::forget(another);
    }
}

/// Drops what is foreign, as the caller's last act.
#[cfg(feature = "async")]
pub(crate) fn part_with<T>(foreign: T) {
    let mut calls = ForeignCalls::default();
    calls.make(|| drop(foreign));
    calls.pass_on();
}
