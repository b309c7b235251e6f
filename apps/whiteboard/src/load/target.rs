//! The measured board: a running one, or one of its own.

use std::io::{BufRead, BufReader};
use std::net::{SocketAddr, ToSocketAddrs};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use axum::http::Uri;
use tempfile::TempDir;

use super::door::Door;
use super::options::{Options, TOKEN_VARIABLE};
use crate::protocol::BoardName;
use crate::web::Base;

/// How long a server of its own has to stop; it gives itself ten seconds.
const STOP_TIME: Duration = Duration::from_secs(15);

/// Its data directory, made for its owner alone.
const DATA: &str = "data";
/// The name of the board on a server of its own.
const OWN_BOARD: &str = "load";

/// A board, and what is needed to end it if it is its own.
#[derive(Debug)]
pub(super) struct Target {
    pub(super) door: Door,
    own: Option<Own>,
}

/// A server in a process of its own; killed when it is dropped, and its directory removed.
#[derive(Debug)]
struct Own {
    server: Child,
    _data: TempDir,
}

impl Target {
    /// Finds the board that the options name, or starts one.
    pub(super) fn of(options: &Options) -> anyhow::Result<Target> {
        let token = options.token()?;
        match &options.url {
            Some(url) => Ok(Target { door: named(url, token)?, own: None }),
            None => start().context("cannot start a board of its own"),
        }
    }

    /// The process that serves it, if it is its own.
    pub(super) fn process(&self) -> Option<u32> {
        self.own.as_ref().map(|own| own.server.id())
    }

    /// Its address, for people.
    pub(super) fn name(&self) -> String {
        let Door { host, base, board, .. } = &self.door;
        let own = if self.own.is_some() { ", a board of its own" } else { "" };
        format!("http://{host}{base}b/{}{own}", board.as_str())
    }

    /// Ends what it has started; returns a sentence if that end went wrong.
    pub(super) fn stop(self) -> Option<String> {
        let mut own = self.own?;
        terminate(&own.server);
        let deadline = Instant::now() + STOP_TIME;
        loop {
            match own.server.try_wait() {
                Ok(Some(status)) if status.success() => return None,
                Ok(Some(status)) => return Some(format!("its own server ended with {status}")),
                Ok(None) if Instant::now() < deadline => std::thread::sleep(Duration::from_millis(5)),
                Ok(None) => return Some(format!("its own server did not stop in {STOP_TIME:?}, and was killed")),
                Err(error) => return Some(format!("its own server cannot be waited for: {error}")),
            }
        }
    }
}

impl Drop for Own {
    fn drop(&mut self) {
        // It has ended already unless something failed.
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

#[cfg(unix)]
fn terminate(server: &Child) {
    // The wait after it finds one that is gone already.
    let _ = rustix::process::kill_process(rustix::process::Pid::from_child(server), rustix::process::Signal::TERM);
}

/// Without signals the kill on drop is the only end.
#[cfg(not(unix))]
fn terminate(_server: &Child) {}

fn start() -> anyhow::Result<Target> {
    let data = tempfile::Builder::new().prefix("whiteboard-load-").tempdir()?;
    let mut command = Command::new(std::env::current_exe()?);
    command.args(["--until-input-ends", "--listen", "127.0.0.1:0", "--data"]).arg(data.path().join(DATA));
    command.env_remove(TOKEN_VARIABLE).stdin(Stdio::piped()).stdout(Stdio::piped());
    // Ctrl-C is only for the clients: the server stops after them.
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    let mut own = Own { server: command.spawn()?, _data: data };
    let output = own.server.stdout.take().context("it has no output")?;
    let address = BufReader::new(output).lines().map_while(Result::ok).find_map(|line| {
        let (_, rest) = line.split_once("http://")?;
        rest.split_once('/')?.0.parse::<SocketAddr>().ok()
    });
    let address = address.context("it did not say where it listens")?;
    let door =
        Door { address, host: address.to_string(), base: Base::default(), board: OWN_BOARD.parse()?, token: None };
    Ok(Target { door, own: Some(own) })
}

fn named(url: &str, token: Option<String>) -> anyhow::Result<Door> {
    let (host, base, board) = parts(url).context("--url is not the address of a board, http://HOST:PORT/b/NAME")?;
    let with_port = if host.rsplit_once(':').is_some_and(|(_, port)| port.parse::<u16>().is_ok()) {
        host.clone()
    } else {
        format!("{host}:80")
    };
    let found = with_port.to_socket_addrs().with_context(|| format!("cannot find {host}"))?.next();
    let address = found.with_context(|| format!("{host} has no address"))?;
    Ok(Door { address, host, base, board, token })
}

/// Splits an address into the host as written, the path of the whiteboard, and the board.
fn parts(url: &str) -> anyhow::Result<(String, Base, BoardName)> {
    let uri: Uri = url.parse()?;
    if uri.scheme_str() != Some("http") {
        bail!("only http:// is spoken");
    }
    let host = uri.authority().map(|authority| authority.as_str().to_owned()).context("no host")?;
    if host.contains('@') {
        bail!("a name before the host means nothing to a board");
    }
    if uri.query().is_some() {
        bail!("a board has no query");
    }
    let (base, board) = match uri.path() {
        "" => ("", "main"),
        path => match path.strip_suffix('/') {
            Some(base) => (base, "main"),
            None => path.rsplit_once("/b/").context("the path does not end in /b/NAME")?,
        },
    };
    Ok((host, format!("{base}/").parse().map_err(anyhow::Error::msg)?, board.parse()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_names_a_host_and_a_board() {
        let parts = |url| parts(url).ok();
        let below = |host: &str, base: &str, board: &str| {
            Some((host.to_owned(), base.parse().expect("a base"), board.parse().expect("a name")))
        };
        let both = |host, board| below(host, "/", board);
        assert_eq!(parts("http://127.0.0.1:7878/b/team-7"), both("127.0.0.1:7878", "team-7"));
        assert_eq!(parts("http://localhost:7878/"), both("localhost:7878", "main"));
        assert_eq!(parts("http://[::1]:7878"), both("[::1]:7878", "main"));
        assert_eq!(parts("http://a/team/board/b/x"), below("a", "/team/board/", "x"));
        assert_eq!(parts("http://a/team/"), below("a", "/team/", "main"));
        for wrong in ["127.0.0.1:7878", "https://a/b/c", "http://a/c", "http://a/b/", "http://a/b/c/d", "http://x@a/"] {
            assert_eq!(parts(wrong), None, "{wrong}");
        }
        assert_eq!(parts("http://a/b/c?token=1"), None);
        assert_eq!(parts("http://a/b/c#token=1"), both("a", "c"), "as a server prints it");
    }

    #[test]
    fn the_port_of_http_may_be_left_out() {
        let door = named("http://127.0.0.1/b/x", None).expect("a door");
        assert_eq!((door.address.port(), door.host.as_str()), (80, "127.0.0.1"));
    }
}
