//! Foreign code that panics: wakers, destructors. All of it is called, and whoever called is told of the first panic.

use core::{any::Any, mem};
use std::{
    boxed::Box,
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
    thread,
};

type Payload = Box<dyn Any + Send>;

/// What `call` came to, or what it panicked with.
pub(super) fn caught<T>(call: impl FnOnce() -> T) -> Result<T, Payload> {
    catch_unwind(AssertUnwindSafe(call))
}

/// Drops what users have made, where nobody is there to be told that its drop panics.
pub(super) fn discard<T>(value: T) {
    let mut left = caught(|| drop(value)).err();
    // What a panic carries may panic when it is dropped, too, and so on: without end, it is let go.
    for _ in 0..8 {
        let Some(payload) = left else { return };
        left = caught(|| drop(payload)).err();
    }
    mem::forget(left);
}

/// Calls into the ring on a stage's thread: what a waker panics with of somebody who is woken by it is not the stage's failure. The ring
/// finishes its own state before it wakes.
pub(super) fn waking(call: impl FnOnce()) {
    if let Err(payload) = caught(call) {
        discard(payload);
    }
}

/// The first panic of several calls that are made all.
#[derive(Default)]
pub(super) struct FirstPanic(Option<Payload>);

impl FirstPanic {
    /// Calls foreign code.
    pub(super) fn of(&mut self, call: impl FnOnce()) {
        match (caught(call), &self.0) {
            (Err(payload), None) => self.0 = Some(payload),
            (Err(payload), Some(_)) => discard(payload),
            (Ok(()), _) => {}
        }
    }

    /// Passes it on, if there was one, now that everything else is done; otherwise `outcome` is what it all came to.
    pub(super) fn pass_on_or<T>(self, outcome: T) -> T {
        match self.0 {
            None => outcome,
            Some(payload) if thread::panicking() => {
                discard(payload);
                outcome
            }
            Some(payload) => {
                discard(outcome);
                resume_unwind(payload)
            }
        }
    }
}

/// Drops each of these, one by one.
pub(super) fn drop_each<T>(panics: &mut FirstPanic, values: impl IntoIterator<Item = T>) {
    values.into_iter().for_each(|value| panics.of(|| drop(value)));
}

#[cfg(test)]
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
    fn what_cannot_be_dropped_is_let_go() {
        discard(Endless);
        waking(|| panic_any(Endless));
    }

    #[test]
    fn all_are_called_and_the_first_panic_is_passed_on() {
        let mut called = 0;
        let outcome = caught(|| {
            let mut panics = FirstPanic::default();
            drop_each(&mut panics, [Endless, Endless]);
            for number in 0..3 {
                panics.of(|| {
                    called += 1;
                    panic_any(number);
                });
            }
            panics.pass_on_or(Endless);
        });
        assert_eq!(called, 3);
        outcome.unwrap_err().downcast::<Endless>().map(mem::forget).expect("the first");
        assert_eq!(FirstPanic::default().pass_on_or(7), 7);
    }
}
