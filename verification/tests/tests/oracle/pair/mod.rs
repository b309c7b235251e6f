//! A ring and its model, side by side: every answer and every figure must agree.

mod content;
mod form;
mod model;
mod operation;
mod real;

pub(crate) use form::Form;
pub(crate) use model::{Answer, Sent};
pub(crate) use operation::{Call, Joining, Operation};
pub(crate) use real::AnyRing;
use real::{AnyConsumer, AnyPublisher, AnyReader, status_figures};
use rusted_ring::{Sequence, Start};

/// Readers, and Consumers, at a time.
const MOST_OF_A_KIND: usize = 5;
/// Times that one operation is done, and events of a batch: enough to lap the largest ring.
const MOST_AT_A_TIME: u8 = 90;
/// Events published while some are lent.
const MOST_MEANWHILE: u8 = 20;

/// Does `operations` to `ring` and to its model; a Subscriber's answers go through `heard` before they are compared.
/// Panics where they differ.
pub(crate) fn run(ring: Box<dyn AnyRing>, operations: &[Operation], heard: fn(Answer) -> Answer) {
    let mut pair = Pair::new(ring, heard);
    for &operation in operations {
        pair.apply(operation);
        pair.check();
    }
    pair.end();
}

struct Pair {
    ring: Box<dyn AnyRing>,
    publisher: Option<Box<dyn AnyPublisher>>,
    readers: Vec<(String, Box<dyn AnyReader>, model::Subscriber)>,
    real_consumers: Vec<(String, Box<dyn AnyConsumer>)>,
    consumers: Vec<model::Consumer>,
    model: model::Ring,
    names: usize,
    heard: fn(Answer) -> Answer,
}

impl Pair {
    fn new(ring: Box<dyn AnyRing>, heard: fn(Answer) -> Answer) -> Self {
        let (model, publisher) = (model::Ring::new(ring.capacity(), ring.is_sole()), Some(ring.publisher()));
        let (readers, real_consumers, consumers) = Default::default();
        Pair { ring, publisher, readers, real_consumers, consumers, model, names: 0, heard }
    }

    fn apply(&mut self, operation: Operation) {
        match operation {
            Operation::Publish { times, len, event_type, may_wait } => {
                let publisher = self.publisher.as_mut().expect("there is a publisher until the end");
                for turn in 0..=u64::from(times % MOST_AT_A_TIME) {
                    let event = event(&*self.ring, self.model.claimed(), u64::from(len) + turn, event_type);
                    publish(&mut **publisher, &mut self.model, &self.consumers, event, may_wait);
                }
            }
            Operation::PublishBatch { count, len, event_type, may_wait } => {
                let publisher = self.publisher.as_mut().expect("there is a publisher until the end");
                let event = |nth| event(&*self.ring, self.model.claimed() + nth, u64::from(len) + nth, event_type);
                let sent: Vec<Sent> = (0..u64::from(count % MOST_AT_A_TIME)).map(event).collect();
                let waits = may_wait && self.model.room(&self.consumers) >= sent.len() as u64;
                let expected = if waits {
                    sent.iter().for_each(|sent| _ = self.model.publish(sent.clone(), &self.consumers));
                    Some(sent.len())
                } else {
                    self.model.publish_batch(&sent, &self.consumers)
                };
                let published = publisher.publish_batch(&sent, waits);
                assert_eq!(published, expected, "a publisher answers otherwise than the model");
            }
            Operation::JoinReader(joining) if self.readers.len() < MOST_OF_A_KIND => {
                let (start, name) = (self.start(joining), self.name());
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
            Operation::Poll { who, call, times } if !self.readers.is_empty() => {
                let chosen = usize::from(who) % self.readers.len();
                for _ in 0..=times % MOST_AT_A_TIME {
                    self.poll(chosen, call);
                }
            }
            Operation::JoinConsumer(joining) if self.consumers.len() < MOST_OF_A_KIND => {
                let (start, name) = (self.start(joining), self.name());
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
            Operation::Receive { who, all, times, published_meanwhile, forgets } if !self.consumers.is_empty() => {
                let chosen = usize::from(who) % self.consumers.len();
                for _ in 0..=times % MOST_AT_A_TIME {
                    self.receive(chosen, all, published_meanwhile % MOST_MEANWHILE, forgets);
                }
            }
            Operation::ReplacePublisher if !self.ring.closes() => {
                self.publisher = None;
                self.publisher = Some(self.ring.publisher());
            }
            // The second joins before the first leaves, or the ring would close.
            Operation::ReplacePublisher if !self.ring.is_sole() => self.publisher = Some(self.ring.publisher()),
            _ => {}
        }
    }

    fn name(&mut self) -> String {
        self.names += 1;
        format!("reader {}", self.names)
    }

    fn start(&self, joining: Joining) -> Start {
        match joining {
            Joining::Newest => Start::Newest,
            Joining::Oldest => Start::Oldest,
            Joining::Around(offset) => {
                let capacity = self.ring.capacity() as u64;
                let first = self.model.claimed().saturating_sub(2 * capacity);
                Start::At(Sequence::new(first + u64::from(offset) % (3 * capacity + 2)))
            }
        }
    }

    fn poll(&mut self, chosen: usize, call: Call) {
        let (_, real, reader) = &mut self.readers[chosen];
        let answers: Vec<Answer> = real.poll(call).into_iter().map(self.heard).collect();
        agree("a reader", &answers, &self.model.poll(reader, call));
    }

    fn receive(&mut self, chosen: usize, all: bool, published_meanwhile: u8, forgets: bool) {
        let Pair { ring, publisher, real_consumers, consumers, model, .. } = self;
        let expected = model.receive(&mut consumers[chosen], all);
        let answers = real_consumers[chosen].1.receive(all, &mut |lent| {
            for nth in 0..published_meanwhile {
                if let Some(publisher) = publisher {
                    let event = event(&**ring, model.claimed(), u64::from(nth), lent.len() as u32);
                    publish(&mut **publisher, model, consumers, event, false);
                }
            }
            !forgets
        });
        agree("a consumer", &answers, &expected);
        if let Answer::Event(..) = expected[0] {
            model.finish(&mut consumers[chosen], expected.len() as u64, !forgets);
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

    /// Drops the last publisher; everybody reads to the end.
    fn end(&mut self) {
        self.publisher = None;
        self.model.closed = self.ring.closes();
        for chosen in 0..self.readers.len() {
            let calls = [Call::TryRecv, Call::TryRead, Call::TryReadBatch(3)];
            for call in calls.into_iter().cycle().take(self.ring.capacity() + 3) {
                self.poll(chosen, call);
            }
        }
        for chosen in 0..self.consumers.len() {
            for all in [false, true].into_iter().cycle().take(self.ring.capacity() + 2) {
                self.receive(chosen, all, 0, false);
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

fn agree(who: &str, answers: &[Answer], expected: &[Answer]) {
    for (answer, expected) in answers.iter().zip(expected) {
        assert_eq!(answer, expected, "{who} answers otherwise than the model");
    }
    assert_eq!(answers.len(), expected.len(), "{who} gives more answers than the model, or fewer");
}

/// What `ring` is given for the event of `sequence`: of any length that it takes, or of the one that its values have.
fn event(ring: &dyn AnyRing, sequence: u64, len: u64, event_type: u32) -> Sent {
    let (len, event_type) = match ring.max_size() as u64 {
        size if ring.has_values() => (size, 0),
        size => (len % (size + 1), event_type),
    };
    let seed = sequence.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let bytes = (0..len).map(|i| (seed.rotate_left(i as u32 * 7) >> 8) as u8 | 1).collect();
    Sent { event_type, bytes }
}

/// Publishes on both, and compares; waits only where the model has room.
fn publish(
    publisher: &mut dyn AnyPublisher,
    model: &mut model::Ring,
    consumers: &[model::Consumer],
    sent: Sent,
    may_wait: bool,
) {
    let expected = model.publish(sent.clone(), consumers);
    let published = publisher.publish(&sent, may_wait && expected.is_some());
    assert_eq!(published, expected, "a publisher answers otherwise than the model");
}
