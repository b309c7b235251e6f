//! What `bench` shows.

use std::io::{Write, stdout};

use serde_json::{Value, json};

use super::{
    Place,
    histogram::Histogram,
    options::{Bench, Measure},
    sides::{Account, Led},
};
use crate::{processor::Processor, text};

/// Heights of a histogram's bars.
const BARS: [char; 9] = [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/// All rounds of one measurement.
pub(super) struct Cell {
    pub(super) measure: Measure,
    pub(super) size: u64,
    pub(super) place: Place,
    pub(super) figures: Figures,
}

/// What its rounds gave.
#[derive(Default)]
pub(super) struct Figures {
    /// For each round: nanoseconds of a round trip, or events received a second.
    rounds: Vec<f64>,
    trips: Histogram,
    published: u64,
    received: u64,
    lost: u64,
    wrong: u64,
}

impl Figures {
    pub(super) fn add(&mut self, led: Led, account: Account, measure: Measure) {
        let Account { received, lost, wrong, nanoseconds } = account;
        self.rounds.push(match measure {
            Measure::RoundTrip => median(&led.means),
            Measure::Consumer | Measure::Subscriber => received as f64 * 1e9 / nanoseconds.max(1) as f64,
        });
        self.trips.add_all(&led.trips);
        self.published += led.published;
        self.received += received;
        self.lost += lost;
        self.wrong += wrong + led.wrong;
    }

    fn median(&self) -> f64 {
        median(&self.rounds)
    }

    fn lowest(&self) -> f64 {
        self.rounds.iter().copied().fold(f64::INFINITY, f64::min)
    }

    fn highest(&self) -> f64 {
        self.rounds.iter().copied().fold(0.0, f64::max)
    }

    fn balances(&self) -> bool {
        self.received + self.lost == self.published && self.wrong == 0
    }
}

/// Zero without any.
fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted.get(sorted.len() / 2).copied().unwrap_or(0.0)
}

pub(super) struct Report<'a> {
    pub(super) processor: Processor,
    pub(super) cores: [usize; 2],
    pub(super) bench: &'a Bench,
    pub(super) cells: Vec<Cell>,
}

impl Report<'_> {
    pub(super) fn print(&self) -> anyhow::Result<()> {
        let mut out = stdout().lock();
        if self.bench.json {
            writeln!(out, "{}", self.json())?;
        } else {
            out.write_all(self.text().as_bytes())?;
        }
        Ok(out.flush()?)
    }

    /// What does not balance.
    pub(super) fn faults(&self) -> Vec<String> {
        let faulty = self.cells.iter().filter(|cell| !cell.figures.balances());
        let said = faulty.map(|Cell { measure, size, place, figures }| {
            let Figures { published, received, lost, wrong, .. } = figures;
            format!(
                "{} of {size} bytes, {}: {received} received + {lost} lost are not the {published} published, or some of them are wrong \
                 ({wrong}): this is a fault of the ring or of this program; please report it",
                measure.name(),
                place.name()
            )
        });
        said.collect()
    }

    /// How many times as long as in one process a round trip between two takes, or as fast a stream is; none, if it was not measured.
    fn compared(&self, measure: Measure, size: u64, with: Place) -> Option<f64> {
        let median = |place| {
            let is_it = |cell: &&Cell| (cell.measure, cell.size, cell.place) == (measure, size, place);
            Some(self.cells.iter().find(is_it)?.figures.median())
        };
        Some(median(Place::Processes)? / median(with)?)
    }

    fn text(&self) -> String {
        let [one, other] = self.cores;
        let mut text = format!(
            "{} ({}), cores {one} and {other}; medians of {} rounds of {} s, and their lowest and highest\n",
            self.processor.name,
            self.processor.family,
            self.bench.rounds,
            self.bench.seconds.as_secs_f64()
        );
        for measure in &self.bench.measure {
            let cells = self.cells.iter().filter(|cell| cell.measure == *measure);
            let (title, rows) = match measure {
                Measure::RoundTrip => ("a round trip, in nanoseconds", trips(cells)),
                Measure::Consumer => ("to a Consumer, events a second", streams(cells)),
                Measure::Subscriber => ("to a Subscriber, events received a second", streams(cells)),
            };
            text += &format!("\n{title}\n{}", text::table(&rows));
            for size in &self.bench.size {
                let times = |with| self.compared(*measure, *size, with).unwrap_or(0.0);
                let what = if *measure == Measure::RoundTrip { "as long" } else { "as fast" };
                text += &format!(
                    "{}: between processes {:.2} times {what} as between threads on such a ring, {:.2} times as on the heap\n",
                    text::bytes(*size),
                    times(Place::Threads),
                    times(Place::Heap)
                );
            }
        }
        if self.bench.measure.contains(&Measure::RoundTrip) {
            text += "\nHISTOGRAM: a bar for each doubling of the time from that of FROM on; its height is the logarithm of how many trips there were\n";
        }
        text
    }

    fn json(&self) -> Value {
        let cells = self.cells.iter().map(|Cell { measure, size, place, figures }| {
            let trips = &figures.trips;
            let histogram: Vec<Value> =
                trips.doublings().iter().map(|(below, count)| json!({ "below": below, "count": count })).collect();
            let is_trip = *measure == Measure::RoundTrip;
            json!({
                "measure": measure.name(),
                "size": size,
                "place": place.name(),
                "unit": if is_trip { "nanoseconds" } else { "events received a second" },
                "rounds": figures.rounds,
                "median": figures.median(),
                "lowest": figures.lowest(),
                "highest": figures.highest(),
                "published": figures.published,
                "received": figures.received,
                "lost": figures.lost,
                "wrong": figures.wrong,
                "balances": figures.balances(),
                "percentiles": is_trip.then(|| json!({
                    "p50": trips.quantile(0.5),
                    "p90": trips.quantile(0.9),
                    "p99": trips.quantile(0.99),
                    "p99.9": trips.quantile(0.999),
                    "max": trips.max(),
                })),
                "histogram": is_trip.then_some(histogram),
                "to_threads": (*place == Place::Processes).then(|| self.compared(*measure, *size, Place::Threads)),
                "to_heap": (*place == Place::Processes).then(|| self.compared(*measure, *size, Place::Heap)),
            })
        });
        json!({
            "processor": self.processor.name,
            "family": self.processor.family,
            "cores": self.cores,
            "rounds": self.bench.rounds,
            "seconds": self.bench.seconds.as_secs_f64(),
            "cells": cells.collect::<Vec<Value>>(),
        })
    }
}

fn row<const N: usize>(cells: [&str; N]) -> Vec<String> {
    cells.map(str::to_owned).to_vec()
}

fn trips<'a>(cells: impl Iterator<Item = &'a Cell>) -> Vec<Vec<String>> {
    let head =
        ["SIZE", "BETWEEN", "MEDIAN", "LOWEST", "HIGHEST", "P50", "P90", "P99", "P99.9", "MAX", "FROM", "HISTOGRAM"];
    let mut rows = vec![row(head)];
    rows.extend(cells.map(|Cell { size, place, figures, .. }| {
        let trips = &figures.trips;
        let mut row = row([&text::bytes(*size), place.name()]);
        row.extend([figures.median(), figures.lowest(), figures.highest()].map(|time| format!("{time:.0}")));
        row.extend([0.5, 0.9, 0.99, 0.999].map(|part| trips.quantile(part).to_string()));
        let doublings = trips.doublings();
        row.push(trips.max().to_string());
        row.push(doublings.first().map_or("-".to_owned(), |(below, _)| (below / 2).to_string()));
        row.push(bars(&doublings));
        row
    }));
    rows
}

fn streams<'a>(cells: impl Iterator<Item = &'a Cell>) -> Vec<Vec<String>> {
    let mut rows = vec![row([
        "SIZE",
        "BETWEEN",
        "MEDIAN",
        "LOWEST",
        "HIGHEST",
        "A SECOND",
        "PUBLISHED",
        "RECEIVED",
        "LOST",
        "BALANCES",
    ])];
    rows.extend(cells.map(|Cell { size, place, figures, .. }| {
        let mut row = row([&text::bytes(*size), place.name()]);
        row.extend([figures.median(), figures.lowest(), figures.highest()].map(|rate| format!("{:.2} M", rate / 1e6)));
        row.push(text::bytes((figures.median() * *size as f64) as u64));
        row.extend([figures.published, figures.received, figures.lost].map(|count| count.to_string()));
        row.push(if figures.balances() { "yes" } else { "NO" }.to_owned());
        row
    }));
    rows
}

/// A bar for each doubling, by the logarithm of its count.
fn bars(doublings: &[(u64, u64)]) -> String {
    let most = doublings.iter().map(|(_, count)| *count).max().unwrap_or(0);
    let height = |count: u64| match count {
        0 => 0,
        _ if most < 2 => BARS.len() - 1,
        // The least is seen, too.
        count => 1 + ((count as f64).ln() / (most as f64).ln() * (BARS.len() - 2) as f64).round() as usize,
    };
    doublings.iter().map(|(_, count)| BARS[height(*count)]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_highest_bar_is_of_the_most_and_the_least_is_seen() {
        assert_eq!(bars(&[(128, 1), (256, 1_000_000), (512, 0), (1024, 1000)]), "▁█ ▅");
        assert_eq!(bars(&[(128, 1)]), "█");
        assert_eq!(bars(&[]), "");
    }

    #[test]
    fn rounds_are_added_up_and_an_account_that_does_not_balance_is_a_fault() {
        let led = |published| Led { published, means: vec![300.0, 100.0, 200.0], ..Led::default() };
        let account = |received, lost| Account { received, lost, wrong: 0, nanoseconds: 1_000_000_000 };
        let mut figures = Figures::default();
        figures.add(led(10), account(10, 0), Measure::RoundTrip);
        figures.add(led(10), account(4, 6), Measure::Subscriber);
        assert_eq!((figures.lowest(), figures.highest(), figures.balances()), (4.0, 200.0, true));
        figures.add(led(10), account(9, 0), Measure::Consumer);
        assert!(!figures.balances());
    }
}
