//! Sets of pools: events of any size come to the pool that they belong to, whole, and each pool's books balance.

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering::SeqCst},
    },
    thread,
    time::{Duration, Instant},
};

use rusted_ring::{
    Bytes, Capacities, Consumer, EmitError, EventPoolFactory, EventUtils, HeapPools, Many, PoolId, PoolSet, Publisher,
    RingRef, Sequence, Start, Subscriber, ledger::Ledger, publisher::PublishError, subscriber::TryRecvError,
};

use crate::{
    case::{Case, Choose, PATIENCE, message, rng},
    payload::trace,
    rng::Rng,
};

#[derive(Clone, Debug)]
struct Plan {
    capacities: [usize; 5],
    emitters: u64,
    /// Of each emitter.
    events: u64,
    /// By pool.
    consumers: [u64; 5],
    readers: [u64; 5],
    /// Consumers are slow at one event in this many; 0 for never.
    slow: u64,
}

impl Plan {
    fn of(rng: &mut Rng) -> Self {
        let mut five = |most: u64| [(); 5].map(|()| rng.below(most));
        let (consumers, readers) = (five(3), five(3));
        let capacities = [(); 5].map(|()| rng.one_of(&[1, 2, 3, 4, 5, 8, 13, 16, 64]));
        let slow = rng.one_of(&[0, 50, 500]);
        Plan { capacities, emitters: rng.up_to(3), events: 20 + rng.below(600), consumers, readers, slow }
    }
}

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}

/// The length of the event of this type, of any class, and near the ends of each.
fn len_of(event_type: u32) -> usize {
    let mut rng = rng(u64::from(event_type), 9);
    let end = rng.one_of(&[0, 64, 256, 1024, 4096, 16384]);
    match rng.below(4) {
        0 => rng.below(16386) as usize,
        1 => rng.below(end + 1) as usize,
        _ => (end + rng.below(3)).saturating_sub(1) as usize,
    }
}

/// The bytes of the event of this type.
fn fill(buffer: &mut Vec<u8>, event_type: u32) {
    let len = len_of(event_type);
    let step = (event_type.wrapping_mul(0x9E37_79B9) >> 16) as u8 | 1;
    buffer.clear();
    let mut byte = event_type as u8;
    buffer.extend((0..len).map(|_| {
        byte = byte.wrapping_add(step);
        byte
    }));
}

/// What is known of one pool.
struct Pool {
    /// As 1 more than the type, or 0.
    told: Box<[AtomicU64]>,
    count: AtomicU64,
    /// The sum of the traces of all events.
    traces: AtomicU64,
}

struct Play<'a> {
    case: &'a Case,
    plan: &'a Plan,
    pools: HeapPools,
    known: [Pool; 5],
    over: AtomicBool,
}

impl Play<'_> {
    fn pool(&self, pool: PoolId) -> &Pool {
        &self.known[usize::from(u8::from(pool))]
    }

    fn told(&self, pool: PoolId, sequence: Option<Sequence>, event_type: u32) {
        let known = self.pool(pool);
        known.count.fetch_add(1, SeqCst);
        known.traces.fetch_add(trace(0, 0, u64::from(event_type)), SeqCst);
        let Some(sequence) = sequence else { return };
        self.agree(pool, sequence.get(), event_type);
    }

    fn agree(&self, pool: PoolId, sequence: u64, event_type: u32) {
        let told = &self.pool(pool).told;
        let Some(place) = told.get(sequence as usize) else { return self.case.fault("too many sequences") };
        if let Err(other) = place.compare_exchange(0, u64::from(event_type) + 1, SeqCst, SeqCst) {
            let right = other == u64::from(event_type) + 1;
            self.case.check(right, || format!("{pool:?}: {sequence} has event {event_type:#x}, and {:#x}", other - 1));
        }
    }
}

pub(crate) fn case(case: &Arc<Case>) {
    let plan = Plan::of(&mut rng(case.seed, 1));
    case.is(&plan);
    let [xs, s, m, l, xl] = plan.capacities;
    let pools = HeapPools::new(Capacities { xs, s, m, l, xl });
    let sequences = (plan.emitters * plan.events) as usize * 3 + 1000;
    let zeros = || (0..sequences).map(|_| AtomicU64::new(0)).collect();
    let known = [(); 5].map(|()| Pool { told: zeros(), count: AtomicU64::new(0), traces: AtomicU64::new(0) });
    let of = pools.clone();
    case.tells(move || format!("{:#?}\n{:#?}", Ledger::of(&of.xs()), of.stats()));
    let play = Play { case, plan: &plan, pools: pools.clone(), known, over: AtomicBool::new(false) };
    let play = &play;
    thread::scope(|scope| {
        let mut attending = Vec::new();
        for pool in PoolId::ALL {
            for nth in 0..plan.consumers[usize::from(u8::from(pool))] {
                attending.push(match pool {
                    PoolId::XS => scope.spawn(consuming(play, pool, play.pools.xs(), nth)),
                    PoolId::S => scope.spawn(consuming(play, pool, play.pools.s(), nth)),
                    PoolId::M => scope.spawn(consuming(play, pool, play.pools.m(), nth)),
                    PoolId::L => scope.spawn(consuming(play, pool, play.pools.l(), nth)),
                    PoolId::XL => scope.spawn(consuming(play, pool, play.pools.xl(), nth)),
                });
            }
            for _ in 0..plan.readers[usize::from(u8::from(pool))] {
                attending.push(match pool {
                    PoolId::XS => scope.spawn(reading(play, pool, play.pools.xs())),
                    PoolId::S => scope.spawn(reading(play, pool, play.pools.s())),
                    PoolId::M => scope.spawn(reading(play, pool, play.pools.m())),
                    PoolId::L => scope.spawn(reading(play, pool, play.pools.l())),
                    PoolId::XL => scope.spawn(reading(play, pool, play.pools.xl())),
                });
            }
        }
        let emitters: Vec<_> = (0..plan.emitters).map(|nth| scope.spawn(move || emit(play, nth))).collect();
        let watching = scope.spawn(|| {
            while !play.over.load(SeqCst) {
                look(play);
                thread::sleep(Duration::from_micros(300));
            }
        });
        let threads = emitters.into_iter().map(|thread| thread.join()).collect::<Vec<_>>();
        play.over.store(true, SeqCst);
        let others = attending.into_iter().chain([watching]).map(|thread| thread.join()).collect::<Vec<_>>();
        for payload in threads.into_iter().chain(others).filter_map(Result::err) {
            case.fault(message(&*payload));
        }
    });
    for (pool, claimed) in PoolId::ALL.into_iter().zip(claimed(&play.pools)) {
        let count = play.pool(pool).count.load(SeqCst);
        case.check(claimed >= count, || format!("{pool:?}: {count} events in {claimed} sequences"));
        let pressure = play.pools.stats_of(pool).current_backpressure;
        case.check(pressure == 0.0, || format!("{pool:?}: pressure {pressure} without readers"));
    }
}

fn claimed(pools: &HeapPools) -> [u64; 5] {
    fn of<R: RingRef>(ring: R) -> u64 {
        Ledger::of(&ring).claimed().get()
    }
    [of(pools.xs()), of(pools.s()), of(pools.m()), of(pools.l()), of(pools.xl())]
}

fn look(play: &Play<'_>) {
    for (stats, capacity) in play.pools.stats().iter().zip(play.plan.capacities) {
        let right = stats.capacity == capacity && (0.0..=1.0).contains(&stats.current_backpressure);
        play.case.check(right, || format!("{stats}, of a pool of {capacity}"));
    }
}

/// Emits events, each by one of the ways there are, until it is out.
fn emit(play: &Play<'_>, nth: u64) {
    let mut rng = rng(play.case.seed, 100 + nth);
    let mut data = Vec::new();
    for counter in 0..play.plan.events {
        let event_type = (nth << 24 | counter) as u32;
        fill(&mut data, event_type);
        let own = EventPoolFactory::estimate_pool_id(data.len());
        let begun = Instant::now();
        while !emit_once(play, &mut rng, &data, event_type, own) {
            if begun.elapsed() > PATIENCE {
                return play.case.fault(format_args!("event {event_type:#x} of {} bytes is never out", data.len()));
            }
            if play.case.has_failed() {
                return;
            }
            thread::yield_now();
        }
    }
}

/// Makes one attempt; returns whether the event needs no other.
fn emit_once(play: &Play<'_>, rng: &mut Rng, data: &[u8], event_type: u32, own: Option<PoolId>) -> bool {
    let (case, pools) = (play.case, &play.pools);
    let full = |pool: PoolId| {
        let nth = usize::from(u8::from(pool));
        // Emitters that the machine stops may hold all of a small one.
        let held = (play.plan.capacities[nth] as u64) < play.plan.emitters;
        case.check(held || play.plan.consumers[nth] > 0, || format!("{pool:?} is full, without Consumers"));
        false
    };
    let Some(own) = own else {
        let refused = [
            pools.emit(data, event_type).is_err(),
            pools.emit_in(PoolId::XL, data, event_type).is_err(),
            EventUtils::create_auto_sized_event(data, event_type).is_err(),
        ];
        case.check(refused == [true; 3], || format!("{} bytes are more than fit, and {refused:?}", data.len()));
        return true;
    };
    match rng.below(5) {
        0 => match EventUtils::create_auto_sized_event(data, event_type) {
            Ok(event) => {
                let right = (event.pool_id(), event.data(), event.event_type()) == (own, data, event_type);
                case.check(right, || format!("an event of {} bytes for {own:?} is {:?}", data.len(), event.pool_id()));
                match event.emit_to(pools) {
                    Ok(()) => play.told(own, None, event_type),
                    Err(EmitError::RingFull(pool)) => return full(pool),
                }
                true
            }
            Err(error) => {
                case.fault(error);
                true
            }
        },
        1 => {
            let pool = rng.one_of(&PoolId::ALL);
            match pools.emit_in(pool, data, event_type) {
                Ok(sequence) => {
                    case.check(pool >= own, || format!("{} bytes are in {pool:?}", data.len()));
                    play.told(pool, Some(sequence), event_type);
                    true
                }
                Err(PublishError::Full(_)) => full(pool),
                Err(error) => {
                    case.check(pool < own, || format!("{} bytes do not fit {pool:?}: {error}", data.len()));
                    false
                }
            }
        }
        2 if own == PoolId::XS => {
            let Ok(event) = EventUtils::create_pooled_event::<64>(data, event_type) else { return true };
            let added = Publisher::join(pools.xs()).is_ok_and(|publisher| publisher.add(event));
            if added {
                play.told(own, None, event_type);
            }
            added || full(own)
        }
        _ => match pools.emit(data, event_type) {
            Ok((pool, sequence)) => {
                case.check(pool == own, || format!("{} bytes are in {pool:?}", data.len()));
                play.told(pool, Some(sequence), event_type);
                true
            }
            Err(PublishError::Full(_)) => full(own),
            Err(error) => {
                case.fault(error);
                true
            }
        },
    }
}

/// Checks an event, and enters it.
fn enter(play: &Play<'_>, pool: PoolId, sequence: u64, bytes: &[u8], event_type: u32) {
    let mut expected = Vec::new();
    fill(&mut expected, event_type);
    play.case.check(*bytes == *expected, || format!("{pool:?}: event {sequence} of type {event_type:#x} is torn"));
    play.agree(pool, sequence, event_type);
}

/// Joins a Consumer that a thread reads to the end.
fn consuming<'a, const N: usize, R>(
    play: &'a Play<'a>,
    pool: PoolId,
    ring: R,
    nth: u64,
) -> impl FnOnce() + use<'a, N, R>
where
    R: RingRef<Slot = Bytes<N>, Mode = Many>,
{
    let mut consumer = Consumer::join(ring, Start::Oldest).expect("there is room").named("consumer");
    move || {
        let mut rng = rng(play.case.seed, 200 + nth + 10 * u64::from(u8::from(pool)));
        let (mut received, mut traces) = (0, 0_u64);
        let mut since: Option<Instant> = None;
        loop {
            let over = play.over.load(SeqCst);
            let polled = consumer.poll(|event, sequence, _| {
                enter(play, pool, sequence.get(), event, event.event_type());
                received += 1;
                traces = traces.wrapping_add(trace(0, 0, u64::from(event.event_type())));
            });
            if play.plan.slow > 0 && rng.one_in(play.plan.slow) {
                thread::sleep(Duration::from_micros(rng.up_to(1000)));
            }
            if polled.is_err() {
                if over && consumer.lag() == 0 || play.case.has_failed() {
                    break;
                }
                if over && since.get_or_insert_with(Instant::now).elapsed() > PATIENCE {
                    return play.case.fault(format_args!("{pool:?}: a Consumer is {} behind", consumer.lag()));
                }
                thread::yield_now();
            }
        }
        let known = play.pool(pool);
        let (count, all) = (known.count.load(SeqCst), known.traces.load(SeqCst));
        let right = (received, traces, consumer.received()) == (count, all, count);
        play.case.check(right || play.case.has_failed(), || {
            format!("{pool:?}: {count} events, received {received}, by the ledger {}", consumer.received())
        });
        let claimed = Ledger::of(consumer.ring()).claimed().get();
        let sum = received + consumer.holes();
        play.case.check(sum == claimed || play.case.has_failed(), || format!("{pool:?}: {sum} of {claimed}"));
    }
}

/// Joins a Subscriber that a thread reads to the end.
fn reading<'a, const N: usize, R>(play: &'a Play<'a>, pool: PoolId, ring: R) -> impl FnOnce() + use<'a, N, R>
where
    R: RingRef<Slot = Bytes<N>, Mode = Many>,
{
    let mut reader = Subscriber::join(ring, Start::Oldest).named("reader");
    move || {
        let (mut received, mut lost) = (0, 0);
        let mut buffer = [0; N];
        let mut since: Option<Instant> = None;
        loop {
            let over = play.over.load(SeqCst);
            match reader.try_read(&mut buffer) {
                Ok(event) => {
                    received += 1;
                    enter(play, pool, event.sequence.get(), event.data, event.event_type);
                }
                Err(TryRecvError::Lagged(lagged)) => lost += lagged.count(),
                Err(_) if over && reader.lag() == 0 || play.case.has_failed() => break,
                Err(_) => {
                    if over && since.get_or_insert_with(Instant::now).elapsed() > PATIENCE {
                        return play.case.fault(format_args!("{pool:?}: a Subscriber is {} behind", reader.lag()));
                    }
                    thread::yield_now();
                }
            }
        }
        let claimed = Ledger::of(reader.ring()).claimed().get();
        let right = (reader.received(), reader.lost(), received + lost + reader.holes()) == (received, lost, claimed);
        play.case.check(right || play.case.has_failed(), || {
            format!("{pool:?}: received {received}, lost {lost} of {claimed}, {} ahead", reader.lag())
        });
    }
}
