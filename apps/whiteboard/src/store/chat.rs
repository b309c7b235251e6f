//! The chat of a board: its last messages are kept, and with each new one beyond that the oldest goes.

use redb::{ReadableTable, TableDefinition};

use super::tables::{PLACE, Place, Tables};

/// Board and revision of each chat message.
pub(super) const CHATS: TableDefinition<'static, Place, ()> = TableDefinition::new("chats");
/// So many messages of a board are kept.
pub(super) const CHATS_MAX: u64 = 10_000;

/// What it takes in the file that a message is known as such.
const CHAT: u64 = PLACE;

impl Tables<'_> {
    /// Notes a chat message. When the board has too many the oldest goes.
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
                // Also if it is damaged, and stays: the next one is the oldest then.
                self.forget_chat(board, oldest)?;
                self.drop_action(board, oldest)?;
            }
        }
        Ok(())
    }

    /// A chat message is gone.
    pub(super) fn forget_chat(&mut self, board: &str, revision: u64) -> Result<(), redb::Error> {
        if self.chats.remove((board, revision))?.is_some() {
            self.freed(CHAT);
            self.change_board(board, |board| board.chats = board.chats.saturating_sub(1))?;
        }
        Ok(())
    }
}
