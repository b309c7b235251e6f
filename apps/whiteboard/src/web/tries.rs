//! How often someone may guess.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::net::peer::Peer;

/// Wrong tries of one address within [`SPAN`].
const WRONG_MAX: usize = 10;
const SPAN: Duration = Duration::from_secs(60);
/// Addresses remembered; beyond that the one that has been still for longest is forgotten.
const ADDRESSES_MAX: usize = 1024;

/// The wrong tries of the last minute, by address.
#[derive(Debug, Default)]
pub(super) struct Tries(Mutex<HashMap<Peer, VecDeque<Instant>>>);

impl Tries {
    /// Lets `peer` try: whether `is_right`, or how long it has to wait until it is asked.
    pub(super) fn judge(&self, peer: Peer, now: Instant, is_right: impl FnOnce() -> bool) -> Result<bool, Duration> {
        let mut wrong = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(tries) = wrong.get_mut(&peer) {
            while tries.front().is_some_and(|&at| now.saturating_duration_since(at) >= SPAN) {
                tries.pop_front();
            }
            if tries.len() >= WRONG_MAX {
                return Err((tries[0] + SPAN).saturating_duration_since(now));
            }
        }
        if is_right() {
            return Ok(true);
        }
        if wrong.len() >= ADDRESSES_MAX && !wrong.contains_key(&peer) {
            let stillest = wrong.iter().min_by_key(|(_, tries)| tries.back().copied()).map(|(&peer, _)| peer);
            stillest.map(|stillest| wrong.remove(&stillest));
        }
        wrong.entry(peer).or_default().push_back(now);
        Ok(false)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn peer(number: u32) -> Peer {
        Peer::at(std::net::IpAddr::V4(number.into()))
    }

    #[test]
    fn ten_wrong_tries_in_any_minute_and_the_next_has_to_wait_even_if_it_were_right() {
        let (tries, begun) = (Tries::default(), Instant::now());
        let at = |seconds: u64| begun + Duration::from_secs(seconds);
        for second in 0..10 {
            assert_eq!(tries.judge(peer(1), at(second), || true), Ok(true), "the right one is not counted");
            assert_eq!(tries.judge(peer(1), at(second), || false), Ok(false));
        }
        let asked = || panic!("it is not even asked");
        assert_eq!(tries.judge(peer(1), at(9), asked), Err(Duration::from_secs(51)));
        assert_eq!(tries.judge(peer(1), at(59), asked), Err(Duration::from_secs(1)));
        assert_eq!(tries.judge(peer(2), at(9), || true), Ok(true), "another address is another matter");
        assert_eq!(tries.judge(peer(1), at(60), || false), Ok(false), "the first is a minute ago");
        assert_eq!(tries.judge(peer(1), at(60), asked), Err(Duration::from_secs(1)));
        assert_eq!(tries.judge(peer(1), at(130), || true), Ok(true));
    }

    #[test]
    fn what_is_remembered_is_bounded() {
        let (tries, now) = (Tries::default(), Instant::now());
        for number in 0..=ADDRESSES_MAX as u32 {
            let later = now + Duration::from_millis(u64::from(number));
            assert_eq!(tries.judge(peer(number), later, || false), Ok(false));
        }
        let wrong = tries.0.lock().expect("not poisoned");
        assert_eq!(wrong.len(), ADDRESSES_MAX);
        assert!(!wrong.contains_key(&peer(0)), "the stillest is gone");
    }
}
