use crate::run::Run;
use crate::stage::{Stage, minutes};
use anyhow::ensure;
use std::process::Command;

pub(super) const STAGE: Stage = Stage {
    name: "crash",
    about: "rings between processes, and journals, that are killed, stopped, truncated, replaced, written over, or full, wherever that is",
    timeout: minutes(5),
    deep_timeout: Some(minutes(2 * 60)),
    check,
};

/// The module of the tests, of both packages, that holds the cases; the stage `unit` leaves it out.
pub(super) const MODULE: &str = "crash::";

/// How often each case runs under `--deep`.
const ROUNDS: u64 = 200;

/// What happens to a process or a file, and how the names of its tests begin. Each has a test at least.
const CASES: [(&str, &str); 31] = [
    ("killed at creation", "kill::at_creation"),
    ("killed after registration", "kill::after_it_registered"),
    ("killed in mid-publish, one of many", "kill::in_the_middle_of_a_publish_one_of_many"),
    ("killed in mid-publish, a sole publisher", "kill::in_the_middle_of_a_publish_a_sole"),
    ("killed in mid-publish, many times", "kill::in_mid_publish_many_times"),
    ("killed in mid-batch", "kill::in_mid_batch"),
    ("killed at the gate", "kill::at_the_gate"),
    ("killed asleep", "kill::asleep"),
    ("killed while it joins or leaves", "kill::while_it_joins_or_leaves"),
    ("killed anywhere in a stream", "kill::anywhere_in_a_stream"),
    ("killed, and its fork lives", "kill::a_fork"),
    ("stopped, and resumed, a consumer", "stop::a_stopped_consumer"),
    ("stopped, and resumed, in mid-publish", "stop::a_publisher_that_is_stopped"),
    ("a full file system", "full::a_full_one"),
    ("truncated while it is mapped", "files::a_process_that_touches_what_was_truncated"),
    ("removed or replaced while it is mapped", "files::a_ring_that_was_removed_or_replaced"),
    ("bits of the header flipped", "flipped::a_byte_that_is_flipped"),
    ("any word written over", "flipped::no_word"),
    ("random bytes anywhere", "flipped::random_bytes"),
    ("killed while it journals", "kill::killed_anywhere"),
    ("killed at each step of a journal's append", "killed_at_each_step_of_an_append"),
    ("killed at each step of a journal's roll", "killed_at_each_step_of_a_roll"),
    ("killed at each step of retention", "killed_at_each_step_of_retention"),
    ("killed at each step of a journal's open", "killed_at_each_step_of_an_open"),
    ("killed at each step of a confirmation", "killed_at_each_step_of_a_confirmation"),
    ("killed at each step of a repair", "killed_at_each_step_of_a_repair"),
    ("a journal's sync that fails", "a_sync_that_fails"),
    ("a journal's cut that fails", "a_cut_that_fails"),
    ("a journal's write that fails halfway", "a_write_that_fails"),
    ("a full disk holds a journal", "full::a_full_disk_holds"),
    ("a full disk loses, and counts", "full::a_full_disk_loses"),
];

fn check(run: &Run<'_>) -> anyhow::Result<()> {
    let list = run.read(tests(run).args(["--list", "--format", "terse"]))?;
    let names: Vec<&str> = list.lines().filter_map(|line| line.strip_suffix(": test")?.strip_prefix(MODULE)).collect();
    for (what, beginning) in CASES {
        ensure!(
            names.iter().any(|name| name.starts_with(beginning)),
            "no test begins with {MODULE}{beginning}: {what}"
        );
    }
    let rounds = if run.deep { ROUNDS } else { 1 };
    for round in 1..=rounds {
        // Random bytes are others in each round.
        let mut tests = tests(run);
        if round > 1 {
            tests.env("RUSTED_RING_SEED", round.to_string()).arg("--quiet");
        }
        run.show(&mut tests)?;
    }
    println!("{}", table(&names, rounds));
    Ok(())
}

fn tests(run: &Run<'_>) -> Command {
    let mut cargo = run.command("cargo");
    cargo.args(["test", "--quiet", "--locked", "--package", "rusted-ring-shm", "--test", "processes"]);
    cargo.args(["--package", "rusted-ring-journal", "--test", "journal", "--lib", "--", MODULE]);
    cargo
}

/// What every case came to: a test that fails ends the stage before.
fn table(names: &[&str], rounds: u64) -> String {
    let case =
        |name: &str| CASES.iter().find(|(_, beginning)| name.starts_with(beginning)).map_or("beside", |case| case.0);
    let rows = names.iter().map(|name| format!("passed {rounds}x  {:<40}  {name}", case(name)));
    rows.collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_case_is_shown_with_what_it_is_about() {
        let shown = table(&["kill::asleep_a_reader_holds_nobody", "files::other"], 3);
        let cells = |line: &str| line.split("  ").map(str::trim).filter(|c| !c.is_empty()).map(str::to_owned).collect();
        let rows: Vec<Vec<String>> = shown.lines().map(cells).collect();
        assert_eq!(rows[0], ["passed 3x", "killed asleep", "kill::asleep_a_reader_holds_nobody"]);
        assert_eq!(rows[1], ["passed 3x", "beside", "files::other"]);
    }
}
