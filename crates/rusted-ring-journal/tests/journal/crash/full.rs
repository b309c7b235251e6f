//! File systems that are full, and have room again.

use std::{
    env,
    io::{BufRead, BufReader},
    path::Path,
    process::{Command, Stdio},
};

use super::start;
use crate::child::SMALL;

/// A command that goes on in a mount namespace of its own, in which `path` is a file system in memory of [`SMALL`] bytes.
fn on_a_small_file_system(path: &Path) -> Command {
    let script = format!("mount -t tmpfs -o size={SMALL} tmpfs \"$1\" && shift && exec \"$@\"");
    // As the superuser, and as a user that may have a namespace of its own.
    let ways: [&[&str]; 2] = [&["--mount"], &["--user", "--map-root-user", "--mount"]];
    let command = |way: &[&str]| {
        let mut command = Command::new("unshare");
        command.args(way).args(["sh", "-c", &script, "sh"]).arg(path);
        command
    };
    let works = |way: &&&[&str]| {
        let mut command = command(way);
        command.arg("true").stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok_and(|status| status.success())
    };
    let way = ways.iter().find(works).expect(
        "a small file system was to be mounted: run this as root, or allow namespaces of users \
         (`sysctl kernel.unprivileged_userns_clone=1`; in a container, `--cap-add SYS_ADMIN`)",
    );
    let mut command = command(way);
    command.arg(env::current_exe().unwrap());
    command
}

fn is_done(role: &str) {
    let directory = tempfile::tempdir().unwrap();
    let mut process = start(on_a_small_file_system(directory.path()), role, directory.path());
    let said: Vec<String> = BufReader::new(process.0.stdout.take().unwrap()).lines().map_while(Result::ok).collect();
    assert!(said.iter().any(|line| line.contains("<done>")), "the process that {role} said:\n{}", said.join("\n"));
}

#[test]
fn a_full_disk_holds_the_publishers_and_nothing_is_lost() {
    is_done("is held");
}

#[test]
fn a_full_disk_loses_what_it_says_and_goes_on_by_itself() {
    is_done("goes on");
}

#[test]
fn a_disk_that_stays_full_has_nothing_of_a_write_that_failed() {
    is_done("stays full");
}
