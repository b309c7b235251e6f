//! Graphs of stages over one ring. Each stage has a handler, its own thread, and a place after other stages.
//!
//! ```text
//!                +--> journal ---+
//! publishers ----|               +--> apply ---> gui (polled)
//!                +--> replicate -+
//!                +--> metrics
//! ```
//!
//! ```
//! use std::{sync::atomic::{AtomicU64, Ordering::Relaxed}, sync::Arc, time::Duration};
//! use rusted_ring::{HeapTypedRing, Sole, topology::Topology, SolePublisher};
//!
//! let ring = HeapTypedRing::<u64, Sole>::sole(1024);
//! let (journaled, applied) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicU64::new(0)));
//! let (journal, apply) = (journaled.clone(), applied.clone());
//! let graph = Topology::over(ring.clone())
//!     .stage("journal").each(move |order, _| _ = journal.fetch_add(**order, Relaxed))
//!     .stage("apply").after(["journal"]).each(move |order, _| _ = apply.fetch_add(**order, Relaxed))
//!     .start()?;
//!
//! let mut publisher = SolePublisher::join(ring)?;
//! (1..=100).for_each(|order| _ = publisher.send(&order));
//! println!("{graph}");
//!
//! let report = graph.drain(Duration::from_secs(10))?;
//! assert_eq!(report.stage("apply").map(|stage| stage.processed), Some(100));
//! assert_eq!((journaled.load(Relaxed), applied.load(Relaxed)), (5050, 5050));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! A stage is a [`Consumer`](crate::consumer::Consumer) that [comes after](crate::consumer::Consumer::join_after) others: it receives
//! an event once all of these have *finished* it, and sees what they did with it. Events are lent in place, read only. A stage that finds
//! something out for the stages after it writes that into the event's [notes](crate::consumer::BatchEvent::notes).
//!
//! What a stage does is a [`Handler`], or a closure `|event, turn|`: the [`Turn`] says whether the event is the last of its batch, and
//! lets the handler release it early.
//!
//! Where a batch ends is a matter of time. [`Topology::on_batch`] tells of each batch, and [`Topology::in_batches`] handles events in the batches of an earlier run.
//!
//! A stage that fails never leaves others waiting: see [`OnFailure`]. Stages are added to a running [`Graph`] by [`Graph::stage`], and
//! removed by [`Graph::remove`]. A graph ends when its ring closes ([`join`](Graph::join)), after all that was published so far
//! ([`drain`](Graph::drain)), or at once ([`halt`](Graph::halt)). Each of these returns a [`Report`] of what every stage did.

mod add;
mod batch;
mod batches;
mod builder;
mod control;
mod error;
mod failure;
mod feeds;
mod graph;
mod handler;
mod member;
mod placed;
mod processor;
mod recovery;
mod report;
mod resolve;
mod shared;
mod stage;
mod status;
mod tally;
mod threads;
mod transform;
mod watch;

pub use self::{
    batches::{BatchDifference, StageBatch},
    builder::Topology,
    error::{BuildError, RemoveError},
    failure::{Cause, Halting, OnFailure, StageFailure},
    graph::Graph,
    handler::{BatchStart, Each, Handler, HandlerError, Outcome, Turn, each},
    placed::Placed,
    report::{GraphError, Report, StageEnd, StageReport},
    stage::StageBuilder,
    status::{Dot, StageStatus, Status},
    transform::{Outlet, traced},
    watch::Watch,
};
