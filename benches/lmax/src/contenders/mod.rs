//! The contenders: two in Rust, which run in this program, and one in Java.

mod disruptor;
mod disruptor_stages;
mod rusted_ring;
mod rusted_ring_stages;

use crate::measure::{Outcome, Task, ping_pong, stream};
use crate::stages;
use crate::wait::Wait;
use crate::workload::{Graph, Operation, Shape, Workload};
use anyhow::bail;

pub(crate) const OURS: &str = "rusted-ring";
pub(crate) const RUST_RIVAL: &str = "disruptor-rs";
pub(crate) const JAVA: &str = "lmax-java";

/// In the order of the table.
pub(crate) const NAMES: [&str; 3] = [OURS, RUST_RIVAL, JAVA];

/// Why a contender cannot do this, by its nature.
pub(crate) fn refusal(contender: &str, workload: &Workload) -> Option<&'static str> {
    (contender == RUST_RIVAL && workload.wait == Wait::Sleeping).then_some("its consumers cannot be woken from sleep")
}

/// One sample of a Rust contender, taken in this process.
pub(crate) fn run(contender: &str, task: &Task) -> anyhow::Result<Outcome> {
    if let Some(reason) = refusal(contender, task.workload) {
        bail!("{contender} has no {}: {reason}", task.workload.name);
    }
    Ok(match (contender, task.workload.shape) {
        (OURS, Shape::PingPong) => ping_pong::<rusted_ring::Single>(task),
        (OURS, Shape::Stream { producers: 1, batch, operations }) => {
            stream::<rusted_ring::Single>(task, 1, batch, operations)
        }
        (OURS, Shape::Stream { producers, batch, operations }) => {
            stream::<rusted_ring::Multi>(task, producers, batch, operations)
        }
        (OURS, Shape::Stages(Graph::Pipeline)) => stages::run::<rusted_ring_stages::Pipeline>(task),
        (OURS, Shape::Stages(Graph::Diamond)) => stages::run::<rusted_ring_stages::Diamond>(task),
        (RUST_RIVAL, Shape::Stages(Graph::Pipeline)) => stages::run::<disruptor_stages::Pipeline>(task),
        (RUST_RIVAL, Shape::Stages(Graph::Diamond)) => stages::run::<disruptor_stages::Diamond>(task),
        (RUST_RIVAL, Shape::PingPong) => ping_pong::<disruptor::OneToOne>(task),
        (RUST_RIVAL, Shape::Stream { producers, batch, operations }) => {
            by_endpoints(task, producers, batch, operations)
        }
        _ => bail!("{contender} does not run in this program"),
    })
}

/// The crate `disruptor` has a type for each number of endpoints.
fn by_endpoints(task: &Task, producers: usize, batch: usize, operations: &[Operation]) -> Outcome {
    match (producers, operations.len()) {
        (1, 1) => stream::<disruptor::OneToOne>(task, producers, batch, operations),
        (1, _) => stream::<disruptor::OneToMany>(task, producers, batch, operations),
        _ => stream::<disruptor::ManyToOne>(task, producers, batch, operations),
    }
}

/// A Rust contender's version, by the lock file that this program was built from.
pub(crate) fn version(contender: &str) -> String {
    const LOCK: &str = include_str!("../../Cargo.lock");
    let package = if contender == RUST_RIVAL { "disruptor" } else { contender };
    let name = format!("name = \"{package}\"");
    let mut lines = LOCK.lines().skip_while(|line| *line != name).skip(1);
    let version = lines.next().and_then(|line| line.strip_prefix("version = ")).unwrap_or_default();
    version.trim_matches('"').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checksum;
    use crate::workload;

    #[test]
    fn rust_contenders_have_versions() {
        assert!(version(OURS).starts_with("0."));
        assert!(version(RUST_RIVAL).starts_with("4."));
    }

    #[test]
    fn a_rival_that_cannot_sleep_is_refused_where_one_sleeps() {
        let refused = |name| refusal(RUST_RIVAL, workload::named(name).unwrap()).is_some();
        assert!(refused("ping-pong") && !refused("ping-pong-yield") && !refused("unicast"));
    }

    #[test]
    fn every_workload_comes_out_right() {
        for workload in workload::ALL {
            for contender in [OURS, RUST_RIVAL] {
                if refusal(contender, workload).is_some() {
                    continue;
                }
                // Not a multiple of the batch, nor of the producers.
                let task = Task { workload, events: 1_003, pinned: false };
                let outcome = run(contender, &task).unwrap();
                let complaint = checksum::complaint(workload, 1_003, &outcome.checksum, &outcome.handled);
                assert_eq!(complaint, None, "{contender}, {}", workload.name);
            }
        }
    }
}
