//! The rates of a graph's stages, however often they are asked for.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use rusted_ring::topology::Status;

/// The shortest time over which a rate is taken; several pages may ask at the same moment.
const SPAN: Duration = Duration::from_secs(1);

/// Remembers an earlier status, for rates since then.
pub(crate) struct Pace(Mutex<(Instant, Status)>);

impl Pace {
    /// Rates since `first`.
    pub(crate) fn since(first: Status) -> Self {
        Pace(Mutex::new((Instant::now(), first)))
    }

    /// The same status, with rates over the last [`SPAN`] that has passed, or longer if nobody asked.
    pub(crate) fn of(&self, status: Status) -> Status {
        self.at(Instant::now(), status)
    }

    fn at(&self, now: Instant, mut status: Status) -> Status {
        let mut earlier = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (taken, before) = &mut *earlier;
        if now.saturating_duration_since(*taken) >= SPAN {
            status = status.since(before);
            (*taken, *before) = (now, status.clone());
            return status;
        }
        for stage in &mut status.stages {
            let known = before.stages.iter().find(|known| known.name == stage.name);
            stage.rate = known.map_or(0.0, |known| known.rate);
        }
        status
    }
}

#[cfg(test)]
mod tests {
    use rusted_ring::topology::{Graph, Topology};
    use rusted_ring::{HeapRing, Publisher};

    use super::*;

    #[test]
    fn a_rate_is_kept_until_a_span_has_passed() {
        let ring = HeapRing::<64>::new(16);
        let graph: Graph<_> = Topology::over(ring.clone()).stage("one").polled().start().expect("a seat");
        let mut stage = graph.polled("one").expect("described");
        let rate = |status: Status| status.stages[0].rate;
        let pace = Pace::since(graph.status());
        let begun = Instant::now();
        Publisher::join(ring).expect("open").try_publish(b"event", 1).expect("room");
        drop(stage.try_recv().expect("an event"));
        assert_eq!(rate(pace.at(begun, graph.status())), 0.0, "too early");
        let later = begun + 2 * SPAN;
        let found = rate(pace.at(later, graph.status()));
        assert!(found > 0.0);
        assert_eq!(rate(pace.at(later + SPAN / 2, graph.status())), found, "asked again");
        assert_eq!(rate(pace.at(later + SPAN, graph.status())), 0.0, "nothing since");
    }
}
