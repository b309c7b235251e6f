//! The way into a board: its WebSocket and its health.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Context, bail};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::http::header::AUTHORIZATION;
use tokio_tungstenite::tungstenite::http::{HeaderValue, StatusCode};
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{self, Error};
use tokio_tungstenite::{WebSocketStream, client_async_with_config};

use crate::protocol::BoardName;
use crate::terminal::line;
use crate::web::Base;

/// A connection that has not said hello.
pub(super) type Socket = WebSocketStream<TcpStream>;

/// How long a server has to open a connection, and to report its health.
const PATIENCE: Duration = Duration::from_secs(5);
/// The most that one read takes, in bytes; all of it is cleared before each.
const READ_BUFFER: usize = 16 * 1024;
/// How many characters of a server's text are shown.
const SAID_MAX: usize = 200;
/// What the system keeps for a client that should soon feel its own stalling, in bytes.
const NARROW: u32 = 4096;
/// The segment size of such a client: an Ethernet's, because loopback's 64 KiB make the server's side keep
/// megabytes.
#[cfg(unix)]
const SEGMENT: u32 = 1448;

/// Where a board is, and what opens it.
#[derive(Clone, Debug)]
pub(super) struct Door {
    pub(super) address: SocketAddr,
    /// The host as it stands in the address, by which the server knows itself.
    pub(super) host: String,
    /// The path that the whiteboard is below.
    pub(super) base: Base,
    pub(super) board: BoardName,
    pub(super) token: Option<String>,
}

/// Why a connection failed.
#[derive(Debug)]
pub(super) enum Closed {
    /// It may work later.
    Now(String),
    /// It never will.
    Always(String),
}

impl Door {
    /// Opens a connection; a narrow one keeps little of what its client does not read.
    pub(super) async fn open(&self, narrow: bool) -> Result<Socket, Closed> {
        let opened = timeout(PATIENCE, self.handshake(narrow)).await;
        opened.unwrap_or_else(|_| Err(Closed::Now(format!("no connection within {PATIENCE:?}"))))
    }

    async fn handshake(&self, narrow: bool) -> Result<Socket, Closed> {
        let now = |error: std::io::Error| Closed::Now(error.to_string());
        let socket = if self.address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }.map_err(now)?;
        if narrow {
            socket.set_recv_buffer_size(NARROW).map_err(now)?;
            #[cfg(unix)]
            socket2::SockRef::from(&socket).set_tcp_mss(SEGMENT).map_err(now)?;
        }
        let stream = socket.connect(self.address).await.map_err(now)?;
        stream.set_nodelay(true).map_err(now)?;
        let always = |error: &dyn std::fmt::Display| Closed::Always(error.to_string());
        let mut request =
            format!("ws://{}{}ws", self.host, self.base).into_client_request().map_err(|error| always(&error))?;
        if let Some(token) = &self.token {
            let value = HeaderValue::try_from(format!("Bearer {token}")).map_err(|error| always(&error))?;
            request.headers_mut().insert(AUTHORIZATION, value);
        }
        let config = WebSocketConfig::default().read_buffer_size(READ_BUFFER);
        match client_async_with_config(request, stream, Some(config)).await {
            Ok((socket, _)) => Ok(socket),
            Err(Error::Http(answer)) => {
                let body = answer.body().as_deref().map(String::from_utf8_lossy).unwrap_or_default();
                let mut text = format!("{}: {}", answer.status(), cut(body.trim()));
                if answer.status() == StatusCode::UNAUTHORIZED {
                    text +=
                        " (give load its token by --token-file FILE, or in the address: --url http://...#token=...)";
                }
                Err(if matches!(answer.status().as_u16(), 429 | 500..) {
                    Closed::Now(text)
                } else {
                    Closed::Always(text)
                })
            }
            Err(error) => Err(Closed::Now(error.to_string())),
        }
    }

    /// Reads the server's health.
    pub(super) async fn health(&self) -> anyhow::Result<serde_json::Value> {
        timeout(PATIENCE, self.ask_health()).await.context("no answer")?
    }

    async fn ask_health(&self) -> anyhow::Result<serde_json::Value> {
        let mut stream = TcpStream::connect(self.address).await?;
        let token = self.token.iter().map(|token| format!("Authorization: Bearer {token}\r\n")).collect::<String>();
        // Version 1.0: the answer comes in one piece and ends with the connection.
        let (host, base) = (&self.host, &self.base);
        let request = format!("GET {base}health HTTP/1.0\r\nHost: {host}\r\n{token}\r\n");
        stream.write_all(request.as_bytes()).await?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await?;
        let answer = String::from_utf8(answer)?;
        match answer.split_once("\r\n\r\n") {
            // A server that cannot save reports its health all the same.
            Some((head, body)) if matches!(head.split(' ').nth(1), Some("200" | "503")) => {
                Ok(serde_json::from_str(body)?)
            }
            _ => bail!("{}", cut(answer.lines().next().unwrap_or("an empty answer"))),
        }
    }
}

/// Returns the beginning of a server's text, as one line.
fn cut(text: &str) -> String {
    line(&text.chars().take(SAID_MAX).collect::<String>())
}

/// Returns in a sentence why a server ended a connection; `None` for a message that ends none.
pub(super) fn ending(message: Option<Result<tungstenite::Message, Error>>) -> Option<String> {
    match message {
        Some(Ok(tungstenite::Message::Close(Some(frame)))) => {
            Some(format!("the server closed with {}: {}", u16::from(frame.code), cut(&frame.reason)))
        }
        Some(Ok(tungstenite::Message::Close(None))) | None => Some("the server closed without a reason".to_owned()),
        Some(Err(error)) => Some(format!("the connection broke: {error}")),
        Some(Ok(_)) => None,
    }
}
