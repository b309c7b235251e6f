//! The arrows between the library's modules, and where `unsafe` lives.

use super::uses::{names_used, paths_of};
use super::{APART, LAYERS, UNSAFE_HOMES, Violation};
use ordering_mutants::source::SourceFile;
use proc_macro2::{Span, TokenStream, TokenTree};
use quote::ToTokens;
use std::collections::HashMap;
use syn::{Item, ItemMacro, Type};

/// Every break of the rules in a crate, given as its files, the root's among them.
pub(super) fn violations(files: &[SourceFile]) -> Vec<Violation> {
    let names = names_at_root(files);
    let mut found = Vec::new();
    for file in files {
        match file.module.first() {
            Some(home) => found.extend(check_module(file, home, &names)),
            None => found.extend(unsafe_in(file, "the root", UNSAFE_HOMES)),
        }
    }
    found
}

/// Every `unsafe` of a crate that stands in none of `homes`.
pub(super) fn unsafe_outside(homes: &[&str], files: &[SourceFile]) -> Vec<Violation> {
    let outside = |file: &&SourceFile| file.module.first().is_none_or(|home| !homes.contains(&home.as_str()));
    let place = |file: &SourceFile| file.module.first().map_or("the root".to_owned(), |home| format!("`{home}`"));
    files.iter().filter(outside).flat_map(|file| unsafe_in(file, &place(file), homes)).collect()
}

/// The names that code finds at the crate's root, each with its module: the modules, what the root
/// takes from one by `use` or by an alias of a type, and exported macros, which the language puts
/// there.
fn names_at_root(files: &[SourceFile]) -> HashMap<String, String> {
    let mut names = HashMap::new();
    for file in files {
        for item in &file.content.items {
            match (file.module.first(), item) {
                (Some(home), Item::Macro(item)) if is_exported(item) => {
                    names.extend(item.ident.as_ref().map(|name| (name.to_string(), home.clone())));
                }
                (None, Item::Mod(item)) => {
                    names.insert(item.ident.to_string(), item.ident.to_string());
                }
                (None, Item::Use(item)) => {
                    for path in paths_of(&item.tree) {
                        names.extend(module_of(&path.segments).map(|module| (path.known_as.clone(), module)));
                    }
                }
                (None, Item::Type(item)) => {
                    if let Type::Path(aliased) = &*item.ty {
                        let segments: Vec<String> = aliased.path.segments.iter().map(|s| s.ident.to_string()).collect();
                        names.extend(module_of(&segments).map(|module| (item.ident.to_string(), module)));
                    }
                }
                _ => {}
            }
        }
        names.extend(file.module.first().map(|module| (module.clone(), module.clone())));
    }
    names
}

fn is_exported(item: &ItemMacro) -> bool {
    item.attrs.iter().any(|attribute| attribute.path().is_ident("macro_export"))
}

/// The module, seen from the root, that a path of two or more names leads into.
fn module_of(path: &[String]) -> Option<String> {
    match path {
        [root, rest @ ..] if root == "crate" || root == "self" => module_of(rest),
        [module, _, ..] => Some(module.clone()),
        _ => None,
    }
}

fn check_module(file: &SourceFile, home: &str, names: &HashMap<String, String>) -> Vec<Violation> {
    let mut found = Vec::new();
    if layer(home).is_none() {
        found.push(Violation {
            file: file.path.clone(),
            line: 1,
            what: format!("`{home}` has no place among the layers"),
            rule: "every module of the library is listed in LAYERS of xtask's arrows".to_owned(),
        });
        return found;
    }
    for (name, span) in names_used(file) {
        let used = names.get(&name);
        if let Some(rule) = broken_rule(home, used.map(String::as_str)) {
            found.push(Violation {
                file: file.path.clone(),
                line: span.start().line,
                what: match used {
                    Some(module) => format!("`{home}` uses `{module}`"),
                    None => format!("`{home}` uses `{name}` of the crate's root"),
                },
                rule,
            });
        }
    }
    if !UNSAFE_HOMES.contains(&home) {
        found.extend(unsafe_in(file, &format!("`{home}`"), UNSAFE_HOMES));
    }
    found.sort_by_key(|violation| violation.line);
    found.dedup();
    found
}

fn unsafe_in(file: &SourceFile, home: &str, homes: &[&str]) -> Vec<Violation> {
    let mut found = Vec::new();
    let rule = match homes {
        [] => "this package has no `unsafe`".to_owned(),
        homes => format!("`unsafe` lives only in {}", homes.join(" and ")),
    };
    find_unsafe(file.content.to_token_stream(), &mut |span| {
        found.push(Violation {
            file: file.path.clone(),
            line: span.start().line,
            what: format!("`unsafe` in {home}"),
            rule: rule.clone(),
        });
    });
    found
}

fn layer(module: &str) -> Option<usize> {
    LAYERS.iter().position(|layer| layer.contains(&module))
}

/// The rule that module `home` breaks by using module `used`; `None` stands for the crate's root.
fn broken_rule(home: &str, used: Option<&str>) -> Option<String> {
    let Some(used) = used else {
        return Some("a name is taken from the module that defines it".to_owned());
    };
    if APART.iter().any(|pair| home != used && pair.contains(&home) && pair.contains(&used)) {
        return Some(format!("`{home}` and `{used}` do not use each other"));
    }
    // A module without a layer is reported where it is defined.
    if layer(used)? <= layer(home)? {
        return None;
    }
    let order: Vec<String> = LAYERS.iter().rev().map(|layer| layer.join(", ")).collect();
    Some(format!("arrows point down only: {}", order.join(" -> ")))
}

fn find_unsafe(tokens: TokenStream, report: &mut impl FnMut(Span)) {
    for token in tokens {
        match token {
            TokenTree::Group(group) => find_unsafe(group.stream(), report),
            TokenTree::Ident(ident) if ident == "unsafe" => report(ident.span()),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The violations of a crate in which `module` holds `text`, as `line: what`.
    fn found_in(module: &str, text: &str) -> Vec<String> {
        let root = "pub mod subscriber; pub mod ring; pub use crate::subscriber::{Lagged, Subscriber as R}; \
                    pub type Static = subscriber::Subscriber<&'static ring::Ring>; pub struct Own;";
        let module: Vec<String> = module.split("::").map(str::to_owned).collect();
        let mut files = vec![SourceFile::parse("lib.rs".into(), Vec::new(), root).unwrap()];
        for name in LAYERS.iter().copied().flatten() {
            let path = format!("{name}.rs").into();
            files.push(SourceFile::parse(path, vec![name.to_string()], "").unwrap());
        }
        files.push(SourceFile::parse("this.rs".into(), module, text).unwrap());
        violations(&files).iter().map(|v| format!("{}: {}", v.line, v.what)).collect()
    }

    const CLEAN: [&str; 0] = [];

    #[test]
    fn arrows_that_point_down_are_clean() {
        assert_eq!(found_in("pool", "use crate::{subscriber::Subscriber, ring::*, sync};"), CLEAN);
        assert_eq!(found_in("ring", "use crate::words;\nuse core::fmt;\nuse super::sync::X;"), CLEAN);
        assert_eq!(found_in("subscriber", "fn f() -> crate::sequence::Sequence { todo!() }"), CLEAN);
        assert_eq!(found_in("stamp", "use crate::sequence::Sequence;"), CLEAN);
        assert_eq!(found_in("ring::heap", "pub(in crate::ring) fn f() {}"), CLEAN);
    }

    #[test]
    fn an_arrow_that_points_up_is_caught_where_it_stands() {
        let text = "use core::fmt;\n\nuse crate::{words::W, pool::Pool};";
        assert_eq!(found_in("ring", text), ["3: `ring` uses `pool`"]);
    }

    #[test]
    fn every_way_to_name_a_module_is_seen() {
        let up = ["1: `ring` uses `pool`"];
        assert_eq!(found_in("ring", "use crate::pool;"), up);
        assert_eq!(found_in("ring", "use crate::pool as p;"), up);
        assert_eq!(found_in("ring", "use crate::pool::*;"), up);
        assert_eq!(found_in("ring", "use super::pool::Pool;"), up);
        assert_eq!(found_in("ring::heap", "use super::super::pool::Pool;"), up);
        assert_eq!(found_in("ring", "mod inner { use super::super::pool::Pool; }"), up);
        assert_eq!(found_in("ring", "fn f() { let _ = crate::pool::make(); }"), up);
        assert_eq!(found_in("ring", "impl From<crate::pool::Pool> for u8 {}"), up);
        assert_eq!(found_in("ring", "macro_rules! m { () => { $crate::pool::make() } }"), up);
        assert_eq!(found_in("ring", "fn f() { assert!(crate::pool::ready()); }"), up);
    }

    #[test]
    fn a_path_within_the_module_is_no_arrow() {
        assert_eq!(found_in("ring::heap", "use super::pool::Thing;"), CLEAN);
        assert_eq!(found_in("ring", "use self::pool::Thing;"), CLEAN);
    }

    #[test]
    fn subscriber_and_consumer_stay_apart() {
        assert_eq!(found_in("subscriber", "use crate::consumer::C;"), ["1: `subscriber` uses `consumer`"]);
        assert_eq!(found_in("consumer", "use crate::subscriber::R;"), ["1: `consumer` uses `subscriber`"]);
    }

    #[test]
    fn a_re_export_counts_as_the_module_it_comes_from() {
        assert_eq!(found_in("ring", "use crate::Lagged;"), ["1: `ring` uses `subscriber`"]);
        assert_eq!(found_in("ring", "use crate::R;"), ["1: `ring` uses `subscriber`"]);
        assert_eq!(found_in("ring", "use crate::Static;"), ["1: `ring` uses `subscriber`"]);
        assert_eq!(found_in("pool", "use crate::{Lagged, Static};"), CLEAN);
    }

    #[test]
    fn what_only_the_root_defines_is_not_to_be_used() {
        assert_eq!(found_in("pool", "use crate::Own;"), ["1: `pool` uses `Own` of the crate's root"]);
        assert_eq!(found_in("pool", "use crate::*;"), ["1: `pool` uses `*` of the crate's root"]);
    }

    #[test]
    fn an_exported_macro_counts_as_its_module() {
        let text = "#[macro_export] macro_rules! pools { () => {} }\ncrate::pools!();";
        assert_eq!(found_in("pool", text), CLEAN);
        let root = SourceFile::parse("lib.rs".into(), Vec::new(), "mod pool; mod ring;").unwrap();
        let pool = SourceFile::parse("pool.rs".into(), vec!["pool".into()], text).unwrap();
        let ring = SourceFile::parse("ring.rs".into(), vec!["ring".into()], "crate::pools!();").unwrap();
        assert_eq!(violations(&[root, pool, ring])[0].what, "`ring` uses `pool`");
    }

    #[test]
    fn the_root_may_use_everything_and_hold_no_unsafe() {
        let text = "mod ring;\nuse crate::ring::R;\nunsafe impl Send for X {}";
        let root = SourceFile::parse("lib.rs".into(), Vec::new(), text).unwrap();
        let found = violations(&[root]);
        assert_eq!((found.len(), found[0].line, &found[0].what[..]), (1, 3, "`unsafe` in the root"));
    }

    #[test]
    fn tests_may_use_anything() {
        let text = "#[cfg(test)] mod tests { use crate::pool; fn f() { unsafe {} } }";
        assert_eq!(found_in("stamp", text), CLEAN);
    }

    #[test]
    fn unsafe_is_caught_outside_its_homes_and_only_as_code() {
        let text = "//! unsafe\n#![deny(unsafe_code)]\n/// unsafe\nfn f() { unsafe { g() } }";
        assert_eq!(found_in("subscriber", text), ["4: `unsafe` in `subscriber`"]);
        assert_eq!(found_in("wait", "unsafe impl Send for X {}"), ["1: `unsafe` in `wait`"]);
        assert_eq!(found_in("wait", "macro_rules! m { () => { unsafe {} } }"), ["1: `unsafe` in `wait`"]);
        assert_eq!(found_in("words", text), CLEAN);
        assert_eq!(found_in("ring::planes", text), CLEAN);
    }

    #[test]
    fn unsafe_of_other_packages_is_caught_outside_their_homes() {
        let parse = |module: &[&str], text| {
            let module = module.iter().map(ToString::to_string).collect();
            SourceFile::parse("this.rs".into(), module, text).unwrap()
        };
        let files = [parse(&[], "mod lock;\nunsafe impl Send for X {}"), parse(&["lock"], "fn f() { unsafe { g() } }")];
        let found = |homes: &[&str]| {
            unsafe_outside(homes, &files)
                .iter()
                .map(|v| format!("{}: {}; {}", v.line, v.what, v.rule))
                .collect::<Vec<_>>()
        };
        assert_eq!(found(&["lock"]), ["2: `unsafe` in the root; `unsafe` lives only in lock"]);
        assert_eq!(found(&[]).len(), 2);
        assert!(found(&[])[1].ends_with("this package has no `unsafe`"));
    }

    #[test]
    fn a_module_without_a_layer_is_caught() {
        assert_eq!(found_in("newcomer", ""), ["1: `newcomer` has no place among the layers"]);
    }

    #[test]
    fn a_report_names_the_place_and_the_rule() {
        let root = SourceFile::parse("lib.rs".into(), Vec::new(), "mod pool; mod ring;").unwrap();
        let pool = SourceFile::parse("pool.rs".into(), vec!["pool".into()], "").unwrap();
        let text = "\nuse crate::pool;";
        let ring = SourceFile::parse("src/ring.rs".into(), vec!["ring".into()], text).unwrap();
        let report = violations(&[root, pool, ring])[0].to_string();
        assert!(report.starts_with("src/ring.rs:2: `ring` uses `pool`; the rule: arrows"), "{report}");
    }
}
