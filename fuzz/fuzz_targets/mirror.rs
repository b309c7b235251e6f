//! What a mirror is sent: any bytes, and any frames of the ring that it mirrors, in any order. It holds no more than it may, its books balance, and it ends by
//! an error at most.

#![no_main]

use std::time::{Duration, Instant};

use arbitrary::Arbitrary;
use libfuzzer_sys::fuzz_target;
use rusted_ring_gateway::{
    mirror::{Begin, Bounds, Described, Mirror, Sink, Sinks, Via},
    wire::{Batch, Body, Frame, Origin},
};

/// A ring that keeps nothing.
#[derive(Debug)]
struct Count(u64);

impl Sink for Count {
    fn next(&self) -> u64 {
        self.0
    }

    fn publish(&mut self, data: &[u8], _event_type: u32) -> anyhow::Result<()> {
        assert!(data.len() <= self.longest());
        self.0 += 1;
        Ok(())
    }

    fn skip_to(&mut self, sequence: u64) -> anyhow::Result<()> {
        assert!(sequence > self.0, "a skip goes on");
        self.0 = sequence;
        Ok(())
    }

    fn longest(&self) -> usize {
        16
    }
}

struct Counts;

impl Sinks for Counts {
    type Sink = Count;

    fn found(&mut self) -> anyhow::Result<Option<(Origin, Count)>> {
        Ok(None)
    }

    fn create(&mut self, _source: Described, first: u64) -> anyhow::Result<Count> {
        Ok(Count(first))
    }
}

#[derive(Arbitrary, Debug)]
enum Sent<'a> {
    Bytes(&'a [u8]),
    Events { from: u64, offsets: Vec<(u8, &'a [u8])>, more: u32 },
    Beat { from: u64, more: u32 },
    Missing { from: u64, more: u32 },
    Time(u16),
}

fuzz_target!(|input: Vec<(Sent<'_>, Option<u8>, u8)>| {
    let bounds = Bounds { waiting_bytes: 1024, patience: Duration::from_secs(1), farthest: 1 << 30 };
    let mut mirror = Mirror::new(Counts, Begin::Newest, bounds).unwrap();
    let mut now = Instant::now();
    for (sent, answer, epoch) in input {
        let origin = Origin { id: 1 + u128::from(epoch % 3), epoch: u64::from(epoch % 3), fingerprint: 1 };
        let via = answer.map_or(Via::Live, |number| Via::Answer(number.into()));
        let near = |from: u64| if from % 2 == 0 { mirror.books().next.wrapping_add(from % 64) } else { from >> 1 };
        let plain = |from: u64, more: u32, body| {
            let from = near(from);
            Frame { origin, from, to: from.saturating_add(more.into()), body }.encode()
        };
        let bytes = match sent {
            Sent::Bytes(bytes) => bytes.to_vec(),
            Sent::Beat { from, more } => plain(from, more, Body::Beat { capacity: 8, slot_bytes: 16 }),
            Sent::Missing { from, more } => plain(from, more, Body::Missing),
            Sent::Events { from, offsets, more } => {
                let from = near(from).min(1 << 62);
                let (mut batch, mut next) = (Batch::new(origin, from), from);
                for (offset, data) in offsets {
                    next += u64::from(offset);
                    if batch.has_room(next, data.len()) {
                        batch.push(next, 1, data);
                        next += 1;
                    }
                }
                batch.finish(next + u64::from(more)).unwrap_or_default()
            }
            Sent::Time(millis) => {
                now += Duration::from_millis(millis.into());
                if mirror.tick(now).is_err() {
                    return;
                }
                Vec::new()
            }
        };
        if let Ok(frame) = Frame::decode(&bytes) {
            assert_eq!(frame.encode(), bytes);
        }
        if mirror.take(&bytes, via, now).is_err() {
            return;
        }
        assert!(mirror.books().balance(), "{:?}", mirror.books());
        let _ = mirror.question(now);
    }
});
