//! A compare-exchange of a few plain instructions, which the kernel starts again where a thread was interrupted in them
//! (docs/adr/0045).
//!
//! An exchange that is locked waits until the core has shown all its earlier stores. These instructions need not: no other thread changes the
//! word in the meantime, because whoever wants to first takes the permit back, and then interrupts all threads of the process. What
//! they are to the language is in docs/SAFETY.md.

/// What a permit is while words may be replaced so.
pub(crate) const PERMITTED: u32 = 1;

pub(crate) use imp::{IS_POSSIBLE, interrupt, is_granted, replace};

#[cfg(all(
    feature = "std",
    target_os = "linux",
    target_env = "gnu",
    target_arch = "x86_64",
    target_pointer_width = "64",
    not(any(miri, loom, shuttle, rusted_ring_no_restart))
))]
mod imp {
    use core::{
        arch::asm,
        ffi::{CStr, c_char, c_void},
        ptr,
        sync::atomic::{AtomicIsize, AtomicU8, AtomicU32, AtomicU64, Ordering::Relaxed},
    };

    use rustix::thread::{MembarrierCommand, membarrier};

    use super::PERMITTED;

    pub(crate) const IS_POSSIBLE: bool = true;

    /// From the thread's pointer to its area of restartable sequences, as glibc registered it; 0 is unknown, for the thread's own
    /// block lies there.
    static AREA: AtomicIsize = AtomicIsize::new(0);

    /// Whether the kernel can interrupt this process' threads in the instructions: `UNKNOWN`, `REFUSED` or `GRANTED`.
    static ANSWER: AtomicU8 = AtomicU8::new(UNKNOWN);
    const UNKNOWN: u8 = 0;
    const REFUSED: u8 = 1;
    const GRANTED: u8 = 2;

    /// Asks the kernel, if nobody has. No lock: a signal handler may join a ring while its thread asks, and two that ask get one answer.
    pub(crate) fn is_granted() -> bool {
        match ANSWER.load(Relaxed) {
            UNKNOWN => ask(),
            answer => answer == GRANTED,
        }
    }

    #[cold]
    fn ask() -> bool {
        let register = || membarrier(MembarrierCommand::RegisterPrivateExpeditedRseq).is_ok() && interrupt();
        let granted = area().filter(|_| register());
        if let Some(area) = granted {
            AREA.store(area, Relaxed);
        }
        ANSWER.store(if granted.is_some() { GRANTED } else { REFUSED }, Relaxed);
        granted.is_some()
    }

    /// Has every thread of this process that is in the instructions begin them again; a barrier on all their cores. Returns whether the kernel
    /// did that.
    pub(crate) fn interrupt() -> bool {
        membarrier(MembarrierCommand::PrivateExpeditedRseq).is_ok()
    }

    /// Where glibc has the areas, from version 2.35 on; none, if it registered none.
    fn area() -> Option<isize> {
        // SAFETY: glibc defines the symbol with this type, and it does not change after the program has started.
        let offset = unsafe { symbol(c"__rseq_offset")?.cast::<isize>().read() };
        // SAFETY: as above.
        let size = unsafe { symbol(c"__rseq_size")?.cast::<u32>().read() };
        (offset != 0 && size != 0).then_some(offset)
    }

    /// The address of a symbol of the C library.
    fn symbol(name: &CStr) -> Option<*const c_void> {
        unsafe extern "C" {
            fn dlsym(handle: *mut c_void, name: *const c_char) -> *mut c_void;
        }
        // SAFETY: the null handle means all libraries of the program; the name ends in a zero.
        let found = unsafe { dlsym(ptr::null_mut(), name.as_ptr()) };
        (!found.is_null()).then_some(found.cast_const())
    }

    /// Replaces `current` in `word` by `new`, Release, if `permit` is [`PERMITTED`]. Returns whether it did: if not, nothing was stored.
    #[inline(always)]
    pub(crate) fn replace(word: &AtomicU64, current: u64, new: u64, permit: &AtomicU32) -> bool {
        let area = AREA.load(Relaxed);
        if area == 0 {
            return false;
        }
        let mut is_replaced: u32 = 0;
        // SAFETY: `area` is where this thread has its registered area, if it has one, which its number of a core says (offset 4); where not, the
        // memory is the thread's all the same, and nothing is stored to it. The area points (offset 8) to the description of these instructions
        // only while they run. The word and the permit are valid, and accessed as atomics of their size would be.
        unsafe {
            asm!(
                // What the kernel reads: the first instruction, the length, and where to go on if they were interrupted.
                ".pushsection __rseq_cs, \"aw\"",
                ".balign 32",
                "2:",
                ".long 0, 0",
                ".quad 3f, 4f - 3f, 5f",
                ".popsection",
                // The kernel goes on only where this signature stands before, as glibc registered it; an instruction to disassemblers.
                ".pushsection .text.rusted_ring_restart, \"ax\"",
                ".byte 0x0f, 0xb9, 0x3d",
                ".long 0x53053053",
                "5:",
                "xor {is_replaced:e}, {is_replaced:e}",
                "jmp 4f",
                ".popsection",
                "cmp dword ptr fs:[{area} + 4], 0",
                "jl 6f",
                "lea {description}, [rip + 2b]",
                "mov qword ptr fs:[{area} + 8], {description}",
                "3:",
                "cmp dword ptr [{permit}], {permitted}",
                "jne 4f",
                "cmp qword ptr [{word}], {current}",
                "jne 4f",
                "mov {is_replaced:e}, 1",
                "mov qword ptr [{word}], {new}",
                "4:",
                "mov qword ptr fs:[{area} + 8], 0",
                "6:",
                area = in(reg) area,
                description = out(reg) _,
                permit = in(reg) permit,
                permitted = const PERMITTED,
                word = in(reg) word,
                current = in(reg) current,
                new = in(reg) new,
                is_replaced = inout(reg) is_replaced,
                options(nostack),
            );
        }
        is_replaced != 0
    }
}

/// Elsewhere nothing is ever replaced so, and there is nobody to interrupt.
#[cfg(not(all(
    feature = "std",
    target_os = "linux",
    target_env = "gnu",
    target_arch = "x86_64",
    target_pointer_width = "64",
    not(any(miri, loom, shuttle, rusted_ring_no_restart))
)))]
mod imp {
    use crate::sync::{AtomicU32, AtomicU64};

    pub(crate) const IS_POSSIBLE: bool = false;

    pub(crate) fn is_granted() -> bool {
        false
    }

    pub(crate) fn interrupt() -> bool {
        true
    }

    #[inline(always)]
    pub(crate) fn replace(_word: &AtomicU64, _current: u64, _new: u64, _permit: &AtomicU32) -> bool {
        false
    }
}

#[cfg(all(test, feature = "std", not(any(loom, shuttle))))]
mod tests {
    use std::{
        sync::atomic::{
            AtomicBool, AtomicU32, AtomicU64,
            Ordering::{AcqRel, Acquire, Relaxed, Release, SeqCst},
        },
        thread,
    };

    use super::*;

    #[test]
    fn nothing_is_replaced_without_the_permit_or_another_value() {
        let (is_granted, word, permit) = (is_granted(), AtomicU64::new(7), AtomicU32::new(PERMITTED + 2));
        assert!(!replace(&word, 7, 8, &permit) && word.load(Relaxed) == 7);
        permit.store(PERMITTED, Relaxed);
        assert!(!replace(&word, 6, 8, &permit) && word.load(Relaxed) == 7);
        let is_replaced = replace(&word, 7, 8, &permit);
        assert_eq!((is_replaced, word.load(Relaxed)), if is_granted { (true, 8) } else { (false, 7) });
    }

    /// Those on which the project is developed and tested; an older C library or another kernel would need the exchange, and say so here.
    #[cfg(all(
        target_os = "linux",
        target_env = "gnu",
        target_arch = "x86_64",
        not(any(miri, rusted_ring_no_restart))
    ))]
    #[test]
    fn this_machine_grants_it() {
        assert!(is_granted(), "glibc 2.35 or later and Linux 5.10 or later on x86-64 grant it");
    }

    /// Of an owner that replaces and somebody who takes the permit back, interrupts and exchanges, exactly one succeeds each time.
    #[test]
    fn one_of_two_succeeds() {
        const ROUNDS: u64 = 4_000;
        const HELD: u64 = 0;
        const DONE: u64 = 1;
        const STUCK: u64 = 2;
        if !is_granted() {
            return;
        }
        let (word, permit, over) = (&AtomicU64::new(HELD), &AtomicU32::new(PERMITTED), &AtomicBool::new(false));
        let successes: &Vec<AtomicU64> = &(0..ROUNDS).map(|_| AtomicU64::new(0)).collect();
        let note = |word: u64, who| successes[(word / 4) as usize].fetch_add(who, Relaxed);
        thread::scope(|scope| {
            scope.spawn(move || {
                while !over.load(Relaxed) {
                    let found = word.load(Acquire);
                    if found % 4 == HELD && replace(word, found, found + DONE, permit) {
                        note(found, DONE);
                    }
                }
            });
            for round in 0..ROUNDS {
                let held = 4 * round + HELD;
                word.store(held, Release);
                while round % 2 == 0 && word.load(Acquire) == held {
                    thread::yield_now();
                }
                permit.fetch_add(2, SeqCst);
                assert!(interrupt());
                if word.compare_exchange(held, held + STUCK, AcqRel, Acquire).is_ok() {
                    note(held, STUCK);
                }
                permit.fetch_sub(2, Release);
            }
            over.store(true, Relaxed);
        });
        let of = |who| successes.iter().filter(|success| success.load(Relaxed) == who).count() as u64;
        assert_eq!(of(DONE) + of(STUCK), ROUNDS, "{} done, {} stuck", of(DONE), of(STUCK));
        assert!(of(DONE) >= ROUNDS / 2, "the even rounds are the owner's");
    }
}
