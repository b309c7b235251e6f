//! The two sides of a measurement, which are the same in two processes and in two threads.

use std::{
    fmt,
    hint::spin_loop,
    str::FromStr,
    thread,
    time::{Duration, Instant},
};

use rusted_ring::{
    Bytes, Consumer, JoinError, PooledEvent, RingRef, Sole, SolePublisher, Start, Subscriber, publisher::PublishError,
    subscriber::TryRecvError,
};

use super::{histogram::Histogram, options::Measure};

/// The type of an event behind which none comes.
const LAST: u32 = 1;
/// Trips whose mean is taken.
const BLOCK: u32 = 32;
/// Pauses of the processor after a look that found nothing, where events come in a stream: each look takes the line from who fills it.
const STREAM_PAUSES: u32 = 32;
/// Looks from one question to the next whether it is over.
const LOOKS: u32 = 4096;

/// The measurement cannot be finished: the other side has ended, or somebody asked to stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Over;

/// What a reader counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Account {
    pub(super) received: u64,
    pub(super) lost: u64,
    /// Events with another number than they should have, or with two.
    pub(super) wrong: u64,
    /// From the first event to the last.
    pub(super) nanoseconds: u64,
}

impl fmt::Display for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Account { received, lost, wrong, nanoseconds } = self;
        write!(f, "{received} {lost} {wrong} {nanoseconds}")
    }
}

impl FromStr for Account {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let numbers: Result<Vec<u64>, _> = text.split_whitespace().map(str::parse).collect();
        match numbers.as_deref() {
            Ok([received, lost, wrong, nanoseconds]) => {
                Ok(Account { received: *received, lost: *lost, wrong: *wrong, nanoseconds: *nanoseconds })
            }
            _ => Err(format!("`{text}` is no account: four numbers were expected")),
        }
    }
}

/// What the first side measured.
#[derive(Clone, Debug, Default)]
pub(super) struct Led {
    pub(super) published: u64,
    /// Round trips: means of [`BLOCK`], and single ones, in nanoseconds.
    pub(super) means: Vec<f64>,
    pub(super) trips: Histogram,
    /// Round trips: events that came back other than they were sent.
    pub(super) wrong: u64,
}

/// How a side waits: it does not sleep, and now and then asks whether it is over.
pub(super) struct Patience<'a> {
    pub(super) is_crowded: bool,
    pub(super) is_over: &'a (dyn Fn() -> bool + Sync),
}

impl Patience<'_> {
    fn until<T>(&self, pauses: u32, mut look: impl FnMut() -> Option<T>) -> Result<T, Over> {
        loop {
            for _ in 0..LOOKS {
                if let Some(found) = look() {
                    return Ok(found);
                }
                if self.is_crowded {
                    thread::yield_now();
                } else {
                    (0..pauses).for_each(|_| spin_loop());
                }
            }
            if (self.is_over)() {
                return Err(Over);
            }
        }
    }
}

/// An event that carries its number in its first word and in its last.
fn number<const N: usize>(buffer: &mut [u8; N], number: u64) {
    buffer[..8].copy_from_slice(&number.to_le_bytes());
    buffer[N - 8..].copy_from_slice(&number.to_le_bytes());
}

/// The number of an event; none, if it has two, or another length.
fn number_of<const N: usize>(bytes: &[u8]) -> Option<u64> {
    let (first, last) = (bytes.first_chunk()?, bytes.last_chunk()?);
    (bytes.len() == N && first == last).then(|| u64::from_le_bytes(*first))
}

/// What a look of a reader finds. Large, and on the stack: nothing is allocated for an event.
#[allow(clippy::large_enum_variant)]
enum Look<const N: usize> {
    Event(PooledEvent<N>),
    Lost(u64),
    Nothing,
}

/// Either kind of reader.
trait Read<const N: usize> {
    fn look(&mut self) -> Look<N>;
}

impl<const N: usize, R: RingRef<Slot = Bytes<N>>> Read<N> for Consumer<R> {
    fn look(&mut self) -> Look<N> {
        match self.try_copy() {
            Ok(event) => Look::Event(event),
            Err(_) => Look::Nothing,
        }
    }
}

impl<const N: usize, R: RingRef<Slot = Bytes<N>>> Read<N> for Subscriber<R> {
    fn look(&mut self) -> Look<N> {
        match self.try_recv() {
            Ok(event) => Look::Event(event),
            Err(TryRecvError::Lagged(lagged)) => Look::Lost(lagged.count()),
            Err(_) => Look::Nothing,
        }
    }
}

fn publish<const N: usize, R: RingRef<Slot = Bytes<N>, Mode = Sole>>(
    publisher: &mut SolePublisher<R>,
    data: &[u8; N],
    event_type: u32,
    pauses: u32,
    patience: &Patience<'_>,
) -> Result<(), Over> {
    patience.until(pauses, || match publisher.try_publish(data, event_type) {
        Ok(_) => Some(Ok(())),
        Err(PublishError::Full(_)) => None,
        Err(_) => Some(Err(Over)),
    })?
}

/// The first side, which has joined, and measures once the second has.
pub(super) struct Lead<R: RingRef<Mode = Sole>> {
    there: SolePublisher<R>,
    back: Consumer<R>,
}

impl<const N: usize, R: RingRef<Slot = Bytes<N>, Mode = Sole>> Lead<R> {
    pub(super) fn join(there: R, back: R) -> Result<Self, JoinError> {
        Ok(Lead { there: SolePublisher::join(there)?, back: Consumer::join(back, Start::Oldest)?.named("bench") })
    }

    /// Measures for `time`, after a fifth of it that does not count.
    pub(super) fn run(mut self, measure: Measure, time: Duration, patience: &Patience<'_>) -> Result<Led, Over> {
        match measure {
            Measure::RoundTrip => self.trips(time, patience),
            Measure::Consumer | Measure::Subscriber => self.stream(time, patience),
        }
    }

    fn trips(&mut self, time: Duration, patience: &Patience<'_>) -> Result<Led, Over> {
        let (mut led, mut buffer, begun) = (Led::default(), [0; N], Instant::now());
        let mut is_warm = false;
        let mut event_type = 0;
        let mut trip = |led: &mut Led, event_type| {
            number(&mut buffer, led.published);
            publish(&mut self.there, &buffer, event_type, 1, patience)?;
            let came = patience.until(1, || match self.back.look() {
                Look::Event(event) => Some(number_of::<N>(event.bytes())),
                _ => None,
            })?;
            led.wrong += u64::from(came != Some(led.published));
            led.published += 1;
            Ok(())
        };
        while event_type != LAST {
            let from = Instant::now();
            for _ in 0..BLOCK {
                trip(&mut led, 0)?;
            }
            let mut before = Instant::now();
            led.means.push((before - from).as_nanos() as f64 / f64::from(BLOCK));
            for _ in 0..BLOCK {
                trip(&mut led, 0)?;
                let now = Instant::now();
                led.trips.add((now - before).as_nanos() as u64);
                before = now;
            }
            let passed = before - begun;
            if !is_warm && passed >= time / 5 {
                is_warm = true;
                led.means.clear();
                led.trips.clear();
            } else if passed >= time + time / 5 {
                event_type = LAST;
            }
            if (patience.is_over)() {
                return Err(Over);
            }
        }
        trip(&mut led, LAST)?;
        Ok(led)
    }

    fn stream(&mut self, time: Duration, patience: &Patience<'_>) -> Result<Led, Over> {
        let (mut led, mut buffer, begun) = (Led::default(), [0; N], Instant::now());
        while begun.elapsed() < time {
            for _ in 0..BLOCK {
                number(&mut buffer, led.published);
                publish(&mut self.there, &buffer, 0, STREAM_PAUSES, patience)?;
                led.published += 1;
            }
            // Nobody may be waited for, and nobody be there.
            if led.published.is_multiple_of(u64::from(LOOKS)) && (patience.is_over)() {
                return Err(Over);
            }
        }
        number(&mut buffer, led.published);
        publish(&mut self.there, &buffer, LAST, STREAM_PAUSES, patience)?;
        led.published += 1;
        Ok(led)
    }
}

/// The second side, which has joined.
pub(super) enum Follow<R: RingRef<Mode = Sole>> {
    Echo { there: Consumer<R>, back: SolePublisher<R> },
    Consumer(Consumer<R>),
    Subscriber(Subscriber<R>),
}

impl<const N: usize, R: RingRef<Slot = Bytes<N>, Mode = Sole>> Follow<R> {
    pub(super) fn join(there: R, back: R, measure: Measure) -> Result<Self, JoinError> {
        let consumer = |ring| Ok::<_, JoinError>(Consumer::join(ring, Start::Oldest)?.named("bench"));
        Ok(match measure {
            Measure::RoundTrip => Follow::Echo { there: consumer(there)?, back: SolePublisher::join(back)? },
            Measure::Consumer => Follow::Consumer(consumer(there)?),
            Measure::Subscriber => Follow::Subscriber(Subscriber::join(there, Start::Oldest).named("bench")),
        })
    }

    /// Reads to the last event.
    pub(super) fn run(self, patience: &Patience<'_>) -> Result<Account, Over> {
        match self {
            Follow::Echo { mut there, mut back } => {
                let mut buffer = [0; N];
                read(&mut there, 1, patience, |event| {
                    buffer.copy_from_slice(event.bytes().first_chunk::<N>().ok_or(Over)?);
                    publish(&mut back, &buffer, 0, 1, patience)
                })
            }
            Follow::Consumer(mut reader) => read(&mut reader, STREAM_PAUSES, patience, |_| Ok(())),
            Follow::Subscriber(mut reader) => read(&mut reader, STREAM_PAUSES, patience, |_| Ok(())),
        }
    }
}

fn read<const N: usize>(
    reader: &mut impl Read<N>,
    pauses: u32,
    patience: &Patience<'_>,
    mut each: impl FnMut(&PooledEvent<N>) -> Result<(), Over>,
) -> Result<Account, Over> {
    let (mut account, mut first) = (Account::default(), None);
    loop {
        // The event is not moved out of the look.
        let is_last = patience.until(pauses, || match reader.look() {
            Look::Event(event) => {
                first.get_or_insert_with(Instant::now);
                account.wrong += u64::from(number_of::<N>(event.bytes()) != Some(account.received + account.lost));
                account.received += 1;
                Some(each(&event).map(|()| event.event_type == LAST))
            }
            Look::Lost(lost) => {
                account.lost += lost;
                Some(Ok(false))
            }
            Look::Nothing => None,
        })??;
        if is_last {
            account.nanoseconds = first.map_or(0, |first| first.elapsed().as_nanos() as u64);
            return Ok(account);
        }
    }
}

#[cfg(test)]
mod tests {
    use rusted_ring::HeapRing;

    use super::*;

    #[test]
    fn an_account_survives_the_way_between_two_processes() {
        let account = Account { received: 5, lost: 7, wrong: 1, nanoseconds: 9 };
        assert_eq!(account.to_string().parse(), Ok(account));
        assert!("5 7".parse::<Account>().is_err());
    }

    #[test]
    fn each_measure_balances_and_ends_when_it_is_over() {
        for measure in [Measure::RoundTrip, Measure::Consumer, Measure::Subscriber] {
            let rings = [(); 2].map(|()| HeapRing::<64, Sole>::sole(8));
            let lead = Lead::join(rings[0].clone(), rings[1].clone()).unwrap();
            let follow = Follow::join(rings[0].clone(), rings[1].clone(), measure).unwrap();
            let patience = || Patience { is_crowded: true, is_over: &|| false };
            let (led, account) = thread::scope(|scope| {
                let account = scope.spawn(move || follow.run(&patience()));
                (lead.run(measure, Duration::from_millis(2), &patience()).unwrap(), account.join().unwrap().unwrap())
            });
            assert_eq!((account.received + account.lost, account.wrong, led.wrong), (led.published, 0, 0));
            assert_eq!(led.means.is_empty(), measure != Measure::RoundTrip);
        }
        let rings = [(); 2].map(|()| HeapRing::<64, Sole>::sole(8));
        let lead = Lead::join(rings[0].clone(), rings[1].clone()).unwrap();
        let over = Patience { is_crowded: true, is_over: &|| true };
        assert_eq!(lead.run(Measure::RoundTrip, Duration::from_secs(1), &over).unwrap_err(), Over);
    }

    #[test]
    fn an_event_with_two_numbers_is_wrong() {
        let mut buffer = [0; 64];
        number(&mut buffer, 300);
        assert_eq!(number_of::<64>(&buffer), Some(300));
        buffer[0] += 1;
        assert_eq!(number_of::<64>(&buffer), None);
        assert_eq!(number_of::<64>(&buffer[..32]), None);
    }
}
