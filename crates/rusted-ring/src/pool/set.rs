//! A set of five pools, wherever its rings live.

#[cfg(feature = "alloc")]
use super::Capacities;
use super::{EventSize, PoolId, PoolStats, XL_TSHIRT_SIZE};
use crate::{
    Bytes, Many, Notes, Pages, RingRef, Sequence,
    ledger::Ledger,
    publisher::{PublishError, TooLarge, publish_unjoined},
};
#[cfg(feature = "alloc")]
use crate::{ClosePolicy, HeapNotedRing, NoMemory, SharedRing, ring::given};

/// Five rings, one for each size of event.
///
/// [`pools!`](crate::pools) declares a set as statics, and `HeapPools` makes one when the program starts; a program may have
/// several. Join any ring of a set as you would another ring. The rings of a set never close: emitting makes no publisher that
/// could keep one open.
///
/// # Long events
///
/// `LONGEST` is the most bytes that an event may have: 16,384, a slot of the XL pool, unless a set is made for more. An event beyond
/// 16,384 bytes then also goes into the XL pool, in as many consecutive slots as it takes ([`Bytes`](crate::Bytes#long-events)). A
/// [`Consumer`](crate::Consumer) is lent it in one piece, and a [`Subscriber`](crate::Subscriber) copies it whole; its sequence is
/// that of its first slot.
///
/// ```
/// use rusted_ring::{Consumer, Start, pool::PoolSet};
///
/// rusted_ring::pools! {
///     /// Documents of up to 128 KiB, among small messages.
///     pub struct Documents { xs: 512, s: 128, m: 32, l: 16, xl: 32, longest: 131_072 }
/// }
///
/// let mut store = Consumer::new(Documents.xl())?;
/// let document = vec![7; 100_000];
/// Documents.emit(&document, 1)?;
/// assert_eq!(&*store.try_recv()?, &document[..]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub trait PoolSet<const LONGEST: usize = XL_TSHIRT_SIZE>: Clone {
    /// What stages note beside each event: `()` for nothing.
    type Notes: Notes;
    /// A handle on the ring of 64-byte slots.
    type Xs: RingRef<Slot = Bytes<64, 64, Self::Notes>, Mode = Many>;
    /// A handle on the ring of 256-byte slots.
    type S: RingRef<Slot = Bytes<256, 256, Self::Notes>, Mode = Many>;
    /// A handle on the ring of 1,024-byte slots.
    type M: RingRef<Slot = Bytes<1024, 1024, Self::Notes>, Mode = Many>;
    /// A handle on the ring of 4,096-byte slots.
    type L: RingRef<Slot = Bytes<4096, 4096, Self::Notes>, Mode = Many>;
    /// A handle on the ring of 16,384-byte slots.
    type Xl: RingRef<Slot = Bytes<LONGEST, XL_TSHIRT_SIZE, Self::Notes>, Mode = Many>;

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

    /// Publishes a copy of `data` in the smallest pool that holds it, without building an event. Never waits.
    ///
    /// Lock-free for an event of one slot; publishers of [long events](#long-events) may get in each other's way.
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
    /// - [`PublishError::Full`], while a Consumer, which the error names, holds a slot of the pool that the event needs:
    ///   [`EventSize::of`] the data says which pool that is.
    /// - [`PublishError::TooLarge`], if `data` exceeds `LONGEST` bytes.
    /// - [`PublishError::Corrupt`], if the pools are between processes, and the words of this one cannot be.
    ///
    /// # Panics
    ///
    /// After [`Sequence::LAST`] of the pool, which takes 146 years at 10<sup>9</sup> events a second.
    #[inline]
    fn emit(&self, data: &[u8], event_type: u32) -> Result<(PoolId, Sequence), PublishError> {
        let pool = EventSize::of(data.len()).pool().unwrap_or(PoolId::XL);
        self.emit_in(pool, data, event_type).map(|sequence| (pool, sequence))
    }

    /// Publishes a copy of `data` in `pool`. Never waits. Lock-free as [`emit`](Self::emit) is.
    ///
    /// # Errors
    ///
    /// As [`emit`](Self::emit); [`PublishError::TooLarge`], if `data` exceeds what this pool takes.
    ///
    /// # Panics
    ///
    /// As [`emit`](Self::emit).
    #[inline]
    fn emit_in(&self, pool: PoolId, data: &[u8], event_type: u32) -> Result<Sequence, PublishError> {
        #[inline]
        fn once<R: RingRef<Mode = Many>>(ring: R, data: &[u8], event_type: u32) -> Result<Sequence, PublishError> {
            publish_unjoined(&ring, data, event_type).map_err(PublishError::from)
        }
        TooLarge::unless(data.len(), if let PoolId::XL = pool { LONGEST } else { pool.max_size() })?;
        match pool {
            PoolId::XS => once(self.xs(), data, event_type),
            PoolId::S => once(self.s(), data, event_type),
            PoolId::M => once(self.m(), data, event_type),
            PoolId::L => once(self.l(), data, event_type),
            PoolId::XL => once(self.xl(), data, event_type),
        }
    }

    /// How far each pool's slowest reader lags, smallest slots first.
    fn stats(&self) -> [PoolStats; 5] {
        PoolId::ALL.map(|pool| self.stats_of(pool))
    }

    /// How far one pool's slowest reader lags.
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

/// Pools in statics, each alone on its pages: what [`pools!`](crate::pools) declares. `rusted-ring-shm` shows them to other processes.
pub trait StaticPools<const LONGEST: usize = XL_TSHIRT_SIZE>: PoolSet<LONGEST, Notes = ()> {
    /// The pages of each pool, for whoever exchanges them.
    fn pages(&self) -> PoolPages<LONGEST>;
}

/// The pages of a set of static pools.
#[derive(Debug)]
pub struct PoolPages<const LONGEST: usize = XL_TSHIRT_SIZE> {
    /// Of the ring of 64-byte slots.
    pub xs: Pages<Bytes<64>>,
    /// Of the ring of 256-byte slots.
    pub s: Pages<Bytes<256>>,
    /// Of the ring of 1,024-byte slots.
    pub m: Pages<Bytes<1024>>,
    /// Of the ring of 4,096-byte slots.
    pub l: Pages<Bytes<4096>>,
    /// Of the ring of 16,384-byte slots.
    pub xl: Pages<Bytes<LONGEST, XL_TSHIRT_SIZE>>,
}

/// Declares a set of pools as statics, which costs no memory except the rings' pages, no initialisation and no stack.
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
///
/// With `longest: bytes` behind the capacities, the XL pool takes [events of up to that many bytes](crate::pool::PoolSet#long-events),
/// and must have at least four times the slots of the longest event.
#[macro_export]
macro_rules! pools {
    (
        $(#[$meta:meta])*
        $vis:vis struct $name:ident { xs: $xs:expr, s: $s:expr, m: $m:expr, l: $l:expr, xl: $xl:expr $(,)? }
    ) => {
        $crate::pools! {
            $(#[$meta])*
            $vis struct $name { xs: $xs, s: $s, m: $m, l: $l, xl: $xl, longest: $crate::pool::XL_TSHIRT_SIZE }
        }
    };
    (
        $(#[$meta:meta])*
        $vis:vis struct $name:ident {
            xs: $xs:expr, s: $s:expr, m: $m:expr, l: $l:expr, xl: $xl:expr, longest: $longest:expr $(,)?
        }
    ) => {
        $(#[$meta])*
        #[derive(
            ::core::clone::Clone, ::core::marker::Copy, ::core::fmt::Debug, ::core::default::Default
        )]
        $vis struct $name;

        // The program's own names are resolved only here, where this macro has named nothing.
        impl $crate::pool::PoolSet<{ $longest }> for $name {
            type Notes = ();
            type Xs = &'static $crate::RingBuffer<64, { $xs }>;
            type S = &'static $crate::RingBuffer<256, { $s }>;
            type M = &'static $crate::RingBuffer<1024, { $m }>;
            type L = &'static $crate::RingBuffer<4096, { $l }>;
            type Xl = &'static $crate::InlineRing<$crate::Bytes<{ $longest }, 16384>, { $xl }>;

            #[inline]
            fn xs(&self) -> Self::Xs {
                $name::paged_xs()
            }
            #[inline]
            fn s(&self) -> Self::S {
                $name::paged_s()
            }
            #[inline]
            fn m(&self) -> Self::M {
                $name::paged_m()
            }
            #[inline]
            fn l(&self) -> Self::L {
                $name::paged_l()
            }
            #[inline]
            fn xl(&self) -> Self::Xl {
                $name::paged_xl()
            }
        }

        impl $name {
            #[doc(hidden)]
            #[inline]
            fn paged_xs() -> &'static $crate::Paged<<<$name as $crate::pool::PoolSet<{ $longest }>>::Xs as ::core::ops::Deref>::Target> {
                static RING: $crate::Paged<<<$name as $crate::pool::PoolSet<{ $longest }>>::Xs as ::core::ops::Deref>::Target> = $crate::Paged::new();
                &RING
            }
            #[doc(hidden)]
            #[inline]
            fn paged_s() -> &'static $crate::Paged<<<$name as $crate::pool::PoolSet<{ $longest }>>::S as ::core::ops::Deref>::Target> {
                static RING: $crate::Paged<<<$name as $crate::pool::PoolSet<{ $longest }>>::S as ::core::ops::Deref>::Target> = $crate::Paged::new();
                &RING
            }
            #[doc(hidden)]
            #[inline]
            fn paged_m() -> &'static $crate::Paged<<<$name as $crate::pool::PoolSet<{ $longest }>>::M as ::core::ops::Deref>::Target> {
                static RING: $crate::Paged<<<$name as $crate::pool::PoolSet<{ $longest }>>::M as ::core::ops::Deref>::Target> = $crate::Paged::new();
                &RING
            }
            #[doc(hidden)]
            #[inline]
            fn paged_l() -> &'static $crate::Paged<<<$name as $crate::pool::PoolSet<{ $longest }>>::L as ::core::ops::Deref>::Target> {
                static RING: $crate::Paged<<<$name as $crate::pool::PoolSet<{ $longest }>>::L as ::core::ops::Deref>::Target> = $crate::Paged::new();
                &RING
            }
            #[doc(hidden)]
            #[inline]
            fn paged_xl() -> &'static $crate::Paged<<<$name as $crate::pool::PoolSet<{ $longest }>>::Xl as ::core::ops::Deref>::Target> {
                static RING: $crate::Paged<<<$name as $crate::pool::PoolSet<{ $longest }>>::Xl as ::core::ops::Deref>::Target> = $crate::Paged::new();
                &RING
            }
        }

        impl $crate::pool::StaticPools<{ $longest }> for $name {
            fn pages(&self) -> $crate::pool::PoolPages<{ $longest }> {
                $crate::pool::PoolPages {
                    xs: $name::paged_xs().pages(),
                    s: $name::paged_s().pages(),
                    m: $name::paged_m().pages(),
                    l: $name::paged_l().pages(),
                    xl: $name::paged_xl().pages(),
                }
            }
        }
    };
}

/// A set of pools on the heap, with capacities chosen when it is made. A clone is another handle on the same set.
///
/// Its rings never close, like those of any set. Its events have at most `LONGEST` bytes, which is a slot of the XL pool unless the
/// set is made [for longer ones](Self::with_longest). Its slots have [`Notes`] `A` beside the events if it is made by
/// [`noted`](Self::noted).
#[cfg(feature = "alloc")]
#[derive(Debug)]
pub struct HeapPools<const LONGEST: usize = XL_TSHIRT_SIZE, A: Notes = ()> {
    xs: HeapNotedRing<64, A>,
    s: HeapNotedRing<256, A>,
    m: HeapNotedRing<1024, A>,
    l: HeapNotedRing<4096, A>,
    xl: SharedRing<Bytes<LONGEST, XL_TSHIRT_SIZE, A>>,
}

#[cfg(feature = "alloc")]
impl HeapPools {
    /// Makes a set of empty pools, and allocates all its memory.
    ///
    /// # Panics
    ///
    /// If a capacity is 0, a ring's bytes exceed the address space, or there is no memory for them. It checks that the rings are
    /// possible before it allocates any.
    pub fn new(capacities: Capacities) -> Self {
        Self::with_longest(capacities)
    }

    /// Makes a set of empty pools, if there is memory for it.
    ///
    /// # Errors
    ///
    /// [`NoMemory`].
    ///
    /// # Panics
    ///
    /// As [`new`](Self::new) does, but for that.
    pub fn try_new(capacities: Capacities) -> Result<Self, NoMemory> {
        Self::try_made(capacities)
    }
}

#[cfg(feature = "alloc")]
impl<A: Notes> HeapPools<XL_TSHIRT_SIZE, A> {
    /// Makes a set of empty pools whose slots have notes `A`, and allocates all its memory. Panics as [`new`](HeapPools::new) does.
    ///
    /// ```
    /// # use rusted_ring::{Capacities, Consumer, HeapPools, PoolSet, Start, pool::XL_TSHIRT_SIZE};
    /// # use std::sync::atomic::{AtomicU8, Ordering::Relaxed};
    /// let pools = HeapPools::<XL_TSHIRT_SIZE, AtomicU8>::noted(Capacities::MOBILE);
    /// let mut stage = Consumer::join(pools.xs(), Start::Newest)?;
    /// pools.emit(b"a stroke", 1)?;
    /// stage.try_recv()?.notes().store(7, Relaxed);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn noted(capacities: Capacities) -> Self {
        Self::made(capacities)
    }
}

#[cfg(feature = "alloc")]
impl<const LONGEST: usize> HeapPools<LONGEST> {
    /// Makes a set of empty pools for events of up to `LONGEST` bytes, of which [long ones](PoolSet#long-events) go into the XL pool.
    ///
    /// ```
    /// use rusted_ring::{Consumer, Start, pool::{Capacities, HeapPools, PoolId, PoolSet}};
    ///
    /// let pools = HeapPools::<1_000_000>::with_longest(Capacities { xl: 256, ..Capacities::MOBILE });
    /// let mut store = Consumer::join(pools.xl(), Start::Newest)?;
    /// let image = vec![7; 1_000_000];
    /// assert_eq!(pools.emit(&image, 1)?.0, PoolId::XL);
    /// assert_eq!(&*store.try_recv()?, &image[..]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Panics
    ///
    /// As [`new`](HeapPools::new) does, and if the XL pool has fewer than four times the slots that its longest event takes.
    pub fn with_longest(capacities: Capacities) -> Self {
        Self::made(capacities)
    }
}

#[cfg(feature = "alloc")]
impl<const LONGEST: usize, A: Notes> HeapPools<LONGEST, A> {
    fn made(capacities: Capacities) -> Self {
        given(Self::try_made(capacities))
    }

    fn try_made(capacities: Capacities) -> Result<Self, NoMemory> {
        HeapNotedRing::<64, A>::must_be_possible(capacities.xs);
        HeapNotedRing::<256, A>::must_be_possible(capacities.s);
        HeapNotedRing::<1024, A>::must_be_possible(capacities.m);
        HeapNotedRing::<4096, A>::must_be_possible(capacities.l);
        SharedRing::<Bytes<LONGEST, XL_TSHIRT_SIZE, A>>::must_be_possible(capacities.xl);
        Ok(HeapPools {
            xs: HeapNotedRing::try_closing(capacities.xs, ClosePolicy::Never)?,
            s: HeapNotedRing::try_closing(capacities.s, ClosePolicy::Never)?,
            m: HeapNotedRing::try_closing(capacities.m, ClosePolicy::Never)?,
            l: HeapNotedRing::try_closing(capacities.l, ClosePolicy::Never)?,
            xl: SharedRing::try_closing(capacities.xl, ClosePolicy::Never)?,
        })
    }
}

#[cfg(feature = "alloc")]
impl<const LONGEST: usize, A: Notes> Clone for HeapPools<LONGEST, A> {
    fn clone(&self) -> Self {
        HeapPools { xs: self.xs.clone(), s: self.s.clone(), m: self.m.clone(), l: self.l.clone(), xl: self.xl.clone() }
    }
}

#[cfg(feature = "alloc")]
impl<const LONGEST: usize, A: Notes> PoolSet<LONGEST> for HeapPools<LONGEST, A> {
    type Notes = A;
    type Xs = HeapNotedRing<64, A>;
    type S = HeapNotedRing<256, A>;
    type M = HeapNotedRing<1024, A>;
    type L = HeapNotedRing<4096, A>;
    type Xl = SharedRing<Bytes<LONGEST, XL_TSHIRT_SIZE, A>>;

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
