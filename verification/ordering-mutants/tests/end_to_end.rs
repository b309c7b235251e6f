//! The whole way, on the project in `example/`, built for loom once.

use ordering_mutants::control::{self, Alteration};
use ordering_mutants::{Options, Project, complaints, run};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

const EXAMPLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/example");
const SOURCE: &str = "src/lib.rs";
const MODEL: &str = "models::what_is_received_is_what_was_sent";

/// Where all tests build.
fn target() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("mailbox")
}

/// The example, in `root`.
fn project(root: impl Into<PathBuf>) -> Project {
    Project {
        target: target(),
        tests: ["test", "--package", "mailbox", "--lib", "--locked"].map(str::to_owned).into(),
        ..Project::new(root, "mailbox")
    }
}

/// A copy of the example with `alteration`.
fn altered(name: &str, alteration: Alteration<'_>) -> PathBuf {
    let root = target().join(name);
    control::copy(Path::new(EXAMPLE), &root, &target(), &[alteration]).unwrap();
    root
}

/// Whether all is well, and what a run prints.
fn ran(project: &Project, options: &Options) -> (bool, String) {
    let mut out = Vec::new();
    let good = run(project, options, &mut out).unwrap();
    (good, String::from_utf8(out).unwrap())
}

#[test]
fn a_model_kills_two_mutants_and_the_third_survives_until_it_is_explained() {
    let example = project(EXAMPLE);
    let (good, said) = ran(&example, &Options::default());
    assert!(!good, "{said}");
    assert_eq!(said.matches(&format!("killed by {MODEL}, bound ")).count(), 2, "{said}");
    assert!(said.contains("receive: Release -> Relaxed ") && said.contains(" SURVIVED ("), "{said}");
    assert!(said.contains("\nCOUNTED | lib.rs receive | Release -> Relaxed (lib.rs:"), "{said}");
    assert!(said.ends_with("\n3 mutants, 2 killed, 0 explained, 1 unexplained\n"), "{said}");

    // What a run writes is what stands in the document.
    let killed = fs::read_to_string(target().join("mutate/killed.md")).unwrap();
    let document = fs::read_to_string(Path::new(EXAMPLE).join(&example.document)).unwrap();
    assert!(killed.lines().count() == 2 && document.contains(&killed), "{killed}");

    let empty = "| label | where | mutation | reason |\n|---|---|---|---|\n";
    let row = format!("{empty}| COUNTED | `lib.rs receive` | `Release -> Relaxed` | the count orders nothing |\n");
    let explained = altered("explained", Alteration { file: &example.document, was: empty, is: &row });
    let (good, said) = ran(&project(explained), &Options { resume: true, ..Options::default() });
    assert!(good, "{said}");
    assert_eq!(said.matches(" (kept)\n").count(), 3, "{said}");
    assert!(said.contains(" explained: the count orders nothing (kept)\n"), "{said}");
    assert!(said.ends_with("\n3 mutants, 2 killed, 1 explained, 0 unexplained\n"), "{said}");
}

#[test]
fn the_mutants_are_listed_and_chosen_without_a_build() {
    let (good, said) = ran(&project(EXAMPLE), &Options { list: true, ..Options::default() });
    assert!(good && said.lines().count() == 3, "{said}");
    let sent = Options { list: true, label: vec!["SENT".to_owned()], ..Options::default() };
    let (_, said) = ran(&project(EXAMPLE), &sent);
    let columns: Vec<&str> = said.split_whitespace().collect();
    assert!(matches!(columns[..], ["SENT", _, "send:", "Release", "->", "Relaxed"]), "{said}");
}

#[test]
fn an_ordering_without_its_label_is_reported_and_nothing_is_run() {
    let label = "        // SENT: Release, with RECEIVED: the letter comes before the flag.\n";
    let unlabelled = project(altered("unlabelled", Alteration { file: SOURCE, was: label, is: "" }));
    let found = complaints(&unlabelled).unwrap();
    assert_eq!(found.len(), 3, "{found:?}");
    assert!(found[0].contains("Release without a label: put `// NAME: why"), "{found:?}");
    assert!(found[1].ends_with("RECEIVED is with SENT, and nothing has that label"), "{found:?}");
    assert!(found[2].starts_with("MEMORY-ORDERING.md:3: nothing has the label SENT"), "{found:?}");
    let unrun = Project { target: target().join("unrun"), ..unlabelled };
    assert_eq!(ran(&unrun, &Options::default()), (false, found.join("\n") + "\n"));
}

#[test]
fn a_control_demands_that_the_model_fails_on_a_planted_fault() {
    let planted = Alteration { file: SOURCE, was: "full.store(true, Release)", is: "full.store(true, Relaxed)" };
    // Cargo cannot tell a copy from the example, but it tells profiles apart: each has one, and all share loom.
    let test = |root: &Path, apart: &str| {
        let mut cargo = Command::new("cargo");
        cargo.current_dir(root).env("RUSTFLAGS", "--cfg loom").args(["test", "--lib", "--locked", "--config"]);
        cargo.arg(format!("profile.dev.package.mailbox.{apart}"));
        cargo.arg("--target-dir").arg(target().join("mutate/build")).args(["--", "--nocapture"]).stdout(Stdio::null());
        control::is_caught(&mut cargo, "panicked at src/lib.rs", Instant::now() + Duration::from_secs(600))
    };
    test(&altered("planted", planted), "opt-level=1").unwrap();
    let error = test(Path::new(EXAMPLE), "opt-level=2").unwrap_err();
    assert!(format!("{error:#}").contains("it had to fail, and ended well"), "{error:#}");
}
