//! Endpoints by name, as in rusted-ring 0.5.

#[cfg(feature = "std")]
use std::sync::OnceLock;

use super::{Reader, Writer};
use crate::{
    Consumer, JoinError, Sequence,
    pool::{EventSize, L_CAPACITY, M_CAPACITY, PoolId, PoolSet, Production, S_CAPACITY, XL_CAPACITY, XS_CAPACITY},
    publisher::PublishError,
    ring::RingBuffer,
};

/// Endpoints of a ring in a `OnceLock`, which the first caller initialises.
#[cfg(feature = "std")]
#[derive(Debug)]
pub struct RingFactory;

#[cfg(feature = "std")]
impl RingFactory {
    /// Returns a publisher of `ring`.
    pub fn get_writer<const N: usize, const CAP: usize>(ring: &'static OnceLock<RingBuffer<N, CAP>>) -> Writer<N, CAP> {
        Writer::new(ring.get_or_init(RingBuffer::new))
    }

    /// Returns a lossy reader of `ring`, from the oldest event that it retains.
    pub fn get_reader<const N: usize, const CAP: usize>(ring: &'static OnceLock<RingBuffer<N, CAP>>) -> Reader<N, CAP> {
        Reader::new(ring.get_or_init(RingBuffer::new))
    }
}

/// Endpoints of the production set's pools.
///
/// The pools are statics that need no initialisation: any thread may use them first, on any stack. Readers and
/// Consumers begin at the oldest event retained.
#[derive(Debug)]
pub struct EventPoolFactory;

macro_rules! endpoints {
    ($($pool:literal: $ring:ident, $size:literal, $capacity:ident, $writer:ident, $reader:ident, $consumer:ident;)*) => {
        impl EventPoolFactory {
            $(
                #[doc = concat!("A publisher of the ", $pool, " pool.")]
                #[inline]
                pub fn $writer() -> Writer<$size, $capacity> {
                    Writer::new(Production.$ring())
                }

                #[doc = concat!("A lossy reader of the ", $pool, " pool; nobody waits for it.")]
                pub fn $reader() -> Reader<$size, $capacity> {
                    Reader::new(Production.$ring())
                }

                #[doc = concat!("A lossless reader of the ", $pool, " pool; its publishers wait for it.")]
                ///
                /// # Errors
                ///
                /// [`JoinError::TooManyReaders`], if the pool's table of readers is full.
                pub fn $consumer() -> Result<Consumer<&'static RingBuffer<$size, $capacity>>, JoinError> {
                    Consumer::new(Production.$ring())
                }
            )*
        }
    };
}

endpoints! {
    "XS": xs, 64, XS_CAPACITY, get_xs_writer, get_xs_reader, get_xs_consumer;
    "S": s, 256, S_CAPACITY, get_s_writer, get_s_reader, get_s_consumer;
    "M": m, 1024, M_CAPACITY, get_m_writer, get_m_reader, get_m_consumer;
    "L": l, 4096, L_CAPACITY, get_l_writer, get_l_reader, get_l_consumer;
    "XL": xl, 16384, XL_CAPACITY, get_xl_writer, get_xl_reader, get_xl_consumer;
}

impl EventPoolFactory {
    /// The smallest size class that holds `data_len` bytes.
    pub fn estimate_size(data_len: usize) -> EventSize {
        EventSize::of(data_len)
    }

    /// The pool of the smallest size class that holds `data_len` bytes; `None` beyond 16,384.
    pub fn estimate_pool_id(data_len: usize) -> Option<PoolId> {
        EventSize::of(data_len).pool()
    }

    /// Publishes a copy of `data` in the smallest pool that holds it, without building an event. Never waits.
    ///
    /// # Errors
    ///
    /// As [`PoolSet::emit`].
    #[inline]
    pub fn emit(data: &[u8], event_type: u32) -> Result<(PoolId, Sequence), PublishError> {
        Production.emit(data, event_type)
    }
}
