//! An allocator that decides nothing: every large block begins at a page, for every contender.

use std::alloc::{GlobalAlloc, Layout, System};

/// Blocks from here on are large.
const LARGE: usize = 4096;
const PAGE: usize = 4096;

/// The system's allocator puts large blocks 16 bytes past a page where nobody asks for more. So a slot of some rivals
/// would lie on one cache line more than it needs, and of others not, by luck.
pub(crate) struct Aligned;

fn aligned(layout: Layout) -> Layout {
    if layout.size() < LARGE {
        return layout;
    }
    layout.align_to(PAGE).unwrap_or(layout)
}

// SAFETY: the system's allocator with a layout of the same size and at least the same alignment, which is computed from
// the caller's layout alone, and so is the same when the block is given back.
unsafe impl GlobalAlloc for Aligned {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the size is the caller's, which is not zero.
        unsafe { System.alloc(aligned(layout)) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: as in `alloc`.
        unsafe { System.alloc_zeroed(aligned(layout)) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        // SAFETY: the block came from here, with the same layout.
        unsafe { System.dealloc(block, aligned(layout)) }
    }
}
