//! How long an honest page waits for its acknowledgements, alone and while somebody on this machine attacks the server.
//!
//! ```text
//! cargo bench -p whiteboard --bench under_attack              # all attacks, three rounds, about four minutes
//! cargo bench -p whiteboard --bench under_attack -- --help
//! ```
//!
//! The attacker is on this machine, too: it shares the processors with the server and with the honest page, and what the
//! server counts for this machine as a whole, which is 32 times what it counts for another address.

#![expect(clippy::disallowed_macros, reason = "a benchmark prints what it measured, and may fail when nobody hears it")]

mod attack;
#[path = "../../tests/server/client.rs"]
#[expect(dead_code, reason = "the tests use the rest")]
mod client;
mod honest;
#[path = "../../tests/server/server.rs"]
#[expect(dead_code, reason = "the tests use the rest")]
mod server;
#[path = "../../tests/server/wire.rs"]
#[expect(dead_code, reason = "the tests use the rest")]
mod wire;

use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering::Relaxed;
use std::thread;
use std::time::Duration;

use clap::Parser;

use crate::attack::{ATTACKS, Attack};
use crate::honest::Waits;
use crate::server::Server;

/// Times an honest page alone and under each attack, in turn.
#[derive(Parser)]
struct Options {
    /// Rounds; each attack, and the honest page alone, has its turn in each
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..))]
    rounds: u32,
    /// Seconds that a turn lasts
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..=600))]
    seconds: u32,
    /// Only these attacks; may be given several times
    #[arg(long, value_name = "NAME", value_parser = ATTACKS.map(|attack| attack.name))]
    only: Vec<String>,
    /// What cargo passes to every benchmark
    #[arg(long, hide = true)]
    bench: bool,
}

fn main() {
    let options = Options::parse();
    let wanted = |attack: &&Attack| options.only.is_empty() || options.only.iter().any(|name| name == attack.name);
    let attacks: Vec<&Attack> = ATTACKS.iter().filter(wanted).collect();
    let turn = Duration::from_secs(options.seconds.into());
    let mut alone = Vec::new();
    let mut under: Vec<Vec<Waits>> = attacks.iter().map(|_| Vec::new()).collect();
    for round in 1..=options.rounds {
        eprintln!("round {round} of {}: alone", options.rounds);
        alone.push(turn_of(turn, None));
        for (attack, turns) in attacks.iter().zip(&mut under) {
            eprintln!("round {round} of {}: {}", options.rounds, attack.name);
            turns.push(turn_of(turn, Some(attack)));
        }
    }
    println!("p99 in ms of an honest page's acknowledgements: median of the rounds, extremes behind it");
    println!("{:<16} {:>8} {:>17} {:>6} {:>8} {:>6}  what it is", "attack", "p99", "", "ratio", "open", "busy");
    let base = median(&alone);
    row("none", &alone, base, "the honest page alone");
    for (attack, turns) in attacks.iter().zip(&under) {
        row(attack.name, turns, base, attack.about);
    }
}

/// One turn on a server and a board of its own.
fn turn_of(turn: Duration, attack: Option<&Attack>) -> Waits {
    let home = tempfile::tempdir().expect("a directory");
    let server = Server::start(&home.path().join("data"));
    honest::fill(&server);
    let stop = AtomicBool::new(false);
    thread::scope(|scope| {
        if let Some(attack) = attack {
            let (address, stop) = (server.address(), &stop);
            for number in 0..attack.threads {
                scope.spawn(move || (attack.run)(address, number, stop));
            }
            // Until it is under way.
            thread::sleep(Duration::from_millis(300));
        }
        let waits = honest::draw(&server, turn);
        stop.store(true, Relaxed);
        waits
    })
}

fn row(name: &str, turns: &[Waits], base: f64, about: &str) {
    let (low, high) =
        (turns.iter().map(Waits::p99).fold(f64::MAX, f64::min), turns.iter().map(Waits::p99).fold(0.0, f64::max));
    let (unanswered, busy) =
        (turns.iter().map(|waits| waits.unanswered).sum::<u64>(), turns.iter().map(|waits| waits.busy).sum::<u64>());
    let p99 = median(turns);
    println!(
        "{name:<16} {p99:>8.2} {:>17} {:>6.2} {unanswered:>8} {busy:>6}  {about}",
        format!("({low:.2} to {high:.2})"),
        p99 / base
    );
}

fn median(turns: &[Waits]) -> f64 {
    let mut sorted: Vec<f64> = turns.iter().map(Waits::p99).collect();
    sorted.sort_by(f64::total_cmp);
    sorted[sorted.len() / 2]
}
