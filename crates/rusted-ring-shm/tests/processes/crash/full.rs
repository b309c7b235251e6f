//! File systems that are full.

use std::process::{Command, Stdio};

use crate::{Place, child::SMALL};

/// A command that goes on in a mount namespace of its own, in which `place` is a file system in memory of [`SMALL`] bytes.
fn with_a_small_file_system(place: &Place) -> Command {
    let script = format!("mount -t tmpfs -o size={SMALL} tmpfs \"$1\" && shift && exec \"$@\"");
    // As the superuser, and as a user that may have a namespace of its own.
    let ways: [&[&str]; 2] = [&["--mount"], &["--user", "--map-root-user", "--mount"]];
    let command = |way: &[&str]| {
        let mut command = Command::new("unshare");
        command.args(way).args(["sh", "-c", &script, "sh"]).arg(place.path());
        command
    };
    let works = |way: &&&[&str]| {
        let mut command = command(way);
        command.arg("true").stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok_and(|status| status.success())
    };
    let way = ways.iter().find(works).expect(
        "a small file system was to be mounted, and neither the superuser nor a user namespace was allowed to: run this as root, or allow \
         namespaces of users (`sysctl kernel.unprivileged_userns_clone=1`; in a container, `--cap-add SYS_ADMIN`)",
    );
    let mut command = command(way);
    command.arg(std::env::current_exe().unwrap());
    command
}

#[test]
fn a_full_one_is_an_error_of_creation_and_a_ring_that_is_there_goes_on() {
    let place = Place::new();
    let child = place.start_by(with_a_small_file_system(&place), "fills");
    assert_eq!(child.said, "all was as promised");
    child.kill();
}
