//! A shared whiteboard on `rusted-ring`: a pen in one browser, the stroke on disk and in a second browser.
//!
//! ```text
//! page --frame--> connection::inbound --action--> ingest --revision--> pools S M L XL
//!                          '--moment (cursor, here, segment)---------> pools XS S
//!
//! pools --> storage ----batch---> store, then the watermark rises
//!       --> validation --> network ----frame---> connection::outbound --> page   (actions only below the watermark)
//!                      --> analytics --counts--> /health
//! ```

#![forbid(unsafe_code)]

mod actors;
mod address;
mod bell;
mod board;
mod boards;
mod bucket;
mod budget;
mod cli;
mod clock;
mod column;
mod connection;
mod feed;
mod history;
mod host;
mod ingest;
mod load;
mod merge;
mod pace;
mod peer;
mod phase;
mod private;
mod protocol;
mod reply;
mod rescue;
mod serve;
mod signals;
mod size;
mod socket;
mod sockets;
mod stages;
mod store;
mod throttle;
mod token;
mod warnings;
mod watermark;
mod web;
mod writers;

use std::process::ExitCode;

use clap::Parser;

use cli::{Args, Task};

fn main() -> ExitCode {
    let args = Args::parse();
    let done = match &args.task {
        None => serve::run(&args).map(|()| true),
        Some(Task::Rescue(rescue)) => rescue.run().map(|()| true),
        Some(Task::Load(options)) => load::run(options),
    };
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("whiteboard: {error:#}");
            ExitCode::FAILURE
        }
    }
}
