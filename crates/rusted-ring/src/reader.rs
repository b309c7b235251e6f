//! What both kinds of reader do at a position that has no event.

use crate::ring::Nothing;

/// A reader, as the rules below need it.
pub(crate) trait Reader {
    /// Whether nothing will ever come to the position that is not there by now.
    fn is_over(&mut self) -> bool;

    /// Looks at the position.
    fn look(&mut self) -> Result<(), Nothing>;

    /// Gives up on a publisher that stopped at the position, once its grace is over. Returns whether that is a hole now.
    fn gives_up(&mut self) -> bool;

    /// Goes past the position, which carries no event.
    fn skip_hole(&mut self);

    /// Deals with a position at which a look found `nothing`.
    fn step(&mut self, nothing: Nothing) -> Step {
        match nothing {
            Nothing::Hole => self.skip_hole(),
            Nothing::Lapped(q) => return Step::Lapped(q),
            // All that was published happened before the close was seen, so this look is the last word.
            Nothing::Pending | Nothing::Empty if self.is_over() => match self.look() {
                Err(Nothing::Pending) => self.skip_hole(),
                Err(Nothing::Empty) => return Step::Closed,
                Ok(()) | Err(_) => {}
            },
            Nothing::Pending if self.gives_up() => self.skip_hole(),
            Nothing::Pending | Nothing::Empty | Nothing::Barred => return Step::Empty,
        }
        Step::Again
    }
}

/// How a reader goes on from a position that had no event.
pub(crate) enum Step {
    /// It looks again: at the next position, or at this one.
    Again,
    /// It waits.
    Empty,
    /// It is at the end.
    Closed,
    /// It was overtaken: the slot went on to this later sequence.
    Lapped(u64),
}
