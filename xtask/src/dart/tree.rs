//! Walking a syntax tree.

use anyhow::{Context, bail};
use tree_sitter::{Language, Node, Parser, Tree};

/// A node of a tree, and the text that it is of.
#[derive(Clone, Copy)]
pub(super) struct Branch<'t> {
    node: Node<'t>,
    source: &'t str,
}

/// Parses `source`, and fails at the first place that the grammar does not know.
pub(super) fn parse(source: &str, grammar: impl Into<Language>) -> anyhow::Result<Tree> {
    let mut parser = Parser::new();
    parser.set_language(&grammar.into()).context("loading a grammar")?;
    let tree = parser.parse(source, None).context("parsing")?;
    match first_error(tree.root_node()) {
        None => Ok(tree),
        Some(node) => {
            let at = node.start_position();
            let line = source.lines().nth(at.row).unwrap_or_default();
            bail!("line {}, column {}: the grammar knows no such thing: {line}", at.row + 1, at.column + 1)
        }
    }
}

fn first_error(node: Node<'_>) -> Option<Node<'_>> {
    if node.is_error() || node.is_missing() {
        return Some(node);
    }
    let mut cursor = node.walk();
    node.children(&mut cursor).filter(|child| child.has_error() || child.is_missing()).find_map(first_error)
}

impl<'t> Branch<'t> {
    pub(super) fn root(tree: &'t Tree, source: &'t str) -> Self {
        Self { node: tree.root_node(), source }
    }

    pub(super) fn kind(self) -> &'static str {
        self.node.kind()
    }

    pub(super) fn text(self) -> &'t str {
        &self.source[self.node.byte_range()]
    }

    pub(super) fn children(self) -> Vec<Self> {
        let mut cursor = self.node.walk();
        self.node.named_children(&mut cursor).map(|node| Self { node, ..self }).collect()
    }

    /// Its children of a kind.
    pub(super) fn all(self, kind: &str) -> Vec<Self> {
        self.children().into_iter().filter(|child| child.kind() == kind).collect()
    }

    /// Its first child of a kind, which it must have.
    pub(super) fn one(self, kind: &str) -> anyhow::Result<Self> {
        let found = self.children().into_iter().find(|child| child.kind() == kind);
        found.with_context(|| format!("no {kind} in `{}`", self.text()))
    }

    /// Everything in it of a kind, in order.
    pub(super) fn within(self, kind: &str) -> Vec<Self> {
        let mut found = Vec::new();
        for child in self.children() {
            if child.kind() == kind {
                found.push(child);
            }
            found.extend(child.within(kind));
        }
        found
    }
}
