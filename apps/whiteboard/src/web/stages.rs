//! The stages as `/health` shows them: one graph, which sums up those over the five pools.

use rusted_ring::Sequence;
use rusted_ring::pool::PoolId;
use rusted_ring::topology::{StageStatus, Status};
use serde_json::{Value, json};

/// Lists every stage: the stages that it comes after, its lag and rate over all pools, and its lag in each.
pub(super) fn listed(pools: &[(PoolId, Status)]) -> Vec<Value> {
    let lag_of = |name: &str| -> Value {
        pools
            .iter()
            .filter_map(|(id, status)| {
                let stage = status.stages.iter().find(|stage| stage.name == name)?;
                Some((format!("{id:?}"), stage.lag.into()))
            })
            .collect::<serde_json::Map<_, _>>()
            .into()
    };
    let stage = |stage: StageStatus| {
        json!({
            "name": stage.name,
            "after": stage.after,
            "lag": stage.lag,
            "rate": stage.rate,
            "pools": lag_of(&stage.name),
        })
    };
    sum(pools).stages.into_iter().map(stage).collect()
}

/// One status for all pools.
pub(super) fn sum(pools: &[(PoolId, Status)]) -> Status {
    let mut statuses = pools.iter().map(|(_, status)| status);
    let mut sum = statuses.next().expect("there are five pools").clone();
    for status in statuses {
        sum.capacity += status.capacity;
        sum.claimed = plus(sum.claimed, status.claimed);
        for stage in &status.stages {
            match sum.stages.iter_mut().find(|known| known.name == stage.name) {
                Some(known) => {
                    known.finished = plus(known.finished, stage.finished);
                    known.lag += stage.lag;
                    known.rate += stage.rate;
                }
                None => sum.stages.push(stage.clone()),
            }
        }
    }
    sum
}

fn plus(one: Sequence, other: Sequence) -> Sequence {
    Sequence::new(one.get() + other.get())
}

#[cfg(test)]
mod tests {
    use rusted_ring::pool::Capacities;

    use super::*;
    use crate::actors::validation;
    use crate::protocol::Kind;
    use crate::rings::pools::Pools;
    use crate::rings::stages::Stages;
    use crate::rings::writers::Writers;

    #[test]
    fn the_stages_of_all_pools_are_summed_up() {
        let pools = Pools::noted(Capacities::MOBILE);
        let (stages, mut feeds) = Stages::over(&pools).expect("seats");
        let writers = Writers::join(&pools).expect("open pools");
        for (kind, len) in [(Kind::Left, 9), (Kind::Left, 9), (Kind::Stroke, 60)] {
            writers.try_publish(kind, &vec![0; len]).expect("room");
        }
        validation::turn(&mut feeds.validation, &0.into());
        let status: Vec<_> = stages.status().collect();
        let listed = listed(&status);
        let stage = |name: &str| listed.iter().find(|stage| stage["name"] == name).expect("a stage");
        assert_eq!(["validation", "storage", "network"].map(|name| stage(name)["lag"].clone()), [0, 1, 3]);
        assert_eq!(stage("network")["pools"], json!({ "XS": 2, "S": 0, "M": 1, "L": 0, "XL": 0 }));
        assert_eq!(stage("storage")["pools"], json!({ "S": 0, "M": 1, "L": 0, "XL": 0 }));
        assert_eq!(sum(&status).claimed, Sequence::new(3));
    }
}
