//! A list of sleeping tasks, by where they sleep: each operation touches a few others at most, however many sleep.

use core::{hash::BuildHasherDefault, mem, task::Waker};
use std::{collections::HashMap, hash::DefaultHasher};

/// A sleeping task.
struct Sleeper {
    ticket: Ticket,
    /// Where it sleeps.
    at: usize,
    waker: Waker,
    /// Its neighbours in the queue of its place.
    before: Option<usize>,
    behind: Option<usize>,
}

/// The owner's key to its sleeper.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Ticket {
    /// Its index in the list, which another sleeper gets once it is gone.
    index: usize,
    /// Counts up, over all tickets of one list.
    number: u64,
}

/// The first and the last sleeper at one place.
struct Queue {
    first: usize,
    last: usize,
}

/// Tasks that sleep, at one place or more. Keeps the memory that it once needed.
pub(super) struct Registry {
    sleepers: Vec<Option<Sleeper>>,
    /// Unused indices.
    vacant: Vec<usize>,
    /// The sleepers of each place, in the order of their tickets.
    queues: HashMap<usize, Queue, BuildHasherDefault<DefaultHasher>>,
    /// The next ticket's number.
    next: u64,
    /// How many sleepers were looked at.
    #[cfg(test)]
    looks: usize,
}

impl Registry {
    pub(super) const fn empty() -> Self {
        Registry {
            sleepers: Vec::new(),
            vacant: Vec::new(),
            queues: HashMap::with_hasher(BuildHasherDefault::new()),
            next: 0,
            #[cfg(test)]
            looks: 0,
        }
    }

    /// The number below which all tickets lie that were given so far.
    pub(super) fn next(&self) -> u64 {
        self.next
    }

    /// Whether the holder of `ticket` sleeps, and `waker` would wake it as its own does.
    pub(super) fn has(&mut self, ticket: Ticket, waker: &Waker) -> bool {
        self.find(ticket).is_some_and(|sleeper| sleeper.waker.will_wake(waker))
    }

    /// Adds a task that sleeps at `at`, or renews its waker if it still holds `known`; returns its ticket, and the replaced waker.
    pub(super) fn register(&mut self, at: usize, known: Option<Ticket>, waker: Waker) -> (Ticket, Option<Waker>) {
        if let Some(ticket) = known
            && let Some(sleeper) = self.find(ticket)
        {
            return (ticket, Some(mem::replace(&mut sleeper.waker, waker)));
        }
        let index = self.vacant.pop().unwrap_or(self.sleepers.len());
        let ticket = Ticket { index, number: self.next };
        self.next += 1;
        let mut sleeper = Sleeper { ticket, at, waker, before: None, behind: None };
        match self.queues.get_mut(&at) {
            Some(queue) => {
                let last = mem::replace(&mut queue.last, index);
                sleeper.before = Some(last);
                self.neighbour(last).behind = Some(index);
            }
            None => _ = self.queues.insert(at, Queue { first: index, last: index }),
        }
        match self.sleepers.get_mut(index) {
            Some(nobody) => *nobody = Some(sleeper),
            None => {
                self.sleepers.push(Some(sleeper));
                // The sleeper reserves the room that its waking will need: the thread that wakes it does not allocate.
                self.vacant.reserve(self.sleepers.len() - self.vacant.len());
            }
        }
        (ticket, None)
    }

    /// Takes out the first sleeper at `at`, if its ticket's number is below `below`.
    pub(super) fn take(&mut self, at: usize, below: u64) -> Option<Waker> {
        let first = self.queues.get(&at)?.first;
        let ticket = self.neighbour(first).ticket;
        if ticket.number < below { self.remove(ticket) } else { None }
    }

    pub(super) fn remove(&mut self, ticket: Ticket) -> Option<Waker> {
        self.find(ticket)?;
        let Sleeper { at, waker, before, behind, .. } = self.sleepers[ticket.index].take()?;
        self.vacant.push(ticket.index);
        if let Some(before) = before {
            self.neighbour(before).behind = behind;
        }
        if let Some(behind) = behind {
            self.neighbour(behind).before = before;
        }
        match (before, behind) {
            (None, None) => _ = self.queues.remove(&at),
            (None, Some(first)) => self.queue(at).first = first,
            (Some(last), None) => self.queue(at).last = last,
            (Some(_), Some(_)) => {}
        }
        Some(waker)
    }

    /// Returns the sleeper that still holds `ticket`.
    fn find(&mut self, ticket: Ticket) -> Option<&mut Sleeper> {
        #[cfg(test)]
        (self.looks += 1);
        self.sleepers.get_mut(ticket.index)?.as_mut().filter(|sleeper| sleeper.ticket == ticket)
    }

    fn neighbour(&mut self, index: usize) -> &mut Sleeper {
        #[cfg(test)]
        (self.looks += 1);
        self.sleepers[index].as_mut().expect("who is in a queue sleeps")
    }

    fn queue(&mut self, at: usize) -> &mut Queue {
        self.queues.get_mut(&at).expect("who sleeps is in a queue")
    }
}

#[cfg(all(test, not(any(loom, shuttle))))]
mod tests {
    use super::*;

    const PLACES: usize = 3;

    /// Tasks that sleep at the places in turn.
    fn crowd(registry: &mut Registry, size: usize) -> Vec<Ticket> {
        (0..size).map(|n| registry.register(n % PLACES, None, Waker::noop().clone()).0).collect()
    }

    #[test]
    fn whatever_is_done_with_one_of_many_sleepers_looks_at_a_few() {
        const A_FEW: usize = 4;
        for size in [10, 1_000, 10_000] {
            let mut registry = Registry::empty();
            let mut tickets = crowd(&mut registry, size);
            let mut before = 0;
            let mut looked = |registry: &Registry| registry.looks - mem::replace(&mut before, registry.looks);
            assert!(looked(&registry) <= A_FEW * size, "going to sleep");
            for ticket in &tickets {
                // Which wakers are the same is the standard library's to say.
                _ = registry.has(*ticket, Waker::noop());
                assert!(registry.register(ticket.index % PLACES, Some(*ticket), Waker::noop().clone()).1.is_some());
                assert!(looked(&registry) <= A_FEW, "polled again");
            }
            // From the end, which is the worst for a list that is searched from its front.
            while let Some(ticket) = tickets.pop().filter(|_| tickets.len() > size / 2) {
                assert!(registry.remove(ticket).is_some());
                assert!(looked(&registry) <= A_FEW, "dropped");
            }
            let below = registry.next();
            for at in (0..PLACES).rev() {
                while registry.take(at, below).is_some() {
                    assert!(looked(&registry) <= A_FEW, "woken");
                }
            }
            assert!(registry.queues.is_empty() && registry.vacant.len() == registry.sleepers.len());
        }
    }

    #[test]
    fn tasks_are_taken_in_order_by_place_and_only_with_the_tickets_that_were_given() {
        let mut registry = Registry::empty();
        let tickets = crowd(&mut registry, 9);
        // The first, the fourth and the seventh sleep at place 0.
        assert!(registry.remove(tickets[3]).is_some());
        assert!(registry.remove(tickets[3]).is_none(), "a ticket is good for once");
        let (again, replaced) = registry.register(0, Some(tickets[3]), Waker::noop().clone());
        assert!(again != tickets[3] && replaced.is_none());
        assert!(registry.find(tickets[3]).is_none() && registry.find(again).is_some());
        let below = again.number;
        assert!(registry.take(0, below).is_some() && registry.take(0, below).is_some());
        assert!(registry.take(0, below).is_none(), "who came later stays");
        assert!(registry.find(tickets[0]).is_none() && registry.find(tickets[6]).is_none());
        assert!(registry.remove(again).is_some());
        // The others have not moved: at each end and in the middle of their queues they can be taken out.
        for gone in [7, 1, 4, 8, 5, 2] {
            assert!(registry.remove(tickets[gone]).is_some());
        }
        assert!(registry.queues.is_empty());
    }
}
