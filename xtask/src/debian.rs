//! Programs that Debian packages bring.

use crate::run::Run;
use anyhow::bail;
use std::path::Path;

/// A program, or another file, that a stage needs, and the Debian package that brings it.
#[derive(Clone, Copy)]
pub(crate) struct Program {
    /// Its path, or its bare name to be found in `PATH`.
    pub(crate) name: &'static str,
    pub(crate) package: &'static str,
}

pub(crate) const NODE: Program = Program { name: "node", package: "nodejs" };
pub(crate) const NPM: Program = Program { name: "npm", package: "npm" };
pub(crate) const PROMETHEUS: Program = Program { name: "prometheus", package: "prometheus" };
/// The package brings what makes an environment of its own for a project, and Python with it.
pub(crate) const PYTHON: Program = Program { name: "python3", package: "python3-venv" };
pub(crate) const CC: Program = Program { name: "gcc", package: "gcc" };
pub(crate) const NM: Program = Program { name: "nm", package: "binutils" };
pub(crate) const CMAKE: Program = Program { name: "cmake", package: "cmake" };
pub(crate) const NINJA: Program = Program { name: "ninja", package: "ninja-build" };
pub(crate) const PKG_CONFIG: Program = Program { name: "pkg-config", package: "pkg-config" };
pub(crate) const GTEST: Program = Program { name: "/usr/include/gtest/gtest.h", package: "libgtest-dev" };
/// Looks at Prometheus' rules, and comes with it.
pub(crate) const PROMTOOL: Program = Program { name: "promtool", package: "prometheus" };
/// Network namespaces, and the links between them.
pub(crate) const IP: Program = Program { name: "ip", package: "iproute2" };
pub(crate) const CXX: Program = Program { name: "c++", package: "g++" };
pub(crate) const CHROMIUM: Program = Program { name: "/usr/bin/chromium", package: "chromium" };
pub(crate) const FIREFOX: Program = Program { name: "/usr/bin/firefox-esr", package: "firefox-esr" };

/// Returns when every program of `needed` exists. Installs the missing ones if the run may do so;
/// otherwise fails, naming the line that installs them.
pub(crate) fn require(run: &Run<'_>, needed: &[Program]) -> anyhow::Result<()> {
    let missing = packages_of_missing(needed);
    if missing.is_empty() {
        return Ok(());
    }
    if !run.install {
        bail!("{}", advice(&missing));
    }
    let mut update = run.command("apt-get");
    run.show(update.arg("update"))?;
    let mut install = run.command("apt-get");
    install.env("DEBIAN_FRONTEND", "noninteractive").args(["install", "-y", "--no-install-recommends"]).args(&missing);
    run.show(&mut install)?;
    match packages_of_missing(needed)[..] {
        [] => Ok(()),
        ref still => bail!("installed, and still not found: {}", still.join(", ")),
    }
}

fn packages_of_missing(needed: &[Program]) -> Vec<&'static str> {
    let missing = needed.iter().filter(|program| !is_there(program.name));
    missing.map(|program| program.package).collect()
}

/// Whether `program` is a file: at its path, or by its bare name in a directory of `PATH`.
fn is_there(program: &str) -> bool {
    if program.contains('/') {
        return Path::new(program).is_file();
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|dir| dir.join(program).is_file())
}

fn advice(missing: &[&str]) -> String {
    format!(
        "this stage needs Debian packages that are not installed; run it with --install, or first\n    \
         apt-get update && apt-get install -y --no-install-recommends {}",
        missing.join(" ")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_are_found_by_name_and_by_path() {
        assert!(is_there("sh"));
        assert!(is_there("/bin/sh"));
        assert!(!is_there("no-such-program-here"));
        assert!(!is_there("/usr/bin/no-such-program-here"));
    }

    #[test]
    fn the_advice_names_the_packages_that_are_missing() {
        let needed = [
            Program { name: "sh", package: "dash" },
            Program { name: "no-such-program-here", package: "some-package" },
        ];
        let advice = advice(&packages_of_missing(&needed));
        assert!(advice.ends_with("--no-install-recommends some-package"), "{advice}");
    }
}
