//! Who made the processor.

use crate::sync::{AtomicU8, Relaxed};

/// Makers whose processors move cache lines in ways that were measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Maker {
    Amd,
    Intel,
    /// Another, or nobody knows.
    Other,
}

/// Asks the processor once: under a hypervisor that takes tens of microseconds.
pub(crate) fn maker() -> Maker {
    const UNKNOWN: u8 = 0;
    static MAKER: AtomicU8 = AtomicU8::new(UNKNOWN);
    match MAKER.load(Relaxed) {
        UNKNOWN => {
            let maker = asked();
            MAKER.store(maker as u8 + 1, Relaxed);
            maker
        }
        known => [Maker::Amd, Maker::Intel, Maker::Other][usize::from(known - 1)],
    }
}

#[cfg(all(target_arch = "x86_64", not(miri)))]
#[allow(unused_unsafe, reason = "the function is safe from Rust 1.94 on")]
fn asked() -> Maker {
    // SAFETY: every x86-64 processor has the instruction, and its leaf 0.
    let leaf = unsafe { core::arch::x86_64::__cpuid(0) };
    let name = [leaf.ebx, leaf.edx, leaf.ecx].map(u32::to_le_bytes);
    match name.as_flattened() {
        b"AuthenticAMD" => Maker::Amd,
        b"GenuineIntel" => Maker::Intel,
        _ => Maker::Other,
    }
}

#[cfg(not(all(target_arch = "x86_64", not(miri))))]
fn asked() -> Maker {
    Maker::Other
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(all(target_arch = "x86_64", target_os = "linux", not(miri)))]
    #[test]
    fn the_maker_is_the_one_that_the_system_names() {
        let info = std::fs::read_to_string("/proc/cpuinfo").unwrap();
        let named = [("AuthenticAMD", Maker::Amd), ("GenuineIntel", Maker::Intel)];
        let expected = named.iter().find(|(name, _)| info.contains(name)).map_or(Maker::Other, |(_, maker)| *maker);
        assert_eq!([maker(), maker()], [expected; 2], "asked, and kept");
    }
}
