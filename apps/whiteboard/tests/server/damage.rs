//! A store whose file is damaged.

use crate::client::{Client, strokes};
use crate::server::{Server, run};

#[tokio::test]
async fn a_damaged_store_is_told_of_kept_and_what_can_be_read_of_it_is_a_board_again() {
    let home = tempfile::tempdir().expect("a directory");
    let (data, new) = (home.path().join("data"), home.path().join("new"));
    let server = Server::start(&data);
    let mut client = Client::connect_to(&server, "sketch", 1, 0).await;
    client.live().await;
    let saved = client.submit(strokes(0..600, 20)).await;
    server.kill();
    let file = data.join("board.redb");
    let mut bytes = std::fs::read(&file).expect("read");
    bytes[..8192].fill(0xa5);
    bytes.truncate(bytes.len() - 100_000);
    std::fs::write(&file, &bytes).expect("written");

    let [data, into] = [&data, &new].map(|path| path.display().to_string());
    let output = run(&["--listen", "127.0.0.1:0", "--data", &data]);
    let error = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{error}");
    assert!(!error.contains("panicked"), "{error}");
    assert_eq!(std::fs::read(&file).expect("still there").len(), bytes.len());

    let output = run(&["rescue", "--data", &data, "--into", &into]);
    let (text, error) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert_eq!(output.status.code(), Some(0), "{error}");
    assert!(text.contains("on 1 boards") && text.contains(&format!("whiteboard --data {into}")), "{text}");
    assert_eq!(std::fs::read(&file).expect("still there"), bytes, "it is only read");

    let server = Server::start(&new);
    let mut reader = Client::connect_to(&server, "sketch", 2, 0).await;
    reader.live().await;
    assert!(reader.seen.len() > 100, "{} came back", reader.seen.len());
    for (revision, action) in &reader.seen {
        assert_eq!(saved.get(action), Some(revision));
    }
    // It goes on behind the last one, and knows repeats.
    let &(revision, action) = reader.seen.last().expect("some");
    let mut client = Client::connect_to(&server, "sketch", 1, revision).await;
    assert_eq!(client.submit(strokes(action..action + 1, 20)).await, [(action, revision)].into());
    assert_eq!(client.submit(strokes(9000..9001, 20)).await, [(9000, revision + 1)].into());

    let output = run(&["rescue", "--data", &data, "--into", &into]);
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("already"));
}
