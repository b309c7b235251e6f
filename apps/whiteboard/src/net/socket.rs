//! A connection's socket: it keeps its place among the sockets, reads no faster than its peer may send, and gives up on a
//! peer that does not read. It counts all bytes, whatever they are part of: frames, fragments and pings alike.

use std::io::{Error, ErrorKind, IoSlice, Result};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::{Sleep, sleep};

use crate::limits::bucket::Bucket;
use crate::limits::visitors::{Doing, Place, Visitor};

/// How long a peer may take to read [`ENOUGH`] while more waits for it.
const WRITE_TIME: Duration = Duration::from_secs(30);
/// The bytes that a peer must read in that time, so that nobody keeps a place by reading one now and then.
const ENOUGH: usize = 64 << 10;
/// After a write that found room the next follows within this time if there is more; if not, nothing waited.
const AT_ONCE: Duration = Duration::from_secs(1);
/// Bytes read: a second in the long run, and at once.
const BYTES: (u32, u32) = (512 << 10, 8 << 20);

/// A stream on which a write fails once its peer has read too little for 30 seconds. Dropping it frees its places.
#[derive(Debug)]
pub(crate) struct Socket<S = tokio::net::TcpStream> {
    stream: S,
    /// Set since a write waited.
    patience: Option<Patience>,
    bytes: Bucket,
    visitor: Arc<Visitor>,
    /// Runs while nothing is read, because too much was.
    pause: Option<Pin<Box<Sleep>>>,
    _places: (OwnedSemaphorePermit, Place),
}

impl<S: Unpin> Socket<S> {
    /// The socket of this visitor over this stream. It holds `places` as long as it lives: one of all places, and one of the
    /// visitor's.
    pub(crate) fn new(stream: S, visitor: Arc<Visitor>, places: (OwnedSemaphorePermit, Place)) -> Self {
        let bytes = Bucket::new(BYTES.0, BYTES.1, Instant::now());
        Socket { stream, patience: None, bytes, visitor, pause: None, _places: places }
    }

    /// Counts what was read; if that is too much, the next read waits.
    fn count(&mut self, read: usize) {
        let (read, now) = (u32::try_from(read).unwrap_or(u32::MAX), Instant::now());
        let wait = self.bytes.spend(read, now).max(self.visitor.did(Doing::Bytes, read, now));
        if !wait.is_zero() {
            self.pause = Some(Box::pin(sleep(wait)));
        }
    }

    fn stream(&mut self) -> Pin<&mut S> {
        Pin::new(&mut self.stream)
    }

    /// Returns the outcome of a write, or an error when the patience with it ends.
    fn in_time(&mut self, context: &mut Context<'_>, outcome: Poll<Result<usize>>) -> Poll<Result<usize>> {
        self.patience.take_if(|patience| patience.found_room.is_some_and(|at| at.elapsed() > AT_ONCE));
        match outcome {
            Poll::Ready(Ok(written)) => {
                self.patience.take_if(|patience| patience.is_over_with(written));
                outcome
            }
            Poll::Ready(Err(_)) => outcome,
            Poll::Pending => {
                let patience = self.patience.get_or_insert_with(Patience::new);
                patience.found_room = None;
                ready!(patience.end.as_mut().poll(context));
                Poll::Ready(Err(Error::new(ErrorKind::TimedOut, "the peer does not read")))
            }
        }
    }
}

/// What a peer still has to read, and until when.
#[derive(Debug)]
struct Patience {
    end: Pin<Box<Sleep>>,
    written: usize,
    /// When the last write found room, if none has waited since.
    found_room: Option<tokio::time::Instant>,
}

impl Patience {
    fn new() -> Self {
        Patience { end: Box::pin(sleep(WRITE_TIME)), written: 0, found_room: None }
    }

    /// Whether it has read enough with this many bytes more.
    fn is_over_with(&mut self, written: usize) -> bool {
        self.written += written;
        self.found_room = Some(tokio::time::Instant::now());
        self.written >= ENOUGH
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Socket<S> {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, into: &mut ReadBuf<'_>) -> Poll<Result<()>> {
        if let Some(pause) = &mut self.pause {
            ready!(pause.as_mut().poll(context));
            self.pause = None;
        }
        let before = into.filled().len();
        ready!(self.stream().poll_read(context, into))?;
        let read = into.filled().len() - before;
        self.count(read);
        Poll::Ready(Ok(()))
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
    use crate::limits::visitors::Visitors;
    use crate::net::peer::Peer;

    fn visitor() -> Arc<Visitor> {
        Visitors::default().at(Peer::at([192, 0, 2, 1].into()), std::time::Instant::now())
    }

    fn socket(places: &Arc<Semaphore>) -> (Socket<DuplexStream>, DuplexStream) {
        socket_of(visitor(), places)
    }

    fn socket_of(visitor: Arc<Visitor>, places: &Arc<Semaphore>) -> (Socket<DuplexStream>, DuplexStream) {
        let (ours, theirs) = duplex(16);
        let place = Arc::clone(places).try_acquire_owned().expect("a place");
        let own = visitor.socket().expect("a place");
        (Socket::new(ours, visitor, (place, own)), theirs)
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_read_beyond_its_bytes_is_waited_for() {
        let (mut socket, _theirs) = socket(&Arc::new(Semaphore::new(1)));
        socket.count(BYTES.1 as usize);
        assert!(socket.pause.is_none(), "that much at once");
        socket.count(2 * BYTES.0 as usize);
        let pause = socket.pause.take().expect("too much");
        let seconds = (pause.deadline() - Instant::now()).as_secs_f64();
        assert!((1.9..=2.0).contains(&seconds), "{seconds}");
    }

    #[tokio::test(start_paused = true)]
    async fn all_sockets_of_an_address_share_its_bytes() {
        let (visitor, places) = (visitor(), Arc::new(Semaphore::new(5)));
        let mut sockets: Vec<_> = (0..5).map(|_| socket_of(Arc::clone(&visitor), &places)).collect();
        for (socket, _) in &mut sockets {
            socket.count(BYTES.1 as usize);
        }
        let pauses: Vec<bool> = sockets.iter().map(|(socket, _)| socket.pause.is_some()).collect();
        assert_eq!(pauses, [false, false, false, false, true], "32 MiB are four times 8");
    }

    #[tokio::test(start_paused = true)]
    async fn while_it_pauses_nothing_is_read_and_then_all_that_came() {
        let (mut socket, mut theirs) = socket(&Arc::new(Semaphore::new(1)));
        socket.count((BYTES.1 + 3 * BYTES.0) as usize);
        theirs.write_all(&[7; 5]).await.expect("sent");
        let begun = Instant::now();
        let mut taken = [0; 5];
        socket.read_exact(&mut taken).await.expect("read");
        assert!(begun.elapsed() > Duration::from_secs(2) && taken == [7; 5], "{:?}", begun.elapsed());
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

    /// Writes `all` bytes to a peer that reads this many every `pause`.
    async fn written(all: usize, each: usize, pause: Duration) -> Result<()> {
        let (mut socket, mut theirs) = socket(&Arc::new(Semaphore::new(1)));
        let reader = tokio::spawn(async move {
            let mut taken = vec![0; each];
            while theirs.read_exact(&mut taken).await.is_ok() {
                sleep(pause).await;
            }
        });
        let outcome = socket.write_all(&vec![0; all]).await;
        drop(socket);
        reader.await.expect("read");
        outcome
    }

    #[tokio::test(start_paused = true)]
    async fn a_peer_that_reads_enough_is_written_to_for_as_long_as_it_takes() {
        let pause = WRITE_TIME - Duration::from_secs(1);
        written(5 * ENOUGH, ENOUGH, pause).await.expect("written");
    }

    #[tokio::test(start_paused = true)]
    async fn a_peer_that_reads_a_little_now_and_then_is_given_up() {
        let error = written(5 * ENOUGH, 1024, Duration::from_secs(1)).await.expect_err("too slow");
        assert_eq!(error.kind(), ErrorKind::TimedOut);
    }

    #[tokio::test(start_paused = true)]
    async fn one_that_had_read_all_begins_anew_with_what_comes_later() {
        let (mut socket, mut theirs) = socket(&Arc::new(Semaphore::new(1)));
        let reader = tokio::spawn(async move {
            let mut taken = [0; 24];
            for _ in 0..3 {
                sleep(Duration::from_secs(20)).await;
                theirs.read_exact(&mut taken).await.expect("bytes");
            }
        });
        for _ in 0..3 {
            // More than there is room for: it waits for the reader.
            socket.write_all(&[0; 24]).await.expect("written");
            sleep(Duration::from_secs(5)).await;
        }
        reader.await.expect("read");
    }
}
