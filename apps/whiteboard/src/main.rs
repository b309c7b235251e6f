//! A shared whiteboard on `rusted-ring`: a pen in one browser, the stroke on disk and in a second browser.
//!
//! ```text
//! page --frame--> connection::inbound --action--> ingest --revision--> pools S M L XL
//!                          '--moment (cursor, here, segment)---------> pools XS S
//!
//! pools --> storage ----batch---> store, then the watermark rises
//!       --> validation --> network ----frame---> connection::outbound --> page   (actions only below the watermark)
//!                      --> analytics --counts--> /health
//!
//! storage --ring--> journal ---> /past, and the store at the next start
//!
//! pools, stages --ledgers--> /metrics
//! ```

#![deny(unsafe_code)]

mod actors;
mod backup;
mod boards;
mod cli;
mod clock;
mod connection;
mod farewells;
mod fullness;
mod history;
mod hub;
#[cfg_attr(not(unix), path = "journal/nowhere.rs")]
mod journal;
mod limits;
mod load;
mod log;
mod net;
mod number;
mod order;
mod phase;
mod private;
mod protocol;
#[cfg(target_os = "linux")]
mod redraw;
mod remedy;
mod rescue;
mod rings;
mod serve;
#[cfg(target_os = "linux")]
#[allow(unsafe_code)]
mod shared;
mod signals;
mod size;
mod store;
mod terminal;
mod token;
mod warnings;
mod web;

use std::process::ExitCode;

use clap::Parser;

use cli::{Args, Task};

fn main() -> ExitCode {
    #[cfg(unix)]
    signals::survive_long_files();
    let args = match Args::try_parse() {
        Ok(args) => args,
        // The message shows what was typed.
        Err(wrong) if wrong.use_stderr() => {
            terminal::usage(wrong.render());
            return ExitCode::from(2);
        }
        Err(help) => help.exit(),
    };
    let done = match &args.task {
        None => return serve(&args),
        Some(Task::Backup(backup)) => backup.run(),
        Some(Task::Rescue(rescue)) => rescue.run().map(|()| true),
        Some(Task::Load(options)) => load::run(options),
    };
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            terminal::err(format_args!("whiteboard: {error:#}"));
            ExitCode::FAILURE
        }
    }
}

/// Serves to the end; what ends it before its time is logged.
fn serve(args: &Args) -> ExitCode {
    let (log, _written) = log::start(&args.log);
    match serve::run(args, &log) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!("{error:#}");
            ExitCode::FAILURE
        }
    }
}
