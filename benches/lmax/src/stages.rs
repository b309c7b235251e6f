//! What a child does where consumers are stages: one graph on one Rust contender, once.

use crate::measure::{FOR_ROOM, Outcome, Tally, Task, pin};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Barrier};
use std::time::Instant;

/// A graph of three stages that a Rust contender has, and its one producer.
pub(crate) trait Staged {
    /// The graph's stages run on threads of the contender's own, and each begins by [`Post::begin`].
    fn open(capacity: usize, posts: [Post; 3]) -> Self;
    /// Whether there was room for the event of this number.
    fn publish(&mut self, number: i64) -> bool;
    /// Lets the stages handle what was published, and end.
    fn finish(self);
}

/// Where a stage works.
pub(crate) struct Post {
    index: usize,
    events: u64,
    pinned: bool,
    start: Arc<Barrier>,
    tallies: Sender<(usize, Tally)>,
}

/// What a stage counts. Dropped with the stage, it is handed in.
pub(crate) struct Count {
    tally: Tally,
    post: Post,
}

impl Post {
    /// Called by the stage's thread: puts it on its core, and waits until all are there.
    pub(crate) fn begin(self) -> Count {
        pin(1 + self.index, self.pinned);
        self.start.wait();
        Count { tally: Tally { value: 0, handled: 0, ended: Instant::now() }, post: self }
    }
}

impl Count {
    /// An event was handled, and is one of those that the stage counts, or not.
    #[inline]
    pub(crate) fn note(&mut self, counts: bool) {
        self.tally.note(i64::from(counts));
        if self.tally.handled == self.post.events {
            self.tally.ended = Instant::now();
        }
    }
}

impl Drop for Count {
    fn drop(&mut self) {
        // Nobody listens any more where a thread has failed.
        _ = self.post.tallies.send((self.post.index, self.tally));
    }
}

/// One producer sends the numbers from 0 on; each stage handles every event, and what the last one counts is the checksum.
pub(crate) fn run<S: Staged>(task: &Task) -> Outcome {
    let start = Arc::new(Barrier::new(4));
    let (sender, tallies) = channel();
    let posts = [0, 1, 2].map(|index| Post {
        index,
        events: task.events,
        pinned: task.pinned,
        start: Arc::clone(&start),
        tallies: sender.clone(),
    });
    drop(sender);
    let mut graph = S::open(task.workload.ring, posts);
    pin(0, task.pinned);
    start.wait();
    let begun = Instant::now();
    for number in 0..task.events as i64 {
        FOR_ROOM.until(|| graph.publish(number));
    }
    graph.finish();
    outcome(begun, tallies)
}

fn outcome(begun: Instant, tallies: Receiver<(usize, Tally)>) -> Outcome {
    let mut tallies: Vec<(usize, Tally)> = tallies.into_iter().collect();
    tallies.sort_by_key(|(index, _)| *index);
    let ended = tallies.iter().map(|(_, tally)| tally.ended).max().expect("there are stages");
    Outcome {
        time: ended - begun,
        checksum: tallies.last().map(|(_, tally)| tally.value).into_iter().collect(),
        handled: tallies.iter().map(|(_, tally)| tally.handled).collect(),
    }
}
