//! A mirror behind a network that loses, doubles and reorders, and a source that keeps only so much: everything is there, or counted.

use std::time::{Duration, Instant};

use super::*;
use crate::{
    source::{Frames, Read, Step, answer, beat},
    wire::{Batch, LONGEST_EVENT},
};

/// Random numbers that are the same in every run.
struct Rng(u64);

impl Rng {
    fn below(&mut self, n: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 16) % n
    }

    fn one_in(&mut self, n: u64) -> bool {
        self.below(n) == 0
    }
}

const SLOT: u32 = 64;
const CAPACITY: u64 = 64;

fn origin(id: u128, epoch: u64) -> Origin {
    Origin { id, epoch, fingerprint: 5 }
}

/// What a ring published: none where a sequence carried nothing. Its last events alone are kept.
struct Source {
    origin: Origin,
    published: Vec<Option<Vec<u8>>>,
    kept: u64,
}

impl Source {
    fn new(origin: Origin, kept: u64) -> Self {
        Source { origin, published: Vec::new(), kept }
    }

    fn next(&self) -> u64 {
        self.published.len() as u64
    }

    fn publish(&mut self, rng: &mut Rng) {
        let number = self.next();
        let data = number.to_le_bytes().repeat(rng.below(4) as usize);
        self.published.push((!rng.one_in(6)).then_some(data));
    }

    fn beat(&self) -> Vec<u8> {
        let next = self.next();
        beat(self.origin, (CAPACITY, SLOT), next.saturating_sub(self.kept), next)
    }

    fn reader(&self, at: u64) -> Reader<'_> {
        Reader { source: self, at: at.max(self.next().saturating_sub(self.kept)) }
    }

    fn answer(&self, from: u64, to: u64) -> Vec<Vec<u8>> {
        let mut frames = Vec::new();
        let keep = |frame| {
            frames.push(frame);
            Ok(())
        };
        answer(&mut self.reader(from), self.origin, from, to.min(self.next()), keep).unwrap();
        frames.push(self.beat());
        frames
    }
}

struct Reader<'a> {
    source: &'a Source,
    at: u64,
}

impl Read for Reader<'_> {
    fn next(&mut self, out: &mut [u8; LONGEST_EVENT], _timeout: Duration) -> anyhow::Result<Step> {
        while let Some(event) = self.source.published.get(self.at as usize) {
            let sequence = self.at;
            self.at += 1;
            if let Some(data) = event {
                out[..data.len()].copy_from_slice(data);
                return Ok(Step::Event { sequence, event_type: sequence as u32, len: data.len() });
            }
        }
        Ok(Step::Nothing)
    }

    fn position(&self) -> u64 {
        self.at
    }
}

/// A ring in a list.
#[derive(Debug, Default)]
struct List {
    first: u64,
    carried: Vec<Option<Vec<u8>>>,
}

impl Sink for List {
    fn next(&self) -> u64 {
        self.first + self.carried.len() as u64
    }

    fn publish(&mut self, data: &[u8], event_type: u32) -> anyhow::Result<()> {
        assert_eq!(event_type, self.next() as u32);
        self.carried.push(Some(data.to_vec()));
        Ok(())
    }

    fn skip_to(&mut self, sequence: u64) -> anyhow::Result<()> {
        assert!(sequence < 1 << 30, "no test goes so far");
        while self.next() < sequence {
            self.carried.push(None);
        }
        Ok(())
    }

    fn longest(&self) -> usize {
        SLOT as usize
    }
}

#[derive(Debug, Default)]
struct Lists;

impl Sinks for Lists {
    type Sink = List;

    fn found(&mut self) -> anyhow::Result<Option<(Origin, List)>> {
        Ok(None)
    }

    fn create(&mut self, source: Described, first: u64) -> anyhow::Result<List> {
        assert_eq!((source.capacity, source.slot_bytes), (CAPACITY, SLOT));
        Ok(List { first, carried: Vec::new() })
    }
}

/// The mirror hears the answer to its question.
fn hear(mirror: &mut Mirror<Lists>, source: &Source, question: Question, now: Instant) -> anyhow::Result<()> {
    for frame in source.answer(question.from, question.to) {
        mirror.take(&frame, Via::Answer(question.number), now)?;
    }
    Ok(())
}

fn mirror(begin: Begin) -> Mirror<Lists> {
    let bounds = Bounds { waiting_bytes: 4096, patience: Duration::from_secs(30), farthest: 1 << 20 };
    Mirror::new(Lists, begin, bounds).unwrap()
}

/// That the mirror has what the source had, but for what it counts as lost; and that it holds no more than it may.
fn check(mirror: &Mirror<Lists>, source: &Source) {
    let ring = mirror.ring.as_ref().unwrap();
    assert!(ring.books.balance(), "{:?}", ring.books);
    assert_eq!(ring.books.next, ring.sink.next());
    assert!(ring.waiting_bytes <= 4096);
    assert_eq!(ring.waiting_bytes, ring.waiting.values().map(Vec::len).sum::<usize>());
    let mut absent = 0;
    for (number, carried) in (ring.sink.first..).zip(&ring.sink.carried) {
        match (&source.published[number as usize], carried) {
            (Some(there), Some(here)) => assert_eq!(there, here, "{number}"),
            (Some(_), None) => absent += 1,
            (None, None) => {}
            (None, Some(_)) => panic!("{number} carried nothing"),
        }
    }
    assert!(absent <= ring.books.lost, "{absent} of {:?}", ring.books);
}

/// Lets a source publish behind a bad network, which then is well. Returns the mirror.
fn run(seed: u64, kept: u64) -> (Mirror<Lists>, Source) {
    let mut rng = Rng(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
    let mut source = Source::new(origin(1, 1), kept);
    let mut mirror = mirror(if seed.is_multiple_of(2) { Begin::Newest } else { Begin::Oldest });
    let mut now = Instant::now();
    let mut network: Vec<(Via, Vec<u8>)> = Vec::new();
    let mut sent = 0;
    for step in 0..1500 {
        now += Duration::from_millis(20);
        let is_bad = step < 1000;
        if is_bad {
            (0..rng.below(8)).for_each(|_| source.publish(&mut rng));
        }
        let mut reader = source.reader(sent);
        let mut frames = Frames::new(&mut reader, source.origin);
        let made = frames.make(u64::MAX, Duration::ZERO).unwrap();
        sent = frames.position();
        network.extend(made.frame.map(|frame| (Via::Live, frame)));
        if step % 10 == 0 {
            let beat = beat(source.origin, (CAPACITY, SLOT), source.next().saturating_sub(kept), sent);
            network.push((Via::Live, beat));
        }
        if let Some(question) = mirror.question(now) {
            let answer = source.answer(question.from, question.to);
            network.extend(answer.into_iter().map(|frame| (Via::Answer(question.number), frame)));
        }
        // Whatever lies there arrives, or not, or twice, or later.
        for (via, frame) in std::mem::take(&mut network) {
            match if is_bad { rng.below(10) } else { 9 } {
                0 | 1 => {}
                2 => network.push((via, frame)),
                3 => {
                    network.push((via, frame.clone()));
                    mirror.take(&frame, via, now).unwrap();
                }
                _ => _ = mirror.take(&frame, via, now).unwrap(),
            }
        }
        mirror.tick(now).unwrap();
        if mirror.ring.is_some() {
            check(&mirror, &source);
        }
    }
    (mirror, source)
}

#[test]
fn what_the_source_keeps_is_mirrored_whole_whatever_the_network_does() {
    for seed in 0..24 {
        let (mirror, source) = run(seed, u64::MAX);
        let books = mirror.books();
        assert_eq!((books.next, books.lost), (source.next(), 0), "{seed}: {books:?}");
        assert!(books.received > 0 && books.repaired > 0, "{seed}: {books:?}");
    }
}

#[test]
fn what_the_source_has_no_more_is_counted_and_nothing_else() {
    let mut lost = 0;
    for seed in 0..24 {
        let (mirror, source) = run(seed, 20);
        let books = mirror.books();
        assert_eq!(books.next, source.next(), "{seed}: {books:?}");
        lost += books.lost;
    }
    assert!(lost > 0, "something was lost in one of these");
}

/// A mirror that has met `source`, with nothing missing.
fn met(source: &Source) -> (Mirror<Lists>, Instant) {
    let (mut mirror, now) = (mirror(Begin::Oldest), Instant::now());
    assert_eq!(mirror.take(&source.beat(), Via::Live, now).unwrap(), None);
    while let Some(question) = mirror.question(now) {
        hear(&mut mirror, source, question, now).unwrap();
    }
    (mirror, now)
}

fn source_of(events: u64) -> Source {
    let (mut source, mut rng) = (Source::new(origin(1, 10), u64::MAX), Rng(7));
    (0..events).for_each(|_| source.publish(&mut rng));
    source
}

#[test]
fn a_last_event_that_did_not_come_is_noticed_by_a_beat() {
    let mut source = source_of(10);
    let (mut mirror, now) = met(&source);
    source.published.push(Some(b"the last".to_vec()));
    assert_eq!(mirror.question(now), None);
    mirror.take(&source.beat(), Via::Live, now).unwrap();
    let question = mirror.question(now + PAUSE).unwrap();
    assert_eq!((question.origin, question.from, question.to), (source.origin, 10, 11));
    // It is asked once, but when it cannot be answered.
    let later = now + 2 * PAUSE;
    assert_eq!(mirror.question(later), None);
    mirror.end_answer(question.number - 1, later);
    assert_eq!(mirror.question(later + PAUSE), None);
    mirror.end_answer(question.number, later);
    assert_eq!(mirror.question(later), None);
    let again = mirror.question(later + PAUSE).unwrap();
    assert_eq!(again, Question { number: question.number + 1, ..question });
}

#[test]
fn a_source_that_is_silent_is_waited_for_and_one_that_does_not_answer_is_not() {
    let mut source = source_of(10);
    let (mut mirror, start) = met(&source);
    source.published.push(Some(b"missing".to_vec()));
    mirror.take(&source.beat(), Via::Live, start).unwrap();
    // An hour of silence.
    for second in 0..3600 {
        mirror.tick(start + Duration::from_secs(second)).unwrap();
    }
    assert_eq!(mirror.books().lost, 0);
    let again = start + Duration::from_secs(3600);
    for tenth in 0..310 {
        let now = again + Duration::from_millis(100 * tenth);
        mirror.take(&source.beat(), Via::Live, now).unwrap();
        mirror.tick(now).unwrap();
        assert_eq!(mirror.books().lost, u64::from(tenth >= 300), "{tenth}");
    }
    assert!(mirror.books().balance());
}

#[test]
fn a_source_that_began_anew_is_not_taken_for_the_old_one() {
    let old = source_of(10);
    let (mut mirror, now) = met(&old);
    let mut new = source_of(4);
    new.origin = origin(2, 11);
    // Its events alone make nothing of it: it describes itself first.
    let frame = Frames::new(&mut new.reader(0), new.origin).make(u64::MAX, Duration::ZERO).unwrap().frame.unwrap();
    assert!(mirror.take(&frame, Via::Live, now).unwrap().unwrap().contains("epoch 11"));
    assert_eq!(mirror.take(&new.beat(), Via::Live, now).unwrap(), None);
    assert_eq!(mirror.take(&frame, Via::Live, now).unwrap(), None);
    check(&mirror, &new);
    assert_eq!((mirror.books().next, mirror.ended().len(), mirror.ended()[0].next), (4, 1, 10));
    assert!(mirror.ended()[0].balance());
    // What still comes of the old one is refused, and does not end the new one.
    assert!(mirror.take(&old.beat(), Via::Live, now).unwrap().unwrap().contains("later"));
    assert_eq!((mirror.books().next, mirror.books().refused), (4, 2));
}

#[test]
fn frames_of_another_type_or_no_frames_change_nothing() {
    let source = source_of(10);
    let (mut mirror, now) = met(&source);
    let books = mirror.books();
    let other = Origin { fingerprint: 6, ..source.origin };
    let mut batch = Batch::new(other, 10);
    batch.push(10, 1, b"of another type");
    for frame in [batch.finish(11).unwrap(), b"nonsense".to_vec(), vec![0; 1 << 20], Vec::new()] {
        assert!(mirror.take(&frame, Via::Live, now).unwrap().is_some());
    }
    assert_eq!(mirror.books(), Books { refused: 4, ..books });
}

#[test]
fn forged_sequences_are_asked_for_and_then_dropped_and_what_is_kept_meanwhile_is_bounded() {
    let mut source = source_of(10);
    let (mut mirror, now) = met(&source);
    let forged = |at: u64| {
        let mut batch = Batch::new(source.origin, at);
        batch.push(at, 1, &[0; 64]);
        batch.finish(at + 1).unwrap()
    };
    // Gaps without end.
    for at in 0..1000 {
        mirror.take(&forged(100 + 2 * at), Via::Live, now).unwrap();
    }
    assert!(mirror.take(&forged(1 << 40), Via::Live, now).unwrap().unwrap().contains("beyond"));
    assert!(mirror.books().put_off > 0);
    check(&mirror, &source);
    source.published.push(Some(b"a true one".to_vec()));
    let question = mirror.question(now + PAUSE).unwrap();
    assert_eq!((question.from, question.to), (10, 100));
    hear(&mut mirror, &source, question, now).unwrap();
    let ring = mirror.ring.as_ref().unwrap();
    assert_eq!((ring.books.next, ring.waiting.len(), ring.gap_end(), ring.books.lost), (11, 0, None, 0));
}

#[test]
fn a_mirror_that_was_led_beyond_its_source_says_so() {
    let source = source_of(10);
    let (mut mirror, now) = met(&source);
    mirror.take(&Batch::new(source.origin, 10).finish(500).unwrap(), Via::Live, now).unwrap();
    let mut forged = Batch::new(source.origin, 600);
    forged.push(600, 1, b"more");
    mirror.take(&forged.finish(601).unwrap(), Via::Live, now).unwrap();
    let question = mirror.question(now + PAUSE).unwrap();
    let error = hear(&mut mirror, &source, question, now).unwrap_err();
    assert!(error.to_string().contains("somebody else publishes"), "{error}");
}

#[test]
fn an_event_that_no_slot_holds_is_counted_and_those_beside_it_are_there() {
    let source = source_of(10);
    let (mut mirror, now) = met(&source);
    let mut batch = Batch::new(source.origin, 10);
    batch.push(10, 10, b"a");
    batch.push(11, 11, &[0; 65]);
    batch.push(12, 12, b"b");
    mirror.take(&batch.finish(13).unwrap(), Via::Live, now).unwrap();
    let books = mirror.books();
    assert_eq!((books.next, books.lost, books.refused, books.received), (13, 1, 1, 2));
    assert!(books.balance());
}

/// What is missing is said by an answer, of what was asked for alone.
#[test]
fn nobody_is_believed_who_says_unasked_that_something_is_missing() {
    let source = source_of(10);
    let (mut mirror, now) = met(&source);
    let missing = Frame { origin: source.origin, from: 10, to: 1000, body: Body::Missing }.encode();
    assert!(mirror.take(&missing, Via::Live, now).unwrap().is_some());
    mirror.take(&missing, Via::Answer(1), now).unwrap();
    assert_eq!((mirror.books().next, mirror.books().lost), (10, 0));
    // Nor of another question, nor of more than was asked for.
    mirror.take(&beat(source.origin, (CAPACITY, SLOT), 0, 12), Via::Live, now).unwrap();
    let question = mirror.question(now + PAUSE).unwrap();
    assert_eq!((question.from, question.to), (10, 12));
    for number in [question.number - 1, question.number + 1] {
        mirror.take(&missing, Via::Answer(number), now).unwrap();
        assert_eq!((mirror.books().next, mirror.books().lost), (10, 0));
    }
    mirror.take(&missing, Via::Answer(question.number), now).unwrap();
    assert_eq!((mirror.books().next, mirror.books().lost), (12, 2));
}
