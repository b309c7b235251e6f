//! The two shared libraries, brought up to date by cargo, which alone knows when they are not.

use anyhow::{Context, bail};
use std::env::{self, consts::DLL_EXTENSION};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Where the shared libraries are.
pub(crate) struct Libraries {
    pub(crate) old: PathBuf,
    pub(crate) new: PathBuf,
}

impl Libraries {
    /// Builds what is not up to date.
    pub(crate) fn build() -> anyhow::Result<Self> {
        let manifest = Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml");
        let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let built = Command::new(cargo)
            .args(["build", "--release", "--quiet", "-p", "ffi-old", "-p", "ffi-new"])
            .args(["--message-format", "json-render-diagnostics", "--manifest-path"])
            .arg(manifest)
            .stderr(Stdio::inherit())
            .output()
            .context("starting cargo, which builds the two shared libraries")?;
        if !built.status.success() {
            bail!("cargo could not build the shared libraries ({})", built.status);
        }
        let messages = String::from_utf8(built.stdout)?;
        Ok(Libraries { old: artifact(&messages, "ffi_old")?, new: artifact(&messages, "ffi_new")? })
    }
}

/// The file that cargo says it made, or found to be up to date.
fn artifact(messages: &str, name: &str) -> anyhow::Result<PathBuf> {
    let messages = messages.lines().filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok());
    let is_it =
        |message: &serde_json::Value| message["target"]["name"].as_str().is_some_and(|n| n.replace('-', "_") == name);
    messages
        .filter(|message| message["reason"] == "compiler-artifact" && is_it(message))
        .filter_map(|message| message["filenames"].as_array().cloned())
        .flatten()
        .filter_map(|file| file.as_str().map(PathBuf::from))
        .find(|file| file.extension().is_some_and(|extension| extension == DLL_EXTENSION))
        .with_context(|| format!("cargo names no .{DLL_EXTENSION} file of {name}"))
}
