//! The whole program of a project, here of the one in `example/`. It ends with 1, because of one ordering that no model needs.

use ordering_mutants::Project;
use std::process::ExitCode;

fn main() -> ExitCode {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/example");
    ordering_mutants::main(&Project::new(root, "mailbox"))
}
