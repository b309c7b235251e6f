//! The chat of a board: its last messages are kept, and each new one beyond that drops the oldest.

use redb::{ReadableTable, TableDefinition};

use super::tables::{PLACE, Place, Tables};

/// Board and revision of each chat message.
pub(super) const CHATS: TableDefinition<'static, Place, ()> = TableDefinition::new("chats");
/// The most messages of a board to keep.
pub(super) const CHATS_MAX: u64 = 10_000;

/// The size in the file of knowing a message as such.
const CHAT: u64 = PLACE;

impl Tables<'_> {
    /// Notes a chat message. If the board has too many, drops the oldest.
    pub(super) fn note_chat(&mut self, board: &str, revision: u64) -> Result<(), redb::Error> {
        self.chats.insert((board, revision), ())?;
        self.bytes += CHAT;
        let mut is_over = false;
        self.change_board(board, |board| {
            board.chats += 1;
            is_over = board.chats > CHATS_MAX;
        })?;
        if is_over {
            let oldest = self.chats.range((board, 0)..=(board, revision))?.next().transpose()?;
            if let Some(oldest) = oldest.map(|(place, _)| place.value().1) {
                // Even if it is damaged, and stays: the next one is then the oldest.
                self.forget_chat(board, oldest)?;
                self.drop_action(board, oldest)?;
            }
        }
        Ok(())
    }

    /// Notes that a chat message is gone.
    pub(super) fn forget_chat(&mut self, board: &str, revision: u64) -> Result<(), redb::Error> {
        if self.chats.remove((board, revision))?.is_some() {
            self.freed(CHAT);
            self.change_board(board, |board| board.chats = board.chats.saturating_sub(1))?;
        }
        Ok(())
    }
}
