//! `cargo xtask bench`: builds the benchmarks, and runs them.
//!
//! Each suite is a workspace of its own, and reports its own results; this module only starts them and keeps what they
//! print.

mod suite;

pub(crate) use suite::{SUITES, Suite};

use crate::cli;
use crate::workspace::Workspace;
use anyhow::Context;
use ordering_mutants::interrupt;
use ordering_mutants::process;
use std::fs;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};
use suite::{PEERS, Page};

/// Where each family of processors has a directory, in which a whole run keeps its tables and charts.
const PAGES: &str = "docs/benchmarks";
/// Where, in the target directory, a whole run of the peers leaves a line for each sample: megabytes, from which its page is drawn.
const LINES: &str = "bench/results.jsonl";

/// The load from which on the benchmarks warn.
const QUIET: f64 = 0.5;
const EBB: Duration = Duration::from_secs(150);
const LOOK: Duration = Duration::from_secs(2);

const BUILDING: Duration = Duration::from_secs(40 * 60);
/// A guard against hangs: the benchmarks end by themselves after the time that they are given.
const MEASURING: Duration = Duration::from_secs(60 * 60);

/// Does what the command line asks for. `Ok(true)`: it ran to its end, whatever the figures are.
pub(crate) fn bench(arguments: &cli::Bench) -> anyhow::Result<bool> {
    interrupt::listen()?;
    let workspace = Workspace::load()?;
    if let Some(lines) = &arguments.report {
        return report(lines, &workspace).map(|()| true);
    }
    let suites: Vec<_> = SUITES.into_iter().filter(|suite| arguments.wants(suite.name)).collect();
    for suite in &suites {
        build(suite, &workspace)?;
    }
    if !arguments.list {
        let_the_build_ebb_away();
    }
    for suite in suites {
        measure(suite, arguments, &workspace).with_context(|| format!("measuring the suite `{}`", suite.name))?;
    }
    Ok(true)
}

fn build(suite: &Suite, workspace: &Workspace) -> anyhow::Result<()> {
    process::run(&mut suite.build(workspace)?, Instant::now() + BUILDING)
        .with_context(|| format!("building the suite `{}`", suite.name))
}

/// Draws the peers' page and charts from the `lines` of an earlier run.
fn report(lines: &Path, workspace: &Workspace) -> anyhow::Result<()> {
    // The program runs in the workspace's root.
    let lines = fs::canonicalize(lines).with_context(|| format!("looking for {}", lines.display()))?;
    build(PEERS, workspace)?;
    let mut program = PEERS.program(workspace);
    Ok(process::run(program.arg("report").arg(lines).arg(PAGES), Instant::now() + MEASURING)?)
}

/// Waits until the load that the build has left is gone, because the benchmarks would warn of it; not for long, because
/// somebody else's load does not go away.
fn let_the_build_ebb_away() {
    let load = || fs::read_to_string("/proc/loadavg").ok()?.split(' ').next()?.parse::<f64>().ok();
    let begin = Instant::now();
    while begin.elapsed() < EBB && load().is_some_and(|load| load > QUIET) {
        if begin.elapsed() < LOOK {
            eprintln!("waiting, for {} s at most, until the load of the build has gone", EBB.as_secs());
        }
        thread::sleep(LOOK);
    }
}

fn measure(suite: &Suite, arguments: &cli::Bench, workspace: &Workspace) -> anyhow::Result<()> {
    let mut program = suite.program(workspace);
    program.args(words(suite, arguments, &workspace.target_argument(LINES)?));
    let deadline = Instant::now() + MEASURING;
    match &suite.page {
        Some(page) if arguments.is_whole() => {
            let said = process::capture(&mut program, deadline)?;
            println!("{said}");
            keep(page, suite, &said, workspace)
        }
        _ => Ok(process::run(&mut program, deadline)?),
    }
}

/// Writes what a suite printed to its page.
fn keep(page: &Page, suite: &Suite, said: &str, workspace: &Workspace) -> anyhow::Result<()> {
    let about = format!(
        "Written by `cargo xtask bench`, when and where [RESULTS.md](RESULTS.md) says; \
         [benches/{name}](../../../benches/{name}/README.md) says what is measured, and how.",
        name = suite.name
    );
    let family = process::capture(PEERS.program(workspace).arg("family"), Instant::now() + MEASURING)?;
    let directory = workspace.root.join(PAGES).join(family.trim());
    fs::create_dir_all(&directory).with_context(|| format!("making {}", directory.display()))?;
    let path = directory.join(page.name);
    fs::write(&path, format!("# {}\n\n{about}\n\n{}\n", page.title, said.trim()))
        .with_context(|| format!("writing {}", path.display()))
}

/// The arguments of a suite's program; `lines` is the file for the peers' lines.
fn words(suite: &Suite, arguments: &cli::Bench, lines: &str) -> Vec<String> {
    let mut words = match (suite == PEERS, arguments.list) {
        (true, true) => vec!["list".to_owned()],
        (true, false) => peers(arguments, lines),
        (false, _) => Vec::new(),
    };
    let more = [(arguments.is_whole(), suite.whole), (arguments.goals, suite.goals)];
    words.extend(
        more.iter().filter(|(wanted, _)| *wanted).flat_map(|(_, more)| more.iter().map(|word| (*word).to_owned())),
    );
    words
}

/// The arguments of the peers' program, to measure.
fn peers(arguments: &cli::Bench, lines: &str) -> Vec<String> {
    let mut words = vec!["run".to_owned()];
    if arguments.is_whole() {
        words.extend([format!("--lines={lines}"), format!("--pages={PAGES}")]);
    }
    for (wanted, flag) in [(arguments.quick, "--quick"), (arguments.goals, "--goals")] {
        words.extend(wanted.then(|| flag.to_owned()));
    }
    for (name, values) in
        [("workload", &arguments.workload), ("payload", &arguments.payload), ("contender", &arguments.contender)]
    {
        words.extend(values.iter().map(|value| format!("--{name}={value}")));
    }
    words.extend(arguments.rounds.map(|rounds| format!("--rounds={rounds}")));
    words.extend(arguments.seconds.map(|seconds| format!("--seconds={seconds}")));
    words.extend(arguments.light.then(|| "--check=light".to_owned()));
    words
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    fn parsed(line: &[&str]) -> cli::Bench {
        let cli::Command::Bench(bench) = cli::Cli::parse_from([&["xtask", "bench"], line].concat()).command else {
            panic!("it is a bench")
        };
        bench
    }

    fn chosen(line: &[&str]) -> Vec<&'static str> {
        let arguments = parsed(line);
        SUITES.iter().map(|suite| suite.name).filter(|name| arguments.wants(name)).collect()
    }

    #[test]
    fn what_was_asked_for_is_handed_on() {
        let bench = parsed(&["--quick", "--payload", "64", "--payload", "1024", "--contender", "rtrb", "--light"]);
        let expected = ["run", "--quick", "--payload=64", "--payload=1024", "--contender=rtrb", "--check=light"];
        assert_eq!(peers(&bench, "a.jsonl"), expected);
        let whole = ["run", "--lines=a.jsonl", "--pages=docs/benchmarks", "--goals"];
        assert_eq!(peers(&parsed(&["--goals"]), "a.jsonl"), whole);
    }

    #[test]
    fn goals_are_asked_of_those_who_have_some() {
        let asked = |name: &str, line: &[&str]| {
            let suite = SUITES.into_iter().find(|suite| suite.name == name).unwrap();
            words(suite, &parsed(line), "a.jsonl").contains(&"--goals".to_owned())
        };
        assert!(asked("peers", &["--goals"]) && asked("lmax", &["--goals"]) && asked("processes", &["--goals"]));
        assert!(asked("lmax", &["--goals", "--suite", "lmax"]) && !asked("lmax", &[]));
        assert!(!asked("published", &["--goals"]) && !asked("layouts", &["--goals"]));
    }

    #[test]
    fn a_part_of_the_peers_leaves_the_other_suites_alone() {
        assert_eq!(chosen(&[]), ["peers", "published", "lmax", "layouts", "processes", "journals"]);
        assert_eq!(chosen(&["--quick"]), ["peers"]);
        assert_eq!(chosen(&["--payload", "64"]), ["peers"]);
        assert_eq!(chosen(&["--suite", "lmax", "--suite", "published"]), ["published", "lmax"]);
        assert_eq!(chosen(&["--suite", "layouts"]), ["layouts"]);
        assert!(parsed(&[]).is_whole());
        assert!(!parsed(&["--suite", "lmax"]).is_whole() && !parsed(&["--rounds", "3"]).is_whole());
    }
}
