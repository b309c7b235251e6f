//! This library: by the verbs of 0.5, and by its own.

use crate::endpoints::{Pools, Put, Rings, Take, verbs_of_0_5};
use rusted_ring as library;
use rusted_ring::{Bytes, Consumer, EventPoolFactory, Many, Publisher, RingBuffer, RingRef};
use std::hint::black_box;

/// Created, added, and read by a lossy reader, as with 0.5.
pub(crate) struct New;

verbs_of_0_5!(library, library::Reader::lost, rings: New, pools: New);

/// Published as bytes without an event in between, and read by a Consumer, for which the publishers wait.
pub(crate) struct NewLossless;

/// Published as bytes without an event in between.
pub(crate) struct NewBytes;

/// A publisher that is handed bytes.
struct ByBytes<R: RingRef<Mode = Many>>(Publisher<R>);

impl<const N: usize, R: RingRef<Mode = Many, Slot = Bytes<N>> + Send + 'static> Put for ByBytes<R> {
    #[inline]
    fn try_put(&mut self, bytes: &[u8], event_type: u32) -> bool {
        self.0.try_publish(bytes, event_type).is_ok()
    }
}

impl<const N: usize, R: RingRef<Slot = Bytes<N>> + Send + 'static> Take for Consumer<R> {
    #[inline]
    fn try_take(&mut self, look: impl FnOnce(&[u8])) -> bool {
        self.try_recv().map(|event| look(&event)).is_ok()
    }

    fn should_throttle(&self) -> bool {
        false
    }

    fn told_lost(&self) -> u64 {
        0
    }
}

impl Rings for NewLossless {
    fn open<const N: usize, const CAP: usize>() -> (impl Put, impl Take) {
        let ring: &'static _ = black_box(Box::leak(Box::new(RingBuffer::<N, CAP>::new())));
        let consumer = Consumer::new(ring).expect("a new ring has room for a Consumer");
        (ByBytes(Publisher::new(ring)), consumer)
    }
}

impl Pools for NewBytes {
    fn xs() -> (impl Put, impl Take) {
        (ByBytes(EventPoolFactory::get_xs_writer()), EventPoolFactory::get_xs_reader())
    }
    fn s() -> (impl Put, impl Take) {
        (ByBytes(EventPoolFactory::get_s_writer()), EventPoolFactory::get_s_reader())
    }
    fn m() -> (impl Put, impl Take) {
        (ByBytes(EventPoolFactory::get_m_writer()), EventPoolFactory::get_m_reader())
    }
    fn l() -> (impl Put, impl Take) {
        (ByBytes(EventPoolFactory::get_l_writer()), EventPoolFactory::get_l_reader())
    }
    fn xl() -> (impl Put, impl Take) {
        (ByBytes(EventPoolFactory::get_xl_writer()), EventPoolFactory::get_xl_reader())
    }
    fn auto() -> (impl Put, impl Take) {
        (Emit, EventPoolFactory::get_xs_reader())
    }
}

/// Finds the pool for bytes.
struct Emit;

impl Put for Emit {
    #[inline]
    fn try_put(&mut self, bytes: &[u8], event_type: u32) -> bool {
        EventPoolFactory::emit(bytes, event_type).is_ok()
    }
}
