//! Where threads run and where a ring's memory lies, chosen on request and reported.
//!
//! **Cores.** A [`Placement`] knows how long a cache line takes from core to core and back. [`Placement::measure`] measures it on this machine;
//! [`Placement::from_figures`] takes what somebody measured before. [`Topology::placed`](crate::topology::Topology::placed) pins stages by it, so
//! that those that hand events to each other are close, and [`Graph::placed`](crate::topology::Graph::placed) says who runs where.
//!
//! **Memory.** A [`RingMemory`] is what is wished of a ring's memory: huge pages, a NUMA node, pages that are never swapped out.
//! [`SharedRing::with_memory`](crate::SharedRing::with_memory) makes the ring, and a [`MemoryReport`] that has an answer to each wish:
//! granted, as the kernel shows it, or not, why, and what to do. A wish that is not granted costs nobody the ring.
//!
//! ```
//! use rusted_ring::{ClosePolicy, HeapTypedRing, Sole, SolePublisher, placement::{Placement, RingMemory, pin_thread}, topology::Topology};
//!
//! // Huge pages for four megabytes.
//! let memory = RingMemory::new().huge_pages();
//! let (ring, report) = HeapTypedRing::<[u64; 8], Sole>::with_memory(65_536, ClosePolicy::WithLastPublisher, &memory);
//! println!("{report}");
//!
//! // As if it had been measured: cores 0 and 1 are close, 2 is far from both.
//! let placement = Placement::from_figures([0, 1, 2], |one, other| if one + other == 1 { 60.0 } else { 300.0 });
//! assert_eq!(placement.chain(1), [Some(0), Some(1)]);
//!
//! let graph = Topology::over(ring.clone()).placed(&placement).stage("sum").each(|_, _| ()).start()?;
//! println!("{}", graph.placed().unwrap());
//! if let Some(core) = graph.placed().unwrap().publisher() {
//!     pin_thread(core)?; // this thread publishes
//! }
//! SolePublisher::join(ring)?.send(&[1; 8]);
//! # drop(graph);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # What was measured, and where
//!
//! Huge pages and locked memory were tried on Linux, x86-64. No machine with several NUMA nodes was at hand: what is asked of the kernel
//! there, and what is made of its answers, is tested with given texts and refused calls, and what it gains was not measured. Elsewhere than
//! on Linux nothing is placed: measuring is an error, and each wish is answered with [`Unmet::NotHere`].

mod choose;
mod cores;
mod kernel_text;
mod machine;
#[cfg(target_os = "linux")]
mod mapped;
mod matrix;
mod measure;
mod memory;
mod report;

#[cfg(target_os = "linux")]
pub(crate) use self::mapped::{Mapped, mapped};
pub use self::{
    cores::pin_thread,
    machine::{HugePages, Machine, Node},
    matrix::Placement,
    memory::RingMemory,
    report::{Answer, MemoryError, MemoryReport, Unmet, Wish},
};
pub(crate) use self::{
    cores::{is_usable, pin},
    memory::{Huge, Near},
};
