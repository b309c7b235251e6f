//! The result, for a person and for a program.

use std::fmt::Write;

use serde_json::{Value, json};

use super::check::{Checks, Total};
use super::limits::{Limit, Shares};
use super::meter::{Counts, Times};
use crate::terminal::line;

/// The part of the rate that may be missing before it counts as not reached.
const RATE_SLACK: f64 = 0.01;

/// Everything that a run has found out.
#[derive(Clone, Debug)]
pub(super) struct Report {
    /// The address, and whether the board was its own.
    pub(super) board: String,
    pub(super) clients: u32,
    /// How long strokes were drawn.
    pub(super) seconds: f64,
    /// Strokes a second, all clients together.
    pub(super) asked: f64,
    pub(super) achieved: f64,
    pub(super) counts: Counts,
    /// Connections that broke.
    pub(super) lost: u64,
    pub(super) total: Total,
    pub(super) latency: Quantiles,
    pub(super) stalled: Option<Quantiles>,
    pub(super) late: Quantiles,
    pub(super) cores: usize,
    pub(super) shares: Shares,
    /// Actions that came on disk, a second.
    pub(super) commits: Option<f64>,
    /// The highest pressure of each pool.
    pub(super) pools: Vec<(String, f64)>,
    pub(super) limits: Vec<Limit>,
    pub(super) checks: Checks,
    pub(super) refusal: Option<String>,
    /// What went wrong apart from the checks.
    pub(super) troubles: Vec<String>,
    pub(super) interrupted: bool,
}

/// In milliseconds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Quantiles {
    p50: f64,
    p99: f64,
    p999: f64,
    max: f64,
}

impl Quantiles {
    /// The quantiles of these times; `None` if there are none.
    pub(super) fn of(times: &Times) -> Option<Quantiles> {
        (times.len() > 0).then(|| Quantiles::of_any(times))
    }

    /// Zeros when there are none.
    pub(super) fn of_any(times: &Times) -> Quantiles {
        Quantiles { p50: times.ms(0.5), p99: times.ms(0.99), p999: times.ms(0.999), max: times.ms(1.0) }
    }

    fn json(&self) -> Value {
        json!({ "p50": self.p50, "p99": self.p99, "p999": self.p999, "max": self.max })
    }
}

impl Report {
    /// Whether everything adds up.
    pub(super) fn ok(&self) -> bool {
        self.problems().is_empty()
    }

    /// Returns a sentence for each thing that does not add up.
    pub(super) fn problems(&self) -> Vec<String> {
        let checks = self.checks.each().into_iter().filter_map(|(name, problem)| Some(format!("{name}: {}", problem?)));
        self.troubles.iter().cloned().chain(checks).collect()
    }

    /// What reached its limit, if that had any effect.
    fn gave_out(&self) -> &[Limit] {
        let felt = self.achieved < self.asked * (1.0 - RATE_SLACK) || self.counts.missed > 0 || self.counts.busy > 0;
        if felt { &self.limits } else { &[] }
    }

    /// For a program.
    pub(super) fn json(&self) -> Value {
        let Counts { sent, acknowledged, refused, busy, .. } = self.counts;
        let got = self.total.got;
        let checks = self.checks.each().map(|(name, problem)| (name.to_owned(), Value::from(problem.is_none())));
        let pools = self.pools.iter().map(|(id, pressure)| (id.clone(), Value::from(*pressure)));
        let gave_out = self
            .gave_out()
            .iter()
            .map(|limit| json!({ "what": limit.what, "second": limit.second, "fact": limit.fact }));
        json!({
            "board": self.board,
            "clients": self.clients,
            "seconds": self.seconds,
            "sent": sent,
            "acknowledged": acknowledged,
            "refused": refused,
            "busy": busy,
            "open": self.counts.open(),
            "broadcast": self.total.broadcast,
            "delivered": got.live,
            "missed": got.missed,
            "healed": got.healed,
            "rejoined": got.rejoined,
            "connections_lost": self.lost,
            "latency_ms": self.latency.json(),
            "stalled_latency_ms": self.stalled.as_ref().map(Quantiles::json),
            "sent_late_ms": self.late.json(),
            "rate": { "asked": self.asked, "achieved": self.achieved },
            "resources": {
                "cores": self.cores,
                "cpu": { "clients": self.shares.clients, "server": self.shares.server, "machine": self.shares.machine },
                "commits": self.commits,
                "pools": serde_json::Map::from_iter(pools),
            },
            "gave_out": gave_out.collect::<Vec<_>>(),
            "checks": serde_json::Map::from_iter(checks),
            "problems": self.problems(),
            "interrupted": self.interrupted,
            "ok": self.ok(),
        })
    }

    /// For a person.
    pub(super) fn table(&self) -> String {
        let mut text = String::new();
        // Writing to a string does not fail.
        let _ = self.write(&mut text);
        text
    }

    fn write(&self, out: &mut String) -> std::fmt::Result {
        let Counts { sent, acknowledged, refused, busy, .. } = self.counts;
        let got = self.total.got;
        let interrupted = if self.interrupted { ", interrupted" } else { "" };
        let board = line(&self.board);
        writeln!(out, "{} clients for {:.1} s on {board}{interrupted}\n", self.clients, self.seconds)?;
        let asked = format!("strokes; {:.1} a second of {:.1} asked for", self.achieved, self.asked);
        let reason = self.refusal.as_ref().map(|reason| line(&format!("the first: {reason}"))).unwrap_or_default();
        let lost = format!("from the store, after a new connection ({} were lost)", self.lost);
        let broadcast = if self.total.broadcast.is_some() { "to all clients together" } else { "is not known" };
        let rows = [
            ("sent", sent, asked.as_str()),
            ("acknowledged", acknowledged, "on disk"),
            ("refused", refused, reason.as_str()),
            ("open", self.counts.open(), "without an answer"),
            ("busy", busy, "answers: sent again"),
            ("", 0, ""),
            ("broadcast", self.total.broadcast.unwrap_or(0), broadcast),
            ("delivered", got.live, "live"),
            ("told missed", got.missed, ""),
            ("healed", got.healed, "from the store, of what was told missed"),
            ("rejoined", got.rejoined, lost.as_str()),
        ];
        for (name, number, note) in rows {
            match name {
                "" => writeln!(out)?,
                _ => writeln!(out, "{}", format!("{name:<14}{number:>12}  {note}").trim_end())?,
            }
        }
        writeln!(out, "\n{:<14}{:>10}{:>10}{:>10}{:>10}", "ms", "p50", "p99", "p99.9", "max")?;
        let times = [("latency", Some(self.latency)), ("of stalled", self.stalled), ("sent late", Some(self.late))];
        for (name, times) in times {
            if let Some(Quantiles { p50, p99, p999, max }) = times {
                writeln!(out, "{name:<14}{p50:>10.1}{p99:>10.1}{p999:>10.1}{max:>10.1}")?;
            }
        }
        writeln!(out, "\ncpu           {}", self.shares.text(self.cores))?;
        if let Some(commits) = self.commits {
            writeln!(out, "disk          {commits:.0} strokes a second committed")?;
        }
        let pools: Vec<String> =
            self.pools.iter().map(|(id, top)| line(&format!("{id} {:.0} %", top * 100.0))).collect();
        if !pools.is_empty() {
            writeln!(out, "pools         at most {} full", pools.join(", "))?;
        }
        let mut before = None;
        for limit in self.gave_out() {
            let name = match before.replace(limit.second) {
                None => "gave out      first",
                Some(second) if second == limit.second => "                and",
                Some(_) => "               then",
            };
            writeln!(out, "{name} at {:.1} s: {}", limit.second, line(&limit.fact))?;
        }
        writeln!(out)?;
        for (name, problem) in self.checks.each() {
            writeln!(
                out,
                "{name:<14}{}",
                problem.map_or("ok".to_owned(), |problem| line(&format!("NOT SO: {problem}")))
            )?;
        }
        Ok(())
    }
}
