//! The command line.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, bail};
use clap::{Parser, Subcommand, ValueEnum};
use directories::ProjectDirs;
use rusted_ring::pool::Capacities;

use crate::{load, rescue};

/// A shared whiteboard in your browser.
///
/// Start it, open the address it prints in two windows, and draw. Everything drawn is on disk before the page shows it
/// as saved, and is there again after a restart.
#[derive(Debug, Parser)]
#[command(
    version,
    args_conflicts_with_subcommands = true,
    after_help = "Examples:\n  whiteboard                          serve on http://127.0.0.1:7878/\n  \
                  whiteboard --listen 127.0.0.1:0     let the system pick a free port\n  \
                  whiteboard --data ./board           keep the board here\n  \
                  whiteboard load                     measure a board with 200 clients, and check it\n\n\
                  GET /health tells what the rings under the board do. Ctrl-C stops and loses nothing."
)]
pub(crate) struct Args {
    /// What to do instead of serving.
    #[command(subcommand)]
    pub(crate) task: Option<Task>,

    /// Where to serve; port 0 picks a free one. Only addresses of this machine itself (loopback) for now
    #[arg(long, value_name = "ADDR:PORT", default_value = "127.0.0.1:7878")]
    pub(crate) listen: SocketAddr,

    /// Where the board is kept; by default the platform's place for a program's data
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,

    /// How many events the five pools hold
    #[arg(long, value_enum, default_value_t = Preset::Production)]
    preset: Preset,
}

/// What the program does, if it does not serve.
#[derive(Debug, Subcommand)]
pub(crate) enum Task {
    /// Copy what can be read of a damaged store to a new one
    Rescue(rescue::Args),
    Load(load::Options),
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Preset {
    /// XS 2000, S 1000, M 300, L 60, XL 15 events
    Production,
    /// XS 500, S 250, M 100, L 20, XL 5 events
    Mobile,
    /// XS 4000, S 2000, M 600, L 120, XL 30 events
    Server,
}

impl Args {
    /// Refuses what this version does not serve.
    pub(crate) fn check(&self) -> anyhow::Result<()> {
        if !self.listen.ip().is_loopback() {
            bail!(
                "{} can be reached from other machines, and this version has no way to tell friend from stranger; \
                 listen on this machine only: --listen 127.0.0.1:{}",
                self.listen.ip(),
                self.listen.port()
            );
        }
        Ok(())
    }

    /// The directory of the board.
    pub(crate) fn data_directory(&self) -> anyhow::Result<PathBuf> {
        match &self.data {
            Some(directory) => Ok(directory.clone()),
            None => Ok(ProjectDirs::from("", "", "rusted-ring-whiteboard")
                .context("this platform names no place for a program's data; name one: --data DIR")?
                .data_dir()
                .to_owned()),
        }
    }

    /// What the store may take, in bytes.
    pub(crate) fn max_store(&self) -> u64 {
        1 << 30
    }

    /// How long a clear can be undone.
    pub(crate) fn keep_cleared(&self) -> Duration {
        Duration::from_secs(600)
    }

    /// The sizes of the pools.
    pub(crate) fn capacities(&self) -> Capacities {
        match self.preset {
            Preset::Production => Capacities::PRODUCTION,
            Preset::Mobile => Capacities::MOBILE,
            Preset::Server => Capacities::SERVER,
        }
    }
}
