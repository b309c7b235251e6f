//! Where two processes do not have the same /dev/shm, not enough of it, none, or not the same user: what is said, and what to do.

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    process::{Command, Stdio},
};

use crate::{Ended, Place, rring_with};

/// The program, as a shell in [`in_namespace`] finds it.
const RRING: &str = env!("CARGO_BIN_EXE_rring");

/// Runs `script` in a mount namespace of its own, after `mounts`. `$R` is the program.
pub(crate) fn in_namespace(mounts: &str, script: &str) -> Ended {
    // As the superuser, and as a user that may have a namespace of its own.
    let ways: [&[&str]; 2] = [&["--mount"], &["--user", "--map-root-user", "--mount"]];
    let command = |way: &[&str], script: &str| {
        let mut command = Command::new("unshare");
        command
            .args(way)
            .args(["sh", "-c", &format!("{mounts} && {{ {script}; }}")])
            .env("R", RRING)
            .stdin(Stdio::null());
        command
    };
    let works = |way: &&&[&str]| command(way, "true").output().is_ok_and(|output| output.status.success());
    let way = ways.iter().find(works).expect(
        "a file system was to be mounted, and neither the superuser nor a user namespace was allowed to: run this as root, or allow namespaces \
         of users (`sysctl kernel.unprivileged_userns_clone=1`; in a container, `--cap-add SYS_ADMIN`)",
    );
    command(way, script).output().unwrap().into()
}

#[test]
fn a_ring_in_another_shared_memory_is_not_found_and_it_is_said_why_that_may_be() {
    let name = format!("rring-test-private-{}", std::process::id());
    assert_eq!(rring_with(&["pub", &name, "--create", "64,8"], "one\n").code, 0);
    let inside = in_namespace("mount -t tmpfs tmpfs /dev/shm", &format!("\"$R\" stat {name}"));
    assert_eq!(inside.code, 3, "{inside:?}");
    assert!(inside.error.contains("the same directory (`ipc: host`"), "{inside:?}");
    assert_eq!(rring_with(&["rm", &name], "").code, 0);
}

#[test]
fn a_ring_that_has_no_room_says_what_it_needs_and_how_to_have_it() {
    let few = in_namespace(
        "mount -t tmpfs -o size=64m tmpfs /dev/shm",
        "echo one | \"$R\" pub fits --create 1024,1000 && \"$R\" pub large --create 65536,2000 </dev/null",
    );
    assert_eq!(few.code, 1, "{few:?}");
    for told in ["published 1", "bytes left for /dev/shm/rusted-ring.large", "fewer slots", "--shm-size"] {
        assert!(few.error.contains(told), "{told}: {few:?}");
    }
    let left = in_namespace(
        "mount -t tmpfs -o size=1m tmpfs /dev/shm",
        "\"$R\" pub large --create 65536,2000 </dev/null; ls -A /dev/shm; \"$R\" doctor --rounds 0",
    );
    assert!(
        !left.out.contains("large") && left.out.contains("--shm-size"),
        "nothing is left, and the doctor sees it: {left:?}"
    );
}

#[test]
fn without_shared_memory_it_is_said_how_to_have_some() {
    let script = "\"$R\" pub ring --create 64,8 </dev/null; echo $?; \"$R\" bench; echo $?; \"$R\" doctor --rounds 0";
    let none = in_namespace("mount -t tmpfs tmpfs /dev && touch /dev/null", script);
    assert_eq!(none.lines()[..2], ["1", "1"], "{none:?}");
    assert_eq!(none.error.matches("mount a tmpfs there").count(), 2, "{none:?}");
    assert!(none.out.contains("mount a tmpfs at /dev/shm"), "{none:?}");
}

#[test]
fn users_share_a_ring_by_their_group_and_others_are_told_how() {
    let place = Place::new();
    let [program, shared] = ["rring", "shared"].map(|name| place.path(name));
    fs::copy(RRING, &program).unwrap();
    fs::create_dir(&shared).unwrap();
    for (path, mode) in [(place.path(""), 0o755), (program.clone(), 0o755), (shared.clone(), 0o777)] {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    }
    // Numbers that nobody has.
    let by = |user: u32, group: u32, script: &str| -> Ended {
        let mut command = Command::new("setpriv");
        command.args([
            "--reuid",
            &user.to_string(),
            "--regid",
            &group.to_string(),
            "--clear-groups",
            "sh",
            "-c",
            script,
        ]);
        command.env("R", &program).env("S", format!("{shared}/ring")).stdin(Stdio::null());
        command.output().expect("setpriv, of util-linux, is installed").into()
    };
    assert_eq!(by(64001, 64100, "id -u").out.trim(), "64001", "this becomes other users: run it as root");

    let created = by(64001, 64100, "echo one | \"$R\" pub \"$S\" --create 64,8 --group");
    assert_eq!(created.code, 0, "{created:?}");
    let unasked = by(64002, 64100, "echo two | \"$R\" pub \"$S\"");
    assert!(unasked.code == 1 && unasked.error.contains("give --group"), "{unasked:?}");
    let asked = by(64002, 64100, "echo two | \"$R\" pub \"$S\" --group && \"$R\" tap \"$S\"");
    assert_eq!((asked.code, asked.lines()), (0, vec!["0\t0\tone", "1\t0\ttwo"]), "{asked:?}");
    let stranger = by(64003, 64101, "\"$R\" tap \"$S\"");
    assert!(
        stranger.code == 1 && stranger.error.contains("--group") && stranger.error.contains("group"),
        "{stranger:?}"
    );
    let alone = by(64001, 64100, "rm \"$S\"; echo one | \"$R\" pub \"$S\" --create 64,8");
    assert_eq!(alone.code, 0, "{alone:?}");
    let fellow = by(64002, 64100, "\"$R\" tap \"$S\"");
    assert!(fellow.code == 1 && fellow.error.contains("rring pub --group"), "{fellow:?}");
    fs::set_permissions(&shared, fs::Permissions::from_mode(0o755)).unwrap();
    let nowhere = by(64002, 64100, "echo one | \"$R\" pub \"$S-2\" --create 64,8");
    assert!(nowhere.code == 1 && nowhere.error.contains("may not write its directory"), "{nowhere:?}");
}
