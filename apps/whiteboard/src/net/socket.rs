//! A connection's socket: it keeps its place among the sockets, and gives up on a peer that does not read.

use std::io::{Error, ErrorKind, IoSlice, Result};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::{Sleep, sleep};

/// How long a write may wait for the peer to read.
const WRITE_TIME: Duration = Duration::from_secs(30);

/// A stream of which a write fails when it has waited for 30 seconds; its place is free again when it is dropped.
#[derive(Debug)]
pub(crate) struct Socket<S = tokio::net::TcpStream> {
    stream: S,
    /// Runs while a write waits.
    patience: Option<Pin<Box<Sleep>>>,
    _place: OwnedSemaphorePermit,
}

impl<S: Unpin> Socket<S> {
    /// The socket over this stream, which holds `place` as long as it lives.
    pub(crate) fn new(stream: S, place: OwnedSemaphorePermit) -> Self {
        Socket { stream, patience: None, _place: place }
    }

    fn stream(&mut self) -> Pin<&mut S> {
        Pin::new(&mut self.stream)
    }

    /// The outcome of a write, or the end of the patience with it.
    fn in_time<T>(&mut self, context: &mut Context<'_>, outcome: Poll<Result<T>>) -> Poll<Result<T>> {
        if outcome.is_ready() {
            self.patience = None;
            return outcome;
        }
        let patience = self.patience.get_or_insert_with(|| Box::pin(sleep(WRITE_TIME)));
        patience.as_mut().poll(context).map(|()| Err(Error::new(ErrorKind::TimedOut, "the peer does not read")))
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Socket<S> {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, into: &mut ReadBuf<'_>) -> Poll<Result<()>> {
        self.stream().poll_read(context, into)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Socket<S> {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<Result<usize>> {
        let outcome = self.stream().poll_write(context, bytes);
        self.in_time(context, outcome)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<Result<usize>> {
        let outcome = self.stream().poll_write_vectored(context, slices);
        self.in_time(context, outcome)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<()>> {
        self.stream().poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<()>> {
        self.stream().poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};
    use tokio::sync::Semaphore;
    use tokio::time::Instant;

    use super::*;

    fn socket(places: &Arc<Semaphore>) -> (Socket<DuplexStream>, DuplexStream) {
        let (ours, theirs) = duplex(16);
        let place = Arc::clone(places).try_acquire_owned().expect("a place");
        (Socket::new(ours, place), theirs)
    }

    #[tokio::test(start_paused = true)]
    async fn a_write_that_nobody_reads_fails_after_30_seconds_and_the_place_is_free_again() {
        let places = Arc::new(Semaphore::new(1));
        let (mut socket, _theirs) = socket(&places);
        let begun = Instant::now();
        let error = socket.write_all(&[0; 17]).await.expect_err("too long");
        assert_eq!(error.kind(), ErrorKind::TimedOut);
        assert_eq!(begun.elapsed().as_secs(), 30);
        assert_eq!(places.available_permits(), 0);
        drop(socket);
        assert_eq!(places.available_permits(), 1);
    }

    #[tokio::test(start_paused = true)]
    async fn a_peer_that_reads_at_last_is_written_to_for_as_long_as_it_takes() {
        let (mut socket, mut theirs) = socket(&Arc::new(Semaphore::new(1)));
        let reader = tokio::spawn(async move {
            let mut taken = [0; 16];
            for _ in 0..4 {
                sleep(WRITE_TIME - Duration::from_secs(1)).await;
                theirs.read_exact(&mut taken).await.expect("bytes");
            }
        });
        socket.write_all(&[0; 64]).await.expect("written");
        reader.await.expect("read");
    }
}
