//! The only door to atomics and threads: the real ones, or loom's or shuttle's in models of the shipped types.

#[cfg(not(any(loom, shuttle)))]
mod imp {
    #[cfg(feature = "std")]
    pub(crate) use std::thread;

    #[cfg(target_has_atomic = "64")]
    pub(crate) use core::sync::atomic::AtomicU64;
    pub(crate) use core::{
        hint::spin_loop,
        sync::atomic::{
            AtomicU8, AtomicU16, AtomicU32,
            Ordering::{self, AcqRel, Acquire, Relaxed, Release},
            fence,
        },
    };
}

#[cfg(any(loom, shuttle))]
mod imp {
    #[cfg(loom)]
    use loom as checker;
    #[cfg(shuttle)]
    use shuttle as checker;

    #[cfg(all(feature = "async", test))]
    pub(crate) use checker::future::block_on;
    pub(crate) use checker::{
        hint::spin_loop,
        sync::{
            Condvar, Mutex,
            atomic::{
                AtomicU8, AtomicU16, AtomicU32, AtomicU64,
                Ordering::{self, AcqRel, Acquire, Relaxed, Release},
                fence,
            },
        },
        thread,
    };
}

pub(crate) use imp::*;

/// Raises `cell` to `to` at least; returns what it held before. It makes an exchange even where nothing changes, because joiners
/// and scans go by the order of exchanges.
#[inline]
pub(crate) fn raise(cell: &AtomicU64, to: u64, order: Ordering) -> u64 {
    // loom remembers only the last access to a cell: a load before the exchange would hide interleavings.
    #[cfg(loom)]
    return cell.fetch_max(to, order);
    // A loop, for ThreadSanitizer does not see `fetch_max`. Its loads are Relaxed: the exchange that succeeds reads the
    // cell again, by `order`.
    #[cfg(not(loom))]
    match cell.fetch_update(order, Relaxed, |now| Some(now.max(to))) {
        Ok(former) | Err(former) => former,
    }
}

/// Declares a `const fn` that is an ordinary `fn` in models, whose memory is made at run time.
macro_rules! const_unless_modelled {
    ($(#[$meta:meta])* $vis:vis const fn $($rest:tt)*) => {
        #[cfg(not(any(loom, shuttle)))]
        $(#[$meta])* $vis const fn $($rest)*
        #[cfg(any(loom, shuttle))]
        $(#[$meta])* $vis fn $($rest)*
    };
}
pub(crate) use const_unless_modelled;
