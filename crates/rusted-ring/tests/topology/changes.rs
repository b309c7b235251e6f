//! Stages that come and go while events pass.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    thread,
    time::Duration,
};

use rusted_ring::{
    SolePublisher,
    topology::{StageEnd, Topology},
};

use super::{Book, LONG, deadline::Deadline, numbers};

#[test]
fn stages_come_and_go_under_load_and_the_others_lose_nothing() {
    let ring = numbers(64);
    let (first, last) = (Book::default(), Book::default());
    let (before, after) = (first.clone(), last.clone());
    let graph = Topology::over(ring.clone())
        .stage("first")
        .each(move |number, turn| before.enter(turn.sequence().get(), **number))
        .stage("last")
        .after(["first"])
        .each(move |number, turn| after.enter(turn.sequence().get(), **number))
        .start()
        .unwrap();
    let stop = Arc::new(AtomicBool::new(false));
    let writing = {
        let stop = stop.clone();
        thread::spawn(move || {
            let mut publisher = SolePublisher::join(ring).unwrap();
            let mut sent = 0;
            while !stop.load(Relaxed) {
                publisher.send_timeout(&sent, LONG).unwrap();
                sent += 1;
            }
            (publisher, sent)
        })
    };
    let mut visits = 0;
    for round in 0..if cfg!(debug_assertions) { 30 } else { 150 } {
        // In between and at the end, with one after it that inherits its place, and one beside.
        let [middle, inherits, aside] = [Book::default(), Book::default(), Book::default()];
        let [a, b, c] = [middle.clone(), inherits.clone(), aside.clone()];
        graph
            .stage("middle")
            .after(["first"])
            .each(move |number, turn| a.enter(turn.sequence().get(), **number))
            .unwrap();
        graph
            .stage("tail")
            .after(["middle", "last"])
            .each(move |number, turn| b.enter(turn.sequence().get(), **number))
            .unwrap();
        graph.stage("aside").each(move |number, turn| c.enter(turn.sequence().get(), **number)).unwrap();
        Deadline::new()
            .wait_until("the new stages", || [&middle, &inherits, &aside].iter().all(|book| book.count() > 100));
        let report = graph.remove("middle").unwrap();
        assert_eq!((report.end, report.processed), (StageEnd::Removed, middle.count()));
        let reached = inherits.count();
        Deadline::new().wait_until("who came after it", || inherits.count() > reached + 100);
        let tail = graph.status().stages.into_iter().find(|stage| stage.name == "tail").unwrap();
        assert_eq!(tail.after, ["last", "first"], "round {round}");
        assert_eq!(graph.remove("aside").unwrap().processed, aside.count());
        assert_eq!(graph.remove("tail").unwrap().processed, inherits.count());
        visits += middle.count() + inherits.count() + aside.count();
    }
    stop.store(true, Relaxed);
    let (_publisher, sent) = writing.join().unwrap();
    let report = graph.drain(LONG).unwrap();
    let counts =
        ["first", "last"].map(|stage| report.stages.iter().rfind(|entry| entry.name == stage).unwrap().processed);
    println!("sent {sent}; first and last handled {counts:?}; the visitors {visits}");
    assert_eq!(counts, [sent, sent]);
    assert_eq!((first.next(), last.next()), (sent, sent));
    assert_eq!((first.sum(), last.sum()), (sent * (sent - 1) / 2, sent * (sent - 1) / 2));
}

#[test]
fn a_stage_that_is_removed_holds_up_nobody() {
    let ring = numbers(16);
    let graph = Topology::over(ring.clone())
        .stage("slow")
        .each(|_, _| thread::sleep(Duration::from_millis(20)))
        .stage("last")
        .after(["slow"])
        .polled()
        .start()
        .unwrap();
    let mut last = graph.polled("last").unwrap();
    let mut publisher = SolePublisher::join(ring).unwrap();
    (0..16).for_each(|number| _ = publisher.send(&number));
    // Asleep behind the slow stage, it is woken when that leaves, and then comes after the publisher.
    let receiving = thread::spawn(move || {
        let received: Vec<u64> = (0..16).map(|_| *last.recv().unwrap()).collect();
        (last, received)
    });
    thread::sleep(Duration::from_millis(5));
    let report = graph.remove("slow").unwrap();
    assert!(report.processed < 16);
    let (_last, received) = receiving.join().unwrap();
    assert_eq!(received, (0..16).collect::<Vec<_>>());
    assert!(graph.status().stages[0].after.is_empty());
}

#[test]
fn the_report_has_the_stages_that_were_removed() {
    let ring = numbers(16);
    let graph = Topology::over(ring.clone()).stage("first").each(|_, _| ()).start().unwrap();
    graph.stage("guest").each(|_, _| ()).unwrap();
    SolePublisher::join(ring).unwrap().send_batch(&[1, 2, 3]);
    Deadline::new().wait_until("both", || graph.status().stages.iter().all(|stage| stage.lag == 0));
    graph.remove("guest").unwrap();
    let report = graph.drain(LONG).unwrap();
    assert_eq!(report.stage("guest").map(|stage| (stage.processed, stage.end)), Some((3, StageEnd::Removed)));
    assert_eq!(report.stage("first").map(|stage| (stage.processed, stage.end)), Some((3, StageEnd::Drained)));
}

#[test]
fn who_adds_a_stage_that_is_polled_gets_its_consumer() {
    let graph = Topology::over(numbers(16)).stage("first").each(|_, _| ()).start().unwrap();
    let stop = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            while !stop.load(Relaxed) {
                assert!(graph.polled("gui").is_none(), "it has its user");
            }
        });
        for _ in 0..2000 {
            drop(graph.stage("gui").polled().unwrap());
        }
        stop.store(true, Relaxed);
    });
}
