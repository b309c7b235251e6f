//! The boards of a server: their names, and their numbers in the rings.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

/// A board as its URL names it: 1 to 40 of `a` to `z`, `0` to `9` and `-`, which may not be the first.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct BoardName(Arc<str>);

impl BoardName {
    /// The longest name, in bytes.
    pub(crate) const MAX: usize = 40;

    /// The name's letters.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether these bytes are a board's name.
    pub(crate) fn is_one(name: &[u8]) -> bool {
        let letter = |byte: &u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || *byte == b'-';
        (1..=BoardName::MAX).contains(&name.len()) && !name.starts_with(b"-") && name.iter().all(letter)
    }
}

/// Says what is wrong with a text that should be a board's name, to its writer.
pub(crate) fn what_is_wrong(name: &str) -> String {
    let letter = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    let wrong = match name.chars().find(|&c| !letter(c)) {
        Some(c) => format!("it has {c:?} in it"),
        None if name.starts_with('-') => "it begins with -".to_owned(),
        None => format!("it is {} characters long", name.len()),
    };
    let lower = name.to_ascii_lowercase();
    let instead = if BoardName::is_one(lower.as_bytes()) { format!(" ({lower} is one)") } else { String::new() };
    format!("this is no board's name, for {wrong}{instead}: {NotABoard}")
}

/// The rule that a board's name broke.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct NotABoard;

impl fmt::Display for NotABoard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a board's name is 1 to {} of a-z, 0-9 and -, and does not begin with -", BoardName::MAX)
    }
}

impl std::error::Error for NotABoard {}

impl FromStr for BoardName {
    type Err = NotABoard;

    fn from_str(name: &str) -> Result<Self, NotABoard> {
        if BoardName::is_one(name.as_bytes()) { Ok(BoardName(name.into())) } else { Err(NotABoard) }
    }
}

/// A board's number in the rings, valid as long as the server runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct BoardId(u32);

impl BoardId {
    /// The length of a board's number, in bytes.
    pub(crate) const LEN: usize = 4;

    /// The board with this number.
    pub(crate) const fn new(number: u32) -> Self {
        BoardId(number)
    }

    /// Its number.
    pub(crate) const fn get(self) -> u32 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_wrote_a_wrong_name_is_told_what_is_wrong_with_it() {
        for (name, told) in [
            ("Team", "it has 'T' in it (team is one): a board's name is 1 to 40 of a-z"),
            ("a b", "it has ' ' in it: a"),
            ("a\u{1b}", "it has '\\u{1b}' in it"),
            ("-a", "it begins with -"),
            (&"x".repeat(41), "it is 41 characters long"),
        ] {
            assert!(what_is_wrong(name).contains(told), "{}", what_is_wrong(name));
        }
    }

    #[test]
    fn a_name_is_lower_case_letters_digits_and_dashes() {
        let longest = "x".repeat(40);
        for name in ["main", "a", "7", "team-7", "a--b-", &longest] {
            assert_eq!(name.parse::<BoardName>().expect(name).as_str(), name);
        }
        for name in ["", "-a", "A", "a b", "a/b", "..", "a.b", "\u{e9}", "%2e", &"x".repeat(41)] {
            assert_eq!(name.parse::<BoardName>(), Err(NotABoard), "{name}");
        }
    }
}
