//! The command line of `load`.

use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use clap::Args;

use crate::number::within;

/// The environment variable that may hold the token.
pub(super) const TOKEN_VARIABLE: &str = "WHITEBOARD_TOKEN";

/// Measure a whiteboard with many clients that draw, and check that nothing is lost.
///
/// Starts a board of its own in a temporary directory, draws on it with many WebSocket clients, and prints what became
/// of each stroke and how long its acknowledgement took. Every client has a fixed schedule, and a stroke's latency
/// counts from the moment at which it was due: a server that stands still is charged for all that waited.
///
/// Then it checks: every stroke sent was acknowledged or refused; every client got each stroke live, or was told that
/// it missed it and got it from the store; the store holds each acknowledged stroke once, at the revision that was
/// acknowledged; revisions only rose. If one of these does not hold, it says which and ends with 1.
#[derive(Clone, Debug, Args)]
#[command(after_long_help = HELP)]
pub(crate) struct Options {
    /// A running board, http://HOST:PORT/b/NAME, which keeps what is drawn; by default one of its own. It may be the
    /// address that the server printed, with its token
    #[arg(long, value_name = "URL")]
    pub(super) url: Option<String>,

    /// How many clients draw, each on a connection of its own, and get what all draw
    #[arg(long, value_name = "N", default_value_t = 200, allow_hyphen_values = true)]
    #[arg(value_parser = |text: &str| within::<u32>(1..=10_000, text))]
    pub(super) clients: u32,

    /// How long the schedule is
    #[arg(long, value_name = "S", default_value_t = 10, allow_hyphen_values = true)]
    #[arg(value_parser = |text: &str| within::<u32>(1..=86_400, text))]
    pub(super) seconds: u32,

    /// How many strokes a second each client draws
    #[arg(long, value_name = "R", default_value = "100", value_parser = rate)]
    pub(super) rate: f64,

    /// How many points each stroke has
    #[arg(long, value_name = "N", default_value_t = 20, allow_hyphen_values = true)]
    #[arg(value_parser = |text: &str| within::<u16>(1..=1814, text))]
    pub(super) points: u16,

    /// So many of the clients stop reading for the middle third; their latency is told apart
    #[arg(long, value_name = "N", default_value_t = 0, allow_hyphen_values = true)]
    #[arg(value_parser = |text: &str| within::<u32>(0..=10_000, text))]
    pub(super) stalled: u32,

    /// Where the token of the board at --url is read from; by default from the environment, WHITEBOARD_TOKEN
    #[arg(long, value_name = "FILE", requires = "url")]
    token_file: Option<PathBuf>,

    /// One JSON object on stdout instead of the table
    #[arg(long)]
    pub(super) json: bool,
}

const HELP: &str = "Examples:
  whiteboard load                                200 clients, 100 strokes a second each, for 10 seconds
  whiteboard load --clients 20 --json            fewer clients, a result for programs
  whiteboard load --clients 20 --stalled 2       two of them stop reading for a while
  whiteboard load --url http://127.0.0.1:7878/b/load --rate 20
                                                 a running board; the strokes stay on it

Progress is on stderr, a line a second; the result is on stdout. Ctrl-C ends the schedule early, and once more the
waiting for answers. A server answers busy when its pools are full, and to whoever sends faster than it allows: a
connection some 250 frames a second, an address 32000. Such a stroke is sent again after 50 ms, then 100 ms, up to 2 s,
and its latency counts on.

Fields of --json:
  sent, acknowledged, refused, busy, open    strokes; busy counts answers, open has no answer
  broadcast                                  of all clients together: what each should get, or null
  delivered, missed, healed, rejoined        got live; told missed; got from the store instead; got from the
                                             store after a new connection
  connections_lost                           how many broke
  latency_ms                                 p50, p99, p999, max; of clients that did not stall
  stalled_latency_ms                         the same of those that did, or null
  sent_late_ms                               the same from when strokes were due to when they were first sent
  rate                                       asked and achieved, strokes a second of all clients together
  checks                                     answered, received, stored, ordered: whether each holds
  problems                                   a sentence for each that does not
  gave_out                                   what reached its limit, the first first: what, second, fact
  resources                                  cores, cpu (parts of all cores: clients, server, machine),
                                             commits a second, pools (highest pressure of each)
  board, clients, seconds                    what was measured, with how many, for how long
  interrupted, ok                            ended early; all checks hold";

impl Options {
    /// The token to send along, if there is one. It never goes to a board of its own, which needs none.
    pub(super) fn token(&self) -> anyhow::Result<Option<String>> {
        if self.url.is_none() {
            return Ok(None);
        }
        let in_address =
            self.url.as_deref().and_then(|url| url.split_once("#token=")).map(|(_, token)| token.to_owned());
        let token = match &self.token_file {
            Some(file) => Some(read(file)?),
            None if in_address.is_some() => in_address,
            None => match std::env::var(TOKEN_VARIABLE) {
                Ok(token) => Some(token),
                Err(std::env::VarError::NotPresent) => None,
                Err(error) => return Err(error).context(TOKEN_VARIABLE),
            },
        };
        token.map(|token| printable(token.trim())).transpose()
    }
}

fn read(file: &Path) -> anyhow::Result<String> {
    std::fs::read_to_string(file).with_context(|| format!("cannot read the token in {}", file.display()))
}

/// Refuses a token that may not stand in a header.
fn printable(token: &str) -> anyhow::Result<String> {
    if token.is_empty() || !token.bytes().all(|byte| byte.is_ascii_graphic()) {
        bail!("the token is empty or has characters that no token has");
    }
    Ok(token.to_owned())
}

fn rate(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(rate) if rate > 0.0 && rate <= 10_000.0 => Ok(rate),
        _ => Err("a rate is above 0 and at most 10000 a second".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Debug, Parser)]
    struct Line {
        #[command(flatten)]
        options: Options,
    }

    #[test]
    fn the_address_that_a_server_printed_has_its_token() {
        let token = |words: &[&str]| {
            let line = Line::try_parse_from([&["load"], words].concat()).expect("a command line");
            line.options.token().expect("a token")
        };
        let url = "http://127.0.0.1:7878/#token=abc-_1";
        assert_eq!(token(&["--url", url]).as_deref(), Some("abc-_1"));
        let home = tempfile::tempdir().expect("a directory");
        let file = home.path().join("token");
        std::fs::write(&file, "of-the-file\n").expect("written");
        let file = file.display().to_string();
        assert_eq!(token(&["--url", url, "--token-file", &file]).as_deref(), Some("of-the-file"));
        assert_eq!(token(&[]), None);
    }
}
