//! The only door to atomics: the core's own, or loom's when the shipped types are being model-checked.

#[cfg(not(loom))]
mod imp {
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

#[cfg(loom)]
mod imp {
    pub(crate) use loom::{
        hint::spin_loop,
        sync::atomic::{
            AtomicU8, AtomicU16, AtomicU32, AtomicU64,
            Ordering::{self, AcqRel, Acquire, Relaxed, Release},
            fence,
        },
    };
}

pub(crate) use imp::*;

/// Declares a `const fn` that is an ordinary `fn` under loom, whose atomics are made at run time.
macro_rules! const_unless_loom {
    ($(#[$meta:meta])* $vis:vis const fn $($rest:tt)*) => {
        #[cfg(not(loom))]
        $(#[$meta])* $vis const fn $($rest)*
        #[cfg(loom)]
        $(#[$meta])* $vis fn $($rest)*
    };
}
pub(crate) use const_unless_loom;
