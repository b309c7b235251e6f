//! How a graph ends: drained, halted, dropped, by the end of its ring; and what it tells of itself until then.

use std::{
    error::Error,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering::Relaxed},
        mpsc,
    },
    thread,
    time::{Duration, Instant},
};

use rusted_ring::{
    SolePublisher,
    consumer::TryRecvError,
    topology::{BuildError, Graph, GraphError, StageEnd, StageReport, Topology, each},
};

use super::{Book, LONG, Numbers, deadline::Deadline, numbers};

#[test]
fn draining_handles_all_that_was_published_and_no_more() {
    let ring = numbers(1024);
    let book = Book::default();
    let entries = book.clone();
    let graph = Topology::over(ring.clone())
        .stage("first")
        .each(|_, _| thread::sleep(Duration::from_micros(50)))
        .stage("last")
        .after(["first"])
        .each(move |number, turn| entries.enter(turn.sequence().get(), **number))
        .start()
        .unwrap();
    let mut publisher = SolePublisher::join(ring).unwrap();
    (0..1000).for_each(|number| _ = publisher.send(&number));
    let report = graph.drain(LONG).unwrap();
    assert_eq!((book.count(), book.next()), (1000, 1000));
    assert!(report.stages.iter().all(|stage| (stage.processed, stage.end) == (1000, StageEnd::Drained)), "{report}");
    // Nobody holds the publisher any more.
    (0..5000).for_each(|number| _ = publisher.try_send(&number).unwrap());
    assert_eq!(book.count(), 1000);
}

#[test]
fn a_deadline_that_passes_names_the_handler_that_did_not_return() {
    let ring = numbers(16);
    let let_go = Arc::new(AtomicBool::new(false));
    let held = let_go.clone();
    let graph = Topology::over(ring.clone())
        .stage("stuck")
        .each(move |_, _| {
            while !held.load(Relaxed) {
                thread::sleep(Duration::from_millis(1));
            }
        })
        .stage("behind")
        .after(["stuck"])
        .each(|_, _| ())
        .start()
        .unwrap();
    SolePublisher::join(ring).unwrap().send_batch(&[1, 2]);
    let begun = Instant::now();
    let late = graph.drain(Duration::from_millis(50)).unwrap_err();
    assert!(begun.elapsed() < Duration::from_secs(3), "a drain is bounded by its deadline");
    println!("{late}\n{}", late.report());
    assert!(late.to_string().ends_with("the handler of \"stuck\" has not returned"), "{late}");
    assert_eq!(late.report().stage("stuck").unwrap().end, StageEnd::Stuck);
    assert_eq!(late.report().stage("behind").unwrap().end, StageEnd::Halted);
    let_go.store(true, Relaxed);
}

#[test]
fn a_drain_that_came_too_late_says_so_though_every_handler_returned() {
    let ring = numbers(1024);
    let slow = Topology::over(ring.clone()).stage("slow").batch_limit(10);
    let graph = slow.each(|_, _| thread::sleep(Duration::from_millis(1))).start().unwrap();
    SolePublisher::join(ring).unwrap().send_batch(&[0; 1000]);
    let late = graph.drain(Duration::from_millis(20)).unwrap_err();
    assert!(matches!(late, GraphError::Late { .. }), "{late}");
    let slow = late.report().stage("slow").unwrap();
    assert_eq!((slow.end, slow.processed < 1000), (StageEnd::Halted, true), "{}", late.report());
}

#[test]
fn halting_leaves_the_rest_unhandled_and_says_how_much_was() {
    let ring = numbers(1024);
    let graph = Topology::over(ring.clone())
        .stage("slow")
        .batch_limit(10)
        .each(|_, _| thread::sleep(Duration::from_millis(1)))
        .stage("behind")
        .after(["slow"])
        .polled()
        .start()
        .unwrap();
    let mut behind = graph.polled("behind").unwrap();
    let mut publisher = SolePublisher::join(ring).unwrap();
    (0..1000).for_each(|number| _ = publisher.send(&number));
    drop(behind.recv().unwrap());
    let report = graph.halt().unwrap();
    let slow = report.stage("slow").unwrap();
    assert_eq!(slow.end, StageEnd::Halted);
    assert!(slow.processed < 1000, "{report}");
    // A downstream Consumer receives what was finished, and is then told that there is no more.
    while behind.recv().is_ok() {}
    assert_eq!(behind.received(), slow.processed);
    assert_eq!(behind.try_recv().unwrap_err(), TryRecvError::Closed);
}

#[test]
fn a_graph_that_is_dropped_halts() {
    let ring = numbers(16);
    let running = Arc::new(AtomicU64::new(0));
    let count = running.clone();
    let graph = Topology::over(ring.clone()).stage("count").each(move |_, _| _ = count.fetch_add(1, Relaxed)).start();
    drop(graph.unwrap());
    assert_eq!(Arc::strong_count(&running), 1, "the handler is gone");
    let mut publisher = SolePublisher::join(ring).unwrap();
    (0..100).for_each(|number| _ = publisher.try_send(&number).unwrap());
}

#[test]
fn a_graph_ends_with_its_ring() {
    let ring = Numbers::sole(16);
    let graph = Topology::over(ring.clone())
        .stage("first")
        .each(|_, _| ())
        .stage("last")
        .after(["first"])
        .each(|_, _| ())
        .start()
        .unwrap();
    let writing = thread::spawn(move || {
        let mut publisher = SolePublisher::join(ring).unwrap();
        (0..1000).for_each(|number| _ = publisher.send(&number));
    });
    let report = graph.join().unwrap();
    writing.join().unwrap();
    assert!(report.stages.iter().all(|stage| (stage.processed, stage.end) == (1000, StageEnd::Completed)), "{report}");
}

#[test]
fn a_drain_of_an_open_ring_says_so_of_every_stage() {
    for workers in [1, 2] {
        for _ in 0..300 {
            let ring = numbers(16);
            let graph = Topology::over(ring.clone())
                .stage("first")
                .workers(workers, |_| each(|_, _| ()))
                .stage("second")
                .after(["first"])
                .workers(workers, |_| each(|_, _| ()))
                .stage("third")
                .after(["second"])
                .each(|_, _| ())
                .start()
                .unwrap();
            SolePublisher::join(ring).unwrap().send_batch(&[1, 2, 3]);
            let report = graph.drain(LONG).unwrap();
            let all = |stage: &StageReport| (stage.processed, stage.end) == (3, StageEnd::Drained);
            assert!(report.stages.iter().all(all), "{report}");
        }
    }
}

#[test]
fn who_comes_after_a_stage_that_ended_itself_has_received_all_that_it_ever_would() {
    let ring = numbers(16);
    let graph = Topology::over(ring.clone())
        .stage("polled")
        .polled()
        .stage("after")
        .after(["polled"])
        .each(|_, _| ())
        .start()
        .unwrap();
    let mut polled = graph.polled("polled").unwrap();
    let mut publisher = SolePublisher::join(ring).unwrap();
    publisher.send_batch(&[1, 2, 3]);
    drop(polled.recv().unwrap());
    polled.end();
    let report = graph.join().unwrap();
    assert_eq!(report.stage("after").map(|after| (after.processed, after.end)), Some((1, StageEnd::Completed)));
}

#[test]
fn a_graph_that_failed_says_why_though_a_handler_has_not_returned() {
    let ends: [fn(Graph<Numbers>) -> GraphError; 2] =
        [|graph| graph.drain(Duration::from_millis(20)).unwrap_err(), |graph| graph.halt().unwrap_err()];
    for end in ends {
        let ring = numbers(16);
        let let_go = Arc::new(AtomicBool::new(false));
        let held = let_go.clone();
        let (at_work, seen) = mpsc::channel();
        let graph = Topology::over(ring.clone())
            .stage("fails")
            .each(move |_, _| {
                seen.recv()?;
                Err("the reason".into())
            })
            .stage("slow")
            .each(move |_, _| {
                at_work.send(()).unwrap();
                while !held.load(Relaxed) {
                    thread::yield_now();
                }
            })
            .start()
            .unwrap();
        SolePublisher::join(ring).unwrap().send(&1);
        // A graph that has halted takes no stage any more.
        let mut tries = 0;
        Deadline::new().wait_until("the failure", || {
            tries += 1;
            matches!(graph.stage(&format!("late {tries}")).polled(), Err(BuildError::Halted { .. }))
        });
        let error = end(graph);
        let_go.store(true, Relaxed);
        let said = error.to_string();
        assert!(said.starts_with("stage \"fails\" failed at event 0: the reason"), "{said}");
        assert!(said.ends_with("the handler of \"slow\" has not returned"), "{said}");
        assert_eq!(error.source().map(ToString::to_string).as_deref(), Some("the reason"));
        let ends: Vec<_> = error.report().stages.iter().map(|stage| stage.end).collect();
        assert_eq!(ends, [StageEnd::Failed, StageEnd::Stuck]);
    }
}

#[test]
fn a_graph_prints_itself_and_draws_itself() {
    let ring = numbers(16);
    let graph = Topology::over(ring.clone())
        .stage("journal")
        .each(|_, _| ())
        .stage("say \"hi\"")
        .after(["journal"])
        .workers(2, |_| rusted_ring::topology::each(|_, _| ()))
        .stage("gui")
        .after(["journal", "say \"hi\""])
        .polled()
        .start()
        .unwrap();
    let earlier = graph.status();
    SolePublisher::join(ring).unwrap().send_batch(&[1, 2, 3]);
    Deadline::new().wait_until("the workers", || graph.status().stages[1].finished.get() == 3);
    let status = graph.status().since(&earlier);
    let text = status.to_string();
    println!("{text}\n{}", status.dot());
    assert!(text.starts_with("3 claimed, 16 slots\nstage"), "{text}");
    assert!(text.lines().any(|line| line.starts_with("gui       journal, say \"hi\"")), "{text}");
    assert_eq!(status.stages.iter().map(|stage| stage.lag).collect::<Vec<_>>(), [0, 0, 3]);
    assert!(status.stages[0].rate > 0.0 && status.stages[2].rate == 0.0);
    let dot = status.dot().to_string();
    assert!(dot.contains("s1 [label=\"say \\\"hi\\\" x 2\\nlag 0"), "{dot}");
    assert!(dot.contains("s0 [label=\"journal\\nlag 0"), "{dot}");
    for edge in ["ring -> s0;", "s0 -> s1;", "s0 -> s2;", "s1 -> s2;"] {
        assert!(dot.contains(edge), "{dot}");
    }
    graph.stage("log").after(["gui"]).each(|_, _| ()).unwrap();
    drop(graph.polled("gui"));
    let status = graph.status();
    let last = status.stages.last().unwrap();
    assert_eq!((status.stages.len(), &*last.name), (3, "log"), "who has left is not shown");
    assert_eq!(last.after, ["journal", "say \"hi\""], "who came after it comes after those before it");
    assert!(matches!(graph.drain(LONG), Ok(_) | Err(GraphError::Late { .. })));
}
