//! A handler that panics at one event of ten thousand, under each policy: what happens to the graph, and what it reports.

use std::error::Error;
use std::time::{Duration, Instant};

use rusted_ring::topology::{GraphError, OnFailure, Report, Topology, each};
use rusted_ring::{ClosePolicy, HeapTypedRing, Sole, SolePublisher};

const EVENTS: u64 = 10_000;
const BAD: u64 = 4321;
const DEADLINE: Duration = Duration::from_secs(10);

/// Runs two stages, the first of which panics at one event; returns what they did.
fn run(policy: OnFailure) -> Result<Report, Box<dyn Error>> {
    // Its publisher does not close it: only a drain or a failure ends the graph.
    let ring = HeapTypedRing::<u64, Sole>::closing(1024, ClosePolicy::Never);
    let graph = Topology::over(ring.clone())
        .stage("parse")
        .on_failure(policy)
        .made_by(|| each(|number, _| assert_ne!(**number, BAD, "cannot parse this one")))
        .stage("store")
        .after(["parse"])
        .each(|_, _| ())
        .start()?;
    let mut publisher = SolePublisher::join(ring)?;
    for number in 0..EVENTS {
        // Never waits for long: a failing stage does not hold up the publisher.
        publisher.send_timeout(&number, DEADLINE)?;
    }
    Ok(graph.drain(DEADLINE)?)
}

fn main() -> Result<(), Box<dyn Error>> {
    std::panic::set_hook(Box::new(|_| println!("(a handler panics)")));
    for policy in [OnFailure::Halt, OnFailure::Skip, OnFailure::Restart] {
        println!("--- {policy:?}");
        let begun = Instant::now();
        let outcome = run(policy);
        assert!(begun.elapsed() < DEADLINE, "nothing hangs");
        match outcome {
            Ok(report) => {
                println!("{report}\n");
                let restarts = u64::from(policy == OnFailure::Restart);
                let parse = report.stage("parse").ok_or("there is such a stage")?;
                assert_eq!((parse.processed, parse.failed, parse.restarts), (EVENTS, 1, restarts));
                assert_eq!(report.stage("store").map(|store| store.processed), Some(EVENTS));
            }
            Err(error) => {
                let error: Box<GraphError> = error.downcast()?;
                println!("{error}\n{}\n", error.report());
                assert_eq!(policy, OnFailure::Halt);
                assert_eq!(error.to_string(), format!("stage \"parse\" failed at event {BAD}: {MESSAGE}"));
                assert!(error.report().stage("parse").is_some_and(|parse| parse.processed == BAD));
                assert!(error.report().stage("store").is_some_and(|store| store.processed <= BAD));
            }
        }
    }
    Ok(())
}

/// The message of the handler's assertion.
const MESSAGE: &str = "panicked: assertion `left != right` failed: cannot parse this one\n  left: 4321\n right: 4321";
