//! Obstacles in the place of the data directory's files, files that others can look into, and streams that are gone.

use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;

use crate::client::{Client, strokes};
use crate::server::{Server, run};
use crate::wire::{self, Message};

fn mode(path: &Path) -> u32 {
    std::fs::metadata(path).expect("there").permissions().mode() & 0o777
}

#[tokio::test]
async fn all_that_is_made_is_its_owners_alone_whatever_the_umask_is() {
    let home = tempfile::tempdir().expect("a directory");
    let [data, copy, ruin, new] = ["data", "copy", "ruin", "new"].map(|name| home.path().join(name));
    let server = Server::start_by("umask 000", &data, "2>/dev/null");
    Client::connect(&server, 1, 0).await.submit(strokes(0..10, 20)).await;
    let said = |path: &Path| path.display().to_string();
    assert!(run(&["backup", "--data", &said(&data), "--into", &said(&copy)]).status.success());
    server.kill();
    for made in [&data, &copy] {
        assert_eq!(mode(made), 0o700);
        for file in ["board.redb", "board.key", "board.mark"] {
            assert_eq!(mode(&made.join(file)), 0o600, "{file}");
        }
    }
    std::fs::rename(&data, &ruin).expect("moved");
    assert!(run(&["rescue", "--data", &said(&ruin), "--into", &said(&new)]).status.success());
    assert_eq!((mode(&new.join("board.redb")), mode(&new.join("board.key"))), (0o600, 0o600));
}

#[test]
fn files_that_others_may_read_are_warned_of() {
    let home = tempfile::tempdir().expect("a directory");
    let data = home.path().join("data");
    drop(Server::start_with(&data, &["--listen", "127.0.0.1:0"], &[]));
    assert!(!std::fs::read_to_string(crate::server::log(&data)).expect("a log").contains("warning"));
    for file in ["board.redb", "board.key"] {
        std::fs::set_permissions(data.join(file), std::fs::Permissions::from_mode(0o644)).expect("changed");
    }
    drop(Server::start_with(&data, &["--listen", "127.0.0.1:0"], &[]));
    let log = std::fs::read_to_string(crate::server::log(&data)).expect("a log");
    for file in ["board.redb", "board.key"] {
        assert!(log.contains(&format!("chmod 600 {}", data.join(file).display())), "{log}");
    }
}

#[test]
fn links_in_the_place_of_the_stores_files_are_not_followed() {
    let home = tempfile::tempdir().expect("a directory");
    let [elsewhere, whole] = ["elsewhere", "whole"].map(|name| home.path().join(name));
    let said = |path: &Path| path.display().to_string();
    drop(Server::start(&whole));
    for file in ["board.redb", "board.key"] {
        // To something that is not there, and to something that is.
        for (number, target) in [elsewhere.clone(), whole.join(file)].iter().enumerate() {
            let data = home.path().join(format!("{file}-{number}"));
            std::fs::create_dir(&data).expect("made");
            symlink(target, data.join(file)).expect("a link");
            for arguments in [
                &["--listen", "127.0.0.1:0", "--data", &said(&data)][..],
                &["rescue", "--data", &said(&whole), "--into", &said(&data)],
                &["backup", "--data", &said(&whole), "--into", &said(&data)],
            ] {
                let output = run(arguments);
                assert_eq!(output.status.code(), Some(1), "{arguments:?}: {output:?}");
            }
            assert!(data.join(file).symlink_metadata().expect("there").is_symlink());
            assert_eq!(std::fs::read_dir(&data).expect("a directory").count(), 1, "nothing was made beside it");
        }
    }
    assert!(!elsewhere.exists());
}

#[test]
fn no_pipe_in_the_place_of_the_stores_files_is_waited_for() {
    let home = tempfile::tempdir().expect("a directory");
    for file in ["board.redb", "board.key"] {
        let data = home.path().join(file);
        std::fs::create_dir(&data).expect("made");
        pipe(&data.join(file));
        let output = run(&["--listen", "127.0.0.1:0", "--data", &data.display().to_string()]);
        assert_eq!(output.status.code(), Some(1), "{output:?}");
    }
}

#[test]
fn a_token_file_that_is_a_pipe_or_a_directory_is_refused_at_once() {
    let home = tempfile::tempdir().expect("a directory");
    let token = home.path().join("token");
    pipe(&token);
    for file in [&token, home.path()] {
        let [data, file] = [&home.path().join("data"), file].map(|path| path.display().to_string());
        let output = run(&["--listen", "127.0.0.1:0", "--data", &data, "--token-file", &file]);
        let error = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.code() == Some(1) && error.contains("no plain file"), "{error}");
    }
}

fn pipe(path: &Path) {
    use rustix::fs::{CWD, FileType, Mode, mknodat};
    mknodat(CWD, path, FileType::Fifo, Mode::RUSR | Mode::WUSR, 0).expect("a pipe");
}

#[tokio::test]
async fn a_disk_without_room_is_told_to_everyone_though_nobody_hears_the_log() {
    // The streams of a server whose log is full, or closed, or read by nobody.
    for (number, streams) in ["2>/dev/full", "2>&-", "2> >(exec true)"].into_iter().enumerate() {
        let home = tempfile::tempdir().expect("a directory");
        let data = home.path().join("board");
        // 4 MiB.
        let mut server = Server::start_by("ulimit -S -f 8192", &data, streams);
        let mut client = Client::connect(&server, 1, 0).await;
        client.live().await;
        let mut action = 0;
        client.send(wire::stroke(action, 1800)).await;
        loop {
            match client.next().await.expect("the connection lives") {
                Message::Ack { .. } => action += 1,
                // A machine that is busy with other things.
                Message::Busy { .. } => tokio::time::sleep(std::time::Duration::from_millis(20)).await,
                Message::Trouble { .. } => break,
                _ => continue,
            }
            assert!(action < 2000, "the limit is felt");
            client.send(wire::stroke(action, 1800)).await;
        }
        let (status, health) = server.health_and_status();
        assert_eq!((status, &health["status"]), (503, &"no-room".into()), "{number}: {health}");
        server.terminate();
        assert_eq!(server.ended().code(), Some(1), "it does not claim that all is well");
    }
}

#[test]
fn a_result_that_nobody_gets_is_a_failure_and_no_panic() {
    let home = tempfile::tempdir().expect("a directory");
    let data = home.path().join("data");
    drop(Server::start(&data));
    let script =
        format!("exec {} backup --data \"$0\" --into \"$0\"/copy >/dev/full", env!("CARGO_BIN_EXE_whiteboard"));
    let output = std::process::Command::new("bash").args(["-c", &script]).arg(&data).output().expect("it ran");
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.code() == Some(1) && error.contains("cannot write the result"), "{error}");
}

#[tokio::test]
async fn a_copy_that_may_not_become_long_enough_is_a_failure_that_is_told_and_leaves_nothing() {
    let home = tempfile::tempdir().expect("a directory");
    let data = home.path().join("data");
    let server = Server::start(&data);
    Client::connect(&server, 1, 0).await.submit(strokes(0..10, 20)).await;
    server.kill();
    for command in ["backup", "rescue"] {
        let script = format!(
            "ulimit -S -f 16; exec {} {command} --data \"$0\" --into \"$0\".new",
            env!("CARGO_BIN_EXE_whiteboard")
        );
        let output = std::process::Command::new("bash").args(["-c", &script]).arg(&data).output().expect("it ran");
        let error = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{command}: {:?}: {error}", output.status);
        assert!(error.contains("too large") && error.contains("ulimit -f"), "{command}: {error}");
        assert!(
            error.contains("cannot write the new store in") && error.contains("--into NEWDIR"),
            "{command}: {error}"
        );
        assert!(!home.path().join("data.new").exists(), "{command} leaves nothing");
    }
}
