//! The ids by which repeats are recognised. The id of a dropped action stays for a time, and then is forgotten, too.

use redb::{ReadableTable, ReadableTableMetadata, TableDefinition};

use super::tables::Tables;
use crate::protocol::ClientId;

/// Client and action id -> the revision that action got.
pub(super) const IDS: TableDefinition<'static, &'static Key, u64> = TableDefinition::new("ids");
/// When an action was dropped, and its id.
pub(super) const GONE: TableDefinition<'static, (u64, &'static Key), ()> = TableDefinition::new("gone");

/// Client and action id.
pub(super) type Key = [u8; KEY_LEN];
const KEY_LEN: usize = ClientId::LEN + 8;

/// The size of an id in the file: its key and the revision.
pub(super) const ID: u64 = KEY_LEN as u64 + 8;
/// Once its action is gone, the time and the key again.
pub(super) const ID_GONE: u64 = 8 + KEY_LEN as u64;

/// The key of an action.
pub(super) fn key(client: ClientId, action: u64) -> Key {
    let mut key = [0; KEY_LEN];
    key[..ClientId::LEN].copy_from_slice(client.bytes());
    key[ClientId::LEN..].copy_from_slice(&action.to_be_bytes());
    key
}

impl Tables<'_> {
    /// Forgets the first id whose action was dropped before this time, or that is beyond `most`; returns whether there was one.
    pub(super) fn forget_id(&mut self, before: u64, most: u64) -> Result<bool, redb::Error> {
        let are_too_many = self.gone.len()? > most;
        let first = self.gone.first()?.map(|(place, _)| (place.value().0, *place.value().1));
        let Some((time, key)) = first.filter(|(time, _)| *time < before || are_too_many) else { return Ok(false) };
        self.gone.remove((time, &key))?;
        self.ids.remove(&key)?;
        self.freed(ID + ID_GONE);
        Ok(true)
    }
}
