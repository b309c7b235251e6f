//! The mirror's side: frames come in any order, or do not, and the ring has the source's sequences.
//!
//! Nothing here knows a network, a file or a clock: what came is [taken](Mirror::take), and what is to be asked is [said](Mirror::question).

mod ring;
#[cfg(test)]
mod tests;

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use anyhow::bail;

pub use ring::RingFiles;

use crate::{
    books::Books,
    wire::{Body, END, Frame, Origin, Records},
};

/// How a frame came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Via {
    /// As it was published.
    Live,
    /// As an answer to the question of this number.
    Answer(u64),
}

/// Where a mirror's events go.
pub trait Sink {
    /// The next sequence.
    fn next(&self) -> u64;
    /// Publishes an event under the next sequence.
    ///
    /// # Errors
    ///
    /// If it is not to be waited for any longer.
    fn publish(&mut self, data: &[u8], event_type: u32) -> anyhow::Result<()>;
    /// Goes on at `sequence`; what lies before are holes.
    ///
    /// # Errors
    ///
    /// As of [`publish`](Self::publish).
    fn skip_to(&mut self, sequence: u64) -> anyhow::Result<()>;
    /// Bytes of an event, at most.
    fn longest(&self) -> usize;
}

/// What a source says of itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Described {
    /// The ring.
    pub origin: Origin,
    /// Its slots.
    pub capacity: u64,
    /// Bytes of each.
    pub slot_bytes: u32,
}

/// Where the rings of a mirror are made: one for each ring that its source had.
pub trait Sinks {
    /// What it makes.
    type Sink: Sink;
    /// The ring that is there already, and of which ring it is a mirror.
    ///
    /// # Errors
    ///
    /// If it is no mirror.
    fn found(&mut self) -> anyhow::Result<Option<(Origin, Self::Sink)>>;
    /// A new ring, in place of the one that was there, which begins at `first`.
    ///
    /// # Errors
    ///
    /// If it cannot be made, or its type is another than the one before it had.
    fn create(&mut self, source: Described, first: u64) -> anyhow::Result<Self::Sink>;
}

/// What a mirror asks for: the sequences of a ring from `from` to `to`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Question {
    /// Which question it is: its answers come [so](Via::Answer).
    pub number: u64,
    /// The ring.
    pub origin: Origin,
    /// The first sequence.
    pub from: u64,
    /// The one behind the last.
    pub to: u64,
}

/// Where a mirror begins that has nothing yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Begin {
    /// At what the source publishes next.
    Newest,
    /// At the oldest that it has, in its ring or its journal.
    Oldest,
}

/// What a mirror may take, in memory and in time.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// Bytes of frames that wait for what lies before them.
    pub waiting_bytes: usize,
    /// How long a source that lives may leave a question unanswered, before what was asked for counts as lost.
    pub patience: Duration,
    /// Sequences that a source may be ahead, at most: who says more is not believed.
    pub farthest: u64,
}

impl Default for Bounds {
    fn default() -> Self {
        Bounds { waiting_bytes: 8 << 20, patience: Duration::from_secs(60), farthest: 1 << 40 }
    }
}

/// How long the next frame of an answer is waited for, at first: twice as long after each that did not come, for on a slow link there may be much before it.
const ANSWER: Duration = Duration::from_secs(2);
/// The same, at most.
const LATEST_ANSWER: Duration = Duration::from_secs(32);
/// How long after an answer in vain the next question is asked.
const PAUSE: Duration = Duration::from_millis(100);
/// How long a source lives that was heard.
const HEARD: Duration = Duration::from_secs(1);

/// A ring's mirror, and its books.
#[derive(Debug)]
pub struct Mirror<S: Sinks> {
    sinks: S,
    begin: Begin,
    bounds: Bounds,
    ring: Option<Ring<S::Sink>>,
    /// Of the rings that the source had before.
    ended: Vec<Books>,
    /// Frames that were refused before there was a ring.
    refused: u64,
}

/// The ring that is being mirrored.
#[derive(Debug)]
struct Ring<K> {
    origin: Origin,
    sink: K,
    books: Books,
    /// Frames behind a gap, by their first sequences.
    waiting: BTreeMap<u64, Vec<u8>>,
    waiting_bytes: usize,
    /// The source has published all below.
    known: u64,
    heard: Option<Instant>,
    asked: Option<Asked>,
    /// How long an answer is waited for.
    answer: Duration,
    /// No question is asked before.
    pause: Option<Instant>,
    /// Since when the first gap has not become smaller, while the source lived.
    stuck: Option<Instant>,
}

/// A question that is not answered yet.
#[derive(Debug)]
struct Asked {
    number: u64,
    from: u64,
    to: u64,
    /// When it was asked, or heard of last.
    at: Instant,
}

impl<S: Sinks> Mirror<S> {
    /// A mirror that goes on with the ring that is there, or begins with one that its source describes.
    ///
    /// # Errors
    ///
    /// If what is there is no mirror.
    pub fn new(mut sinks: S, begin: Begin, bounds: Bounds) -> anyhow::Result<Self> {
        let ring = sinks.found()?.map(|(origin, sink)| Ring::new(origin, sink));
        Ok(Mirror { sinks, begin, bounds, ring, ended: Vec::new(), refused: 0 })
    }

    /// The books of the ring that is mirrored; of nothing but refused frames, while there is none.
    pub fn books(&self) -> Books {
        let none = Books { refused: self.refused, ..Books::default() };
        self.ring.as_ref().map_or(none, |ring| Books { refused: ring.books.refused + self.refused, ..ring.books })
    }

    /// The books of the rings before, the oldest first.
    pub fn ended(&self) -> &[Books] {
        &self.ended
    }

    /// Takes what came. Returns why it was refused, if it was.
    ///
    /// # Errors
    ///
    /// If the mirror cannot go on.
    pub fn take(&mut self, bytes: &[u8], via: Via, now: Instant) -> anyhow::Result<Option<String>> {
        let refused = self.take_frame(bytes, via, now)?;
        self.refused += u64::from(refused.is_some());
        Ok(refused)
    }

    fn take_frame(&mut self, bytes: &[u8], via: Via, now: Instant) -> anyhow::Result<Option<String>> {
        let frame = match Frame::decode(bytes) {
            Ok(frame) => frame,
            Err(error) => return Ok(Some(error.to_string())),
        };
        if let Body::Beat { capacity, slot_bytes } = frame.body {
            let source = Described { origin: frame.origin, capacity, slot_bytes };
            if let refused @ Some(_) = self.meet(source, frame.from, frame.to)? {
                return Ok(refused);
            }
        }
        let Some(ring) = &mut self.ring else {
            // The source has not described itself yet.
            return Ok(None);
        };
        if frame.origin != ring.origin {
            return Ok(Some(format!(
                "a frame is of ring {:032x}, of epoch {}, and what is mirrored is {:032x}, of epoch {}",
                frame.origin.id, frame.origin.epoch, ring.origin.id, ring.origin.epoch
            )));
        }
        if frame.to.saturating_sub(ring.books.next) > self.bounds.farthest {
            return Ok(Some(format!(
                "a frame goes to sequence {}, more than {} beyond {}, which the mirror wants next",
                frame.to, self.bounds.farthest, ring.books.next
            )));
        }
        ring.heard = Some(now);
        ring.hear_answer(via, now);
        let before = ring.books.next;
        match frame.body {
            Body::Events(records) => {
                ring.events(records, &frame, bytes, via, self.bounds.waiting_bytes)?;
            }
            Body::Missing if via != Via::Live => ring.missing(frame.from, frame.to, via)?,
            Body::Beat { .. } => ring.beat(frame.to, via, now)?,
            Body::Missing | Body::Question => {
                return Ok(Some("a frame says what only an answer, or a mirror, says".to_owned()));
            }
        }
        ring.go_on()?;
        if ring.books.next > before {
            (ring.stuck, ring.pause) = (None, None);
        }
        Ok(None)
    }

    /// Begins with a source that describes itself, or with the ring that it has now. Returns why it is refused, if it is.
    fn meet(&mut self, source: Described, oldest: u64, next: u64) -> anyhow::Result<Option<String>> {
        let first = match (&self.ring, self.begin) {
            (Some(ring), _) if ring.origin == source.origin => return Ok(None),
            (Some(ring), _) if source.origin.epoch <= ring.origin.epoch => {
                return Ok(Some(format!(
                    "a source says that it is of epoch {}, and the ring that is mirrored is of {}, which is later: is an old source still \
                     running, or is the mirror's ring one of another source?",
                    source.origin.epoch, ring.origin.epoch
                )));
            }
            // What the source has published since it began anew is wanted, too.
            (Some(_), _) | (None, Begin::Oldest) => oldest,
            (None, Begin::Newest) => next,
        };
        let sink = self.sinks.create(source, first)?;
        if let Some(before) = self.ring.replace(Ring::new(source.origin, sink)) {
            self.ended.push(before.end());
        }
        Ok(None)
    }

    /// What is to be asked for now, if anything is.
    pub fn question(&mut self, now: Instant) -> Option<Question> {
        let ring = self.ring.as_mut()?;
        let to = ring.gap_end()?;
        if let Some(asked) = &ring.asked {
            if now.saturating_duration_since(asked.at) < ring.answer {
                return None;
            }
            ring.answer = (2 * ring.answer).min(LATEST_ANSWER);
        }
        if ring.pause.is_some_and(|pause| now < pause) {
            return None;
        }
        ring.books.questions += 1;
        let (number, from) = (ring.books.questions, ring.books.next);
        ring.asked = Some(Asked { number, from, to, at: now });
        Some(Question { number, origin: ring.origin, from, to })
    }

    /// No more comes of the answer to the question of this number: if it had no end, it is asked again.
    pub fn end_answer(&mut self, number: u64, now: Instant) {
        if let Some(ring) = &mut self.ring
            && ring.asked.take_if(|asked| asked.number == number).is_some()
        {
            ring.pause = Some(now + PAUSE);
        }
    }

    /// Gives up what does not come, once its time is over.
    ///
    /// # Errors
    ///
    /// If the mirror cannot go on.
    pub fn tick(&mut self, now: Instant) -> anyhow::Result<()> {
        let Some(ring) = &mut self.ring else { return Ok(()) };
        let Some(to) = ring.gap_end() else {
            ring.stuck = None;
            return Ok(());
        };
        // A source that is silent may come again, and answer.
        if ring.heard.is_none_or(|heard| now.saturating_duration_since(heard) > HEARD) {
            ring.stuck = None;
            return Ok(());
        }
        let stuck = *ring.stuck.get_or_insert(now);
        if now.saturating_duration_since(stuck) >= self.bounds.patience {
            ring.lose(to)?;
            ring.go_on()?;
            ring.stuck = None;
        }
        Ok(())
    }
}

impl<K: Sink> Ring<K> {
    fn new(origin: Origin, sink: K) -> Self {
        let next = sink.next();
        Ring {
            origin,
            sink,
            books: Books { begun: next, next, ..Books::default() },
            waiting: BTreeMap::new(),
            waiting_bytes: 0,
            known: next,
            heard: None,
            asked: None,
            answer: ANSWER,
            pause: None,
            stuck: None,
        }
    }

    /// The sequence up to which something is missing, if something is.
    fn gap_end(&self) -> Option<u64> {
        let waiting = self.waiting.first_key_value().map(|(from, _)| *from);
        let end = waiting.unwrap_or(self.known).min(END);
        (end > self.books.next).then_some(end)
    }

    /// An answer goes on, for which it is worth to wait.
    fn hear_answer(&mut self, via: Via, now: Instant) {
        if let Some(asked) = self.asked.as_mut().filter(|asked| via == Via::Answer(asked.number)) {
            asked.at = now;
            self.answer = ANSWER;
        }
    }

    /// Takes a frame of events: now, if it is next, or once what lies before has come.
    fn events(
        &mut self,
        records: Records<'_>,
        frame: &Frame<'_>,
        bytes: &[u8],
        via: Via,
        most: usize,
    ) -> anyhow::Result<()> {
        if frame.from <= self.books.next {
            return self.publish(records, frame.to, via);
        }
        self.known = self.known.max(frame.to);
        let replaced = self.waiting.get(&frame.from).map_or(0, Vec::len);
        if replaced >= bytes.len() {
            return Ok(());
        }
        if self.waiting_bytes - replaced + bytes.len() > most {
            self.books.put_off += 1;
            return Ok(());
        }
        self.waiting_bytes += bytes.len() - replaced;
        self.waiting.insert(frame.from, bytes.to_vec());
        Ok(())
    }

    /// Publishes those of `records` that are new, up to `to`.
    fn publish(&mut self, records: Records<'_>, to: u64, via: Via) -> anyhow::Result<()> {
        for record in records {
            if record.sequence < self.books.next {
                continue;
            }
            if record.data.len() > self.sink.longest() {
                // A source of this type has none: the event, and nothing else, is not believed.
                self.lose(record.sequence + 1)?;
                self.books.refused += 1;
                continue;
            }
            self.leave(record.sequence)?;
            self.sink.publish(record.data, record.event_type)?;
            self.books.next += 1;
            match via {
                Via::Live => self.books.received += 1,
                Via::Answer(_) => self.books.repaired += 1,
            }
        }
        self.leave(to)
    }

    /// Goes on at `to`, if that is beyond, behind holes of the source's.
    fn leave(&mut self, to: u64) -> anyhow::Result<()> {
        if to > self.books.next {
            self.sink.skip_to(to)?;
            self.books.holes += to - self.books.next;
            self.books.next = to;
        }
        Ok(())
    }

    /// Goes on at `to`, if that is beyond, behind what is lost.
    fn lose(&mut self, to: u64) -> anyhow::Result<()> {
        if to > self.books.next {
            self.sink.skip_to(to)?;
            self.books.lost += to - self.books.next;
            self.books.next = to;
        }
        Ok(())
    }

    /// The source says that these are not to be had any more. It is believed of what it was asked for.
    fn missing(&mut self, from: u64, to: u64, via: Via) -> anyhow::Result<()> {
        match &self.asked {
            Some(asked) if via == Via::Answer(asked.number) && from <= self.books.next => self.lose(to.min(asked.to)),
            _ => Ok(()),
        }
    }

    /// The source lives, and has published all below `to`. Behind an answer that is the answer's end.
    fn beat(&mut self, to: u64, via: Via, now: Instant) -> anyhow::Result<()> {
        if via == Via::Live {
            self.known = self.known.max(to);
            return Ok(());
        }
        let Some(asked) = self.asked.take_if(|asked| via == Via::Answer(asked.number)) else { return Ok(()) };
        if to < asked.from {
            bail!(
                "the mirror has come to sequence {}, and its source has published none from {to} on: somebody else publishes under the ring's keys. Keep \
                 them out, by TLS and an access list of zenoh, and remove the mirror's ring, which is not to be believed",
                asked.from
            );
        }
        // What the source has not published was forged, or has been published since, and comes again.
        let unknown = self.waiting.split_off(&to);
        self.waiting_bytes -= unknown.values().map(Vec::len).sum::<usize>();
        self.books.put_off += unknown.len() as u64;
        self.known = self.known.min(to);
        if asked.from == self.books.next {
            self.pause = Some(now + PAUSE);
        }
        Ok(())
    }

    /// Publishes what waited for what has come.
    fn go_on(&mut self) -> anyhow::Result<()> {
        while let Some(first) = self.waiting.first_entry()
            && *first.key() <= self.books.next
        {
            let bytes = first.remove();
            self.waiting_bytes -= bytes.len();
            if let Ok(Frame { body: Body::Events(records), to, .. }) = Frame::decode(&bytes) {
                self.publish(records, to, Via::Live)?;
            }
        }
        Ok(())
    }

    /// The books, now that the source has another ring: what had not come is lost.
    fn end(mut self) -> Books {
        let lost = self.known.saturating_sub(self.books.next);
        self.books.lost += lost;
        self.books.next += lost;
        self.books
    }
}
