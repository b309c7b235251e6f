//! What is counted by address; everything that comes from one address shares it.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::limits::bucket::Bucket;
use crate::net::peer::Peer;

/// For each thing that an address may do, its rate in the long run, and how much may pass at once.
const RATES: [(u32, u32); 5] = [
    // Requests; a page asks for about 70 files, and a whole class may come at once.
    (200, 3000),
    // Frames.
    (1000, 2000),
    // Bytes of moments.
    (64 << 10, 128 << 10),
    // Bytes sent.
    (2 << 20, 32 << 20),
    // Bytes of boards that joining pages are sent.
    (8 << 20, 64 << 20),
];
/// This machine's own programs may do this many times that: it is their machine, or they come through a proxy on it.
const HERE: u32 = 32;
/// Sockets of an address, and of this machine's programs, of 512 in all: some are always left for other addresses.
const SOCKETS: usize = 128;
const SOCKETS_HERE: usize = 448;
/// Connections of an address that wait for their turn to read a piece of a board; its others wait behind them.
const READERS: usize = 1;
/// Addresses remembered. One that rests is as good as new, and may be forgotten.
const MOST: usize = 4096;

/// Something that an address does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Doing {
    /// It asks for something.
    Request,
    /// It sends a frame.
    Frame,
    /// It sends bytes of moments, which all others on the board receive.
    Moment,
    /// It sends bytes.
    Bytes,
    /// It is sent bytes of a board.
    Reading,
}

/// The addresses seen lately.
#[derive(Debug, Default)]
pub(crate) struct Visitors(Mutex<HashMap<Peer, Arc<Visitor>>>);

/// One address.
#[derive(Debug)]
pub(crate) struct Visitor {
    buckets: [Mutex<Bucket>; RATES.len()],
    sockets: AtomicUsize,
    sockets_max: usize,
    readers: Arc<Semaphore>,
}

/// A socket of an address, as long as it lives.
#[derive(Debug)]
pub(crate) struct Place(Arc<Visitor>);

impl Visitors {
    /// The visitor at this address.
    pub(crate) fn at(&self, peer: Peer, now: Instant) -> Arc<Visitor> {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(visitor) = known.get(&peer) {
            return Arc::clone(visitor);
        }
        if known.len() >= MOST {
            known.retain(|_, visitor| Arc::strong_count(visitor) > 1 || !visitor.is_new(now));
        }
        if known.len() >= MOST {
            // This many addresses have just been here: one that is not here now is forgotten.
            let gone = known.iter().find(|(_, visitor)| Arc::strong_count(visitor) == 1).map(|(&peer, _)| peer);
            gone.map(|gone| known.remove(&gone));
        }
        Arc::clone(known.entry(peer).or_insert_with(|| Arc::new(Visitor::new(peer, now))))
    }
}

impl Visitor {
    fn new(peer: Peer, now: Instant) -> Self {
        let (times, sockets_max, readers) =
            if peer.is_here() { (HERE, SOCKETS_HERE, SOCKETS_HERE) } else { (1, SOCKETS, READERS) };
        Visitor {
            buckets: RATES.map(|(per_second, size)| Mutex::new(Bucket::new(per_second * times, size * times, now))),
            sockets: AtomicUsize::new(0),
            sockets_max,
            readers: Arc::new(Semaphore::new(readers)),
        }
    }

    /// Whether it may do that this many times now; if so, counts it.
    pub(crate) fn may(&self, doing: Doing, count: u32, now: Instant) -> bool {
        self.with(doing, |bucket| bucket.take(count, now))
    }

    /// Counts what it did; returns how long it has to wait before it goes on.
    pub(crate) fn did(&self, doing: Doing, count: u32, now: Instant) -> Duration {
        self.with(doing, |bucket| bucket.spend(count, now))
    }

    /// Returns one more socket, if it may have one.
    pub(crate) fn socket(self: &Arc<Self>) -> Option<Place> {
        let place = Place(Arc::clone(self));
        // Dropping it counts it out again.
        (self.sockets.fetch_add(1, Ordering::Relaxed) < self.sockets_max).then_some(place)
    }

    /// Waits for this one's turn among the connections of its address.
    pub(crate) async fn turn(&self) -> OwnedSemaphorePermit {
        Arc::clone(&self.readers).acquire_owned().await.expect("it is never closed")
    }

    fn with<T>(&self, doing: Doing, what: impl FnOnce(&mut Bucket) -> T) -> T {
        what(&mut self.buckets[doing as usize].lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Whether it holds nothing, and everything that it did is made up for.
    fn is_new(&self, now: Instant) -> bool {
        self.buckets.iter().all(|bucket| bucket.lock().unwrap_or_else(PoisonError::into_inner).is_full(now))
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.0.sockets.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use super::*;

    fn peer(address: &str) -> Peer {
        Peer::at(address.parse::<IpAddr>().expect("an address"))
    }

    fn requests(visitor: &Visitor, now: Instant) -> usize {
        std::iter::from_fn(|| visitor.may(Doing::Request, 1, now).then_some(())).count()
    }

    #[test]
    fn who_goes_and_comes_again_is_not_new_and_another_is() {
        let (visitors, now) = (Visitors::default(), Instant::now());
        assert_eq!(requests(&visitors.at(peer("192.0.2.1"), now), now), 3000);
        assert_eq!(requests(&visitors.at(peer("192.0.2.1"), now), now), 0);
        assert_eq!(requests(&visitors.at(peer("192.0.2.2"), now), now), 3000);
        let later = now + Duration::from_secs(1);
        assert_eq!(requests(&visitors.at(peer("192.0.2.1"), later), later), 200);
        assert_eq!(requests(&visitors.at(peer("127.0.0.1"), now), now), 3000 * 32);
    }

    #[test]
    fn an_address_has_128_sockets_and_this_machine_448() {
        let (visitors, now) = (Visitors::default(), Instant::now());
        for (address, most) in [("192.0.2.1", 128), ("127.0.0.1", 448)] {
            let places = || std::iter::from_fn(|| visitors.at(peer(address), now).socket());
            let all: Vec<Place> = places().collect();
            assert_eq!(all.len(), most, "{address}");
            drop(all);
            assert_eq!(places().collect::<Vec<_>>().len(), most, "those that were closed are free again");
        }
    }

    #[tokio::test]
    async fn of_an_address_one_reads_at_a_time_and_the_others_wait_behind_it() {
        let (visitors, now) = (Visitors::default(), Instant::now());
        let at = |address| visitors.at(peer(address), now);
        let (away, other, here) = (at("192.0.2.1"), at("192.0.2.2"), at("127.0.0.1"));
        let reading = away.turn().await;
        let (_other, _here, _as_well) = (other.turn().await, here.turn().await, here.turn().await);
        let same = at("192.0.2.1");
        let mut waiting = std::pin::pin!(same.turn());
        let soon = tokio::time::timeout(Duration::from_millis(1), waiting.as_mut()).await;
        assert!(soon.is_err(), "the same address reads already");
        drop(reading);
        drop(waiting.await);
    }

    #[test]
    fn what_is_remembered_is_bounded_and_who_is_here_is_not_forgotten() {
        let (visitors, now) = (Visitors::default(), Instant::now());
        let here = visitors.at(peer("192.0.2.1"), now);
        assert_eq!(requests(&here, now), 3000);
        let many = |number: u32| Peer::at(IpAddr::V4((0x0a00_0000 + number).into()));
        for number in 0..2 * MOST as u32 {
            // Odd ones have done something, and are kept as long as there is room.
            let visitor = visitors.at(many(number), now);
            assert!(number % 2 == 0 || visitor.may(Doing::Request, 1, now));
        }
        assert!(visitors.0.lock().expect("not poisoned").len() <= MOST);
        assert_eq!(requests(&visitors.at(peer("192.0.2.1"), now), now), 0);
    }
}
