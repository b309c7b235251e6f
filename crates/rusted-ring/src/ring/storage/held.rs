//! The parts of a ring that it owns: on the heap, or in a region of its own.

use alloc::{boxed::Box, sync::Arc};
use core::{ops::Deref, ptr::NonNull, slice};

use super::region::Region;

/// Values in a row.
pub(in crate::ring) struct Held<T> {
    /// # Invariant: `len` values, this value's alone: those of a `Box`, if there is no region, and in the region otherwise, which lives as long.
    base: NonNull<T>,
    len: usize,
    region: Option<Arc<Region>>,
}

// SAFETY: it owns the values, as a Box does.
unsafe impl<T: Send> Send for Held<T> {}
// SAFETY: as above.
unsafe impl<T: Sync> Sync for Held<T> {}

impl<T> From<Box<[T]>> for Held<T> {
    fn from(values: Box<[T]>) -> Self {
        let len = values.len();
        Held { base: NonNull::from(Box::leak(values)).cast(), len, region: None }
    }
}

impl<T> Held<T> {
    /// The `len` values from byte `offset` of `region` on. They are not dropped.
    ///
    /// # Safety
    ///
    /// The values lie in the region, aligned, and all zero is a value of `T`. Nobody else has this part of the region, and nobody has written to it.
    ///
    /// # Panics
    ///
    /// If they do not lie in the region, or are not aligned.
    #[cfg(all(feature = "std", target_os = "linux", not(any(loom, shuttle))))]
    pub(in crate::ring) unsafe fn in_region(region: &Arc<Region>, offset: usize, len: usize) -> Self {
        let end = size_of::<T>().checked_mul(len).and_then(|bytes| bytes.checked_add(offset));
        assert!(end.is_some_and(|end| end <= region.len()), "the values lie in the region");
        // SAFETY: in bounds, as just checked.
        let base = unsafe { region.base().add(offset) }.cast::<T>();
        assert!(base.is_aligned(), "the values are aligned");
        Held { base, len, region: Some(Arc::clone(region)) }
    }
}

impl<T> Deref for Held<T> {
    type Target = [T];

    #[inline]
    fn deref(&self) -> &[T] {
        // SAFETY: the field's invariant.
        unsafe { slice::from_raw_parts(self.base.as_ptr(), self.len) }
    }
}

impl<T> Drop for Held<T> {
    fn drop(&mut self) {
        if self.region.is_none() {
            let values = NonNull::slice_from_raw_parts(self.base, self.len);
            // SAFETY: the field's invariant: they are a Box's, and nobody has them after this.
            drop(unsafe { Box::from_raw(values.as_ptr()) });
        }
    }
}
