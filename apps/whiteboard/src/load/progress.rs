//! A line a second while a run is going on, and a sample with it.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::{Instant, MissedTickBehavior, interval};

use super::client::Shared;
use super::gauge::{Cpu, Health, Sample};
use super::stage::Stage;

/// Takes samples, the first now, and tells them on stderr, until the run is over.
pub(super) async fn watch(
    shared: Arc<Shared>,
    server: Option<u32>,
    start: Instant,
    mut stage: watch::Receiver<Stage>,
) -> Vec<Sample> {
    let mut samples = Vec::new();
    let mut tick = interval(Duration::from_secs(1));
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = tick.tick() => {}
            // A run that is gone is over, too.
            _ = stage.wait_for(|stage| matches!(stage, Stage::Over)) => return samples,
        }
        let sample = Sample {
            second: start.elapsed().as_secs_f64(),
            counts: shared.meter.counts(),
            cpu: Cpu::now(server),
            health: Health::ask(&shared.door).await,
        };
        if !samples.is_empty() {
            eprintln!("{}", line(&sample, &shared));
        }
        samples.push(sample);
    }
}

fn line(sample: &Sample, shared: &Shared) -> String {
    let Sample { second, counts, .. } = sample;
    let done = match shared.meter.done.load(Ordering::Relaxed) {
        0 => String::new(),
        done => format!("  {done} clients have everything"),
    };
    format!(
        "{second:5.1} s  sent {}  acked {}  open {}  busy {}  missed {}  p99 {:.1} ms{done}",
        counts.sent,
        counts.acknowledged,
        counts.open(),
        counts.busy,
        counts.missed,
        shared.meter.latency.ms(0.99),
    )
}
