//! What any thread may read about the pools while they run: pressure, health, and each reader's counts.

use rusted_ring::{EventPoolFactory, PoolSet, PoolStats, SystemHealth, ledger::Ledger, pool::Production};

/// Prints the pools that are under pressure, their readers, and the overall health.
fn report(title: &str) -> SystemHealth {
    let stats = PoolStats::collect_all();
    let health = SystemHealth::of(&stats);
    println!("{title}: {health}");
    for pool in stats.iter().filter(|pool| pool.current_backpressure > 0.0) {
        println!("  {pool}");
    }
    let ring = Production.xs();
    let ledger = Ledger::of(&ring);
    for reader in ledger.readers() {
        println!(
            "    {:<10} received {:>5}, lost {:>5} in {} laps, {:>5} behind",
            reader.name, reader.received, reader.lost, reader.laps, reader.ahead
        );
        let claimed = ledger.claimed() - reader.joined;
        assert_eq!(claimed, reader.received + reader.lost + reader.holes + reader.ahead);
    }
    health
}

fn emit(events: usize) {
    for n in 0..events {
        EventPoolFactory::emit(&n.to_le_bytes(), 1).expect("no Consumer gates the pool");
    }
}

fn main() {
    emit(3000);
    // Nobody reads: the pool has wrapped, and no reader lags.
    assert_eq!(report("before the readers"), SystemHealth::Excellent);

    let mut network = EventPoolFactory::get_xs_reader().named("network");
    let mut analytics = EventPoolFactory::get_xs_reader().named("analytics");
    let drained = network.by_ref().count() + analytics.by_ref().count();
    assert_eq!(drained, 2 * 2000); // each began at the oldest event retained

    for (events, expected) in [
        (900, SystemHealth::Excellent),
        (200, SystemHealth::Good),
        (550, SystemHealth::Warning),
        (200, SystemHealth::Critical),
    ] {
        emit(events);
        network.by_ref().for_each(drop);
        assert_eq!(report(&format!("analytics sleeps, {events} events later")), expected);
    }

    emit(5000);
    network.by_ref().for_each(drop);
    assert_eq!(report("and 5000 later"), SystemHealth::Critical);
    analytics.by_ref().for_each(drop);
    assert_eq!(report("it woke, and knows what it lost"), SystemHealth::Excellent);

    drop(network);
    let ring = Production.xs();
    let books = Ledger::of(&ring).readers().next().expect("analytics is still here");
    assert_eq!((books.received + books.lost, books.lost), (2000 + 900 + 200 + 550 + 200 + 5000, analytics.lost()));
}
