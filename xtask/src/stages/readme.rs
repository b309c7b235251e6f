use crate::run::Run;
use crate::stage::{Stage, minutes};
use crate::workspace::LIBRARY;
use anyhow::{Context, ensure};
use std::fs;
use std::time::Duration;

pub(super) const STAGE: Stage = Stage {
    name: "readme",
    about: "the README's first example, pasted into an empty crate, builds and runs",
    timeout: minutes(4),
    deep_timeout: None,
    check,
};

fn check(run: &Run<'_>) -> anyhow::Result<()> {
    let readme = fs::read_to_string(run.workspace.root.join("README.md")).context("README.md")?;
    let example = first_rust_block(&readme).context("README.md has no block of Rust")?;
    ensure!(
        example.contains("fn main()"),
        "the first Rust block of README.md is no whole program: it has no `fn main()`"
    );
    let probe = run.workspace.target.join("readme-probe");
    fs::create_dir_all(probe.join("src"))?;
    fs::write(probe.join("src/main.rs"), example)?;
    fs::write(probe.join("Cargo.toml"), manifest(run)?)?;
    // The same versions as everywhere; cargo drops the entries that this crate does not need, so
    // the file cannot be `--locked` here.
    fs::copy(run.workspace.root.join("Cargo.lock"), probe.join("Cargo.lock"))?;
    let target = run.workspace.target_argument("readme-probe/target")?;
    let mut build = run.command("cargo");
    run.show(build.args(["build", "--target-dir", &target]).current_dir(&probe))?;
    let program = probe.join("target/debug/readme-probe");
    run.show_within(&mut run.command(program), Duration::from_secs(60))
}

fn manifest(run: &Run<'_>) -> anyhow::Result<String> {
    let library = &run.workspace.library()?.root;
    Ok(format!(
        "[package]\nname = \"readme-probe\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n\
         [dependencies]\n{LIBRARY} = {{ path = {library:?} }}\n\n\
         # Not a part of the workspace around it.\n[workspace]\n"
    ))
}

/// The first fenced block whose language is Rust.
fn first_rust_block(text: &str) -> Option<String> {
    let is_rust = |line: &str| {
        let language = line.strip_prefix("```")?.split(',').next()?;
        (language.trim() == "rust").then_some(())
    };
    let mut lines = text.lines().skip_while(|line| is_rust(line).is_none());
    lines.next()?;
    let block: Vec<&str> = lines.take_while(|line| !line.starts_with("```")).collect();
    Some(block.join("\n") + "\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_rust_block_is_found_among_others() {
        let text = "# Title\n```sh\ncargo run\n```\n\n```rust\nfn main() {}\n```\n```rust\nno\n```\n";
        assert_eq!(first_rust_block(text).unwrap(), "fn main() {}\n");
        assert_eq!(first_rust_block("```rust,no_run\na\nb\n```").unwrap(), "a\nb\n");
        assert_eq!(first_rust_block("```rusty\nfn main() {}\n```"), None);
        assert_eq!(first_rust_block("no code"), None);
    }
}
