//! What the system says of the machine, as far as placing is concerned.

use std::{fs, string::String, vec::Vec};

use super::{
    cores,
    kernel_text::{behind, in_brackets, list, quota},
};

/// A NUMA node: cores, and memory that is near to them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Node {
    /// The system's number.
    pub id: usize,
    /// Its cores.
    pub cores: Vec<usize>,
    /// Whether it has memory.
    pub has_memory: bool,
}

/// Huge pages, as the system is set.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct HugePages {
    /// Who gets transparent huge pages of ordinary memory, in the kernel's words: `always`, `madvise` or `never`. None where the kernel has none.
    pub transparent: Option<String>,
    /// The same, of memory that processes share.
    pub shared: Option<String>,
    /// Bytes of a transparent huge page.
    pub bytes: usize,
    /// Pages that are reserved for hugetlbfs, of its usual size.
    pub reserved: u64,
    /// Those of them that nobody has.
    pub free: u64,
}

/// What the system says of the machine and of what this process may use of it.
///
/// It is empty where the system does not say: everywhere but on Linux, and where a container hides it.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Machine {
    /// The cores that this process may use.
    pub cores: Vec<usize>,
    /// Groups of hardware threads that share a core, of those that this process may use; only groups of several.
    pub siblings: Vec<Vec<usize>>,
    /// The NUMA nodes.
    pub nodes: Vec<Node>,
    /// Of so many cores this process may use the time, where a control group has a quota. It is looked for in the process's own
    /// control group's root.
    pub quota: Option<f64>,
    /// Huge pages.
    pub huge_pages: HugePages,
    /// Bytes that this process may lock in memory; none where there is no limit. One with the capability `CAP_IPC_LOCK` has no limit,
    /// whatever stands here.
    pub lock_limit: Option<u64>,
}

impl Machine {
    /// Asks the system. It reads some small files for each core.
    pub fn look() -> Self {
        Self::by(cores::usable(), &|path| fs::read_to_string(path).ok())
    }

    /// Of `cores`, and of files that `read` reads.
    fn by(cores: Vec<usize>, read: &dyn Fn(&str) -> Option<String>) -> Self {
        let list_in = |path: &str| read(path).map_or(Vec::new(), |text| list(&text));
        let mut siblings: Vec<Vec<usize>> = Vec::new();
        for core in &cores {
            let mut group = list_in(&std::format!("/sys/devices/system/cpu/cpu{core}/topology/thread_siblings_list"));
            group.retain(|other| cores.contains(other));
            if group.len() > 1 && !siblings.contains(&group) {
                siblings.push(group);
            }
        }
        let with_memory = list_in("/sys/devices/system/node/has_memory");
        let node = |id: usize| Node {
            id,
            cores: list_in(&std::format!("/sys/devices/system/node/node{id}/cpulist")),
            has_memory: with_memory.contains(&id),
        };
        let nodes = list_in("/sys/devices/system/node/online").into_iter().map(node).collect();
        let chosen = |name: &str| {
            let text = read(&std::format!("/sys/kernel/mm/transparent_hugepage/{name}"))?;
            in_brackets(&text).map(String::from)
        };
        let size = read("/sys/kernel/mm/transparent_hugepage/hpage_pmd_size");
        let meminfo = read("/proc/meminfo").unwrap_or_default();
        let huge_pages = HugePages {
            transparent: chosen("enabled"),
            shared: chosen("shmem_enabled"),
            bytes: size.and_then(|text| text.trim().parse().ok()).filter(is_page).unwrap_or(2 << 20),
            reserved: behind(&meminfo, "HugePages_Total:").unwrap_or(0),
            free: behind(&meminfo, "HugePages_Free:").unwrap_or(0),
        };
        Machine {
            cores,
            siblings,
            nodes,
            quota: read("/sys/fs/cgroup/cpu.max").and_then(|text| quota(&text)),
            huge_pages,
            lock_limit: read("/proc/self/limits").and_then(|text| behind(&text, "Max locked memory")),
        }
    }

    /// The node of `core`; none where the system does not say.
    pub fn node_of(&self, core: usize) -> Option<usize> {
        self.nodes.iter().find(|node| node.cores.contains(&core)).map(|node| node.id)
    }
}

/// Whether a page can have so many bytes.
fn is_page(bytes: &usize) -> bool {
    // Those of every processor are a few gigabytes at most.
    bytes.is_power_of_two() && (12..=34).contains(&bytes.ilog2())
}

#[cfg(test)]
mod tests {
    use std::borrow::ToOwned;

    use super::*;

    /// Two sockets of two cores of two threads each; the process may not use thread 7.
    fn two_sockets(path: &str) -> Option<String> {
        let text = match path {
            "/sys/devices/system/node/online" => "0-2\n",
            "/sys/devices/system/node/has_memory" => "0,2\n",
            "/sys/devices/system/node/node0/cpulist" => "0-1,4-5\n",
            "/sys/devices/system/node/node1/cpulist" => "2-3,6-7\n",
            "/sys/devices/system/node/node2/cpulist" => "\n",
            "/sys/devices/system/cpu/cpu0/topology/thread_siblings_list" => "0,4\n",
            "/sys/devices/system/cpu/cpu4/topology/thread_siblings_list" => "0,4\n",
            "/sys/devices/system/cpu/cpu1/topology/thread_siblings_list" => "1,5\n",
            "/sys/devices/system/cpu/cpu5/topology/thread_siblings_list" => "1,5\n",
            "/sys/devices/system/cpu/cpu3/topology/thread_siblings_list" => "3,7\n",
            "/sys/fs/cgroup/cpu.max" => "250000 100000\n",
            "/sys/kernel/mm/transparent_hugepage/enabled" => "always madvise [never]\n",
            "/sys/kernel/mm/transparent_hugepage/hpage_pmd_size" => "536870912\n",
            "/proc/meminfo" => "HugePages_Total:      12\nHugePages_Free:       7\n",
            "/proc/self/limits" => "Max locked memory         65536                8388608              bytes     \n",
            _ => return None,
        };
        Some(text.to_owned())
    }

    #[test]
    fn the_kernels_files_are_put_together() {
        let machine = Machine::by(std::vec![0, 1, 2, 3, 4, 5, 6], &two_sockets);
        assert_eq!(machine.siblings, [[0, 4], [1, 5]]);
        let node = |id, cores: &[usize], has_memory| Node { id, cores: cores.to_vec(), has_memory };
        assert_eq!(machine.nodes, [node(0, &[0, 1, 4, 5], true), node(1, &[2, 3, 6, 7], false), node(2, &[], true)]);
        assert_eq!([5, 2, 8].map(|core| machine.node_of(core)), [Some(0), Some(1), None]);
        assert_eq!((machine.quota, machine.lock_limit), (Some(2.5), Some(65_536)));
        let huge =
            HugePages { transparent: Some("never".into()), shared: None, bytes: 512 << 20, reserved: 12, free: 7 };
        assert_eq!(machine.huge_pages, huge);
    }

    #[test]
    fn a_system_that_says_nothing_has_nothing() {
        let machine = Machine::by(Vec::new(), &|_| None);
        let huge_pages = HugePages { bytes: 2 << 20, ..HugePages::default() };
        assert_eq!(machine, Machine { huge_pages, ..Machine::default() });
        assert_eq!(machine.node_of(0), None);
    }

    #[test]
    fn a_system_that_says_nonsense_is_not_believed() {
        for nonsense in ["18446744073709551615", "0", "3000000", "9223372036854775808", "-1", "2M"] {
            let read = |path: &str| path.ends_with("hpage_pmd_size").then(|| nonsense.to_owned());
            assert_eq!(Machine::by(Vec::new(), &read).huge_pages.bytes, 2 << 20, "{nonsense}");
        }
        for nonsense in ["0 0", "1 0", "-1 100000", "NaN 1", "inf 1", "0 100000"] {
            let read = |path: &str| path.ends_with("cpu.max").then(|| nonsense.to_owned());
            assert_eq!(Machine::by(Vec::new(), &read).quota, None, "{nonsense}");
        }
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn this_machine_has_a_core() {
        assert!(!Machine::look().cores.is_empty());
    }
}
