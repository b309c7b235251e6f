//! Bounds how often someone may guess.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::net::peer::Peer;

/// Wrong tries of one address within [`SPAN`].
const WRONG_MAX: usize = 10;
const SPAN: Duration = Duration::from_secs(60);
/// Addresses remembered; beyond that the one that has been quiet for longest is forgotten.
const ADDRESSES_MAX: usize = 1024;

/// The wrong tries of the last minute, by address.
#[derive(Debug, Default)]
pub(super) struct Tries(Mutex<HashMap<Peer, VecDeque<Instant>>>);

impl Tries {
    /// Counts a wrong try of `peer`; returns how long it has to wait if it has used up its tries.
    pub(super) fn wrong(&self, peer: Peer, now: Instant) -> Option<Duration> {
        let mut wrong = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if wrong.len() >= ADDRESSES_MAX && !wrong.contains_key(&peer) {
            let stillest = wrong.iter().min_by_key(|(_, tries)| tries.back().copied()).map(|(&peer, _)| peer);
            stillest.map(|stillest| wrong.remove(&stillest));
        }
        let tries = wrong.entry(peer).or_default();
        while tries.front().is_some_and(|&at| now.saturating_duration_since(at) >= SPAN) {
            tries.pop_front();
        }
        if tries.len() >= WRONG_MAX {
            return Some((tries[0] + SPAN).saturating_duration_since(now));
        }
        tries.push_back(now);
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn peer(number: u32) -> Peer {
        Peer::at(std::net::IpAddr::V4(number.into()))
    }

    #[test]
    fn ten_wrong_tries_in_any_minute_and_who_is_wrong_again_has_to_wait() {
        let (tries, begun) = (Tries::default(), Instant::now());
        let wrong = |number, seconds| tries.wrong(peer(number), begun + Duration::from_secs(seconds));
        for second in 0..10 {
            assert_eq!(wrong(1, second), None);
        }
        assert_eq!(wrong(1, 9), Some(Duration::from_secs(51)));
        assert_eq!(wrong(1, 59), Some(Duration::from_secs(1)));
        assert_eq!(wrong(2, 9), None, "another address is another matter");
        assert_eq!(wrong(1, 60), None, "the first is a minute ago");
        assert_eq!(wrong(1, 60), Some(Duration::from_secs(1)));
        assert_eq!(wrong(1, 130), None);
    }

    #[test]
    fn what_is_remembered_is_bounded() {
        let (tries, now) = (Tries::default(), Instant::now());
        for number in 0..=ADDRESSES_MAX as u32 {
            let later = now + Duration::from_millis(u64::from(number));
            assert_eq!(tries.wrong(peer(number), later), None);
        }
        let wrong = tries.0.lock().expect("not poisoned");
        assert_eq!(wrong.len(), ADDRESSES_MAX);
        assert!(!wrong.contains_key(&peer(0)), "the stillest is gone");
    }
}
