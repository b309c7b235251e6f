//! The names that a file's code uses, by paths that lead through the crate's root.

use ordering_mutants::source::SourceFile;
use proc_macro2::{Span, TokenStream, TokenTree};
use syn::visit::{self, Visit};
use syn::{ItemMod, ItemUse, Macro, UseTree, Visibility};

/// The first name, below the crate's root, of every such path, with its place: in `use` items, in
/// paths in code, and in paths in what a macro is given or makes.
pub(super) fn names_used(file: &SourceFile) -> Vec<(String, Span)> {
    let mut uses = Uses { module: file.module.clone(), found: Vec::new() };
    uses.visit_file(&file.content);
    uses.found
}

struct Uses {
    /// The module that is being visited.
    module: Vec<String>,
    found: Vec<(String, Span)>,
}

impl Uses {
    /// Follows a path from the current module; keeps the first name of one that leads to the root
    /// and below it.
    fn resolve<'a>(&mut self, segments: impl IntoIterator<Item = &'a str>, span: Span) {
        let mut at: Option<Vec<String>> = None;
        for segment in segments {
            match (segment, &mut at) {
                ("crate", None) => at = Some(Vec::new()),
                ("self", None) => at = Some(self.module.clone()),
                ("super", None) => at = Some(self.module[..self.module.len() - 1].to_vec()),
                ("super", Some(path)) => {
                    path.pop();
                }
                (name, Some(path)) => {
                    path.push(name.to_owned());
                    break;
                }
                // A path from a name in scope: what brought the name there is found by itself.
                (_, None) => return,
            }
        }
        if let Some(first) = at.and_then(|path| path.into_iter().next()) {
            self.found.push((first, span));
        }
    }

    /// Finds `crate::name` and `$crate::name` in what a macro is given or makes.
    fn resolve_tokens(&mut self, tokens: TokenStream) {
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        for (index, token) in tokens.iter().enumerate() {
            match token {
                TokenTree::Group(group) => self.resolve_tokens(group.stream()),
                TokenTree::Ident(ident) if ident == "crate" => {
                    if let Some(name) = name_behind_colons(&tokens[index + 1..]) {
                        self.found.push((name, ident.span()));
                    }
                }
                _ => {}
            }
        }
    }
}

fn name_behind_colons(tokens: &[TokenTree]) -> Option<String> {
    match tokens {
        [TokenTree::Punct(a), TokenTree::Punct(b), TokenTree::Ident(name), ..]
            if a.as_char() == ':' && b.as_char() == ':' =>
        {
            Some(name.to_string())
        }
        _ => None,
    }
}

impl<'ast> Visit<'ast> for Uses {
    fn visit_item_mod(&mut self, item: &'ast ItemMod) {
        self.module.push(item.ident.to_string());
        visit::visit_item_mod(self, item);
        self.module.pop();
    }

    fn visit_item_use(&mut self, item: &'ast ItemUse) {
        for path in paths_of(&item.tree) {
            self.resolve(path.segments.iter().map(String::as_str), path.span);
        }
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        if path.leading_colon.is_none() {
            let segments: Vec<String> = path.segments.iter().map(|s| s.ident.to_string()).collect();
            let span = path.segments[0].ident.span();
            self.resolve(segments.iter().map(String::as_str), span);
        }
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, invocation: &'ast Macro) {
        self.resolve_tokens(invocation.tokens.clone());
        visit::visit_macro(self, invocation);
    }

    /// `pub(in crate::..)` names a place, and uses nothing.
    fn visit_visibility(&mut self, _: &'ast Visibility) {}
}

/// One path of a `use`.
pub(super) struct UsePath {
    pub(super) segments: Vec<String>,
    /// The name it has afterwards.
    pub(super) known_as: String,
    span: Span,
}

pub(super) fn paths_of(tree: &UseTree) -> Vec<UsePath> {
    let mut paths = Vec::new();
    flatten(tree, &[], &mut paths);
    paths
}

fn flatten(tree: &UseTree, prefix: &[String], paths: &mut Vec<UsePath>) {
    let with = |name: String| prefix.iter().cloned().chain([name]).collect::<Vec<_>>();
    match tree {
        UseTree::Path(path) => flatten(&path.tree, &with(path.ident.to_string()), paths),
        UseTree::Group(group) => {
            for tree in &group.items {
                flatten(tree, prefix, paths);
            }
        }
        UseTree::Name(name) => paths.push(UsePath {
            segments: with(name.ident.to_string()),
            known_as: name.ident.to_string(),
            span: name.ident.span(),
        }),
        UseTree::Rename(rename) => paths.push(UsePath {
            segments: with(rename.ident.to_string()),
            known_as: rename.rename.to_string(),
            span: rename.ident.span(),
        }),
        UseTree::Glob(glob) => paths.push(UsePath {
            segments: with("*".to_owned()),
            known_as: "*".to_owned(),
            span: glob.star_token.spans[0],
        }),
    }
}
