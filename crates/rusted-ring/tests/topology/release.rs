//! What a handler releases is finished once it returns, and stays so.

use std::{
    sync::{Arc, Barrier},
    time::Duration,
};

use rusted_ring::{
    SolePublisher, Start, Typed,
    consumer::{BatchEvent, TryRecvError},
    topology::{GraphError, Handler, HandlerError, OnFailure, Topology, Turn},
};

use super::{LONG, Numbers, numbers};

/// Far more than a hand-over takes.
const SOON: Duration = Duration::from_secs(10);

/// Releases some of its events, fails at some, and at its batch's end waits to be let on, or fails.
struct Releasing {
    releases: fn(u64) -> bool,
    fails_at: Option<u64>,
    by_panic: bool,
    at_end: AtEnd,
}

enum AtEnd {
    Waits(Arc<Barrier>),
    Fails,
    Returns,
}

impl Handler<Typed<u64>> for Releasing {
    fn event(&mut self, event: &BatchEvent<'_, Typed<u64>>, turn: &mut Turn<'_>) -> Result<(), HandlerError> {
        if (self.releases)(**event) {
            turn.release();
        }
        match self.fails_at == Some(**event) {
            true if self.by_panic => panic!("at its event"),
            true => Err("at its event".into()),
            false => Ok(()),
        }
    }

    fn batch_end(&mut self) -> Result<(), HandlerError> {
        match &self.at_end {
            AtEnd::Waits(go_on) => {
                go_on.wait();
                Ok(())
            }
            AtEnd::Fails => Err("at the batch's end".into()),
            AtEnd::Returns => Ok(()),
        }
    }
}

/// A ring of `events`, which the stage takes as one batch.
fn with(events: &[u64]) -> Numbers {
    let ring = numbers(64);
    SolePublisher::join(ring.clone()).unwrap().send_batch(events);
    ring
}

fn graph(ring: &Numbers, policy: OnFailure, releasing: Releasing) -> rusted_ring::topology::Graph<Numbers> {
    Topology::over(ring.clone())
        .starting_at(Start::Oldest)
        .stage("releasing")
        .on_failure(policy)
        .batch_limit(64)
        .handler(releasing)
        .stage("after")
        .after(["releasing"])
        .polled()
        .start()
        .unwrap()
}

#[test]
fn the_last_event_of_a_batch_is_released_before_the_batch_ends() {
    for events in [&[0][..], &[0, 1, 2]] {
        let go_on = Arc::new(Barrier::new(2));
        let at_end = AtEnd::Waits(go_on.clone());
        let ring = with(events);
        let releasing = Releasing { releases: |_| true, fails_at: None, by_panic: false, at_end };
        let graph = graph(&ring, OnFailure::Halt, releasing);
        let mut after = graph.polled("after").unwrap();
        let received: Vec<_> = events.iter().map(|_| after.recv_timeout(SOON).map(|event| *event)).collect();
        go_on.wait();
        assert_eq!(received, events.iter().copied().map(Ok).collect::<Vec<_>>());
        assert_eq!(graph.drain(LONG).unwrap().stage("releasing").unwrap().processed, events.len() as u64);
    }
}

#[test]
fn what_was_released_stays_so_when_the_batch_end_fails() {
    for (events, released) in [(&[0][..], 1), (&[0, 1, 2], 3), (&[0, 1, 9], 2)] {
        let ring = with(events);
        let releasing = Releasing { releases: |n| n < 9, fails_at: None, by_panic: false, at_end: AtEnd::Fails };
        let graph = graph(&ring, OnFailure::Halt, releasing);
        let mut after = graph.polled("after").unwrap();
        for event in &events[..released] {
            assert_eq!(after.recv_timeout(SOON).map(|event| *event), Ok(*event));
        }
        assert_eq!(after.recv_timeout(SOON).map(|event| *event), Err(TryRecvError::Closed));
        let GraphError::Failed { failure, report } = graph.join().unwrap_err() else { panic!("it failed") };
        assert_eq!(failure.sequence.map(|at| at.get()), Some(events.len() as u64 - 1), "{failure}");
        assert_eq!(report.stage("releasing").unwrap().processed, events.len() as u64);
    }
}

#[test]
fn a_release_at_an_event_that_fails_counts_under_skip_and_for_those_before_it_under_halt() {
    for by_panic in [false, true] {
        let go_on = Arc::new(Barrier::new(2));
        let at_end = AtEnd::Waits(go_on.clone());
        let ring = with(&[0, 1, 2, 3]);
        let skipped =
            graph(&ring, OnFailure::Skip, Releasing { releases: |n| n == 2, fails_at: Some(2), by_panic, at_end });
        let mut after = skipped.polled("after").unwrap();
        let received: Vec<_> = (0..3).map(|_| after.recv_timeout(SOON).map(|event| *event)).collect();
        go_on.wait();
        assert_eq!(received, [Ok(0), Ok(1), Ok(2)], "it is passed over, and released");
        skipped.drain(LONG).unwrap();

        let at_end = AtEnd::Returns;
        let ring = with(&[0, 1, 2, 3]);
        let halted =
            graph(&ring, OnFailure::Halt, Releasing { releases: |n| n == 2, fails_at: Some(2), by_panic, at_end });
        let mut after = halted.polled("after").unwrap();
        let received: Vec<_> = (0..3).map(|_| after.recv_timeout(SOON).map(|event| *event)).collect();
        assert_eq!(received, [Ok(0), Ok(1), Err(TryRecvError::Closed)], "the one that failed is not finished");
        halted.join().unwrap_err();
    }
}
