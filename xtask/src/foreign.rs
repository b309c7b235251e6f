//! Building for other processors, and running the result: Debian's compiler, whose standard library exists for more
//! of them than that of the running cargo, a linker for each, and QEMU.

use crate::debian::{self, Program};
use crate::run::Run;
use crate::workspace::LIBRARY;
use anyhow::{Context, ensure};
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A processor whose programs run here.
pub(crate) struct Machine {
    /// The name that rustc uses.
    target: &'static str,
    linker: Program,
    /// The C library for statically linked programs: dynamically linked ones hang in QEMU 7.2.
    libc: Program,
    emulator: Program,
}

pub(crate) const AARCH64: Machine = Machine {
    target: "aarch64-unknown-linux-gnu",
    linker: Program { name: "aarch64-linux-gnu-gcc", package: "gcc-aarch64-linux-gnu" },
    libc: Program { name: "/usr/aarch64-linux-gnu/lib/libc.a", package: "libc6-dev-arm64-cross" },
    emulator: Program { name: "qemu-aarch64-static", package: "qemu-user-static" },
};

impl Machine {
    /// Returns when the programs that link and run for this machine are installed.
    pub(crate) fn require(&self, run: &Run<'_>) -> anyhow::Result<()> {
        debian::require(run, &[self.linker, self.libc, self.emulator])
    }

    /// A cargo of `compiler` that links and runs programs for this machine, in the workspace at `root`. Its tests never
    /// take their long form, which is for real processors.
    pub(crate) fn cargo(&self, compiler: &Compiler, root: &Path, command: &str) -> Command {
        let mut cargo = compiler.cargo(root);
        let setting = |name: &str| format!("CARGO_TARGET_{}_{name}", self.target.to_uppercase().replace('-', "_"));
        cargo.env(setting("LINKER"), self.linker.name);
        cargo.env(setting("RUNNER"), self.emulator.name);
        cargo.env(setting("RUSTFLAGS"), "-C target-feature=+crt-static");
        cargo.args([command, "--package", LIBRARY, "--locked", "--target", self.target]);
        cargo
    }
}

/// The packages to unpack: the compiler, its standard library for Arm, and the source of that for all other targets.
const PACKAGES: [&str; 3] = ["rustc-web", "libstd-rust-web-dev:arm64", "rust-web-src"];

/// Debian's compiler, unpacked in the target directory. Installing it would displace any other compiler, whose package it
/// conflicts with, and its library for Arm would bring half a system.
pub(crate) struct Compiler {
    root: PathBuf,
}

impl Compiler {
    /// Downloads and unpacks the compiler, unless an earlier run did.
    pub(crate) fn unpacked(run: &Run<'_>) -> anyhow::Result<Self> {
        let home = run.workspace.target.join("foreign");
        let compiler = Self { root: home.join("root") };
        let mark = home.join("unpacked");
        let wanted = PACKAGES.join(" ");
        if fs::read_to_string(&mark).is_ok_and(|found| found == wanted) {
            return Ok(compiler);
        }
        if home.exists() {
            fs::remove_dir_all(&home).with_context(|| format!("removing {}", home.display()))?;
        }
        let archives = Apt::new(run, &home)?.download(&PACKAGES)?;
        for archive in archives {
            run.show(run.command("dpkg-deb").arg("-x").arg(archive).arg(&compiler.root))?;
        }
        fs::remove_dir_all(home.join("apt")).context("removing what is unpacked")?;
        fs::write(&mark, wanted).with_context(|| format!("writing {}", mark.display()))?;
        Ok(compiler)
    }

    /// A cargo that compiles with it.
    pub(crate) fn cargo(&self, root: &Path) -> Command {
        let mut cargo = Command::new("cargo");
        cargo.current_dir(root).env("RUSTC", self.root.join("usr/bin/rustc"));
        cargo.env("LD_LIBRARY_PATH", self.root.join("usr/lib/x86_64-linux-gnu"));
        cargo
    }
}

/// An apt that keeps everything it writes in a directory of its own, and knows Arm's packages: the system does not change.
struct Apt<'a> {
    run: &'a Run<'a>,
    archives: PathBuf,
    settings: Vec<String>,
}

impl<'a> Apt<'a> {
    fn new(run: &'a Run<'a>, home: &Path) -> anyhow::Result<Self> {
        let (state, cache) = (home.join("apt/state"), home.join("apt/cache"));
        let archives = cache.join("archives");
        for directory in [state.join("lists/partial"), archives.join("partial")] {
            fs::create_dir_all(&directory).with_context(|| format!("making {}", directory.display()))?;
        }
        let settings = [
            "APT::Architectures::=amd64".to_owned(),
            "APT::Architectures::=arm64".to_owned(),
            format!("Dir::State={}", state.display()),
            // What the compiler needs and the system already has is not downloaded.
            "Dir::State::status=/var/lib/dpkg/status".to_owned(),
            format!("Dir::Cache={}", cache.display()),
            "Debug::NoLocking=1".to_owned(),
            // Another user may not be allowed into this directory.
            "APT::Sandbox::User=".to_owned(),
        ];
        Ok(Self { run, archives, settings: settings.to_vec() })
    }

    /// Downloads `packages`, and for the first also its dependencies.
    fn download(&self, packages: &[&str]) -> anyhow::Result<Vec<PathBuf>> {
        self.get(["update"])?;
        self.get(["install", "--download-only", "--yes", "--no-install-recommends", packages[0]])?;
        self.get(["download"].iter().chain(packages))?;
        let archives = fs::read_dir(&self.archives)?.map(|entry| Ok(entry?.path()));
        let archives: Vec<PathBuf> = archives.collect::<anyhow::Result<_>>()?;
        let archives: Vec<PathBuf> =
            archives.into_iter().filter(|path| path.extension() == Some(OsStr::new("deb"))).collect();
        ensure!(archives.len() >= packages.len(), "apt-get downloaded only {archives:?}");
        Ok(archives)
    }

    fn get(&self, arguments: impl IntoIterator<Item = impl AsRef<OsStr>>) -> anyhow::Result<()> {
        let mut apt = self.run.command("apt-get");
        apt.current_dir(&self.archives);
        for setting in &self.settings {
            apt.args(["-o", setting]);
        }
        self.run.show(apt.args(arguments))
    }
}
