//! Prints a line a second while a run is going on, and takes a sample with it.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::{Instant, sleep_until};

use super::client::Shared;
use super::gauge::{Cpu, Health, Sample};
use super::stage::Stage;
use crate::terminal;

/// The distance between samples: what gives out first often does so in the first second.
const FINE: Duration = Duration::from_millis(200);
/// How long that distance applies; later samples are a second apart, so that a long run keeps few.
const FINE_TIME: Duration = Duration::from_secs(60);
const SECOND: Duration = Duration::from_secs(1);

/// Takes samples, the first now, and prints one a second on stderr, until the run is over.
pub(super) async fn watch(
    shared: Arc<Shared>,
    server: Option<u32>,
    start: Instant,
    mut stage: watch::Receiver<Stage>,
) -> Vec<Sample> {
    let mut samples = Vec::new();
    let (mut next, mut next_line) = (start, 1.0);
    loop {
        tokio::select! {
            () = sleep_until(next) => {}
            // A run that is gone is over, too.
            _ = stage.wait_for(|stage| matches!(stage, Stage::Over)) => return samples,
        }
        let sample = Sample {
            second: start.elapsed().as_secs_f64(),
            counts: shared.meter.counts(),
            cpu: Cpu::now(server),
            health: Health::ask(&shared.door).await,
        };
        if sample.second >= next_line {
            terminal::err(line(&sample, &shared));
            next_line = sample.second.floor() + 1.0;
        }
        let now = Instant::now();
        samples.push(sample);
        next = now.max(next + if now - start < FINE_TIME { FINE } else { SECOND });
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
