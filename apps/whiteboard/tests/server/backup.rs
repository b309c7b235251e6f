//! Copies of the boards, made while they are drawn on.

use std::collections::BTreeMap;
use std::path::Path;

use crate::client::{Client, assert_contiguous, strokes};
use crate::server::{Server, run};

fn backup(data: &Path, into: &Path) -> (Option<i32>, String) {
    let [data, into] = [data, into].map(|path| path.display().to_string());
    let output = run(&["backup", "--data", &data, "--into", &into]);
    let said = [output.stdout, output.stderr].map(|said| String::from_utf8_lossy(&said).into_owned()).concat();
    (output.status.code(), said)
}

/// What a board holds: (revision, action).
async fn read(data: &Path, board: &str) -> Vec<(u64, u64)> {
    let server = Server::start(data);
    let mut reader = Client::connect_to(&server, board, 9, 0).await;
    reader.live().await;
    reader.seen
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn copies_made_under_load_open_and_hold_all_that_was_acknowledged_before() {
    let home = tempfile::tempdir().expect("a directory");
    let data = home.path().join("data");
    let server = std::sync::Arc::new(Server::start(&data));
    let drawing = tokio::spawn({
        let server = std::sync::Arc::clone(&server);
        async move {
            let mut client = Client::connect(&server, 1, 0).await;
            client.submit(strokes(0..1500, 300)).await
        }
    });
    let mut before = Vec::new();
    for number in 0..3 {
        let revision = server.health()["store"]["revision"].as_u64().expect("a number");
        let (data, into) = (data.clone(), home.path().join(format!("copy-{number}")));
        let copied = into.clone();
        let (code, said) = tokio::task::spawn_blocking(move || backup(&data, &copied)).await.expect("it ran");
        assert_eq!(code, Some(0), "{said}");
        before.push((into, revision));
    }
    let saved = drawing.await.expect("all is saved");
    for (into, revision) in before {
        let seen = read(&into, "main").await;
        assert!(seen.len() as u64 >= revision, "{} of {revision}", seen.len());
        assert_contiguous(&seen, 1, seen.len() as u64);
        assert!(seen.iter().all(|(at, action)| saved[action] == *at));
    }
}

#[tokio::test]
async fn a_copy_goes_on_where_it_was_made_and_knows_repeats_and_is_made_of_a_store_at_rest_too() {
    let home = tempfile::tempdir().expect("a directory");
    let [data, one, two] = ["data", "one", "two"].map(|name| home.path().join(name));
    let server = Server::start(&data);
    let mut client = Client::connect(&server, 1, 0).await;
    let saved: BTreeMap<u64, u64> = client.submit(strokes(0..40, 20)).await;
    // Its socket stays, and nobody answers there.
    server.kill();
    assert_eq!(backup(&data, &one).0, Some(0));
    let server = Server::start(&one);
    let (code, said) = backup(&one, &two);
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("copied 40 actions, up to revision 40") && said.contains("whiteboard --data"), "{said}");
    drop(server);
    let server = Server::start(&two);
    let mut client = Client::connect(&server, 1, 40).await;
    assert_eq!(client.submit(strokes(0..41, 20)).await, saved.into_iter().chain([(40, 41)]).collect());

    let (code, said) = backup(&home.path().join("nothing"), &home.path().join("three"));
    assert_eq!((code, said.contains("there are no boards")), (Some(1), true), "{said}");
    assert_eq!(std::fs::read_dir(home.path()).expect("a directory").count(), 3, "nothing was made");
}

#[tokio::test]
async fn a_store_in_use_is_not_rescued_and_nothing_that_looks_whole_is_left() {
    let home = tempfile::tempdir().expect("a directory");
    let [data, into] = ["data", "into"].map(|name| home.path().join(name));
    let server = Server::start(&data);
    Client::connect(&server, 1, 0).await.submit(strokes(0..40, 20)).await;
    let [from, to] = [&data, &into].map(|path| path.display().to_string());
    let output = run(&["rescue", "--data", &from, "--into", &to]);
    let error = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{error}");
    assert!(error.contains("in use") && error.contains("whiteboard backup --data"), "{error}");
    assert!(!into.exists());
    assert_eq!(server.health()["status"], "excellent");
}
