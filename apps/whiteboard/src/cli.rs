//! The command line.

use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::{Parser, Subcommand, ValueEnum};
use directories::ProjectDirs;
use rusted_ring::pool::Capacities;

use crate::net::host::HostName;
use crate::net::listen::Listen;
use crate::number::seconds;
use crate::size::Size;
use crate::store::Keep;
use crate::web::Base;
use crate::{backup, journal, load, log, rescue};

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
                  whiteboard --journal                keep the boards' history, too, and show it in the page\n  \
                  whiteboard backup --into ./copy     copy the boards, while they are served or not\n  \
                  whiteboard load                     measure a board with 200 clients, and check it\n\n\
                  GET /health tells what the rings under the board do, and GET /metrics tells it to Prometheus.\n\
                  Ctrl-C stops and loses nothing."
)]
pub(crate) struct Args {
    /// What to do instead of serving.
    #[command(subcommand)]
    pub(crate) task: Option<Task>,

    /// Where to serve; port 0 picks a free one, and a port alone is one of this machine alone. An address that others
    /// reach (0.0.0.0 is all of them) needs a token, which is made and printed if none is given
    #[arg(long, value_name = "[ADDR:]PORT", default_value = "127.0.0.1:7878")]
    pub(crate) listen: Listen,

    /// A name, with its port if the browser shows one, by which others may ask; may be repeated. Its pages come by
    /// https://, from a TLS proxy, or by http:// if it says so or the port is the one listened on
    #[arg(long, value_name = "[http[s]://]NAME[:PORT]")]
    pub(crate) host: Vec<HostName>,

    /// The path at which browsers see the whiteboard, if a proxy has it there; whether the proxy takes it off or not
    #[arg(long, value_name = "/PATH/", default_value = "/")]
    pub(crate) base: Base,

    /// Keeps the token; made, for you alone, if it is missing. WHITEBOARD_TOKEN in the environment gives one, too
    #[arg(long, value_name = "FILE")]
    pub(crate) token_file: Option<PathBuf>,

    /// Where the board is kept; by default the platform's place for a program's data
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,

    /// What the boards may take, ids of what was dropped included; beyond it nothing but hiding and clearing is taken
    #[arg(long, value_name = "SIZE", default_value = "1GiB", value_parser = max_store, allow_hyphen_values = true)]
    max_store: Size,

    /// How long a clear can be undone; then what it hides is dropped. As long as the server does not run, no time passes
    #[arg(long, value_name = "SECONDS", default_value_t = 600, value_parser = seconds, allow_hyphen_values = true)]
    keep_cleared: u64,

    /// How long what was dropped is recognised when a page sends it again
    #[arg(long, value_name = "SECONDS", default_value_t = 86_400, value_parser = seconds, allow_hyphen_values = true)]
    keep_ids: u64,

    /// Keeps the rings in shared memory, as the pool set NAME of the rings NAME.xs to NAME.xl, where `rring ls`, `top`, `stat` and
    /// `tap` show them. Only programs of this user may open them, and they must use this library. They go when the server ends
    #[cfg(target_os = "linux")]
    #[arg(long, value_name = "NAME")]
    pub(crate) shm: Option<String>,

    /// With --shm NAME: makes the pool set NAME-in, too. What `rring replay` puts into one of its rings, a recording of the same ring
    /// of a whiteboard, is drawn again: what was on one board on the board replay-1, and so on
    #[cfg(target_os = "linux")]
    #[arg(long, requires = "shm")]
    pub(crate) inbox: bool,

    #[command(flatten)]
    pub(crate) journal: journal::Options,

    #[command(flatten)]
    pub(crate) log: log::Options,

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
    /// Copy the boards to a new store, also while they are served
    Backup(backup::Args),
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
        data_directory(self.data.as_deref())
    }

    /// What the store may take, in bytes.
    pub(crate) fn max_store(&self) -> u64 {
        self.max_store.0
    }

    /// How long things are kept after they are gone.
    pub(crate) fn keep(&self) -> Keep {
        Keep { cleared: self.keep_cleared, ids: self.keep_ids }
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

/// Returns the given directory, or the platform's place for a program's data.
pub(crate) fn data_directory(given: Option<&Path>) -> anyhow::Result<PathBuf> {
    match given {
        Some(directory) => Ok(directory.to_owned()),
        None => Ok(ProjectDirs::from("", "", "rusted-ring-whiteboard")
            .context("this platform names no place for a program's data; name one: --data DIR")?
            .data_dir()
            .to_owned()),
    }
}

/// Refuses less, because the board would be full before it has begun.
fn max_store(text: &str) -> Result<Size, String> {
    Size::at_least(64 << 10, text)
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
        assert_eq!((default.max_store(), default.keep()), (1 << 30, Keep { cleared: 600, ids: 86_400 }));
        let set = args(&["--max-store", "512MiB", "--keep-cleared", "5", "--keep-ids", "6"]).expect("the options");
        assert_eq!((set.max_store(), set.keep()), (512 << 20, Keep { cleared: 5, ids: 6 }));
        assert!(args(&["--max-store", "much"]).is_err_and(|error| error.to_string().contains("512MiB")));
        for (wrong, told) in [("--keep-cleared", "seconds"), ("--keep-ids", "seconds"), ("--max-store", "512MiB")] {
            for value in ["-1", "x"] {
                let error = args(&[wrong, value]).expect_err("no such number").to_string();
                assert!(error.contains(told) && error.contains(wrong) && !error.contains("digit"), "{error}");
            }
        }
    }

    #[test]
    fn the_numbers_of_load_say_what_they_may_be() {
        assert!(args(&["load", "--clients", "3", "--seconds", "2", "--points", "4", "--stalled", "1"]).is_ok());
        for (option, told) in [("--clients", "1 to 10000"), ("--seconds", "1 to 86400"), ("--points", "1 to 1814")] {
            for value in ["x", "0", "-1"] {
                let error = args(&["load", option, value]).expect_err("no such number").to_string();
                assert!(error.contains(told) && !error.contains("digit"), "{error}");
            }
        }
    }

    #[test]
    fn a_host_is_given_as_often_as_there_are_names() {
        let named = args(&["--host", "board.example", "--host", "other.example:8443"]).expect("two names");
        assert!(named.host[0].is("board.example") && named.host[1].is("other.example:8443"));
        assert!(args(&["--host", "https://board.example"]).is_ok());
        assert!(
            args(&["--host", "https://board.example/"]).is_err_and(|error| error.to_string().contains("host name"))
        );
    }
}
