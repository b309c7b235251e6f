//! How long 64 bytes take there and back: between two threads of one process, and between two processes, on the same rings in the
//! same kind of file. `cargo run --release -p rusted-ring-shm --example round_trip`, with the machine left alone.

use std::{
    env,
    error::Error,
    path::Path,
    process::{Child, Command},
    thread,
    time::{Duration, Instant},
};

use rusted_ring::{Bytes, Consumer, Sole, SolePublisher, Start, wait::WaitStrategy};
use rusted_ring_shm::{Ring, RingFile};

type Line = Ring<Bytes<64>, Sole>;

/// Round trips of a batch, of which the first is not measured.
const ROUNDS: usize = 20_000;
const BATCHES: usize = 10;
const LONG: Duration = Duration::from_secs(30);

fn main() -> Result<(), Box<dyn Error>> {
    if let Some(place) = env::args().nth(1) {
        return echo(Path::new(&place), WaitStrategy::Yield);
    }
    let shared = Path::new("/dev/shm");
    let place = tempfile::Builder::new().prefix("rusted-ring-round-trip").tempdir_in(shared)?;
    let threads = measure(&place.path().join("threads"), |place| {
        let place = place.to_owned();
        thread::spawn(move || echo(&place, WaitStrategy::Yield).unwrap());
        Ok(None)
    })?;
    let processes = measure(&place.path().join("processes"), |place| {
        Ok(Some(Command::new(env::current_exe()?).arg(place).spawn()?))
    })?;
    println!("two threads    {threads:>8.1?} there and back, median of {BATCHES} batches of {ROUNDS}");
    println!("two processes  {processes:>8.1?}");
    println!("ratio          {:>8.2}", processes.as_secs_f64() / threads.as_secs_f64());
    Ok(())
}

/// The two rings in `place`.
fn rings(place: &Path) -> Result<(Line, Line), Box<dyn Error>> {
    let open = |name| RingFile::at(place.join(name)).open_or_create(64);
    Ok((open("there")?, open("back")?))
}

/// Answers whatever comes, until nothing more does.
fn echo(place: &Path, strategy: WaitStrategy) -> Result<(), Box<dyn Error>> {
    let (there, back) = rings(place)?;
    let mut requests = Consumer::join(there, Start::Oldest)?.waiting(strategy);
    let mut answers = SolePublisher::join(back)?.waiting(strategy);
    for _ in 0..ROUNDS * (BATCHES + 1) {
        let event = requests.copy_timeout(LONG)?;
        answers.publish(event.bytes(), event.event_type)?;
    }
    Ok(())
}

/// The median of the batches' times for one round trip, where `start` starts who echoes.
fn measure(
    place: &Path,
    start: impl FnOnce(&Path) -> Result<Option<Child>, Box<dyn Error>>,
) -> Result<Duration, Box<dyn Error>> {
    std::fs::create_dir(place)?;
    let (there, back) = rings(place)?;
    let mut answers = Consumer::join(back, Start::Oldest)?.waiting(WaitStrategy::Yield);
    let mut requests = SolePublisher::join(there)?;
    let child = start(place)?;
    let mut times = Vec::new();
    for batch in 0..=BATCHES {
        let begun = Instant::now();
        for n in 0..ROUNDS {
            requests.publish(&[n as u8; 64], 1)?;
            assert_eq!(answers.copy_timeout(LONG)?.bytes(), [n as u8; 64]);
        }
        if batch > 0 {
            times.push(begun.elapsed() / ROUNDS as u32);
        }
    }
    times.sort();
    if let Some(mut child) = child {
        assert!(child.wait()?.success());
    }
    Ok(times[BATCHES / 2])
}
