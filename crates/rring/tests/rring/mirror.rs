//! Mirrors, which another program keeps.

use std::{fs, os::unix::fs::PermissionsExt, process::Command};

/// A copy of `rring` in a directory of its own, beside which nothing is.
fn alone() -> tempfile::TempDir {
    let directory = tempfile::tempdir().unwrap();
    fs::copy(env!("CARGO_BIN_EXE_rring"), directory.path().join("rring")).unwrap();
    directory
}

#[test]
fn the_program_beside_it_is_given_all_arguments_and_else_it_is_said_how_to_install_it() {
    let directory = alone();
    let rring = || {
        let mut rring = Command::new(directory.path().join("rring"));
        rring.env("PATH", "").args(["mirror", "follow", "--help", "-x", "strokes"]);
        rring
    };
    let output = rring().output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("cargo install --path crates/rusted-ring-gateway"), "{said}");

    let program = directory.path().join("rring-mirror");
    fs::write(&program, "#!/bin/sh\necho \"$@\"\nexit 7\n").unwrap();
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
    let output = rring().output().unwrap();
    assert_eq!((output.status.code(), &output.stdout[..]), (Some(7), &b"follow --help -x strokes\n"[..]));
}
