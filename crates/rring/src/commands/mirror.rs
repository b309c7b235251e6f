//! Mirrors between machines, which another program keeps: who has no use for them does not build a network.

use std::{
    env,
    io::ErrorKind,
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, bail};

use crate::cli::Mirror;

/// The program, which the crate `rusted-ring-gateway` has.
const PROGRAM: &str = "rring-mirror";

/// Becomes the program: from beside this one, or else from the `PATH`.
pub(crate) fn run(mirror: &Mirror) -> anyhow::Result<()> {
    let beside = env::current_exe().ok().map(|here| here.with_file_name(PROGRAM)).filter(|path| path.is_file());
    let program = beside.unwrap_or_else(|| PathBuf::from(PROGRAM));
    let error = Command::new(&program).args(&mirror.arguments).exec();
    if error.kind() == ErrorKind::NotFound && program == Path::new(PROGRAM) {
        bail!(
            "{PROGRAM} is neither beside rring nor in a directory of PATH: it keeps the mirrors, and is a program of its own; install it by `cargo install --path \
             crates/rusted-ring-gateway`, from the repository of rusted-ring"
        );
    }
    Err(error).with_context(|| format!("executing {}", program.display()))
}
