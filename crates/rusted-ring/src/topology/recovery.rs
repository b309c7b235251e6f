//! What a stage does after a failure: its policy, and how often it tries again after a panic of the ring's own.

use super::{
    OnFailure,
    control::Control,
    failure::{Cause, in_words},
    tally::Tally,
};
use crate::{Sequence, foreign::discard};

/// How a stage goes on.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Recovery {
    /// With the same handler.
    Continue,
    /// With a new handler.
    Restart,
    /// It halts: the handler has interrupted its event because of that, and nothing has failed.
    Interrupted,
}

/// Applies a stage's policy to a failure at an event, or at none. Returns the cause if the graph is to halt.
pub(super) fn apply_policy(
    cause: Cause,
    at: Option<Sequence>,
    policy: OnFailure,
    control: &Control,
    tally: &Tally,
) -> Result<Recovery, Cause> {
    let recovery = match policy {
        _ if control.is_halting() && cause.is_halting() => Recovery::Interrupted,
        OnFailure::Halt => return Err(cause),
        OnFailure::Skip => Recovery::Continue,
        OnFailure::Restart => Recovery::Restart,
    };
    if recovery != Recovery::Interrupted {
        tally.note_skipped(in_words(at, &cause));
    }
    discard(cause);
    Ok(recovery)
}

/// Counts panics of the ring while a stage looks for events.
///
/// A look skips holes, shows the position and only then wakes others, so a panic is usually one of their wakers and no failure of this
/// stage. It then looks again, a few times at one position. A panic that persists there is the ring's own.
#[derive(Default)]
pub(super) struct Retries {
    at: Sequence,
    count: u32,
}

impl Retries {
    const MOST: u32 = 4;

    /// Counts a panic at `position`. Returns whether the stage looks again.
    pub(super) fn again(&mut self, position: Sequence) -> bool {
        if position != self.at {
            *self = Retries { at: position, count: 0 };
        }
        self.count += 1;
        self.count <= Self::MOST
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stage_looks_again_after_a_few_panics_at_one_place_and_after_as_many_at_the_next() {
        let mut retries = Retries::default();
        for place in [0, 1, 7] {
            let again = (0..6).map(|_| retries.again(Sequence::new(place)));
            assert_eq!(again.collect::<std::vec::Vec<_>>(), [true, true, true, true, false, false], "at {place}");
        }
    }
}
