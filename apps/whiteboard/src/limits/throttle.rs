//! The interval at which pages should send moments: longer when the pools fill.

use std::time::{Duration, Instant};

use crate::rings::books::Books;
use rusted_ring::pool::SystemHealth;
use tokio::sync::watch;
use tokio::time::{MissedTickBehavior, interval};

/// Milliseconds between moments when all is well.
pub(crate) const NORMAL: u16 = 33;
/// How often the pools are looked at.
const LOOK: Duration = Duration::from_millis(250);
/// How long less pressure must last before moments come faster again, a step at a time.
const CALM: Duration = Duration::from_secs(2);
/// The steps, from the best health on.
const STEPS: [(SystemHealth, u16); 4] = [
    (SystemHealth::Excellent, NORMAL),
    (SystemHealth::Good, 66),
    (SystemHealth::Warning, 133),
    (SystemHealth::Critical, 266),
];

/// Keeps `pace` at the interval that suits the pools.
pub(crate) async fn run(books: Books, pace: watch::Sender<u16>) {
    let mut throttle = Throttle::new();
    let mut looks = interval(LOOK);
    looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        looks.tick().await;
        let wanted = throttle.interval(SystemHealth::of(&books.stats()), Instant::now());
        pace.send_if_modified(|interval| std::mem::replace(interval, wanted) != wanted);
    }
}

/// Slows down at once and speeds up with patience.
#[derive(Debug)]
struct Throttle {
    step: usize,
    /// The time since when the health has been better than the step.
    calm: Option<Instant>,
}

impl Throttle {
    fn new() -> Self {
        Throttle { step: 0, calm: None }
    }

    /// Returns the interval to keep from now on, given the fullest pool's health.
    fn interval(&mut self, health: SystemHealth, now: Instant) -> u16 {
        let found = STEPS.iter().position(|&(step, _)| health <= step).unwrap_or(STEPS.len() - 1);
        if found >= self.step {
            (self.step, self.calm) = (found, None);
        } else if now.saturating_duration_since(*self.calm.get_or_insert(now)) >= CALM {
            (self.step, self.calm) = (self.step - 1, Some(now));
        }
        STEPS[self.step].1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_slows_down_at_once_and_speeds_up_by_a_step_after_two_calm_seconds() {
        let (mut throttle, begun) = (Throttle::new(), Instant::now());
        let mut at = |millis, health| throttle.interval(health, begun + Duration::from_millis(millis));
        assert_eq!(at(0, SystemHealth::Excellent), 33);
        assert_eq!(at(250, SystemHealth::Good), 66);
        assert_eq!(at(500, SystemHealth::Critical), 266);
        assert_eq!(at(750, SystemHealth::Good), 266);
        assert_eq!(at(2500, SystemHealth::Excellent), 266);
        assert_eq!(at(2750, SystemHealth::Excellent), 133, "calm since 750");
        assert_eq!(at(4500, SystemHealth::Good), 133);
        assert_eq!(at(4750, SystemHealth::Good), 66);
        assert_eq!(at(9000, SystemHealth::Good), 66, "that is its step");
        assert_eq!(at(9250, SystemHealth::Excellent), 66);
        assert_eq!(at(11_000, SystemHealth::Good), 66);
        assert_eq!(at(11_250, SystemHealth::Excellent), 66, "the calm begins anew");
        assert_eq!(at(13_250, SystemHealth::Excellent), 33);
        assert_eq!(at(13_500, SystemHealth::Warning), 133);
    }
}
