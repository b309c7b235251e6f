//! Memory that begins where every ring's memory begins.

use std::mem::MaybeUninit;
use std::ops::Deref;

/// `CAP` values, dense, from the beginning of a page on, and all written to before anybody measures.
///
/// What an allocator returns decides otherwise: large blocks of most begin 16 bytes past a line.
pub(crate) struct Plane<T, const CAP: usize>(Box<Page<[T; CAP]>>);

#[repr(C, align(4096))]
struct Page<T>(T);

impl<T, const CAP: usize> Plane<T, CAP> {
    pub(crate) fn of(mut value: impl FnMut() -> T) -> Self {
        // Built where it stays: large rings do not fit a stack.
        let memory = Box::<Page<[MaybeUninit<T>; CAP]>>::new_uninit();
        // SAFETY: an array of what need not be initialised need not be either.
        let mut memory = unsafe { memory.assume_init() };
        for place in &mut memory.0 {
            place.write(value());
        }
        let memory = Box::into_raw(memory).cast::<Page<[T; CAP]>>();
        // SAFETY: it comes from a box of the same size and alignment, and every value was just written.
        Plane(unsafe { Box::from_raw(memory) })
    }
}

impl<T, const CAP: usize> Deref for Plane<T, CAP> {
    type Target = [T; CAP];

    #[inline]
    fn deref(&self) -> &[T; CAP] {
        &self.0.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plane_begins_at_a_page_and_holds_what_it_was_given() {
        let mut next = 0;
        let plane = Plane::<u64, 700>::of(|| {
            next += 1;
            next
        });
        assert_eq!(plane.as_ptr() as usize % 4096, 0);
        assert!(plane.iter().copied().eq(1..=700));
        assert_eq!(Plane::<(), 4>::of(|| ()).len(), 4);
    }
}
