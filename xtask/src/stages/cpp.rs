use super::c::{built, same_stroke};
use crate::debian::{self, CXX, GTEST};
use crate::header::FFI;
use crate::run::Run;
use crate::stage::{Stage, minutes};
use std::fs;

pub(super) const STAGE: Stage = Stage {
    name: "cpp",
    about: "the C++ binding does what it promises, under AddressSanitizer and UndefinedBehaviorSanitizer; strokes are the same as in Rust",
    timeout: minutes(10),
    deep_timeout: None,
    check,
};

/// The programs of `bindings/cpp/tests`.
const PROGRAMS: [&str; 2] = ["rings", "journals"];
const FLAGS: [&str; 6] = ["-std=c++20", "-Wall", "-Wextra", "-Wpedantic", "-Werror", "-g"];
const SANITIZED: [&str; 3] = ["-fsanitize=address,undefined", "-fno-sanitize-recover=all", "-fno-omit-frame-pointer"];
/// The binding's headers, and the C ABI's.
const INCLUDES: [&str; 4] = ["-I", "bindings/cpp/include", "-I", "crates/rusted-ring-ffi/include"];

fn check(run: &Run<'_>) -> anyhow::Result<()> {
    debian::require(run, &[CXX, GTEST])?;
    run.cargo(&["build", "--locked", "--package", FFI])?;
    let here = run.workspace.target.join("cpp");
    fs::create_dir_all(&here)?;
    let library = built(run).join("librusted_ring_ffi.so");
    let path = format!("-Wl,-rpath,{}", built(run).display());
    for name in PROGRAMS {
        let program = here.join(name);
        let mut cxx = run.command(CXX.name);
        cxx.args(FLAGS).args(SANITIZED).args(INCLUDES).arg(format!("bindings/cpp/tests/{name}.cpp")).arg("-o");
        cxx.arg(&program).arg(&library).arg(&path).args(["-lgtest", "-lgtest_main", "-lpthread"]);
        run.show(&mut cxx)?;
        run.show_within(&mut run.command(&program), minutes(2))?;
    }
    let stroke = here.join("stroke");
    let mut cxx = run.command(CXX.name);
    cxx.args(FLAGS).args(INCLUDES).arg("examples/stroke/stroke.cpp").arg("-o").arg(&stroke);
    run.show(cxx.arg(&library).arg(&path))?;
    same_stroke(run, &mut run.command(&stroke))
}
