//! rusted-ring 0.5, as it was published.

use crate::endpoints::verbs_of_0_5;
use rusted_ring_original as library;

pub(crate) struct Old;

/// It says nothing of what it lost.
fn told_lost<const N: usize, const CAP: usize>(_: &library::Reader<N, CAP>) -> u64 {
    0
}

verbs_of_0_5!(library, told_lost, rings: Old, pools: Old);
