//! Slot sizes, which are constants of the library's types, and are found in a file at run time.

/// What is done with a slot size once it is a constant.
pub(crate) trait AtSize {
    type Output;

    /// Called with the size found, as `N`.
    fn at<const N: usize>(self) -> Self::Output;
}

macro_rules! sizes {
    ($($size:literal)*) => {
        /// Calls `what` with the size `bytes`; none, if that is not among those that are compiled in.
        pub(crate) fn with<W: AtSize>(bytes: u64, what: W) -> Option<W::Output> {
            match bytes {
                $($size => Some(what.at::<$size>()),)*
                _ => None,
            }
        }

        #[cfg(test)]
        const ALL: &[u64] = &[$($size),*];
    };
}

sizes! {
    1 2 4
    8 16 24 32 40 48 56 64 72 80 88 96 104 112 120 128
    136 144 152 160 168 176 184 192 200 208 216 224 232 240 248 256
    512 1024 2048 4096 8192 16384 32768 65536
}

/// Which sizes there are, for people.
pub(crate) const SIZES: &str = "multiples of 8 up to 256, and powers of two up to 65536";

/// The sizes of the five pools.
pub(crate) const POOLS: [u64; 5] = [64, 256, 1024, 4096, 16384];

/// As [`with`], of [`POOLS`] alone: for what would be too much of everything, were it there for all sizes.
pub(crate) fn with_pool<W: AtSize>(bytes: u64, what: W) -> Option<W::Output> {
    Some(match bytes {
        64 => what.at::<64>(),
        256 => what.at::<256>(),
        1024 => what.at::<1024>(),
        4096 => what.at::<4096>(),
        16384 => what.at::<16384>(),
        _ => return None,
    })
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
        assert!(POOLS.iter().all(|&size| with_pool(size, Size) == Some(size)));
        assert_eq!(with_pool(128, Size), None);
    }
}
