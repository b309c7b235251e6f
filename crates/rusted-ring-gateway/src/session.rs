//! Links between machines.

use std::{path::PathBuf, time::Duration};

use anyhow::{Context, anyhow};
use zenoh::{Config, Session, Wait};

use crate::wire::LONGEST_FRAME;

/// How this machine is linked to others.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct Links {
    /// Where to listen, such as `tcp/0.0.0.0:7447`. May be given several times.
    #[arg(long, value_name = "ENDPOINT")]
    pub listen: Vec<String>,
    /// Where to connect to: the other machine, or a router, such as `tcp/10.0.0.1:7447`. May be given several times.
    #[arg(long, value_name = "ENDPOINT")]
    pub connect: Vec<String>,
    /// A configuration of zenoh, in JSON5, for all else: TLS, access lists, a client of a router. What is given here is added.
    #[arg(long, value_name = "FILE")]
    pub zenoh: Option<PathBuf>,
}

impl Links {
    /// Opens them.
    ///
    /// # Errors
    ///
    /// If the configuration is wrong, or an endpoint cannot be listened to.
    pub fn open(&self) -> anyhow::Result<Session> {
        let config = match &self.zenoh {
            Some(file) => {
                Config::from_file(file).map_err(said).with_context(|| format!("reading {}", file.display()))?
            }
            None => self.own()?,
        };
        zenoh::open(self.with_endpoints(config)?).wait().map_err(said).context("opening the links")
    }

    /// Peers that are told of each other, and of nobody else; a link that is silent for three seconds is given up and tried again.
    fn own(&self) -> anyhow::Result<Config> {
        let mut config = Config::default();
        set(&mut config, "mode", "\"peer\"")?;
        set(&mut config, "scouting/multicast/enabled", "false")?;
        set(&mut config, "scouting/gossip/enabled", "false")?;
        set(&mut config, "listen/endpoints", "[]")?;
        set(&mut config, "transport/link/tx/lease", "3000")?;
        set(&mut config, "connect/retry", "{ period_init_ms: 200, period_max_ms: 1000, period_increase_factor: 2 }")?;
        Ok(config)
    }

    fn with_endpoints(&self, mut config: Config) -> anyhow::Result<Config> {
        for (key, endpoints) in [("listen/endpoints", &self.listen), ("connect/endpoints", &self.connect)] {
            if !endpoints.is_empty() {
                set(&mut config, key, &serde_json::to_string(endpoints)?)?;
            }
        }
        // A peer that sends more has sent no frame: it is not kept in memory first.
        set(&mut config, "transport/link/rx/max_message_size", &(2 * LONGEST_FRAME).to_string())?;
        Ok(config)
    }
}

fn set(config: &mut Config, key: &str, value: &str) -> anyhow::Result<()> {
    config.insert_json5(key, value).map_err(said).with_context(|| format!("setting {key} to {value}"))
}

/// zenoh's errors are of a type that `anyhow` does not take.
pub(crate) fn said(error: zenoh::Error) -> anyhow::Error {
    anyhow!("{error}")
}

/// How often a source says that it lives.
pub const BEAT: Duration = Duration::from_millis(200);
