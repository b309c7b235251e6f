//! What is wished of a ring's memory.

use std::path::PathBuf;

/// What is wished of a ring's memory; made by [`SharedRing::with_memory`](crate::SharedRing::with_memory), whose report has an answer to each wish.
///
/// Without a wish it is memory as any other. All of it is touched when the ring is made, as that of every ring on the heap is, so that no event
/// meets a page that is not there yet. A ring's header, of 8.5 KiB, is none of it, and stays on the heap.
///
/// ```
/// use rusted_ring::{ClosePolicy, HeapRing, placement::RingMemory};
///
/// let memory = RingMemory::new().huge_pages().near_core(0).locked();
/// let (ring, report) = HeapRing::<16384>::with_memory(256, ClosePolicy::WithLastPublisher, &memory);
/// for (wish, unmet) in report.unmet() {
///     eprintln!("{wish}: {unmet}");
/// }
/// # drop(ring);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[must_use = "nothing is done before a ring is made with it"]
pub struct RingMemory {
    pub(crate) huge: Option<Huge>,
    pub(crate) near: Option<Near>,
    pub(crate) lock: bool,
}

/// Which huge pages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Huge {
    /// Transparent ones.
    Transparent,
    /// Reserved ones, of the hugetlbfs mounted at this path.
    At(PathBuf),
}

/// Where the memory is to lie.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Near {
    /// On this node, by the kernel's policy.
    Node(usize),
    /// Where a thread on this core touches it first.
    Core(usize),
}

impl RingMemory {
    /// No wish.
    pub fn new() -> Self {
        Self::default()
    }

    /// Transparent huge pages (`madvise`), for rings of at least one, mostly 2 MiB. A part of the memory that is shorter than such a page
    /// has ordinary ones.
    ///
    /// Fewer pages are fewer misses of the processor's table of pages, which is felt by large rings. Needs no privilege.
    pub fn huge_pages(self) -> Self {
        RingMemory { huge: Some(Huge::Transparent), ..self }
    }

    /// Huge pages that were reserved, of the hugetlbfs that is mounted at `directory`, such as `/dev/hugepages`. The memory is rounded up
    /// to whole pages.
    ///
    /// They are there or not at once, whatever else fills the memory, are never swapped out, and can be of 1 GiB. The process must be allowed to
    /// create files there; the file has no name once the ring is made.
    pub fn huge_pages_at(self, directory: impl Into<PathBuf>) -> Self {
        RingMemory { huge: Some(Huge::At(directory.into())), ..self }
    }

    /// Memory of the NUMA node `node`, by the system's number (`mbind`). Where that has none left, the kernel takes other, and the report says so.
    ///
    /// It takes the place of [`near_core`](Self::near_core).
    pub fn on_node(self, node: usize) -> Self {
        RingMemory { near: Some(Near::Node(node)), ..self }
    }

    /// Memory near `core`, by the system's number: a thread that is pinned there touches all of it first, and the kernel's own rule does the rest.
    ///
    /// That is for the core of the publisher or of the reader that matters most. It takes the place of [`on_node`](Self::on_node).
    pub fn near_core(self, core: usize) -> Self {
        RingMemory { near: Some(Near::Core(core)), ..self }
    }

    /// Memory that is never swapped out (`mlock`). It counts to the process's limit of locked memory (`ulimit -l`).
    pub fn locked(self) -> Self {
        RingMemory { lock: true, ..self }
    }
}
