//! A handle of the C ABI, and who is using it.

use std::{
    marker::PhantomData,
    mem, ptr,
    sync::atomic::{
        AtomicU32,
        Ordering::{AcqRel, Acquire},
    },
};

use pyo3::{prelude::*, types::PyTuple};
use rusted_ring_ffi::status::{RUSTED_RING_BAD_HANDLE, RUSTED_RING_BUSY, RUSTED_RING_LENT};

use crate::{abi::Kind, errors, fork};

/// What a handle's state is, if it is not how many calls are using it.
const LENT: u32 = u32::MAX - 2;
/// To be closed when what is lent is given back.
const LENT_AND_CLOSING: u32 = u32::MAX - 1;
const CLOSED: u32 = u32::MAX;

/// Whether an exception ends a `with` block, of what its `__exit__` is given.
pub(crate) fn is_failing(error: &Bound<'_, PyTuple>) -> bool {
    error.get_item(0).is_ok_and(|kind| !kind.is_none())
}

/// A handle. The calls that use it are counted, so that none meets another that it must not meet, nor the close: the promise F of
/// docs/SAFETY.md.
///
/// Nobody waits here: a call that would have to is refused, because the one that is inside may be waiting for an event, in a thread that
/// waits for this one.
pub(crate) struct Handle<T: Kind> {
    number: usize,
    /// How many calls may use it at once.
    most: u32,
    state: AtomicU32,
    /// The process that opened it.
    born: u32,
    of: PhantomData<fn(T)>,
}

impl<T: Kind> Handle<T> {
    /// Of a handle that was just opened and that one thread at a time may use.
    pub(crate) fn of_one(raw: *mut T) -> Self {
        Self::new(raw, 1)
    }

    /// Of a handle that was just opened and that any threads may use at once.
    pub(crate) fn of_many(raw: *mut T) -> Self {
        Self::new(raw, LENT - 1)
    }

    fn new(raw: *mut T, most: u32) -> Self {
        Handle { number: raw.addr(), most, state: AtomicU32::new(0), born: fork::generation(), of: PhantomData }
    }

    fn raw(&self) -> *mut T {
        ptr::without_provenance_mut(self.number)
    }

    fn is_of_this_process(&self) -> bool {
        self.born == fork::generation()
    }

    /// Lends the handle to a call, until the result is dropped.
    #[inline]
    pub(crate) fn enter(&self, py: Python<'_>) -> PyResult<Entered<'_, T>> {
        if !self.is_of_this_process() {
            return Err(errors::forked(py, T::NAME));
        }
        let entered = self.state.fetch_update(AcqRel, Acquire, |users| (users < self.most).then(|| users + 1));
        entered.map(|_| Entered(self)).map_err(|state| Self::refused(py, state))
    }

    #[cold]
    fn refused(py: Python<'_>, state: u32) -> pyo3::PyErr {
        let name = T::NAME;
        match state {
            CLOSED => errors::said(py, RUSTED_RING_BAD_HANDLE, &format!("this {name} was closed: make another")),
            LENT | LENT_AND_CLOSING => {
                let text = format!(
                    "a batch of this {name} is open, or an array of one is still referred to: end it, and let go of its arrays"
                );
                errors::said(py, RUSTED_RING_LENT, &text)
            }
            _ => {
                let text = format!(
                    "a call is using this {name}, in another thread or below this one: give each thread one of its own, or a lock around this one"
                );
                errors::said(py, RUSTED_RING_BUSY, &text)
            }
        }
    }

    /// Closes it, if it is not closed; if it has lent events, once they are given back. In a child of a fork it does nothing.
    pub(crate) fn close(&self, py: Python<'_>) -> PyResult<()> {
        if !self.is_of_this_process() {
            return Ok(());
        }
        let closing = self.state.fetch_update(AcqRel, Acquire, |state| match state {
            0 => Some(CLOSED),
            LENT => Some(LENT_AND_CLOSING),
            _ => None,
        });
        match closing {
            Ok(0) => {
                // It may take its time: a journal writes what is left.
                let number = self.number;
                let closed = py.detach(|| T::close(ptr::without_provenance_mut(number)));
                closed.map_err(|status| errors::of(py, status))
            }
            Ok(_) | Err(CLOSED | LENT_AND_CLOSING) => Ok(()),
            Err(state) => Err(Self::refused(py, state)),
        }
    }

    /// Closes it where a `with` block ends. What the close raises does not hide the exception that ends the block.
    pub(crate) fn exit(&self, py: Python<'_>, error: &Bound<'_, PyTuple>) -> PyResult<()> {
        match self.close(py) {
            Err(_) if is_failing(error) => Ok(()),
            closed => closed,
        }
    }

    /// Ends what `Entered::lend` began, behind `release`. In a child of a fork it does nothing.
    pub(crate) fn give_back(&self, release: impl FnOnce(*mut T)) {
        if !self.is_of_this_process() {
            return;
        }
        release(self.raw());
        if self.state.compare_exchange(LENT, 0, AcqRel, Acquire) == Err(LENT_AND_CLOSING) {
            self.state.store(CLOSED, std::sync::atomic::Ordering::Release);
            // That it is open, and in no call, is known; there is nobody to tell of anything else.
            let _ = T::close(self.raw());
        }
    }
}

impl<T: Kind> Drop for Handle<T> {
    fn drop(&mut self) {
        if self.is_of_this_process() && *self.state.get_mut() != CLOSED {
            // As above: whatever uses it keeps it, so nothing does.
            let _ = T::close(self.raw());
        }
    }
}

/// A handle that a call uses.
pub(crate) struct Entered<'h, T: Kind>(&'h Handle<T>);

impl<T: Kind> Entered<'_, T> {
    #[inline]
    pub(crate) fn raw(&self) -> *mut T {
        self.0.raw()
    }

    /// Keeps all calls out until `Handle::give_back`. Of a handle that one thread at a time may use.
    pub(crate) fn lend(self) {
        self.0.state.store(LENT, std::sync::atomic::Ordering::Release);
        mem::forget(self);
    }
}

impl<T: Kind> Drop for Entered<'_, T> {
    #[inline]
    fn drop(&mut self) {
        self.0.state.fetch_sub(1, AcqRel);
    }
}
