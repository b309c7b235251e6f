//! What happens at a step: nothing, unless the environment says so.

use std::{
    env, io,
    sync::{
        LazyLock,
        atomic::{AtomicU32, Ordering},
    },
    thread,
};

use crate::step::Step;

pub(crate) const STEP: &str = "RUSTED_RING_JOURNAL_STEP";
/// What the process says when it is at the step, and stays there.
pub(crate) const HERE: &str = "<here>";

/// A step's name, how often it is reached before anything happens, and what then happens.
struct Plan {
    step: String,
    before: u32,
    effect: Effect,
    reached: AtomicU32,
}

enum Effect {
    /// The thread stays there, so that the process can be killed.
    Stay,
    /// The system gives this error each time from then on.
    Fail(i32),
}

static PLANS: LazyLock<Vec<Plan>> = LazyLock::new(|| {
    let plans = env::var(STEP).unwrap_or_default();
    plans.split_terminator(',').map(|plan| planned(plan).unwrap_or_else(|| panic!("{plan} is no plan"))).collect()
});

fn planned(plan: &str) -> Option<Plan> {
    let mut words = plan.split(' ');
    let (step, before) = (words.next()?.to_owned(), words.next()?.parse().ok()?);
    let effect = match words.next()? {
        "stay" => Effect::Stay,
        code => Effect::Fail(code.parse().ok()?),
    };
    Some(Plan { step, before, effect, reached: AtomicU32::new(0) })
}

/// How often steps were reached that there are plans for.
pub(crate) fn reached() -> u32 {
    PLANS.iter().map(|plan| plan.reached.load(Ordering::Relaxed)).sum()
}

pub(crate) fn reach(step: Step) -> io::Result<()> {
    let Some(plan) = PLANS.iter().find(|plan| plan.step == format!("{step:?}")) else { return Ok(()) };
    if plan.reached.fetch_add(1, Ordering::Relaxed) < plan.before {
        return Ok(());
    }
    match plan.effect {
        Effect::Fail(code) => Err(io::Error::from_raw_os_error(code)),
        Effect::Stay => {
            println!("\n{HERE}");
            loop {
                thread::park();
            }
        }
    }
}
