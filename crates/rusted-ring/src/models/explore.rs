//! How a model is explored: by loom whole, up to a bound, and by shuttle at random.

/// Explores `model`, in which nobody sleeps, with at most `preemptions` of them in one execution unless the environment
/// says otherwise. shuttle runs half of its schedules so, and half with a thread chosen afresh at every step.
pub(super) fn explore(preemptions: usize, model: impl Fn() + Send + Sync + 'static) {
    imp::explore(false, preemptions, model);
}

/// As [`explore`], for a model in which somebody sleeps.
pub(super) fn explore_sleeping(preemptions: usize, model: impl Fn() + Send + Sync + 'static) {
    imp::explore(true, preemptions, model);
}

#[cfg(loom)]
mod imp {
    pub(super) fn explore(sleeps: bool, preemptions: usize, model: impl Fn() + Send + Sync + 'static) {
        crate::wait::model_sleeps(sleeps);
        let mut builder = loom::model::Builder::new();
        if builder.preemption_bound.is_none() {
            builder.preemption_bound = Some(preemptions);
        }
        builder.check(model);
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

    pub(super) fn explore(_sleeps: bool, preemptions: usize, model: impl Fn() + Send + Sync + 'static) {
        let model = Arc::new(model);
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
