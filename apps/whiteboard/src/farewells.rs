//! Pages that left, until the others are told: the pool may be full at that moment, and nobody would say it again.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::time::{MissedTickBehavior, interval};

use crate::hub::Hub;
use crate::protocol::{self, BoardId, Kind, Posted};
use crate::rings::writers::Writers;

/// How often a farewell that found no room is tried again.
const AGAIN: Duration = Duration::from_millis(100);
/// Beyond this the first is forgotten: pages forget an author who is silent for long.
const MOST: usize = 4096;

/// Authors and the boards that they left, in order.
#[derive(Debug, Default)]
pub(crate) struct Farewells(Mutex<VecDeque<(u64, BoardId)>>);

impl Farewells {
    /// Tells the others on the board that this author left, now or when there is room.
    pub(crate) fn say(&self, author: u64, board: BoardId, writers: &Writers) {
        {
            let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            if waiting.len() >= MOST {
                waiting.pop_front();
            }
            waiting.push_back((author, board));
        }
        self.go_on(writers);
    }

    /// Sends the waiting farewells, as far as there is room.
    fn go_on(&self, writers: &Writers) {
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        while let Some(&(author, board)) = waiting.front()
            && writers.try_publish(Kind::Left, &Posted::moment(protocol::left(author), board)).is_ok()
        {
            waiting.pop_front();
        }
    }
}

/// Sends waiting farewells, again and again.
pub(crate) async fn run(hub: Arc<Hub>) {
    let mut again = interval(AGAIN);
    again.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        again.tick().await;
        hub.farewells.go_on(&hub.writers);
    }
}

#[cfg(test)]
mod tests {
    use rusted_ring::Consumer;
    use rusted_ring::Start;
    use rusted_ring::pool::{Capacities, PoolSet};

    use super::*;
    use crate::rings::pools::Pools;

    #[test]
    fn who_leaves_while_the_pool_is_full_is_told_of_when_there_is_room() {
        let pools = Pools::noted(Capacities { xs: 4, s: 4, m: 4, l: 4, xl: 4 });
        let mut stage = Consumer::join(pools.xs(), Start::Newest).expect("a seat");
        let writers = Writers::join(&pools).expect("open pools");
        while writers.try_publish(Kind::Cursor, &[16; 21]).is_ok() {}
        let (farewells, board) = (Farewells::default(), BoardId::new(3));
        farewells.say(7, board, &writers);
        farewells.say(8, board, &writers);
        let mut told = Vec::new();
        for _round in 0..3 {
            while let Ok(payload) = stage.try_recv() {
                let frame = Posted::split(Kind::Left, &payload).expect("a moment").frame;
                told.extend((frame[0] == Kind::Left as u8).then(|| protocol::author(frame)));
            }
            farewells.go_on(&writers);
        }
        assert_eq!(told, [7, 8]);
        assert!(farewells.0.lock().expect("not poisoned").is_empty());
    }
}
