//! The run's use of the machine and of the server, second by second.

use std::fs::read_to_string;
use std::time::Duration;

use serde_json::Value;

use super::door::Door;
use super::meter::Counts;

/// One look at everything.
#[derive(Clone, Debug, Default)]
pub(super) struct Sample {
    /// Since the start.
    pub(super) second: f64,
    pub(super) counts: Counts,
    pub(super) cpu: Cpu,
    /// `None` when the server did not say.
    pub(super) health: Option<Health>,
}

/// Processor time so far, user and system; `None` where it is unknown.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Cpu {
    /// Of this process.
    pub(super) clients: Option<Duration>,
    /// Of the server, if it is its own.
    pub(super) server: Option<Duration>,
    /// Of all processes of the machine.
    pub(super) machine: Option<Duration>,
}

/// The server's limits, from `/health`.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Health {
    /// The last revision on disk.
    pub(super) revision: u64,
    /// The pools' pressure: their slowest reader's lag as a part of their capacity.
    pub(super) pools: Vec<(String, f64)>,
}

impl Cpu {
    /// The processor time of this process, the server's and all together.
    pub(super) fn now(server: Option<u32>) -> Cpu {
        let of_process = |process: &str| of_process(&read_to_string(format!("/proc/{process}/stat")).ok()?);
        Cpu {
            clients: of_process("self"),
            server: server.and_then(|process| of_process(&process.to_string())),
            machine: read_to_string("/proc/stat").ok().and_then(|stat| of_machine(&stat)),
        }
    }
}

/// Reads a line of `/proc/PID/stat`, whose second field, in brackets, may hold anything.
fn of_process(stat: &str) -> Option<Duration> {
    let (_, fields) = stat.rsplit_once(')')?;
    let mut fields = fields.split_whitespace().skip(11);
    Some(ticks(fields.next()?.parse::<u64>().ok()? + fields.next()?.parse::<u64>().ok()?))
}

/// Reads `/proc/stat`: everything except idle and waiting for a disk.
fn of_machine(stat: &str) -> Option<Duration> {
    let fields = stat.lines().next()?.strip_prefix("cpu ")?.split_whitespace();
    let used: Vec<u64> = fields.take(8).map_while(|field| field.parse().ok()).collect();
    (used.len() == 8).then(|| ticks(used.iter().sum::<u64>() - used[3] - used[4]))
}

#[cfg(unix)]
fn ticks(ticks: u64) -> Duration {
    Duration::from_secs_f64(ticks as f64 / rustix::param::clock_ticks_per_second() as f64)
}

/// Without `/proc` there are no ticks.
#[cfg(not(unix))]
fn ticks(_ticks: u64) -> Duration {
    Duration::ZERO
}

impl Health {
    /// Asks the server.
    pub(super) async fn ask(door: &Door) -> Option<Health> {
        Health::read(&door.health().await.ok()?)
    }

    fn read(health: &Value) -> Option<Health> {
        let pool = |pool: &Value| Some((pool["id"].as_str()?.to_owned(), pool["pressure"].as_f64()?));
        Some(Health {
            revision: health["store"]["revision"].as_u64()?,
            pools: health["pools"].as_array()?.iter().filter_map(pool).collect(),
        })
    }

    /// The pool under most pressure.
    pub(super) fn fullest(&self) -> Option<&(String, f64)> {
        self.pools.iter().max_by(|a, b| a.1.total_cmp(&b.1))
    }
}

/// The highest pressure of each pool.
pub(super) fn tops(samples: &[Sample]) -> Vec<(String, f64)> {
    let mut tops: Vec<(String, f64)> = Vec::new();
    for (id, pressure) in samples.iter().filter_map(|sample| sample.health.as_ref()).flat_map(|health| &health.pools) {
        match tops.iter_mut().find(|(known, _)| known == id) {
            Some((_, top)) => *top = top.max(*pressure),
            None => tops.push((id.clone(), *pressure)),
        }
    }
    tops
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn processor_time_is_user_and_system() {
        let seconds = |time: Option<Duration>| time.map(|time| time.as_secs_f64() * ticks_a_second());
        let stat = "4242 (a) b (c) S 1 4242 4242 0 -1 4194560 100 0 0 0 250 50 7 8 20 0 9 0 12345 1 2";
        assert_eq!(seconds(of_process(stat)), Some(300.0));
        let stat = "cpu  100 5 40 1000 30 1 2 3 0 0\ncpu0 1 2 3\n";
        assert_eq!(seconds(of_machine(stat)), Some(151.0));
        assert_eq!((of_process("nonsense"), of_machine("cpu 1 2")), (None, None));
    }

    fn ticks_a_second() -> f64 {
        1.0 / ticks(1).as_secs_f64()
    }

    #[test]
    fn health_is_read_as_far_as_it_is_needed() {
        let health = json!({
            "store": { "revision": 7, "actions": 7 },
            "pools": [{ "id": "XS", "pressure": 0.25 }, { "id": "M", "pressure": 0.5, "capacity": 300 }],
        });
        let read = Health::read(&health).expect("health");
        assert_eq!((read.revision, read.fullest()), (7, Some(&("M".to_owned(), 0.5))));
        assert_eq!(Health::read(&json!({})), None);
    }
}
