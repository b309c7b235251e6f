//! A mutex whose owner panics when it comes for it again, where it would wait for itself.

use std::{
    ops::{Deref, DerefMut},
    sync::{Mutex, MutexGuard, PoisonError},
    thread::{self, ThreadId},
};

/// The value; a panic of its owner leaves it usable, so each change to it must be sound at every step.
#[derive(Default)]
pub(crate) struct Owned<T> {
    value: Mutex<T>,
    owner: Mutex<Option<ThreadId>>,
}

/// The lock on an [`Owned`] value.
pub(crate) struct Guard<'o, T> {
    value: MutexGuard<'o, T>,
    owner: &'o Mutex<Option<ThreadId>>,
}

impl<T> Owned<T> {
    /// Waits for the value.
    ///
    /// # Panics
    ///
    /// If this thread has it: it is in the call of a source.
    pub(crate) fn lock(&self) -> Guard<'_, T> {
        let own = Some(thread::current().id());
        // Only this thread sets its own id, so another's comes to the same answer.
        let is_own = *lock(&self.owner) == own;
        assert!(
            !is_own,
            "a source used the collector that was reading it: register, unregister and scrape outside of `Source::books`, \
             `CellSource::cells` and `JournalSource::journal`"
        );
        let value = lock(&self.value);
        *lock(&self.owner) = own;
        Guard { value, owner: &self.owner }
    }
}

impl<T> Deref for Guard<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T> DerefMut for Guard<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.value
    }
}

impl<T> Drop for Guard<'_, T> {
    fn drop(&mut self) {
        // Before the value is unlocked, which its own guard does after this.
        *lock(self.owner) = None;
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
