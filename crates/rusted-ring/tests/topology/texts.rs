//! What descriptions, graphs, reports and errors say as text: the names in question, and the numbers.

use std::sync::{Arc, Mutex};

use rusted_ring::{
    SolePublisher, Start, Typed,
    consumer::BatchEvent,
    topology::{BatchStart, Halting, Handler, HandlerError, OnFailure, RemoveError, Topology, Turn, each},
};

use super::{LONG, Numbers, deadline::Deadline, numbers};

#[test]
fn a_description_shows_its_stages_and_whom_they_come_after() {
    let journal = Topology::over(numbers(16)).stage("journal").each(|_, _| ());
    let described = journal.stage("apply").after(["journal"]);
    let said = format!("{described:?}");
    assert!(said.contains("name: \"apply\"") && said.contains("after: [\"journal\"]"), "{said}");
    let topology = described.polled();
    assert_eq!(format!("{topology:?}"), "[(\"journal\", []), (\"apply\", [\"journal\"])]");
    let graph = topology.start().unwrap();
    let said = format!("{graph:?}");
    assert!(said.contains("\"journal\"") && said.contains("\"apply\"") && said.contains("capacity: 16"), "{said}");
    assert_eq!(graph.to_string().lines().next(), Some("0 claimed, 16 slots"));
    assert_eq!(format!("{:?}", each::<Typed<u64>, _, _>(|_, _| ())), "Each");
}

/// Writes down how its batches show themselves.
struct Shows(Arc<Mutex<Vec<String>>>);

impl Handler<Typed<u64>> for Shows {
    fn batch_start(&mut self, batch: &BatchStart<'_>) -> Result<(), HandlerError> {
        self.0.lock().unwrap().push(format!("{batch:?}"));
        Ok(())
    }

    fn event(&mut self, _event: &BatchEvent<'_, Typed<u64>>, _turn: &mut Turn<'_>) -> Result<(), HandlerError> {
        Ok(())
    }
}

#[test]
fn a_batch_shows_its_size_and_what_the_stage_has_before_it() {
    let ring = numbers(16);
    SolePublisher::join(ring.clone()).unwrap().send_batch(&[7, 8, 9]);
    let shown = Arc::default();
    let shows = Shows(Arc::clone(&shown));
    let graph = Topology::over(ring).starting_at(Start::Oldest).stage("shows").batch_limit(2).handler(shows);
    graph.start().unwrap().drain(LONG).unwrap();
    assert_eq!(*shown.lock().unwrap(), ["BatchStart { size: 2, depth: 3 }", "BatchStart { size: 1, depth: 1 }"]);
}

#[test]
fn a_report_has_a_line_for_each_stage_with_its_counts_its_end_and_its_failure() {
    let ring = numbers(16);
    let graph = Topology::over(ring.clone())
        .stage("skips")
        .on_failure(OnFailure::Skip)
        .each(|number, _| if **number == 0 { Err("zero".into()) } else { Ok(()) })
        .stage("behind")
        .after(["skips"])
        .each(|number, _| if **number == 2 { Err("two".into()) } else { Ok(()) })
        .start()
        .unwrap();
    let mut publisher = SolePublisher::join(ring).unwrap();
    (0..3).for_each(|number| _ = publisher.send(&number));
    let error = graph.join().unwrap_err();
    let report = error.report().to_string();
    let lines: Vec<Vec<&str>> = report.lines().map(|line| line.split_whitespace().collect()).collect();
    let [title, skips, behind] = &lines[..] else { panic!("{report}") };
    assert_eq!(title, &["stage", "processed", "failed", "restarts", "end"]);
    assert_eq!(skips[..5], ["skips", "3", "1", "0", "Halted,"]);
    assert_eq!(skips[5..].join(" "), "and failed last at event 0: zero");
    assert_eq!(behind, &["behind", "2", "0", "0", "Failed:", "at", "event", "2:", "two"]);
}

#[test]
fn who_cannot_remove_a_stage_is_told_which_and_why() {
    let stage = || "gui".to_owned();
    let said = [
        RemoveError::Unknown { stage: stage() },
        RemoveError::Polled { stage: stage() },
        RemoveError::Stuck { stage: stage() },
    ]
    .map(|error| error.to_string());
    assert!(said.iter().all(|said| said.contains("stage \"gui\"")), "{said:?}");
    for (said, why) in said.iter().zip(["there is no", "drop its Consumer", "has not returned"]) {
        assert!(said.contains(why), "{said}");
    }
    assert!(Halting.to_string().contains("is halting"));
}

#[test]
fn a_rate_is_of_what_was_finished_since_the_stage_began() {
    let ring = numbers(16);
    let graph = Topology::over(ring.clone()).stage("first").each(|_, _| ()).start().unwrap();
    SolePublisher::<Numbers>::join(ring).unwrap().send_batch(&[1, 2, 3]);
    Deadline::new().wait_until("the first", || graph.status().stages[0].finished.get() == 3);
    graph.stage("late").each(|_, _| ()).unwrap();
    let status = graph.status();
    assert!(status.stages[0].rate > 0.0);
    assert_eq!((status.stages[1].finished.get(), status.stages[1].rate), (3, 0.0), "it has finished nothing yet");
}
