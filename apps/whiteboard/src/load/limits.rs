//! What reached its limit, and when: facts as measured, in the order of time.

use std::time::Duration;

use super::gauge::{Cpu, Sample};

/// The busy part of all processors from which on nothing was left of them.
const CPU_OUT: f64 = 0.95;
/// The pressure of a pool from which on publishers find it full.
const POOL_OUT: f64 = 0.95;

/// Something that reached its limit.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Limit {
    pub(super) what: &'static str,
    /// When it was first seen, since the start.
    pub(super) second: f64,
    pub(super) fact: String,
}

/// Shares of all processors: of the clients, the server and all processes of the machine.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Shares {
    pub(super) clients: Option<f64>,
    pub(super) server: Option<f64>,
    pub(super) machine: Option<f64>,
}

impl Shares {
    /// Between two samples.
    pub(super) fn between(from: &Sample, to: &Sample, cores: usize) -> Shares {
        let all = (to.second - from.second) * cores as f64;
        let part = |of: fn(&Cpu) -> Option<Duration>| {
            let used = of(&to.cpu)?.checked_sub(of(&from.cpu)?)?;
            (all > 0.0).then(|| used.as_secs_f64() / all)
        };
        Shares { clients: part(|cpu| cpu.clients), server: part(|cpu| cpu.server), machine: part(|cpu| cpu.machine) }
    }

    /// The part that is known to be used.
    fn used(&self) -> f64 {
        self.machine.unwrap_or_else(|| self.clients.unwrap_or(0.0) + self.server.unwrap_or(0.0))
    }

    /// The text for people.
    pub(super) fn text(&self, cores: usize) -> String {
        let percent = |share: Option<f64>| share.map_or("?".to_owned(), |share| format!("{:.0} %", share * 100.0));
        let others =
            self.machine.zip(self.clients).zip(self.server).map(|((all, clients), server)| all - clients - server);
        format!(
            "{} of {cores} cores busy: clients {}, server {}, others {}",
            percent(self.machine),
            percent(self.clients),
            percent(self.server),
            percent(others.map(|others| others.max(0.0)))
        )
    }
}

/// Returns everything that reached its limit in these samples, in the order of time.
pub(super) fn reached(samples: &[Sample], cores: usize) -> Vec<Limit> {
    let mut limits: Vec<Limit> = [cpu, pools, busy, missed].iter().filter_map(|look| look(samples, cores)).collect();
    limits.sort_by(|a, b| a.second.total_cmp(&b.second));
    limits
}

fn cpu(samples: &[Sample], cores: usize) -> Option<Limit> {
    samples.windows(2).find_map(|pair| {
        let shares = Shares::between(&pair[0], &pair[1], cores);
        let limit = || Limit { what: "cpu", second: pair[1].second, fact: shares.text(cores) };
        (shares.used() >= CPU_OUT).then(limit)
    })
}

fn pools(samples: &[Sample], _cores: usize) -> Option<Limit> {
    samples.iter().find_map(|sample| {
        let (id, pressure) = sample.health.as_ref()?.fullest().filter(|(_, pressure)| *pressure >= POOL_OUT)?;
        let fact = format!("pool {id} at {:.0} % of its capacity", pressure * 100.0);
        Some(Limit { what: "pools", second: sample.second, fact })
    })
}

fn busy(samples: &[Sample], _cores: usize) -> Option<Limit> {
    let sample = samples.iter().find(|sample| sample.counts.busy > 0)?;
    let fact = format!("{} busy answers until then", sample.counts.busy);
    Some(Limit { what: "busy", second: sample.second, fact })
}

fn missed(samples: &[Sample], _cores: usize) -> Option<Limit> {
    let sample = samples.iter().find(|sample| sample.counts.missed > 0)?;
    let fact = format!("clients' queues: {} actions told missed until then", sample.counts.missed);
    Some(Limit { what: "missed", second: sample.second, fact })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::load::gauge::Health;
    use crate::load::meter::Counts;

    fn sample(second: u64, busy_time: u64, pressure: f64, busy: u64, missed: u64) -> Sample {
        let time = |seconds| Some(Duration::from_secs(seconds));
        Sample {
            second: second as f64,
            counts: Counts { busy, missed, ..Counts::default() },
            cpu: Cpu { clients: time(second), server: time(0), machine: time(busy_time) },
            health: Some(Health { revision: 0, pools: vec![("S".to_owned(), 0.1), ("M".to_owned(), pressure)] }),
        }
    }

    #[test]
    fn what_reached_its_limit_is_told_in_the_order_of_time() {
        let samples =
            [sample(0, 0, 0.0, 0, 0), sample(1, 1, 0.5, 0, 3), sample(2, 3, 0.96, 0, 9), sample(3, 4, 1.0, 5, 9)];
        let limits = reached(&samples, 2);
        let order: Vec<(&str, f64)> = limits.iter().map(|limit| (limit.what, limit.second)).collect();
        assert_eq!(order, [("missed", 1.0), ("cpu", 2.0), ("pools", 2.0), ("busy", 3.0)]);
        assert_eq!(limits[1].fact, "100 % of 2 cores busy: clients 50 %, server 0 %, others 50 %");
        assert_eq!(limits[2].fact, "pool M at 96 % of its capacity");
    }

    #[test]
    fn where_nothing_was_short_there_is_nothing_to_tell() {
        assert_eq!(reached(&[sample(0, 0, 0.0, 0, 0), sample(1, 1, 0.5, 0, 0)], 2), []);
    }
}
