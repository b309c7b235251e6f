use super::c::built;
use super::go;
use super::python::Python;
use crate::debian::{self, CXX};
use crate::header::{self, FFI};
use crate::run::Run;
use crate::stage::{Stage, minutes};
use anyhow::Context;
use std::fs;

pub(super) const STAGE: Stage = Stage {
    name: "interop",
    about: "processes in Python, Go, C++ and Rust on one ring: the same bytes, books that balance, each killed in turn, and a journal that goes from one to the next",
    timeout: minutes(10),
    deep_timeout: None,
    check,
};

const PROGRAMS: &str = "verification/interop/programs";

fn check(run: &Run<'_>) -> anyhow::Result<()> {
    debian::require(run, &[CXX])?;
    run.cargo(&["build", "--locked", "--package", FFI, "--package", "rring", "--package", "interop"])?;
    let (root, built) = (&run.workspace.root, built(run));
    let here = run.workspace.target.join("interop");
    fs::create_dir_all(&here).with_context(|| format!("making {}", here.display()))?;

    let consumer = here.join("consumer");
    let mut cxx = run.command(CXX.name);
    cxx.args(["-std=c++20", "-Wall", "-Wextra", "-Wpedantic", "-Werror", "-g", "-I", "bindings/cpp/include", "-I"]);
    cxx.arg(header::path(run.workspace)?.with_file_name("")).arg(format!("{PROGRAMS}/consumer.cpp"));
    cxx.arg("-o").arg(&consumer).arg(built.join("librusted_ring_ffi.so"));
    run.show(cxx.arg(format!("-Wl,-rpath,{}", built.display())))?;

    let in_go = |name: &str| {
        let program = here.join(name);
        let mut build = go::placed(run)?;
        run.show(build.args(["build", "-o"]).arg(&program).arg(root.join(PROGRAMS).join(format!("{name}.go"))))?;
        anyhow::Ok(program)
    };
    let (subscriber, mail) = (in_go("subscriber")?, in_go("mail")?);

    let python = Python::with_wheel(run)?;
    let mut meet = run.command(built.join("interop"));
    meet.arg(python.program("python")).arg(root.join(PROGRAMS).join("publisher.py"));
    meet.args([subscriber, consumer, built.join("rring"), root.join(PROGRAMS).join("mail.py"), mail]);
    run.show_within(&mut meet, minutes(3))
}
