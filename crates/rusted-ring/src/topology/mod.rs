//! Stages over one ring: each with its own handler, on its own thread, behind the stages that it comes after.
//!
//! ```text
//!             +--> journal ---+
//! publishers ----|               +--> apply ---> gui (polled)
//!             +--> replicate -+
//!             +--> metrics
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
//!     .stage("journal").each(move |order, _, _| _ = journal.fetch_add(**order, Relaxed))
//!     .stage("apply").after(["journal"]).each(move |order, _, _| _ = apply.fetch_add(**order, Relaxed))
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
//! A stage is a [`Consumer`](crate::consumer::Consumer) that [comes after](crate::consumer::Consumer::join_after) others: it
//! receives an event once these have *finished* it, whatever that is, and sees what they did with it. Events are lent in
//! place and read only; what a stage finds out about an event for the stages after it, it writes into the event's
//! [notes](crate::consumer::BatchEvent::notes), by relaxed accesses.
//!
//! A stage that [fails](OnFailure) never leaves others waiting. A [`Graph`] is changed while it runs: [`Graph::stage`],
//! [`Graph::remove`]. It ends when its ring closes ([`join`](Graph::join)), drained of what was published
//! ([`drain`](Graph::drain)), or at once ([`halt`](Graph::halt)), and says what each stage did.

mod add;
mod batch;
mod builder;
mod control;
mod error;
mod failure;
mod feeds;
mod graph;
mod handler;
mod member;
mod pin;
mod report;
mod resolve;
mod run;
mod shared;
mod status;
mod tally;
mod threads;
mod transform;

pub use self::{
    builder::{Host, StageBuilder, Topology},
    error::{BuildError, RemoveError},
    failure::{Cause, Halting, OnFailure, StageFailure},
    graph::Graph,
    handler::{BatchStart, Each, Handler, HandlerError, Outcome, Turn, each},
    report::{GraphError, Report, StageEnd, StageReport},
    status::{Dot, StageStatus, Status},
    transform::{Outlet, traced},
};
