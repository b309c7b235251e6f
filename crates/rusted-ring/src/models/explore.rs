//! How a model is explored: by loom whole, up to a bound, and by shuttle at random.

use std::{env, sync::Arc, thread};

use crate::tuning::modelled;

/// Explores `model`, in which nobody sleeps, with at most `preemptions` of them in one execution unless the environment
/// says otherwise. shuttle runs half of its schedules so, and half with a thread chosen afresh at every step.
pub(super) fn explore(preemptions: usize, model: impl Fn() + Send + Sync + 'static) {
    both_ways(&|model| imp::explore(false, preemptions, model), model);
}

/// As [`explore`], for a model in which somebody sleeps.
pub(super) fn explore_sleeping(preemptions: usize, model: impl Fn() + Send + Sync + 'static) {
    both_ways(&|model| imp::explore(true, preemptions, model), model);
}

/// Which way alone the sole publishers go: `true`, by the cursor, or `false`.
const FROM_CURSOR: &str = "RUSTED_RING_FROM_CURSOR";

/// Explores `model` by `explore`; if there are sole publishers in it, once as they go with small events, which is by a number of their
/// own, and once as with larger ones, which is by the cursor.
fn both_ways<M: Fn() + Send + Sync + 'static>(explore: &dyn Fn(Arc<M>), model: M) {
    let model = Arc::new(model);
    let alone = env::var(FROM_CURSOR).ok().map(|way| way.parse().expect("true or false"));
    for from_cursor in [false, true] {
        if alone.is_none_or(|way: bool| way == from_cursor) {
            let said = SaidOnFailure(from_cursor);
            let has_sole_publishers = modelled::go(from_cursor, || explore(Arc::clone(&model)));
            drop(said);
            if !has_sole_publishers {
                break;
            }
        }
    }
}

/// Says, when a model fails, which way that was.
struct SaidOnFailure(bool);

impl Drop for SaidOnFailure {
    fn drop(&mut self) {
        if thread::panicking() {
            eprintln!("if there are sole publishers in this model, {FROM_CURSOR}={} shows it alone", self.0);
        }
    }
}

#[cfg(loom)]
mod imp {
    use std::sync::Arc;

    pub(super) fn explore(sleeps: bool, preemptions: usize, model: Arc<impl Fn() + Send + Sync + 'static>) {
        crate::wait::model_sleeps(sleeps);
        let mut builder = loom::model::Builder::new();
        if builder.preemption_bound.is_none() {
            builder.preemption_bound = Some(preemptions);
        }
        builder.check(move || model());
    }
}

#[cfg(shuttle)]
mod imp {
    use std::{env, sync::Arc};

    use shuttle::{
        Config, Runner,
        scheduler::{PctScheduler, RandomScheduler, ReplayScheduler, Scheduler},
    };

    /// How many schedules each model is run by.
    const SCHEDULES: &str = "RUSTED_RING_SCHEDULES";
    const FEW: usize = 1000;
    /// The one schedule to be run instead, as a failure printed it.
    const REPLAY: &str = "RUSTED_RING_REPLAY";

    pub(super) fn explore(_sleeps: bool, preemptions: usize, model: Arc<impl Fn() + Send + Sync + 'static>) {
        if let Ok(schedule) = env::var(REPLAY) {
            return run(ReplayScheduler::new_from_encoded(schedule.trim()), model);
        }
        let schedules = env::var(SCHEDULES).map_or(FEW, |number| number.parse().expect("a number of schedules"));
        run(RandomScheduler::new(schedules.div_ceil(2)), Arc::clone(&model));
        run(PctScheduler::new(preemptions + 1, schedules / 2), model);
    }

    fn run(scheduler: impl Scheduler + 'static, model: Arc<impl Fn() + Send + Sync + 'static>) {
        let mut config = Config::new();
        // A ring is made on the stack.
        config.stack_size = 256 * 1024;
        // It warns of weak orderings that it does not model; that is loom's part.
        config.silence_warnings = true;
        Runner::new(scheduler, config).run(move || model());
    }
}
