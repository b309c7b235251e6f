//! rusted-ring against what else there is, measured alike. `peers --help` tells more, docs/benchmarks/README.md how.

mod cell;
mod cli;
mod contender;
mod contenders;
mod distance;
mod memory;
mod payload;
mod poll;
mod report;
mod sample;
mod session;
mod smoke;
mod workload;

use clap::Parser;
use common::machine::Machine;
use report::lines;
use std::process::ExitCode;

#[global_allocator]
static MEMORY: memory::Aligned = memory::Aligned;

fn main() -> ExitCode {
    let result = match cli::Cli::parse().command {
        cli::Command::Run(arguments) => run(&arguments),
        cli::Command::Smoke => smoke::smoke(),
        cli::Command::Report(arguments) => draw(&arguments),
        cli::Command::List => {
            list();
            Ok(())
        }
        cli::Command::Family => {
            println!("{}", Machine::here().family);
            Ok(())
        }
        cli::Command::Cell(arguments) => cell::measure(&arguments),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &cli::Run) -> anyhow::Result<()> {
    arguments.selection.check()?;
    let samples = session::run(arguments)?;
    if let Some((file, directory)) = arguments.keep() {
        lines::write(&samples, file)?;
        report::draw(&samples, directory)?;
    }
    print!("{}", report::text(&samples, arguments.goals));
    Ok(())
}

fn draw(arguments: &cli::Report) -> anyhow::Result<()> {
    report::draw(&lines::read(&arguments.lines)?, &arguments.pages)
}

fn list() {
    println!("contenders, by --contender NAME, or by the package for all of it:");
    for row in contenders::ALL {
        println!("  {:<26} {} {}", row.name, row.package, row.version());
    }
    println!("workloads, by --workload NAME:");
    for workload in workload::ALL {
        println!("  {:<26} {}", workload.name, workload.title);
    }
    println!("payloads, by --payload BYTES, each with its slots:");
    for (payload, slots) in workload::PAYLOADS {
        println!("  {payload:<26} {slots}");
    }
}
