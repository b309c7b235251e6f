//! What authors call themselves now.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

/// The names of so many authors are known: of the connections that came last. There are 256 at a time, and each says its name every 5 seconds.
const MOST: usize = 1024;
/// What a `here` has before the name: kind, author, colour.
const HEAD: usize = 1 + 8 + 4;

/// The names, by author.
#[derive(Debug, Default)]
pub(super) struct Names(Mutex<BTreeMap<u64, Box<[u8]>>>);

impl Names {
    /// A connection said who it is, in this checked frame.
    pub(super) fn here(&self, author: u64, frame: &[u8]) {
        let name = frame.get(HEAD..).unwrap_or_default();
        let mut names = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if names.get(&author).is_none_or(|known| **known != *name) {
            names.insert(author, name.into());
        }
        if names.len() > MOST {
            names.pop_first();
        }
    }

    /// Its name; empty, if it is not known.
    pub(super) fn of(&self, author: u64) -> Box<[u8]> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(&author).cloned().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_names_of_the_last_authors_are_known_and_there_are_no_more() {
        let names = Names::default();
        let frame = |name: &str| [&[17; HEAD][..], name.as_bytes()].concat();
        for author in 0..5000 {
            names.here(author, &frame(&author.to_string()));
        }
        names.here(4999, &frame("Ada"));
        assert_eq!([3975, 3976, 4999].map(|author| names.of(author)), [&b""[..], b"3976", b"Ada"].map(Box::from));
    }
}
