//! The planes of a ring in memory as it is wished, and what was granted of that.

use crate::{
    placement::{Answer, Huge, MemoryReport, Near, RingMemory, Wish},
    ring::{
        memory::{Boxed, slot::Slot, tag::TagPart},
        storage::held::Held,
    },
};

/// The tags and the payloads of one ring.
pub(in crate::ring) struct Planes<T> {
    pub(in crate::ring) tags: Held<T>,
    pub(in crate::ring) payloads: Boxed,
}

/// What is wished, by name.
fn wishes(wished: &RingMemory) -> impl Iterator<Item = Wish> {
    let huge = wished.huge.as_ref().map(|huge| match huge {
        Huge::Transparent => Wish::HugePages,
        Huge::At(path) => Wish::HugePagesAt(path.clone()),
    });
    let near = wished.near.map(|near| match near {
        Near::Node(node) => Wish::OnNode(node),
        Near::Core(core) => Wish::NearCore(core),
    });
    [huge, near, wished.lock.then_some(Wish::Locked)].into_iter().flatten()
}

#[cfg(not(target_os = "linux"))]
impl<T: TagPart> Planes<T> {
    /// `capacity` tags and slots, on the heap, for here nothing else is to be had.
    pub(in crate::ring) fn as_wished<S: Slot>(capacity: usize, wished: &RingMemory) -> (Self, MemoryReport) {
        use crate::{
            placement::Unmet,
            ring::storage::room::{Room, given},
        };
        let payloads = Boxed::zeroed(given(Boxed::room(capacity, S::STRIDE)), capacity, S::STRIDE);
        let tags = given(Room::of(capacity)).filled(|| T::FRESH).into();
        let answers = wishes(wished).map(|wish| Answer { wish, unmet: Some(Unmet::NotHere) });
        let bytes = (capacity * (S::STRIDE + size_of::<T>())) as u64;
        (Planes { tags, payloads }, MemoryReport { bytes, answers: answers.collect(), ..MemoryReport::default() })
    }
}

#[cfg(target_os = "linux")]
mod linux {
    use std::{
        format, fs,
        fs::{File, OpenOptions},
        io,
        os::unix::fs::MetadataExt,
        path::Path,
        process,
        string::ToString,
        sync::Arc,
        thread,
        vec::Vec,
    };

    use rustix::io::Errno;

    use super::*;
    use crate::{
        placement::{Machine, Mapped, Unmet, mapped, pin},
        ring::storage::{
            layout::ALIGNMENT,
            region::{GRAIN, Region},
        },
        sync::{AtomicU32, Relaxed},
    };

    impl<T: TagPart> Planes<T> {
        /// `capacity` tags and slots, which fit the address space, in a region of their own.
        pub(in crate::ring) fn as_wished<S: Slot>(capacity: usize, wished: &RingMemory) -> (Self, MemoryReport) {
            let lines = (capacity * S::STRIDE).div_ceil(64);
            let tags_at = (lines * 64).next_multiple_of(ALIGNMENT);
            let (region, report) = region(tags_at + capacity * size_of::<T>(), wished, &Machine::look());
            let region = Arc::new(region);
            // SAFETY: P: the region is new, zeroed, and this part the payloads' alone; all zero is a line.
            let lines = unsafe { Held::in_region(&region, 0, lines) };
            // SAFETY: P: as above, for the tags; all zero is a tag (`TagPart`).
            let tags = unsafe { Held::in_region(&region, tags_at, capacity) };
            (Planes { tags, payloads: Boxed::of(lines, capacity, S::STRIDE) }, report)
        }
    }

    /// A region of `len` bytes at least, touched.
    ///
    /// # Panics
    ///
    /// If there is no memory.
    fn region(len: usize, wished: &RingMemory, machine: &Machine) -> (Region, MemoryReport) {
        let mut unmet_huge = None;
        if let Some(Huge::At(directory)) = &wished.huge {
            match reserved(len, directory, wished, machine) {
                Ok(granted) => return granted,
                Err(unmet) => unmet_huge = Some(unmet),
            }
        }
        let page = machine.huge_pages.bytes.max(GRAIN).next_power_of_two();
        let is_transparent = wished.huge == Some(Huge::Transparent);
        let mut region =
            Region::new(len, if is_transparent { page } else { GRAIN }).unwrap_or_else(|error| none(len, &error));
        if is_transparent {
            unmet_huge = match region.advise_huge() {
                _ if region.len() < page => Some(Unmet::Small { bytes: region.len() as u64, page: page as u64 }),
                Err(error) if error.raw_os_error().is_some_and(|code| code == EINVAL) => Some(Unmet::Off),
                Err(error) => Some(refused("madvise", &error)),
                Ok(()) => None,
            };
        }
        let unmet_near = touch(&mut region, wished.near, machine).unwrap_or_else(|error| none(len, &error));
        let unmet_lock = wished.lock.then(|| locked(&region, machine)).flatten();
        let shown = shown(&region);
        if is_transparent && unmet_huge.is_none() {
            unmet_huge = transparent(shown.as_ref(), (region.len() / page * page) as u64, machine);
        }
        let in_huge = shown.as_ref().map_or(0, |shown| shown.in_huge);
        let report = report(&region, wished, machine, shown, in_huge, [unmet_huge, unmet_near, unmet_lock]);
        (region, report)
    }

    /// Why a directory has no huge pages.
    const NONE: &str = "it is no hugetlbfs";

    /// The same, of reserved huge pages of the hugetlbfs at `directory`.
    fn reserved(
        len: usize,
        directory: &Path,
        wished: &RingMemory,
        machine: &Machine,
    ) -> Result<(Region, MemoryReport), Unmet> {
        let cannot = |error: io::Error| Unmet::NoHugetlbfs { reason: error.to_string() };
        let page = fs::metadata(directory).map_err(cannot)?.blksize();
        let none = || Unmet::TooFewPages { needed: (len as u64).div_ceil(page.max(1)), page };
        let len = usize::try_from(page).ok().and_then(|page| len.checked_next_multiple_of(page)).ok_or_else(none)?;
        let file = unnamed(directory).map_err(cannot)?;
        file.set_len(len as u64).map_err(cannot)?;
        let mut region = Region::of_huge_pages(&file, len).map_err(|error| match error.raw_os_error() {
            Some(EINVAL) => Unmet::NoHugetlbfs { reason: NONE.into() },
            _ if error.kind() == io::ErrorKind::OutOfMemory => none(),
            _ => cannot(error),
        })?;
        let unmet_near = touch(&mut region, wished.near, machine).map_err(|_| none())?;
        // The pages are never swapped out, so nothing is to be done for a lock.
        let shown = shown(&region);
        // An emulator may have taken the file as any other.
        if shown.as_ref().is_some_and(|shown| shown.page != page) {
            return Err(Unmet::NoHugetlbfs { reason: NONE.into() });
        }
        let report = report(&region, wished, machine, shown, len as u64, [None, unmet_near, None]);
        Ok((region, report))
    }

    /// A new file in `directory` that has no name any more.
    fn unnamed(directory: &Path) -> io::Result<File> {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        loop {
            let name = format!("rusted-ring-{}-{}", process::id(), NUMBER.fetch_add(1, Relaxed));
            let path = directory.join(name);
            match OpenOptions::new().read(true).write(true).create_new(true).open(&path) {
                Ok(file) => return fs::remove_file(&path).map(|()| file),
                // Of a process that was killed here, and had this number.
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// Takes all pages, where it is wished. Returns why they are not there, as far as is known by now.
    ///
    /// # Errors
    ///
    /// If there is no memory.
    fn touch(region: &mut Region, near: Option<Near>, machine: &Machine) -> io::Result<Option<Unmet>> {
        match near {
            None => region.touch().map(|()| None),
            Some(Near::Node(node)) => {
                let nodes: Vec<usize> =
                    machine.nodes.iter().filter(|node| node.has_memory).map(|node| node.id).collect();
                let is_there = nodes.is_empty() || nodes.contains(&node);
                let asked = if is_there { region.prefer(node) } else { Err(io::Error::from_raw_os_error(EINVAL)) };
                let unmet = asked.err().map(|error| match error.raw_os_error() {
                    Some(EINVAL) => Unmet::NoSuchNode { nodes },
                    _ => refused("mbind", &error),
                });
                region.touch().map(|()| unmet)
            }
            Some(Near::Core(core)) => {
                let touched = thread::scope(|scope| {
                    let touch = || match pin(core) {
                        Ok(()) => region.touch().map(|()| None),
                        Err(_) => region.touch().map(|()| Some(Unmet::NoSuchCore)),
                    };
                    thread::Builder::new()
                        .spawn_scoped(scope, touch)
                        .map(|thread| thread.join().expect("it does not panic"))
                });
                match touched {
                    Ok(touched) => touched,
                    Err(error) => region.touch().map(|()| Some(refused("clone", &error))),
                }
            }
        }
    }

    /// Locks the region; why not, if the system refused.
    fn locked(region: &Region, machine: &Machine) -> Option<Unmet> {
        let error = region.lock().err()?;
        Some(match machine.lock_limit {
            Some(limit) if error.raw_os_error() != Some(EAGAIN) => {
                Unmet::OverLimit { bytes: region.len() as u64, limit }
            }
            _ => refused("mlock", &error),
        })
    }

    /// What the kernel shows of the region; none if it shows nothing.
    fn shown(region: &Region) -> Option<Mapped> {
        let smaps = fs::read_to_string("/proc/self/smaps").ok()?;
        // Not there without NUMA.
        let numa_maps = fs::read_to_string("/proc/self/numa_maps").unwrap_or_default();
        mapped(&smaps, &numa_maps, region.base().addr().get())
    }

    /// Why not `all` bytes are in transparent huge pages, if they are not.
    fn transparent(shown: Option<&Mapped>, all: u64, machine: &Machine) -> Option<Unmet> {
        let chosen = machine.huge_pages.transparent.as_deref();
        match shown.map(|shown| shown.in_huge) {
            None => Some(Unmet::NotShown),
            Some(granted) if granted >= all => None,
            Some(0) if chosen == Some("never") => Some(Unmet::Off),
            Some(granted) => Some(Unmet::Partly { granted, of: all }),
        }
    }

    /// Why the pages are not where they should be, if they are not.
    fn elsewhere(shown: Option<&Mapped>, near: Near, machine: &Machine) -> Option<Unmet> {
        let node = match near {
            Near::Node(node) => Some(node),
            Near::Core(core) => machine.node_of(core),
        };
        match (node, shown.map(|shown| &shown.nodes[..])) {
            (Some(node), Some(nodes)) if !nodes.is_empty() => {
                nodes.iter().any(|(other, _)| *other != node).then(|| Unmet::Elsewhere { nodes: nodes.to_vec() })
            }
            // All memory is everywhere near.
            _ if machine.nodes.len() < 2 => None,
            _ => Some(Unmet::NotShown),
        }
    }

    fn report(
        region: &Region,
        wished: &RingMemory,
        machine: &Machine,
        shown: Option<Mapped>,
        in_huge_pages: u64,
        unmet: [Option<Unmet>; 3],
    ) -> MemoryReport {
        let [huge, near, lock] = unmet;
        let near = near.or_else(|| elsewhere(shown.as_ref(), wished.near?, machine));
        let answers = wishes(wished).map(|wish| {
            let unmet = match &wish {
                Wish::HugePages | Wish::HugePagesAt(_) => huge.clone(),
                Wish::OnNode(_) | Wish::NearCore(_) => near.clone(),
                Wish::Locked => lock.clone(),
            };
            Answer { wish, unmet }
        });
        let answers = answers.collect();
        let Mapped { locked, nodes, .. } = shown.unwrap_or_default();
        MemoryReport { bytes: region.len() as u64, in_huge_pages, locked, nodes, answers }
    }

    /// What Linux calls an argument that cannot be, on every processor.
    const EINVAL: i32 = Errno::INVAL.raw_os_error();
    /// How it says that some pages could not be locked, though they may be.
    const EAGAIN: i32 = Errno::AGAIN.raw_os_error();

    fn refused(call: &'static str, error: &io::Error) -> Unmet {
        Unmet::Refused { call, code: error.raw_os_error().unwrap_or(0) }
    }

    fn none(len: usize, error: &io::Error) -> ! {
        panic!("no memory: {len} bytes were not to be had: {error}")
    }

    #[cfg(test)]
    mod tests {
        use std::vec;

        use super::*;
        use crate::placement::Node;

        fn shown(in_huge: u64, nodes: &[(usize, u64)]) -> Mapped {
            Mapped { in_huge, nodes: nodes.to_vec(), ..Mapped::default() }
        }

        /// A machine of so many nodes of one core each.
        fn machine(nodes: usize) -> Machine {
            let mut machine = Machine::default();
            for id in 0..nodes {
                let mut node = Node::default();
                (node.id, node.cores, node.has_memory) = (id, vec![id], true);
                machine.nodes.push(node);
            }
            machine.huge_pages.bytes = 2 << 20;
            machine
        }

        #[test]
        fn huge_pages_are_granted_where_all_are_there() {
            let mut machine = machine(1);
            let answer = |in_huge, machine: &Machine| transparent(Some(&shown(in_huge, &[])), 64, machine);
            assert_eq!(answer(64, &machine), None);
            assert_eq!(answer(63, &machine), Some(Unmet::Partly { granted: 63, of: 64 }));
            assert_eq!(answer(0, &machine), Some(Unmet::Partly { granted: 0, of: 64 }));
            machine.huge_pages.transparent = Some("never".into());
            assert_eq!(answer(0, &machine), Some(Unmet::Off));
            assert_eq!(answer(64, &machine), None, "it was set while they were there");
            assert_eq!(transparent(None, 64, &machine), Some(Unmet::NotShown));
        }

        #[test]
        fn memory_is_near_where_all_pages_are_on_the_node() {
            let on = |nodes: &[(usize, u64)], near| elsewhere(Some(&shown(0, nodes)), near, &machine(2));
            assert_eq!(on(&[(1, 5)], Near::Node(1)), None);
            assert_eq!(on(&[(1, 5)], Near::Core(1)), None);
            let both = vec![(0, 1), (1, 5)];
            assert_eq!(on(&both, Near::Node(1)), Some(Unmet::Elsewhere { nodes: both.clone() }));
            assert_eq!(on(&[(0, 6)], Near::Core(1)), Some(Unmet::Elsewhere { nodes: vec![(0, 6)] }));
            assert_eq!(on(&[], Near::Core(1)), Some(Unmet::NotShown));
            assert_eq!(on(&[(0, 6)], Near::Core(7)), Some(Unmet::NotShown), "nobody knows that core's node");
            assert_eq!(elsewhere(None, Near::Node(0), &machine(2)), Some(Unmet::NotShown));
            assert_eq!(elsewhere(None, Near::Core(0), &machine(1)), None, "there is but one node");
        }

        #[test]
        fn a_region_is_aligned_zeroed_and_as_long_as_asked() {
            for (len, alignment) in [(1, GRAIN), (GRAIN, GRAIN), (3 << 20, 2 << 20), ((2 << 20) + 1, 2 << 20)] {
                let mut region = Region::new(len, alignment).unwrap();
                region.touch().unwrap();
                assert!(region.len() >= len && region.len() < len + GRAIN);
                assert!(region.base().addr().get().is_multiple_of(alignment));
                let region = Arc::new(region);
                // SAFETY: P: nobody else has the region, and all zero is a number.
                let bytes = unsafe { Held::<u64>::in_region(&region, 0, region.len() / 8) };
                assert!(bytes.iter().all(|number| *number == 0));
            }
            assert!(Region::new(usize::MAX, GRAIN).is_err());
            assert!(Region::new(usize::MAX / 2, GRAIN).is_err());
        }

        #[test]
        fn values_that_do_not_lie_in_their_region_are_refused() {
            let region = Arc::new(Region::new(GRAIN, GRAIN).unwrap());
            for (offset, len) in [(0, GRAIN / 8 + 1), (8, GRAIN / 8), (GRAIN + 8, 0), (0, usize::MAX), (4, 1)] {
                // SAFETY: P: as above; it panics where the values do not lie there.
                let held = || unsafe { Held::<u64>::in_region(&region, offset, len) };
                assert!(std::panic::catch_unwind(std::panic::AssertUnwindSafe(held)).is_err(), "{offset}, {len}");
            }
        }

        /// What an emulator's kernel does not do.
        mod limits {
            use super::*;

            #[test]
            fn a_node_that_the_kernel_does_not_know_is_refused_and_costs_nothing_else() {
                // The invented machine has more nodes than any.
                let machine = machine(2000);
                for node in [1000, 1999] {
                    let (region, report) = super::region(1, &RingMemory::new().on_node(node), &machine);
                    assert!(region.len() >= GRAIN);
                    let [Answer { wish: Wish::OnNode(wished), unmet: Some(unmet) }] = &report.answers[..] else {
                        panic!("{report}")
                    };
                    assert_eq!(*wished, node);
                    let is_known = matches!(unmet, Unmet::NoSuchNode { .. } | Unmet::Refused { call: "mbind", .. });
                    assert!(is_known, "{report}");
                }
            }
        }
    }
}
