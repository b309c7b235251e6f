//! A copy of the workspace with a few lines changed; the working tree is never touched.

use crate::workspace::Workspace;
use anyhow::{Context, ensure};
use std::fs;
use std::path::{Path, PathBuf};

/// One change: `was`, which must occur exactly once in `file`, becomes `is`.
pub(crate) struct Alteration {
    /// From the workspace's root.
    pub(crate) file: &'static str,
    pub(crate) was: &'static str,
    pub(crate) is: &'static str,
}

/// Directories that are not source: builds and package managers make them.
const NOT_COPIED: &[&str] = &["target", "node_modules"];

/// Copies the workspace afresh to `name` in the target directory, alters the copy, and returns its root.
pub(crate) fn copy(workspace: &Workspace, name: &str, alterations: &[Alteration]) -> anyhow::Result<PathBuf> {
    let root = workspace.target.join(name);
    if root.exists() {
        fs::remove_dir_all(&root).with_context(|| format!("removing {}", root.display()))?;
    }
    copy_directory(&workspace.root, &root, &workspace.target)?;
    for alteration in alterations {
        let path = root.join(alteration.file);
        let text = fs::read_to_string(&path).with_context(|| format!("reading {}", path.display()))?;
        fs::write(&path, alteration.apply(&text)?).with_context(|| format!("writing {}", path.display()))?;
    }
    Ok(root)
}

impl Alteration {
    fn apply(&self, text: &str) -> anyhow::Result<String> {
        let found = text.matches(self.was).count();
        ensure!(
            found == 1,
            "{} holds the text below {found} times, and it must stand there once: if the code was changed, change what \
             this stage looks for\n{}",
            self.file,
            self.was
        );
        Ok(text.replacen(self.was, self.is, 1))
    }
}

/// Copies `from`, except hidden and built files and `target`.
pub(crate) fn copy_directory(from: &Path, to: &Path, target: &Path) -> anyhow::Result<()> {
    fs::create_dir_all(to).with_context(|| format!("making {}", to.display()))?;
    for entry in fs::read_dir(from).with_context(|| format!("reading {}", from.display()))? {
        let entry = entry?;
        let (path, name) = (entry.path(), entry.file_name());
        let hidden = name.as_encoded_bytes().starts_with(b".");
        if hidden || path == target || NOT_COPIED.iter().any(|other| name == *other) {
            continue;
        }
        // Links are followed, because the copy has no other place to find their targets.
        if path.is_dir() {
            copy_directory(&path, &to.join(name), target)?;
        } else {
            fs::copy(&path, to.join(name)).with_context(|| format!("copying {}", path.display()))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_there_once_is_altered_and_nothing_else_is_accepted() {
        let alteration = Alteration { file: "a.rs", was: "Release", is: "Relaxed" };
        assert_eq!(alteration.apply("store(1, Release)").unwrap(), "store(1, Relaxed)");
        for text in ["store(1, Relaxed)", "store(1, Release); store(2, Release)"] {
            let error = alteration.apply(text).unwrap_err().to_string();
            assert!(error.contains("a.rs"), "{error}");
        }
    }
}
