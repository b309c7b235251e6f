//! Power failures, again and again, at any moment.

use std::collections::{BTreeMap, HashMap};
use std::hash::{BuildHasher, RandomState};
use std::path::Path;
use std::time::Duration;

use crate::client::Client;
use crate::server::Server;
use crate::wire::{self, Message};

const KILLS: u64 = 20;
const CLIENTS: u64 = 4;
/// Actions that a client keeps open.
const WINDOW: usize = 48;

/// One page over all the server's lives: what it does not know to be saved it sends again, under the same id.
struct Page {
    id: u8,
    board: &'static str,
    next: u64,
    open: BTreeMap<u64, Vec<u8>>,
    saved: HashMap<u64, u64>,
}

impl Page {
    /// Draws until the server is gone.
    async fn draw(&mut self, server: &Server) {
        let Some(mut client) = Client::try_connect_to(server, self.board, self.id, 0).await else { return };
        let again: Vec<Vec<u8>> = self.open.values().cloned().collect();
        for frame in again {
            if !client.try_send(frame).await {
                return;
            }
        }
        loop {
            while self.open.len() < WINDOW {
                let action = u64::from(self.id) << 32 | self.next;
                let frame = wire::stroke(action, [3, 40, 200, 700, 1800][self.next as usize % 5]);
                self.next += 1;
                self.open.insert(action, frame.clone());
                if !client.try_send(frame).await {
                    return;
                }
            }
            match client.next().await {
                Ok(Message::Ack { action, revision }) => {
                    self.open.remove(&action);
                    let before = self.saved.insert(action, revision);
                    assert!(before.is_none_or(|before| before == revision), "{action} is at {before:?} and {revision}");
                }
                Ok(Message::Busy { action }) => {
                    tokio::time::sleep(Duration::from_millis(5)).await;
                    if let Some(frame) = self.open.get(&action)
                        && !client.try_send(frame.clone()).await
                    {
                        return;
                    }
                }
                Ok(_) => {}
                Err(_) => return,
            }
        }
    }
}

/// Every action of a board, in order: (revision, action id).
async fn read(server: &Server, board: &str) -> Vec<(u64, u64)> {
    let mut reader = Client::connect_to(server, board, 99, 0).await;
    reader.live().await;
    reader.seen
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_acknowledged_action_is_lost_and_none_is_there_twice_after_20_kills() {
    let home = tempfile::tempdir().expect("a directory");
    let mut pages: Vec<Page> = (0..CLIENTS)
        .map(|n| Page {
            id: n as u8 + 1,
            board: if n % 2 == 0 { "even" } else { "odd" },
            next: 0,
            open: BTreeMap::new(),
            saved: HashMap::new(),
        })
        .collect();
    let random = RandomState::new();
    for kill in 0..KILLS {
        let moment = Duration::from_millis(random.hash_one(kill) % 200);
        pages = life(home.path(), pages, moment).await;
    }

    let server = Server::start(home.path());
    let mut found: HashMap<u64, u64> = HashMap::new();
    let mut stored = 0;
    for board in ["even", "odd"] {
        let seen = read(&server, board).await;
        assert!(seen.is_sorted_by(|(one, _), (other, _)| one < other), "revisions rise");
        stored += seen.len();
        found.extend(seen.into_iter().map(|(revision, action)| (action, revision)));
    }
    assert_eq!(found.len(), stored, "no action is there twice");
    let saved: usize = pages.iter().map(|page| page.saved.len()).sum();
    for page in &pages {
        let lost: Vec<u64> =
            page.saved.iter().filter(|&(id, at)| found.get(id) != Some(at)).map(|(&id, _)| id).collect();
        assert!(lost.is_empty(), "{lost:?} of {} acknowledged", page.saved.len());
    }
    assert!(saved as u64 > KILLS, "{saved} were acknowledged");
}

/// One life of the server: all pages draw, and it is killed so long after it has begun to acknowledge.
async fn life(home: &Path, pages: Vec<Page>, moment: Duration) -> Vec<Page> {
    let server = std::sync::Arc::new(Server::start(home));
    let drawing: Vec<_> = pages
        .into_iter()
        .map(|mut page| {
            let server = std::sync::Arc::clone(&server);
            tokio::spawn(async move {
                page.draw(&server).await;
                page
            })
        })
        .collect();
    // The moment is what is tested: any is right, and each run has others.
    tokio::time::sleep(Duration::from_millis(60) + moment).await;
    server.kill_now();
    let mut pages = Vec::new();
    for page in drawing {
        pages.push(page.await.expect("a page"));
    }
    pages
}
