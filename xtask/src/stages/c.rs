use super::c_install as install;
use crate::debian::{self, CC, NM};
use crate::header::{self, FFI};
use crate::run::Run;
use crate::stage::{Stage, minutes};
use anyhow::{Context, ensure};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

pub(super) const STAGE: Stage = Stage {
    name: "c",
    about: "the header is that of the crate, the library exports what it declares, and programs in C use every function",
    timeout: minutes(10),
    // The first time, cargo-c is built.
    deep_timeout: Some(minutes(60)),
    check,
};

/// The programs of `tests/c`, and what they are called with.
const PROGRAMS: [(&str, &[Argument]); 5] = [
    ("calls", &[Argument::Directory]),
    ("journal", &[Argument::Directory]),
    ("threads", &[]),
    ("forks", &[]),
    ("processes", &[Argument::Directory, Argument::Rring]),
];

/// An argument of a program.
enum Argument {
    /// A directory for its files, in memory.
    Directory,
    /// The path of `rring`.
    Rring,
}

/// What every program is compiled with.
const FLAGS: [&str; 7] = ["-std=c11", "-D_GNU_SOURCE", "-Wall", "-Wextra", "-Wpedantic", "-Werror", "-g"];

/// How a program is linked, and what is looked at while it runs.
struct Way {
    name: &'static str,
    flags: &'static [&'static str],
    /// The library's file.
    library: &'static str,
}

const WAYS: [Way; 3] = [
    Way { name: "shared", flags: &[], library: "librusted_ring_ffi.so" },
    Way {
        name: "static",
        flags: &["-lgcc_s", "-lutil", "-lrt", "-lpthread", "-lm", "-ldl"],
        library: "librusted_ring_ffi.a",
    },
    Way {
        name: "sanitized",
        flags: &["-fsanitize=address,undefined", "-fno-sanitize-recover=all", "-fno-omit-frame-pointer"],
        library: "librusted_ring_ffi.so",
    },
];

fn check(run: &Run<'_>) -> anyhow::Result<()> {
    debian::require(run, &[CC, NM])?;
    header::check(run.workspace)?;
    install::version(run)?;
    run.cargo(&["build", "--locked", "--package", FFI, "--package", "rring"])?;
    let built = built(run);
    exports(run, &built.join("librusted_ring_ffi.so"))?;
    let root = &run.workspace.package(FFI)?.root;
    every_function_is_called(run, root)?;
    let here = run.workspace.target.join("c");
    // What a run that was stopped has left there.
    if here.exists() {
        fs::remove_dir_all(&here).with_context(|| format!("removing {}", here.display()))?;
    }
    fs::create_dir_all(&here)?;
    for way in WAYS {
        for (name, arguments) in PROGRAMS {
            let program = compile(run, root, &built, &here, &way, name)?;
            let mut command = run.command(&program);
            for argument in arguments {
                match argument {
                    Argument::Directory => command.arg(&here),
                    Argument::Rring => command.arg(built.join("rring")),
                };
            }
            run.show_within(&mut command, minutes(2))?;
        }
    }
    let stroke = here.join("stroke");
    let mut cc = run.command(CC.name);
    cc.args(FLAGS).arg("-I").arg(root.join("include")).arg("examples/stroke/stroke.c").arg("-o").arg(&stroke);
    run.show(cc.arg(built.join("librusted_ring_ffi.so")).arg(format!("-Wl,-rpath,{}", built.display())))?;
    same_stroke(run, &mut run.command(&stroke))?;
    if run.deep { install::check(run) } else { Ok(()) }
}

/// Where cargo puts what it builds.
pub(super) fn built(run: &Run<'_>) -> PathBuf {
    run.workspace.target.join("debug")
}

/// The program prints what examples/stroke prints in Rust.
pub(super) fn same_stroke(run: &Run<'_>, program: &mut Command) -> anyhow::Result<()> {
    let rust = run.read(run.command("cargo").args(["run", "--quiet", "--locked", "--package", "stroke"]))?;
    let other = run.read(program)?;
    ensure!(rust.lines().count() > 5, "examples/stroke says too little in Rust:\n{rust}");
    ensure!(rust == other, "{} and Rust's stroke differ:\n{other}\n{rust}", run.as_typed(program));
    print!("{other}");
    Ok(())
}

/// Compiles a program, and returns its path.
fn compile(run: &Run<'_>, root: &Path, built: &Path, here: &Path, way: &Way, name: &str) -> anyhow::Result<PathBuf> {
    let program = here.join(format!("{name}-{}", way.name));
    let version = format!("-DVERSION=\"{}\"", run.workspace.package(FFI)?.version);
    let mut cc = run.command(CC.name);
    cc.args(FLAGS).arg(version).arg("-I").arg(root.join("include")).arg(root.join(format!("tests/c/{name}.c")));
    cc.arg("-o").arg(&program).arg(built.join(way.library)).args(way.flags).arg("-lpthread");
    cc.arg(format!("-Wl,-rpath,{}", built.display()));
    run.show(&mut cc)?;
    Ok(program)
}

/// The programs call every function that the header declares.
fn every_function_is_called(run: &Run<'_>, root: &Path) -> anyhow::Result<()> {
    let header = fs::read_to_string(header::path(run.workspace)?)?;
    let mut sources = String::new();
    for (name, _) in PROGRAMS {
        sources += &fs::read_to_string(root.join(format!("tests/c/{name}.c")))?;
    }
    let uncalled: Vec<&str> =
        header::functions(&header).into_iter().filter(|name| !sources.contains(&format!("{name}("))).collect();
    ensure!(uncalled.is_empty(), "no program in tests/c calls {}", uncalled.join(", "));
    Ok(())
}

/// The library exports what the header declares, and nothing else.
fn exports(run: &Run<'_>, library: &Path) -> anyhow::Result<()> {
    let listed = run.read(run.command(NM.name).args(["-D", "--defined-only", "--format=posix"]).arg(library))?;
    let mut exported: Vec<&str> = listed.lines().filter_map(|line| line.split(' ').next()).collect();
    let header = fs::read_to_string(header::path(run.workspace)?)?;
    let mut declared = header::functions(&header);
    exported.sort_unstable();
    declared.sort_unstable();
    ensure!(!declared.is_empty(), "no function was found in the header");
    let only = |these: &[&str], those: &[&str]| -> Vec<String> {
        these.iter().filter(|name| !those.contains(name)).map(|name| (*name).to_owned()).collect()
    };
    let (undeclared, missing) = (only(&exported, &declared), only(&declared, &exported));
    ensure!(undeclared.is_empty(), "exported, and not in the header: {}", undeclared.join(", "));
    ensure!(missing.is_empty(), "in the header, and not exported: {}", missing.join(", "));
    println!("{} functions are declared and exported", declared.len());
    Ok(())
}
