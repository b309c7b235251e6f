//! Finds where a source file orders memory: ordering arguments and fences, outside tests and items that only models have.
//!
//! A statement that only models have stands in for another, and is treated like that one.

use crate::project::Project;
use crate::site::{Role, Site, Strength};
use crate::source::{attributes_of_item, exists_only_under, exists_only_without};
use proc_macro2::{Span, TokenStream, TokenTree};
use std::ops::{Range, RangeInclusive};
use syn::parse::Parser;
use syn::punctuated::Punctuated;
use syn::spanned::Spanned;
use syn::visit::{self, Visit};
use syn::{Arm, Attribute, Expr, ExprCall, ExprLit, ExprMethodCall, ImplItem, ImplItemFn, Item, ItemFn, Lit, Macro};
use syn::{Stmt, Token};

/// The orderings of `file`, Relaxed ones among them, and the skipped lines.
pub(crate) fn orderings(file: &syn::File, project: &Project) -> (Vec<Site>, Vec<RangeInclusive<usize>>) {
    let not_shipped = project.all_not_shipped();
    let mut finder = Finder {
        checker: &project.checker.cfg,
        not_shipped: &not_shipped,
        functions: Vec::new(),
        statements: Vec::new(),
        unseen: 0,
        sites: Vec::new(),
        skipped: Vec::new(),
    };
    finder.visit_file(file);
    (finder.sites, finder.skipped)
}

/// A statement that exists only in tests does not ship.
const TESTS: &[&str] = &["test"];

struct Finder<'p> {
    checker: &'p str,
    /// An item that exists only under one of these does not ship.
    not_shipped: &'p [&'p str],
    functions: Vec<String>,
    /// The lines on which the enclosing statements begin.
    statements: Vec<usize>,
    /// How many of the enclosing parts are compiled only without the checker.
    unseen: usize,
    sites: Vec<Site>,
    skipped: Vec<RangeInclusive<usize>>,
}

impl Finder<'_> {
    /// Visits a part of the source by `visit`, unless its `attributes` say that it exists only under one of `names`: then
    /// its lines are skipped.
    fn unless_only_under(
        &mut self,
        names: &[&str],
        attributes: &[Attribute],
        whole: Span,
        visit: impl FnOnce(&mut Self),
    ) {
        if attributes.iter().any(|attribute| exists_only_under(attribute, names)) {
            self.skipped.push(whole.start().line..=whole.end().line);
            return;
        }
        let unseen = usize::from(attributes.iter().any(|attribute| exists_only_without(attribute, self.checker)));
        self.unseen += unseen;
        visit(self);
        self.unseen -= unseen;
    }

    /// Visits a statement, or an arm of a match, that begins on line `start`.
    fn within(&mut self, start: usize, visit: impl FnOnce(&mut Self)) {
        self.statements.push(start);
        visit(self);
        self.statements.pop();
    }

    /// Visits the arguments of a call of `name`; `call` is the range of the whole call.
    fn visit_arguments(&mut self, name: &str, call: &Range<usize>, arguments: &Punctuated<Expr, Token![,]>) {
        let orderings = arguments.iter().filter(|argument| strength_of(argument).is_some()).count();
        let mut seen = 0;
        for argument in arguments {
            let Some((strength, span)) = strength_of(argument) else {
                self.visit_expr(argument);
                continue;
            };
            seen += 1;
            let role = match name {
                "fence" | "compiler_fence" => Role::Fence { call: call.clone() },
                "load" => Role::Load,
                "store" => Role::Store,
                _ if orderings > 1 && seen == orderings => Role::Failure,
                "fetch_add" | "fetch_sub" | "fetch_or" | "fetch_xor" if is_zero(arguments.first()) => {
                    Role::Unchanging { method: name.to_owned(), call: call.clone() }
                }
                _ => Role::Other,
            };
            self.record(strength, role, span);
        }
    }

    fn record(&mut self, strength: Strength, role: Role, span: Span) {
        let line = span.start().line;
        self.sites.push(Site {
            strength,
            role,
            function: self.functions.last().cloned().unwrap_or_default(),
            line,
            statement: self.statements.last().copied().unwrap_or(line),
            bytes: span.byte_range(),
            unseen: self.unseen > 0,
            labels: Vec::new(),
        });
    }

    /// Visits a macro's input that is neither expressions nor items: finds the names of orderings.
    fn visit_tokens(&mut self, tokens: TokenStream) {
        for token in tokens {
            match token {
                TokenTree::Group(group) => self.visit_tokens(group.stream()),
                TokenTree::Ident(ident) => {
                    if let Some(strength) = Strength::named(&ident.to_string()) {
                        self.record(strength, Role::Other, ident.span());
                    }
                }
                _ => {}
            }
        }
    }
}

impl<'ast> Visit<'ast> for Finder<'_> {
    fn visit_item(&mut self, item: &'ast Item) {
        self.unless_only_under(self.not_shipped, attributes_of_item(item), item.span(), |finder| {
            visit::visit_item(finder, item);
        });
    }

    fn visit_impl_item(&mut self, item: &'ast ImplItem) {
        let attributes = match item {
            ImplItem::Const(item) => &item.attrs,
            ImplItem::Fn(item) => &item.attrs,
            ImplItem::Macro(item) => &item.attrs,
            _ => return visit::visit_impl_item(self, item),
        };
        self.unless_only_under(self.not_shipped, attributes, item.span(), |finder| {
            visit::visit_impl_item(finder, item)
        });
    }

    fn visit_item_fn(&mut self, function: &'ast ItemFn) {
        self.functions.push(function.sig.ident.to_string());
        visit::visit_item_fn(self, function);
        self.functions.pop();
    }

    fn visit_impl_item_fn(&mut self, function: &'ast ImplItemFn) {
        self.functions.push(function.sig.ident.to_string());
        visit::visit_impl_item_fn(self, function);
        self.functions.pop();
    }

    fn visit_stmt(&mut self, statement: &'ast Stmt) {
        let attributes = match statement {
            Stmt::Local(local) => &local.attrs[..],
            Stmt::Item(item) => attributes_of_item(item),
            Stmt::Expr(expression, _) => attributes_of_expression(expression),
            Stmt::Macro(invocation) => &invocation.attrs,
        };
        let whole = statement.span();
        self.unless_only_under(TESTS, attributes, whole, |finder| {
            finder.within(whole.start().line, |finder| visit::visit_stmt(finder, statement));
        });
    }

    fn visit_arm(&mut self, arm: &'ast Arm) {
        let whole = arm.span();
        self.unless_only_under(TESTS, &arm.attrs, whole, |finder| {
            finder.within(whole.start().line, |finder| visit::visit_arm(finder, arm));
        });
    }

    fn visit_expr_method_call(&mut self, call: &'ast ExprMethodCall) {
        self.visit_expr(&call.receiver);
        let bytes = call.method.span().byte_range().start..call.paren_token.span.close().byte_range().end;
        self.visit_arguments(&call.method.to_string(), &bytes, &call.args);
    }

    fn visit_expr_call(&mut self, call: &'ast ExprCall) {
        self.visit_expr(&call.func);
        let name = match &*call.func {
            Expr::Path(path) => path.path.segments.last().map(|segment| segment.ident.to_string()),
            _ => None,
        };
        let bytes = call.func.span().byte_range().start..call.paren_token.span.close().byte_range().end;
        self.visit_arguments(&name.unwrap_or_default(), &bytes, &call.args);
    }

    /// Visits an ordering that is no argument.
    fn visit_expr(&mut self, expression: &'ast Expr) {
        match strength_of(expression) {
            Some((strength, span)) => self.record(strength, Role::Other, span),
            None => visit::visit_expr(self, expression),
        }
    }

    fn visit_macro(&mut self, invocation: &'ast Macro) {
        let tokens = &invocation.tokens;
        if let Ok(arguments) = Punctuated::<Expr, Token![,]>::parse_terminated.parse2(tokens.clone()) {
            arguments.iter().for_each(|argument| self.visit_expr(argument));
        } else if let Ok(items) = impl_items.parse2(tokens.clone()) {
            items.iter().for_each(|item| self.visit_impl_item(item));
        } else {
            self.visit_tokens(tokens.clone());
        }
    }
}

fn impl_items(input: syn::parse::ParseStream<'_>) -> syn::Result<Vec<ImplItem>> {
    let mut items = Vec::new();
    while !input.is_empty() {
        items.push(input.parse()?);
    }
    Ok(items)
}

/// The ordering that `expression` names, and the place of the whole path.
fn strength_of(expression: &Expr) -> Option<(Strength, Span)> {
    let Expr::Path(path) = expression else { return None };
    let name = path.path.segments.last()?.ident.to_string();
    Some((Strength::named(&name)?, path.span()))
}

fn is_zero(expression: Option<&Expr>) -> bool {
    matches!(expression, Some(Expr::Lit(ExprLit { lit: Lit::Int(int), .. })) if int.base10_digits() == "0")
}

fn attributes_of_expression(expression: &Expr) -> &[Attribute] {
    match expression {
        Expr::Assign(e) => &e.attrs,
        Expr::Binary(e) => &e.attrs,
        Expr::Block(e) => &e.attrs,
        Expr::Call(e) => &e.attrs,
        Expr::ForLoop(e) => &e.attrs,
        Expr::If(e) => &e.attrs,
        Expr::Loop(e) => &e.attrs,
        Expr::Macro(e) => &e.attrs,
        Expr::Match(e) => &e.attrs,
        Expr::MethodCall(e) => &e.attrs,
        Expr::Return(e) => &e.attrs,
        Expr::Unsafe(e) => &e.attrs,
        Expr::While(e) => &e.attrs,
        _ => &[],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cover::{Found, find};

    fn all_of(text: &str) -> Found {
        find(text, &Project::new("", "p")).unwrap()
    }

    fn found(body: &str) -> Found {
        all_of(&format!("fn f() {{\n{body}\n}}"))
    }

    #[test]
    fn what_only_tests_and_models_see_is_left_out() {
        let text = "\
#[cfg(test)] mod tests { fn f() { x.load(Acquire); } }
#[cfg(all(loom, unix))] fn f() {
    // A-LABEL: of a model
    fence(Release);
}
fn g() {
    #[cfg(test)]
    x.load(Acquire);
    x.load(SeqCst);
}";
        let found = all_of(text);
        assert_eq!(found.sites.iter().map(|site| site.strength).collect::<Vec<_>>(), [Strength::SeqCst]);
        assert_eq!((found.sites[0].function.as_str(), found.labels), ("g", vec![]));
    }

    #[test]
    fn a_project_says_what_else_does_not_ship_and_which_checker_sees_its_code() {
        let text = "#[cfg(shuttle)] fn f() { x.load(Acquire); }\nfn g() {\n#[cfg(not(shuttle))]\nx.load(SeqCst);\n}";
        assert_eq!(all_of(text).sites.len(), 2);
        let mut project = Project { not_shipped: vec!["shuttle".to_owned()], ..Project::new("", "p") };
        let sites = find(text, &project).unwrap().sites;
        assert_eq!((sites.len(), sites[0].unseen), (1, false));
        project.checker.cfg = "shuttle".to_owned();
        assert!(find(text, &project).unwrap().sites[0].unseen);
    }

    #[test]
    fn a_stand_in_is_seen_by_models_and_what_it_stands_for_is_not() {
        let body = "// ONE: why\n#[cfg(not(loom))]\ncompiler_fence(SeqCst);\n// ONE: why\n#[cfg(loom)]\nfence(SeqCst);";
        let unseen: Vec<bool> = found(body).sites.iter().map(|site| site.unseen).collect();
        assert_eq!((unseen, found(body).complaints), (vec![true, false], vec![]));
        let text = "#[cfg(all(unix, not(loom)))] mod a { fn f() { x.load(Acquire); } }";
        assert!(all_of(text).sites[0].unseen);
    }

    #[test]
    fn orderings_in_macros_are_found() {
        let body = "// SEEN: why\nassert!(x.load(Acquire) == 1, \"{y}\");";
        assert_eq!(found(body).sites[0].labels, ["SEEN"]);
        let text = "const_fn! {\n/// Doc.\npub fn f(&self) {\n// SEEN: why\nself.x.load(Acquire);\n} }";
        let found = all_of(text);
        assert_eq!((found.sites[0].function.as_str(), &found.sites[0].labels[0][..]), ("f", "SEEN"));
        assert_eq!(all_of("macro_rules! m { ($x:expr) => { $x.load(Acquire) } }").complaints.len(), 1);
    }

    #[test]
    fn roles_tell_fences_failures_and_exchanges_that_change_nothing() {
        let body = "fence(Release);\nx.load(Acquire);\nx.store(1, Release);\nx.compare_exchange(0, 1, AcqRel, Acquire);\n\
                    x.fetch_add(0, AcqRel);\nx.fetch_add(1, AcqRel);";
        let roles: Vec<Role> = found(body).sites.into_iter().map(|site| site.role).collect();
        assert!(matches!(
            roles[..],
            [
                Role::Fence { .. },
                Role::Load,
                Role::Store,
                Role::Other,
                Role::Failure,
                Role::Unchanging { .. },
                Role::Other
            ]
        ));
    }
}
