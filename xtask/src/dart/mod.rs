//! The Dart package: its declarations of the C ABI are generated, and read back, by somebody who is not Dart.

mod abi;
mod as_c;
mod declared;
mod generated;
mod header;
mod tree;

use crate::workspace::Workspace;
use crate::{cli, header as c_header};
use abi::{Abi, Function};
use anyhow::{Context, bail, ensure};
use generated::{AT_ONCE, LEAVES, waits};
use std::collections::HashSet;
use std::fs;
use std::path::PathBuf;

/// The directory of the package.
pub(crate) const PACKAGE: &str = "bindings/dart";

/// The command `cargo xtask dart`.
pub(crate) fn dart(arguments: &cli::Dart) -> anyhow::Result<bool> {
    let workspace = Workspace::load()?;
    if arguments.write {
        let path = path(&workspace);
        fs::write(&path, generated(&workspace)?).with_context(|| format!("writing {}", path.display()))?;
        println!("wrote {}", path.display());
        return Ok(true);
    }
    check(&workspace)?;
    println!("the declarations are those of the header");
    Ok(true)
}

/// Fails unless the declarations that are checked in are the generated ones, and, read as Dart, say what the header says. Returns how many functions there are.
pub(crate) fn check(workspace: &Workspace) -> anyhow::Result<usize> {
    let path = path(workspace);
    let kept = fs::read_to_string(&path).with_context(|| format!("reading {}", path.display()))?;
    if let Some(line) = c_header::difference(&kept, &generated(workspace)?) {
        bail!("{} is not of the header from line {line} on: run `cargo xtask dart --write`", path.display());
    }
    let (header, _) = header::read(&fs::read_to_string(c_header::path(workspace)?)?)?;
    compare(&header, &declared::read(&kept)?)?;
    Ok(header.functions.len())
}

/// Fails unless `source` is Dart.
pub(crate) fn check_syntax(source: &str) -> anyhow::Result<()> {
    declared::check_syntax(source)
}

/// What the package declares, as a header that calls the library as Dart does, and as a file that compiles if structures lie as Dart believes.
pub(crate) fn as_c(workspace: &Workspace) -> anyhow::Result<(String, String)> {
    let declared = declared::read(&fs::read_to_string(path(workspace))?)?;
    Ok((as_c::header(&declared), as_c::layouts(&declared)))
}

fn path(workspace: &Workspace) -> PathBuf {
    workspace.root.join(PACKAGE).join("lib/src/abi.g.dart")
}

fn generated(workspace: &Workspace) -> anyhow::Result<String> {
    let (abi, docs) = header::read(&fs::read_to_string(c_header::path(workspace)?)?)?;
    Ok(generated::dart(&abi, &docs))
}

/// Fails unless the Dart declarations say what the header says.
fn compare(header: &Abi, dart: &Abi) -> anyhow::Result<()> {
    ensure!(!header.functions.is_empty(), "the header declares nothing");
    ensure!(dart.constants == header.constants, "constants differ: {:?}, {:?}", dart.constants, header.constants);
    ensure!(dart.structs == header.structs, "structures differ: {:?}, {:?}", dart.structs, header.structs);
    let mut declared = HashSet::new();
    for each in &dart.functions {
        let of = header.functions.iter().find(|function| function.symbol == each.symbol);
        let of = of.with_context(|| format!("the library has no {}", each.symbol))?;
        ensure!(each.parameters == of.parameters && each.returns == of.returns, "{each:?} is declared, and is {of:?}");
        let may_be_leaf = LEAVES.contains(&each.name.as_str()) || is_at_once(each, of);
        ensure!(!each.is_leaf || may_be_leaf, "{} is a leaf, and may wait", each.name);
        ensure!(each.name == each.symbol || is_at_once(each, of), "{} calls {}", each.name, each.symbol);
        ensure!(declared.insert(&each.name), "{} is declared twice", each.name);
    }
    for each in &header.functions {
        ensure!(declared.contains(&each.name), "{} is not declared", each.name);
        ensure!(!(waits(each) && LEAVES.contains(&each.name.as_str())), "{} waits, and is among the leaves", each.name);
    }
    for leaf in LEAVES {
        ensure!(header.functions.iter().any(|function| function.name == leaf), "there is no leaf {leaf}");
    }
    Ok(())
}

fn is_at_once(function: &Function, of: &Function) -> bool {
    waits(of) && function.name.strip_suffix(AT_ONCE) == Some(&of.name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn repository() -> (Abi, String) {
        let workspace = Workspace::load().unwrap();
        let (abi, docs) = header::read(&fs::read_to_string(c_header::path(&workspace).unwrap()).unwrap()).unwrap();
        let text = generated::dart(&abi, &docs);
        (abi, text)
    }

    #[test]
    fn what_is_generated_says_what_the_header_says() {
        let (header, text) = repository();
        compare(&header, &declared::read(&text).unwrap()).unwrap();
    }

    #[test]
    fn every_change_of_a_declaration_is_noticed() {
        let (header, text) = repository();
        let changes = [
            ("RUSTED_RING_FULL = -1", "RUSTED_RING_FULL = -2"),
            ("@ffi.Array(32)", "@ffi.Array(24)"),
            ("@ffi.Uint32()\n  external int len", "@ffi.Uint64()\n  external int len"),
            ("external int sequence;", "external int number;"),
            ("ffi.Opaque {}", "ffi.Struct {}"),
            ("external int rusted_ring_close(", "external int rusted_ring_shut("),
            ("isLeaf: true)\nexternal int rusted_ring_emit(", "isLeaf: false)\nexternal int rusted_ring_emit("),
            (
                "Function(ffi.Pointer<rusted_ring_pools>, ffi.Pointer<ffi.Void>, ffi.Size",
                "Function(ffi.Pointer<rusted_ring_pools>, ffi.Size, ffi.Pointer<ffi.Void>",
            ),
            (">()\nexternal int rusted_ring_wait(", ">(isLeaf: true)\nexternal int rusted_ring_wait("),
            ("symbol: 'rusted_ring_publish'", "symbol: 'rusted_ring_publish_batch'"),
            ("double pressure", "int pressure"),
            ("external ffi.Pointer<ffi.Char> rusted_ring_version();", "external int rusted_ring_version();"),
        ];
        for (from, to) in changes {
            assert!(text.contains(from), "{from}");
            let changed = text.replacen(from, to, 1);
            let judged = declared::read(&changed).and_then(|dart| compare(&header, &dart));
            assert!(judged.is_err(), "{from}");
        }
    }

    #[test]
    fn what_is_no_dart_is_told_with_its_line() {
        let error = check_syntax("void main() {\n  var = ;\n}\n").unwrap_err().to_string();
        assert!(error.starts_with("line 2"), "{error}");
    }
}
