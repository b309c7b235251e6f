//! Reads the document that explains survivors: items of a list, ``- `file`: `change`: reason``, a reason over several lines
//! if need be. An item explains one survivor; two of one name need two.

use anyhow::{Context, ensure};

/// The document, from the workspace's root.
pub(super) const DOCUMENT: &str = "docs/MUTANTS.md";

/// A mutant that survives, and why that is right.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Survivor {
    pub(super) line: usize,
    /// From the library's sources.
    pub(super) file: String,
    pub(super) change: String,
}

impl Survivor {
    pub(super) fn parse(text: &str) -> anyhow::Result<Vec<Self>> {
        let items = (1..).zip(text.lines()).filter(|(_, said)| said.starts_with("- `"));
        let survivor = |(line, said): (usize, &str)| {
            let parts = said["- `".len()..].split_once("`: `");
            let parts = parts.and_then(|(file, rest)| Some((file, rest.split_once("`: ")?)));
            let (file, (change, reason)) =
                parts.with_context(|| format!("{DOCUMENT}:{line}: an item is - `file`: `change`: reason"))?;
            ensure!(!reason.trim().is_empty(), "{DOCUMENT}:{line}: the reason is missing");
            Ok(Self { line, file: file.to_owned(), change: change.to_owned() })
        };
        items.map(survivor).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_are_read_and_must_be_whole() {
        let text = "# Title\n\n- a point\n- `pool/a.rs`: `replace || with && in f`: both are\n  never true\n";
        let [survivor] = &Survivor::parse(text).unwrap()[..] else { panic!("there is one") };
        assert_eq!((survivor.line, &survivor.file[..]), (4, "pool/a.rs"));
        assert_eq!(survivor.change, "replace || with && in f");
        for broken in ["- `pool/a.rs`: a change", "- `pool/a.rs`: `a change`: ", "- `pool/a.rs`: `a change`"] {
            assert!(Survivor::parse(broken).unwrap_err().to_string().contains("MUTANTS.md:1"), "{broken}");
        }
    }
}
