//! Random cases against books of their own: graphs of stages, endpoints, tasks and pools.
//!
//! A seed is a case: how many threads, what they do, and in what order each of them does it. How the threads meet is up to the
//! machine, so a seed that fails once may pass ten times.
//!
//! * `RUSTED_RING_SECONDS=n` runs each model for so long; 10 seconds if nothing is said, ten minutes with `RUSTED_RING_DEEP=1`.
//! * `RUSTED_RING_SEED=n` runs that one case; with `RUSTED_RING_SECONDS` again and again.
//! * `RUSTED_RING_FAILURES=n` goes on until this many cases have failed.

#![cfg(all(feature = "std", not(any(loom, shuttle))))]

mod case;
mod endpoints;
mod graphs;
#[path = "../common/payload.rs"]
mod payload;
mod pools;
#[path = "../common/rng.rs"]
mod rng;
#[cfg(feature = "async")]
mod tasks;

#[test]
fn graphs_do_what_their_books_say() {
    case::run("graphs", graphs::case);
}

#[test]
fn endpoints_do_what_their_books_say() {
    case::run("endpoints", endpoints::case);
}

#[test]
#[cfg(feature = "async")]
fn tasks_do_what_their_books_say() {
    case::run("tasks", tasks::case);
}

#[test]
fn pools_do_what_their_books_say() {
    case::run("pools", pools::case);
}
