//! What was granted of a ring's memory, and what was not.

use core::fmt;
use std::{error::Error, format, io, path::PathBuf, string::String, vec::Vec};

/// What was wished.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Wish {
    /// Transparent huge pages.
    HugePages,
    /// Reserved huge pages, of the hugetlbfs mounted there.
    HugePagesAt(PathBuf),
    /// Memory of this NUMA node.
    OnNode(usize),
    /// Memory near this core.
    NearCore(usize),
    /// Memory that is never swapped out.
    Locked,
}

impl fmt::Display for Wish {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Wish::HugePages => f.write_str("huge pages"),
            Wish::HugePagesAt(path) => write!(f, "huge pages of {}", path.display()),
            Wish::OnNode(node) => write!(f, "on node {node}"),
            Wish::NearCore(core) => write!(f, "near core {core}"),
            Wish::Locked => f.write_str("locked"),
        }
    }
}

/// Why a wish was not granted. Its text also says what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Unmet {
    /// This is not Linux.
    NotHere,
    /// The memory is shorter than a huge page.
    Small {
        /// Bytes of the memory.
        bytes: u64,
        /// Bytes of a huge page.
        page: u64,
    },
    /// The system has transparent huge pages switched off, or has none.
    Off,
    /// Only a part of the memory has huge pages.
    Partly {
        /// Bytes that have them.
        granted: u64,
        /// Bytes that could have them.
        of: u64,
    },
    /// No huge page can be had at the path.
    NoHugetlbfs {
        /// What the system said.
        reason: String,
    },
    /// There are not as many free reserved huge pages.
    TooFewPages {
        /// Pages that the memory needs.
        needed: u64,
        /// Bytes of a page.
        page: u64,
    },
    /// There is no such node, or it has no memory.
    NoSuchNode {
        /// The nodes that have memory.
        nodes: Vec<usize>,
    },
    /// This process may not use the core, or there is none of this number.
    NoSuchCore,
    /// Some of the memory lies on other nodes.
    Elsewhere {
        /// Nodes, each with the number of pages there.
        nodes: Vec<(usize, u64)>,
    },
    /// More would be locked than this process may.
    OverLimit {
        /// Bytes of the memory.
        bytes: u64,
        /// Bytes that this process may lock, in all.
        limit: u64,
    },
    /// The system refused it.
    Refused {
        /// The system call.
        call: &'static str,
        /// The system's number of the error.
        code: i32,
    },
    /// The system granted it, and does not show it.
    NotShown,
}

impl fmt::Display for Unmet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Unmet::NotHere => f.write_str("only Linux has it here: leave the wish out on other systems"),
            Unmet::Small { bytes, page } => write!(
                f,
                "the memory has {}, and a huge page {}: give the ring more slots, or leave the wish out",
                size(*bytes),
                size(*page)
            ),
            Unmet::Off => f.write_str(
                "the system has transparent huge pages switched off: write `madvise` to /sys/kernel/mm/transparent_hugepage/enabled",
            ),
            Unmet::Partly { granted, of } => write!(
                f,
                "{} of {} have them, for the kernel had no other: free memory or compact it (`echo 1 > /proc/sys/vm/compact_memory`), \
                 or make the ring earlier",
                size(*granted),
                size(*of)
            ),
            Unmet::NoHugetlbfs { reason } => write!(
                f,
                "no file of huge pages can be made there: {reason}; give the path of a hugetlbfs in which this user may create files \
                 (`mount -t hugetlbfs none DIRECTORY`)"
            ),
            Unmet::TooFewPages { needed, page } => write!(
                f,
                "{needed} free huge pages of {} are needed, and there are not as many: reserve them (`sysctl vm.nr_hugepages=N`, or at \
                 boot), or allow this control group more",
                size(*page)
            ),
            Unmet::NoSuchNode { nodes } => {
                write!(f, "no node of this number has memory: choose one of {nodes:?}")
            }
            Unmet::NoSuchCore => {
                f.write_str("this process may not use the core: choose one of `Machine::look().cores`, or change the affinity")
            }
            Unmet::Elsewhere { nodes } => {
                f.write_str("not all pages lie there:")?;
                nodes.iter().try_for_each(|(node, pages)| write!(f, " {pages} on node {node},"))?;
                f.write_str(" for that node has no free memory, or is not allowed: free some, or look at the process's policy (`numactl --show`)")
            }
            Unmet::OverLimit { bytes, limit } => write!(
                f,
                "{} would be locked, and this process may lock {} in all: raise the limit (`ulimit -l`, `LimitMEMLOCK=`), or give it the \
                 capability CAP_IPC_LOCK",
                size(*bytes),
                size(*limit)
            ),
            Unmet::Refused { call, code } => write!(
                f,
                "the system refused `{call}`: {}; a container's filter of system calls may forbid it",
                io::Error::from_raw_os_error(*code)
            ),
            Unmet::NotShown => f.write_str("the system was asked and did not refuse, and does not show the outcome: mount /proc to see it"),
        }
    }
}

/// The answer to one wish.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Answer {
    /// What was wished.
    pub wish: Wish,
    /// Why it was not granted; none if it was, as the kernel shows.
    pub unmet: Option<Unmet>,
}

/// The answers to all wishes about one ring's memory, as the kernel showed them when the ring had been made. Later the kernel may
/// change what is not locked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct MemoryReport {
    /// Bytes of the memory.
    pub bytes: u64,
    /// Bytes of it that are in huge pages, of either kind.
    pub in_huge_pages: u64,
    /// Bytes of it that are locked. Pages of hugetlbfs are never swapped out, and are not counted.
    pub locked: u64,
    /// NUMA nodes on which it lies, each with the number of the kernel's pages there; empty where the system does not show it.
    pub nodes: Vec<(usize, u64)>,
    /// The answers, one for each wish.
    pub answers: Vec<Answer>,
}

impl MemoryReport {
    /// The wishes that were not granted, and why.
    pub fn unmet(&self) -> impl Iterator<Item = (&Wish, &Unmet)> {
        self.answers.iter().filter_map(|answer| Some((&answer.wish, answer.unmet.as_ref()?)))
    }

    /// Demands that all wishes were granted.
    ///
    /// # Errors
    ///
    /// [`MemoryError`], with this report, if one was not.
    pub fn required(self) -> Result<Self, MemoryError> {
        if self.unmet().next().is_some() { Err(MemoryError { report: self }) } else { Ok(self) }
    }
}

impl fmt::Display for MemoryReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "memory: {}", size(self.bytes))?;
        let parts = [(self.in_huge_pages, "in huge pages"), (self.locked, "locked")];
        parts
            .iter()
            .filter(|(bytes, _)| *bytes > 0)
            .try_for_each(|(bytes, what)| write!(f, ", {} {what}", size(*bytes)))?;
        self.nodes.iter().try_for_each(|(node, pages)| write!(f, ", {pages} pages on node {node}"))?;
        for Answer { wish, unmet } in &self.answers {
            match unmet {
                None => write!(f, "\n{wish}: granted")?,
                Some(unmet) => write!(f, "\n{wish}: not granted: {unmet}")?,
            }
        }
        Ok(())
    }
}

/// A wish that was [required](MemoryReport::required) was not granted.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct MemoryError {
    /// All answers.
    pub report: MemoryReport,
}

impl fmt::Display for MemoryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the ring's memory is not as required")?;
        self.report.unmet().try_for_each(|(wish, unmet)| write!(f, "; {wish}: {unmet}"))
    }
}

impl Error for MemoryError {}

/// A number of bytes in the largest unit of which there is one.
fn size(bytes: u64) -> String {
    const UNITS: [&str; 4] = ["KiB", "MiB", "GiB", "TiB"];
    if bytes < 1024 {
        return format!("{bytes} B");
    }
    let power = (bytes.ilog2() as usize / 10).min(UNITS.len());
    format!("{:.1} {}", bytes as f64 / (1u64 << (10 * power)) as f64, UNITS[power - 1])
}

#[cfg(test)]
mod tests {
    use std::{string::ToString, vec};

    use super::*;

    #[test]
    fn each_reason_says_what_to_do() {
        let texts = [
            (Unmet::NotHere, "leave the wish out"),
            (Unmet::Small { bytes: 8192, page: 2 << 20 }, "8.0 KiB, and a huge page 2.0 MiB: give the ring more slots"),
            (Unmet::Off, "write `madvise` to"),
            (Unmet::Partly { granted: 2 << 20, of: 64 << 20 }, "2.0 MiB of 64.0 MiB have them"),
            (Unmet::NoHugetlbfs { reason: "no such file".into() }, "no such file; give the path of a hugetlbfs"),
            (Unmet::TooFewPages { needed: 32, page: 1 << 30 }, "32 free huge pages of 1.0 GiB are needed"),
            (Unmet::NoSuchNode { nodes: vec![0, 2] }, "choose one of [0, 2]"),
            (Unmet::NoSuchCore, "choose one of `Machine::look().cores`"),
            (Unmet::Elsewhere { nodes: vec![(0, 5), (1, 7)] }, "5 on node 0, 7 on node 1, for that node"),
            (
                Unmet::OverLimit { bytes: 1 << 20, limit: 65536 },
                "1.0 MiB would be locked, and this process may lock 64.0 KiB in all: raise",
            ),
            (Unmet::Refused { call: "mbind", code: 1 }, "the system refused `mbind`"),
            (Unmet::NotShown, "mount /proc"),
        ];
        for (unmet, expected) in texts {
            assert!(unmet.to_string().contains(expected), "{unmet}");
        }
    }

    #[test]
    fn a_report_shows_all_answers_and_is_an_error_where_they_are_required() {
        let answer = |wish, unmet| Answer { wish, unmet };
        let mut report =
            MemoryReport { bytes: 64 << 20, in_huge_pages: 64 << 20, nodes: vec![(0, 16384)], ..Default::default() };
        report.answers.push(answer(Wish::HugePages, None));
        assert_eq!(
            report.to_string(),
            "memory: 64.0 MiB, 64.0 MiB in huge pages, 16384 pages on node 0\nhuge pages: granted"
        );
        let report = report.required().unwrap();
        let mut report = report;
        report.answers.push(answer(Wish::OnNode(3), Some(Unmet::NoSuchNode { nodes: vec![0] })));
        let error = report.clone().required().unwrap_err();
        assert_eq!(error.report, report);
        assert_eq!(
            error.to_string(),
            "the ring's memory is not as required; on node 3: no node of this number has memory: choose one of [0]"
        );
        assert!(
            report
                .to_string()
                .ends_with("\non node 3: not granted: no node of this number has memory: choose one of [0]")
        );
    }
}
