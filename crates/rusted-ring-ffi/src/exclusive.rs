//! What one thread at a time uses, by its callers' promise. A second thread that is seen is told so.

use std::{
    cell::UnsafeCell,
    ops::{Deref, DerefMut},
    sync::atomic::{AtomicBool, Ordering::Relaxed},
};

use crate::{caller::Caller, failure::Failure};

/// Something that one thread at a time uses.
///
/// The mark is a load and a store, no exchange: it costs next to nothing, finds a thread that waits inside, and a call from within one, and
/// is no lock. That there is one thread is the caller's promise (F).
pub(crate) struct Exclusive<T: ?Sized> {
    is_busy: AtomicBool,
    inner: UnsafeCell<T>,
}

// SAFETY: it is used by one thread at a time, by the promise that `enter` is given (F), and may be sent to each of these.
unsafe impl<T: ?Sized + Send> Sync for Exclusive<T> {}

impl<T> Exclusive<T> {
    pub(crate) fn new(inner: T) -> Self {
        Exclusive { is_busy: AtomicBool::new(false), inner: UnsafeCell::new(inner) }
    }
}

impl<T: ?Sized> Exclusive<T> {
    pub(crate) fn is_busy(&self) -> bool {
        self.is_busy.load(Relaxed)
    }

    /// Lends it until the result is dropped, by the caller's promise that no other thread is in here meanwhile.
    #[inline(always)]
    pub(crate) fn enter(&self, _promises: Caller) -> Result<Entered<'_, T>, Failure> {
        if self.is_busy.load(Relaxed) {
            return Err(Failure::Busy);
        }
        self.is_busy.store(true, Relaxed);
        Ok(Entered(self))
    }
}

/// It, lent.
pub(crate) struct Entered<'a, T: ?Sized>(&'a Exclusive<T>);

impl<T: ?Sized> Deref for Entered<'_, T> {
    type Target = T;

    #[inline(always)]
    fn deref(&self) -> &T {
        // SAFETY: `enter` was given the promise of one thread (F), and the mark keeps that one from entering twice.
        unsafe { &*self.0.inner.get() }
    }
}

impl<T: ?Sized> DerefMut for Entered<'_, T> {
    #[inline(always)]
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: as above.
        unsafe { &mut *self.0.inner.get() }
    }
}

impl<T: ?Sized> Drop for Entered<'_, T> {
    #[inline(always)]
    fn drop(&mut self) {
        self.0.is_busy.store(false, Relaxed);
    }
}
