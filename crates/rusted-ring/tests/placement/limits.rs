//! What this kernel grants and refuses, looked at from outside of the library.

use std::{
    env, fs,
    path::Path,
    process::{Command, id},
    thread,
};

use rusted_ring::{
    ClosePolicy, HeapRing, HeapTypedRing,
    placement::{Machine, RingMemory, Unmet, Wish},
};
use rustix::process::{Resource, geteuid};

use super::own_process::{in_a_process, limit};

const CLOSING: ClosePolicy = ClosePolicy::WithLastPublisher;

/// The number of KiB of a line of `/proc/self/NAME`.
fn kib(file: &str, line: &str) -> u64 {
    let text = fs::read_to_string(format!("/proc/self/{file}")).unwrap();
    let found = text.lines().find_map(|text| text.strip_prefix(line)?.split_whitespace().next()?.parse().ok());
    found.unwrap_or_else(|| panic!("no {line} in {file}"))
}

/// 16 MiB and their tags.
type Large = HeapRing<16384>;

#[test]
fn huge_pages_are_there_for_a_large_ring_where_the_system_has_them() {
    in_a_process("limits::huge_pages_are_there_for_a_large_ring_where_the_system_has_them", || {
        let before = kib("smaps_rollup", "AnonHugePages:");
        let (ring, report) = Large::with_memory(1024, CLOSING, &RingMemory::new().huge_pages());
        let more = kib("smaps_rollup", "AnonHugePages:") - before;
        assert_eq!(report.in_huge_pages, more * 1024, "the report is what the kernel says of the process: {report}");
        let is_off = Machine::look().huge_pages.transparent.is_none_or(|chosen| chosen == "never");
        match &report.answers[0].unmet {
            None => assert!(report.in_huge_pages >= 16 << 20, "{report}"),
            // Another's memory is no fault of ours.
            Some(Unmet::Partly { granted, of }) => assert!(granted < of && *of == 16 << 20 && !is_off, "{report}"),
            Some(Unmet::Off) => assert!(is_off, "{report}"),
            Some(other) => panic!("{other:?}"),
        }
        drop(ring);
        assert!(kib("smaps_rollup", "AnonHugePages:") <= before, "they are given back");
    });
}

#[test]
fn a_small_ring_has_no_huge_page_and_is_told_so() {
    let (_, report) = HeapTypedRing::<u64>::with_memory(1000, CLOSING, &RingMemory::new().huge_pages());
    assert!(matches!(report.answers[0].unmet, Some(Unmet::Small { page, .. }) if page >= 2 << 20), "{report}");
    assert_eq!(report.in_huge_pages, 0);
}

#[test]
fn locked_memory_is_locked_within_the_limit_and_refused_beyond() {
    in_a_process("limits::locked_memory_is_locked_within_the_limit_and_refused_beyond", || {
        let memory = RingMemory::new().locked();
        limit(Resource::Memlock, 1 << 20);
        let (ring, report) = HeapRing::<64>::with_memory(1000, CLOSING, &memory);
        assert_eq!(report.answers[0].unmet, None, "{report}");
        assert_eq!((kib("status", "VmLck:") * 1024, report.locked), (report.bytes, report.bytes));
        drop(ring);
        assert_eq!(kib("status", "VmLck:"), 0);

        let (ring, report) = Large::with_memory(1024, CLOSING, &memory);
        let refused = Unmet::OverLimit { bytes: report.bytes, limit: 1 << 20 };
        assert_eq!((&report.answers[0].wish, report.answers[0].unmet.as_ref()), (&Wish::Locked, Some(&refused)));
        assert_eq!(kib("status", "VmLck:"), 0);
        assert!(refused.to_string().contains("`ulimit -l`"), "{refused}");
        drop(ring);

        limit(Resource::Memlock, 0);
        let (_, report) = HeapRing::<64>::with_memory(1000, CLOSING, &memory);
        assert_eq!(report.answers[0].unmet, Some(Unmet::OverLimit { bytes: report.bytes, limit: 0 }));
        assert_eq!(report.clone().required().unwrap_err().report, report);
    });
}

#[test]
fn all_pages_are_taken_and_lie_on_a_node() {
    in_a_process("limits::all_pages_are_taken_and_lie_on_a_node", || {
        let machine = Machine::look();
        let core = machine.cores[0];
        let node = machine.node_of(core);
        let mut memories = vec![RingMemory::new(), RingMemory::new().near_core(core)];
        memories.extend(node.map(|node| RingMemory::new().on_node(node)));
        for memory in memories {
            let before = kib("smaps_rollup", "Rss:");
            let (ring, report) = Large::with_memory(1024, CLOSING, &memory);
            assert_eq!(report.unmet().count(), 0, "{report}");
            assert!(kib("smaps_rollup", "Rss:") >= before + 16 * 1024, "all of it is there");
            if let (Some(node), [(on, pages)]) = (node, &report.nodes[..]) {
                let page = rustix::param::page_size() as u64;
                assert_eq!(
                    (*on == node || memory == RingMemory::new(), pages * page),
                    (true, report.bytes),
                    "{report}"
                );
            }
            drop(ring);
        }
    });
}

#[test]
fn nodes_and_cores_that_are_not_there_are_named_with_those_that_are() {
    let nodes: Vec<usize> = Machine::look().nodes.iter().filter(|node| node.has_memory).map(|node| node.id).collect();
    for node in [nodes.last().map_or(0, |last| last + 1), 1023, usize::MAX] {
        let (_, report) = HeapRing::<64>::with_memory(10, CLOSING, &RingMemory::new().on_node(node));
        match report.answers[0].unmet.as_ref() {
            Some(Unmet::NoSuchNode { nodes: there }) => assert_eq!(*there, nodes),
            // A kernel without NUMA has no node.
            other => assert!(nodes.is_empty(), "{other:?}"),
        }
    }
    let (_, report) = HeapRing::<64>::with_memory(10, CLOSING, &RingMemory::new().near_core(100_000));
    assert_eq!(report.answers[0].unmet, Some(Unmet::NoSuchCore));
    // Making a ring near a core pins no thread of the caller.
    let cores = thread::available_parallelism();
    drop(HeapRing::<64>::with_memory(10, CLOSING, &RingMemory::new().near_core(Machine::look().cores[0])));
    assert_eq!(thread::available_parallelism().unwrap(), cores.unwrap());
}

/// The mount point of a hugetlbfs, for the process that has it.
const HUGETLBFS: &str = "RUSTED_RING_HUGETLBFS";

/// Mounts a hugetlbfs for itself, as the superuser; nobody else may.
#[test]
fn reserved_huge_pages_are_taken_from_a_hugetlbfs_or_counted() {
    if let Some(directory) = env::var_os(HUGETLBFS) {
        return with_hugetlbfs(Path::new(&directory));
    }
    let kinds = fs::read_to_string("/proc/filesystems").unwrap();
    assert!(geteuid().is_root(), "only the superuser may mount a hugetlbfs: run this test as root");
    assert!(kinds.contains("hugetlbfs"), "this kernel has no hugetlbfs: run this test on one with CONFIG_HUGETLBFS");
    let directory = env::temp_dir().join(format!("rusted-ring-hugetlbfs-{}", id()));
    fs::create_dir(&directory).unwrap();
    let mut command = Command::new("unshare");
    command.args(["--mount", "--", "sh", "-c", "mount -t hugetlbfs none \"$1\" && shift && exec \"$@\"", "sh"]);
    command.arg(&directory).arg(env::current_exe().unwrap());
    command.args(["--exact", "limits::reserved_huge_pages_are_taken_from_a_hugetlbfs_or_counted", "--nocapture"]);
    let ended = command.env(HUGETLBFS, &directory).output().unwrap();
    fs::remove_dir(&directory).unwrap();
    let said = String::from_utf8_lossy(&ended.stdout);
    assert!(ended.status.success() && said.contains("1 passed"), "{ended:?}");
}

fn with_hugetlbfs(directory: &Path) {
    let before = Machine::look().huge_pages.free;
    let (ring, report) = Large::with_memory(1024, CLOSING, &RingMemory::new().huge_pages_at(directory).locked());
    match &report.answers[0].unmet {
        None => {
            assert_eq!((report.in_huge_pages, report.unmet().count()), (report.bytes, 0), "{report}");
            let pages = before - Machine::look().huge_pages.free;
            assert!(pages > 0 && report.bytes.is_multiple_of(pages), "{pages} pages: {report}");
        }
        Some(Unmet::TooFewPages { needed, page }) => {
            assert!(needed * page >= 16 << 20 && before < *needed, "{report}");
        }
        Some(other) => panic!("{other:?}"),
    }
    assert_eq!(directory.read_dir().unwrap().count(), 0, "the file has no name");
    drop(ring);
    assert_eq!(Machine::look().huge_pages.free, before, "they are given back");
}
