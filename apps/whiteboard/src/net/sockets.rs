//! Accepts connections: a limited number at a time, each with little time to say what it wants.

use std::io::ErrorKind;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Router;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::time::{sleep, timeout};

use crate::limits::visitors::{Visitor, Visitors};
use crate::net::peer::Peer;
use crate::net::socket::Socket;
use crate::phase::Phase;

/// Sockets at a time, of pages and plain requests together; the next one waits in the system's queue.
const SOCKETS: usize = 512;
/// How long a request's head may take, and how long a connection may rest between two requests.
const HEAD_TIME: Duration = Duration::from_secs(10);
/// How long a connection may live that does not become a WebSocket; its last answer may then take up to
/// [`ANSWER_TIME`] to be read.
const LIFE_TIME: Duration = Duration::from_secs(60);
const ANSWER_TIME: Duration = Duration::from_secs(30);
/// How long a request's head may be, in bytes.
const HEAD_MAX: usize = 16 * 1024;
/// The most that the system keeps of what was sent to a peer and not read by it, in bytes.
#[cfg(unix)]
const SEND_BUFFER: usize = 128 * 1024;
/// The pause when the system has no descriptor left.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// The two ends of a request's connection; every request carries them in its extensions.
#[derive(Clone, Debug)]
pub(crate) struct Ends {
    /// Who asks.
    pub(crate) peer: Peer,
    /// The counts of everything from there.
    pub(crate) visitor: Arc<Visitor>,
    /// The address of this machine that was asked.
    pub(crate) local: SocketAddr,
}

/// Serves everyone who connects until the server stops; what was asked by then is still answered. An address that has all its
/// sockets is not served: its next one is closed.
pub(crate) async fn serve(listener: TcpListener, router: Router, phase: watch::Receiver<Phase>) {
    serve_at_most(SOCKETS, listener, router, phase).await;
}

async fn serve_at_most(most: usize, listener: TcpListener, router: Router, mut phase: watch::Receiver<Phase>) {
    let places = Arc::new(Semaphore::new(most));
    let visitors = Visitors::default();
    let router = TowerToHyperService::new(router);
    let watch = phase.clone();
    let accepting = async {
        // The places are never closed.
        while let Ok(place) = Arc::clone(&places).acquire_owned().await {
            let (stream, peer) = next(&listener).await;
            let peer = Peer::at(peer.ip());
            let visitor = visitors.at(peer, Instant::now());
            let (Some(own), Ok(local)) = (visitor.socket(), stream.local_addr()) else { continue };
            // Small frames must not wait for one another; a socket that refuses the option still works.
            let _ = stream.set_nodelay(true);
            // What the system keeps for a peer counts as read by it, and the system reports room only when a third is free again:
            // with more, a peer that reads slowly seems not to read at all.
            #[cfg(unix)]
            let _ = socket2::SockRef::from(&stream).set_send_buffer_size(SEND_BUFFER);
            let local = SocketAddr::new(local.ip().to_canonical(), local.port());
            let socket = Socket::new(stream, Arc::clone(&visitor), (place, own));
            tokio::spawn(answer(socket, Ends { peer, visitor, local }, router.clone(), watch.clone()));
        }
    };
    tokio::select! {
        () = accepting => {}
        () = Phase::Stopping.reached(&mut phase) => {}
    }
}

/// The next connection.
async fn next(listener: &TcpListener) -> (TcpStream, SocketAddr) {
    loop {
        match listener.accept().await {
            Ok(accepted) => return accepted,
            // It ended before it was accepted; the next may be fine.
            Err(error)
                if matches!(
                    error.kind(),
                    ErrorKind::ConnectionRefused | ErrorKind::ConnectionAborted | ErrorKind::ConnectionReset
                ) => {}
            Err(_) => sleep(ACCEPT_PAUSE).await,
        }
    }
}

/// Answers the requests of one connection. An upgraded one lives on, with its socket, after this; any other ends in time,
/// however slowly its answers are read.
async fn answer<S>(
    socket: Socket<S>,
    ends: Ends,
    router: TowerToHyperService<Router>,
    mut phase: watch::Receiver<Phase>,
) where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let service = service_fn(|mut request: hyper::Request<Incoming>| {
        request.extensions_mut().insert(ends.clone());
        router.call(request)
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIME)
        .max_buf_size(HEAD_MAX)
        .serve_connection(TokioIo::new(socket), service)
        .with_upgrades();
    let mut connection = pin!(connection);
    // Nobody needs to know how it ended: the other side is gone, or was told.
    tokio::select! {
        _ended = connection.as_mut() => return,
        () = Phase::Stopping.reached(&mut phase) => {}
        () = sleep(LIFE_TIME) => {}
    }
    connection.as_mut().graceful_shutdown();
    let _ = timeout(ANSWER_TIME, connection).await;
}

#[cfg(test)]
mod tests {
    use axum::routing::get;
    use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};
    use tokio::time::Instant as Moment;

    use super::*;

    /// Answers one visitor with a long text; the visitor writes `request` and then reads this many bytes every `pause`. Returns
    /// how long that goes on.
    async fn lasts(request: &'static str, each: usize, pause: Duration) -> Duration {
        let (ours, mut theirs) = duplex(64);
        let peer = Peer::at([192, 0, 2, 1].into());
        let visitor = Visitors::default().at(peer, Instant::now());
        let own = visitor.socket().expect("a place");
        let place = Arc::new(Semaphore::new(1)).try_acquire_owned().expect("a place");
        let ends = Ends { peer, visitor: Arc::clone(&visitor), local: ([192, 0, 2, 2], 80).into() };
        let router = Router::new().route("/", get(|| async { "x".repeat(1 << 20) }));
        let (_running, phase) = watch::channel(Phase::Running);
        let begun = Moment::now();
        let socket = Socket::new(ours, visitor, (place, own));
        let answering = tokio::spawn(answer(socket, ends, TowerToHyperService::new(router), phase));
        tokio::spawn(async move {
            let _ = theirs.write_all(request.as_bytes()).await;
            let mut taken = vec![0; each];
            while theirs.read_exact(&mut taken).await.is_ok() {
                sleep(pause).await;
            }
        });
        answering.await.expect("no panic");
        begun.elapsed()
    }

    #[tokio::test(start_paused = true)]
    async fn an_answer_that_is_read_slowly_is_given_up_in_time() {
        let request = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
        assert_eq!(lasts(request, 64 << 10, Duration::from_secs(20)).await, LIFE_TIME + ANSWER_TIME);
        assert!(
            lasts(request, 4 << 10, Duration::ZERO).await <= HEAD_TIME + Duration::from_secs(1),
            "one that is read is not"
        );
    }

    #[tokio::test]
    async fn of_all_sockets_the_next_one_waits_until_one_is_free() {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let (_running, phase) = watch::channel(Phase::Running);
        let serving = tokio::spawn(serve_at_most(3, listener, Router::new().route("/", get(|| async { "x" })), phase));
        let connect = async || TcpStream::connect(address).await.expect("connected");
        let mut idle = [connect().await, connect().await, connect().await].into_iter();
        let mut beyond = connect().await;
        beyond.write_all(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n").await.expect("sent");
        let mut first = [0; 12];
        let soon = timeout(Duration::from_millis(200), beyond.read_exact(&mut first)).await;
        assert!(soon.is_err(), "it is not taken in yet");
        drop(idle.next());
        timeout(Duration::from_secs(30), beyond.read_exact(&mut first)).await.expect("in time").expect("an answer");
        assert_eq!(&first, b"HTTP/1.1 200");
        serving.abort();
    }

    #[tokio::test(start_paused = true)]
    async fn a_head_that_does_not_end_is_given_up() {
        assert_eq!(lasts("GET / HTTP/1.1\r\n", 1, Duration::ZERO).await, HEAD_TIME);
    }
}
