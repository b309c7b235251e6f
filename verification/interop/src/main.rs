//! Lets processes in Python, Go and C++ meet on one ring between processes, looks at its books from outside, and kills each of them in turn.
//!
//! Then a journal goes from one language to the next: see `kept.rs`.
//!
//! `interop PYTHON PUBLISHER SUBSCRIBER CONSUMER RRING MAIL-PY MAIL-GO`: the interpreter that has the wheel, and the programs of `programs/`, built; `rring hz` is the
//! observer in Rust. `cargo xtask test --only interop` builds all of them.

mod kept;
mod process;

use std::{
    env,
    path::PathBuf,
    thread,
    time::{Duration, Instant},
};

use process::{Process, Report};
use rusted_ring::{
    Bytes, Many, Publisher,
    ledger::{Ledger, ReaderStatus},
};
use rusted_ring_shm::{AnyObserver, Ring, RingFile};

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

const SLOTS: usize = 1024;
/// How many events go out in peace.
const COUNT: u64 = 20_000;
/// More than a publisher gets rid of before it is killed.
const ENDLESS: u64 = 1 << 40;
/// The type of the event at which readers end.
const END: u32 = 9;
const LONG: Duration = Duration::from_secs(20);

fn main() -> Result<()> {
    let arguments: Vec<PathBuf> = env::args_os().skip(1).map(PathBuf::from).collect();
    let [python, publisher, subscriber, consumer, rring, mail_py, mail_go] = &arguments[..] else {
        return Err("usage: interop PYTHON PUBLISHER SUBSCRIBER CONSUMER RRING MAIL-PY MAIL-GO".into());
    };
    let directory = tempfile::tempdir()?;
    let file = RingFile::at(directory.path().join("ring"));
    let ring: Ring<Bytes<64>, Many> = file.create(SLOTS)?;
    let setup = Setup {
        pen: Publisher::join(ring)?,
        file,
        python: [python.clone(), publisher.clone()],
        subscriber: subscriber.clone(),
        consumer: consumer.clone(),
        rring: rring.clone(),
    };
    setup.peace()?;
    setup.a_killed_consumer_holds_nobody()?;
    setup.a_killed_subscriber_is_missed_by_nobody()?;
    setup.a_killed_publisher_is_followed_by_another()?;
    setup.a_killed_observer_is_noticed_by_nobody()?;
    kept::is_taken_up(directory.path(), [python, mail_py], mail_go)
}

/// The ring, and how its processes are started.
struct Setup {
    file: RingFile,
    pen: Publisher<Ring<Bytes<64>, Many>>,
    python: [PathBuf; 2],
    subscriber: PathBuf,
    consumer: PathBuf,
    rring: PathBuf,
}

impl Setup {
    fn path(&self) -> &str {
        self.file.path().to_str().expect("a temporary directory has a name of text")
    }

    fn publisher(&self, first: u64, count: u64) -> Result<Process> {
        let [python, program] = &self.python;
        let program = program.to_str().ok_or("the publisher's path is no text")?;
        Process::start("python", python, &[program, self.path(), &first.to_string(), &count.to_string()])
    }

    fn subscriber(&self) -> Result<Process> {
        Process::start("go", &self.subscriber, &[self.path()])
    }

    fn consumer(&self) -> Result<Process> {
        Process::start("c++", &self.consumer, &[self.path()])
    }

    fn claimed(&self) -> u64 {
        Ledger::of(self.pen.ring()).claimed().get()
    }

    /// Looks at the books, which balance in every line, whenever one looks.
    fn look(&self, observer: &mut AnyObserver) -> Result<(u64, Vec<ReaderStatus>)> {
        observer.look()?;
        let readers = observer.readers();
        for line in &readers {
            let all = line.received + line.repaired + line.lost + line.holes + line.shared;
            if line.joined.get() + all != line.position.get() {
                return Err(format!("the line does not balance: {line:?}").into());
            }
        }
        Ok((observer.claimed().get(), readers))
    }

    /// Looks until `is_so`.
    fn until(
        &self,
        what: &str,
        mut is_so: impl FnMut(u64, &[ReaderStatus]) -> bool,
    ) -> Result<(u64, Vec<ReaderStatus>)> {
        let mut observer = self.file.observe_any()?;
        let begun = Instant::now();
        loop {
            let (claimed, readers) = self.look(&mut observer)?;
            if is_so(claimed, &readers) {
                return Ok((claimed, readers));
            }
            if begun.elapsed() > LONG {
                return Err(format!("after {LONG:?} not yet: {what}; claimed {claimed}, {readers:#?}").into());
            }
            thread::sleep(Duration::from_millis(2));
        }
    }

    /// Waits until publishers have gone on for some laps.
    fn goes_on(&self, what: &str) -> Result<()> {
        let from = self.file.observe_any()?.claimed().get();
        self.until(what, |claimed, _| claimed > from + 8 * SLOTS as u64).map(drop)
    }

    /// Tells the readers to end.
    fn end(&self) -> Result<()> {
        self.pen.publish_timeout(b"", END, LONG)?;
        Ok(())
    }

    fn peace(&self) -> Result<()> {
        let (mut consumer, mut subscriber) = (self.consumer()?, self.subscriber()?);
        let joined = self.claimed();
        let mut publisher = self.publisher(0, COUNT)?;
        publisher.hear("published")?;
        publisher.end()?;
        let (claimed, readers) = self.until("both readers have come to the end", |_, readers| {
            readers.len() == 2 && readers.iter().all(|line| line.ahead == 0)
        })?;
        if claimed - joined != COUNT {
            return Err(format!("{COUNT} events went out, and {} sequences were claimed", claimed - joined).into());
        }
        let line =
            |name: &str| readers.iter().find(|line| line.name.as_str() == name).ok_or(format!("no line of {name}"));
        let (of_consumer, of_subscriber) = (*line("c++")?, *line("go")?);
        self.end()?;
        let all = Report { received: COUNT, lost: 0, sum: COUNT * (COUNT - 1) / 2, broken: 0, back: 0 };
        consumer.reports_exactly(&all)?;
        if (of_consumer.received, of_consumer.lost, of_consumer.holes) != (COUNT, 0, 0) {
            return Err(format!("the ledger differs from what the consumer says: {of_consumer:?}").into());
        }
        let report = subscriber.report()?;
        if (of_subscriber.received, of_subscriber.lost) != (report.received, report.lost)
            || report.received + report.lost != COUNT
        {
            return Err(
                format!("the ledger differs from what the subscriber says: {of_subscriber:?}, {report:?}").into()
            );
        }
        println!(
            "in peace: {COUNT} events from python; c++ received all of them, go received {} and lost {}",
            report.received, report.lost
        );
        Ok(())
    }

    fn a_killed_consumer_holds_nobody(&self) -> Result<()> {
        let (consumer, mut subscriber) = (self.consumer()?, self.subscriber()?);
        let publisher = self.publisher(0, ENDLESS)?;
        self.goes_on("the consumer and its publisher work")?;
        consumer.kill()?;
        self.goes_on("the publisher goes on behind the killed consumer")?;
        self.until("the killed consumer is gone", |_, readers| readers.iter().all(|line| line.name.as_str() != "c++"))?;
        publisher.kill()?;
        self.end()?;
        let report = subscriber.report()?;
        println!("consumer killed: the publisher went on, and go received {} whole events", report.received);
        Ok(())
    }

    fn a_killed_subscriber_is_missed_by_nobody(&self) -> Result<()> {
        let (mut consumer, subscriber) = (self.consumer()?, self.subscriber()?);
        let publisher = self.publisher(0, ENDLESS)?;
        self.goes_on("all three work")?;
        subscriber.kill()?;
        self.goes_on("the others go on without the subscriber")?;
        let mut next = self.subscriber()?;
        self.goes_on("another subscriber works")?;
        publisher.kill()?;
        self.end()?;
        let (all, some) = (consumer.report()?, next.report()?);
        all.is_without_gaps(0)?;
        println!(
            "subscriber killed: c++ received {} events without a gap, the next in go {}",
            all.received, some.received
        );
        Ok(())
    }

    fn a_killed_publisher_is_followed_by_another(&self) -> Result<()> {
        let (mut consumer, mut subscriber) = (self.consumer()?, self.subscriber()?);
        let joined = self.claimed();
        let publisher = self.publisher(0, ENDLESS)?;
        self.goes_on("the publisher works")?;
        publisher.kill()?;
        let mut next = self.publisher(ENDLESS, COUNT)?;
        next.hear("published")?;
        next.end()?;
        let (claimed, readers) = self.until("the consumer has come to the end", |_, readers| {
            readers.iter().any(|line| line.name.as_str() == "c++" && line.ahead == 0)
        })?;
        let line = readers.iter().find(|line| line.name.as_str() == "c++").ok_or("no line of c++")?;
        if line.lost != 0 || line.received + line.holes != claimed - joined {
            return Err(format!("{} sequences were claimed, and: {line:?}", claimed - joined).into());
        }
        let holes = line.holes;
        self.end()?;
        let (all, some) = (consumer.report()?, subscriber.report()?);
        all.is_without_gaps(COUNT)?;
        println!(
            "publisher killed: c++ received {} events of it and all {COUNT} of the next, {holes} holes; go received {}",
            all.received - COUNT,
            some.received
        );
        Ok(())
    }

    fn a_killed_observer_is_noticed_by_nobody(&self) -> Result<()> {
        let mut consumer = self.consumer()?;
        let publisher = self.publisher(0, ENDLESS)?;
        let mut observer = Process::start_silent("rust", &self.rring, &["hz", "--window", "0.1", self.path()])?;
        let seen = observer.line()?;
        self.goes_on("all work under the observer's eyes")?;
        observer.kill()?;
        self.goes_on("all work without the observer")?;
        publisher.kill()?;
        self.end()?;
        let all = consumer.report()?;
        all.is_without_gaps(0)?;
        println!("observer killed, which had seen `{seen}`: c++ received {} events without a gap", all.received);
        Ok(())
    }
}
