//! What became of every sequence that a mirror came to.

use serde_json::{Value, json};

/// The account of a mirror: `next` - `begun` = received + repaired + holes + lost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Books {
    /// The first sequence that this mirror was to have.
    pub begun: u64,
    /// The sequence that it has come to.
    pub next: u64,
    /// Events that came as they were published.
    pub received: u64,
    /// Events that were asked for, from the source's ring or its journal.
    pub repaired: u64,
    /// Sequences that carried no event at the source.
    pub holes: u64,
    /// Sequences that nobody has any more, or that did not come in time. At the mirror's readers they are holes.
    pub lost: u64,
    /// Frames that were no frames, of another ring, or forged.
    pub refused: u64,
    /// Frames that came before what lies before them, and were not kept: there was no room, or their source did not know of them. Their events are asked for.
    pub put_off: u64,
    /// Questions that were asked.
    pub questions: u64,
}

impl Books {
    /// Whether every sequence is accounted for.
    pub fn balance(&self) -> bool {
        let parts = [self.received, self.repaired, self.holes, self.lost];
        parts.iter().try_fold(self.begun, |sum, part| sum.checked_add(*part)) == Some(self.next)
    }

    /// The same, for programs.
    pub fn json(&self) -> Value {
        json!({
            "begun": self.begun,
            "next": self.next,
            "received": self.received,
            "repaired": self.repaired,
            "holes": self.holes,
            "lost": self.lost,
            "refused": self.refused,
            "put_off": self.put_off,
            "questions": self.questions,
            "balances": self.balance(),
        })
    }
}
