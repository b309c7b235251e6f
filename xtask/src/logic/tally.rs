//! What became of the mutants, and the closing lines.

use super::area::Part;
use super::outcome::{Fate, Mutant};
use super::survivors::{DOCUMENT, Survivor};
use std::fmt;

/// Every mutant judged. Its text form ends with the line that counts them.
#[derive(Default)]
pub(super) struct Tally {
    counts: [usize; 3],
    explained: usize,
    unexplained: Vec<Mutant>,
    /// Where the document explains what no longer survives.
    stale: Vec<String>,
}

impl Tally {
    /// Counts the `mutants` of `part`; those that survive are looked up in `survivors`.
    pub(super) fn add(&mut self, part: &Part, mutants: Vec<Mutant>, survivors: &[Survivor]) {
        let mut left: Vec<&Survivor> = survivors.iter().filter(|survivor| part.covers(&survivor.file)).collect();
        for mutant in mutants {
            match mutant.fate {
                Fate::Killed => self.counts[0] += 1,
                Fate::TimedOut => self.counts[1] += 1,
                Fate::NotBuilt => self.counts[2] += 1,
                Fate::Survived => {
                    let is_it = |survivor: &&Survivor| survivor.file == mutant.file && survivor.change == mutant.change;
                    match left.iter().position(is_it) {
                        Some(index) => {
                            left.remove(index);
                            self.explained += 1;
                        }
                        None => self.unexplained.push(mutant),
                    }
                }
            }
        }
        self.stale.extend(left.iter().map(|survivor| format!("{DOCUMENT}:{}: {}", survivor.line, survivor.change)));
    }

    /// Whether every survivor is explained, and every explanation is of a survivor.
    pub(super) fn is_good(&self) -> bool {
        self.unexplained.is_empty() && self.stale.is_empty()
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for mutant in &self.unexplained {
            let Mutant { file, place, change, .. } = mutant;
            writeln!(f, "{file}:{place}: {change}: write a test that fails, or explain it in {DOCUMENT}")?;
        }
        for stale in &self.stale {
            writeln!(f, "{stale}: it does not survive; remove the explanation")?;
        }
        let [killed, timed_out, not_built] = self.counts;
        let (explained, unexplained) = (self.explained, self.unexplained.len());
        let all = killed + timed_out + not_built + explained + unexplained;
        write!(
            f,
            "{all} mutants, {killed} killed, {timed_out} timed out, {not_built} not built, {explained} explained, \
             {unexplained} unexplained"
        )
    }
}

#[cfg(test)]
mod tests {
    use super::super::area;
    use super::*;

    fn mutant(change: &str, fate: Fate) -> Mutant {
        Mutant { file: "pool/a.rs".to_owned(), place: "1:2".to_owned(), change: change.to_owned(), fate }
    }

    fn judged(document: &str) -> Tally {
        let part = &area::chosen(&["pool".to_owned()]).unwrap()[0];
        let mutants = [("a", Fate::Killed), ("b", Fate::Survived), ("b", Fate::Survived), ("c", Fate::TimedOut)];
        let mut tally = Tally::default();
        let survivors = Survivor::parse(document).unwrap();
        tally.add(part, mutants.map(|(change, fate)| mutant(change, fate)).into(), &survivors);
        tally
    }

    #[test]
    fn each_survivor_needs_an_explanation_of_its_own() {
        let once = "- `pool/a.rs`: `b`: why\n- `future/a.rs`: `x`: not judged here\n";
        let tally = judged(once);
        assert!(!tally.is_good());
        let said = tally.to_string();
        assert!(said.starts_with("pool/a.rs:1:2: b: write a test"), "{said}");
        assert!(
            said.ends_with("\n4 mutants, 1 killed, 1 timed out, 0 not built, 1 explained, 1 unexplained"),
            "{said}"
        );
        assert!(judged(&format!("{once}- `pool/a.rs`: `b`: why here, too\n")).is_good());
    }

    #[test]
    fn an_explanation_of_what_is_killed_is_refused() {
        let both = "- `pool/a.rs`: `b`: why\n- `pool/a.rs`: `b`: why\n";
        assert!(judged(both).is_good());
        let tally = judged(&format!("{both}- `pool/a.rs`: `a`: why\n"));
        assert!(!tally.is_good() && tally.to_string().starts_with("docs/MUTANTS.md:3: a: it does not"), "{tally}");
    }
}
