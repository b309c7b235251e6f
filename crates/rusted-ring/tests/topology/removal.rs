//! A stage that leaves a graph is gone from it: the last one cleans up, and nobody needs to wait or to ask.

use std::{
    sync::{
        Arc, Barrier,
        atomic::{AtomicBool, AtomicU64, Ordering::Relaxed},
    },
    thread,
};

use rusted_ring::{
    SolePublisher, Typed,
    topology::{OnFailure, RemoveError, StageEnd, Topology, each},
};

use super::{LONG, deadline::Deadline, numbers};

#[test]
fn all_who_remove_a_stage_at_once_are_told_the_same() {
    let ring = numbers(256);
    let graph = Topology::over(ring.clone()).stage("stays").each(|_, _| ()).start().unwrap();
    let mut removed = 0;
    for round in 0..300 {
        graph.stage("guest").each(|_, _| ()).unwrap();
        let together = Barrier::new(3);
        let outcomes = thread::scope(|scope| {
            let removing = [0, 1, 2].map(|_| {
                scope.spawn(|| {
                    together.wait();
                    graph.remove("guest")
                })
            });
            removing.map(|thread| thread.join().unwrap())
        });
        let reports: Vec<_> = outcomes.iter().flatten().collect();
        assert!(!reports.is_empty() && reports.iter().all(|report| *report == reports[0]), "{outcomes:?}");
        let unknown = RemoveError::Unknown { stage: "guest".into() };
        assert!(outcomes.iter().flat_map(|o| o.as_ref().err()).all(|error| *error == unknown), "{round}: {outcomes:?}");
        removed += 1;
    }
    let report = graph.drain(LONG).unwrap();
    assert_eq!(report.stages.iter().filter(|stage| stage.end == StageEnd::Removed).count(), removed, "each once");
}

#[test]
fn a_stage_slower_than_who_removes_it_leaves_once_its_handler_returns() {
    let ring = numbers(16);
    let (busy, let_go) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicBool::new(false)));
    let (at_work, held) = (busy.clone(), let_go.clone());
    let graph = Topology::over(ring.clone())
        .stage("slow")
        .each(move |_, _| {
            at_work.store(true, Relaxed);
            while !held.load(Relaxed) {
                thread::yield_now();
            }
        })
        .stage("behind")
        .after(["slow"])
        .each(|_, _| ())
        .start()
        .unwrap();
    SolePublisher::join(ring).unwrap().send(&1);
    Deadline::new().wait_until("the handler", || busy.load(Relaxed));
    assert_eq!(graph.remove("slow"), Err(RemoveError::Stuck { stage: "slow".into() }));
    assert_eq!(graph.status().stages.len(), 2, "it is still there, and at work");
    let_go.store(true, Relaxed);
    Deadline::new().wait_until("the stage to leave", || graph.status().stages.len() == 1);
    assert!(graph.status().stages[0].after.is_empty(), "who came after it comes after those before it");
    assert_eq!(graph.remove("slow"), Err(RemoveError::Unknown { stage: "slow".into() }));
    graph.stage("slow").each(|_, _| ()).expect("its name is free");
    let report = graph.drain(LONG).unwrap();
    let ends: Vec<_> = report.stages.iter().map(|stage| (&*stage.name, stage.end)).collect();
    assert_eq!(
        ends,
        [("slow", StageEnd::Removed), ("behind", StageEnd::Drained), ("slow", StageEnd::Drained)],
        "the one that was removed is in the report all the same"
    );
}

#[test]
fn the_name_of_a_polled_stage_is_free_once_its_consumer_is_dropped() {
    let graph = Topology::over(numbers(16)).stage("gui").polled().start().unwrap();
    drop(graph.polled("gui").expect("it was added"));
    assert_eq!(graph.remove("gui"), Err(RemoveError::Unknown { stage: "gui".into() }), "it has left");
    drop(graph.stage("gui").polled().expect("its name is free"));
    graph.stage("log").after(["gui"]).each(|_, _| ()).expect_err("nobody comes after one that has left");
    graph.stage("gui").each(|_, _| ()).expect("its name is free");
    assert_eq!(graph.remove("gui").unwrap().end, StageEnd::Removed);
}

#[test]
fn a_polled_stage_that_was_ended_has_left_too() {
    let graph = Topology::over(numbers(16)).stage("gui").polled().start().unwrap();
    graph.polled("gui").unwrap().end();
    assert!(graph.status().stages.is_empty());
    assert_eq!(graph.remove("gui").unwrap_err(), RemoveError::Unknown { stage: "gui".into() });
    let again = graph.stage("gui").polled().unwrap();
    drop(again);
}

#[test]
fn a_name_given_twice_is_one_and_leaves_with_its_stage() {
    let graph = Topology::over(numbers(16))
        .stage("a")
        .each(|_, _| ())
        .stage("b")
        .after(["a", "a"])
        .each(|_, _| ())
        .stage("c")
        .after(["b", "a", "b"])
        .each(|_, _| ())
        .start()
        .unwrap();
    let after = |name: &str| {
        let status = graph.status();
        status.stages.into_iter().find(|stage| stage.name == name).map(|stage| stage.after).unwrap()
    };
    assert_eq!((after("b"), after("c")), (vec!["a".into()], vec!["b".into(), "a".into()]));
    graph.remove("b").unwrap();
    assert_eq!(after("c"), ["a"]);
    graph.remove("a").unwrap();
    assert!(after("c").is_empty());
}

#[test]
fn a_report_is_in_the_order_in_which_its_stages_were_described() {
    let graph = Topology::over(numbers(16))
        .stage("third")
        .after(["second"])
        .each(|_, _| ())
        .stage("first")
        .each(|_, _| ())
        .stage("second")
        .after(["first"])
        .each(|_, _| ())
        .start()
        .unwrap();
    graph.stage("late").each(|_, _| ()).unwrap();
    graph.stage("later").each(|_, _| ()).unwrap();
    graph.remove("late").unwrap();
    graph.remove("first").unwrap();
    let shown: Vec<_> = graph.status().stages.into_iter().map(|stage| stage.name).collect();
    assert_eq!(shown, ["third", "second", "later"]);
    let report = graph.drain(LONG).unwrap();
    let names: Vec<_> = report.stages.iter().map(|stage| &*stage.name).collect();
    assert_eq!(names, ["third", "first", "second", "late", "later"]);
}

#[test]
fn a_handler_that_could_not_be_made_anew_was_not_restarted() {
    let ring = numbers(16);
    let made = AtomicU64::new(0);
    let graph = Topology::over(ring.clone())
        .stage("once")
        .on_failure(OnFailure::Restart)
        .made_by(move || {
            assert_eq!(made.fetch_add(1, Relaxed), 0, "cannot be made again");
            each::<Typed<u64>, _, _>(|_, _| Err("fails".into()))
        })
        .start()
        .unwrap();
    SolePublisher::join(ring).unwrap().send(&1);
    let error = graph.join().unwrap_err();
    assert!(error.to_string().contains("cannot be made again"), "{error}");
    let once = error.report().stage("once").unwrap();
    assert_eq!((once.processed, once.failed, once.restarts), (1, 1, 0));
}
