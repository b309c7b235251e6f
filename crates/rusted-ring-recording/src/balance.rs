//! What a recording holds, in numbers that must agree.

use std::{collections::BTreeMap, fmt};

/// The account of a recording's reader: published = received + repaired + lost + holes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Balance {
    /// The sequence at which it begins.
    pub first: u64,
    /// The sequence behind its end.
    pub next: u64,
    /// Events that the reader received.
    pub received: u64,
    /// Events that were lost to the reader, and that a history gave back.
    pub repaired: u64,
    /// Events that were overwritten before the reader came to them.
    pub lost: u64,
    /// Sequences without an event.
    pub holes: u64,
}

impl Balance {
    /// Sequences from the first to the last.
    pub fn published(&self) -> u64 {
        self.next.saturating_sub(self.first)
    }

    /// Whether each sequence is accounted for.
    pub fn balances(&self) -> bool {
        let Balance { received, repaired, lost, holes, .. } = *self;
        [repaired, lost, holes].into_iter().try_fold(received, u64::checked_add) == self.next.checked_sub(self.first)
    }

    fn pairs(&self) -> [(&'static str, u64); 7] {
        let Balance { first, next, received, repaired, lost, holes } = *self;
        [
            ("first", first),
            ("next", next),
            ("published", self.published()),
            ("received", received),
            ("repaired", repaired),
            ("lost", lost),
            ("holes", holes),
        ]
    }

    pub(crate) fn to_map(self) -> BTreeMap<String, String> {
        self.pairs().map(|(key, value)| (key.to_owned(), value.to_string())).into()
    }

    pub(crate) fn of_map(map: &BTreeMap<String, String>) -> Option<Self> {
        let number = |key: &str| map.get(key)?.parse().ok();
        Some(Balance {
            first: number("first")?,
            next: number("next")?,
            received: number("received")?,
            repaired: number("repaired")?,
            lost: number("lost")?,
            holes: number("holes")?,
        })
    }
}

impl fmt::Display for Balance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (n, (key, value)) in self.pairs().into_iter().enumerate() {
            write!(f, "{}{key} {value}", if n == 0 { "" } else { ", " })?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_balance_is_read_as_it_was_written_and_counts_each_sequence_once() {
        let balance = Balance { first: 5, next: 25, received: 8, repaired: 4, lost: 7, holes: 1 };
        assert!(balance.balances() && balance.published() == 20);
        assert_eq!(Balance::of_map(&balance.to_map()), Some(balance));
        assert!(!Balance { next: 24, ..balance }.balances());
        assert!(!Balance { lost: u64::MAX, ..balance }.balances());
        assert!(!Balance { first: 26, ..balance }.balances());
        assert_eq!(Balance::of_map(&BTreeMap::new()), None);
    }
}
