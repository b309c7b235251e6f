//! What must come out: closed forms, which know nothing of the rings.

use crate::steps;
use crate::workload::{Graph, Operation, Shape, Workload};

/// What each consumer must make of the numbers from 0 to below `events`, in arithmetic that wraps at 64 bits; of stages, the last.
pub(crate) fn expected(workload: &Workload, events: u64) -> Vec<i64> {
    match workload.shape {
        Shape::Stream { operations, .. } => operations.iter().map(|operation| of(*operation, events)).collect(),
        // The pings at one end, the pongs at the other.
        Shape::PingPong => vec![of(Operation::Add, events); 2],
        // LMAX's operands have the same sum in every event, so that all count or none.
        Shape::Stages(Graph::Pipeline) => {
            let [one, two] = steps::operands(0);
            vec![if steps::three(steps::two(steps::one(one, two))) { events as i64 } else { 0 }]
        }
        // The multiples of 3 and 5, of which 0 is one.
        Shape::Stages(Graph::Diamond) => vec![events.div_ceil(15) as i64],
    }
}

fn of(operation: Operation, events: u64) -> i64 {
    // The product of two 64-bit numbers fits 128 bits; the cast is what wraps.
    let sum = (u128::from(events) * u128::from(events.saturating_sub(1)) / 2) as i64;
    match operation {
        Operation::Add => sum,
        Operation::Subtract => sum.wrapping_neg(),
        // It begins at 0, as LMAX's does, and so stays there: of this consumer the count alone says something.
        Operation::And => 0,
    }
}

/// What is wrong with a sample, if anything is.
pub(crate) fn complaint(workload: &Workload, events: u64, checksum: &[i64], handled: &[u64]) -> Option<String> {
    let expected = expected(workload, events);
    if checksum != expected {
        return Some(format!("the checksum of {events} events is {checksum:?}, and must be {expected:?}"));
    }
    if handled.len() != workload.consumers() || handled.iter().any(|count| *count != events) {
        return Some(format!("the consumers handled {handled:?} events, and each must handle {events}"));
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workload;

    #[test]
    fn the_closed_forms_are_what_counting_gives() {
        for events in [1, 2, 3, 10, 1_001] {
            let numbers = || 0..events as i64;
            assert_eq!(of(Operation::Add, events), numbers().sum::<i64>());
            assert_eq!(of(Operation::Subtract, events), numbers().fold(0, |value, number| value - number));
            assert_eq!(of(Operation::And, events), numbers().fold(0, |value, number| value & number));
        }
        assert_eq!(of(Operation::Add, 100_000_000), 4_999_999_950_000_000);
    }

    #[test]
    fn what_the_last_stage_counts_is_what_counting_gives() {
        let expected = |name, events| expected(workload::named(name).unwrap(), events);
        for events in [1, 14, 15, 16, 1_001] {
            let passes = |number: &i64| {
                let [one, two] = steps::operands(*number);
                steps::three(steps::two(steps::one(one, two)))
            };
            let both = |number: &i64| steps::fizz(*number) && steps::buzz(*number);
            assert_eq!(expected("pipeline", events), [(0..events as i64).filter(passes).count() as i64]);
            assert_eq!(expected("diamond", events), [(0..events as i64).filter(both).count() as i64]);
        }
        assert_eq!(expected("diamond", 100_000_000), [6_666_667]);
    }

    #[test]
    fn sums_wrap() {
        let events = 1 << 33;
        assert_eq!(of(Operation::Add, events), -(1 << 32));
    }

    #[test]
    fn one_event_less_is_noticed() {
        let unicast = workload::named("unicast").unwrap();
        assert_eq!(complaint(unicast, 1_000, &[499_500], &[1_000]), None);
        assert!(complaint(unicast, 1_000, &[499_500 - 999], &[999]).unwrap().contains("checksum"));
        assert!(complaint(unicast, 1_000, &[499_500], &[999]).unwrap().contains("handled"));
        assert!(complaint(unicast, 1_000, &[], &[]).is_some());
        let multicast = workload::named("multicast").unwrap();
        assert_eq!(complaint(multicast, 1_000, &[499_500, -499_500, 0], &[1_000; 3]), None);
        assert!(complaint(multicast, 1_000, &[499_500, -499_500, 0], &[1_000, 1_000, 999]).is_some());
        let diamond = workload::named("diamond").unwrap();
        assert_eq!(complaint(diamond, 1_000, &[67], &[1_000; 3]), None);
        assert!(complaint(diamond, 1_000, &[67], &[1_000; 1]).is_some());
    }
}
