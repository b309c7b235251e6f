//! Endpoints in pairs, for an actor that reads one static ring and writes another.

use super::{Reader, Writer};
use crate::ring::RingBuffer;

/// The source of an actor's events: a publisher to its outgoing ring.
#[derive(Clone, Debug)]
pub struct RingSource<const N: usize, const CAP: usize> {
    /// The publisher.
    pub writer: Writer<N, CAP>,
}

impl<const N: usize, const CAP: usize> RingSource<N, CAP> {
    /// A source that publishes to `out_buffer`.
    pub fn new(out_buffer: &'static RingBuffer<N, CAP>) -> Self {
        RingSource { writer: Writer::new(out_buffer) }
    }
}

/// The sink of an actor's events: a lossy reader of its incoming ring.
#[derive(Clone, Debug)]
pub struct RingSink<const N: usize, const CAP: usize> {
    /// The reader.
    pub reader: Reader<N, CAP>,
}

impl<const N: usize, const CAP: usize> RingSink<N, CAP> {
    /// A sink that reads `in_buffer` from the oldest event it retains.
    pub fn new(in_buffer: &'static RingBuffer<N, CAP>) -> Self {
        RingSink { reader: Reader::new(in_buffer) }
    }
}

/// Both ends of an actor: it reads from `sink`, and publishes to `source`.
#[derive(Clone, Debug)]
pub struct RingPipe<const N: usize, const CAP: usize> {
    /// The publisher to the outgoing ring.
    pub source: RingSource<N, CAP>,
    /// The reader of the incoming ring.
    pub sink: RingSink<N, CAP>,
}

impl<const N: usize, const CAP: usize> RingPipe<N, CAP> {
    /// A pipe from `in_buffer` to `out_buffer`.
    pub fn new(in_buffer: &'static RingBuffer<N, CAP>, out_buffer: &'static RingBuffer<N, CAP>) -> Self {
        RingPipe { source: RingSource::new(out_buffer), sink: RingSink::new(in_buffer) }
    }
}
