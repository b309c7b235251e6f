//! Upgrades a file of an earlier format to this one.
//!
//! Format 2 kept the time of day with each clear, and every id for ever. Format 3 kept records without a seal, every chat
//! message, and nothing of what hides and shows say.

use std::collections::HashSet;

use redb::{ReadableTable, ReadableTableMetadata, WriteTransaction};

use super::clears::{CLEARS, DROPPED};
use super::format::{AGE, BYTES, FACTS, FORMAT, NOW};
use super::ids::{GONE, ID, ID_GONE, IDS};
use super::key;
use super::record::Record;
use super::seal::Key;
use super::tables::{ACTIONS, PLACE, Tables};

/// How many records are taken out of the table at a time.
const TURN: usize = 1024;

/// Upgrades a file of the format `before`; `key` seals its records from now on.
pub(super) fn from(before: u64, transaction: &WriteTransaction, key: &Key) -> anyhow::Result<()> {
    if before < 3 {
        count_time_from_now(transaction)?;
    }
    key::put(transaction, key)?;
    let now = transaction.open_table(FACTS)?.get(AGE)?.map_or(0, |age| age.value());
    let mut tables = Tables::of(transaction, now, 0)?;
    tables.bytes = tables.gone.len()? * (ID + ID_GONE);
    seal_and_note(&mut tables, key)?;
    let bytes = tables.bytes;
    drop(tables);
    let mut facts = transaction.open_table(FACTS)?;
    facts.insert(BYTES, bytes)?;
    facts.insert(FORMAT, NOW)?;
    Ok(())
}

/// Seals every record, and notes what it says of others, as if it came now: clears wait anew, except those whose past is
/// gone.
fn seal_and_note(tables: &mut Tables<'_>, key: &Key) -> anyhow::Result<()> {
    let mut dropped = Vec::new();
    for entry in tables.clears.iter()? {
        let (place, clear) = entry?;
        if clear.value().1 == DROPPED {
            dropped.push((place.value().0.to_owned(), place.value().1));
        }
    }
    let mut next = (String::new(), 0);
    loop {
        let mut records = Vec::with_capacity(TURN);
        for entry in tables.actions.range((&next.0[..], next.1)..)?.take(TURN) {
            let (place, record) = entry?;
            records.push((place.value().0.to_owned(), place.value().1, record.value().to_vec()));
        }
        let Some((board, last, _)) = records.last() else { break };
        next = (board.clone(), last + 1);
        for (board, revision, old) in records {
            let sealed = Record::read(&old).map(|record| record.bytes(key));
            let new = sealed.as_ref().unwrap_or(&old);
            tables.bytes += PLACE + new.len() as u64 + ID;
            // Damaged records stay as they are.
            let Some(Record { frame, .. }) = Record::read(new) else { continue };
            tables.actions.insert((&board[..], revision), &new[..])?;
            tables.note(&board, frame)?;
        }
    }
    for (board, clear) in dropped {
        tables.drop_past(&board, clear)?;
    }
    Ok(())
}

/// Counts time from now for everything that waits for it: nothing is dropped early. Of the clears of a board whose past is gone
/// only the last matters; ids without an action are forgotten in time.
fn count_time_from_now(transaction: &WriteTransaction) -> anyhow::Result<()> {
    let mut stored = HashSet::new();
    for entry in transaction.open_table(ACTIONS)?.iter()? {
        stored.insert(entry?.0.value().1);
    }
    {
        let mut gone = transaction.open_table(GONE)?;
        for entry in transaction.open_table(IDS)?.iter()? {
            let (key, revision) = entry?;
            if !stored.contains(&revision.value()) {
                gone.insert((0, key.value()), ())?;
            }
        }
    }
    let mut clears = transaction.open_table(CLEARS)?;
    let mut known: Vec<(String, u64, u8)> = Vec::new();
    for entry in clears.iter()? {
        let (place, clear) = entry?;
        known.push((place.value().0.to_owned(), place.value().1, clear.value().1));
    }
    for (at, (board, revision, state)) in known.iter().enumerate() {
        let later = known[at + 1..].iter().take_while(|(other, ..)| other == board);
        if *state == DROPPED && later.into_iter().any(|&(_, _, state)| state == DROPPED) {
            clears.remove((&board[..], *revision))?;
        } else {
            clears.insert((&board[..], *revision), (0, *state))?;
        }
    }
    transaction.open_table(FACTS)?.insert(AGE, 0)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use redb::Database;

    use super::super::chat::CHATS_MAX;
    use super::super::record::{Candidate, plain};
    use super::super::tests::{action, board, compact, revisions, stroke};
    use super::super::{Action, Keep, Store, file_in, ids};
    use super::*;
    use crate::protocol::{self, Kind};

    /// A store of format 2 as it was written: its clears have the time of day, and nothing tells whose ids are gone.
    fn old(home: &Path) {
        let database = Database::create(file_in(home)).expect("a file");
        let transaction = database.begin_write().expect("a transaction");
        {
            let mut facts = transaction.open_table(FACTS).expect("a table");
            for (name, value) in [("format", 2), ("store", 77), ("run", 4), ("revision", 6), ("bytes", 1)] {
                facts.insert(name, value).expect("a fact");
            }
            let mut actions = transaction.open_table(ACTIONS).expect("a table");
            let mut known = transaction.open_table(IDS).expect("a table");
            let all = [
                stroke(1),
                action(Kind::Clear, 2, b""),
                stroke(3),
                action(Kind::Clear, 4, b""),
                stroke(5),
                action(Kind::Clear, 6, b""),
            ];
            for each in all {
                let revision = protocol::revision(&each.frame);
                let record = plain(&Record { board: "one", client: each.client, frame: &each.frame });
                if revision > 3 {
                    actions.insert(("one", revision), &record[..]).expect("an action");
                }
                known.insert(&ids::key(each.client, protocol::action(&each.frame)), revision).expect("an id");
            }
            let mut clears = transaction.open_table(CLEARS).expect("a table");
            for (revision, state) in [(2, DROPPED), (4, DROPPED), (6, 0)] {
                clears.insert(("one", revision), (1_700_000_000, state)).expect("a clear");
            }
        }
        transaction.commit().expect("a commit");
    }

    #[test]
    fn a_store_of_the_format_before_opens_with_all_it_has_and_its_clears_wait_anew() {
        let home = tempfile::tempdir().expect("a directory");
        old(home.path());
        let store = Store::open(home.path()).expect("an old store");
        assert_eq!((store.number(), store.run(), store.last_revision().expect("read")), (77, 5, 6));
        assert_eq!(revisions(&store, "one"), [4, 5, 6]);
        let client = stroke(1).client;
        assert_eq!(store.revision_of(client, 1001).expect("read"), Some(1));
        assert!(store.is_too_late(&board("one"), [4].into_iter()).expect("read"));
        let keep = Keep { cleared: 600, ids: 1000 };
        assert!(!store.compact(600, keep).expect("a commit"));
        assert_eq!(revisions(&store, "one"), [4, 5, 6], "ten minutes from now");
        let rows = |bytes: u64| bytes / 64;
        assert!(rows(store.bytes()) > 6, "{}", store.bytes());
        while store.compact(601, keep).expect("a commit") {}
        assert_eq!(revisions(&store, "one"), [6]);
        while store.compact(1602, keep).expect("a commit") {}
        assert_eq!(store.revision_of(client, 1001).expect("read"), None, "ids without an action go in time");
        let bytes = store.bytes();
        drop(store);
        // The rest is what a new store counts for it.
        let other = tempfile::tempdir().expect("a directory");
        let new = Store::open(other.path()).expect("a new store");
        new.commit(&[action(Kind::Clear, 6, b"")], 0).expect("a commit");
        compact(&new, 1);
        assert_eq!(bytes, new.bytes());
    }

    /// A store of format 3 as it was written, with these actions, whose clears were made at these times.
    fn of_format_3(home: &Path, actions: &[Action], clears: &[(u64, (u64, u8))]) {
        let database = Database::create(file_in(home)).expect("a file");
        let transaction = database.begin_write().expect("a transaction");
        {
            let mut facts = transaction.open_table(FACTS).expect("a table");
            let last = actions.last().map_or(0, |action| protocol::revision(&action.frame));
            for (name, value) in
                [("format", 3), ("store", 77), ("run", 4), ("revision", last), ("bytes", 1), ("age", 500)]
            {
                facts.insert(name, value).expect("a fact");
            }
            let mut stored = transaction.open_table(ACTIONS).expect("a table");
            let mut known = transaction.open_table(IDS).expect("a table");
            transaction.open_table(GONE).expect("a table");
            for Action { board, client, frame } in actions {
                let revision = protocol::revision(frame);
                let record = plain(&Record { board: board.as_str(), client: *client, frame });
                stored.insert((board.as_str(), revision), &record[..]).expect("an action");
                known.insert(&ids::key(*client, protocol::action(frame)), revision).expect("an id");
            }
            let mut table = transaction.open_table(CLEARS).expect("a table");
            for &(revision, clear) in clears {
                table.insert(("one", revision), clear).expect("a clear");
            }
        }
        transaction.commit().expect("a commit");
    }

    #[test]
    fn a_store_of_format_3_becomes_what_this_version_would_have_made_of_the_same_actions() {
        let (home, other) = (tempfile::tempdir().expect("a directory"), tempfile::tempdir().expect("a directory"));
        let naming = |kind, revision, object: u64| action(kind, revision, &object.to_le_bytes());
        let mut actions = vec![
            stroke(1),
            naming(Kind::Hide, 2, 1),
            naming(Kind::Show, 3, 1),
            action(Kind::Clear, 4, b""),
            naming(Kind::Hide, 5, 4),
            action(Kind::Clear, 6, b""),
        ];
        actions.extend((7..7 + CHATS_MAX + 3).map(|revision| action(Kind::Chat, revision, b"....\0said")));
        of_format_3(home.path(), &actions, &[(4, (7, 1)), (6, (8, 0))]);
        let new = Store::open(other.path()).expect("a new store");
        new.commit(&actions, 500).expect("a commit");
        let upgraded = Store::open(home.path()).expect("an old store");
        assert_eq!((upgraded.number(), upgraded.run(), upgraded.now()), (77, 5, 500));
        for store in [&upgraded, &new] {
            assert!(!store.compact(500, Keep { cleared: 600, ids: 0 }).expect("a commit"));
            assert_eq!(store.actions(), CHATS_MAX + 5, "the hide that says nothing is gone, and so is old chat");
        }
        assert_eq!(upgraded.bytes(), new.bytes());
        let frames = |store: &Store| store.chunk(&board("one"), 1, u64::MAX, usize::MAX).expect("a chunk");
        assert_eq!(frames(&upgraded), frames(&new));
        for store in [&upgraded, &new] {
            compact(store, 501);
            assert_eq!(revisions(store, "one")[0], 6);
        }
        assert_eq!(upgraded.bytes(), new.bytes());
    }

    #[test]
    fn all_records_of_a_store_that_was_brought_up_to_date_are_sealed_by_the_key_beside_it() {
        let home = tempfile::tempdir().expect("a directory");
        of_format_3(home.path(), &[stroke(1), stroke(2)], &[]);
        let store = Store::open(home.path()).expect("an old store");
        let key = key::read(home.path()).expect("read").expect("a key");
        let actions = store.read().expect("read").open_table(ACTIONS).expect("a table");
        let sealed = actions.iter().expect("all").map(|entry| {
            let record = entry.expect("read").1;
            Candidate::at_start_of(record.value()).is_some_and(|candidate| candidate.is_of(&key))
        });
        assert_eq!(sealed.collect::<Vec<_>>(), [true, true]);
    }
}
