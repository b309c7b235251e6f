//! Finds the records in a file whose tables cannot be read.
//!
//! The file is read from its first byte to its last. The inside of a whole record is not searched: a picture may hold
//! bytes that look like a record, with which a person who draws could write into the store what nobody has drawn. The work
//! grows with the file's length alone, whatever is in it.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::io::{Read, Result, Seek, SeekFrom};

use sha2::{Digest, Sha256};

use super::record::{CRC_LEN, Candidate, RECORD_MAX, Record};
use super::seal::Key;
use super::sums::Sums;
use crate::protocol;

/// How much of the file is looked at at a time.
pub(super) const WINDOW: usize = 1 << 20;

/// What was found.
#[derive(Debug, Default)]
pub(super) struct Findings {
    /// By revision.
    pub(super) actions: BTreeMap<u64, Found>,
    /// Records that the key does not prove, which were left out.
    pub(super) unproved: u64,
}

/// A found action.
#[derive(Debug)]
pub(super) struct Found {
    /// Where its record begins.
    pub(super) place: u64,
    /// There are several with this revision, and they differ.
    pub(super) is_disputed: bool,
    digest: [u8; 32],
    /// The run of the store in which it was accepted.
    run: u64,
}

/// Looks for records in the first `len` bytes of this file. With a key only those that it has sealed count, without one
/// all that are whole. `progress` is told how many bytes were looked at.
pub(super) fn scan(
    file: &mut (impl Read + Seek),
    len: u64,
    key: Option<&Key>,
    mut progress: impl FnMut(u64),
) -> Result<Findings> {
    let mut findings = Findings::default();
    let mut sums = Sums::new();
    let mut window = Vec::with_capacity(WINDOW + RECORD_MAX);
    let mut begin = 0;
    while begin < len {
        progress(begin);
        file.seek(SeekFrom::Start(begin))?;
        window.clear();
        // Records that begin in this window may end behind it.
        file.take((WINDOW + RECORD_MAX) as u64).read_to_end(&mut window)?;
        begin += findings.look_at(&window, begin, key, &mut sums) as u64;
    }
    progress(len);
    Ok(findings)
}

impl Findings {
    /// Looks for records that begin in this window of the file; returns how many of its bytes are done.
    fn look_at(&mut self, window: &[u8], begin: u64, key: Option<&Key>, sums: &mut Sums) -> usize {
        let mut are_summed_up = false;
        let mut at = 0;
        while at < WINDOW.min(window.len()) {
            let Some(candidate) = window.get(at..).and_then(Candidate::at_start_of) else {
                at += 1;
                continue;
            };
            if !are_summed_up {
                sums.sum_up(window);
                are_summed_up = true;
            }
            let len = candidate.bytes().len();
            let is_whole = sums.of(at, len - CRC_LEN) == candidate.crc();
            let is_proved = key.is_none_or(|key| candidate.is_of(key));
            match candidate.record() {
                Some(record) if is_whole && is_proved && self.take(&record, begin + at as u64, key.is_some()) => {
                    at += len
                }
                _ => {
                    self.unproved += u64::from(is_whole && !is_proved);
                    at += 1;
                }
            }
        }
        // A window that is shorter is the last.
        at.max(WINDOW)
    }

    /// Notes a whole record; returns whether the store has written it.
    fn take(&mut self, record: &Record<'_>, place: u64, is_proved: bool) -> bool {
        if protocol::check_action(record.frame).is_err() {
            // The store also writes what validation found bad, and shows it to nobody.
            return is_proved;
        }
        let digest = Sha256::new().chain_update(record.board).chain_update(record.client.bytes());
        let found = Found {
            place,
            is_disputed: false,
            digest: digest.chain_update(record.frame).finalize().into(),
            run: protocol::run(record.frame),
        };
        match self.actions.entry(protocol::revision(record.frame)) {
            Entry::Vacant(entry) => drop(entry.insert(found)),
            Entry::Occupied(mut entry) => {
                let before = entry.get_mut();
                match () {
                    () if before.digest == found.digest => {}
                    // An action that was never committed leaves its revision to another one in a later run.
                    () if is_proved && before.run < found.run => *before = found,
                    () if is_proved && before.run > found.run => {}
                    () => before.is_disputed = true,
                }
            }
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::super::record::plain;
    use super::super::tests::{action, stroke};
    use super::*;
    use crate::protocol::{ClientId, Kind, set_author};
    use crate::store::Action;

    fn key(byte: u8) -> Key {
        Key::new([byte; Key::LEN])
    }

    fn frame(revision: u64, author: u64) -> Vec<u8> {
        let mut frame = stroke(revision).frame.to_vec();
        set_author(&mut frame, author);
        frame
    }

    fn record(frame: &[u8]) -> Record<'_> {
        Record { board: "one", client: ClientId::new([7; 16]), frame }
    }

    fn sealed(revision: u64, author: u64) -> Vec<u8> {
        record(&frame(revision, author)).bytes(&key(1))
    }

    fn found(bytes: &[u8], key: Option<&Key>) -> (Vec<(u64, u64, bool)>, u64) {
        let findings = scan(&mut Cursor::new(bytes), bytes.len() as u64, key, |_| {}).expect("read");
        let actions = findings.actions.iter().map(|(&revision, found)| (revision, found.place, found.is_disputed));
        (actions.collect(), findings.unproved)
    }

    /// An action that holds these bytes, as an image does.
    fn holding(revision: u64, bytes: &[u8]) -> Vec<u8> {
        let body = [bytes, &vec![0; bytes.len().next_multiple_of(8) - bytes.len()]].concat();
        action(Kind::Hide, revision, &body).frame.to_vec()
    }

    #[test]
    fn records_are_found_in_a_ruin() {
        let (one, two) = (sealed(1, 0), sealed(2, 0));
        let ruin = [&b"rr\xb0\xa3"[..], b"\xff\xff\xff\xff junk", &one, &one[..20], &two, b"rr\xb0"].concat();
        let first = 4 + 9;
        let second = first + one.len() as u64 + 20;
        assert_eq!(found(&ruin, Some(&key(1))), (vec![(1, first, false), (2, second, false)], 0));
        assert_eq!(found(&ruin, None), (vec![(1, first, false), (2, second, false)], 0));
    }

    #[test]
    fn what_lies_in_a_whole_record_is_not_looked_at() {
        let forged = plain(&record(&frame(9, 0)));
        let holder = record(&holding(1, &forged)).bytes(&key(1));
        assert_eq!(found(&holder, Some(&key(1))), (vec![(1, 0, false)], 0));
        let holder = plain(&record(&holding(1, &forged)));
        assert_eq!(found(&holder, None), (vec![(1, 0, false)], 0));
    }

    #[test]
    fn of_a_torn_record_nothing_is_taken_that_the_key_has_not_sealed() {
        for forged in [plain(&record(&frame(9, 0))), record(&frame(9, 0)).bytes(&key(2))] {
            let mut holder = record(&holding(1, &forged)).bytes(&key(1));
            holder[30] ^= 1;
            assert_eq!(found(&holder, Some(&key(1))), (vec![], 1));
        }
    }

    #[test]
    fn of_two_that_differ_the_later_run_has_the_revision_and_within_one_run_neither() {
        let in_run = |run: u64, more: u64| sealed(5, (run << 32) + more);
        let place = in_run(2, 0).len() as u64;
        for (one, other, expected) in [
            (in_run(2, 0), in_run(3, 0), (5, place, false)),
            (in_run(3, 0), in_run(2, 0), (5, 0, false)),
            (in_run(2, 0), in_run(2, 1), (5, 0, true)),
            (in_run(2, 0), in_run(2, 0), (5, 0, false)),
        ] {
            assert_eq!(found(&[one, other].concat(), Some(&key(1))).0, [expected]);
        }
        let plain = |run: u64| plain(&record(&frame(5, run << 32)));
        assert_eq!(found(&[plain(2), plain(3)].concat(), None).0, [(5, 0, true)], "who forges says any run");
    }

    #[test]
    fn records_that_lie_across_windows_are_found_once() {
        let Action { frame, .. } = stroke(4);
        let bytes = record(&frame).bytes(&key(1));
        for before in [WINDOW - bytes.len() / 2, WINDOW - 1, WINDOW, 2 * WINDOW - 3] {
            let file = [vec![0; before], bytes.clone(), sealed(5, 0)].concat();
            let places = vec![(4, before as u64, false), (5, (before + bytes.len()) as u64, false)];
            assert_eq!(found(&file, Some(&key(1))), (places, 0));
        }
    }
}
