//! A page without a browser.

use std::collections::{BTreeMap, HashMap, VecDeque};
#[cfg(target_os = "linux")]
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::{Instant, sleep, timeout, timeout_at};
use tokio_tungstenite::tungstenite;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::http::Response;
use tokio_tungstenite::{WebSocketStream, client_async};

use crate::server::{PATIENCE, Server};
use crate::wire::{self, Message};

/// Actions that [`Client::submit`] keeps open at a time.
const WINDOW: usize = 32;

/// What [`Client::submit`] waits after an action that was not taken.
const BUSY_PAUSE: Duration = Duration::from_millis(4);

/// A connection that said hello.
pub(crate) struct Client {
    socket: WebSocketStream<TcpStream>,
    /// Came together with what was given last.
    heard: VecDeque<Message>,
    pub(crate) author: u64,
    /// Every action received so far, in the order of arrival: (revision, action id).
    pub(crate) seen: Vec<(u64, u64)>,
    /// Actions that were counted as missed so far.
    pub(crate) missed: u64,
    /// Moments of others received so far.
    pub(crate) moments: u64,
}

/// How a connection ended.
#[derive(Debug, PartialEq)]
pub(crate) struct Closed {
    pub(crate) code: u16,
    pub(crate) reason: String,
}

impl Client {
    /// Connects to the board "main" as the client with this id, having all of it up to `after`.
    pub(crate) async fn connect(server: &Server, id: u8, after: u64) -> Client {
        Client::connect_to(server, "main", id, after).await
    }

    /// Connects to this board.
    pub(crate) async fn connect_to(server: &Server, board: &str, id: u8, after: u64) -> Client {
        Client::over(TcpSocket::new_v4().expect("a socket"), server, board, id, after).await
    }

    /// Connects with small buffers, so that not reading is soon felt at the other end.
    pub(crate) async fn connect_narrow(server: &Server, id: u8) -> Client {
        let socket = TcpSocket::new_v4().expect("a socket");
        socket.set_recv_buffer_size(4096).expect("a small buffer");
        Client::over(socket, server, "main", id, 0).await
    }

    /// Connects to a server that may be gone before it says welcome.
    pub(crate) async fn try_connect_to(server: &Server, board: &str, id: u8, after: u64) -> Option<Client> {
        let stream = TcpStream::connect(server.address()).await.ok()?;
        let socket = client_async(request("/ws", server), stream).await.ok()?.0;
        let mut client = Client { socket, heard: VecDeque::new(), author: 0, seen: Vec::new(), missed: 0, moments: 0 };
        if !client.try_send(wire::hello(id, after, board)).await {
            return None;
        }
        match client.next().await {
            Ok(Message::Welcome { author, .. }) => client.author = author,
            _ => return None,
        }
        Some(client)
    }

    /// Says hello for the board "main" to a server that does not go on from there: the revision in its welcome, and the end.
    pub(crate) async fn turned_away(server: &Server, id: u8, after: u64) -> (u64, Closed) {
        let socket = raw(TcpSocket::new_v4().expect("a socket"), server).await;
        let mut client = Client { socket, heard: VecDeque::new(), author: 0, seen: Vec::new(), missed: 0, moments: 0 };
        client.send(wire::hello(id, after, "main")).await;
        match client.next().await {
            Ok(Message::Welcome { revision, .. }) => (revision, client.closed().await),
            other => panic!("no welcome but {other:?}"),
        }
    }

    async fn over(socket: TcpSocket, server: &Server, board: &str, id: u8, after: u64) -> Client {
        let socket = raw(socket, server).await;
        let mut client = Client { socket, heard: VecDeque::new(), author: 0, seen: Vec::new(), missed: 0, moments: 0 };
        client.send(wire::hello(id, after, board)).await;
        match client.next().await {
            Ok(Message::Welcome { author, .. }) => client.author = author,
            other => panic!("no welcome but {other:?}"),
        }
        client
    }

    /// Sends if the server is there; returns whether it was.
    pub(crate) async fn try_send(&mut self, frame: Vec<u8>) -> bool {
        self.socket.send(tungstenite::Message::Binary(frame.into())).await.is_ok()
    }

    pub(crate) async fn send(&mut self, frame: Vec<u8>) {
        self.socket.send(tungstenite::Message::Binary(frame.into())).await.expect("sent");
    }

    pub(crate) async fn send_text(&mut self, text: &str) {
        self.socket.send(tungstenite::Message::Text(text.into())).await.expect("sent");
    }

    /// The next message, or the end.
    pub(crate) async fn next(&mut self) -> Result<Message, Closed> {
        self.next_within(PATIENCE).await.expect("something arrives")
    }

    /// The same; `None` when none comes in this time. A sign of life is no message.
    pub(crate) async fn next_within(&mut self, patience: Duration) -> Option<Result<Message, Closed>> {
        let deadline = Instant::now() + patience;
        loop {
            if let Some(message) = self.heard.pop_front() {
                match &message {
                    Message::Action { revision, action, .. } => self.seen.push((*revision, *action)),
                    Message::Missed { actions } => self.missed += actions,
                    Message::Moment { author, .. } if *author != self.author => self.moments += 1,
                    _ => {}
                }
                return Some(Ok(message));
            }
            match timeout_at(deadline, self.socket.next()).await.ok()? {
                Some(Ok(tungstenite::Message::Binary(message))) => {
                    self.heard.extend(wire::frames(&message).map(wire::decode));
                }
                Some(Ok(tungstenite::Message::Close(Some(frame)))) => {
                    return Some(Err(Closed { code: frame.code.into(), reason: frame.reason.to_string() }));
                }
                Some(Ok(_)) => {}
                Some(Err(_)) | None => return Some(Err(Closed { code: 0, reason: "no closing frame".into() })),
            }
        }
    }

    /// Reads until a message is what is asked for.
    pub(crate) async fn until<T>(&mut self, mut wanted: impl FnMut(&Message) -> Option<T>) -> T {
        loop {
            let message = self.next().await.expect("the connection lives");
            if let Some(found) = wanted(&message) {
                return found;
            }
        }
    }

    /// Reads until everything stored has arrived and events come live.
    pub(crate) async fn live(&mut self) -> u64 {
        self.until(|message| if let Message::Live { next } = message { Some(*next) } else { None }).await
    }

    /// Reads until this revision has arrived.
    pub(crate) async fn up_to(&mut self, revision: u64) {
        while self.seen.last().is_none_or(|&(last, _)| last < revision) {
            self.next().await.expect("the connection lives");
        }
    }

    /// Reads until the connection ends.
    pub(crate) async fn closed(&mut self) -> Closed {
        loop {
            if let Err(closed) = self.next().await {
                return closed;
            }
        }
    }

    /// Sends this message again and again, as fast as it goes, until the connection ends.
    pub(crate) async fn flood(&mut self, message: tungstenite::Message) -> Closed {
        loop {
            let messages = (0..64).map(|_| Ok(message.clone()));
            let sent = self.socket.send_all(&mut futures_util::stream::iter(messages)).await;
            // What has arrived meanwhile; after the end all of it.
            while let Ok(received) =
                timeout(Duration::from_millis(if sent.is_ok() { 1 } else { 1000 }), self.next()).await
            {
                if let Err(closed) = received {
                    return closed;
                }
            }
        }
    }

    /// Sends these actions as a page does, again when the server is busy, until all are acknowledged; action id ->
    /// revision.
    pub(crate) async fn submit(&mut self, frames: impl IntoIterator<Item = (u64, Vec<u8>)>) -> BTreeMap<u64, u64> {
        let mut waiting: VecDeque<(u64, Vec<u8>)> = frames.into_iter().collect();
        let mut open: HashMap<u64, Vec<u8>> = HashMap::new();
        let mut saved = BTreeMap::new();
        while !(waiting.is_empty() && open.is_empty()) {
            while open.len() < WINDOW
                && let Some((action, frame)) = waiting.pop_front()
            {
                self.send(frame.clone()).await;
                open.insert(action, frame);
            }
            match self.next().await.expect("the connection lives") {
                Message::Ack { action, revision } => {
                    // An action that was sent twice may be acknowledged twice.
                    saved.extend(open.remove(&action).map(|_| (action, revision)));
                }
                Message::Busy { action } => {
                    let frame = open.remove(&action).expect("an open action");
                    waiting.push_back((action, frame));
                    // As a page does: sending again at once would spend the budget before it fills.
                    sleep(BUSY_PAUSE).await;
                }
                Message::Refused { reason, .. } => panic!("refused: {reason}"),
                _ => {}
            }
        }
        saved
    }
}

/// A WebSocket that has not said hello.
pub(crate) async fn raw(socket: TcpSocket, server: &Server) -> WebSocketStream<TcpStream> {
    knock(socket, server, &[]).await.expect("a WebSocket")
}

/// Asks for a WebSocket with these headers besides; without one, what the server answered.
pub(crate) async fn knock(
    socket: TcpSocket,
    server: &Server,
    headers: &[(&'static str, &str)],
) -> Result<WebSocketStream<TcpStream>, Box<Response<Option<Vec<u8>>>>> {
    knock_at("/ws", socket, server, headers).await
}

/// The same at this path.
pub(crate) async fn knock_at(
    path: &str,
    socket: TcpSocket,
    server: &Server,
    headers: &[(&'static str, &str)],
) -> Result<WebSocketStream<TcpStream>, Box<Response<Option<Vec<u8>>>>> {
    let stream = socket.connect(server.address()).await.expect("connected");
    let mut request = request(path, server);
    for &(name, value) in headers {
        request.headers_mut().insert(name, value.parse().expect("a header"));
    }
    match client_async(request, stream).await {
        Ok((socket, _)) => Ok(socket),
        Err(tungstenite::Error::Http(response)) => Err(response),
        Err(error) => panic!("{error}"),
    }
}

fn request(path: &str, server: &Server) -> tungstenite::http::Request<()> {
    format!("ws://{}{path}", server.address()).into_client_request().expect("a request")
}

/// Strokes with these action ids.
pub(crate) fn strokes(actions: std::ops::Range<u64>, points: usize) -> impl Iterator<Item = (u64, Vec<u8>)> {
    actions.map(move |action| (action, wire::stroke(action, points)))
}

/// Checks that the revisions are `from..=to`, each once and in order.
pub(crate) fn assert_contiguous(seen: &[(u64, u64)], from: u64, to: u64) {
    let wrong = seen.iter().zip(from..).position(|(&(revision, _), wanted)| revision != wanted);
    assert_eq!(wrong, None, "{:?}", wrong.map(|at| &seen[at.saturating_sub(2)..(at + 3).min(seen.len())]));
    assert_eq!(seen.len() as u64, to + 1 - from);
}

/// A connection that comes from the address of loopback with this last number, whatever the server listens on.
#[cfg(target_os = "linux")]
pub(crate) fn from_loopback(last: u8, server: &Server) -> std::net::TcpStream {
    let socket = socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::STREAM, None).expect("a socket");
    let here = SocketAddr::new(IpAddr::V4(Ipv4Addr::new(127, 0, 0, last)), 0);
    socket.bind(&here.into()).expect("an address");
    let there = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), server.address().port());
    socket.connect(&there.into()).expect("connected");
    let stream = std::net::TcpStream::from(socket);
    stream.set_read_timeout(Some(PATIENCE)).expect("a time-out");
    stream
}
