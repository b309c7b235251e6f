//! What a scrape shows: the five pools, and the stages over them.
//!
//! The small rings that wake threads are not shown: what they lose was said already, by design.

use std::sync::Arc;

use rusted_ring_metrics::prometheus_client::{collector::Collector, encoding::text, registry::Registry};
use rusted_ring_metrics::{NameTaken, RingCollector};
use tokio::sync::Semaphore;
use tokio::task::{JoinError, spawn_blocking};

use crate::journal::Journal;
use crate::rings::pools::Set;
use crate::rings::stages::Stages;

/// The pools' set, in the metrics' labels.
const SET: &str = "whiteboard";

/// The metrics of the pools and their stages.
#[derive(Debug)]
pub(crate) struct Shown {
    rings: RingCollector,
    /// Scrapes at a time: they would wait for each other anyway, each with a thread.
    turn: Arc<Semaphore>,
}

impl Shown {
    pub(crate) fn of(pools: &impl Set, stages: &Stages) -> Result<Self, NameTaken> {
        let rings = RingCollector::new();
        rings.register_pools(SET, pools)?;
        stages.show(SET, &rings)?;
        Ok(Shown::by(rings))
    }

    /// Shows the journal, too.
    pub(crate) fn journal(&self, journal: &Journal) -> Result<(), NameTaken> {
        journal.show(&self.rings)
    }

    fn by(rings: RingCollector) -> Self {
        Shown { rings, turn: Arc::new(Semaphore::new(1)) }
    }

    /// Reads the ledgers and what `more` there is, and returns them as OpenMetrics. It is done in a thread that may wait, one at a time, however many
    /// ask and leave.
    ///
    /// # Errors
    ///
    /// If reading panicked, or the server ends.
    pub(crate) async fn text(&self, more: impl Collector) -> Result<String, JoinError> {
        let turn = Arc::clone(&self.turn).acquire_owned().await.expect("nobody closes it");
        let mut registry = Registry::default();
        registry.register_collector(Box::new(self.rings.clone()));
        registry.register_collector(Box::new(more));
        // The turn goes with the work, which goes on when nobody waits for it any more.
        spawn_blocking(move || {
            let _turn = turn;
            let mut text = String::new();
            text::encode(&mut text, &registry).expect("a String takes any text");
            text
        })
        .await
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;
    use std::time::Duration;

    use rusted_ring_metrics::prometheus_client::encoding::DescriptorEncoder;
    use rusted_ring_metrics::{Books, Properties, Source};
    use tokio::time::timeout;

    use super::*;

    const LONG: Duration = Duration::from_secs(10);

    #[derive(Debug)]
    struct Nothing;

    impl Collector for Nothing {
        fn encode(&self, _: DescriptorEncoder<'_>) -> std::fmt::Result {
            Ok(())
        }
    }

    /// Books that are read when somebody allows it.
    struct Slow(mpsc::Receiver<()>);

    impl Source for Slow {
        fn properties(&self) -> Properties {
            Properties { capacity: 8, many: true, slot_bytes: 8, pool: None }
        }

        fn books(&mut self) -> Option<Books> {
            assert_ne!(self.0.recv_timeout(LONG), Err(mpsc::RecvTimeoutError::Timeout), "nobody else was served");
            None
        }
    }

    /// A scrape that is slow, and what allows it to go on.
    fn slow() -> (Shown, mpsc::Sender<()>) {
        let (allow, allowed) = mpsc::channel();
        let rings = RingCollector::new();
        rings.register_source("slow", Slow(allowed)).expect("a free name");
        (Shown::by(rings), allow)
    }

    #[tokio::test]
    async fn others_are_served_while_a_scrape_waits() {
        let (shown, allow) = slow();
        // This test has one thread: it comes to the second part only if the first gives it back.
        let (text, _) = tokio::join!(shown.text(Nothing), async { allow.send(()) });
        assert!(text.expect("text").ends_with("# EOF\n"));
    }

    #[test]
    fn whoever_asks_and_leaves_has_one_thread_at_a_time() {
        let two = tokio::runtime::Builder::new_current_thread().enable_time().max_blocking_threads(2).build();
        two.expect("a runtime").block_on(async {
            let (shown, allow) = slow();
            for _ in 0..20 {
                assert!(timeout(Duration::from_millis(1), shown.text(Nothing)).await.is_err(), "it waits");
            }
            timeout(LONG, spawn_blocking(|| ())).await.expect("a thread is left for others").expect("it ends");
            drop(allow);
            let text = timeout(LONG, shown.text(Nothing)).await.expect("its turn comes");
            assert!(text.expect("text").ends_with("# EOF\n"));
        });
    }
}
