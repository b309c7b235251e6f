//! What arrived, of what was sent.

use crate::sample::{Figure, Unit};

/// Counts events by their number.
pub(crate) struct Tally {
    seen: Vec<bool>,
    delivered: u64,
    duplicated: u64,
    torn: u64,
}

impl Tally {
    /// For events numbered from 0 to `sent`.
    pub(crate) fn of(sent: u64) -> Self {
        Tally { seen: vec![false; sent as usize], delivered: 0, duplicated: 0, torn: 0 }
    }

    /// Something arrived: the event of this number, or none.
    #[inline]
    pub(crate) fn note(&mut self, number: Option<u64>) {
        match number.and_then(|number| self.seen.get_mut(number as usize)) {
            None => self.torn += 1,
            Some(seen) if *seen => self.duplicated += 1,
            Some(seen) => {
                *seen = true;
                self.delivered += 1;
            }
        }
    }

    pub(crate) fn delivered(&self) -> u64 {
        self.delivered
    }

    /// The counts as they are shown, `told` being how many the readers say they lost.
    pub(crate) fn figures(&self, told: u64) -> Vec<Figure> {
        let sent = self.seen.len() as u64;
        let counts = [
            ("sent", sent),
            ("delivered", self.delivered),
            ("lost", sent - self.delivered),
            ("of which told", told),
            ("duplicated", self.duplicated),
            ("torn", self.torn),
        ];
        counts.into_iter().map(|(name, count)| Figure::new(name, Unit::Events, count as f64)).collect()
    }

    /// What does not come out, `told` being how many the readers say they lost.
    pub(crate) fn faults(&self, told: u64) -> Vec<String> {
        let (sent, delivered) = (self.seen.len() as u64, self.delivered);
        let mut faults = Vec::new();
        if delivered + told != sent {
            faults.push(format!("{sent} sent, but {delivered} delivered and {told} told as lost"));
        }
        if self.duplicated > 0 {
            faults.push(format!("{} delivered more than once", self.duplicated));
        }
        if self.torn > 0 {
            faults.push(format!("{} torn", self.torn));
        }
        faults
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_fault_is_found() {
        let mut tally = Tally::of(3);
        tally.note(Some(0));
        tally.note(Some(2));
        assert!(tally.faults(1).is_empty());
        assert_eq!(tally.faults(0).len(), 1);
        tally.note(Some(2));
        tally.note(None);
        tally.note(Some(3));
        assert_eq!(tally.faults(1), ["1 delivered more than once", "2 torn"]);
    }
}
