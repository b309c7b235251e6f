//! What is particular to a project.

use std::path::PathBuf;

/// Where a project's labels, models and orderings are. [`Project::new`] has a default for each field but `root`.
///
/// Paths are from `root`, except `root` and `target` themselves.
#[derive(Clone, Debug)]
pub struct Project {
    /// The directory that is copied, and in which cargo runs: the workspace's root.
    pub root: PathBuf,
    /// The target directory, which is not copied. A run writes into `mutate/` there, and nowhere else. The default is
    /// `target` in the root: set this if yours is elsewhere.
    pub target: PathBuf,
    /// The directory of the crate's `lib.rs`. The default is `src`.
    pub source: PathBuf,
    /// The page that describes every label. The default is `MEMORY-ORDERING.md`.
    pub document: String,
    /// The arguments of cargo that build one test program, the one with the models. The default is
    /// `test --package PACKAGE --lib --release`; models in `tests/models.rs` are built by `--test models` instead of `--lib`.
    pub tests: Vec<String>,
    /// How the names of models begin, in that program; its other tests do not run. The default is empty: all are models.
    pub models: String,
    /// The directories whose Rust files decide what a model does: `--resume` keeps results as long as this code is the same. The
    /// default is the root.
    pub decisive: Vec<PathBuf>,
    /// The model checker. The default is [`Checker::loom`].
    pub checker: Checker,
    /// The path by which a mutant names the type of its ordering, from any module. The default is
    /// `::core::sync::atomic::Ordering`, which loom's is, too.
    pub ordering: String,
    /// Further `cfg`s under which an item does not ship, so that its orderings need no label; `test` and the checker's are
    /// two in any case. The default is none.
    pub not_shipped: Vec<String>,
}

impl Project {
    /// Returns the project in `root` whose orderings are those of `package`, with loom models among the tests of its library.
    pub fn new(root: impl Into<PathBuf>, package: &str) -> Self {
        let root = root.into();
        Self {
            target: root.join("target"),
            root,
            source: "src".into(),
            document: "MEMORY-ORDERING.md".to_owned(),
            tests: ["test", "--package", package, "--lib", "--release"].map(str::to_owned).into(),
            models: String::new(),
            decisive: vec![PathBuf::new()],
            checker: Checker::loom(),
            ordering: "::core::sync::atomic::Ordering".to_owned(),
            not_shipped: Vec::new(),
        }
    }

    /// Every `cfg` under which an item does not ship.
    pub(crate) fn all_not_shipped(&self) -> Vec<&str> {
        ["test", &self.checker.cfg].into_iter().chain(self.not_shipped.iter().map(String::as_str)).collect()
    }
}

/// A model checker that explores what weak memory orderings allow. A checker for which all operations have one order, such as
/// shuttle, finds no mutant of an ordering.
#[derive(Clone, Debug)]
pub struct Checker {
    /// The `cfg` under which the crate is built on it. No model sees code that is compiled only without it.
    pub cfg: String,
    /// The variable of the environment that bounds how far a model is explored.
    pub effort: String,
    /// Its values: a small one, at which most mutants are killed quickly, and the one at which a survivor has survived.
    pub bounds: [u32; 2],
}

impl Checker {
    /// loom: a thread is interrupted once at most where it does not wait, and then twice.
    pub fn loom() -> Self {
        Self { cfg: "loom".to_owned(), effort: "LOOM_MAX_PREEMPTIONS".to_owned(), bounds: [1, 2] }
    }

    /// The compiler's flag that selects it.
    pub(crate) fn flag(&self) -> String {
        format!("--cfg {}", self.cfg)
    }
}
