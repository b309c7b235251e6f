//! Writers publish as fast as they can, and a reader reads as fast as it can.

use crate::ends::Subscriber;
use crate::ring::Ring;
use crate::sample::{Fault, Limit, correct, joined};
use crate::wait::{Hung, Pauses, Watch};
use common::pin;
use std::sync::atomic::{
    AtomicU64, AtomicUsize,
    Ordering::{Acquire, Relaxed, Release},
};
use std::thread;
use std::time::Instant;

/// What the threads tell each other, beside what is measured.
struct Together {
    threads: usize,
    ready: AtomicUsize,
    /// Writers that are not done.
    writing: AtomicUsize,
    /// How many events there are of those that are.
    published: AtomicU64,
}

impl Together {
    fn new(writers: usize) -> Self {
        Together {
            threads: writers + 1,
            ready: AtomicUsize::new(0),
            writing: AtomicUsize::new(writers),
            published: AtomicU64::new(0),
        }
    }

    /// Waits until all are here.
    fn start(&self, watch: &Watch) -> Result<(), Hung> {
        self.ready.fetch_add(1, Release);
        watch.until(Pauses::FOR_LATENCY, || self.ready.load(Acquire) == self.threads)
    }

    /// A writer is done, and published this many.
    fn is_done(&self, published: u64) {
        self.published.fetch_add(published, Relaxed);
        self.writing.fetch_sub(1, Release);
    }

    /// How many events there are in all, once every writer is done.
    fn published(&self) -> Option<u64> {
        (self.writing.load(Acquire) == 0).then(|| self.published.load(Relaxed))
    }
}

/// Events that were delivered, a second. `half` publishes half a ring; `receive` tells whether anything came. What was
/// published and does not come is waited for until the deadline.
pub(super) fn measure<R: Ring, P: Send>(
    (writers, mut reader): (Vec<P>, Subscriber<R>),
    limit: &Limit,
    pauses: Pauses,
    half: impl Fn(&mut P, &Watch) -> Result<(), Hung> + Copy + Send,
    receive: impl Fn(&mut Subscriber<R>) -> bool + Send,
) -> Result<f64, Fault> {
    let together = &Together::new(writers.len());
    let watch = &limit.watch(together.threads);
    let (begins, read) = thread::scope(|scope| {
        let write = |(index, mut writer)| {
            scope.spawn(move || {
                // The reader has the second core.
                pin::pin(if index == 0 { 0 } else { index + 1 });
                together.start(watch)?;
                let begin = Instant::now();
                let published = write(limit, R::CAPACITY / 2, begin, watch, || half(&mut writer, watch))?;
                together.is_done(published);
                Ok(begin)
            })
        };
        let writing: Vec<_> = writers.into_iter().enumerate().map(write).collect();
        let reading = scope.spawn(move || {
            pin::pin(1);
            together.start(watch)?;
            read(&mut reader, together, pauses, watch, receive)?;
            Ok((Instant::now(), reader))
        });
        (writing.into_iter().map(joined).collect::<Vec<_>>(), joined(reading))
    });
    let begins = begins.into_iter().collect::<Result<Vec<Instant>, Fault>>()?;
    let begin = begins.into_iter().min().expect("somebody writes");
    let (end, reader) = read?;
    correct(&reader)?;
    Ok(reader.next() as f64 / (end - begin).as_secs_f64())
}

/// Publishes until the limit, halves of the ring; returns how many events.
fn write(
    limit: &Limit,
    events: u64,
    begin: Instant,
    watch: &Watch,
    mut half: impl FnMut() -> Result<(), Hung>,
) -> Result<u64, Hung> {
    let mut published = 0;
    while !limit.is_reached(published, begin.elapsed()) {
        half()?;
        published += events;
        watch.make_way();
    }
    Ok(published)
}

/// Reads until all that was published has come.
fn read<R: Ring>(
    reader: &mut Subscriber<R>,
    together: &Together,
    pauses: Pauses,
    watch: &Watch,
    receive: impl Fn(&mut Subscriber<R>) -> bool,
) -> Result<(), Hung> {
    let mut all = false;
    while !all {
        watch.until(pauses, || {
            let came = receive(reader);
            // Nothing came: there may be no more.
            all = !came && together.published() == Some(reader.next());
            came || all
        })?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_published_is_known_when_all_are_done() {
        let together = Together::new(2);
        together.is_done(3);
        assert_eq!(together.published(), None);
        together.is_done(4);
        assert_eq!(together.published(), Some(7));
    }
}
