//! A copy of a directory of sources: the working tree is never touched.

use anyhow::Context;
use std::fs;
use std::path::Path;

/// Directories that are not source: builds and package managers make them.
const NOT_COPIED: &[&str] = &["target", "node_modules"];

/// Copies `from` to `to`, of which nothing stays that was there, except hidden and built files and `target`.
pub(crate) fn copy_afresh(from: &Path, to: &Path, target: &Path) -> anyhow::Result<()> {
    if to.exists() {
        fs::remove_dir_all(to).with_context(|| format!("removing {}", to.display()))?;
    }
    copy_directory(from, to, target)
}

fn copy_directory(from: &Path, to: &Path, target: &Path) -> anyhow::Result<()> {
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
