//! A set of five pools, wherever its rings live.

#[cfg(feature = "alloc")]
use super::Capacities;
use super::{EventSize, PoolId, PoolStats, XL_TSHIRT_SIZE};
use crate::{
    Bytes, Many, RingRef, Sequence,
    ledger::Ledger,
    publisher::{Full, PublishError, TooLarge, publish_once},
};
#[cfg(feature = "alloc")]
use crate::{ClosePolicy, HeapRing};

/// Five rings, one for each size of event.
///
/// [`pools!`](crate::pools) declares a set as statics, `HeapPools` makes one when the program starts; several sets
/// live beside each other. Every ring of a set may be joined as any other ring. The rings of a set never close: emitting
/// makes no publisher that could keep one open.
pub trait PoolSet: Clone {
    /// A handle on the ring of 64-byte slots.
    type Xs: RingRef<Slot = Bytes<64>, Mode = Many>;
    /// A handle on the ring of 256-byte slots.
    type S: RingRef<Slot = Bytes<256>, Mode = Many>;
    /// A handle on the ring of 1,024-byte slots.
    type M: RingRef<Slot = Bytes<1024>, Mode = Many>;
    /// A handle on the ring of 4,096-byte slots.
    type L: RingRef<Slot = Bytes<4096>, Mode = Many>;
    /// A handle on the ring of 16,384-byte slots.
    type Xl: RingRef<Slot = Bytes<16384>, Mode = Many>;

    /// The ring of 64-byte slots.
    fn xs(&self) -> Self::Xs;
    /// The ring of 256-byte slots.
    fn s(&self) -> Self::S;
    /// The ring of 1,024-byte slots.
    fn m(&self) -> Self::M;
    /// The ring of 4,096-byte slots.
    fn l(&self) -> Self::L;
    /// The ring of 16,384-byte slots.
    fn xl(&self) -> Self::Xl;

    /// Publishes a copy of `data` in the smallest pool that holds it, without building an event. Lock-free; never waits.
    ///
    /// ```
    /// use rusted_ring::{Capacities, Consumer, HeapPools, PoolId, PoolSet, Start, publisher::PublishError};
    ///
    /// let pools = HeapPools::new(Capacities { xs: 1, ..Capacities::MOBILE });
    /// let _archive = Consumer::join(pools.xs(), Start::Newest)?.named("archive");
    /// let (pool, sequence) = pools.emit(b"a stroke", 1)?;
    /// assert_eq!((pool, sequence.get()), (PoolId::XS, 0));
    /// match pools.emit(b"another", 1) {
    ///     Err(PublishError::Full(full)) => assert_eq!(full.blocker.unwrap().name.as_str(), "archive"),
    ///     other => panic!("{other:?}"),
    /// }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// - [`PublishError::Full`], while a Consumer, which is named, holds the next slot of the pool:
    ///   [`EventSize::of`] the data says which pool it is.
    /// - [`PublishError::TooLarge`], if `data` exceeds the largest slots.
    ///
    /// # Panics
    ///
    /// After [`Sequence::LAST`] of the pool, in 146 years at 10<sup>9</sup> events a second.
    #[inline]
    fn emit(&self, data: &[u8], event_type: u32) -> Result<(PoolId, Sequence), PublishError> {
        match EventSize::of(data.len()).pool() {
            Some(pool) => self.emit_in(pool, data, event_type).map(|sequence| (pool, sequence)),
            None => Err(PublishError::TooLarge(TooLarge { data_len: data.len(), max_size: XL_TSHIRT_SIZE })),
        }
    }

    /// Publishes a copy of `data` in `pool`. Lock-free; never waits.
    ///
    /// # Errors
    ///
    /// As [`emit`](Self::emit); [`PublishError::TooLarge`], if `data` exceeds the slots of this pool.
    ///
    /// # Panics
    ///
    /// As [`emit`](Self::emit).
    #[inline]
    fn emit_in(&self, pool: PoolId, data: &[u8], event_type: u32) -> Result<Sequence, PublishError> {
        #[inline]
        fn once<R: RingRef<Mode = Many>>(ring: R, data: &[u8], event_type: u32) -> Result<Sequence, PublishError> {
            publish_once(ring.planes(), data, event_type)
                .map_err(|refused| PublishError::Full(Full::of(ring.planes(), refused, None)))
        }
        TooLarge::unless(data.len(), pool.max_size())?;
        match pool {
            PoolId::XS => once(self.xs(), data, event_type),
            PoolId::S => once(self.s(), data, event_type),
            PoolId::M => once(self.m(), data, event_type),
            PoolId::L => once(self.l(), data, event_type),
            PoolId::XL => once(self.xl(), data, event_type),
        }
    }

    /// How full each pool's slowest reader leaves it, smallest slots first.
    fn stats(&self) -> [PoolStats; 5] {
        PoolId::ALL.map(|pool| self.stats_of(pool))
    }

    /// How full one pool's slowest reader leaves it.
    fn stats_of(&self, pool: PoolId) -> PoolStats {
        fn of<R: RingRef>(pool: PoolId, ring: &R) -> PoolStats {
            let ledger = Ledger::of(ring);
            PoolStats { pool_id: pool, capacity: ledger.capacity(), current_backpressure: ledger.pressure() }
        }
        match pool {
            PoolId::XS => of(pool, &self.xs()),
            PoolId::S => of(pool, &self.s()),
            PoolId::M => of(pool, &self.m()),
            PoolId::L => of(pool, &self.l()),
            PoolId::XL => of(pool, &self.xl()),
        }
    }
}

/// Declares a set of pools as statics, which costs no memory but the rings', no initialisation and no stack.
///
/// ```
/// use rusted_ring::{Start, pool::PoolSet, Subscriber};
///
/// rusted_ring::pools! {
///     /// The pools of this program.
///     pub struct Sensors { xs: 4096, s: 512, m: 64, l: 8, xl: 4 }
/// }
///
/// let mut reader = Subscriber::join(Sensors.xs(), Start::Newest);
/// Sensors.emit(b"21.5 C", 7)?;
/// assert_eq!(reader.try_recv()?.bytes(), b"21.5 C");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[macro_export]
macro_rules! pools {
    (
        $(#[$meta:meta])*
        $vis:vis struct $name:ident { xs: $xs:expr, s: $s:expr, m: $m:expr, l: $l:expr, xl: $xl:expr $(,)? }
    ) => {
        $(#[$meta])*
        #[derive(
            ::core::clone::Clone, ::core::marker::Copy, ::core::fmt::Debug, ::core::default::Default
        )]
        $vis struct $name;

        // The program's own names are asked for here alone, where this macro has named nothing.
        impl $crate::pool::PoolSet for $name {
            type Xs = &'static $crate::RingBuffer<64, { $xs }>;
            type S = &'static $crate::RingBuffer<256, { $s }>;
            type M = &'static $crate::RingBuffer<1024, { $m }>;
            type L = &'static $crate::RingBuffer<4096, { $l }>;
            type Xl = &'static $crate::RingBuffer<16384, { $xl }>;

            #[inline]
            fn xs(&self) -> Self::Xs {
                static RING: <<$name as $crate::pool::PoolSet>::Xs as ::core::ops::Deref>::Target = $crate::RingBuffer::new();
                &RING
            }
            #[inline]
            fn s(&self) -> Self::S {
                static RING: <<$name as $crate::pool::PoolSet>::S as ::core::ops::Deref>::Target = $crate::RingBuffer::new();
                &RING
            }
            #[inline]
            fn m(&self) -> Self::M {
                static RING: <<$name as $crate::pool::PoolSet>::M as ::core::ops::Deref>::Target = $crate::RingBuffer::new();
                &RING
            }
            #[inline]
            fn l(&self) -> Self::L {
                static RING: <<$name as $crate::pool::PoolSet>::L as ::core::ops::Deref>::Target = $crate::RingBuffer::new();
                &RING
            }
            #[inline]
            fn xl(&self) -> Self::Xl {
                static RING: <<$name as $crate::pool::PoolSet>::Xl as ::core::ops::Deref>::Target = $crate::RingBuffer::new();
                &RING
            }
        }
    };
}

/// A set of pools on the heap, of capacities chosen when it is made; a clone is another handle on the same set.
///
/// Its rings never close, as those of any set.
#[cfg(feature = "alloc")]
#[derive(Clone, Debug)]
pub struct HeapPools {
    xs: HeapRing<64>,
    s: HeapRing<256>,
    m: HeapRing<1024>,
    l: HeapRing<4096>,
    xl: HeapRing<16384>,
}

#[cfg(feature = "alloc")]
impl HeapPools {
    /// A set of empty pools; all its memory is taken here.
    ///
    /// # Panics
    ///
    /// If a capacity is 0, a ring's bytes exceed the address space, or there is no memory for them. It is looked at first whether such
    /// rings can be.
    pub fn new(capacities: Capacities) -> Self {
        HeapRing::<64>::must_be_possible(capacities.xs);
        HeapRing::<256>::must_be_possible(capacities.s);
        HeapRing::<1024>::must_be_possible(capacities.m);
        HeapRing::<4096>::must_be_possible(capacities.l);
        HeapRing::<16384>::must_be_possible(capacities.xl);
        HeapPools {
            xs: HeapRing::closing(capacities.xs, ClosePolicy::Never),
            s: HeapRing::closing(capacities.s, ClosePolicy::Never),
            m: HeapRing::closing(capacities.m, ClosePolicy::Never),
            l: HeapRing::closing(capacities.l, ClosePolicy::Never),
            xl: HeapRing::closing(capacities.xl, ClosePolicy::Never),
        }
    }
}

#[cfg(feature = "alloc")]
impl PoolSet for HeapPools {
    type Xs = HeapRing<64>;
    type S = HeapRing<256>;
    type M = HeapRing<1024>;
    type L = HeapRing<4096>;
    type Xl = HeapRing<16384>;

    fn xs(&self) -> Self::Xs {
        self.xs.clone()
    }

    fn s(&self) -> Self::S {
        self.s.clone()
    }

    fn m(&self) -> Self::M {
        self.m.clone()
    }

    fn l(&self) -> Self::L {
        self.l.clone()
    }

    fn xl(&self) -> Self::Xl {
        self.xl.clone()
    }
}
