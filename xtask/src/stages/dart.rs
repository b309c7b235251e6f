use super::c::{built, same_stroke};
use crate::dart::{self, PACKAGE};
use crate::debian::{self, CC};
use crate::header::FFI;
use crate::run::Run;
use crate::stage::{Stage, minutes};
use anyhow::{Context, ensure};
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

pub(super) const STAGE: Stage = Stage {
    name: "dart",
    about: "the Dart package is Dart, declares what the header does, and what it declares calls the library; no Dart SDK plays a part",
    timeout: minutes(10),
    deep_timeout: None,
    check,
};

/// Where Dart is, below the root.
const PLACES: [&str; 2] = [PACKAGE, "examples/stroke"];

fn check(run: &Run<'_>) -> anyhow::Result<()> {
    debian::require(run, &[CC])?;
    let functions = dart::check(run.workspace)?;
    let mut files = Vec::new();
    for place in PLACES {
        files_below(&run.workspace.root.join(place), &mut files)?;
    }
    for file in &files {
        let source = fs::read_to_string(file).with_context(|| format!("reading {}", file.display()))?;
        dart::check_syntax(&source).with_context(|| file.display().to_string())?;
    }
    println!("{} files are Dart, and declare {functions} functions as the header does", files.len());
    ensure!(files.len() > 10, "more files of Dart were expected");

    run.cargo(&["build", "--locked", "--package", FFI, "--package", "rring"])?;
    let here = run.workspace.target.join("dart");
    // What a run that was stopped has left there.
    if here.exists() {
        fs::remove_dir_all(&here).with_context(|| format!("removing {}", here.display()))?;
    }
    fs::create_dir_all(&here)?;
    let (header, layouts) = dart::as_c(run.workspace)?;
    fs::write(here.join("rusted_ring.h"), header)?;
    fs::write(here.join("layouts.c"), layouts)?;
    let root = &run.workspace.package(FFI)?.root;
    let mut cc = run.command(CC.name);
    run.show(cc.args(["-std=c11", "-fsyntax-only", "-I"]).arg(root.join("include")).arg(here.join("layouts.c")))?;

    // The header that Dart's declarations make takes the place of the library's own: what the programs call is what Dart would call.
    for source in ["tests/c/calls.c", "tests/c/journal.c"] {
        let program = compile(run, &here, &root.join(source))?;
        run.show_within(run.command(&program).arg(&here), minutes(2))?;
    }
    for source in ["examples/stroke/stroke.c", "bindings/dart/tests/sequence.c"] {
        same_stroke(run, &mut run.command(compile(run, &here, &run.workspace.root.join(source))?))?;
    }
    Ok(())
}

/// Compiles a program of C with the header in `here`, and returns its path.
fn compile(run: &Run<'_>, here: &Path, source: &Path) -> anyhow::Result<PathBuf> {
    let name = source.file_stem().context("a source has a name")?;
    let program = here.join(format!("{}-as-dart", name.display()));
    let mut cc = run.command(CC.name);
    // What is declared in Dart has no `const`.
    cc.args(["-std=c11", "-D_GNU_SOURCE", "-Wall", "-Wextra", "-Werror", "-Wno-discarded-qualifiers", "-g", "-I"])
        .arg(here);
    cc.arg(format!("-DVERSION=\"{}\"", run.workspace.package(FFI)?.version));
    cc.arg(format!("-DRUSTED_RING_LIBRARY=\"{}\"", built(run).join("librusted_ring_ffi.so").display()));
    run.show(cc.arg(source).arg("-o").arg(&program).args(["-lpthread", "-ldl"]))?;
    Ok(program)
}

/// Adds the files of Dart in a directory, and in those in it.
fn files_below(directory: &Path, files: &mut Vec<PathBuf>) -> anyhow::Result<()> {
    for entry in fs::read_dir(directory).with_context(|| format!("reading {}", directory.display()))? {
        let path = entry?.path();
        if path.is_dir() {
            files_below(&path, files)?;
        } else if path.extension() == Some(OsStr::new("dart")) {
            files.push(path);
        }
    }
    Ok(())
}
