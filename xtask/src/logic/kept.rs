//! The results of earlier runs for each mutant, kept as long as the code that it changes is the same.

use super::outcome::{Fate, Mutant};
use crate::tool::MUTANTS;
use anyhow::{Context, bail};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// The start of the unit tests, at the end of a file; the code is everything before.
const UNIT_TESTS: &str = "\n#[cfg(test)]\nmod tests";

/// A file with the mutants that were noticed. A survivor is not in it, because there may be a test for it by now.
pub(super) struct Kept {
    path: PathBuf,
    /// A number for the code of each file, as it was before any change: an interrupted run leaves a change behind.
    codes: BTreeMap<String, String>,
    mutants: Vec<Mutant>,
}

impl Kept {
    /// What the file at `path` has about the present sources in the directory `source`; nothing, unless runs are to be `resumed`.
    pub(super) fn open(path: PathBuf, source: &Path, resumed: bool) -> anyhow::Result<Self> {
        let mut kept = Self { path, codes: codes(source)?, mutants: Vec::new() };
        if resumed {
            match fs::read_to_string(&kept.path) {
                Ok(text) => kept.read(&text).with_context(|| format!("reading {}", kept.path.display()))?,
                Err(error) if error.kind() == ErrorKind::NotFound => {}
                Err(error) => return Err(error).with_context(|| format!("reading {}", kept.path.display())),
            }
        }
        Ok(kept)
    }

    fn read(&mut self, text: &str) -> anyhow::Result<()> {
        let file: Value = serde_json::from_str(text)?;
        // Another version may change the same code differently, under the same name.
        if file["tool"] != MUTANTS.version {
            return Ok(());
        }
        for (name, kept) in file["mutants"].as_object().context("no mutants")? {
            let fate = match kept["fate"].as_str() {
                Some("killed") => Fate::Killed,
                Some("timed out") => Fate::TimedOut,
                Some("not built") => Fate::NotBuilt,
                other => bail!("`{name}` ended as {other:?}"),
            };
            let mutant = Mutant::named(name, fate)?;
            if self.codes.get(&mutant.file).is_some_and(|code| kept["code"] == *code) {
                self.mutants.push(mutant);
            }
        }
        Ok(())
    }

    pub(super) fn mutants(&self) -> impl Iterator<Item = &Mutant> {
        self.mutants.iter()
    }

    /// Keeps the noticed ones of `mutants`.
    pub(super) fn keep(&mut self, mutants: &[Mutant]) -> anyhow::Result<()> {
        self.mutants.extend(mutants.iter().filter(|mutant| mutant.fate != Fate::Survived).cloned());
        let mut kept = Map::new();
        for mutant in &self.mutants {
            let fate = match mutant.fate {
                Fate::Killed => "killed",
                Fate::TimedOut => "timed out",
                Fate::NotBuilt => "not built",
                Fate::Survived => continue,
            };
            kept.insert(mutant.to_string(), json!({ "fate": fate, "code": self.codes.get(&mutant.file) }));
        }
        let text = serde_json::to_string_pretty(&json!({ "tool": MUTANTS.version, "mutants": kept }))?;
        let new = self.path.with_extension("new");
        fs::write(&new, text).and_then(|()| fs::rename(&new, &self.path)).context("keeping the results")
    }
}

/// A number for the code of each file in a directory of the directory `source`, without its unit tests.
fn codes(source: &Path) -> anyhow::Result<BTreeMap<String, String>> {
    let mut codes = BTreeMap::new();
    for area in entries(source)?.into_iter().filter(|path| path.is_dir()) {
        for path in entries(&area)?.into_iter().filter(|path| path.is_file()) {
            let text = fs::read_to_string(&path).with_context(|| format!("reading {}", path.display()))?;
            let mut hasher = DefaultHasher::new();
            text.split_once(UNIT_TESTS).map_or(&text[..], |(code, _)| code).hash(&mut hasher);
            codes.insert(path.strip_prefix(source)?.display().to_string(), format!("{:016x}", hasher.finish()));
        }
    }
    Ok(codes)
}

fn entries(directory: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let read = || format!("reading {}", directory.display());
    fs::read_dir(directory).with_context(read)?.map(|entry| Ok(entry?.path())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::env;

    #[test]
    fn what_was_noticed_is_kept_while_the_code_is_the_same() {
        let home = env::temp_dir().join(format!("xtask-kept-{}", std::process::id()));
        let source = home.join("src");
        fs::create_dir_all(source.join("pool")).unwrap();
        let write = |text: &str| fs::write(source.join("pool/a.rs"), text).unwrap();
        let open = |resumed| {
            let kept = Kept::open(home.join("results.json"), &source, resumed).unwrap();
            kept.mutants().cloned().collect::<Vec<_>>()
        };
        let mutant = |change: &str, fate| Mutant::named(&format!("pool/a.rs:1:2: {change}"), fate).unwrap();
        let noticed = [mutant("a", Fate::Killed), mutant("b", Fate::NotBuilt), mutant("c", Fate::TimedOut)];

        write("code\n#[cfg(test)]\nmod tests { one }");
        let mut kept = Kept::open(home.join("results.json"), &source, true).unwrap();
        write("changed, and left so by an interrupted run\n#[cfg(test)]\nmod tests { one }");
        kept.keep(&[mutant("d", Fate::Survived), noticed[2].clone()]).unwrap();
        kept.keep(&noticed[..2]).unwrap();
        write("code\n#[cfg(test)]\nmod tests { one }");
        assert_eq!(open(true), noticed);
        assert_eq!(open(false), []);
        write("code\n#[cfg(test)]\nmod tests { two }");
        assert_eq!(open(true), noticed, "a test alone is other");
        write("other code\n#[cfg(test)]\nmod tests { two }");
        assert_eq!(open(true), []);
        fs::remove_dir_all(home).unwrap();
    }
}
