//! Reading a request, as far as an endpoint with one page needs it.

use std::{
    io::{self, ErrorKind, Read},
    net::TcpStream,
    time::Instant,
};

/// Bytes of a request's head at most.
const LONGEST_HEAD: usize = 8 * 1024;

/// What a request asks for, or why it is none.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Request {
    /// The metrics.
    Metrics,
    /// Another page.
    Unknown,
    /// Something else than to get a page.
    NotGet,
    /// Nothing that HTTP knows.
    Malformed,
    /// More than a request for a page has.
    TooLong,
}

impl Request {
    /// Reads a request's head, to its end.
    ///
    /// # Errors
    ///
    /// If it has not come at `deadline`, or never will.
    pub(crate) fn read(stream: &mut TcpStream, deadline: Instant) -> io::Result<Self> {
        let mut head = [0; LONGEST_HEAD];
        let mut len = 0;
        loop {
            let new = read_some(stream, &mut head[len..], deadline)?;
            let from = len.saturating_sub(3);
            len += new;
            if head[from..len].windows(4).any(|end| end == b"\r\n\r\n") {
                return Ok(Request::of(&head[..len]));
            }
            if len == head.len() {
                return Ok(Request::TooLong);
            }
        }
    }

    fn of(head: &[u8]) -> Self {
        let line = head.split(|byte| *byte == b'\r').next().unwrap_or_default();
        let mut words = line.split(|byte| *byte == b' ');
        let (Some(method), Some(target), Some(version), None) =
            (words.next(), words.next(), words.next(), words.next())
        else {
            return Request::Malformed;
        };
        if !version.starts_with(b"HTTP/1.") {
            return Request::Malformed;
        }
        let path = target.split(|byte| *byte == b'?').next().unwrap_or_default();
        match (method, path) {
            (b"GET", b"/metrics") => Request::Metrics,
            (b"GET", _) => Request::Unknown,
            _ => Request::NotGet,
        }
    }
}

fn read_some(stream: &mut TcpStream, into: &mut [u8], deadline: Instant) -> io::Result<usize> {
    let left = deadline.saturating_duration_since(Instant::now());
    if left.is_zero() {
        return Err(ErrorKind::TimedOut.into());
    }
    stream.set_read_timeout(Some(left))?;
    match stream.read(into)? {
        0 => Err(ErrorKind::UnexpectedEof.into()),
        len => Ok(len),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_metrics_can_be_got() {
        for (head, request) in [
            ("GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n", Request::Metrics),
            ("GET /metrics HTTP/1.0\r\n\r\n", Request::Metrics),
            ("GET /metrics?name=value HTTP/1.1\r\n\r\n", Request::Metrics),
            ("GET / HTTP/1.1\r\n\r\n", Request::Unknown),
            ("GET /metrics/ HTTP/1.1\r\n\r\n", Request::Unknown),
            ("POST /metrics HTTP/1.1\r\n\r\n", Request::NotGet),
            ("HEAD /metrics HTTP/1.1\r\n\r\n", Request::NotGet),
            ("GET  /metrics HTTP/1.1\r\n\r\n", Request::Malformed),
            ("GET /metrics\r\n\r\n", Request::Malformed),
            ("GET /metrics HTTP/2\r\n\r\n", Request::Malformed),
            ("\r\n\r\n", Request::Malformed),
        ] {
            assert_eq!(Request::of(head.as_bytes()), request, "{head:?}");
        }
    }
}
