//! Slot sizes, which are constants of the library's types, and are found at run time: in a file, or as an argument.
//!
//! A program that knows its own rings needs none of this. It is for tools, and for what another language calls.
//!
//! ```
//! use rusted_ring::HeapRing;
//! use rusted_ring_shm::sizes::{self, AtSize};
//!
//! struct Capacity(usize);
//!
//! impl AtSize for Capacity {
//!     type Output = usize;
//!
//!     fn at<const N: usize>(self) -> usize {
//!         rusted_ring::RingRef::capacity(&HeapRing::<N>::new(self.0))
//!     }
//! }
//!
//! assert_eq!(sizes::power_holding(100), Some(128));
//! assert_eq!(sizes::with(104, Capacity(16)), Some(16));
//! assert_eq!(sizes::with(100, Capacity(16)), None);
//! ```

/// What is done with a slot size once it is a constant.
pub trait AtSize {
    /// What is returned.
    type Output;

    /// Called with the size found, as `N`.
    fn at<const N: usize>(self) -> Self::Output;
}

macro_rules! sizes {
    ($($size:literal)*) => {
        /// Calls `what` with the size `bytes`; none, if that is not among those that are compiled in.
        pub fn with<W: AtSize>(bytes: u64, what: W) -> Option<W::Output> {
            match bytes {
                $($size => Some(what.at::<$size>()),)*
                _ => None,
            }
        }

        /// All of them, in order.
        pub const ALL: &[u64] = &[$($size),*];
    };
}

sizes! {
    1 2 4
    8 16 24 32 40 48 56 64 72 80 88 96 104 112 120 128
    136 144 152 160 168 176 184 192 200 208 216 224 232 240 248 256
    512 1024 2048 4096 8192 16384 32768 65536
}

/// Which sizes there are, for people.
pub const SIZES: &str = "multiples of 8 up to 256, and powers of two up to 65536";

/// The sizes of the five pools.
pub const POOLS: [u64; 5] = [64, 256, 1024, 4096, 16384];

/// As [`with`], of [`POOLS`] alone: for what would be too much of everything, were it there for all sizes.
pub fn with_pool<W: AtSize>(bytes: u64, what: W) -> Option<W::Output> {
    Some(match bytes {
        64 => what.at::<64>(),
        256 => what.at::<256>(),
        1024 => what.at::<1024>(),
        4096 => what.at::<4096>(),
        16384 => what.at::<16384>(),
        _ => return None,
    })
}

/// The powers of two from 8 on.
pub const POWERS: [u64; 14] = [8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096, 8192, 16384, 32768, 65536];

/// As [`with`], of [`POWERS`] alone: for what is much for each size.
pub fn with_power<W: AtSize>(bytes: u64, what: W) -> Option<W::Output> {
    Some(match bytes {
        8 => what.at::<8>(),
        16 => what.at::<16>(),
        32 => what.at::<32>(),
        64 => what.at::<64>(),
        128 => what.at::<128>(),
        256 => what.at::<256>(),
        512 => what.at::<512>(),
        1024 => what.at::<1024>(),
        2048 => what.at::<2048>(),
        4096 => what.at::<4096>(),
        8192 => what.at::<8192>(),
        16384 => what.at::<16384>(),
        32768 => what.at::<32768>(),
        65536 => what.at::<65536>(),
        _ => return None,
    })
}

/// The smallest of [`POWERS`] that holds `bytes`; none, if they exceed the largest.
pub fn power_holding(bytes: u64) -> Option<u64> {
    POWERS.into_iter().find(|&size| size >= bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Size;

    impl AtSize for Size {
        type Output = u64;

        fn at<const N: usize>(self) -> u64 {
            N as u64
        }
    }

    #[test]
    fn the_sizes_are_those_that_people_are_told() {
        let told = |size: &u64| size.is_power_of_two() || size.is_multiple_of(8) && *size <= 256;
        let expected: Vec<u64> = (1..=65536).filter(told).collect();
        assert_eq!(ALL, expected);
        assert!(ALL.iter().all(|&size| with(size, Size) == Some(size)));
        assert_eq!(with(12, Size), None);
        assert!(POWERS.iter().all(|&size| size.is_power_of_two() && with_power(size, Size) == Some(size)));
        assert_eq!((POWERS.len(), with_power(24, Size)), (14, None));
        assert_eq!([0, 9, 16, 65536, 65537].map(power_holding), [Some(8), Some(16), Some(16), Some(65536), None]);
        assert!(POOLS.iter().all(|&size| with_pool(size, Size) == Some(size)));
        assert_eq!(with_pool(128, Size), None);
    }
}
