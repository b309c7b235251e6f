//! What a publish costs while somebody scrapes the ring ten times a second, and while nobody does.
//!
//! `cargo bench -p rusted-ring-metrics --features serve --bench scraped` prints nanoseconds per event. The ring has ten readers, as a scrape reads
//! each: one Consumer, which receives in the publisher's thread between what is timed, and nine idle Subscribers. A scrape is a whole one: another
//! thread asks the endpoint by HTTP. Both ways go by turns, and the first of a round is another one each time.

use std::{
    env,
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering::Relaxed},
    },
    thread,
    time::{Duration, Instant},
};

use rusted_ring::{Consumer, HeapTypedRing, Many, Mode, Publisher, Sole, SolePublisher, Start, Subscriber};
use rusted_ring_metrics::{LOOPBACK, RingCollector, Server, encode};

const ROUNDS: usize = 9;
const ROUND: Duration = Duration::from_secs(2);
const PERIOD: Duration = Duration::from_millis(100);
const SUBSCRIBERS: usize = 9;
/// Events that are timed together: half of the ring, so nobody waits for room.
const EVENTS: u64 = 512;

fn main() {
    // The time of a round, in seconds.
    let seconds = env::args().skip(1).find(|argument| argument != "--bench").map(|seconds| seconds.parse());
    let round = seconds.map_or(ROUND, |seconds| Duration::from_secs_f64(seconds.expect("a number of seconds")));
    println!("ns per event, median of {ROUNDS} rounds of {round:?} (least to most)");
    let ring = HeapTypedRing::<u64, Many>::new(1024);
    let publisher = Publisher::join(ring.clone()).expect("a ring of its own");
    compare("one of many", ring, |event| _ = publisher.send(&event), round);
    let ring = HeapTypedRing::<u64, Sole>::sole(1024);
    let mut publisher = SolePublisher::join(ring.clone()).expect("a ring of its own");
    compare("sole", ring, |event| _ = publisher.send(&event), round);
}

fn compare<M: Mode>(name: &str, ring: HeapTypedRing<u64, M>, mut publish: impl FnMut(u64), round: Duration)
where
    HeapTypedRing<u64, M>: Send + Sync + 'static,
{
    let mut consumer = Consumer::join(ring.clone(), Start::Newest).expect("room for a Consumer").named("consumer");
    let idle = (0..SUBSCRIBERS).map(|number| Subscriber::join(ring.clone(), Start::Newest).named(&number.to_string()));
    let _idle: Vec<_> = idle.collect();
    let rings = RingCollector::new();
    rings.register(name, ring).expect("a name of its own");
    let server = Server::start(LOOPBACK, move || encode(&rings)).expect("a port");
    let mut timed = |time: Duration| {
        let (begun, mut spent, mut events) = (Instant::now(), Duration::ZERO, 0);
        while begun.elapsed() < time {
            let from = Instant::now();
            (0..EVENTS).for_each(&mut publish);
            spent += from.elapsed();
            events += EVENTS;
            while let Ok(batch) = consumer.try_batch() {
                drop(batch);
            }
        }
        spent.as_nanos() as f64 / events as f64
    };
    timed(round / 4);
    let (mut alone, mut scraped, mut scrapes) = (Vec::new(), Vec::new(), 0);
    for number in 0..ROUNDS {
        for is_scraped in [number % 2 == 0, number % 2 != 0] {
            let scraper = is_scraped.then(|| Scraper::start(server.address()));
            if is_scraped { &mut scraped } else { &mut alone }.push(timed(round));
            scrapes += scraper.map_or(0, Scraper::stop);
        }
    }
    println!("{name:12} alone {}   scraped {}   {scrapes} scrapes", spread(alone), spread(scraped));
}

fn spread(mut figures: Vec<f64>) -> String {
    figures.sort_unstable_by(f64::total_cmp);
    format!("{:.2} ({:.2} to {:.2})", figures[ROUNDS / 2], figures[0], figures[ROUNDS - 1])
}

/// A thread that scrapes.
struct Scraper {
    is_stopped: Arc<AtomicBool>,
    scrapes: Arc<AtomicU64>,
    thread: thread::JoinHandle<()>,
}

impl Scraper {
    fn start(address: SocketAddr) -> Self {
        let (is_stopped, scrapes) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
        let (stopped, done) = (Arc::clone(&is_stopped), Arc::clone(&scrapes));
        let thread = thread::spawn(move || {
            while !stopped.load(Relaxed) {
                scrape(address);
                done.fetch_add(1, Relaxed);
                thread::sleep(PERIOD);
            }
        });
        Scraper { is_stopped, scrapes, thread }
    }

    /// Returns how many scrapes there were.
    fn stop(self) -> u64 {
        self.is_stopped.store(true, Relaxed);
        self.thread.join().expect("the scraper does not panic");
        self.scrapes.load(Relaxed)
    }
}

fn scrape(address: SocketAddr) {
    let mut stream = TcpStream::connect(address).expect("the endpoint answers");
    stream.write_all(b"GET /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").expect("it reads");
    let mut text = String::new();
    stream.read_to_string(&mut text).expect("it answers");
    assert!(text.ends_with("# EOF\n"), "{text}");
}
