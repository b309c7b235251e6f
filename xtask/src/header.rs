//! The header of the C ABI: generated from the crate, checked in, and the same.

use crate::cli;
use crate::workspace::Workspace;
use anyhow::{Context, bail};
use std::fs;
use std::path::PathBuf;

/// The package of the C ABI.
pub(crate) const FFI: &str = "rusted-ring-ffi";

/// The command `cargo xtask header`.
pub(crate) fn header(arguments: &cli::Header) -> anyhow::Result<bool> {
    let workspace = Workspace::load()?;
    if arguments.write {
        let path = path(&workspace)?;
        fs::write(&path, generated(&workspace)?).with_context(|| format!("writing {}", path.display()))?;
        println!("wrote {}", path.display());
        return Ok(true);
    }
    check(&workspace)?;
    println!("the header is that of the crate");
    Ok(true)
}

/// Fails unless the header that is checked in is the generated one.
pub(crate) fn check(workspace: &Workspace) -> anyhow::Result<()> {
    let path = path(workspace)?;
    let kept = fs::read_to_string(&path).with_context(|| format!("reading {}", path.display()))?;
    match difference(&kept, &generated(workspace)?) {
        None => Ok(()),
        Some(line) => bail!(
            "{} differs from the crate from line {line} on: run `cargo xtask header --write`, look at what changed, and raise \
             RUSTED_RING_ABI_VERSION if programs that were built before no longer work",
            path.display()
        ),
    }
}

/// The names of the functions that a header declares.
pub(crate) fn functions(header: &str) -> Vec<&str> {
    let code = header.lines().filter(|line| !line.trim_start().starts_with("//"));
    let calls = code.filter_map(|line| line.split_once('(')).filter(|(before, _)| !before.starts_with('#'));
    let names = calls.filter_map(|(before, _)| before.rsplit([' ', '*']).next());
    names.filter(|name| name.starts_with("rusted_ring_")).collect()
}

/// Where the header is.
pub(crate) fn path(workspace: &Workspace) -> anyhow::Result<PathBuf> {
    Ok(workspace.package(FFI)?.root.join("include/rusted_ring.h"))
}

fn generated(workspace: &Workspace) -> anyhow::Result<String> {
    let root = &workspace.package(FFI)?.root;
    let config = cbindgen::Config::from_file(root.join("cbindgen.toml")).map_err(anyhow::Error::msg)?;
    let bindings = cbindgen::Builder::new().with_crate(root).with_config(config).generate();
    let mut text = Vec::new();
    bindings.context("generating the header")?.write(&mut text);
    Ok(String::from_utf8(text)?)
}

/// The first line in which two texts differ, counted from 1.
pub(crate) fn difference(one: &str, other: &str) -> Option<usize> {
    if one == other {
        return None;
    }
    let same = one.lines().zip(other.lines()).take_while(|(one, other)| one == other).count();
    Some(same + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_functions_of_a_header_are_found() {
        let header = "// rusted_ring_no(1)\n#define A(x) rusted_ring_no(x)\nint32_t rusted_ring_one(void);\nconst char *rusted_ring_two(int a,\n    int b);\ntypedef struct rusted_ring rusted_ring;";
        assert_eq!(functions(header), ["rusted_ring_one", "rusted_ring_two"]);
    }

    #[test]
    fn texts_differ_from_a_line_on() {
        assert_eq!(difference("a\nb", "a\nb"), None);
        assert_eq!(difference("a\nb", "a\nc"), Some(2));
        assert_eq!(difference("a", "a\nc"), Some(2));
    }
}
