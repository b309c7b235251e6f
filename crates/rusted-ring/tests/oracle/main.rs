//! A ring against a plain `VecDeque` model, by random operations on one thread.
//!
//! The model predicts every answer exactly: which event, `Lagged { from, to }`, full, closed, and every figure of the
//! ledger. Only where a Consumer joins is bounded instead of predicted: the documentation allows an eighth of a ring.

#![cfg(all(feature = "std", not(loom)))]

mod forms;
mod model;
mod real;

use forms::{CAPACITIES, Form, in_a_buffer, on_the_heap};
use model::{Answer, Sent};
use proptest::{collection::vec, prelude::*, sample::Index, test_runner::TestCaseResult};
use real::{AnyConsumer, AnyReader, AnyRing, AnyWriter, Call, status_figures};
use rusted_ring::{Sequence, Start};

#[derive(Clone, Debug)]
enum Joining {
    Newest,
    Oldest,
    At(Index),
}

/// What is done while a loan is held, and how it ends.
#[derive(Clone, Debug)]
struct Lent {
    publish_meanwhile: usize,
    forget: bool,
}

#[derive(Clone, Debug)]
enum Op {
    Publish { times: usize, len: Index, may_wait: bool },
    JoinReader(Joining),
    CloneReader(Index),
    LeaveReader(Index),
    Poll(Index, Call, usize),
    JoinConsumer(Joining),
    LeaveConsumer(Index),
    Receive(Index, Lent, usize),
    ReplaceWriter,
}

fn joining() -> impl Strategy<Value = Joining> {
    prop_oneof![Just(Joining::Newest), Just(Joining::Oldest), any::<Index>().prop_map(Joining::At)]
}

fn op() -> impl Strategy<Value = Op> {
    let call = prop_oneof![Just(Call::TryRecv), Just(Call::TryRead), Just(Call::Next)];
    let lent = (prop_oneof![3 => Just(0), 1 => 1..20_usize], prop::bool::weighted(0.2))
        .prop_map(|(publish_meanwhile, forget)| Lent { publish_meanwhile, forget });
    let times = || prop_oneof![4 => 1..4_usize, 1 => 1..90_usize];
    prop_oneof![
        6 => (times(), any::<Index>(), any::<bool>()).prop_map(|(times, len, may_wait)| Op::Publish { times, len, may_wait }),
        2 => joining().prop_map(Op::JoinReader),
        1 => any::<Index>().prop_map(Op::CloneReader),
        1 => any::<Index>().prop_map(Op::LeaveReader),
        6 => (any::<Index>(), call, times()).prop_map(|(i, call, times)| Op::Poll(i, call, times)),
        1 => joining().prop_map(Op::JoinConsumer),
        1 => any::<Index>().prop_map(Op::LeaveConsumer),
        6 => (any::<Index>(), lent, times()).prop_map(|(i, lent, times)| Op::Receive(i, lent, times)),
        1 => Just(Op::ReplaceWriter),
    ]
}

/// A ring and its model, side by side.
struct Pair {
    ring: Box<dyn AnyRing>,
    writer: Option<Box<dyn AnyWriter>>,
    readers: Vec<(String, Box<dyn AnyReader>, model::Reader)>,
    real_consumers: Vec<(String, Box<dyn AnyConsumer>)>,
    consumers: Vec<model::Consumer>,
    model: model::Ring,
    names: usize,
}

const MOST_OF_A_KIND: usize = 5;

impl Pair {
    fn new(ring: Box<dyn AnyRing>) -> Self {
        let (model, writer) = (model::Ring::new(ring.capacity()), Some(ring.writer()));
        let (readers, real_consumers, consumers) = Default::default();
        Pair { ring, writer, readers, real_consumers, consumers, model, names: 0 }
    }

    fn name(&mut self) -> String {
        self.names += 1;
        format!("reader {}", self.names)
    }

    fn start(&self, joining: &Joining) -> Start {
        match joining {
            Joining::Newest => Start::Newest,
            Joining::Oldest => Start::Oldest,
            // As often too old or too young as retained.
            Joining::At(index) => {
                let capacity = self.ring.capacity() as u64;
                let first = self.model.claimed().saturating_sub(2 * capacity);
                Start::At(Sequence::new(first + index.index(3 * capacity as usize + 2) as u64))
            }
        }
    }

    fn apply(&mut self, op: &Op) -> TestCaseResult {
        match op {
            Op::Publish { times, len, may_wait } => {
                for turn in 0..*times {
                    let len = (len.index(self.ring.max_size() + 1) + turn) % (self.ring.max_size() + 1);
                    let writer = self.writer.as_mut().expect("there is a writer until the end");
                    publish(writer.as_mut(), &mut self.model, &self.consumers, len, *may_wait)?;
                }
            }
            Op::JoinReader(joining) if self.readers.len() < MOST_OF_A_KIND => {
                let (start, name) = (self.start(joining), self.name());
                self.readers.push((name.clone(), self.ring.reader(start, &name), self.model.reader(start)));
            }
            Op::CloneReader(index) if (1..MOST_OF_A_KIND).contains(&self.readers.len()) => {
                let name = self.name();
                let (_, real, model) = index.get(&self.readers);
                let twins = (name.clone(), real.twin(&name), model.twin());
                self.readers.push(twins);
            }
            Op::LeaveReader(index) if !self.readers.is_empty() => {
                self.readers.swap_remove(index.index(self.readers.len()));
            }
            Op::Poll(index, call, times) if !self.readers.is_empty() => {
                let chosen = index.index(self.readers.len());
                for _ in 0..*times {
                    self.poll(chosen, *call)?;
                }
            }
            Op::JoinConsumer(joining) if self.consumers.len() < MOST_OF_A_KIND => {
                let (start, name) = (self.start(joining), self.name());
                let real = self.ring.consumer(start, &name);
                let (first, last) = self.model.consumer_range(start);
                let position = real.figures().position;
                prop_assert!((first..=last).contains(&position), "joined at {position}, not {first}..={last}");
                self.real_consumers.push((name, real));
                self.consumers.push(model::Consumer::at(position));
            }
            Op::LeaveConsumer(index) if !self.consumers.is_empty() => {
                let left = index.index(self.consumers.len());
                self.real_consumers.swap_remove(left);
                self.consumers.swap_remove(left);
            }
            Op::Receive(index, lent, times) if !self.consumers.is_empty() => {
                let chosen = index.index(self.consumers.len());
                for _ in 0..*times {
                    self.receive(chosen, lent)?;
                }
            }
            Op::ReplaceWriter if !self.ring.closes() => {
                self.writer = None;
                self.writer = Some(self.ring.writer());
            }
            // The second joins before the first leaves, or the ring would close.
            Op::ReplaceWriter if !self.ring.is_sole() => self.writer = Some(self.ring.writer()),
            _ => {}
        }
        Ok(())
    }

    fn poll(&mut self, chosen: usize, call: Call) -> TestCaseResult {
        let (_, real, reader) = &mut self.readers[chosen];
        let (answer, skips_losses) = real.poll(call);
        let mut expected = self.model.poll(reader);
        if skips_losses {
            while let Answer::Lagged { .. } = expected {
                expected = self.model.poll(reader);
            }
            if expected == Answer::Closed {
                expected = Answer::Empty;
            }
        }
        prop_assert_eq!(answer, expected);
        Ok(())
    }

    fn receive(&mut self, chosen: usize, lent: &Lent) -> TestCaseResult {
        let expected = self.model.receive(&mut self.consumers[chosen]);
        let Pair { writer, real_consumers, consumers, model, .. } = self;
        let mut meanwhile = Ok(());
        let answer = real_consumers[chosen].1.receive(&mut |_, _, bytes| {
            meanwhile = (0..lent.publish_meanwhile).try_for_each(|_| match writer {
                Some(writer) => publish(writer.as_mut(), model, consumers, bytes.len(), false),
                None => Ok(()),
            });
            !lent.forget
        });
        meanwhile?;
        prop_assert_eq!(&answer, &expected);
        if let Answer::Event(..) = expected {
            self.model.finish(&mut self.consumers[chosen], !lent.forget);
        }
        Ok(())
    }

    /// Compares every figure that anyone can ask for.
    fn check(&self) -> TestCaseResult {
        let mut expected = Vec::new();
        for (name, real, model) in &self.readers {
            let figures = self.model.reader_figures(model);
            prop_assert_eq!(real.figures(), figures);
            expected.push((name.clone(), figures));
        }
        for ((name, real), model) in self.real_consumers.iter().zip(&self.consumers) {
            let figures = self.model.consumer_figures(model);
            prop_assert_eq!(real.figures(), figures);
            expected.push((name.clone(), figures));
        }
        let (claimed, pressure, statuses) = self.ring.ledger();
        prop_assert_eq!(claimed, self.model.claimed());
        let slowest = expected.iter().map(|(_, figures)| figures.ahead).max().unwrap_or(0);
        prop_assert_eq!(pressure, (slowest as f32 / self.ring.capacity() as f32).min(1.0));
        let mut listed: Vec<_> = statuses.iter().map(|s| (s.name.as_str().to_owned(), status_figures(s))).collect();
        listed.sort_by(|a, b| a.0.cmp(&b.0));
        expected.sort_by(|a, b| a.0.cmp(&b.0));
        prop_assert_eq!(listed, expected);
        Ok(())
    }

    /// Drops the last writer; everybody reads to the end, and is told that it is one.
    fn end(&mut self) -> TestCaseResult {
        self.writer = None;
        self.model.closed = self.ring.closes();
        for chosen in 0..self.readers.len() {
            for call in [Call::TryRecv, Call::TryRead].into_iter().cycle().take(self.ring.capacity() + 3) {
                self.poll(chosen, call)?;
            }
        }
        for chosen in 0..self.consumers.len() {
            for _ in 0..self.ring.capacity() + 2 {
                self.receive(chosen, &Lent { publish_meanwhile: 0, forget: false })?;
            }
        }
        for (_, reader, _) in &self.readers {
            prop_assert_eq!(reader.figures().ahead, 0);
        }
        for (_, consumer) in &self.real_consumers {
            prop_assert_eq!(consumer.figures().ahead, 0);
        }
        self.check()
    }
}

/// Publishes on both, and compares; waits only where the model has room.
fn publish(
    writer: &mut dyn AnyWriter,
    model: &mut model::Ring,
    consumers: &[model::Consumer],
    len: usize,
    may_wait: bool,
) -> TestCaseResult {
    let seed = model.claimed().wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let bytes = (0..len as u64).map(|i| (seed.rotate_left(i as u32 * 7) >> 8) as u8 | 1).collect();
    let sent = Sent { event_type: seed as u32, bytes };
    let expected = model.publish(sent.clone(), consumers);
    prop_assert_eq!(writer.publish(&sent, may_wait && expected.is_some()), expected);
    Ok(())
}

fn run(ring: Box<dyn AnyRing>, ops: &[Op]) -> TestCaseResult {
    let mut pair = Pair::new(ring);
    for op in ops {
        pair.apply(op)?;
        pair.check()?;
    }
    pair.end()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1200, max_shrink_time: 20_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_heap_ring_does_what_the_model_does(
        size in 0..8_usize, capacity in 0..CAPACITIES.len(), form in Form::any(), ops in vec(op(), 1..80)
    ) {
        run(on_the_heap(size, CAPACITIES[capacity], form), &ops)?;
    }

    #[test]
    fn a_ring_buffer_does_what_the_model_does(which in 0..8_usize, form in Form::any(), ops in vec(op(), 1..80)) {
        run(in_a_buffer(which, form), &ops)?;
    }
}
