//! What happened to the mutants, and the closing lines.

use super::area::Part;
use super::outcome::{Fate, Mutant};
use super::survivors::{DOCUMENT, Survivor};
use std::fmt;

/// How many mutants of a part were judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Extent {
    All,
    /// As many as there was time for, at random.
    Sample,
}

/// Every judged mutant. Its text form ends with the line that counts them.
#[derive(Default)]
pub(super) struct Tally {
    killed: usize,
    not_built: usize,
    timed_out: Vec<Mutant>,
    explained: usize,
    unexplained: Vec<Mutant>,
    /// Where the document explains a mutant that no longer survives.
    stale: Vec<String>,
}

impl Tally {
    /// Counts the `mutants` of `part`, and looks up those that survive in `survivors`.
    pub(super) fn add(&mut self, part: &Part, mutants: Vec<Mutant>, extent: Extent, survivors: &[Survivor]) {
        let mut left: Vec<&Survivor> = survivors.iter().filter(|survivor| part.covers(&survivor.file)).collect();
        for mutant in mutants {
            match mutant.fate {
                Fate::Killed => self.killed += 1,
                Fate::NotBuilt => self.not_built += 1,
                Fate::TimedOut => self.timed_out.push(mutant),
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
        if extent == Extent::Sample {
            return;
        }
        self.stale.extend(left.iter().map(|survivor| format!("{DOCUMENT}:{}: {}", survivor.line, survivor.change)));
    }

    /// Whether every survivor is explained, and every explanation has a survivor.
    pub(super) fn is_good(&self) -> bool {
        self.unexplained.is_empty() && self.stale.is_empty()
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for mutant in &self.timed_out {
            writeln!(f, "{mutant}: timed out; see in its log that a test stood still, and not the machine")?;
        }
        for mutant in &self.unexplained {
            writeln!(f, "{mutant}: write a test that fails, or explain it in {DOCUMENT}")?;
        }
        for stale in &self.stale {
            writeln!(f, "{stale}: it does not survive; remove the explanation")?;
        }
        let Self { killed, not_built, explained, .. } = self;
        let (timed_out, unexplained) = (self.timed_out.len(), self.unexplained.len());
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
        judged_to(Extent::All, document)
    }

    fn judged_to(extent: Extent, document: &str) -> Tally {
        let part = &area::chosen(&["pool".to_owned()]).unwrap()[0];
        let mutants = [("a", Fate::Killed), ("b", Fate::Survived), ("b", Fate::Survived), ("c", Fate::TimedOut)];
        let mut tally = Tally::default();
        let survivors = Survivor::parse(document).unwrap();
        tally.add(part, mutants.map(|(change, fate)| mutant(change, fate)).into(), extent, &survivors);
        tally
    }

    #[test]
    fn each_survivor_needs_an_explanation_of_its_own() {
        let once = "- `pool/a.rs`: `b`: why\n- `future/a.rs`: `x`: not judged here\n";
        let tally = judged(once);
        assert!(!tally.is_good());
        let said = tally.to_string();
        assert!(said.starts_with("pool/a.rs:1:2: c: timed out"), "{said}");
        assert!(said.contains("\npool/a.rs:1:2: b: write a test"), "{said}");
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
        let and_killed = format!("{both}- `pool/a.rs`: `a`: why\n");
        assert!(judged_to(Extent::Sample, &and_killed).is_good(), "it may not have been judged");
        let tally = judged(&and_killed);
        assert!(!tally.is_good() && tally.to_string().contains("\ndocs/MUTANTS.md:3: a: it does not"), "{tally}");
    }
}
