//! Takes connections in: so many at a time, each with little time to say what it wants.

use std::io::ErrorKind;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::time::sleep;

use crate::net::peer::Peer;
use crate::net::socket::Socket;
use crate::phase::Phase;

/// Sockets at a time, of pages and plain requests together; who comes next waits in the system's queue.
const SOCKETS: usize = 512;
/// How long a request's head may take; also how long a connection may rest between two requests.
const HEAD_TIME: Duration = Duration::from_secs(10);
/// How long a request's head may be, in bytes.
const HEAD_MAX: usize = 16 * 1024;
/// The pause when the system has no descriptor left.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// The two ends of the connection that a request came over; every request carries them in its extensions.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ends {
    /// Who asks.
    pub(crate) peer: Peer,
    /// The address of this machine that was asked.
    pub(crate) local: SocketAddr,
}

/// Serves whoever connects until the server stops; what was asked by then is still answered.
pub(crate) async fn serve(listener: TcpListener, router: Router, mut phase: watch::Receiver<Phase>) {
    let places = Arc::new(Semaphore::new(SOCKETS));
    let router = TowerToHyperService::new(router);
    let watch = phase.clone();
    let accepting = async {
        // The places are never closed.
        while let Ok(place) = Arc::clone(&places).acquire_owned().await {
            let (stream, peer) = next(&listener).await;
            let Ok(local) = stream.local_addr() else { continue };
            // Small frames must not wait for one another; a socket that cannot be told so still works.
            let _ = stream.set_nodelay(true);
            let local = SocketAddr::new(local.ip().to_canonical(), local.port());
            let ends = Ends { peer: Peer::at(peer.ip()), local };
            tokio::spawn(answer(Socket::new(stream, place), ends, router.clone(), watch.clone()));
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
            // It ended before it was taken in; the next may be well.
            Err(error)
                if matches!(
                    error.kind(),
                    ErrorKind::ConnectionRefused | ErrorKind::ConnectionAborted | ErrorKind::ConnectionReset
                ) => {}
            Err(_) => sleep(ACCEPT_PAUSE).await,
        }
    }
}

/// Answers the requests of one connection. An upgraded one lives on, with its socket, after this.
async fn answer(socket: Socket, ends: Ends, router: TowerToHyperService<Router>, mut phase: watch::Receiver<Phase>) {
    let service = service_fn(|mut request: hyper::Request<Incoming>| {
        request.extensions_mut().insert(ends);
        router.call(request)
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIME)
        .max_buf_size(HEAD_MAX)
        .serve_connection(TokioIo::new(socket), service)
        .with_upgrades();
    let mut connection = pin!(connection);
    // How it ended matters to nobody: the other side is gone, or was told.
    let _ = tokio::select! {
        ended = connection.as_mut() => ended,
        () = Phase::Stopping.reached(&mut phase) => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
}
