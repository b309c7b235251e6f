//! A reader's name, as a few words of a ring's memory.

use core::{fmt, str};

/// Words that a name has.
pub(super) const NAME_WORDS: usize = 3;

/// A reader's name in the ledger: at most 24 bytes of UTF-8.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub struct Name([u8; 8 * NAME_WORDS]);

impl Name {
    /// `text`, cut at the last character that still fits 24 bytes; it ends at a NUL, if it has one.
    pub fn new(text: &str) -> Self {
        let mut name = [0; 8 * NAME_WORDS];
        let end = (0..=text.len().min(name.len())).rev().find(|&i| text.is_char_boundary(i)).unwrap_or(0);
        name[..end].copy_from_slice(&text.as_bytes()[..end]);
        Name(name)
    }

    /// Returns the name; empty if none was given.
    pub fn as_str(&self) -> &str {
        let end = self.0.iter().position(|&byte| byte == 0).unwrap_or(self.0.len());
        str::from_utf8(&self.0[..end]).unwrap_or("")
    }

    #[cfg(all(feature = "std", not(any(loom, shuttle))))]
    pub(crate) fn bytes(self) -> [u8; 8 * NAME_WORDS] {
        self.0
    }

    #[cfg(all(feature = "std", not(any(loom, shuttle))))]
    pub(crate) fn from_bytes(bytes: [u8; 8 * NAME_WORDS]) -> Self {
        Name(bytes)
    }

    pub(super) fn words(self) -> [u64; NAME_WORDS] {
        bytemuck::cast::<_, [u64; NAME_WORDS]>(self.0).map(u64::from_le)
    }

    pub(super) fn from_words(words: [u64; NAME_WORDS]) -> Self {
        Name(bytemuck::cast(words.map(u64::to_le)))
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_str().fmt(f)
    }
}

#[cfg(all(test, not(any(loom, shuttle))))]
mod tests {
    use super::*;

    #[test]
    fn names_are_cut_between_characters() {
        assert_eq!(Name::new("storage").as_str(), "storage");
        assert_eq!(Name::new("").as_str(), "");
        assert_eq!(Name::new("ééééééééééééé").as_str(), "éééééééééééé");
        assert_eq!(Name::new("xééééééééééééé").as_str(), "xééééééééééé");
        assert_eq!(Name::from_words(Name::new("analytics").words()), Name::new("analytics"));
    }
}
