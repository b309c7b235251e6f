//! The choice of cores.

use std::{vec, vec::Vec};

use super::Placement;

/// What a choice costs: first siblings that should not be there, then nanoseconds between those that hand events to each other.
type Cost = (usize, f64);

/// A core, with its place in the matrix, if it is there, and its group of siblings, if it has any.
#[derive(Clone, Copy, Debug)]
struct Core {
    number: usize,
    place: Option<usize>,
    group: Option<usize>,
}

/// Chooses a core for each member: close to those of its `upstream`, by their indices, which are smaller than its own. The first member is
/// the publisher. A member's `fixed` core is its own, and no other's.
///
/// From each core that the first member can have, each further one takes the closest that is left. The best of these choices is returned.
/// That is not always the best there is, to which nobody knows a quick way.
pub(super) fn choose(placement: &Placement, upstream: &[Vec<usize>], fixed: &[Option<usize>]) -> Vec<Option<usize>> {
    let core = |number| {
        let place = placement.cores().iter().position(|known| *known == number);
        Core { number, place, group: placement.siblings().iter().position(|group| group.contains(&number)) }
    };
    let fixed: Vec<Option<Core>> = fixed.iter().map(|number| number.map(core)).collect();
    let free = placement.cores().iter().map(|number| core(*number));
    let free: Vec<Core> =
        free.filter(|free| !fixed.iter().flatten().any(|fixed| fixed.number == free.number)).collect();
    let starts: Vec<Option<Core>> = match fixed.first() {
        None => return Vec::new(),
        Some(Some(core)) => vec![Some(*core)],
        Some(None) if free.is_empty() => vec![None],
        Some(None) => free.iter().copied().map(Some).collect(),
    };
    let choices = starts.into_iter().map(|start| from(placement, upstream, &fixed, free.clone(), start));
    let (choice, _) = choices.min_by(|(_, a), (_, b)| less(a, b)).expect("there is one start at least");
    choice.into_iter().map(|core| Some(core?.number)).collect()
}

fn less(a: &Cost, b: &Cost) -> core::cmp::Ordering {
    a.0.cmp(&b.0).then(a.1.total_cmp(&b.1))
}

/// The choice that begins with `start`, and its cost.
fn from(
    placement: &Placement,
    upstream: &[Vec<usize>],
    fixed: &[Option<Core>],
    mut free: Vec<Core>,
    start: Option<Core>,
) -> (Vec<Option<Core>>, Cost) {
    let mut chosen = fixed.to_vec();
    chosen[0] = start;
    free.retain(|core| start.is_none_or(|start| start.number != core.number));
    let mut is_shared = vec![false; placement.siblings().len()];
    chosen.iter().flatten().filter_map(|core| core.group).for_each(|group| is_shared[group] = true);
    let mut total: Cost = (0, 0.0);
    for member in 1..chosen.len() {
        let cost = |core: &Core| -> Cost {
            let near = upstream[member].iter().filter_map(|other| chosen[*other]?.place);
            let near = core.place.map_or(0.0, |place| near.filter_map(|other| placement.at(place, other)).sum());
            (usize::from(core.group.is_some_and(|group| is_shared[group]) != placement.prefers_siblings()), near)
        };
        if let Some(core) = chosen[member] {
            total.1 += cost(&core).1;
        } else if let Some((index, cost)) = free.iter().map(cost).enumerate().min_by(|(_, a), (_, b)| less(a, b)) {
            let core = free.remove(index);
            core.group.into_iter().for_each(|group| is_shared[group] = true);
            chosen[member] = Some(core);
            total = (total.0 + cost.0, total.1 + cost.1);
        }
    }
    (chosen, total)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Nanoseconds of a chain, and whether no core is taken twice.
    fn length(placement: &Placement, chain: &[Option<usize>]) -> f64 {
        let cores: Vec<usize> = chain.iter().flatten().copied().collect();
        for (index, core) in cores.iter().enumerate() {
            assert!(!cores[..index].contains(core), "{core} is taken twice: {cores:?}");
        }
        cores.windows(2).map(|pair| placement.between(pair[0], pair[1]).unwrap()).sum()
    }

    /// Two sockets of `each` cores: 60 ns within one, 400 between them.
    fn two_sockets(each: usize) -> Placement {
        Placement::from_figures(0..2 * each, |one, other| if one / each == other / each { 60.0 } else { 400.0 })
    }

    #[test]
    fn a_chain_stays_in_a_socket_and_crosses_once_where_it_must() {
        let placement = two_sockets(4);
        assert_eq!(length(&placement, &placement.chain(3)), 3.0 * 60.0);
        assert_eq!(length(&placement, &placement.chain(7)), 6.0 * 60.0 + 400.0);
    }

    #[test]
    fn a_chain_follows_the_figures_and_not_the_numbers() {
        // Close are 0-3, 3-1 and 1-2.
        let close = [(0, 3), (1, 3), (1, 2)];
        let placement =
            Placement::from_figures(0..4, |one, other| if close.contains(&(one, other)) { 50.0 } else { 500.0 });
        assert_eq!(placement.chain(3), [Some(0), Some(3), Some(1), Some(2)]);
        assert_eq!(length(&placement, &placement.chain(2)), 100.0);
    }

    /// Four cores of two threads each: 20 ns between the two threads of a core, 70 elsewhere.
    fn threads() -> Placement {
        Placement::from_figures(0..8, |one, other| if one % 4 == other % 4 { 20.0 } else { 70.0 })
            .with_siblings((0..4).map(|core| [core, core + 4]))
    }

    #[test]
    fn siblings_are_taken_last_unless_they_are_preferred() {
        let avoiding = threads().chain(3);
        let mut cores: Vec<usize> = avoiding.iter().map(|core| core.unwrap() % 4).collect();
        cores.sort_unstable();
        assert_eq!(cores, [0, 1, 2, 3], "a core each");
        assert!(threads().chain(7).iter().all(Option::is_some), "more than there are cores share");
        let preferring = threads().preferring_siblings();
        assert_eq!(length(&preferring, &preferring.chain(3)), 20.0 + 70.0 + 20.0);
    }

    #[test]
    fn who_comes_late_has_no_core_where_there_are_too_few() {
        assert_eq!(two_sockets(1).chain(3), [Some(0), Some(1), None, None]);
        assert_eq!(Placement::from_figures([5], |_, _| 0.0).chain(2), [Some(5), None, None]);
        assert_eq!(Placement::from_figures([], |_, _| 0.0).chain(1), [None, None]);
        assert_eq!(two_sockets(2).chain(0).len(), 1);
    }

    #[test]
    fn a_choice_among_128_cores_is_quick_and_good() {
        // Two sockets of eight chiplets of four cores of two threads; core 64 + n is the sibling of n.
        let placement = Placement::from_figures(0..128, |one, other| {
            let (one, other) = (one % 64, other % 64);
            match () {
                () if one == other => 20.0,
                () if one / 4 == other / 4 => 40.0,
                () if one / 32 == other / 32 => 100.0,
                () => 250.0,
            }
        })
        .with_siblings((0..64).map(|core| [core, core + 64]));
        assert_eq!(length(&placement, &placement.chain(3)), 3.0 * 40.0);
        assert_eq!(length(&placement, &placement.chain(63)), 48.0 * 40.0 + 14.0 * 100.0 + 250.0);
    }

    #[test]
    fn branches_are_close_to_what_they_come_after_and_fixed_cores_are_nobody_elses() {
        let placement = two_sockets(3);
        // A publisher, two branches, and their join, which is where its user wants it.
        let upstream = [vec![], vec![0], vec![0], vec![1, 2]];
        let chosen = choose(&placement, &upstream, &[None, None, None, Some(4)]);
        let mut branches = [chosen[1].unwrap(), chosen[2].unwrap()];
        branches.sort_unstable();
        assert_eq!(chosen[3], Some(4));
        assert!(chosen[..3].iter().all(|core| core.unwrap() != 4));
        assert_eq!(chosen[0].unwrap() / 3, branches[0] / 3, "one branch at least is with the publisher: {chosen:?}");
        // The publisher's own, and one that was not measured.
        let chosen = choose(&placement, &upstream, &[Some(5), None, None, Some(99)]);
        assert_eq!((chosen[0], chosen[3]), (Some(5), Some(99)));
        assert!(chosen[1..3].iter().all(|core| core.unwrap() >= 3));
        assert!(choose(&placement, &[], &[]).is_empty());
        let all = [Some(0), Some(1), Some(2), Some(3), Some(4), Some(5)];
        let taken: Vec<_> = [None].into_iter().chain(all).collect();
        let upstream: Vec<Vec<usize>> = taken.iter().map(|_| vec![]).collect();
        assert_eq!(choose(&placement, &upstream, &taken), taken, "where all are taken, the publisher has none");
    }
}
