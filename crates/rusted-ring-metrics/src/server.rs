//! An endpoint with one page, `/metrics`, for a program that has no web server of its own.

use std::{
    fmt,
    io::{self, ErrorKind, Write},
    net::{IpAddr, Ipv4Addr, Ipv6Addr, Shutdown, SocketAddr, TcpListener, TcpStream, ToSocketAddrs},
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use crate::{collector::MEDIA_TYPE, request::Request};

/// An address that only this machine reaches, with a port that the system chooses.
pub const LOOPBACK: (Ipv4Addr, u16) = (Ipv4Addr::LOCALHOST, 0);

/// Connections that are served at a time; more wait to be accepted.
const CONNECTIONS: usize = 4;
/// How long a connection may take, from its beginning to its end.
const LONGEST: Duration = Duration::from_secs(5);
/// How long to wait after a connection could not be accepted, because there are no descriptors.
const PAUSE: Duration = Duration::from_millis(100);

/// Serves a text as `GET /metrics`, over HTTP, in four threads of its own. Dropping it ends it.
///
/// A connection gets one answer, and five seconds at most; four are served at a time, and a request's head has at most 8 KiB. There is no
/// encryption, and everyone who reaches the address may read: keep to [`LOOPBACK`], or put it behind what guards the rest.
///
/// ```
/// use rusted_ring::HeapRing;
/// use rusted_ring_metrics::{LOOPBACK, RingCollector, Server, encode};
///
/// let rings = RingCollector::new();
/// rings.register("strokes", HeapRing::<64>::new(1024))?;
/// let server = Server::start(LOOPBACK, move || encode(&rings))?;
/// println!("http://{}/metrics", server.address());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Server {
    address: SocketAddr,
    is_ending: Arc<AtomicBool>,
    threads: Vec<JoinHandle<()>>,
}

impl Server {
    /// Serves what `page` returns, a text of OpenMetrics, at `address`. `page` is called for each request, by several threads at a time.
    ///
    /// # Errors
    ///
    /// If the address cannot be had, or no thread can be started.
    pub fn start(address: impl ToSocketAddrs, page: impl Fn() -> String + Send + Sync + 'static) -> io::Result<Self> {
        let listener = Arc::new(TcpListener::bind(address)?);
        let page = Arc::new(page);
        // What is started already ends with it, should a later thread fail to start.
        let mut server = Server { address: listener.local_addr()?, is_ending: Arc::default(), threads: Vec::new() };
        for _ in 0..CONNECTIONS {
            let (listener, page, is_ending) = (listener.clone(), page.clone(), server.is_ending.clone());
            let thread = thread::Builder::new().name("rusted-ring-metrics".to_owned());
            server.threads.push(thread.spawn(move || serve(&listener, &*page, &is_ending))?);
        }
        Ok(server)
    }

    /// The address, with the port that was chosen.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// An address of this machine that leads to the listener.
    fn own(&self) -> SocketAddr {
        let ip = match self.address.ip() {
            IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
            IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
            ip => ip,
        };
        (ip, self.address.port()).into()
    }
}

impl Drop for Server {
    /// Ends the threads, and waits until the connections that they serve are done.
    fn drop(&mut self) {
        // Relaxed: the connection that wakes a thread comes after.
        self.is_ending.store(true, Relaxed);
        let own = self.own();
        // As many connections as threads, whichever have ended by now: a thread that waits takes one and ends, and one that serves another
        // connection sees the flag after it.
        for _ in 0..self.threads.len() {
            let is_needed = || self.threads.iter().any(|thread| !thread.is_finished());
            while is_needed() && TcpStream::connect_timeout(&own, PAUSE).is_err() {
                thread::sleep(PAUSE);
            }
        }
        for thread in self.threads.drain(..) {
            let _ = thread.join();
        }
    }
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Server").field("address", &self.address).finish_non_exhaustive()
    }
}

fn serve(listener: &TcpListener, page: &dyn Fn() -> String, is_ending: &AtomicBool) {
    while !is_ending.load(Relaxed) {
        match listener.accept() {
            Ok(_) if is_ending.load(Relaxed) => return,
            // What goes wrong with a connection is its own affair.
            Ok((stream, _)) => _ = answer(stream, page),
            Err(error) if matches!(error.kind(), ErrorKind::Interrupted | ErrorKind::ConnectionAborted) => {}
            Err(_) => thread::sleep(PAUSE),
        }
    }
}

fn answer(mut stream: TcpStream, page: &dyn Fn() -> String) -> io::Result<()> {
    let deadline = Instant::now() + LONGEST;
    let (status, media, body) = match Request::read(&mut stream, deadline)? {
        Request::Metrics => match catch_unwind(AssertUnwindSafe(page)) {
            Ok(text) => ("200 OK", MEDIA_TYPE, text),
            Err(_) => {
                ("500 Internal Server Error", PLAIN, "the metrics could not be read: see the program's errors\n".into())
            }
        },
        Request::Unknown => ("404 Not Found", PLAIN, "only /metrics is here\n".into()),
        Request::NotGet => ("405 Method Not Allowed", PLAIN, "only GET is answered\n".into()),
        Request::Malformed => ("400 Bad Request", PLAIN, "expected a request of HTTP/1.1\n".into()),
        Request::TooLong => ("431 Request Header Fields Too Large", PLAIN, "expected at most 8 KiB\n".into()),
    };
    let length = body.len();
    let head = format!(
        "HTTP/1.1 {status}\r\nAllow: GET\r\nContent-Type: {media}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n"
    );
    write_all(&mut stream, head.as_bytes(), deadline)?;
    write_all(&mut stream, body.as_bytes(), deadline)?;
    stream.shutdown(Shutdown::Write)
}

const PLAIN: &str = "text/plain";

/// Writes everything, or fails at the deadline, however little the other side takes at a time.
fn write_all(stream: &mut TcpStream, mut bytes: &[u8], deadline: Instant) -> io::Result<()> {
    while !bytes.is_empty() {
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(ErrorKind::TimedOut.into());
        }
        stream.set_write_timeout(Some(left))?;
        match stream.write(bytes) {
            Ok(0) => return Err(ErrorKind::WriteZero.into()),
            Ok(written) => bytes = &bytes[written..],
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}
