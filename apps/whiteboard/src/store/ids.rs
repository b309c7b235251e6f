//! By which a repeat is recognised. The id of an action that was dropped stays for a time, and then goes, too.

use redb::{ReadableTable, ReadableTableMetadata, Table, TableDefinition, TableError, WriteTransaction};

use crate::protocol::ClientId;

/// Client and action id -> the revision that action got.
pub(super) const IDS: TableDefinition<'static, &'static Key, u64> = TableDefinition::new("ids");
/// When an action was dropped, and its id.
pub(super) const GONE: TableDefinition<'static, (u64, &'static Key), ()> = TableDefinition::new("gone");

/// Client and action id.
pub(super) type Key = [u8; KEY_LEN];
const KEY_LEN: usize = ClientId::LEN + 8;

/// What an id takes in the file: its key and the revision.
pub(super) const ID: u64 = KEY_LEN as u64 + 8;
/// And once its action is gone, the time and the key again.
pub(super) const ID_GONE: u64 = 8 + KEY_LEN as u64;

/// So many ids go in one transaction: the next commit waits for it.
const AT_ONCE: usize = 4096;

/// The key of an action.
pub(super) fn key(client: ClientId, action: u64) -> Key {
    let mut key = [0; KEY_LEN];
    key[..ClientId::LEN].copy_from_slice(client.bytes());
    key[ClientId::LEN..].copy_from_slice(&action.to_be_bytes());
    key
}

/// Makes the tables if they are missing.
pub(super) fn make_tables(transaction: &WriteTransaction) -> Result<(), TableError> {
    transaction.open_table(IDS)?;
    transaction.open_table(GONE).map(drop)
}

/// Notes whose actions are gone.
pub(super) struct Gone<'a> {
    table: Table<'a, (u64, &'static Key), ()>,
    now: u64,
}

impl<'a> Gone<'a> {
    /// What goes in this transaction goes `now`.
    pub(super) fn of(transaction: &'a WriteTransaction, now: u64) -> Result<Self, TableError> {
        Ok(Gone { table: transaction.open_table(GONE)?, now })
    }

    /// The action with this id was dropped.
    pub(super) fn note(&mut self, key: &Key) -> Result<(), redb::Error> {
        self.table.insert((self.now, key), ())?;
        Ok(())
    }

    /// How many ids wait to go.
    pub(super) fn len(&self) -> Result<u64, redb::Error> {
        Ok(self.table.len()?)
    }
}

/// Forgets some of the ids whose actions were dropped before `before`: how many, and whether there are more.
pub(super) fn forget_some(transaction: &WriteTransaction, before: u64) -> Result<(u64, bool), redb::Error> {
    let mut gone = transaction.open_table(GONE)?;
    let mut ids = transaction.open_table(IDS)?;
    let mut going: Vec<(u64, Key)> = Vec::new();
    for entry in gone.range((0, &[0; KEY_LEN])..(before, &[0; KEY_LEN]))?.take(AT_ONCE) {
        let (place, ()) = entry.map(|(place, nothing)| (place, nothing.value()))?;
        let (time, key) = place.value();
        going.push((time, *key));
    }
    for (time, key) in &going {
        ids.remove(key)?;
        gone.remove((*time, key))?;
    }
    Ok((going.len() as u64, going.len() == AT_ONCE))
}
