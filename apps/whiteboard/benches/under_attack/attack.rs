//! The attacks meanwhile, as fast as possible, until told to stop. An attacker that is put out comes back at once.

use std::io::{ErrorKind, Read, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpStream};
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering::Relaxed;
use std::thread;
use std::time::Duration;

use socket2::{Domain, Socket, Type};

use crate::wire;

/// An attack of one or more threads; each gets the server's address, its number, and when to stop.
pub(crate) struct Attack {
    pub(crate) name: &'static str,
    pub(crate) about: &'static str,
    pub(crate) threads: u64,
    pub(crate) run: fn(SocketAddr, u64, &AtomicBool),
}

pub(crate) const ATTACKS: [Attack; 13] = [
    Attack { name: "requests", about: "the page, a connection for each request", threads: 2, run: requests },
    Attack { name: "sockets", about: "600 sockets that say nothing", threads: 1, run: sockets },
    Attack { name: "pings", about: "pings before the hello", threads: 1, run: pings },
    Attack { name: "fragments", about: "empty fragments before the hello", threads: 1, run: fragments },
    Attack { name: "joins", about: "24 joiners of the same board, again and again", threads: 24, run: joins },
    Attack { name: "names", about: "a board of a new name with every connection", threads: 2, run: names },
    Attack { name: "hides", about: "hides of 1000 unknown revisions", threads: 1, run: hides },
    Attack { name: "clears", about: "one clear after another", threads: 1, run: clears },
    Attack {
        name: "segments",
        about: "parts of ever new unfinished strokes, 25 points each",
        threads: 1,
        run: segments,
    },
    Attack { name: "long-strokes", about: "strokes of 1814 points", threads: 1, run: long_strokes },
    Attack { name: "pictures", about: "frames of a picture that is none", threads: 1, run: pictures },
    Attack { name: "stalled", about: "8 pages that never read", threads: 8, run: stalled },
    Attack {
        name: "slow-heads",
        about: "a request's head, a byte at a time, 64 at once",
        threads: 64,
        run: slow_heads,
    },
];

/// A connection of the attacker.
struct Hostile {
    stream: TcpStream,
}

impl Hostile {
    fn connect(address: SocketAddr) -> std::io::Result<Hostile> {
        let socket = Socket::new(Domain::IPV4, Type::STREAM, None)?;
        socket.bind(&SocketAddr::from((Ipv4Addr::new(127, 0, 0, 2), 0)).into())?;
        socket.connect_timeout(&address.into(), Duration::from_secs(1))?;
        let stream = TcpStream::from(socket);
        stream.set_read_timeout(Some(Duration::from_millis(500)))?;
        stream.set_write_timeout(Some(Duration::from_millis(500)))?;
        Ok(Hostile { stream })
    }

    /// A WebSocket that has not said hello.
    fn upgraded(address: SocketAddr) -> std::io::Result<Hostile> {
        let mut hostile = Hostile::connect(address)?;
        write!(
            hostile.stream,
            "GET /ws HTTP/1.1\r\nHost: {address}\r\nOrigin: http://{address}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
             Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        )?;
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            let mut byte = [0];
            hostile.stream.read_exact(&mut byte)?;
            head.push(byte[0]);
        }
        if head.starts_with(b"HTTP/1.1 101") { Ok(hostile) } else { Err(ErrorKind::ConnectionRefused.into()) }
    }

    /// One that is on this board.
    fn joined(address: SocketAddr, client: u64, board: &str) -> std::io::Result<Hostile> {
        let mut hostile = Hostile::upgraded(address)?;
        hostile.send(&wire::hello(100 + client as u8, 0, board))?;
        Ok(hostile)
    }

    /// One that is on this board, and drops what it hears.
    fn deaf(address: SocketAddr, client: u64, board: &str) -> std::io::Result<Hostile> {
        let hostile = Hostile::joined(address, client, board)?;
        let mut stream = hostile.stream.try_clone()?;
        stream.set_read_timeout(None)?;
        thread::spawn(move || {
            let mut buffer = vec![0; 1 << 16];
            while stream.read(&mut buffer).is_ok_and(|read| read > 0) {}
        });
        Ok(hostile)
    }

    fn send(&mut self, message: &[u8]) -> std::io::Result<()> {
        self.stream.write_all(&frame(0x82, message))
    }
}

impl Drop for Hostile {
    fn drop(&mut self) {
        // It may have been put out already.
        let _ = self.stream.shutdown(Shutdown::Both);
    }
}

/// A frame of the WebSocket, whose mask is zero.
fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
    let mut bytes = vec![first];
    match u8::try_from(payload.len()) {
        Ok(len @ ..126) => bytes.push(0x80 | len),
        _ => {
            bytes.push(0x80 | 126);
            bytes.extend_from_slice(&u16::try_from(payload.len()).expect("a short frame").to_be_bytes());
        }
    }
    bytes.extend_from_slice(&[0; 4]);
    bytes.extend_from_slice(payload);
    bytes
}

/// Repeats it; an attacker that is put out waits for a moment.
fn repeat(stop: &AtomicBool, mut once: impl FnMut() -> std::io::Result<()>) {
    while !stop.load(Relaxed) {
        if once().is_err() {
            thread::sleep(Duration::from_millis(2));
        }
    }
}

/// Sends what `next` makes on a connection that hears nothing, and a new one when that is closed.
fn flood(address: SocketAddr, number: u64, stop: &AtomicBool, mut next: impl FnMut(u64) -> Vec<u8>) {
    let mut count = 0;
    repeat(stop, || {
        let mut hostile = Hostile::deaf(address, number, "main")?;
        while !stop.load(Relaxed) {
            count += 1;
            hostile.send(&next(count))?;
        }
        Ok(())
    });
}

/// Sends these bytes on a connection that has not said hello.
fn pour(address: SocketAddr, stop: &AtomicBool, first: &[u8], then: &[u8]) {
    let many = then.repeat(4096);
    repeat(stop, || {
        let mut hostile = Hostile::upgraded(address)?;
        hostile.stream.write_all(first)?;
        while !stop.load(Relaxed) {
            hostile.stream.write_all(&many)?;
        }
        Ok(())
    });
}

fn requests(address: SocketAddr, _: u64, stop: &AtomicBool) {
    repeat(stop, || {
        let mut hostile = Hostile::connect(address)?;
        write!(hostile.stream, "GET / HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n")?;
        hostile.stream.read_to_end(&mut Vec::new()).map(drop)
    });
}

fn sockets(address: SocketAddr, _: u64, stop: &AtomicBool) {
    let mut held = Vec::new();
    repeat(stop, || {
        if held.len() == 600 {
            held.remove(0);
        }
        held.push(Hostile::connect(address)?);
        Ok(())
    });
}

fn pings(address: SocketAddr, _: u64, stop: &AtomicBool) {
    pour(address, stop, &[], &frame(0x89, &[]));
}

fn fragments(address: SocketAddr, _: u64, stop: &AtomicBool) {
    pour(address, stop, &frame(0x02, &[]), &frame(0x00, &[]));
}

fn joins(address: SocketAddr, number: u64, stop: &AtomicBool) {
    repeat(stop, || {
        let mut hostile = Hostile::joined(address, number, "main")?;
        let mut buffer = vec![0; 1 << 16];
        // A part of the board, and then again.
        hostile.stream.read_exact(&mut buffer)
    });
}

fn names(address: SocketAddr, number: u64, stop: &AtomicBool) {
    let mut count = 0;
    repeat(stop, || {
        count += 1;
        Hostile::joined(address, number, &format!("n{number}-{count}")).map(drop)
    });
}

fn hides(address: SocketAddr, number: u64, stop: &AtomicBool) {
    let targets: Vec<u8> = (1..=1000u64).flat_map(|target| (target << 32).to_le_bytes()).collect();
    flood(address, number, stop, |count| wire::action(6, count, &targets));
}

fn clears(address: SocketAddr, number: u64, stop: &AtomicBool) {
    flood(address, number, stop, wire::clear);
}

fn segments(address: SocketAddr, number: u64, stop: &AtomicBool) {
    let points = [[0, 0, 0, 0, 0, 0, 0, 0, 128]; 25].concat();
    flood(address, number, stop, |count| {
        let [action, colour, width] = [count.to_le_bytes().to_vec(), vec![0; 4], 3f32.to_le_bytes().to_vec()];
        [vec![18], vec![0; 8], action, colour, width, points.clone()].concat()
    });
}

fn long_strokes(address: SocketAddr, number: u64, stop: &AtomicBool) {
    flood(address, number, stop, |count| wire::stroke(count, 1814));
}

fn pictures(address: SocketAddr, number: u64, stop: &AtomicBool) {
    let file = [&b"\x89PNG\r\n\x1a\n"[..], &[0; 16_000]].concat();
    flood(address, number, stop, |count| {
        let place: Vec<u8> = [0f32, 0.0, 100.0, 100.0].into_iter().flat_map(f32::to_le_bytes).collect();
        wire::action(4, count, &[&place, &file[..]].concat())
    });
}

fn stalled(address: SocketAddr, number: u64, stop: &AtomicBool) {
    repeat(stop, || {
        let _deaf = Hostile::joined(address, number, "main")?;
        while !stop.load(Relaxed) {
            thread::sleep(Duration::from_millis(20));
        }
        Ok(())
    });
}

fn slow_heads(address: SocketAddr, _: u64, stop: &AtomicBool) {
    repeat(stop, || {
        let mut hostile = Hostile::connect(address)?;
        for byte in b"GET / HTTP/1.1\r\nX: ".iter().chain([b'x'; 1 << 14].iter()) {
            if stop.load(Relaxed) {
                break;
            }
            hostile.stream.write_all(&[*byte])?;
            thread::sleep(Duration::from_millis(20));
        }
        Ok(())
    });
}
