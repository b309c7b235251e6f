//! A pool as an actor sees it, whatever the size of its slots.

use rusted_ring::consumer::{Consumer, TooManyConsumers};
use rusted_ring::pool::{HeapPools, PoolSet};
use rusted_ring::reader::{Reader, TryRecvError};
use rusted_ring::{HeapRing, Start};

/// What one poll of a pool found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Polled {
    /// An event, which was handed over.
    Event,
    /// Events were overwritten before this reader came to them; the next poll goes on behind them.
    Lost,
    /// Nothing now.
    Nothing,
}

/// One pool, read by one actor.
pub(crate) trait Feed: Send {
    /// Hands the next event (its type and payload) to `take`, if there is one.
    fn poll(&mut self, take: &mut dyn FnMut(u32, &[u8])) -> Polled;
}

/// A lossy reader on each of the five pools, from now on.
pub(crate) fn readers(pools: &HeapPools, name: &str) -> [Box<dyn Feed>; 5] {
    [
        Lossy::join(pools.xs(), name),
        Lossy::join(pools.s(), name),
        Lossy::join(pools.m(), name),
        Lossy::join(pools.l(), name),
        Lossy::join(pools.xl(), name),
    ]
}

/// A lossless consumer on each pool that carries actions; from here on their writers wait for it.
pub(crate) fn consumers(pools: &HeapPools, name: &str) -> Result<[Box<dyn Feed>; 4], TooManyConsumers> {
    Ok([
        lossless(pools.s(), name)?,
        lossless(pools.m(), name)?,
        lossless(pools.l(), name)?,
        lossless(pools.xl(), name)?,
    ])
}

struct Lossy<const N: usize> {
    reader: Reader<HeapRing<N>>,
    buffer: Box<[u8; N]>,
}

impl<const N: usize> Lossy<N> {
    fn join(ring: HeapRing<N>, name: &str) -> Box<dyn Feed> {
        Box::new(Lossy { reader: Reader::join(ring, Start::Newest).named(name), buffer: Box::new([0; N]) })
    }
}

impl<const N: usize> Feed for Lossy<N> {
    fn poll(&mut self, take: &mut dyn FnMut(u32, &[u8])) -> Polled {
        match self.reader.try_read(&mut self.buffer) {
            Ok(event) => {
                take(event.event_type, event.data);
                Polled::Event
            }
            Err(TryRecvError::Lagged(_)) => Polled::Lost,
            Err(_) => Polled::Nothing,
        }
    }
}

fn lossless<const N: usize>(ring: HeapRing<N>, name: &str) -> Result<Box<dyn Feed>, TooManyConsumers> {
    Ok(Box::new(Consumer::join(ring, Start::Newest)?.named(name)))
}

impl<const N: usize> Feed for Consumer<HeapRing<N>> {
    fn poll(&mut self, take: &mut dyn FnMut(u32, &[u8])) -> Polled {
        match self.try_recv() {
            Ok(loan) => {
                take(loan.event_type(), &loan);
                Polled::Event
            }
            Err(_) => Polled::Nothing,
        }
    }
}
