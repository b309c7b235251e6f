//! The models as programs that run one by one, so that the failing one is known.

use crate::process::{self, RunError, capture};
use crate::scratch::Scratch;
use anyhow::{Context, bail};
use std::path::Path;
use std::process::Command;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

/// One run of one model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Job<'a> {
    pub(crate) model: &'a str,
    pub(crate) bound: u32,
}

/// The models' verdict on a program.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Verdict<'a> {
    /// This one failed.
    Killed(Job<'a>),
    /// All passed.
    Survived,
    /// This one was not finished at the deadline, and none had failed.
    TimedOut(Job<'a>),
}

/// The names of the models in `program`, all of which begin with `prefix`.
pub(crate) fn list(program: &Path, prefix: &str) -> anyhow::Result<Vec<String>> {
    let mut command = Command::new(program);
    let listed = capture(command.args(["--list", "--format", "terse"]), Instant::now() + Duration::from_secs(60))?;
    models_in(&listed, prefix)
}

/// Returns the models in what a test program lists (`--list`): its tests whose names begin with `prefix`.
///
/// # Errors
///
/// If there is none: a program without a model would pass whatever it is to check.
pub fn models_in(listed: &str, prefix: &str) -> anyhow::Result<Vec<String>> {
    let tests = listed.lines().filter_map(|line| line.strip_suffix(": test"));
    let models: Vec<String> = tests.filter(|name| name.starts_with(prefix)).map(str::to_owned).collect();
    match prefix {
        _ if !models.is_empty() => Ok(models),
        "" => bail!("the test program has no test, and so no model"),
        _ => bail!("the test program has no test whose name begins with `{prefix}`, and so no model"),
    }
}

/// Runs `jobs` in their order, a few at a time, until one fails or all are done; tells `passed` what passed.
pub(crate) fn judge<'a>(
    scratch: &Scratch<'_>,
    program: &Path,
    jobs: &[Job<'a>],
    limit: Duration,
    passed: impl Fn(Job<'a>, Duration) + Sync,
) -> anyhow::Result<Verdict<'a>> {
    let deadline = Instant::now() + limit;
    let next = Mutex::new(jobs.iter());
    let verdict = Mutex::new(Ok(Verdict::Survived));
    let decided = AtomicBool::new(false);
    let work = || {
        while !decided.load(Ordering::Relaxed) {
            let Some(&job) = next.lock().expect("nobody panics with it").next() else { break };
            let started = Instant::now();
            let mut command = scratch.command(program, job.bound);
            command.args([job.model, "--exact", "--test-threads=1"]);
            let result = process::run_unless(&mut command, deadline, || decided.load(Ordering::Relaxed));
            let found = match result {
                Ok(()) => {
                    passed(job, started.elapsed());
                    continue;
                }
                Err(RunError::Stopped) => break,
                Err(RunError::Failed(_)) => Ok(Verdict::Killed(job)),
                Err(RunError::TimedOut(_)) => Ok(Verdict::TimedOut(job)),
                Err(error) => Err(error).context("running a model"),
            };
            if !decided.swap(true, Ordering::Relaxed) {
                *verdict.lock().expect("nobody panics with it") = found;
            }
        }
    };
    let workers = thread::available_parallelism().map_or(1, usize::from).min(jobs.len());
    thread::scope(|scope| (0..workers).for_each(|_| _ = scope.spawn(work)));
    verdict.into_inner().expect("nobody panics with it")
}

/// Every job for a mutant, in the order in which they are likely to decide: the `likely` models at each bound, then the rest
/// at the small bound, then at the full one; among those, the quickest first.
pub(crate) fn schedule<'a>(models: &'a [(String, Duration)], likely: &[&str], bounds: [u32; 2]) -> Vec<Job<'a>> {
    let mut by_time: Vec<&(String, Duration)> = models.iter().collect();
    by_time.sort_by_key(|(_, took)| *took);
    let first: Vec<&str> = likely
        .iter()
        .filter_map(|name| models.iter().find(|(model, _)| model == name))
        .map(|(model, _)| &model[..])
        .collect();
    let mut jobs: Vec<Job<'a>> = Vec::new();
    if let Some(&model) = first.first() {
        jobs.extend(bounds.map(|bound| Job { model, bound }));
    }
    for bound in bounds {
        let rest = by_time.iter().map(|(model, _)| &model[..]);
        for model in first.iter().copied().chain(rest) {
            let job = Job { model, bound };
            if !jobs.contains(&job) {
                jobs.push(job);
            }
        }
    }
    jobs
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn models_are_tests_of_a_prefix_and_a_program_without_one_is_refused() {
        let listed = "models::a: test\nother::b: test\nmodels::c: benchmark\n\n2 tests, 1 benchmark";
        assert_eq!(models_in(listed, "models::").unwrap(), ["models::a"]);
        assert_eq!(models_in(listed, "").unwrap(), ["models::a", "other::b"]);
        assert!(models_in(listed, "loom::").is_err());
        assert!(models_in("0 tests, 0 benchmarks", "").is_err());
    }

    #[test]
    fn likely_killers_run_first_and_everything_runs_once() {
        let models = [("slow", 9), ("quick", 1), ("likely", 5), ("also", 4)];
        let models = models.map(|(name, seconds)| (name.to_owned(), Duration::from_secs(seconds)));
        let jobs = schedule(&models, &["likely", "also", "gone"], [1, 2]);
        let jobs: Vec<_> = jobs.iter().map(|job| (job.model, job.bound)).collect();
        let expected = [
            ("likely", 1),
            ("likely", 2),
            ("also", 1),
            ("quick", 1),
            ("slow", 1),
            ("also", 2),
            ("quick", 2),
            ("slow", 2),
        ];
        assert_eq!(jobs, expected);
    }
}
