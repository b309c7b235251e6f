//! The known results of each mutant, kept between runs for the sources of which they are true.

use anyhow::Context;
use serde_json::{Map, Value, json};
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How a mutant ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    Killed { model: String, bound: u32 },
    Survived,
}

/// A file with the outcomes, written after each.
pub(crate) struct Results {
    path: PathBuf,
    sources: String,
    kept: Map<String, Value>,
}

impl Results {
    /// The results at `path` if they are of `sources`; none otherwise, or if they are not to be `resumed`.
    pub(crate) fn open(path: PathBuf, sources: &str, resumed: bool) -> anyhow::Result<Self> {
        let mut kept = Map::new();
        if resumed {
            match fs::read_to_string(&path) {
                Ok(text) => {
                    let mut file: Value = serde_json::from_str(&text).unwrap_or_default();
                    if file["sources"] == sources
                        && let Value::Object(outcomes) = file["outcomes"].take()
                    {
                        kept = outcomes;
                    }
                }
                Err(error) if error.kind() == ErrorKind::NotFound => {}
                Err(error) => return Err(error).with_context(|| format!("reading {}", path.display())),
            }
        }
        Ok(Self { path, sources: sources.to_owned(), kept })
    }

    pub(crate) fn of(&self, id: &str) -> Option<Outcome> {
        let kept = self.kept.get(id)?;
        match kept["model"].as_str() {
            Some(model) => Some(Outcome::Killed { model: model.to_owned(), bound: kept["bound"].as_u64()? as u32 }),
            None => Some(Outcome::Survived),
        }
    }

    pub(crate) fn keep(&mut self, id: &str, outcome: &Outcome) -> anyhow::Result<()> {
        let kept = match outcome {
            Outcome::Killed { model, bound } => json!({ "model": model, "bound": bound }),
            Outcome::Survived => json!({}),
        };
        self.put(id, kept)
    }

    /// The time that `model` took on the unchanged sources.
    pub(crate) fn time_of(&self, model: &str) -> Option<Duration> {
        self.kept.get(model)?["seconds"].as_f64().map(Duration::from_secs_f64)
    }

    pub(crate) fn keep_time(&mut self, model: &str, took: Duration) -> anyhow::Result<()> {
        self.put(model, json!({ "seconds": took.as_secs_f64() }))
    }

    fn put(&mut self, key: &str, value: Value) -> anyhow::Result<()> {
        self.kept.insert(key.to_owned(), value);
        let text = serde_json::to_string_pretty(&json!({ "sources": self.sources, "outcomes": self.kept }))?;
        let new = self.path.with_extension("new");
        fs::write(&new, text).and_then(|()| fs::rename(&new, &self.path)).context("keeping the results")
    }
}

/// A number for the sources in `directories`, which lie in `root` and whose comments do not count, and for `also`.
pub(crate) fn fingerprint(root: &Path, directories: &[PathBuf], also: &[&str]) -> anyhow::Result<String> {
    use quote::ToTokens;
    let mut hasher = DefaultHasher::new();
    also.hash(&mut hasher);
    let mut files = Vec::new();
    for directory in directories {
        rust_files(&root.join(directory), &mut files)?;
    }
    files.sort();
    for path in files {
        let text = fs::read_to_string(&path).with_context(|| format!("reading {}", path.display()))?;
        path.strip_prefix(root)?.hash(&mut hasher);
        match syn::parse_file(&text) {
            Ok(file) => file.to_token_stream().to_string().hash(&mut hasher),
            // A sample of what does not compile, or a template.
            Err(_) => text.hash(&mut hasher),
        }
    }
    Ok(format!("{:016x}", hasher.finish()))
}

fn rust_files(directory: &Path, files: &mut Vec<PathBuf>) -> anyhow::Result<()> {
    for entry in fs::read_dir(directory).with_context(|| format!("reading {}", directory.display()))? {
        let path = entry?.path();
        if path.is_dir() {
            rust_files(&path, files)?;
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::env;

    #[test]
    fn results_are_of_their_sources_only() {
        let path = env::temp_dir().join(format!("ordering-mutants-{}.json", std::process::id()));
        let killed = Outcome::Killed { model: "m".to_owned(), bound: 2 };
        let mut results = Results::open(path.clone(), "one", true).unwrap();
        results.keep("a", &killed).unwrap();
        results.keep("b", &Outcome::Survived).unwrap();
        let again = Results::open(path.clone(), "one", true).unwrap();
        assert_eq!((again.of("a"), again.of("b"), again.of("c")), (Some(killed), Some(Outcome::Survived), None));
        assert_eq!(Results::open(path.clone(), "two", true).unwrap().of("a"), None);
        assert_eq!(Results::open(path.clone(), "one", false).unwrap().of("a"), None);
        fs::remove_file(path).unwrap();
    }

    #[test]
    fn the_code_of_every_directory_counts_and_comments_do_not() {
        let root = env::temp_dir().join(format!("ordering-mutants-{}", std::process::id()));
        for directory in ["src", "tests", "other"] {
            fs::create_dir_all(root.join(directory)).unwrap();
            fs::write(root.join(directory).join("a.rs"), "fn f() {}").unwrap();
        }
        let number = |directories: &[&str]| {
            let directories: Vec<PathBuf> = directories.iter().map(PathBuf::from).collect();
            fingerprint(&root, &directories, &[]).unwrap()
        };
        let after = |file: &str, text: &str| {
            let before = [number(&["src"]), number(&["src", "tests"]), number(&[""])];
            fs::write(root.join(file), text).unwrap();
            [number(&["src"]), number(&["src", "tests"]), number(&[""])].map(|now| !before.contains(&now))
        };
        assert_eq!(after("src/a.rs", "// Why.\nfn f() {}"), [false; 3]);
        assert_eq!(after("src/a.rs", "fn g() {}"), [true; 3]);
        assert_eq!(after("tests/a.rs", "fn model() {}"), [false, true, true]);
        assert_eq!(after("other/a.rs", "no {{ Rust }}"), [false, false, true]);
        fs::remove_dir_all(root).unwrap();
    }
}
