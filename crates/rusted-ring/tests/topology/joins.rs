//! Where a stage begins that is added while its graph runs.

use std::sync::Mutex;

use rusted_ring::{Consumer, SolePublisher, Start, topology::Topology};

use super::{Arc, LONG, numbers};

#[test]
fn a_stage_that_is_added_begins_with_the_next_event_whomever_it_comes_after() {
    for (after, workers) in
        [(vec![], 1), (vec!["a"], 1), (vec!["b"], 1), (vec!["a", "b"], 1), (vec!["b"], 3), (vec!["crew"], 2)]
    {
        let ring = numbers(64);
        let mut publisher = SolePublisher::join(ring.clone()).unwrap();
        let graph = Topology::over(ring.clone())
            .stage("a")
            .each(|_, _| ())
            .stage("b")
            .after(["a"])
            .each(|_, _| ())
            .stage("crew")
            .workers(2, |_| rusted_ring::topology::each(|_, _| ()))
            .start()
            .unwrap();
        (0..200).for_each(|n| _ = publisher.send(&n));
        while graph.status().stages.iter().any(|stage| stage.lag > 0) {
            std::thread::yield_now();
        }
        let received: Arc<Mutex<Vec<u64>>> = Arc::default();
        let book = received.clone();
        let late = graph.stage("late").after(after.iter().copied());
        late.workers(workers, move |_| {
            let book = book.clone();
            rusted_ring::topology::each(move |n: &rusted_ring::consumer::BatchEvent<'_, _>, _| {
                book.lock().unwrap().push(**n)
            })
        })
        .unwrap();
        let gui = graph.stage("gui").after(after.iter().copied()).polled().unwrap();
        assert_eq!(gui.next_sequence().get(), 200, "polled, after {after:?}");
        drop(gui);
        (200..210).for_each(|n| _ = publisher.send(&n));
        graph.drain(LONG).unwrap();
        let mut received = received.lock().unwrap().clone();
        received.sort_unstable();
        assert_eq!(received, (200..210).collect::<Vec<u64>>(), "after {after:?} by {workers}");
    }
}

#[test]
fn a_topology_that_starts_at_the_oldest_has_its_first_stages_there_and_none_before_them() {
    let ring = numbers(64);
    let mut publisher = SolePublisher::join(ring.clone()).unwrap();
    (0..20).for_each(|n| _ = publisher.send(&n));
    let graph = Topology::over(ring)
        .starting_at(Start::Oldest)
        .stage("first")
        .each(|_, _| ())
        .stage("second")
        .after(["first"])
        .polled()
        .start()
        .unwrap();
    let second: Consumer<_> = graph.polled("second").unwrap();
    assert_eq!(second.next_sequence().get(), 0);
    drop(second);
    graph.drain(LONG).unwrap();
}
