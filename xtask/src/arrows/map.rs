//! The map of the library's files, in docs/ARCHITECTURE.md: it names every file, and none that is not there.

use super::Violation;
use ordering_mutants::source::SourceFile;
use std::path::Path;

/// The page, from the repository's root.
pub(super) const PAGE: &str = "docs/ARCHITECTURE.md";
/// The section of the page that holds the map, as tables whose first column names files, and directories with a `/` behind them.
const SECTION: &str = "## The way of an event";

/// Every difference between the map on `page` and `files`, the library's, which lie in `source`.
pub(super) fn violations(files: &[SourceFile], source: &Path, page: &str) -> Vec<Violation> {
    let names = names_in(page);
    let mut found = Vec::new();
    for (line, name) in &names {
        if !source.join(name).exists() {
            let what = format!("`{name}` is not in {}", source.display());
            found.push(Violation {
                file: PAGE.into(),
                line: *line,
                what,
                rule: "the map names files that are there".to_owned(),
            });
        }
    }
    // The root is above all rooms.
    for file in files.iter().filter(|file| !file.module.is_empty()) {
        let Ok(path) = file.path.strip_prefix(source) else { continue };
        let is_named = |name: &str| path == Path::new(name) || name.ends_with('/') && path.starts_with(name);
        if !names.iter().any(|(_, name)| is_named(name)) {
            let rule = format!("{PAGE} names every file of the library, or its directory");
            found.push(Violation {
                file: file.path.clone(),
                line: 1,
                what: "the map lacks this file".to_owned(),
                rule,
            });
        }
    }
    found
}

/// The names in the first columns of the section's tables, each with its line.
fn names_in(page: &str) -> Vec<(usize, String)> {
    let lines = page.lines().enumerate().skip_while(|(_, line)| *line != SECTION).skip(1);
    let rows = lines.take_while(|(_, line)| !line.starts_with("## ")).filter(|(_, line)| line.starts_with("| `"));
    rows.flat_map(|(index, row)| {
        let cell = row[1..].split('|').next().unwrap_or_default();
        cell.split('`').skip(1).step_by(2).map(move |name| (index + 1, name.to_owned()))
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = "# A\n\n## The way of an event\n\n| file | concept |\n|---|---|\n| `main.rs`, `stages/` | `no.rs` |\n\n## Next\n\n| `no.rs` | |\n";

    fn found_in(page: &str, file: &str) -> Vec<String> {
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
        let files = [SourceFile::parse(source.join(file), vec!["module".to_owned()], "").unwrap()];
        violations(&files, &source, page).iter().map(|v| format!("{}: {}", v.line, v.what)).collect()
    }

    #[test]
    fn files_and_whole_directories_are_named_in_the_first_column_of_the_section() {
        assert_eq!(names_in(PAGE), [(7, "main.rs".to_owned()), (7, "stages/".to_owned())]);
        assert_eq!(found_in(PAGE, "main.rs"), [""; 0]);
        assert_eq!(found_in(PAGE, "stages/arm.rs"), [""; 0]);
    }

    #[test]
    fn a_file_without_a_name_and_a_name_without_a_file_are_caught() {
        assert_eq!(found_in(PAGE, "cli.rs"), ["1: the map lacks this file"]);
        let found = found_in(&PAGE.replace("main.rs", "gone.rs"), "stages/arm.rs");
        assert!(matches!(&found[..], [one] if one.starts_with("7: `gone.rs` is not in ")), "{found:?}");
    }
}
