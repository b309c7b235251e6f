//! What is carried, and how a reader knows that it came whole, in order and once.

use serde::{Deserialize, Serialize};

/// Events in a batch.
pub(crate) const BATCH: usize = 32;
/// The most writers of a workload.
pub(crate) const WRITERS: usize = 2;

/// A sequence is the writer's index above these bits, and the number of the event at that writer below them.
const NUMBER_BITS: u32 = 56;
const NUMBERS: u64 = (1 << NUMBER_BITS) - 1;

/// The sequence of a writer's event.
pub(crate) fn sequence(writer: usize, number: u64) -> u64 {
    (writer as u64) << NUMBER_BITS | number
}

#[inline]
fn pattern(sequence: u64) -> u64 {
    (sequence ^ 0x5bd1_e995_9d1b_58d3).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(29)
}

/// Words of a payload that are made at a time, in registers.
pub(crate) const PIECE: usize = 16;

/// Makes the whole payload of an event, piece by piece: its sequence, then words that depend on the sequence and on where they
/// stand. Each piece is handed over to be written where it belongs, so that no word is written twice.
#[inline]
pub(crate) fn make<const W: usize>(sequence: u64, mut write: impl FnMut(&[u64; PIECE])) {
    let pattern = pattern(sequence);
    for first in (0..W).step_by(PIECE) {
        let mut piece = std::array::from_fn(|index| pattern ^ (first + index) as u64);
        if first == 0 {
            piece[0] = sequence;
        }
        write(&piece);
    }
}

/// Writes the whole payload of an event in place.
#[inline]
pub(crate) fn fill<const W: usize>(payload: &mut [u64; W], sequence: u64) {
    const { assert!(W < PIECE || W.is_multiple_of(PIECE)) };
    if W < PIECE {
        let pattern = pattern(sequence);
        *payload = std::array::from_fn(|index| pattern ^ index as u64);
        payload[0] = sequence;
        return;
    }
    let mut places = payload.as_chunks_mut().0.iter_mut();
    make::<W>(sequence, |piece| {
        if let Some(place) = places.next() {
            *place = *piece;
        }
    });
}

/// Writes the payloads of the `BATCH` events that begin with `first`.
#[inline]
pub(crate) fn fill_batch<const W: usize>(payloads: &mut [[u64; W]], first: u64) {
    for (payload, sequence) in payloads.iter_mut().zip(first..) {
        fill(payload, sequence);
    }
}

/// How much of a payload is checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Check {
    /// Every word.
    Full,
    /// The first word and the last.
    Light,
}

/// What a reader received, and what was wrong with it.
#[derive(Debug)]
pub(crate) struct Tally {
    check: Check,
    /// The sequence that follows the last event. An event that is this one, and whole, costs one comparison.
    expected: u64,
    /// The sequence that the last event carried.
    came: u64,
    /// The number that each writer's next event has; `expected` knows better of the writer that it is of.
    next: [u64; WRITERS],
    pub(crate) faults: Faults,
}

/// What a reader found wrong.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Faults {
    /// Never came.
    pub(crate) lost: u64,
    /// Came with words of another event.
    pub(crate) torn: u64,
    /// Came after a later one.
    pub(crate) stale: u64,
    /// Came again.
    pub(crate) repeated: u64,
}

impl Faults {
    /// Whether what came was not what was sent. A loss is not: a lossy ring may lose.
    pub(crate) fn unsound(&self) -> bool {
        self.torn + self.stale + self.repeated > 0
    }

    pub(crate) fn and(self, other: Faults) -> Faults {
        Faults {
            lost: self.lost + other.lost,
            torn: self.torn + other.torn,
            stale: self.stale + other.stale,
            repeated: self.repeated + other.repeated,
        }
    }
}

/// What is not as it is in the whole event of `sequence`; 0 if nothing is.
#[inline]
fn difference<const W: usize>(words: &[[u8; 8]; W], sequence: u64, check: Check) -> u64 {
    let pattern = pattern(sequence);
    let of = |index: usize| u64::from_ne_bytes(words[index]) ^ pattern ^ index as u64;
    let inner = match check {
        Check::Full => (1..W).fold(0, |found, index| found | of(index)),
        Check::Light => of(W - 1),
    };
    inner | (u64::from_ne_bytes(words[0]) ^ sequence)
}

impl Tally {
    pub(crate) fn new(check: Check) -> Self {
        Tally { check, expected: 0, came: 0, next: [0; WRITERS], faults: Faults::default() }
    }

    /// The sequence that the last event carried, as it was read from there: an answer that is made of it waits for the payload.
    pub(crate) fn came(&self) -> u64 {
        self.came
    }

    /// An event came.
    #[inline]
    pub(crate) fn note<const W: usize>(&mut self, payload: &[u64; W]) {
        self.take::<W>(bytemuck::cast_ref(payload));
    }

    /// An event came, as bytes.
    #[inline]
    pub(crate) fn note_bytes<const W: usize>(&mut self, bytes: &[u8]) {
        match bytes.as_chunks::<8>().0.try_into() {
            Ok(words) => self.take::<W>(words),
            Err(_) => self.faults.torn += 1,
        }
    }

    /// An event came of which only the sequence was carried.
    #[inline]
    pub(crate) fn note_sequence(&mut self, sequence: u64) {
        self.came = sequence;
        if sequence == self.expected {
            self.expected += 1;
        } else {
            self.out_of_turn(sequence);
        }
    }

    #[inline]
    fn take<const W: usize>(&mut self, words: &[[u8; 8]; W]) {
        self.came = u64::from_ne_bytes(words[0]);
        if difference(words, self.expected, self.check) == 0 {
            self.expected += 1;
        } else {
            self.unexpected(words);
        }
    }

    /// Another writer's event, a later or an earlier one, or one that is torn.
    #[cold]
    fn unexpected<const W: usize>(&mut self, words: &[[u8; 8]; W]) {
        let sequence = u64::from_ne_bytes(words[0]);
        if difference(words, sequence, self.check) == 0 {
            self.out_of_turn(sequence);
        } else {
            self.faults.torn += 1;
        }
    }

    #[cold]
    fn out_of_turn(&mut self, came: u64) {
        let (writer, number) = ((came >> NUMBER_BITS) as usize, came & NUMBERS);
        if writer >= WRITERS {
            self.faults.torn += 1;
            return;
        }
        self.next = std::array::from_fn(|writer| self.next(writer));
        match number.checked_sub(self.next[writer]) {
            Some(passed) => {
                self.faults.lost += passed;
                self.next[writer] = number + 1;
            }
            None if number + 1 == self.next[writer] => self.faults.repeated += 1,
            None => self.faults.stale += 1,
        }
        self.expected = sequence(writer, self.next[writer]);
    }

    /// The number that the next event of `writer` has.
    pub(crate) fn next(&self, writer: usize) -> u64 {
        if self.expected >> NUMBER_BITS == writer as u64 { self.expected & NUMBERS } else { self.next[writer] }
    }

    /// Events that came whole, in order and once.
    pub(crate) fn delivered(&self) -> u64 {
        (0..WRITERS).map(|writer| self.next(writer)).sum::<u64>() - self.faults.lost
    }

    /// Whether all of what the writers published was received, or was seen to be lost.
    pub(crate) fn has_come_to(&self, published: &[u64]) -> bool {
        published.iter().enumerate().all(|(writer, published)| self.next(writer) >= *published)
    }

    /// Counts as lost what would have come after the last event that did.
    pub(crate) fn close(&mut self, published: &[u64]) {
        for (writer, published) in published.iter().enumerate() {
            if let Some(last) = published.checked_sub(1)
                && self.next(writer) <= last
            {
                self.faults.lost += *published - self.next(writer);
                self.next[writer] = *published;
                if self.expected >> NUMBER_BITS == writer as u64 {
                    self.expected = sequence(writer, *published);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(sequence: u64) -> [u64; 8] {
        let mut payload = [0; 8];
        fill(&mut payload, sequence);
        payload
    }

    #[test]
    fn what_comes_in_order_is_delivered() {
        let mut tally = Tally::new(Check::Full);
        for number in 0..3 {
            tally.note(&event(sequence(0, number)));
            tally.note_bytes::<8>(bytemuck::bytes_of(&event(sequence(1, number))));
        }
        tally.close(&[3, 3]);
        assert_eq!((tally.delivered(), tally.faults), (6, Faults::default()));
    }

    #[test]
    fn payloads_of_all_sizes_are_filled() {
        fn check<const W: usize>() {
            let (mut whole, mut tally) = ([0; W], Tally::new(Check::Full));
            fill(&mut whole, 0);
            tally.note(&whole);
            assert_eq!((tally.delivered(), tally.faults), (1, Faults::default()));
        }
        check::<8>();
        check::<32>();
        check::<2048>();
    }

    #[test]
    fn each_fault_has_its_name() {
        let mut tally = Tally::new(Check::Full);
        for number in [0, 1, 1, 4, 2] {
            tally.note(&event(number));
        }
        let mut torn = event(5);
        torn[3] = event(6)[3];
        tally.note(&torn);
        tally.close(&[6, 0]);
        assert_eq!(tally.faults, Faults { lost: 3, torn: 1, stale: 1, repeated: 1 });
        assert_eq!(tally.delivered(), 3);
    }

    #[test]
    fn the_light_check_sees_both_ends() {
        let mut tally = Tally::new(Check::Light);
        let mut torn = event(0);
        torn[3] = 0;
        tally.note(&torn);
        assert_eq!(tally.delivered(), 1);
        let mut torn = event(1);
        torn[7] = 0;
        tally.note(&torn);
        assert_eq!(tally.faults.torn, 1);
    }
}
