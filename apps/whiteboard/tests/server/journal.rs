//! The journal: the history that it gives, and what it keeps of a server that is killed.

use std::collections::{BTreeMap, HashMap};
use std::hash::{BuildHasher, RandomState};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use rusted_ring::subscriber::Kept;
use rusted_ring_journal::{Journal, Options};

use crate::client::{Client, strokes};
use crate::server::{PATIENCE, Server};
use crate::wire;

const OPTIONS: [&str; 3] = ["--listen", "127.0.0.1:0", "--journal"];

fn start(data: &Path) -> Server {
    Server::start_with(data, &OPTIONS, &[])
}

/// An entry of a board's past.
#[derive(Clone, Debug)]
struct Step {
    time: u64,
    name: String,
    kind: u8,
    author: u64,
    revision: u64,
    action: u64,
}

fn u64_at(bytes: &[u8], at: usize) -> u64 {
    u64::from_le_bytes(bytes[at..at + 8].try_into().expect("eight bytes"))
}

/// Asks for a part: its steps, and where the next one begins, if there is one.
fn part(server: &Server, board: &str, from: &str) -> (Vec<Step>, Option<String>, usize) {
    let (head, body) = raw(server, &format!("/past/{board}{from}"), "");
    assert!(head.starts_with(b"HTTP/1.1 200"), "{}", String::from_utf8_lossy(&head));
    let epoch = u32::from_le_bytes(body[..4].try_into().expect("four bytes"));
    let next = (body[12] == 1).then(|| format!("?from={epoch}.{}", u64_at(&body, 4)));
    let (mut steps, mut rest) = (Vec::new(), &body[13..]);
    while !rest.is_empty() {
        let time = u64_at(rest, 0);
        let (name, behind) = rest[9..].split_at(usize::from(rest[8]));
        let (frame, behind) = behind[2..].split_at(usize::from(u16::from_le_bytes([behind[0], behind[1]])));
        assert!(!frame.is_empty(), "nothing is missing");
        steps.push(Step {
            time,
            name: String::from_utf8(name.to_vec()).expect("UTF-8"),
            kind: frame[0],
            author: u64_at(frame, 1),
            revision: u64_at(frame, 9),
            action: u64_at(frame, 17),
        });
        rest = behind;
    }
    (steps, next, body.len())
}

/// All that there is of a board's past.
fn past(server: &Server, board: &str) -> Vec<Step> {
    let (mut steps, mut from) = (Vec::new(), Some(String::new()));
    while let Some(at) = from {
        let (more, next, bytes) = part(server, board, &at);
        assert!(bytes < (256 << 10) + (17 << 10), "{bytes}");
        steps.extend(more);
        from = next;
    }
    steps
}

/// The head and the body of an answer.
fn raw(server: &Server, path: &str, headers: &str) -> (Vec<u8>, Vec<u8>) {
    use std::io::{Read, Write};
    let mut stream = std::net::TcpStream::connect(server.address()).expect("connected");
    let host = server.address();
    write!(stream, "GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n{headers}\r\n").expect("sent");
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).expect("an answer");
    let end = answer.windows(4).position(|four| four == b"\r\n\r\n").expect("a head");
    (answer[..end].to_vec(), answer[end + 4..].to_vec())
}

fn revisions(steps: &[Step]) -> Vec<u64> {
    steps.iter().map(|step| step.revision).collect()
}

#[tokio::test]
async fn a_board_has_a_past_with_times_and_names_also_after_a_restart_and_a_clear() {
    let home = tempfile::tempdir().expect("a directory");
    let data = home.path().join("board");
    let mut server = start(&data);
    let mut ada = Client::connect(&server, 1, 0).await;
    ada.live().await;
    let mut bob = Client::connect_to(&server, "other", 2, 0).await;
    bob.live().await;
    ada.send(wire::here("Ada")).await;
    #[expect(clippy::disallowed_methods, reason = "it is compared with what the server says")]
    let begun = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).expect("since 1970").as_millis();
    ada.submit(strokes(1..4, 20)).await;
    bob.submit(strokes(1..3, 20)).await;
    ada.submit([(8, wire::hide(8, 2)), (9, wire::clear(9))]).await;

    let check = |steps: &[Step]| {
        assert_eq!(revisions(steps), [1, 2, 3, 6, 7], "{steps:?}");
        assert_eq!(steps.iter().map(|step| step.kind).collect::<Vec<_>>(), [1, 1, 1, 6, 5]);
        assert_eq!(steps.iter().map(|step| step.action).collect::<Vec<_>>(), [1, 2, 3, 8, 9]);
        let known = |step: &Step| step.name == "Ada" && step.author == ada.author;
        assert!(steps.iter().all(known), "{steps:?}");
        let times: Vec<u64> = steps.iter().map(|step| step.time).collect();
        assert!(times.is_sorted() && u128::from(times[0]) >= begun && times[0] < begun as u64 + 60_000, "{times:?}");
    };
    check(&past(&server, "main"));
    let other = past(&server, "other");
    assert_eq!(revisions(&other), [4, 5]);
    assert!(other.iter().all(|step| step.name.is_empty()), "it did not say who it is: {other:?}");
    assert_eq!(past(&server, "nobodys").len(), 0);

    let health = server.health()["journal"].clone();
    assert_eq!((&health["lost"], &health["full"], &health["failed"]), (&0.into(), &false.into(), &false.into()));
    let (_, metrics) = raw(&server, "/metrics", "");
    let metrics = String::from_utf8(metrics).expect("UTF-8");
    assert!(metrics.contains("rusted_ring_journal_recording{journal=\"whiteboard\"} 1"), "{metrics}");

    server.terminate();
    assert_eq!(server.ended().code(), Some(0));
    let server = start(&data);
    check(&past(&server, "main"));
    assert_eq!(server.health()["journal"]["completed"], 0, "the store had all of it");
    let mut again = Client::connect(&server, 3, 0).await;
    again.live().await;
    again.submit(strokes(1..2, 20)).await;
    assert_eq!(revisions(&past(&server, "main")), [1, 2, 3, 6, 7, 8]);
}

#[tokio::test]
async fn a_long_past_comes_in_parts_and_a_part_reads_no_more_than_2_mib() {
    let home = tempfile::tempdir().expect("a directory");
    let server = start(&home.path().join("board"));
    let mut client = Client::connect(&server, 1, 0).await;
    client.live().await;
    client.submit(strokes(0..160, 1800)).await;
    assert_eq!(revisions(&past(&server, "main")), (1..=160).collect::<Vec<_>>());
    let (first, next, _) = part(&server, "main", "");
    assert!(next.is_some() && first.len() < 30, "{}", first.len());
    // Who has nothing in it is told so after a part, too, and not after all of it.
    let (none, next, _) = part(&server, "nobodys", "");
    assert!(none.is_empty() && next.is_some(), "{none:?}");
    let (none, next, _) = part(&server, "nobodys", &next.expect("a place"));
    assert!(none.is_empty() && next.is_none(), "{none:?}");
}

/// The journal's directory is a file system of half a mebibyte, and the store's is not.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_full_disk_of_the_journal_holds_up_nobody_and_the_past_says_where_something_is_missing() {
    let home = tempfile::tempdir().expect("a directory");
    let data = home.path().join("board");
    let server = Server::start_with_small(&data.join("journal"), "512k", &data, &OPTIONS);
    let mut client = Client::connect(&server, 1, 0).await;
    client.live().await;
    // A mebibyte waits in memory for room.
    let saved = client.submit(strokes(0..200, 1800)).await;
    assert_eq!(saved.len(), 200, "all is acknowledged");
    let begun = std::time::Instant::now();
    let health = loop {
        let health = server.health();
        if health["journal"]["lost"].as_u64().is_some_and(|lost| lost > 0) {
            break health;
        }
        assert!(begun.elapsed() < PATIENCE, "{health}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    };
    assert_eq!((&health["journal"]["full"], &health["status"]), (&true.into(), &"excellent".into()), "{health}");
    let steps = past(&server, "main");
    assert!(!steps.is_empty() && steps.len() < 200, "{}", steps.len());
    drop(server);
    let server = Server::start(&data);
    assert_eq!(read(&server, "main").await.len(), 200);
}

#[test]
fn the_past_is_locked_and_asked_for_properly_and_none_is_kept_without_the_option() {
    let home = tempfile::tempdir().expect("a directory");
    let [data, open] = ["locked", "open"].map(|name| home.path().join(name));
    let status = |server: &Server, path: &str, headers: &str| {
        let (head, body) = raw(server, path, headers);
        let status: u16 = String::from_utf8_lossy(&head[9..12]).parse().expect("a status");
        (status, String::from_utf8_lossy(&body).into_owned())
    };
    let token = "0123456789abcdefghijkl";
    let server = Server::start_with(&data, &OPTIONS, &[("WHITEBOARD_TOKEN", token)]);
    assert_eq!(status(&server, "/past/main", "").0, 401);
    assert_eq!(status(&server, "/past/main", "Authorization: Bearer 0123456789abcdefghijkx\r\n").0, 401);
    let key = format!("Authorization: Bearer {token}\r\n");
    assert_eq!(status(&server, "/past/main", &key).0, 200);
    assert_eq!(status(&server, "/past/main", &format!("{key}Origin: http://elsewhere.example\r\n")).0, 403);
    assert_eq!(status(&server, "/past/main?from=1", &key).0, 400);
    assert_eq!(status(&server, "/past/main?from=4000000000.18446744073709551615", &key).0, 200, "there is nothing");
    assert_eq!(status(&server, "/past/No", &key).0, 404);

    let server = Server::start_with(&open, &["--listen", "127.0.0.1:0"], &[]);
    let (code, told) = status(&server, "/past/main", "");
    assert!(code == 404 && told.contains("--journal"), "{code} {told}");
    assert!(!open.join("journal").exists() && server.health().get("journal").is_none(), "nothing has changed");
    drop(server);
    let by_environment = Server::start_with(&open, &["--listen", "127.0.0.1:0"], &[("WHITEBOARD_JOURNAL", "1")]);
    assert_eq!(status(&by_environment, "/past/main", "").0, 200);
}

const CLIENTS: u8 = 4;
const KILLS: u64 = 20;

/// Every action in the journal of a killed server, by revision: (board, client, action).
fn journaled(data: &Path) -> BTreeMap<u64, (String, u8, u64)> {
    let copy = tempfile::tempdir().expect("a directory");
    for file in std::fs::read_dir(data.join("journal")).expect("a journal") {
        let file = file.expect("a file");
        std::fs::copy(file.path(), copy.path().join(file.file_name())).expect("copied");
    }
    let journal = Journal::open(copy.path(), Options::default()).expect("a journal");
    let mut found = BTreeMap::new();
    let mut bytes = vec![0; 20_000];
    for epoch in journal.epochs() {
        let (mut reader, mut at) = (journal.reader(epoch.number), epoch.oldest);
        while at < epoch.end {
            if let Kept::Event { event_type: 2, .. } = reader.read(at, epoch.end, &mut bytes).expect("readable") {
                let rest = &bytes[33 + usize::from(bytes[32])..];
                let (board, frame) = rest[1..].split_at(usize::from(rest[0]));
                let board = String::from_utf8(board.to_vec()).expect("a name");
                found.insert(u64_at(frame, 9), (board, bytes[16], u64_at(frame, 17)));
            }
            at += 1;
        }
    }
    found
}

/// Otherwise a copy of the store from before would be given the last of it again.
#[tokio::test]
async fn all_that_is_stored_is_confirmed_also_when_nothing_follows() {
    let home = tempfile::tempdir().expect("a directory");
    let data = home.path().join("board");
    let server = start(&data);
    let mut client = Client::connect(&server, 1, 0).await;
    client.live().await;
    client.submit(strokes(0..20, 20)).await;
    client.submit(strokes(20..40, 20)).await;
    let confirmed = || {
        let copy = tempfile::tempdir().expect("a directory");
        let position = std::fs::read(data.join("journal").join("store.position")).ok()?;
        std::fs::write(copy.path().join("store.position"), position).expect("written");
        let journal = Journal::open(copy.path(), Options::default()).expect("a journal");
        journal.position("store").ok()?.confirmed().map(|confirmed| confirmed.next.get())
    };
    let begun = std::time::Instant::now();
    // The entry that begins a run, and the actions.
    while confirmed() != Some(41) {
        assert!(begun.elapsed() < PATIENCE, "{:?}", confirmed());
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// Draws until the server is gone, as fast as it goes: what was acknowledged.
async fn draw(server: Arc<Server>, id: u8, mut next: u64) -> (u64, HashMap<u64, u64>) {
    let board = if id.is_multiple_of(2) { "even" } else { "odd" };
    let mut saved = HashMap::new();
    let Some(mut client) = Client::try_connect_to(&server, board, id, 0).await else { return (next, saved) };
    let mut open = 0;
    loop {
        while open < 32 {
            let frame = wire::stroke(u64::from(id) << 32 | next, [3, 40, 200, 700, 1800][next as usize % 5]);
            if !client.try_send(frame).await {
                return (next, saved);
            }
            (next, open) = (next + 1, open + 1);
        }
        match client.next().await {
            Ok(wire::Message::Ack { action, revision }) => {
                saved.insert(action, revision);
                open -= 1;
            }
            // Nobody sends it again: it was not taken.
            Ok(wire::Message::Busy { .. }) => open -= 1,
            Ok(_) => {}
            Err(_) => return (next, saved),
        }
    }
}

/// Every action of a board: action by revision.
async fn read(server: &Server, board: &str) -> Vec<(u64, u64)> {
    let mut reader = Client::connect_to(server, board, 99, 0).await;
    reader.live().await;
    reader.seen
}

/// Nobody who draws comes back here: what is there after a kill was acknowledged, or came from the journal.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_journal_has_is_in_the_store_once_after_each_of_20_kills() {
    let home = tempfile::tempdir().expect("a directory");
    let data = home.path().join("board");
    let random = RandomState::new();
    let mut saved: HashMap<u64, u64> = HashMap::new();
    let mut next = [0; CLIENTS as usize];
    let (mut completed, mut lives) = (0, 0);
    for kill in 0..KILLS {
        let server = Arc::new(start(&data));
        let drawing: Vec<_> =
            (1..=CLIENTS).map(|id| tokio::spawn(draw(Arc::clone(&server), id, next[usize::from(id - 1)]))).collect();
        // The moment is what is tested: any is right, and each run has others.
        tokio::time::sleep(Duration::from_millis(60 + random.hash_one(kill) % 200)).await;
        server.kill_now();
        for (at, drawn) in drawing.into_iter().enumerate() {
            let (last, acknowledged) = drawn.await.expect("a page");
            next[at] = last;
            for (action, revision) in acknowledged {
                assert_eq!(saved.insert(action, revision), None, "{action} was acknowledged twice");
            }
        }
        drop(server);

        let kept = journaled(&data);
        // Whether it is started with the option or not.
        let server = if kill % 4 == 3 { Server::start(&data) } else { start(&data) };
        if kill % 4 != 3 {
            let count = server.health()["journal"]["completed"].as_u64().expect("a number");
            (completed, lives) = (completed + count, lives + u64::from(count > 0));
        }
        let mut stored = BTreeMap::new();
        for board in ["even", "odd"] {
            for (revision, action) in read(&server, board).await {
                let was = stored.insert(revision, (board.to_owned(), (action >> 32) as u8, action));
                assert_eq!(was, None, "two actions are at {revision}");
            }
        }
        let end = stored.len() as u64;
        assert!(stored.keys().copied().eq(1..=end), "without a gap");
        let mut actions: Vec<u64> = stored.values().map(|(_, _, action)| *action).collect();
        actions.sort_unstable();
        assert!(actions.windows(2).all(|two| two[0] != two[1]), "an action is there twice");
        for (revision, action) in &kept {
            assert_eq!(stored.get(revision), Some(action), "{revision} of {end} is in the journal");
        }
        for (action, revision) in &saved {
            assert_eq!(stored.get(revision).map(|(_, _, action)| action), Some(action), "{action} was acknowledged");
        }
        server.kill();
    }
    println!("{completed} actions came from the journal, after {lives} of {KILLS} kills; {} acknowledged", saved.len());
    assert!(lives > 0, "a kill came between the journal and the store");
}
