use super::c::{built, same_stroke};
use crate::debian::{self, CC, PKG_CONFIG};
use crate::header::{self, FFI};
use crate::run::Run;
use crate::stage::{Stage, minutes};
use anyhow::{Context, ensure};
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::Path;
use std::process::Command;

pub(super) const STAGE: Stage = Stage {
    name: "go",
    about: "the Go module does what it promises, also under the race detector, alone and beside processes in Rust; strokes are the same as in Rust",
    timeout: minutes(10),
    deep_timeout: None,
    check,
};

const MODULE: &str = "bindings/go";
const STROKE: &str = "../../examples/stroke/stroke.go";

/// What the module does not call: what lends memory of the ring, because a slice of Go cannot be taken back; and reads of one event, which are batches of one; and the text of a full
/// ring by its blocker, because its errors keep the text; and compression, which programs ask for in Rust or C.
const UNCALLED: [&str; 8] = [
    "rusted_ring_abandon",
    "rusted_ring_borrow",
    "rusted_ring_claim",
    "rusted_ring_commit",
    "rusted_ring_full_text",
    "rusted_ring_read",
    "rusted_ring_release",
    "rusted_ring_try_read",
];

fn check(run: &Run<'_>) -> anyhow::Result<()> {
    debian::require(run, &[CC, PKG_CONFIG])?;
    let version = run.read(run.command("go").args(["env", "GOVERSION"]));
    print!("{}", version.context("Go is needed, 1.26 or later, and its `go` in PATH")?);
    run.cargo(&["build", "--locked", "--package", FFI, "--package", "rring"])?;
    every_function_is_declared(run)?;
    let library = place(run)?;
    let unformatted = run.read(run.command("gofmt").args(["-l", MODULE, "examples/stroke"]))?;
    ensure!(unformatted.is_empty(), "run `gofmt -w` on\n{unformatted}");
    let go = |arguments: &[&str]| {
        let mut go = go(run, &library);
        go.args(arguments);
        go
    };
    run.show(&mut go(&["vet", "./..."]))?;
    run.show(&mut go(&["vet", STROKE]))?;
    run.show(&mut go(&["test", "-count=1", "-timeout=3m", "./..."]))?;
    run.show(&mut go(&["test", "-count=1", "-timeout=3m", "-race", "./..."]))?;
    run.show(&mut by_pkg_config(run, go(&["test", "-count=1", "-timeout=1m", "-run=Example"]))?)?;
    let stroke = run.workspace.target.join("go/stroke");
    run.show(go(&["build", "-o"]).arg(&stroke).arg(STROKE))?;
    same_stroke(run, &mut run.command(&stroke))
}

/// A `go` in the module, which has the library that was built.
pub(super) fn placed(run: &Run<'_>) -> anyhow::Result<Command> {
    Ok(go(run, &place(run)?))
}

/// Go says of each function that is called that it keeps no pointer and calls nothing back, so that what it is given may lie on the stack.
fn every_function_is_declared(run: &Run<'_>) -> anyhow::Result<()> {
    let header = fs::read_to_string(header::path(run.workspace)?)?;
    let module = run.workspace.root.join(MODULE);
    let (go, shim) = (fs::read_to_string(module.join("abi.go"))?, fs::read_to_string(module.join("abi.h"))?);
    let declared = |name: &str| {
        ["noescape", "nocallback"].iter().all(|what| go.lines().any(|line| line == format!("#cgo {what} {name}")))
    };
    for name in header::functions(&header) {
        let called = declared(name) || shim.contains(&format!("{name}("));
        ensure!(called != UNCALLED.contains(&name), "{MODULE}/abi.go declares {name}, or does not, against the stage");
    }
    Ok(())
}

/// Puts the library and its header where the module looks for them, and returns a number that is another one when the library is.
fn place(run: &Run<'_>) -> anyhow::Result<String> {
    let lib = run.workspace.root.join(MODULE).join("lib/linux_amd64");
    fs::create_dir_all(&lib).with_context(|| format!("making {}", lib.display()))?;
    let archive = fs::read(built(run).join("librusted_ring_ffi.a")).context("reading the static library")?;
    fs::write(lib.join("librusted_ring.a"), &archive).context("placing the static library")?;
    fs::copy(header::path(run.workspace)?, lib.join("rusted_ring.h")).context("placing the header")?;
    let mut hasher = DefaultHasher::new();
    archive.hash(&mut hasher);
    Ok(format!("{:x}", hasher.finish()))
}

/// A `go` in the module. It does not look whether the library changed, so the flags say that.
fn go(run: &Run<'_>, library: &str) -> Command {
    let mut go = run.command("go");
    go.current_dir(run.workspace.root.join(MODULE));
    go.env("GOTOOLCHAIN", "local").env("GOFLAGS", "-buildvcs=false").env("CGO_ENABLED", "1");
    go.env("CGO_CFLAGS", format!("-g -O2 -DRUSTED_RING_LIBRARY=0x{library}"));
    go.env("RUSTED_RING_RRING", built(run).join("rring"));
    go
}

/// Links the shared library, as pkg-config describes it, instead.
fn by_pkg_config(run: &Run<'_>, mut go: Command) -> anyhow::Result<Command> {
    let here = run.workspace.target.join("go");
    fs::create_dir_all(&here)?;
    let (built, include) = (built(run), header::path(run.workspace)?);
    let include = include.parent().unwrap_or(Path::new("."));
    let description = format!(
        "Name: rusted_ring\nDescription: as it was built\nVersion: {}\nCflags: -I{}\nLibs: -L{} -lrusted_ring_ffi -Wl,-rpath,{}\n",
        run.workspace.package(FFI)?.version,
        include.display(),
        built.display(),
        built.display(),
    );
    fs::write(here.join("rusted_ring.pc"), description).context("describing the library")?;
    go.args(["-tags=rusted_ring_pkgconfig", "."]).env("PKG_CONFIG_PATH", here);
    Ok(go)
}
