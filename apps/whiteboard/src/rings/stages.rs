//! Which stages receive a pool's events, and in what order.
//!
//! ```text
//!             +--> validation ---+--> network
//! writers ----|                  +--> analytics
//!             +--> storage
//! ```

use std::fmt;

use anyhow::Context;
use rusted_ring::pool::PoolId;
use rusted_ring::topology::{Graph, Status, Topology};
use rusted_ring::{Bytes, Many};
use rusted_ring_metrics::{NameTaken, RingCollector};

use crate::rings::feed::Feed;
use crate::rings::pace::Pace;
use crate::rings::pools::{Handle, Set, Verdict};

const VALIDATION: &str = "validation";
const STORAGE: &str = "storage";
const NETWORK: &str = "network";
const ANALYTICS: &str = "analytics";

/// What each actor polls: its stage of each pool.
#[derive(Default)]
pub(crate) struct Feeds {
    /// Of all pools, right after the writers.
    pub(crate) validation: Vec<Box<dyn Feed>>,
    /// Of the pools that carry actions, right after the writers.
    pub(crate) storage: Vec<Box<dyn Feed>>,
    /// Of all pools, after validation.
    pub(crate) network: Vec<Box<dyn Feed>>,
    /// Of all pools, after validation.
    pub(crate) analytics: Vec<Box<dyn Feed>>,
}

/// The graphs over the pools, which show the progress of their stages.
pub(crate) struct Stages {
    pools: Vec<Pool>,
}

struct Pool {
    id: PoolId,
    graph: Box<dyn Watched>,
    pace: Pace,
}

impl Stages {
    /// Makes every stage join its pool; from here on the publishers wait for each.
    pub(crate) fn over(pools: &impl Set) -> anyhow::Result<(Self, Feeds)> {
        let mut stages = Stages { pools: Vec::new() };
        let mut feeds = Feeds::default();
        stages.add(PoolId::XS, pools.xs(), &mut feeds)?;
        stages.add(PoolId::S, pools.s(), &mut feeds)?;
        stages.add(PoolId::M, pools.m(), &mut feeds)?;
        stages.add(PoolId::L, pools.l(), &mut feeds)?;
        stages.add(PoolId::XL, pools.xl(), &mut feeds)?;
        Ok((stages, feeds))
    }

    /// The progress of each pool's stages. A stage that has left is not among them.
    pub(crate) fn status(&self) -> impl Iterator<Item = (PoolId, Status)> {
        self.pools.iter().map(|pool| (pool.id, pool.pace.of(pool.graph.status())))
    }

    /// Shows each pool's stages as those of the topology `set.xs`, and so on.
    pub(crate) fn show(&self, set: &str, rings: &RingCollector) -> Result<(), NameTaken> {
        self.pools.iter().try_for_each(|pool| pool.graph.show(&format!("{set}.{:?}", pool.id).to_lowercase(), rings))
    }

    fn add<const N: usize, R>(&mut self, id: PoolId, ring: R, feeds: &mut Feeds) -> anyhow::Result<()>
    where
        R: Handle<Slot = Bytes<N, N, Verdict>, Mode = Many>,
    {
        let mut topology = Topology::over(ring).stage(VALIDATION).polled();
        // XS carries no action, and a slow disk must not hold up its cursors.
        if id != PoolId::XS {
            topology = topology.stage(STORAGE).polled();
        }
        let graph = topology
            .stage(NETWORK)
            .after([VALIDATION])
            .polled()
            .stage(ANALYTICS)
            .after([VALIDATION])
            .polled()
            .start()
            .with_context(|| format!("the stages of pool {id:?}"))?;
        let of = |stage| graph.polled(stage).map(|stage| Box::new(stage) as Box<dyn Feed>);
        feeds.validation.extend(of(VALIDATION));
        feeds.storage.extend(of(STORAGE));
        feeds.network.extend(of(NETWORK));
        feeds.analytics.extend(of(ANALYTICS));
        self.pools.push(Pool { id, pace: Pace::since(graph.status()), graph: Box::new(graph) });
        Ok(())
    }
}

/// The events that storage has not finished, of all pools.
pub(crate) fn storage_lag(status: &[(PoolId, Status)]) -> u64 {
    let stages = status.iter().flat_map(|(_, status)| &status.stages);
    stages.filter(|stage| stage.name == STORAGE).map(|stage| stage.lag).sum()
}

impl fmt::Debug for Stages {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.status()).finish()
    }
}

/// A graph, whatever the size of its ring's slots.
trait Watched: Send + Sync {
    fn status(&self) -> Status;
    fn show(&self, name: &str, rings: &RingCollector) -> Result<(), NameTaken>;
}

impl<R: Handle> Watched for Graph<R> {
    fn status(&self) -> Status {
        Graph::status(self)
    }

    fn show(&self, name: &str, rings: &RingCollector) -> Result<(), NameTaken> {
        rings.register_topology(name, self)
    }
}

#[cfg(test)]
mod tests {
    use rusted_ring::pool::Capacities;

    use super::*;
    use crate::rings::pools::Pools;

    #[test]
    fn network_and_analytics_come_after_validation_and_storage_beside_it() {
        let (stages, feeds) = Stages::over(&Pools::noted(Capacities::MOBILE)).expect("seats");
        for (pool, status) in stages.status() {
            let after = |name: &str| {
                let stage = status.stages.iter().find(|stage| stage.name == name)?;
                Some(stage.after.iter().map(String::as_str).collect::<Vec<_>>())
            };
            assert_eq!(after(VALIDATION), Some(vec![]), "{pool:?}");
            assert_eq!(after(STORAGE), (pool != PoolId::XS).then(Vec::new), "{pool:?}");
            assert_eq!(after(NETWORK), Some(vec![VALIDATION]), "{pool:?}");
            assert_eq!(after(ANALYTICS), Some(vec![VALIDATION]), "{pool:?}");
        }
        let polled = [&feeds.validation, &feeds.storage, &feeds.network, &feeds.analytics].map(Vec::len);
        assert_eq!(polled, [5, 4, 5, 5]);
    }
}
