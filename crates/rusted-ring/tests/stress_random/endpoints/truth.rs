//! Which event has which sequence, as the publishers were told and as the readers saw it.

use std::{
    collections::BTreeSet,
    sync::{
        Mutex,
        atomic::{AtomicU64, Ordering::SeqCst},
    },
};

use crate::case::{Case, lock};

/// An event, named by its publisher and its number among that publisher's events.
pub(super) type Id = (usize, u64);

fn packed((publisher, counter): Id) -> u64 {
    ((publisher as u64) << 48 | counter) + 1
}

pub(super) struct Truth {
    /// As packed, or 0.
    by_sequence: Box<[AtomicU64]>,
    /// Events that publishers were told are published.
    published: Mutex<BTreeSet<u64>>,
    /// Events that some reader saw.
    seen: Mutex<BTreeSet<u64>>,
    /// What each Consumer was given from where to where.
    stretches: Mutex<Vec<(u64, u64)>>,
    given: Box<[AtomicU64]>,
}

impl Truth {
    pub(super) fn new(sequences: usize) -> Self {
        let zeros = || (0..sequences).map(|_| AtomicU64::new(0)).collect();
        let (published, seen, stretches) = Default::default();
        Truth { by_sequence: zeros(), published, seen, stretches, given: zeros() }
    }

    fn agree(&self, case: &Case, sequence: u64, id: Id) {
        let Some(place) = self.by_sequence.get(sequence as usize) else { return case.fault("too many sequences") };
        if let Err(other) = place.compare_exchange(0, packed(id), SeqCst, SeqCst)
            && other != packed(id)
        {
            let other = ((other - 1) >> 48, (other - 1) & 0xFFFF_FFFF_FFFF);
            case.fault(format_args!("sequence {sequence} has event {id:?}, and has event {other:?}"));
        }
    }

    /// A publisher was told that its event is published, and perhaps under which sequence.
    pub(super) fn told(&self, case: &Case, sequence: Option<u64>, id: Id) {
        if let Some(sequence) = sequence {
            self.agree(case, sequence, id);
        }
        let new = lock(&self.published).insert(packed(id));
        case.check(new, || format!("event {id:?} was published twice by its own publisher"));
    }

    /// A reader saw it.
    pub(super) fn saw(&self, case: &Case, sequence: u64, id: Id) {
        self.agree(case, sequence, id);
        lock(&self.seen).insert(packed(id));
    }

    /// A Consumer was given this event.
    pub(super) fn gave(&self, sequence: u64) {
        if let Some(place) = self.given.get(sequence as usize) {
            place.fetch_add(1, SeqCst);
        }
    }

    /// A Consumer was given everything from `first` up to `end`.
    pub(super) fn stretch(&self, first: u64, end: u64) {
        lock(&self.stretches).push((first, end));
    }

    /// At the end: nobody saw what was not published, no event has two sequences, and Consumers missed nothing.
    pub(super) fn judge(&self, case: &Case) {
        let (published, seen) = (lock(&self.published), lock(&self.seen));
        let ghosts: Vec<_> = seen.difference(&published).take(5).collect();
        case.check(ghosts.is_empty(), || format!("seen, and not published: {ghosts:?}"));
        let mut sequences = BTreeSet::new();
        let mut twice = Vec::new();
        for id in self.by_sequence.iter().map(|id| id.load(SeqCst)).filter(|id| *id != 0) {
            if !sequences.insert(id) {
                twice.push(id);
            }
        }
        case.check(twice.is_empty(), || format!("published under two sequences: {twice:?}"));
        // How many Consumers should have been given each.
        let mut changes = vec![0_i64; self.by_sequence.len() + 1];
        for &(first, end) in lock(&self.stretches).iter().filter(|(first, end)| first < end) {
            changes[first as usize] += 1;
            changes[(end as usize).min(self.by_sequence.len())] -= 1;
        }
        let (mut missed, mut due) = (Vec::new(), 0);
        for (sequence, id) in self.by_sequence.iter().enumerate() {
            due += changes[sequence];
            let given = self.given[sequence].load(SeqCst) as i64;
            if id.load(SeqCst) != 0 && given != due {
                missed.push((sequence, given, due));
            }
        }
        let some = &missed[..missed.len().min(8)];
        case.check(missed.is_empty(), || format!("{} events were given to others than due: {some:?}", missed.len()));
    }
}
