//! The board itself: order, acknowledgement, repeats.

use std::collections::BTreeMap;

use crate::client::{Client, assert_contiguous, strokes};
use crate::server::Server;
use crate::wire::{self, Message};

#[tokio::test]
async fn two_clients_see_all_actions_in_one_order() {
    let home = tempfile::tempdir().expect("a directory");
    let server = Server::start(home.path());
    let mut a = Client::connect(&server, 1, 0).await;
    let mut b = Client::connect(&server, 2, 0).await;
    a.live().await;
    b.live().await;
    // Strokes of three pools from one, chat from the other, at the same time.
    let sizes = [1, 100, 200, 600, 1814];
    let from_a = (0..200u64).map(|n| (n, wire::stroke(n, sizes[n as usize % sizes.len()])));
    let from_b = (1000..1200u64).map(|n| (n, wire::chat(n, "said \u{2713}")));
    let (saved_a, saved_b) = tokio::join!(a.submit(from_a), b.submit(from_b));
    a.up_to(400).await;
    b.up_to(400).await;
    assert_contiguous(&a.seen, 1, 400);
    assert_eq!(a.seen, b.seen);
    let saved: BTreeMap<u64, u64> = saved_a.into_iter().chain(saved_b).map(|(action, at)| (at, action)).collect();
    assert_eq!(saved.into_iter().collect::<Vec<_>>(), a.seen, "the acknowledgements name the same places");
}

#[tokio::test]
async fn what_one_sends_the_other_gets_unchanged_and_with_its_author() {
    let home = tempfile::tempdir().expect("a directory");
    let server = Server::start(home.path());
    let mut a = Client::connect(&server, 1, 0).await;
    let mut b = Client::connect(&server, 2, 0).await;
    a.live().await;
    b.live().await;
    a.send(wire::cursor(1.0, 2.0)).await;
    let from = b.until(|message| match message {
        Message::Moment { kind: 16, author } => Some(*author),
        _ => None,
    });
    assert_eq!(from.await, a.author);
    a.send(wire::stroke(7, 300)).await;
    let (author, body) = b
        .until(|message| match message {
            Message::Action { author, action: 7, body, .. } => Some((*author, body.clone())),
            _ => None,
        })
        .await;
    assert_eq!((author, &body[..]), (a.author, &wire::stroke(7, 300)[25..]));
    let a_author = a.author;
    drop(a);
    b.until(|message| (*message == Message::Moment { kind: 19, author: a_author }).then_some(())).await;
}

#[tokio::test]
async fn whoever_asks_for_a_sign_of_life_gets_one_and_nobody_else_does() {
    let home = tempfile::tempdir().expect("a directory");
    let server = Server::start(home.path());
    let mut a = Client::connect(&server, 1, 0).await;
    let mut b = Client::connect(&server, 2, 0).await;
    a.live().await;
    b.live().await;
    for _ in 0..3 {
        a.send(wire::ask()).await;
        a.until(|message| (*message == Message::Alive).then_some(())).await;
    }
    a.send(wire::cursor(1.0, 2.0)).await;
    b.until(|message| {
        assert_ne!(*message, Message::Alive);
        matches!(message, Message::Moment { kind: 16, .. }).then_some(())
    })
    .await;
}

#[tokio::test]
async fn what_was_acknowledged_survives_a_kill_while_more_is_on_its_way() {
    const SENT: u64 = 100;
    let home = tempfile::tempdir().expect("a directory");
    let mut saved = BTreeMap::new();
    let mut stored = 0;
    for round in 0..6u64 {
        let server = Server::start(home.path());
        let mut client = Client::connect(&server, 1, stored).await;
        client.live().await;
        for action in round * SENT..(round + 1) * SENT {
            client.send(wire::stroke(action, 50)).await;
        }
        for _ in 0..1 + round * 13 {
            let (action, revision) = client
                .until(|message| match message {
                    Message::Ack { action, revision } => Some((*action, *revision)),
                    _ => None,
                })
                .await;
            saved.insert(action, revision);
        }
        server.kill();

        let server = Server::start(home.path());
        let mut reader = Client::connect(&server, 2, 0).await;
        stored = reader.live().await - 1;
        assert_contiguous(&reader.seen, 1, stored);
        let found: BTreeMap<u64, u64> = reader.seen.iter().map(|&(at, action)| (action, at)).collect();
        assert_eq!(found.len() as u64, stored, "no action is there twice");
        for (action, at) in &saved {
            assert_eq!(found.get(action), Some(at));
        }
    }
}

#[tokio::test]
async fn a_repeat_gets_the_revision_it_has_also_after_a_kill() {
    let home = tempfile::tempdir().expect("a directory");
    let server = Server::start(home.path());
    let mut client = Client::connect(&server, 1, 0).await;
    let first = client.submit(strokes(1..51, 10)).await;
    // Twice in a row, without waiting for the first answer.
    client.send(wire::stroke(60, 10)).await;
    assert_eq!(client.submit(strokes(60..61, 10)).await, BTreeMap::from([(60, 51)]));
    assert_eq!(client.submit(strokes(1..51, 10)).await, first);
    server.kill();

    let server = Server::start(home.path());
    let mut client = Client::connect(&server, 1, 51).await;
    assert_eq!(client.submit(strokes(1..51, 10)).await, first);
    let store = &server.health()["store"];
    assert_eq!((&store["revision"], &store["actions"]), (&51.into(), &51.into()));
    // The same ids from someone else are other actions.
    let mut other = Client::connect(&server, 2, 51).await;
    assert_eq!(other.submit(strokes(1..2, 10)).await, BTreeMap::from([(1, 52)]));
}

#[tokio::test]
async fn health_shows_the_pools_the_readers_and_the_store() {
    let home = tempfile::tempdir().expect("a directory");
    let server = Server::start(home.path());
    let mut client = Client::connect(&server, 1, 0).await;
    client.live().await;
    client.submit(strokes(0..20, 100)).await;
    let health = server.health();
    assert_eq!(health["status"], "excellent");
    assert_eq!(health["version"], env!("CARGO_PKG_VERSION"));
    assert_eq!(health["clients"], 1);
    let store = &health["store"];
    assert_eq!((&store["revision"], &store["actions"], &store["damaged"]), (&20.into(), &20.into(), &0.into()));
    assert!(store["bytes"].as_u64().is_some_and(|bytes| bytes > 20 * 933));
    let pools = health["pools"].as_array().expect("pools");
    let shape: Vec<(&str, u64)> = pools
        .iter()
        .map(|pool| (pool["id"].as_str().expect("an id"), pool["capacity"].as_u64().expect("a capacity")))
        .collect();
    assert_eq!(shape, [("XS", 2000), ("S", 1000), ("M", 300), ("L", 60), ("XL", 15)]);
    let m = &pools[2];
    assert_eq!(m["published"], 20);
    assert!(m["pressure"].as_f64().is_some());
    for name in ["validation", "storage", "network", "analytics"] {
        let reader = m["readers"].as_array().expect("readers").iter().find(|reader| reader["name"] == name);
        let reader = reader.unwrap_or_else(|| panic!("{name} in {m}"));
        let sum = ["lag", "received", "lost"].iter().map(|part| reader[part].as_u64().expect("a count")).sum::<u64>();
        assert_eq!(sum, 20, "{reader}");
    }
}

#[tokio::test]
async fn health_shows_the_stages_as_a_graph() {
    let home = tempfile::tempdir().expect("a directory");
    let server = Server::start(home.path());
    let mut client = Client::connect(&server, 1, 0).await;
    client.live().await;
    client.submit(strokes(0..20, 100)).await;
    client.up_to(20).await;
    let health = server.health();
    let stage = |name: &str| {
        let stages = health["stages"].as_array().expect("stages");
        stages.iter().find(|stage| stage["name"] == name).unwrap_or_else(|| panic!("{name} in {health}"))
    };
    let after = ["validation", "storage", "network", "analytics"].map(|name| stage(name)["after"].clone());
    let validation = serde_json::json!(["validation"]);
    assert_eq!(after, [serde_json::json!([]), serde_json::json!([]), validation.clone(), validation]);
    // What was committed and came live has passed through these.
    for name in ["validation", "storage", "network"] {
        assert_eq!((&stage(name)["lag"], &stage(name)["pools"]["M"]), (&0.into(), &0.into()), "{health}");
        assert!(stage(name)["rate"].as_f64().is_some_and(|rate| rate >= 0.0), "{health}");
    }
    assert_eq!(stage("storage")["pools"].get("XS"), None, "it holds no moments");
    let dot = health["dot"].as_str().expect("text");
    assert!(dot.starts_with("digraph") && dot.contains("validation") && dot.matches("->").count() == 4, "{dot}");
    assert_eq!((&health["bad"], &health["dropped"]), (&0.into(), &0.into()));
}

#[tokio::test]
async fn boards_are_separate_and_share_one_order() {
    let home = tempfile::tempdir().expect("a directory");
    let server = Server::start(home.path());
    let mut a = Client::connect_to(&server, "a", 1, 0).await;
    let mut b = Client::connect_to(&server, "b-7", 2, 0).await;
    a.live().await;
    b.live().await;
    let (saved_a, saved_b) = tokio::join!(a.submit(strokes(0..50, 10)), b.submit(strokes(100..150, 10)));
    let both: BTreeMap<u64, u64> = saved_a.iter().chain(&saved_b).map(|(&action, &at)| (at, action)).collect();
    assert_eq!(both.into_keys().collect::<Vec<_>>(), (1..=100).collect::<Vec<_>>());
    for (client, saved, own) in [(&mut a, saved_a, 0..50), (&mut b, saved_b, 100..150)] {
        client.up_to(*saved.values().max().expect("some")).await;
        assert_eq!(client.seen.iter().map(|&(_, action)| action).collect::<Vec<_>>(), own.collect::<Vec<_>>());
    }
    a.send(wire::cursor(1.0, 2.0)).await;
    server.kill();

    let server = Server::start(home.path());
    let mut late = Client::connect_to(&server, "b-7", 3, 0).await;
    late.live().await;
    assert_eq!(late.seen, b.seen);
    assert_eq!(late.moments, 0);
    let mut nobody = Client::connect_to(&server, "c", 4, 0).await;
    assert_eq!((nobody.live().await, nobody.seen.len()), (101, 0));
}

#[tokio::test]
async fn who_comes_is_told_who_is_here() {
    let home = tempfile::tempdir().expect("a directory");
    let server = Server::start(home.path());
    let mut first = Client::connect(&server, 1, 0).await;
    let mut elsewhere = Client::connect_to(&server, "elsewhere", 2, 0).await;
    let mut witness = Client::connect(&server, 3, 0).await;
    for client in [&mut first, &mut elsewhere, &mut witness] {
        client.live().await;
    }
    elsewhere.send(wire::here("Somebody Else")).await;
    first.send(wire::here("Quiet Heron")).await;
    let from = |author| move |message: &Message| (*message == Message::Moment { kind: 17, author }).then_some(());
    witness.until(from(first.author)).await;
    let mut second = Client::connect(&server, 4, 0).await;
    second.until(from(first.author)).await;
    assert_eq!(second.moments, 1, "and of nobody else");
}

#[tokio::test]
async fn what_is_hidden_and_cleared_is_in_the_one_order_too() {
    let home = tempfile::tempdir().expect("a directory");
    let server = Server::start(home.path());
    let mut a = Client::connect(&server, 1, 0).await;
    a.live().await;
    for frame in [wire::stroke(10, 5), wire::hide(11, 1), wire::clear(12), wire::hide(13, 3)] {
        let action = u64::from_le_bytes(frame[17..25].try_into().expect("an id"));
        a.submit([(action, frame)]).await;
    }
    let mut late = Client::connect(&server, 2, 0).await;
    late.live().await;
    assert_eq!(late.seen, [(1, 10), (2, 11), (3, 12), (4, 13)]);
}
