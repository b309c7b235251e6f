//! The one door: every call goes through it, and no panic does.

use std::{
    any::Any,
    panic::{AssertUnwindSafe, catch_unwind},
};

use crate::{failure::Failure, status::*};

/// Does the work of a call, and returns what that came to as a number. A panic ends here, and is such a number, too.
///
/// The library's own state is whole after a panic (see docs/SAFETY.md), and so is this crate's: handles change by single steps.
#[inline(always)]
pub(crate) fn guard(work: impl FnOnce() -> Result<(), Failure>) -> Status {
    match catch_unwind(AssertUnwindSafe(work)) {
        Ok(Ok(())) => RUSTED_RING_OK,
        Ok(Err(failure)) => failure.keep(),
        Err(panic) => stopped(panic),
    }
}

#[cold]
fn stopped(panic: Box<dyn Any + Send>) -> Status {
    let status = Failure::Panic(said(&*panic)).keep();
    // What was thrown may panic when it is dropped.
    std::mem::forget(panic);
    status
}

fn said(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_else(|| "it said nothing".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_a_status_with_its_text() {
        assert_eq!(guard(|| panic!("planted {}", 7)), RUSTED_RING_PANIC);
        assert!(crate::failure::last_said().ends_with("planted 7"));
        assert_eq!(guard(|| Ok(())), RUSTED_RING_OK);
    }
}
