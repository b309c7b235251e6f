//! Rings in shared memory, looked at by the real `rring`.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;

use crate::client::{Client, strokes};
use crate::server::{Server, run};

/// A name that no other test and no other run has.
pub(crate) fn name(test: &str) -> String {
    format!("whiteboard-test-{}-{test}", std::process::id())
}

fn start(data: &Path, name: &str) -> Server {
    Server::start_with(data, &["--listen", "127.0.0.1:0", "--shm", name], &[])
}

/// The program beside the server's; it is built, if it was not.
fn rring() -> &'static Path {
    static RRING: OnceLock<PathBuf> = OnceLock::new();
    RRING.get_or_init(|| {
        let server = Path::new(env!("CARGO_BIN_EXE_whiteboard"));
        let rring = server.with_file_name("rring");
        if !rring.exists() {
            let profile = match server.parent().and_then(Path::file_name).and_then(|name| name.to_str()) {
                Some("debug") => "dev",
                Some(profile) => profile,
                None => panic!("{} is in no profile's directory", server.display()),
            };
            let built =
                Command::new(env!("CARGO")).args(["build", "--locked", "-p", "rring", "--profile", profile]).status();
            assert!(built.expect("cargo runs").success(), "rring is built");
        }
        rring
    })
}

/// What `rring` says, which must be content.
pub(crate) fn look(arguments: &[&str]) -> String {
    let Output { status, stdout, stderr } = Command::new(rring()).args(arguments).output().expect("it runs");
    assert!(status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&stderr));
    String::from_utf8(stdout).expect("UTF-8")
}

fn rings(name: &str) -> Vec<PathBuf> {
    let sizes = ["xs", "s", "m", "l", "xl"];
    let paths = sizes.map(|size| PathBuf::from(format!("/dev/shm/rusted-ring.{name}.{size}")));
    paths.into_iter().filter(|path| path.exists()).collect()
}

/// Takes away what a killed server has left.
pub(crate) struct Removed(pub(crate) String);

impl Drop for Removed {
    fn drop(&mut self) {
        for path in rings(&self.0) {
            let _ = std::fs::remove_file(path);
        }
        let _ = std::fs::remove_file(format!("/dev/shm/.whiteboard.{}.lock", self.0));
    }
}

#[tokio::test]
async fn what_people_draw_is_seen_by_rring_while_the_server_runs() {
    let home = tempfile::tempdir().expect("a directory");
    let name = Removed(name("drawn"));
    let mut server = start(&home.path().join("board"), &name.0);
    let mut client = Client::connect(&server, 1, 0).await;
    client.live().await;
    assert_eq!(client.submit(strokes(0..20, 20)).await.len(), 20);

    let listed = look(&["ls"]);
    let of_it = listed.lines().filter(|line| line.contains(&name.0) && line.contains("alive"));
    assert_eq!(of_it.count(), 5, "{listed}");
    let ring = format!("{}.m", name.0);
    let stat: serde_json::Value = serde_json::from_str(&look(&["stat", &ring, "--json"])).expect("JSON");
    assert_eq!(stat["claimed"], 20, "{stat}");
    let mut readers: Vec<_> =
        stat["readers"].as_array().expect("readers").iter().map(|reader| &reader["name"]).collect();
    readers.sort_by_key(|name| name.to_string());
    assert_eq!(readers, ["analytics", "network", "storage", "validation"], "{stat}");
    let tapped = look(&["tap", &ring, "--hex"]);
    assert_eq!(tapped.lines().count(), 20, "{tapped}");
    // A stroke's kind, as type and as first byte.
    assert!(tapped.lines().all(|line| line.split('\t').nth(1) == Some("1")), "{tapped}");

    server.terminate();
    assert_eq!(server.ended().code(), Some(0));
    assert_eq!(rings(&name.0), Vec::<PathBuf>::new(), "it takes its rings away");
}

#[tokio::test]
async fn what_a_killed_server_left_is_replaced_and_a_living_ones_is_not() {
    let home = tempfile::tempdir().expect("a directory");
    let [data, other] = ["board", "other"].map(|name| home.path().join(name));
    let name = Removed(name("killed"));
    let server = start(&data, &name.0);
    let taken = run(&["--listen", "127.0.0.1:0", "--data", &other.display().to_string(), "--shm", &name.0]);
    let error = String::from_utf8_lossy(&taken.stderr);
    assert_eq!(taken.status.code(), Some(1), "{error}");
    assert!(
        error.contains("taken by a whiteboard that runs (process ") && error.contains("choose another name"),
        "{error}"
    );

    // A reader that is left over does not keep the next server out.
    let mut tap = Command::new(rring()).args(["tap", "--follow", &format!("{}.xs", name.0)]).spawn().expect("it runs");
    server.kill();
    assert_eq!(rings(&name.0).len(), 5, "nobody was there to remove them");
    let mut server = start(&data, &name.0);
    assert_eq!(server.health()["pools"][2]["published"], 0);
    let log = std::fs::read_to_string(crate::server::log(&data)).expect("a log");
    assert!(log.contains("removed 5 rings that a server which was killed has left"), "{log}");
    server.terminate();
    assert_eq!(server.ended().code(), Some(0));
    tap.kill().expect("killed");
    tap.wait().expect("ended");
}

#[tokio::test]
async fn what_is_left_of_a_set_that_is_not_whole_is_replaced_too() {
    let home = tempfile::tempdir().expect("a directory");
    let data = home.path().join("board");
    let name = Removed(name("broken"));
    for size in ["xs", "m", "xl"] {
        start(&data, &name.0).kill();
        std::fs::remove_file(format!("/dev/shm/rusted-ring.{}.{size}", name.0)).expect("it was left");
    }
    let mut server = start(&data, &name.0);
    assert_eq!(rings(&name.0).len(), 5);
    server.terminate();
    assert_eq!(server.ended().code(), Some(0));
    assert_eq!(rings(&name.0), Vec::<PathBuf>::new());
}

#[test]
fn a_name_that_cannot_be_had_says_why_and_what_to_do() {
    let home = tempfile::tempdir().expect("a directory");
    let name = Removed(name("refused"));
    let refused = |name: &str| {
        let output = run(&["--listen", "127.0.0.1:0", "--data", &home.path().display().to_string(), "--shm", name]);
        assert_eq!(output.status.code(), Some(1));
        String::from_utf8_lossy(&output.stderr).into_owned()
    };
    let error = refused("two words");
    assert!(error.contains("--shm") && error.contains("letters, digits"), "{error}");
    // Another program's ring, whether it lives or not.
    let ring = format!("{}.m", name.0);
    look(&["pub", &ring, "--create", "1024,8", "/dev/null"]);
    let error = refused(&name.0);
    assert!(error.contains(&format!("{} is not a whiteboard's", name.0)), "{error}");
    assert!(error.contains(&ring) && error.contains("choose another NAME"), "{error}");
    assert_eq!(rings(&name.0).len(), 1, "it is left, and nothing else is");
}
