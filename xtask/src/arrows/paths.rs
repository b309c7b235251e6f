//! The paths of an event, in docs/ARCHITECTURE.md: the few files in which it is read how one is published, and how it is received.
//!
//! Each path is a table whose first two columns name a file and a function. A path has five files at most, in the order of reading: each
//! function after the first is called from one that was named before it, or from what that calls in its own file.

use super::{Violation, map::PAGE};
use ordering_mutants::source::SourceFile;
use std::collections::{HashMap, HashSet};
use std::path::Path;
use syn::visit::{self, Visit};
use syn::{ExprMethodCall, ExprPath, Ident, ImplItemFn, ItemFn, TraitItemFn};

/// The section of the page that holds the paths.
const SECTION: &str = "## The paths of an event";
/// How many files a path has at most.
const LONGEST: usize = 5;
const RULE: &str = "a path of an event is five files, each called from one before it";

/// A row of a path: its line on the page, a file, and a function of it.
struct Step {
    line: usize,
    file: String,
    function: String,
}

/// Every way in which the paths on `page` are not those of `files`, the library's, which lie in `source`.
pub(super) fn violations(files: &[SourceFile], source: &Path, page: &str) -> Vec<Violation> {
    let paths = paths_in(page);
    let mut found = Vec::new();
    let mut report = |line, what| found.push(Violation { file: PAGE.into(), line, what, rule: RULE.to_owned() });
    if paths.is_empty() {
        report(1, format!("the page has no path below `{SECTION}`"));
    }
    for path in &paths {
        if path.len() > LONGEST {
            report(path[0].line, format!("a path of {} files", path.len()));
        }
        let mut called = HashSet::new();
        for (index, step) in path.iter().enumerate() {
            let Step { line, file, function } = step;
            let Some(source) = files.iter().find(|known| known.path == source.join(file)) else {
                report(*line, format!("`{file}` is no file of the library"));
                continue;
            };
            let calls = Calls::of(source);
            if !calls.0.contains_key(function) {
                report(*line, format!("`{file}` has no function `{function}`"));
            } else if index > 0 && !called.contains(function) {
                report(*line, format!("nothing that was named before calls `{function}`"));
            }
            called.extend(calls.from(function));
        }
    }
    found
}

/// The tables of the section.
fn paths_in(page: &str) -> Vec<Vec<Step>> {
    let lines = page.lines().enumerate().skip_while(|(_, line)| *line != SECTION).skip(1);
    let mut paths = Vec::new();
    let mut is_in_table = false;
    for (index, line) in lines.take_while(|(_, line)| !line.starts_with("## ")) {
        let step = line.starts_with("| `").then(|| line.split('`').skip(1).step_by(2));
        if let Some((Some(file), Some(function))) = step.map(|mut names| (names.next(), names.next())) {
            if !is_in_table {
                paths.push(Vec::new());
            }
            let step = Step { line: index + 1, file: file.to_owned(), function: function.to_owned() };
            paths.last_mut().expect("one was just begun").push(step);
        }
        is_in_table = line.starts_with("| `");
    }
    paths
}

/// The functions of a file, and the names that each mentions as a function.
#[derive(Default)]
struct Calls(HashMap<String, HashSet<String>>);

impl Calls {
    fn of(file: &SourceFile) -> Self {
        let mut calls = Calls::default();
        calls.visit_file(&file.content);
        calls
    }

    /// What `function` calls, and what the file's functions call that it calls.
    fn from(&self, function: &str) -> HashSet<String> {
        let mut reached = HashSet::new();
        let mut next = vec![function];
        while let Some(calls) = next.pop().and_then(|name| self.0.get(name)) {
            next.extend(calls.iter().filter(|name| reached.insert((*name).clone())).map(String::as_str));
            next.retain(|name| self.0.contains_key(*name));
        }
        reached
    }

    fn add(&mut self, function: &Ident, mentions: Mentions) {
        self.0.entry(function.to_string()).or_default().extend(mentions.0);
    }
}

impl Visit<'_> for Calls {
    fn visit_item_fn(&mut self, item: &ItemFn) {
        let mut mentions = Mentions::default();
        mentions.visit_item_fn(item);
        self.add(&item.sig.ident, mentions);
    }

    fn visit_impl_item_fn(&mut self, item: &ImplItemFn) {
        let mut mentions = Mentions::default();
        mentions.visit_impl_item_fn(item);
        self.add(&item.sig.ident, mentions);
    }

    fn visit_trait_item_fn(&mut self, item: &TraitItemFn) {
        let mut mentions = Mentions::default();
        mentions.visit_trait_item_fn(item);
        self.add(&item.sig.ident, mentions);
    }
}

/// The names that a function mentions as functions.
#[derive(Default)]
struct Mentions(HashSet<String>);

impl Visit<'_> for Mentions {
    fn visit_expr_method_call(&mut self, call: &ExprMethodCall) {
        self.0.insert(call.method.to_string());
        visit::visit_expr_method_call(self, call);
    }

    fn visit_expr_path(&mut self, path: &ExprPath) {
        self.0.extend(path.path.segments.last().map(|last| last.ident.to_string()));
        visit::visit_expr_path(self, path);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ABOVE: &str =
        "impl A { fn publish(&self) { self.attempt() } fn attempt(&self) { below.fill(); } fn idle() { notify() } }";
    const BELOW: &str = "fn fill() { other::store(); } trait Word { fn store(); }";

    fn found_in(rows: &str) -> Vec<String> {
        let page =
            format!("# A\n\n{SECTION}\n\n| file | function |\n|---|---|\n{rows}\n\n## Next\n\n| `no.rs` | `no` |\n");
        let file = |name: &str, text| SourceFile::parse(Path::new("/src").join(name), vec![], text).unwrap();
        let files = [file("above.rs", ABOVE), file("below.rs", BELOW)];
        violations(&files, Path::new("/src"), &page).iter().map(|v| format!("{}: {}", v.line, v.what)).collect()
    }

    #[test]
    fn a_path_goes_down_through_what_each_file_calls() {
        assert_eq!(found_in("| `above.rs` | `publish` |\n| `below.rs` | `fill` |\n| `below.rs` | `store` |"), [""; 0]);
    }

    #[test]
    fn a_step_that_nothing_calls_and_a_function_that_is_not_there_are_caught() {
        assert_eq!(
            found_in("| `above.rs` | `idle` |\n| `below.rs` | `fill` |"),
            ["8: nothing that was named before calls `fill`"]
        );
        assert_eq!(found_in("| `above.rs` | `gone` |"), ["7: `above.rs` has no function `gone`"]);
        assert_eq!(found_in("| `gone.rs` | `publish` |"), ["7: `gone.rs` is no file of the library"]);
    }

    #[test]
    fn a_path_of_six_files_and_a_page_without_paths_are_caught() {
        let six = "| `above.rs` | `publish` |\n".to_owned() + &"| `below.rs` | `fill` |\n".repeat(5);
        assert_eq!(found_in(six.trim_end()), ["7: a path of 6 files"]);
        assert_eq!(found_in("nothing"), [format!("1: the page has no path below `{SECTION}`")]);
    }
}
