//! What a test's thread pulled into exclusive state, fetched and lent of its rings' memory, in order.

use core::{cell::RefCell, ops::Range};

/// Addresses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// A word was loaded and stored, to pull its line.
    Taken(Range<usize>),
    /// A reference was made.
    Lent(Range<usize>),
    /// The line of this address was fetched.
    FetchedToRead(usize),
    FetchedToWrite(usize),
}

std::thread_local! {
    static STEPS: RefCell<Option<Vec<Step>>> = const { RefCell::new(None) };
}

pub(crate) fn note(step: Step) {
    STEPS.with_borrow_mut(|steps| {
        if let Some(steps) = steps {
            steps.push(step)
        }
    });
}

/// Returns the steps of `run`, on this thread.
pub(crate) fn of(run: impl FnOnce()) -> Vec<Step> {
    STEPS.set(Some(Vec::new()));
    run();
    STEPS.take().expect("one at a time")
}
