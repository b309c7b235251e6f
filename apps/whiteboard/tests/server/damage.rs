//! A store whose file is damaged.

use std::path::Path;

use redb::{Database, ReadableTable, TableDefinition};

use crate::client::{Client, strokes};
use crate::server::{Server, log, run};
use crate::wire;

/// The exit code, and what was said, of a task from this directory to that one.
fn task(task: &str, data: &Path, into: &Path) -> (Option<i32>, String) {
    let [data, into] = [data, into].map(|path| path.display().to_string());
    let output = run(&[task, "--data", &data, "--into", &into]);
    let said = [output.stdout, output.stderr].map(|said| String::from_utf8_lossy(&said).into_owned()).concat();
    (output.status.code(), said)
}

/// Twenty strokes and a message, and an ordinary stop.
#[cfg(unix)]
async fn stopped(data: &Path) -> Vec<u8> {
    let mut server = Server::start_with(data, &["--listen", "127.0.0.1:0"], &[]);
    let mut client = Client::connect(&server, 1, 0).await;
    client.live().await;
    for actions in 0..4 {
        client.submit(strokes(actions * 5..actions * 5 + 5, 5)).await;
    }
    client.submit([(99, wire::chat(99, "the one that is damaged"))]).await;
    let _others = Client::connect(&server, 2, 0).await;
    server.terminate();
    assert_eq!(server.ended().code(), Some(0));
    std::fs::read(data.join("board.redb")).expect("read")
}

#[cfg(unix)]
#[tokio::test]
async fn after_an_ordinary_stop_the_store_is_closed_and_a_flipped_bit_is_refused_and_costs_one_action_at_most() {
    let home = tempfile::tempdir().expect("a directory");
    let [data, new] = ["data", "new"].map(|name| home.path().join(name));
    let whole = stopped(&data).await;
    assert_eq!(whole[9] & 2, 0, "nothing is to be mended");
    let said = std::fs::read_to_string(log(&data)).expect("a log");
    assert!(said.contains("stopped; everything that was taken is saved"), "{said}");

    let mut bytes = whole.clone();
    let places = whole.windows(8).enumerate().filter(|(_, found)| *found == b"the one ").map(|(at, _)| at);
    places.for_each(|at| bytes[at] ^= 1);
    let file = data.join("board.redb");
    std::fs::write(&file, &bytes).expect("written");
    let output = run(&["--listen", "127.0.0.1:0", "--data", &data.display().to_string()]);
    let error = String::from_utf8_lossy(&output.stderr).into_owned();
    for (code, error) in [(output.status.code(), error), task("backup", &data, &new)] {
        assert_eq!(code, Some(1), "{error}");
        let [cause, remedy] = ["is damaged: what", "whiteboard rescue --data"].map(|words| error.find(words));
        assert!(cause.is_some() && cause < remedy && !error.contains("unreachable"), "{error}");
        assert!(std::fs::read(&file).expect("read") == bytes && !new.exists(), "nothing changes");
    }
    let (code, said) = task("rescue", &data, &new);
    assert_eq!(code, Some(0), "{said}");
    // The last one of all is missing, and nobody could tell by what is there.
    assert!(said.contains("rescued 20 actions on 1 board; missing of the revisions up to 21: 1 "), "{said}");
}

#[cfg(unix)]
#[tokio::test]
async fn without_the_mark_rescue_says_that_it_does_not_know_of_later_actions() {
    let home = tempfile::tempdir().expect("a directory");
    let [data, new] = ["data", "new"].map(|name| home.path().join(name));
    stopped(&data).await;
    std::fs::remove_file(data.join("board.mark")).expect("removed");
    let (code, said) = task("rescue", &data, &new);
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("actions after revision 21 is not known") && said.contains("board.mark"), "{said}");
}

#[cfg(unix)]
#[tokio::test]
async fn an_action_that_was_damaged_before_it_was_written_is_told_at_the_start_and_by_backup() {
    let home = tempfile::tempdir().expect("a directory");
    let [data, copy] = ["data", "copy"].map(|name| home.path().join(name));
    stopped(&data).await;
    let database = Database::create(data.join("board.redb")).expect("opened");
    let transaction = database.begin_write().expect("a transaction");
    {
        let actions: TableDefinition<'_, (&str, u64), &[u8]> = TableDefinition::new("actions");
        let mut actions = transaction.open_table(actions).expect("a table");
        let mut record = actions.get(("main", 3)).expect("read").expect("an action").value().to_vec();
        record[50] ^= 1;
        actions.insert(("main", 3), &record[..]).expect("written");
    }
    transaction.commit().expect("a commit");
    drop(database);
    let (code, said) = task("backup", &data, &copy);
    assert_eq!(code, Some(1), "it did not copy all that was saved: {said}");
    assert!(said.contains("1 action of the store cannot be read") && said.contains("copied 21 actions"), "{said}");
    let server = Server::start_with(&data, &["--listen", "127.0.0.1:0"], &[]);
    assert_eq!(server.health()["store"]["damaged"], 1);
    let said = std::fs::read_to_string(log(&data)).expect("a log");
    assert!(said.contains("warning: 1 action of the store cannot be read"), "{said}");
}

#[cfg(unix)]
#[tokio::test]
async fn an_empty_file_in_the_place_of_a_store_is_refused_by_all() {
    let home = tempfile::tempdir().expect("a directory");
    let [data, new] = ["data", "new"].map(|name| home.path().join(name));
    stopped(&data).await;
    std::fs::write(data.join("board.redb"), b"").expect("written");
    let output = run(&["--listen", "127.0.0.1:0", "--data", &data.display().to_string()]);
    let error = String::from_utf8_lossy(&output.stderr).into_owned();
    for (code, error) in [(output.status.code(), error), task("backup", &data, &new)] {
        assert!(code == Some(1) && error.contains("is empty") && !new.exists(), "{error}");
    }
    let (code, said) = task("rescue", &data, &new);
    assert!(code == Some(1) && said.contains("whiteboard backup") && !new.exists(), "{said}");
    assert_eq!(std::fs::metadata(data.join("board.redb")).expect("there").len(), 0);
}

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
    assert!(text.contains("on 1 board;") && text.contains(&format!("whiteboard --data {into}")), "{text}");
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
