//! What the kernel shows of a mapping, understood.

use std::vec::Vec;

use super::kernel_text::behind;

/// What the kernel shows of one mapping.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Mapped {
    /// Bytes in transparent huge pages.
    pub(crate) in_huge: u64,
    /// Bytes of each of the kernel's pages there.
    pub(crate) page: u64,
    /// Bytes that are never swapped out.
    pub(crate) locked: u64,
    /// Nodes, each with the pages that lie there; none where the kernel does not show it.
    pub(crate) nodes: Vec<(usize, u64)>,
}

/// What `smaps` and `numa_maps` show of the mapping that begins at `address`; none if it is not there.
pub(crate) fn mapped(smaps: &str, numa_maps: &str, address: usize) -> Option<Mapped> {
    let begins = std::format!("{address:08x}-");
    let from = smaps.lines().skip_while(|line| !line.starts_with(&begins));
    // The mapping's own lines: the next one begins with an address, in lower case.
    let own: Vec<&str> =
        from.skip(1).take_while(|line| line.starts_with(|first: char| first.is_ascii_uppercase())).collect();
    let own = own.join("\n");
    let kib = |name| behind::<u64>(&own, name).map(|kib| kib * 1024);
    let line = numa_maps
        .lines()
        .find(|line| line.split(' ').next().and_then(|begin| usize::from_str_radix(begin, 16).ok()) == Some(address));
    let nodes = line.into_iter().flat_map(|line| line.split(' ')).filter_map(|word| {
        let (node, pages) = word.strip_prefix('N')?.split_once('=')?;
        Some((node.parse().ok()?, pages.parse().ok()?))
    });
    Some(Mapped {
        page: kib("KernelPageSize:")?,
        in_huge: kib("AnonHugePages:").unwrap_or(0),
        locked: kib("Locked:").unwrap_or(0),
        nodes: nodes.collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const SMAPS: &str = "\
7f0000000000-7f0000200000 ---p 00000000 00:00 0 \n\
Size:               2048 kB\n\
KernelPageSize:        4 kB\n\
AnonHugePages:         0 kB\n\
Locked:                0 kB\n\
VmFlags: mr mw me\n\
7f0000200000-7f0004200000 rw-p 00000000 00:00 0 \n\
Size:              65536 kB\n\
KernelPageSize:        4 kB\n\
MMUPageSize:           4 kB\n\
AnonHugePages:     63488 kB\n\
Locked:            65536 kB\n\
VmFlags: rd wr mr mw me lo hg\n\
7f0004200000-7f0004400000 ---p 00000000 00:00 0 \n\
KernelPageSize:        4 kB\n\
AnonHugePages:      2048 kB\n";

    #[test]
    fn a_mapping_is_found_by_where_it_begins() {
        let numa =
            "7f0000000000 default\n7f0000200000 prefer:1 anon=16384 dirty=16384 N0=384 N1=16000 kernelpagesize_kB=4\n";
        let expected =
            Mapped { in_huge: 62 << 20, page: 4096, locked: 64 << 20, nodes: std::vec![(0, 384), (1, 16000)] };
        assert_eq!(mapped(SMAPS, numa, 0x7f00_0020_0000), Some(expected.clone()));
        assert_eq!(mapped(SMAPS, "", 0x7f00_0020_0000), Some(Mapped { nodes: Vec::new(), ..expected }));
        assert_eq!(mapped(SMAPS, numa, 0x7f00_0000_0000).unwrap().in_huge, 0);
        assert_eq!(mapped(SMAPS, numa, 0x1000), None);
        assert_eq!(mapped("", "", 0x1000), None);
    }
}
