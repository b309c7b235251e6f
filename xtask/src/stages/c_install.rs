//! What cargo-c installs, moved elsewhere: part of the stage `c` under `--deep`, because cargo-c takes minutes to build.

use super::c::same_stroke;
use crate::debian::{self, CMAKE, NINJA, PKG_CONFIG};
use crate::header::FFI;
use crate::run::Run;
use crate::tool::CINSTALL;
use anyhow::{Context, ensure};
use std::fs;

/// A project that finds the package by CMake alone.
const PROJECT: &str = "\
cmake_minimum_required(VERSION 3.21)
project(stroke C)
find_package(rusted_ring VERSION REQUIRED)
foreach(way rusted_ring static)
  add_executable(${way} stroke.c)
  target_link_libraries(${way} PRIVATE rusted_ring::${way})
endforeach()
";

/// The version that the CMake package says is the crate's.
pub(super) fn version(run: &Run<'_>) -> anyhow::Result<()> {
    let package = run.workspace.package(FFI)?;
    let said = fs::read_to_string(package.root.join("cmake/rusted_ring-config-version.cmake"))?;
    let wanted = format!("set(PACKAGE_VERSION \"{}\")", package.version);
    ensure!(said.contains(&wanted), "cmake/rusted_ring-config-version.cmake lacks `{wanted}`");
    Ok(())
}

/// Installs the library by cargo-c, moves what was installed, and compiles programs against it, by pkg-config alone and by CMake alone.
pub(super) fn check(run: &Run<'_>) -> anyhow::Result<()> {
    debian::require(run, &[CMAKE, NINJA, PKG_CONFIG])?;
    let tool = CINSTALL.installed(run.workspace)?;
    let here = run.workspace.target.join("c-install");
    if here.exists() {
        fs::remove_dir_all(&here).with_context(|| format!("removing {}", here.display()))?;
    }
    let (made, moved) = (here.join("made"), here.join("moved"));
    let package = run.workspace.package(FFI)?;
    let mut install = run.command(tool);
    install
        .current_dir(&package.root)
        .args(["cinstall", "--debug", "--locked", "--prefix", "/usr", "--libdir", "/usr/lib"]);
    run.show(install.arg("--destdir").arg(&made))?;
    fs::rename(&made, &moved)?;
    let (prefix, stroke) = (moved.join("usr"), run.workspace.root.join("examples/stroke/stroke.c"));

    let mut ask = run.command(PKG_CONFIG.name);
    ask.env("PKG_CONFIG_PATH", prefix.join("lib/pkgconfig")).args([
        "--define-prefix",
        "--cflags",
        "--libs",
        "rusted_ring",
    ]);
    let flags = run.read(&mut ask)?;
    let program = here.join("by-pkg-config");
    let mut cc = run.command("gcc");
    cc.arg(&stroke).arg("-o").arg(&program).args(flags.split_whitespace());
    run.show(cc.arg(format!("-Wl,-rpath,{}", prefix.join("lib").display())))?;
    same_stroke(run, &mut run.command(&program))?;

    let (project, build) = (here.join("project"), here.join("project/build"));
    fs::create_dir_all(&project)?;
    fs::write(
        project.join("CMakeLists.txt"),
        PROJECT.replace("VERSION REQUIRED", &format!("{} REQUIRED", package.version)),
    )?;
    fs::copy(&stroke, project.join("stroke.c"))?;
    let mut cmake = run.command(CMAKE.name);
    cmake.arg("-S").arg(&project).arg("-B").arg(&build).args(["-G", "Ninja"]);
    run.show(cmake.arg(format!("-DCMAKE_PREFIX_PATH={}", prefix.display())))?;
    run.show(run.command(CMAKE.name).arg("--build").arg(&build))?;
    for way in ["rusted_ring", "static"] {
        same_stroke(run, &mut run.command(build.join(way)))?;
    }
    Ok(())
}
