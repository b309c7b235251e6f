//! `whiteboard load`: many clients draw on a board, and everything is counted and checked.
//!
//! ```text
//! schedule --due--> writing --frame--> server --frame--> reading --> tally (what came live, missed, healed)
//!                     '--- open <-------- ack, busy ------'---> meter (counts, latency since due)
//! tallies, acks, the whole board read again --> check --> report
//! ```

mod check;
mod client;
mod door;
mod gauge;
mod limits;
mod meter;
mod open;
mod options;
mod progress;
mod reading;
mod report;
mod schedule;
mod stage;
mod survey;
mod tally;
mod target;
mod wire;
mod writing;

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use anyhow::bail;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep};

use crate::signals::Signals;
use crate::terminal;
use check::Board;
use client::{Books, Client, Shared};
use gauge::Sample;
use limits::Shares;
use meter::Meter;
pub(crate) use options::Options;
use report::{Quantiles, Report};
use schedule::Schedule;
use stage::Stage;
use target::Target;

/// All clients must be live by then, or the run does not begin.
const GATHER_TIME: Duration = Duration::from_secs(30);
/// After the schedule, everything must be answered and received by then, or counts as missing.
const SETTLE_TIME: Duration = Duration::from_secs(30);

/// Runs and prints the result; returns whether everything adds up.
pub(crate) fn run(options: &Options) -> anyhow::Result<bool> {
    let target = Target::of(options)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let mut report = runtime.block_on(measure(options, &target))?;
    runtime.shutdown_background();
    report.troubles.extend(target.stop());
    if options.json {
        terminal::out(format_args!("{:#}", report.json()))?;
    } else {
        terminal::out(report.table().trim_end())?;
    }
    for problem in report.problems() {
        terminal::err(format_args!("whiteboard load: {problem}"));
    }
    Ok(report.ok())
}

async fn measure(options: &Options, target: &Target) -> anyhow::Result<Report> {
    let asked_to_stop = count_signals()?;
    let signals = || asked_to_stop.load(Ordering::Relaxed);
    let (store, revision) = survey::where_it_is(&target.door).await?;
    let shared = Arc::new(Shared { door: target.door.clone(), meter: Meter::new(), store, points: options.points });
    let meter = &shared.meter;
    let failed = || meter.failure.get().is_some();
    let (stage, watch_stage) = watch::channel(Stage::Gather);
    let (clients, planned) = start_clients(options, revision, &shared, &watch_stage);

    let joined = || meter.joined.load(Ordering::Relaxed) == u64::from(options.clients);
    until(GATHER_TIME, || joined() || failed() || signals() > 0).await;
    if let Some(failure) = meter.failure.get() {
        bail!("{failure}");
    }
    if !joined() {
        bail!("only {} of {} clients became live", meter.joined.load(Ordering::Relaxed), options.clients);
    }

    let start = Instant::now();
    stage.send_replace(Stage::Run(start));
    let watcher = tokio::spawn(progress::watch(Arc::clone(&shared), target.process(), start, watch_stage));
    until(Duration::from_secs(options.seconds.into()), || failed() || signals() > 0).await;
    let (interrupted, seconds) = (signals() > 0, start.elapsed().as_secs_f64());
    if interrupted {
        stage.send_replace(Stage::Stop);
        // A client may be about to send what it found due earlier.
        sleep(Duration::from_millis(20)).await;
    }

    let ended = Instant::now();
    let answered = || {
        let counts = meter.counts();
        counts.open() == 0 && (interrupted || counts.sent == planned)
    };
    let given_up = || failed() || signals() > u32::from(interrupted);
    until(SETTLE_TIME, || answered() || given_up()).await;
    let answered_after = start.elapsed().as_secs_f64();
    stage.send_replace(Stage::Reach(meter.highest.load(Ordering::Relaxed)));
    let left = SETTLE_TIME.saturating_sub(ended.elapsed());
    until(left, || clients.iter().all(JoinHandle::is_finished) || given_up()).await;
    stage.send_replace(Stage::Over);

    let mut books = Vec::new();
    for client in clients {
        books.push(client.await?);
    }
    let samples = watcher.await?;
    let mut report = report(options, target, meter, &samples, seconds, answered_after);
    report.interrupted = signals() > 0;
    judge(&mut report, target, meter, &books).await;
    Ok(report)
}

/// Counts the signals to stop from now on.
fn count_signals() -> anyhow::Result<Arc<AtomicU32>> {
    let mut signals = Signals::install()?;
    let counter = Arc::new(AtomicU32::new(0));
    let counted = Arc::clone(&counter);
    tokio::spawn(async move {
        loop {
            signals.stop().await;
            counter.fetch_add(1, Ordering::Relaxed);
        }
    });
    Ok(counted)
}

/// Returns the clients, which connect, and how many actions they will send.
fn start_clients(
    options: &Options,
    after: u64,
    shared: &Arc<Shared>,
    stage: &watch::Receiver<Stage>,
) -> (Vec<JoinHandle<Books>>, u64) {
    let third = Duration::from_secs(options.seconds.into()) / 3;
    let mut planned = 0;
    let start = |number| {
        let schedule = Schedule::new(number, options.clients, options.seconds, options.rate);
        planned += schedule.count();
        let stall = (number < options.stalled).then_some(third..third * 2);
        let client = Client::new(number, schedule, stall, after, Arc::clone(shared), stage.clone());
        tokio::spawn(client.run())
    };
    let clients = (0..options.clients).map(start).collect();
    (clients, planned)
}

/// Reports what was counted and measured.
fn report(
    options: &Options,
    target: &Target,
    meter: &Meter,
    samples: &[Sample],
    seconds: f64,
    answered_after: f64,
) -> Report {
    let counts = meter.counts();
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let while_drawing: Vec<&Sample> = samples.iter().filter(|sample| sample.second < seconds + 0.5).collect();
    let (first, last) = (while_drawing.first(), while_drawing.last());
    let whole = first.zip(last).filter(|(first, last)| first.second < last.second);
    let commits = whole.and_then(|(first, last)| {
        let rose = last.health.as_ref()?.revision - first.health.as_ref()?.revision;
        Some(rose as f64 / (last.second - first.second))
    });
    Report {
        board: target.name(),
        clients: options.clients,
        seconds,
        asked: f64::from(options.clients) * options.rate,
        achieved: counts.acknowledged as f64 / answered_after.max(seconds),
        counts,
        lost: meter.lost.load(Ordering::Relaxed),
        total: check::Total::default(),
        latency: Quantiles::of_any(&meter.latency),
        stalled: Quantiles::of(&meter.stalled),
        late: Quantiles::of_any(&meter.late),
        cores,
        shares: whole.map(|(first, last)| Shares::between(first, last, cores)).unwrap_or_default(),
        commits,
        pools: gauge::tops(samples),
        limits: limits::reached(samples, cores),
        checks: check::Checks::default(),
        refusal: meter.refusal.get().cloned(),
        troubles: meter.failure.get().cloned().into_iter().collect(),
        interrupted: false,
    }
}

/// Reads the whole board again and checks everything against it.
async fn judge(report: &mut Report, target: &Target, meter: &Meter, books: &[Books]) {
    match survey::whole(&target.door).await {
        Ok(actions) => {
            let board = Board::of(actions);
            report.total = check::total(books, Some(&board));
            report.checks = check::check(report.counts, books, &board, meter.highest.load(Ordering::Relaxed));
        }
        Err(error) => {
            report.total = check::total(books, None);
            report.checks = check::check_blind(report.counts, books, &format!("{error:#}"));
        }
    }
}

/// Waits for a condition that nobody signals, but not longer than this.
async fn until(time: Duration, mut condition: impl FnMut() -> bool) {
    let deadline = Instant::now() + time;
    while !condition() && Instant::now() < deadline {
        sleep(Duration::from_millis(5)).await;
    }
}
