//! The order of stages, by the names of those that they come after.

use std::{string::String, vec::Vec};

use super::BuildError;

/// Returns the indices of `stages` in an order in which each stage follows all that it comes after.
///
/// `stages` are names, each with those that it comes after; `known` returns whether another stage has a name already.
pub(super) fn order(stages: &[(&str, &[String])], known: impl Fn(&str) -> bool) -> Result<Vec<usize>, BuildError> {
    for (index, (name, after)) in stages.iter().enumerate() {
        if known(name) || stages[..index].iter().any(|(other, _)| other == name) {
            return Err(BuildError::Duplicate { stage: (*name).into() });
        }
        if let Some(after) = after.iter().find(|after| !known(after) && !stages.iter().any(|(other, _)| other == after))
        {
            return Err(BuildError::Unknown { stage: (*name).into(), after: after.clone() });
        }
    }
    let mut order = Vec::with_capacity(stages.len());
    while order.len() < stages.len() {
        let placed = |name: &String| known(name) || order.iter().any(|&index: &usize| stages[index].0 == name);
        let next = (0..stages.len()).find(|index| !order.contains(index) && stages[*index].1.iter().all(placed));
        let Some(next) = next else { return Err(BuildError::Cycle { stages: circle(stages, &order) }) };
        order.push(next);
    }
    Ok(order)
}

/// Returns a circle among the stages that are not placed, each of which comes after another of them.
fn circle(stages: &[(&str, &[String])], placed: &[usize]) -> Vec<String> {
    let before = |index: usize| {
        (0..stages.len())
            .find(|other| !placed.contains(other) && stages[index].1.iter().any(|after| after == stages[*other].0))
    };
    let mut walk = Vec::new();
    let mut at = (0..stages.len()).find(|index| !placed.contains(index));
    while let Some(index) = at {
        if let Some(begin) = walk.iter().position(|seen| *seen == index) {
            walk.drain(..begin);
            break;
        }
        walk.push(index);
        at = before(index);
    }
    walk.into_iter().map(|index| stages[index].0.into()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order_of(stages: &[(&str, &[&str])]) -> Result<Vec<String>, String> {
        let after: Vec<Vec<String>> =
            stages.iter().map(|(_, after)| after.iter().map(|name| (*name).into()).collect()).collect();
        let named: Vec<(&str, &[String])> =
            stages.iter().zip(&after).map(|((name, _), after)| (*name, &after[..])).collect();
        let order = order(&named, |name| name == "running").map_err(|error| error.to_string())?;
        Ok(order.into_iter().map(|index| stages[index].0.into()).collect())
    }

    #[test]
    fn a_stage_may_be_named_before_it_is_described() {
        let diamond: &[(&str, &[&str])] =
            &[("join", &["left", "right"]), ("left", &["top"]), ("right", &["top"]), ("top", &["running"])];
        assert_eq!(order_of(diamond).unwrap(), ["top", "left", "right", "join"]);
    }

    #[test]
    fn what_cannot_be_built_is_said_with_the_names() {
        let error = |stages: &[(&str, &[&str])]| order_of(stages).unwrap_err();
        assert!(error(&[("a", &[]), ("a", &[])]).contains("two stages are called \"a\""));
        assert!(error(&[("running", &[])]).contains("two stages are called \"running\""));
        assert!(error(&[("a", &["b"])]).contains("\"a\" is to come after \"b\""));
        assert_eq!(
            error(&[("root", &[]), ("tail", &["a"]), ("a", &["b", "root"]), ("b", &["c"]), ("c", &["a"])]),
            "no stage can begin: \"a\" comes after \"b\", \"b\" comes after \"c\", \"c\" comes after \"a\": leave out one of these"
        );
        assert_eq!(
            error(&[("self", &["self"])]),
            "no stage can begin: \"self\" comes after \"self\": leave out one of these"
        );
    }
}
