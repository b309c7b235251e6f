//! What a ring must do, said with a `VecDeque` and plain numbers.

use std::collections::VecDeque;

use rusted_ring::Start;

use super::operation::Call;

/// An event as it was published.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Sent {
    pub(crate) event_type: u32,
    pub(crate) bytes: Vec<u8>,
}

/// What a poll must answer, in part: it may answer several events.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    Event(u64, Sent),
    Lagged { from: u64, to: u64 },
    Empty,
    Closed,
}

/// What the ledger and the endpoint itself must say of a reader.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Figures {
    pub(crate) gating: bool,
    pub(crate) joined: u64,
    pub(crate) position: u64,
    pub(crate) received: u64,
    pub(crate) lost: u64,
    pub(crate) laps: u64,
    pub(crate) ahead: u64,
}

#[derive(Clone, Debug)]
pub(crate) struct Subscriber {
    joined: u64,
    position: u64,
    received: u64,
    lost: u64,
    laps: u64,
}

#[derive(Clone, Debug)]
pub(crate) struct Consumer {
    joined: u64,
    position: u64,
    /// What the publishers were shown of the position.
    released: u64,
    /// How many events from the position on were lent and forgotten.
    forgotten: u64,
    received: u64,
}

#[derive(Debug)]
pub(crate) struct Ring {
    capacity: u64,
    is_sole: bool,
    claimed: u64,
    /// The last `capacity` events; the back one has sequence `claimed - 1`.
    retained: VecDeque<Sent>,
    pub(crate) closed: bool,
}

impl Ring {
    pub(crate) fn new(capacity: usize, is_sole: bool) -> Self {
        Ring { capacity: capacity as u64, is_sole, claimed: 0, retained: VecDeque::new(), closed: false }
    }

    pub(crate) fn claimed(&self) -> u64 {
        self.claimed
    }

    pub(crate) fn oldest(&self) -> u64 {
        self.claimed - self.retained.len() as u64
    }

    /// How much of a ring a Consumer may keep to itself before it shows that it went on.
    pub(crate) fn grant(&self) -> u64 {
        (self.capacity / 8).max(1)
    }

    /// How much of a ring a sole publisher publishes in one call.
    fn quarter(&self) -> u64 {
        (self.capacity / 4).max(1)
    }

    /// Publishes, unless that would overrun what a Consumer shows at the gate; the sequence.
    pub(crate) fn publish(&mut self, sent: Sent, consumers: &[Consumer]) -> Option<u64> {
        let full = consumers.iter().any(|consumer| self.claimed >= consumer.released + self.capacity);
        for consumer in consumers {
            assert!(consumer.released <= consumer.position);
            assert!(consumer.position - consumer.released < self.grant(), "the documented bound on laziness");
        }
        if full {
            return None;
        }
        self.retained.push_back(sent);
        if self.retained.len() as u64 > self.capacity {
            self.retained.pop_front();
        }
        self.claimed += 1;
        Some(self.claimed - 1)
    }

    /// Publishes as many of `sent` as one call does; returns how many, or none where the ring is full.
    pub(crate) fn publish_batch(&mut self, sent: &[Sent], consumers: &[Consumer]) -> Option<usize> {
        let stretch = if self.is_sole { self.quarter() } else { self.capacity };
        let count = sent
            .iter()
            .take(stretch as usize)
            .take_while(|sent| self.publish((*sent).clone(), consumers).is_some())
            .count();
        (count > 0 || sent.is_empty()).then_some(count)
    }

    /// How many events may be published before a Consumer must show that it went on.
    pub(crate) fn room(&self, consumers: &[Consumer]) -> u64 {
        let free = |consumer: &Consumer| consumer.released + self.capacity - self.claimed;
        consumers.iter().map(free).min().unwrap_or(u64::MAX)
    }

    pub(crate) fn event(&self, sequence: u64) -> &Sent {
        &self.retained[(sequence - self.oldest()) as usize]
    }

    fn resolve(&self, start: Start) -> u64 {
        match start {
            Start::Newest => self.claimed,
            Start::Oldest => self.oldest(),
            Start::At(sequence) => sequence.get().min(self.claimed),
        }
    }

    pub(crate) fn reader(&self, start: Start) -> Subscriber {
        Subscriber::at(self.resolve(start))
    }

    /// Where a Consumer that asks for `start` may come to stand: first and last.
    pub(crate) fn consumer_range(&self, start: Start) -> (u64, u64) {
        let wanted = self.resolve(start).max(self.oldest());
        // A sole publisher asks for room for all of a batch, whether it gets it or not.
        let asked_for = if self.is_sole { self.quarter() } else { 1 };
        let granted = self.claimed + asked_for - 1 + self.grant();
        let safe = granted.saturating_sub(self.capacity);
        (wanted, wanted.max(safe))
    }

    /// What `call` answers.
    pub(crate) fn poll(&self, reader: &mut Subscriber, call: Call) -> Vec<Answer> {
        match call {
            Call::TryRecv | Call::TryRead => vec![self.poll_once(reader)],
            Call::Next => loop {
                match self.poll_once(reader) {
                    Answer::Lagged { .. } => {}
                    Answer::Closed => return vec![Answer::Empty],
                    other => return vec![other],
                }
            },
            Call::TryReadBatch(0) => vec![],
            Call::TryReadBatch(room) => {
                let mut answers = vec![self.poll_once(reader)];
                if let Answer::Event(..) = answers[0] {
                    let others = (self.claimed - reader.position).min(u64::from(room) - 1);
                    answers.extend((0..others).map(|_| self.poll_once(reader)));
                }
                answers
            }
        }
    }

    fn poll_once(&self, reader: &mut Subscriber) -> Answer {
        let Subscriber { position, .. } = *reader;
        if position < self.oldest() {
            let to = self.oldest() + self.capacity / 8;
            reader.position = to;
            reader.lost += to - position;
            reader.laps += 1;
            return Answer::Lagged { from: position, to };
        }
        if position == self.claimed {
            return self.end();
        }
        reader.position += 1;
        reader.received += 1;
        Answer::Event(position, self.event(position).clone())
    }

    fn end(&self) -> Answer {
        if self.closed { Answer::Closed } else { Answer::Empty }
    }

    /// Settles what was forgotten, and says what is lent next, the next event or all; it is then to be finished.
    pub(crate) fn receive(&self, consumer: &mut Consumer, all: bool) -> Vec<Answer> {
        self.go_past(consumer, consumer.forgotten);
        consumer.forgotten = 0;
        assert!(consumer.position >= self.oldest(), "the gate let a Consumer be overrun");
        if consumer.position == self.claimed {
            if !self.closed {
                consumer.released = consumer.position;
            }
            return vec![self.end()];
        }
        let last = if all { self.claimed - 1 } else { consumer.position };
        (consumer.position..=last).map(|s| Answer::Event(s, self.event(s).clone())).collect()
    }

    /// Ends the loan of `count` events from the position on.
    pub(crate) fn finish(&self, consumer: &mut Consumer, count: u64, dropped: bool) {
        if dropped {
            self.go_past(consumer, count);
        } else {
            consumer.forgotten = count;
        }
    }

    fn go_past(&self, consumer: &mut Consumer, count: u64) {
        consumer.position += count;
        consumer.received += count;
        if consumer.position - consumer.released >= self.grant() {
            consumer.released = consumer.position;
        }
    }

    pub(crate) fn reader_figures(&self, reader: &Subscriber) -> Figures {
        let Subscriber { joined, position, received, lost, laps } = *reader;
        assert_eq!(position, joined + received + lost, "the model balances");
        Figures { gating: false, joined, position, received, lost, laps, ahead: self.claimed - position }
    }

    pub(crate) fn consumer_figures(&self, consumer: &Consumer) -> Figures {
        let Consumer { joined, position, received, .. } = *consumer;
        assert_eq!(position, joined + received, "the model balances");
        Figures { gating: true, joined, position, received, lost: 0, laps: 0, ahead: self.claimed - position }
    }
}

impl Subscriber {
    fn at(position: u64) -> Self {
        Subscriber { joined: position, position, received: 0, lost: 0, laps: 0 }
    }

    /// What a clone of the real one must be: at the same position, with counts of its own.
    pub(crate) fn twin(&self) -> Self {
        Subscriber::at(self.position)
    }
}

impl Consumer {
    pub(crate) fn at(position: u64) -> Self {
        Consumer { joined: position, position, released: position, forgotten: 0, received: 0 }
    }
}
