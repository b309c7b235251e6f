//! A ring and its model, side by side: every answer and every figure must agree.

use rusted_ring::{Sequence, Start};

use crate::{
    Operation, Shape,
    model::{self, Answer, Sent},
    operation::{Asking, From},
    real::{AnyConsumer, AnyReader, AnyRing, AnyWriter, status_figures},
};

/// Readers, and Consumers, at a time.
const MOST_OF_A_KIND: usize = 5;
/// Times that one operation is done: enough to lap the largest ring.
const MOST_AT_A_TIME: u8 = 90;
/// Events published while one is lent.
const MOST_MEANWHILE: u8 = 20;

/// Does `operations` to a ring of `shape` and to its model. Panics where they differ.
pub fn run(shape: Shape, operations: impl IntoIterator<Item = Operation>) {
    Pair::new(shape.build(), |answer| answer).run(operations);
}

/// As [`run`], with a mistake planted: of a long event that comes late, what a Reader says loses its last byte on the
/// way to the comparison.
pub fn run_misheard(shape: Shape, operations: impl IntoIterator<Item = Operation>) {
    const LATE: u64 = 100;
    const LONG: usize = 60;
    let mishear = |mut answer| {
        if let Answer::Event(LATE.., Sent { bytes, .. }) = &mut answer
            && bytes.len() >= LONG
        {
            bytes.pop();
        }
        answer
    };
    Pair::new(shape.build(), mishear).run(operations);
}

struct Pair {
    ring: Box<dyn AnyRing>,
    writer: Option<Box<dyn AnyWriter>>,
    readers: Vec<(String, Box<dyn AnyReader>, model::Reader)>,
    real_consumers: Vec<(String, Box<dyn AnyConsumer>)>,
    consumers: Vec<model::Consumer>,
    model: model::Ring,
    names: usize,
    /// What a Reader's answer goes through before it is compared.
    heard: fn(Answer) -> Answer,
}

impl Pair {
    fn new(ring: Box<dyn AnyRing>, heard: fn(Answer) -> Answer) -> Self {
        let (model, writer) = (model::Ring::new(ring.capacity()), Some(ring.writer()));
        let (readers, real_consumers, consumers) = Default::default();
        Pair { ring, writer, readers, real_consumers, consumers, model, names: 0, heard }
    }

    fn run(mut self, operations: impl IntoIterator<Item = Operation>) {
        for operation in operations {
            self.apply(operation);
            self.check();
        }
        self.end();
    }

    fn apply(&mut self, operation: Operation) {
        match operation {
            Operation::Publish { times, len, event_type, may_wait } => {
                for turn in 0..=usize::from(times % MOST_AT_A_TIME) {
                    self.publish(usize::from(len) + turn, event_type, may_wait);
                }
            }
            Operation::JoinReader(from) if self.readers.len() < MOST_OF_A_KIND => {
                let (start, name) = (self.start(from), self.name());
                self.readers.push((name.clone(), self.ring.reader(start, &name), self.model.reader(start)));
            }
            Operation::CloneReader(who) if (1..MOST_OF_A_KIND).contains(&self.readers.len()) => {
                let name = self.name();
                let (_, real, model) = &self.readers[usize::from(who) % self.readers.len()];
                let twins = (name.clone(), real.twin(&name), model.twin());
                self.readers.push(twins);
            }
            Operation::LeaveReader(who) if !self.readers.is_empty() => {
                self.readers.swap_remove(usize::from(who) % self.readers.len());
            }
            Operation::Poll { who, how, times } if !self.readers.is_empty() => {
                let chosen = usize::from(who) % self.readers.len();
                for _ in 0..=times % MOST_AT_A_TIME {
                    self.poll(chosen, how);
                }
            }
            Operation::JoinConsumer(from) if self.consumers.len() < MOST_OF_A_KIND => {
                let (start, name) = (self.start(from), self.name());
                let real = self.ring.consumer(start, &name);
                let (first, last) = self.model.consumer_range(start);
                let position = real.figures().position;
                assert!((first..=last).contains(&position), "a consumer joined at {position}, not {first}..={last}");
                self.real_consumers.push((name, real));
                self.consumers.push(model::Consumer::at(position));
            }
            Operation::LeaveConsumer(who) if !self.consumers.is_empty() => {
                let left = usize::from(who) % self.consumers.len();
                self.real_consumers.swap_remove(left);
                self.consumers.swap_remove(left);
            }
            Operation::Receive { who, times, published_meanwhile, forgets } if !self.consumers.is_empty() => {
                let chosen = usize::from(who) % self.consumers.len();
                for _ in 0..=times % MOST_AT_A_TIME {
                    self.receive(chosen, published_meanwhile % MOST_MEANWHILE, forgets);
                }
            }
            Operation::ReplaceWriter if !self.ring.closes() => {
                self.writer = None;
                self.writer = Some(self.ring.writer());
            }
            // The second joins before the first leaves, or the ring would close.
            Operation::ReplaceWriter if !self.ring.is_sole() => self.writer = Some(self.ring.writer()),
            _ => {}
        }
    }

    fn name(&mut self) -> String {
        self.names += 1;
        format!("reader {}", self.names)
    }

    fn start(&self, from: From) -> Start {
        match from {
            From::Newest => Start::Newest,
            From::Oldest => Start::Oldest,
            From::Around(offset) => {
                let capacity = self.ring.capacity() as u64;
                let first = self.model.claimed().saturating_sub(2 * capacity);
                Start::At(Sequence::new(first + u64::from(offset) % (3 * capacity + 2)))
            }
        }
    }

    fn publish(&mut self, len: usize, event_type: u32, may_wait: bool) {
        let Pair { ring, writer, consumers, model, .. } = self;
        publish(writer, model, consumers, len % (ring.max_size() + 1), event_type, may_wait);
    }

    fn poll(&mut self, chosen: usize, how: Asking) {
        let (_, real, reader) = &mut self.readers[chosen];
        let (answer, skips_losses) = real.poll(how.call());
        let mut expected = self.model.poll(reader);
        if skips_losses {
            while let Answer::Lagged { .. } = expected {
                expected = self.model.poll(reader);
            }
            if expected == Answer::Closed {
                expected = Answer::Empty;
            }
        }
        assert_eq!((self.heard)(answer), expected, "a reader answers otherwise than the model");
    }

    fn receive(&mut self, chosen: usize, published_meanwhile: u8, forgets: bool) {
        let expected = self.model.receive(&mut self.consumers[chosen]);
        let Pair { writer, real_consumers, consumers, model, .. } = self;
        let answer = real_consumers[chosen].1.receive(&mut |_, event_type, bytes| {
            for _ in 0..published_meanwhile {
                publish(writer, model, consumers, bytes.len(), event_type, false);
            }
            !forgets
        });
        assert_eq!(answer, expected, "a consumer answers otherwise than the model");
        if let Answer::Event(..) = expected {
            self.model.finish(&mut self.consumers[chosen], !forgets);
        }
    }

    /// Compares every figure that anyone can ask for.
    fn check(&self) {
        let mut expected = Vec::new();
        for (name, real, model) in &self.readers {
            let figures = self.model.reader_figures(model);
            assert_eq!(real.figures(), figures, "the figures of {name}");
            expected.push((name.clone(), figures));
        }
        for ((name, real), model) in self.real_consumers.iter().zip(&self.consumers) {
            let figures = self.model.consumer_figures(model);
            assert_eq!(real.figures(), figures, "the figures of {name}");
            expected.push((name.clone(), figures));
        }
        let (claimed, pressure, statuses) = self.ring.ledger();
        assert_eq!(claimed, self.model.claimed(), "claimed, by the ledger");
        let slowest = expected.iter().map(|(_, figures)| figures.ahead).max().unwrap_or(0);
        assert_eq!(pressure, (slowest as f32 / self.ring.capacity() as f32).min(1.0), "pressure, by the ledger");
        let mut listed: Vec<_> = statuses.iter().map(|s| (s.name.as_str().to_owned(), status_figures(s))).collect();
        listed.sort_by(|a, b| a.0.cmp(&b.0));
        expected.sort_by(|a, b| a.0.cmp(&b.0));
        assert_eq!(listed, expected, "the ledger's lines");
    }

    /// Drops the last writer; everybody reads to the end.
    fn end(&mut self) {
        self.writer = None;
        self.model.closed = self.ring.closes();
        for chosen in 0..self.readers.len() {
            for how in [Asking::TryRecv, Asking::TryRead].into_iter().cycle().take(self.ring.capacity() + 3) {
                self.poll(chosen, how);
            }
        }
        for chosen in 0..self.consumers.len() {
            for _ in 0..self.ring.capacity() + 2 {
                self.receive(chosen, 0, false);
            }
        }
        for (_, reader, _) in &self.readers {
            assert_eq!(reader.figures().ahead, 0, "a reader came to the end");
        }
        for (_, consumer) in &self.real_consumers {
            assert_eq!(consumer.figures().ahead, 0, "a consumer came to the end");
        }
        self.check();
    }
}

/// Publishes on both, and compares; waits only where the model has room. Without a writer it does nothing.
fn publish(
    writer: &mut Option<Box<dyn AnyWriter>>,
    model: &mut model::Ring,
    consumers: &[model::Consumer],
    len: usize,
    event_type: u32,
    may_wait: bool,
) {
    let Some(writer) = writer else { return };
    let seed = model.claimed().wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let bytes = (0..len as u64).map(|i| (seed.rotate_left(i as u32 * 7) >> 8) as u8 | 1).collect();
    let sent = Sent { event_type, bytes };
    let expected = model.publish(sent.clone(), consumers);
    let published = writer.publish(&sent, may_wait && expected.is_some());
    assert_eq!(published, expected, "a writer answers otherwise than the model");
}
