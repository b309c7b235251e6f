//! The actions that one client has sent and that have no answer yet.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};

use tokio::time::Instant;

use super::schedule::pause;

/// A client's unanswered actions, at most as many as the window allows.
#[derive(Debug)]
pub(super) struct Open {
    window: usize,
    actions: HashMap<u64, Sent>,
    /// The actions to send again, and when.
    again: BinaryHeap<Reverse<(Instant, u64)>>,
}

#[derive(Debug)]
struct Sent {
    due: Instant,
    /// Busy answers so far.
    tries: u32,
    /// Sent, and neither answered nor waiting to be sent again.
    on_its_way: bool,
}

impl Open {
    /// At most this many at a time.
    pub(super) fn new(window: usize) -> Self {
        Open { window, actions: HashMap::new(), again: BinaryHeap::new() }
    }

    /// Whether one more may be sent.
    pub(super) fn has_room(&self) -> bool {
        self.actions.len() < self.window
    }

    /// Notes a new action on its way, which was due then.
    pub(super) fn add(&mut self, action: u64, due: Instant) {
        self.actions.insert(action, Sent { due, tries: 0, on_its_way: true });
    }

    /// Notes that an action is acknowledged or refused; returns when it was due, unless it was answered before.
    pub(super) fn answered(&mut self, action: u64) -> Option<Instant> {
        self.actions.remove(&action).map(|sent| sent.due)
    }

    /// Notes that an action was not accepted: it waits to be sent again.
    pub(super) fn busy(&mut self, action: u64, now: Instant, random: f64) {
        if let Some(sent) = self.actions.get_mut(&action)
            && sent.on_its_way
        {
            sent.on_its_way = false;
            self.again.push(Reverse((now + pause(sent.tries, random), action)));
            sent.tries += 1;
        }
    }

    /// Notes that the connection is lost, and answers with it: everything is sent again at once, in the order in which it was due.
    pub(super) fn lost(&mut self) {
        self.again = self.actions.iter().map(|(&action, sent)| Reverse((sent.due, action))).collect();
        for sent in self.actions.values_mut() {
            sent.on_its_way = false;
        }
    }

    /// When the next one is to be sent again.
    pub(super) fn next_again(&mut self) -> Option<Instant> {
        while let Some(&Reverse((at, action))) = self.again.peek() {
            if self.actions.contains_key(&action) {
                return Some(at);
            }
            // Answered meanwhile, from an earlier sending.
            self.again.pop();
        }
        None
    }

    /// Takes the next action that is to be sent again by now; it is then on its way.
    pub(super) fn take_again(&mut self, now: Instant) -> Option<u64> {
        if self.next_again()? > now {
            return None;
        }
        let Reverse((_, action)) = self.again.pop()?;
        self.actions.get_mut(&action)?.on_its_way = true;
        Some(action)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn an_answer_counts_once_and_makes_room() {
        let mut open = Open::new(2);
        let due = Instant::now();
        open.add(1, due);
        assert!(open.has_room());
        open.add(2, due);
        assert!(!open.has_room());
        assert_eq!((open.answered(1), open.answered(1)), (Some(due), None));
        assert!(open.has_room());
    }

    #[test]
    fn busy_ones_come_again_after_their_pause_and_no_earlier() {
        let mut open = Open::new(2);
        let now = Instant::now();
        let later = now + Duration::from_millis(50);
        open.add(1, now);
        open.busy(1, now, 0.5);
        open.busy(1, now, 0.5);
        assert_eq!((open.next_again(), open.take_again(now)), (Some(later), None));
        assert_eq!((open.take_again(later), open.take_again(later)), (Some(1), None), "told busy twice, sent once");
        open.busy(1, later, 0.5);
        assert_eq!(open.next_again(), Some(later + Duration::from_millis(100)));
        open.answered(1);
        assert_eq!(open.next_again(), None);
    }

    #[test]
    fn a_new_connection_gets_everything_again_in_order() {
        let mut open = Open::new(9);
        let now = Instant::now();
        let at = |ms| now + Duration::from_millis(ms);
        for (action, due) in [(7, at(2)), (8, at(1)), (9, at(3))] {
            open.add(action, due);
        }
        open.busy(9, at(3), 0.5);
        open.lost();
        let order: Vec<u64> = std::iter::from_fn(|| open.take_again(at(3))).collect();
        assert_eq!(order, [8, 7, 9]);
        open.busy(8, at(4), 0.5);
        assert_eq!(open.next_again(), Some(at(54)));
    }
}
