//! Must-fail controls: what a check must catch, so that its silence means something.
//!
//! A check that finds nothing may be blind. A control is a program with a fault in it: one that was written so, or a copy of the
//! sources into which [`copy`] plants one. [`is_caught`] demands that it fails, and by the finding that the check is for.

use crate::copy::copy_afresh;
use crate::process::report;
use anyhow::{Context, bail, ensure};
use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Instant;

/// One change: `was`, which must occur exactly once in `file`, becomes `is`.
#[derive(Clone, Copy, Debug)]
pub struct Alteration<'a> {
    /// From the root of what is copied.
    pub file: &'a str,
    /// The text that stands there.
    pub was: &'a str,
    /// The text that replaces it.
    pub is: &'a str,
}

/// Copies the directory `root` afresh to `to`, except hidden and built files and `target`, and alters the copy. The directory
/// itself is not touched.
///
/// Build the copy into a target directory of its own: cargo takes it for the sources that it is a copy of, and what it has built
/// of one for the other's.
///
/// # Errors
///
/// If a file cannot be copied, or what an alteration replaces does not stand in its file exactly once: then the control would
/// plant nothing, or more than was meant.
pub fn copy(root: &Path, to: &Path, target: &Path, alterations: &[Alteration<'_>]) -> anyhow::Result<()> {
    copy_afresh(root, to, target)?;
    for alteration in alterations {
        let path = to.join(alteration.file);
        let text = fs::read_to_string(&path).with_context(|| format!("reading {}", path.display()))?;
        fs::write(&path, alteration.apply(&text)?).with_context(|| format!("writing {}", path.display()))?;
    }
    Ok(())
}

impl Alteration<'_> {
    fn apply(&self, text: &str) -> anyhow::Result<String> {
        let found = text.matches(self.was).count();
        ensure!(
            found == 1,
            "{} holds the text below {found} times, and it must stand there once: if the code was changed, change what \
             this control looks for\n{}",
            self.file,
            self.was
        );
        Ok(text.replacen(self.was, self.is, 1))
    }
}

/// Runs a control: it must fail before `deadline`, and write `finding` to its standard error. Returns the line that does.
///
/// # Errors
///
/// If it ends well, is not done in time, or fails by something else.
pub fn is_caught(command: &mut Command, finding: &str, deadline: Instant) -> anyhow::Result<String> {
    let said = report(command, deadline).context("a control")?;
    match said.lines().find(|line| line.contains(finding)) {
        Some(line) => Ok(line.trim().to_owned()),
        None => bail!("this control failed, but not by `{finding}`; it said\n{said}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn what_stands_there_once_is_altered_and_nothing_else_is_accepted() {
        let alteration = Alteration { file: "a.rs", was: "Release", is: "Relaxed" };
        assert_eq!(alteration.apply("store(1, Release)").unwrap(), "store(1, Relaxed)");
        for text in ["store(1, Relaxed)", "store(1, Release); store(2, Release)"] {
            let error = alteration.apply(text).unwrap_err().to_string();
            assert!(error.contains("a.rs"), "{error}");
        }
    }

    #[test]
    fn a_control_fails_by_its_finding_and_by_nothing_else() {
        let caught = |script: &str| {
            let mut shell = Command::new("sh");
            is_caught(shell.args(["-c", script]), "data race", Instant::now() + Duration::from_secs(60))
        };
        assert_eq!(caught("echo ' a data race here' >&2; exit 66").unwrap(), "a data race here");
        assert!(caught("echo 'out of memory' >&2; exit 1").unwrap_err().to_string().contains("but not by `data race`"));
        assert!(format!("{:#}", caught("echo 'data race' >&2").unwrap_err()).contains("ended well"));
    }
}
