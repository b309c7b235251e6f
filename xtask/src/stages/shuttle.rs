use crate::checker::Checker;
use crate::run::Run;
use crate::stage::{Stage, minutes};
use anyhow::{Context, ensure};

pub(super) const STAGE: Stage = Stage {
    name: "shuttle",
    about: "the same models, and crowds, by thousands of random schedules; a planted race is found",
    timeout: minutes(6),
    deep_timeout: Some(minutes(6 * 60)),
    check,
};

/// Its effort is the number of schedules for each model.
pub(crate) const CHECKER: Checker =
    Checker { name: "shuttle", effort: "RUSTED_RING_SCHEDULES", quick: 10_000, deep: 1_000_000 };

/// The variable that makes a model run only one schedule.
const REPLAY: &str = "RUSTED_RING_REPLAY";

/// A model with a race, which passes when the race is found.
const CONTROL: &str = "models::control::a_racy_counter_is_caught";

fn check(run: &Run<'_>) -> anyhow::Result<()> {
    let mut again = CHECKER.test(run)?;
    again.env(REPLAY, "THE SCHEDULE").args(["THE MODEL", "--", "--exact"]);
    let models = CHECKER.explore(run).with_context(|| {
        format!("a failure prints its schedule between quotes; to see it again: {}", run.as_typed(&again))
    })?;
    ensure!(models.iter().any(|model| model == CONTROL), "the control is missing: {CONTROL}");
    Ok(())
}
