//! The command line.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::Context;
use clap::{Parser, Subcommand, ValueEnum};
use directories::ProjectDirs;
use rusted_ring::pool::Capacities;

use crate::net::host::HostName;
use crate::size::Size;
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
                  whiteboard --listen 0.0.0.0:7878    serve others, who need the token in the printed address\n  \
                  whiteboard load                     measure a board with 200 clients, and check it\n\n\
                  GET /health tells what the rings under the board do. Ctrl-C stops and loses nothing."
)]
pub(crate) struct Args {
    /// What to do instead of serving.
    #[command(subcommand)]
    pub(crate) task: Option<Task>,

    /// Where to serve; port 0 picks a free one. An address that others reach (0.0.0.0 is all of them) needs a token,
    /// which is made and printed if none is given
    #[arg(long, value_name = "ADDR:PORT", default_value = "127.0.0.1:7878")]
    pub(crate) listen: SocketAddr,

    /// A name, with its port if the browser shows one, by which others may ask; may be repeated. Pages of
    /// http://NAME and https://NAME may open the board
    #[arg(long, value_name = "NAME[:PORT]")]
    pub(crate) host: Vec<HostName>,

    /// Keeps the token; made, for you alone, if it is missing. WHITEBOARD_TOKEN in the environment gives one, too
    #[arg(long, value_name = "FILE")]
    pub(crate) token_file: Option<PathBuf>,

    /// Where the board is kept; by default the platform's place for a program's data
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,

    /// What the store may take; beyond it nothing but hiding and clearing is taken
    #[arg(long, value_name = "SIZE", default_value = "1GiB")]
    max_store: Size,

    /// How long a clear can be undone; then what it hides is dropped
    #[arg(long, value_name = "SECONDS", default_value_t = 600)]
    keep_cleared: u64,

    /// Stop when the input ends, too: for a program that must not leave this one behind
    #[arg(long, hide = true)]
    pub(crate) until_input_ends: bool,

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
        self.max_store.0
    }

    /// How long a clear can be undone.
    pub(crate) fn keep_cleared(&self) -> Duration {
        Duration::from_secs(self.keep_cleared)
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

#[cfg(test)]
mod tests {
    use super::*;

    fn args(options: &[&str]) -> Result<Args, clap::Error> {
        Args::try_parse_from([&["whiteboard"], options].concat())
    }

    #[test]
    fn the_bounds_of_the_store_have_defaults_and_can_be_set() {
        let default = args(&[]).expect("no options");
        assert_eq!((default.max_store(), default.keep_cleared()), (1 << 30, Duration::from_secs(600)));
        let set = args(&["--max-store", "512MiB", "--keep-cleared", "5"]).expect("both options");
        assert_eq!((set.max_store(), set.keep_cleared()), (512 << 20, Duration::from_secs(5)));
        assert!(args(&["--max-store", "much"]).is_err_and(|error| error.to_string().contains("512MiB")));
        assert!(args(&["--keep-cleared", "-1"]).is_err());
    }

    #[test]
    fn a_host_is_given_as_often_as_there_are_names() {
        let named = args(&["--host", "board.example", "--host", "other.example:8443"]).expect("two names");
        assert!(named.host[0].is("board.example") && named.host[1].is("other.example:8443"));
        assert!(args(&["--host", "https://board.example"]).is_err_and(|error| error.to_string().contains("host name")));
    }
}
