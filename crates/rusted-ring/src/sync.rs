//! The only door to atomics and threads: the real ones, or loom's or shuttle's when the shipped types are modelled.

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
