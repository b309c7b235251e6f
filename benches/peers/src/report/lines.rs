//! The lines of a run: a file with one line for each sample, from which everything else is drawn.

use crate::sample::Sample;
use anyhow::{Context, ensure};
use std::fs;
use std::path::Path;

/// Writes the lines of a run to `path`, and makes its directory.
pub(crate) fn write(samples: &[Sample], path: &Path) -> anyhow::Result<()> {
    let lines: Vec<String> = samples.iter().map(serde_json::to_string).collect::<Result<_, _>>()?;
    if let Some(directory) = path.parent() {
        fs::create_dir_all(directory).with_context(|| format!("making {}", directory.display()))?;
    }
    fs::write(path, lines.join("\n") + "\n").with_context(|| format!("writing {}", path.display()))
}

/// Reads the lines of an earlier run.
pub(crate) fn read(path: &Path) -> anyhow::Result<Vec<Sample>> {
    let text = fs::read_to_string(path).with_context(|| format!("reading {}", path.display()))?;
    let samples: Vec<Sample> = text
        .lines()
        .enumerate()
        .map(|(index, line)| {
            serde_json::from_str(line).with_context(|| format!("line {} of {}", index + 1, path.display()))
        })
        .collect::<Result<_, _>>()?;
    ensure!(!samples.is_empty(), "{} has no lines", path.display());
    Ok(samples)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::payload::Check;
    use crate::sample::Ending;
    use common::machine::Machine;
    use std::path::PathBuf;
    use std::process;

    fn sample(round: u32) -> Sample {
        let (processor, system, date) = Default::default();
        Sample {
            contender: "bus".to_owned(),
            version: String::new(),
            workload: "one-to-one".to_owned(),
            payload: 64,
            capacity: 1024,
            check: Check::Full,
            round,
            ending: Ending::NotApplicable { reason: "a test".to_owned() },
            machine: Machine { processor, family: "f-1-2".into(), cores: 2, system, load: 0.0, date },
        }
    }

    /// A file of this test's own, in a directory that is not there yet.
    fn file(test: &str) -> PathBuf {
        std::env::temp_dir().join(format!("peers-{}-{test}/bench/results.jsonl", process::id()))
    }

    fn remove(file: &Path) {
        fs::remove_dir_all(file.ancestors().nth(2).unwrap()).unwrap();
    }

    #[test]
    fn what_was_written_is_read_again() {
        let (file, samples) = (file("again"), [sample(1), sample(2)]);
        write(&samples, &file).unwrap();
        let again = read(&file).unwrap();
        remove(&file);
        assert_eq!(again, samples);
    }

    #[test]
    fn a_line_that_is_no_sample_is_named_and_a_file_without_lines_is_refused() {
        let file = file("broken");
        write(&[sample(1)], &file).unwrap();
        let whole = fs::read_to_string(&file).unwrap();
        fs::write(&file, whole + "{}\n").unwrap();
        let broken = read(&file).unwrap_err().to_string();
        fs::write(&file, "").unwrap();
        let empty = read(&file).unwrap_err().to_string();
        remove(&file);
        assert!(broken.starts_with("line 2 of ") && broken.contains("results.jsonl"), "{broken}");
        assert!(empty.ends_with("has no lines"), "{empty}");
    }
}
