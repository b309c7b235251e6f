//! A crate's source: its module tree from the root file down, without test code.
//!
//! Modules are found where the language looks for them by default: `#[path]`, and a `mod` that a macro writes, are not followed.

use anyhow::{Context, bail};
use std::fs;
use std::path::{Path, PathBuf};
use syn::punctuated::Punctuated;
use syn::visit_mut::{self, VisitMut};
use syn::{Attribute, Item, ItemMod, Meta, Token};

/// One source file and the module it holds.
pub struct SourceFile {
    /// Where it lies.
    pub path: PathBuf,
    /// The module's path from the crate's root; empty for the root itself.
    pub module: Vec<String>,
    /// What the file holds, without the items that exist only in tests.
    pub content: syn::File,
}

impl SourceFile {
    /// Reads `text`, the content of the file at `path`, which holds `module`.
    ///
    /// # Errors
    ///
    /// If it is not Rust.
    pub fn parse(path: PathBuf, module: Vec<String>, text: &str) -> anyhow::Result<Self> {
        let mut content = syn::parse_file(text).with_context(|| format!("parsing {}", path.display()))?;
        WithoutTests.visit_file_mut(&mut content);
        Ok(Self { path, module, content })
    }
}

/// Reads the crate whose root file is `root`: that file, and every file that a `mod name;` outside
/// test code leads to.
///
/// # Errors
///
/// If a file is missing, or is not Rust.
pub fn read_crate(root: &Path) -> anyhow::Result<Vec<SourceFile>> {
    let mut files = Vec::new();
    let directory = root.parent().context("a root file lies in a directory")?;
    read_module(root.to_owned(), directory, Vec::new(), &mut files)?;
    Ok(files)
}

/// `directory` is where the files of this module's own modules lie.
fn read_module(
    path: PathBuf,
    directory: &Path,
    module: Vec<String>,
    files: &mut Vec<SourceFile>,
) -> anyhow::Result<()> {
    let text = fs::read_to_string(&path).with_context(|| format!("reading {}", path.display()))?;
    let file = SourceFile::parse(path, module.clone(), &text)?;
    let items = file.content.items.clone();
    files.push(file);
    read_children(&items, directory, &module, files)
}

fn read_children(
    items: &[Item],
    directory: &Path,
    module: &[String],
    files: &mut Vec<SourceFile>,
) -> anyhow::Result<()> {
    let modules = items.iter().filter_map(|item| match item {
        Item::Mod(item) => Some(item),
        _ => None,
    });
    for item in modules {
        let name = item.ident.to_string();
        let child: Vec<String> = module.iter().cloned().chain([name.clone()]).collect();
        let inner = directory.join(&name);
        match &item.content {
            Some((_, items)) => read_children(items, &inner, &child, files)?,
            None => read_module(file_of(item, directory)?, &inner, child, files)?,
        }
    }
    Ok(())
}

fn file_of(item: &ItemMod, directory: &Path) -> anyhow::Result<PathBuf> {
    let name = item.ident.to_string();
    let candidates = [directory.join(format!("{name}.rs")), directory.join(&name).join("mod.rs")];
    match candidates.iter().find(|path| path.is_file()) {
        Some(path) => Ok(path.clone()),
        None => bail!("`mod {name};`: there is neither {:?} nor {:?}", candidates[0], candidates[1]),
    }
}

/// Removes every item that is compiled only for tests.
struct WithoutTests;

impl VisitMut for WithoutTests {
    fn visit_file_mut(&mut self, file: &mut syn::File) {
        file.items.retain(|item| !is_test_item(item));
        visit_mut::visit_file_mut(self, file);
    }

    fn visit_item_mod_mut(&mut self, item: &mut ItemMod) {
        if let Some((_, items)) = &mut item.content {
            items.retain(|item| !is_test_item(item));
        }
        visit_mut::visit_item_mod_mut(self, item);
    }
}

fn is_test_item(item: &Item) -> bool {
    attributes_of_item(item).iter().any(is_for_tests_only)
}

/// The attributes of an item of any kind that can be compiled conditionally.
pub fn attributes_of_item(item: &Item) -> &[Attribute] {
    match item {
        Item::Const(item) => &item.attrs,
        Item::Enum(item) => &item.attrs,
        Item::Fn(item) => &item.attrs,
        Item::Impl(item) => &item.attrs,
        Item::Macro(item) => &item.attrs,
        Item::Mod(item) => &item.attrs,
        Item::Static(item) => &item.attrs,
        Item::Struct(item) => &item.attrs,
        Item::Trait(item) => &item.attrs,
        Item::Type(item) => &item.attrs,
        Item::Use(item) => &item.attrs,
        _ => &[],
    }
}

fn is_for_tests_only(attribute: &Attribute) -> bool {
    exists_only_under(attribute, &["test"])
}

/// Whether the attribute is `#[cfg(..)]` with a predicate that holds only where one of `names` is set.
pub fn exists_only_under(attribute: &Attribute, names: &[&str]) -> bool {
    attribute.path().is_ident("cfg")
        && attribute.parse_args::<Meta>().is_ok_and(|predicate| implies_one_of(&predicate, names))
}

/// Whether the attribute is `#[cfg(..)]` with a predicate that holds only where `name` is not set.
pub fn exists_only_without(attribute: &Attribute, name: &str) -> bool {
    attribute.path().is_ident("cfg")
        && attribute.parse_args::<Meta>().is_ok_and(|predicate| implies_without(&predicate, name))
}

fn implies_without(predicate: &Meta, name: &str) -> bool {
    let Meta::List(list) = predicate else { return false };
    let Ok(parts) = list.parse_args_with(Punctuated::<Meta, Token![,]>::parse_terminated) else {
        return false;
    };
    if list.path.is_ident("all") {
        parts.iter().any(|part| implies_without(part, name))
    } else if list.path.is_ident("any") {
        !parts.is_empty() && parts.iter().all(|part| implies_without(part, name))
    } else {
        // not(name), not(any(name, ..))
        parts.iter().any(|part| match part {
            Meta::List(inner) if inner.path.is_ident("any") => inner
                .parse_args_with(Punctuated::<Meta, Token![,]>::parse_terminated)
                .is_ok_and(|parts| parts.iter().any(|part| part.path().is_ident(name))),
            part => part.path().is_ident(name),
        })
    }
}

fn implies_one_of(predicate: &Meta, names: &[&str]) -> bool {
    let Meta::List(list) = predicate else {
        return names.iter().any(|name| predicate.path().is_ident(name));
    };
    let Ok(parts) = list.parse_args_with(Punctuated::<Meta, Token![,]>::parse_terminated) else {
        return false;
    };
    if list.path.is_ident("all") {
        parts.iter().any(|part| implies_one_of(part, names))
    } else if list.path.is_ident("any") {
        !parts.is_empty() && parts.iter().all(|part| implies_one_of(part, names))
    } else {
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use quote::ToTokens;

    fn left_of(text: &str) -> String {
        let file = SourceFile::parse("a.rs".into(), vec!["a".into()], text).unwrap();
        file.content.to_token_stream().to_string()
    }

    #[test]
    fn items_that_exist_only_in_tests_are_left_out() {
        assert_eq!(left_of("#[cfg(test)] mod tests { fn f() {} }"), "");
        assert_eq!(left_of("#[cfg(all(test, not(loom)))] mod tests;"), "");
        assert_eq!(left_of("#[cfg(any(all(test, loom), all(test, unix)))] use crate::a;"), "");
        assert_eq!(left_of("mod a { #[cfg(test)] fn f() {} }"), "mod a { }");
    }

    #[test]
    fn items_that_also_exist_outside_tests_stay() {
        assert!(left_of("#[cfg(any(test, unix))] fn stays() {}").contains("stays"));
        assert!(left_of("#[cfg(not(test))] fn stays() {}").contains("stays"));
        assert!(left_of("#[cfg(loom)] fn stays() {}").contains("stays"));
    }

    #[test]
    fn what_is_only_elsewhere_is_told_from_what_is_there_too() {
        let without_loom = |predicate: &str| {
            let item: syn::ItemStruct = syn::parse_str(&format!("#[cfg({predicate})] struct A;")).unwrap();
            exists_only_without(&item.attrs[0], "loom")
        };
        for predicate in ["not(loom)", "all(unix, not(loom))", "not(any(unix, loom))", "any(not(loom), not(loom))"] {
            assert!(without_loom(predicate), "{predicate}");
        }
        for predicate in ["loom", "not(unix)", "any(unix, not(loom))", "not(all(unix, loom))"] {
            assert!(!without_loom(predicate), "{predicate}");
        }
    }

    #[test]
    fn the_tree_is_followed_through_directories() {
        // This crate is the sample: its own root leads to this very file.
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/lib.rs");
        let files = read_crate(&root).unwrap();
        let this = files.iter().find(|file| file.module == ["source"]);
        assert!(this.is_some_and(|file| file.path.ends_with("src/source.rs")));
    }
}
