//! The fields of a record, cut from its bytes.
//!
//! The crate `mcap` has a parser of records, too; but it reserves as much memory as a length in the file claims, and a forged length claims 4 GiB.

use std::{collections::BTreeMap, str};

/// What is left of a record. Each field is none, if the record is too short for it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Fields<'a>(pub(crate) &'a [u8]);

impl<'a> Fields<'a> {
    pub(crate) fn bytes(&mut self, count: usize) -> Option<&'a [u8]> {
        let (bytes, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(bytes)
    }

    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        self.bytes(N)?.try_into().ok()
    }

    pub(crate) fn u8(&mut self) -> Option<u8> {
        self.array().map(u8::from_le_bytes)
    }

    pub(crate) fn u16(&mut self) -> Option<u16> {
        self.array().map(u16::from_le_bytes)
    }

    pub(crate) fn u32(&mut self) -> Option<u32> {
        self.array().map(u32::from_le_bytes)
    }

    pub(crate) fn u64(&mut self) -> Option<u64> {
        self.array().map(u64::from_le_bytes)
    }

    /// As many bytes as the number before them says.
    pub(crate) fn counted(&mut self) -> Option<&'a [u8]> {
        let count = self.u64()?;
        self.bytes(count.try_into().ok()?)
    }

    pub(crate) fn text(&mut self) -> Option<&'a str> {
        let count = self.u32()?;
        str::from_utf8(self.bytes(count.try_into().ok()?)?).ok()
    }

    pub(crate) fn map(&mut self) -> Option<BTreeMap<String, String>> {
        let count = self.u32()?;
        let (mut pairs, mut map) = (Fields(self.bytes(count.try_into().ok()?)?), BTreeMap::new());
        while !pairs.0.is_empty() {
            map.insert(pairs.text()?.to_owned(), pairs.text()?.to_owned());
        }
        Some(map)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_length_that_claims_more_than_there_is_gives_nothing() {
        let mut bytes = Vec::new();
        for text in ["a", "bc"] {
            bytes.extend_from_slice(&(text.len() as u32).to_le_bytes());
            bytes.extend_from_slice(text.as_bytes());
        }
        let mut record = (bytes.len() as u32).to_le_bytes().to_vec();
        record.extend_from_slice(&bytes);
        assert_eq!(Fields(&record).map(), Some([("a".to_owned(), "bc".to_owned())].into()));
        for end in 0..record.len() {
            assert_eq!(Fields(&record[..end]).map(), None);
        }
        assert_eq!(Fields(&[0xff; 16]).text(), None);
        assert_eq!(Fields(&[0xff; 16]).counted(), None);
        assert_eq!(Fields(&[1, 0, 0, 0, 0xff]).text(), None, "no UTF-8");
        assert_eq!(Fields(&[7, 1, 0]).u16(), Some(0x0107));
    }
}
