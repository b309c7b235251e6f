//! What the system says of itself.

use std::{
    fs, hint,
    time::{Duration, Instant},
};

use rusted_ring::{
    Tuning,
    placement::{Machine, Node},
};
use rusted_ring_shm::DIRECTORY;
use rustix::{
    fs::{Access, access, stat, statfs, statvfs},
    process::{Resource, getrlimit},
    system::uname,
    thread::{MembarrierQuery, membarrier_query},
};

use super::Finding;
use crate::text;

/// What the kernel calls tmpfs.
const TMPFS: u64 = 0x0102_1994;
/// Less than this is soon full.
const LITTLE: u64 = 64 << 20;
/// Descriptors: each ring that is open takes one.
const FEW: u64 = 1024;
/// Looks at the clock of which one's cost is taken.
const LOOKS: u32 = 10_000;

pub(super) fn findings(machine: &Machine) -> Vec<Finding> {
    let mut findings = vec![kernel(), room(), rights(), namespaces(), barrier(), pages(machine), nodes(machine)];
    findings.extend(limits(machine));
    findings.extend([
        clock(),
        processors(machine),
        tuning(Tuning::of_this_machine()),
        publishing(Tuning::ends_claims_by_store()),
    ]);
    findings
}

fn kernel() -> Finding {
    Finding::new("kernel", uname().release().to_string_lossy())
}

fn room() -> Finding {
    const WHAT: &str = "shared memory";
    let (system, size) = match (statfs(DIRECTORY), statvfs(DIRECTORY)) {
        (Ok(system), Ok(size)) => (system, size),
        (Err(error), _) | (_, Err(error)) => {
            return Finding::new(WHAT, format!("{DIRECTORY}: {error}"))
                .advise(true, format!("mount a tmpfs at {DIRECTORY}, or give rings a path elsewhere"));
        }
    };
    let is_memory = system.f_type as u64 == TMPFS;
    let (all, free) = (size.f_blocks * size.f_frsize, size.f_bavail * size.f_frsize);
    let kind = if is_memory { "tmpfs" } else { "no tmpfs" };
    let fact = format!("{DIRECTORY}, {kind}, {} of {} free", text::bytes(free), text::bytes(all));
    match is_memory {
        true => Finding::new(WHAT, fact).advise(
            free < LITTLE,
            format!(
                "only {} are free: remove rings with `rring rm`, or give the container more (`--shm-size`)",
                text::bytes(free)
            ),
        ),
        false => Finding::new(WHAT, fact)
            .advise(true, "rings there go to a disk: mount a tmpfs, or give rings a path in one"),
    }
}

fn rights() -> Finding {
    let mode = stat(DIRECTORY).map_or("unknown".to_owned(), |stat| format!("{:04o}", stat.st_mode & 0o7777));
    let may = access(DIRECTORY, Access::WRITE_OK | Access::EXEC_OK).is_ok();
    let fact = format!(
        "mode {mode}, this user may {}create rings; a ring is its owner's alone, or its group's",
        if may { "" } else { "not " }
    );
    Finding::new("permissions", fact)
        .advise(!may, format!("run as a user that may write in {DIRECTORY}, or give rings a path elsewhere"))
}

fn namespaces() -> Finding {
    let of = |process: &str, name: &str| fs::read_link(format!("/proc/{process}/ns/{name}")).ok();
    let names = ["mnt", "pid", "user"];
    let own: Vec<String> = names.iter().filter_map(|name| Some(of("self", name)?.display().to_string())).collect();
    let is_first = |name: &&str| match (of("self", name), of("1", name)) {
        (Some(own), Some(first)) => (own == first).then_some(true),
        _ => None,
    };
    let shared = names.iter().filter_map(is_first).count();
    let note = if shared == names.len() { ", those of process 1" } else { "" };
    let fact = format!("{}{note}; a process in another mount namespace may have another {DIRECTORY}", own.join(" "));
    Finding::new("namespaces", fact)
}

fn barrier() -> Finding {
    let found = membarrier_query();
    let needed = MembarrierQuery::GLOBAL_EXPEDITED | MembarrierQuery::REGISTER_GLOBAL_EXPEDITED;
    let has = found.contains(needed);
    Finding::new("membarrier", if has { "between processes, expedited" } else { "not between processes" }).advise(
        !has,
        "the kernel has no expedited barrier between processes (4.16 has one; a container's filter may forbid it): a process that goes to sleep \
         looks once more after a millisecond",
    )
}

fn pages(machine: &Machine) -> Finding {
    let chosen = |word: &Option<String>| word.clone().unwrap_or_else(|| "unknown".to_owned());
    let huge = &machine.huge_pages;
    let fact = format!(
        "shared memory: {}, other memory: {}, reserved: {}, of which {} are free",
        chosen(&huge.shared),
        chosen(&huge.transparent),
        huge.reserved,
        huge.free
    );
    Finding::new("huge pages", fact)
}

fn nodes(machine: &Machine) -> Finding {
    let shown = |node: &Node| {
        let memory = if node.has_memory { "" } else { ", without memory" };
        format!("{} (cores: {}{memory})", node.id, node.cores.len())
    };
    let fact: Vec<String> = machine.nodes.iter().map(shown).collect();
    Finding::new("NUMA nodes", if fact.is_empty() { "unknown".to_owned() } else { fact.join(", ") }).advise(
        fact.len() > 1,
        "memory of another node is slower: let whoever reads most be where the ring's memory is, as by `numactl`, or by the library's `RingMemory`",
    )
}

fn limits(machine: &Machine) -> Vec<Finding> {
    let shown = |limit: Option<u64>, of_bytes| match limit {
        None => "no limit".to_owned(),
        Some(limit) if of_bytes => text::bytes(limit),
        Some(limit) => limit.to_string(),
    };
    let now = |resource| getrlimit(resource).current;
    let files = now(Resource::Nofile);
    let (length, memory) = (now(Resource::Fsize), now(Resource::As));
    vec![
        Finding::new("descriptors", format!("{}; an open ring takes one", shown(files, false))).advise(
            files.is_some_and(|files| files < FEW),
            "few descriptors are allowed: raise `ulimit -n`, should many rings be open at a time",
        ),
        Finding::new("locked memory", shown(machine.lock_limit, true)),
        Finding::new("file length", shown(length, true))
            .advise(length.is_some(), "rings that are longer cannot be created: raise `ulimit -f`"),
        Finding::new("address space", shown(memory, true))
            .advise(memory.is_some(), "all mapped rings are counted in it: raise `ulimit -v`, should mapping fail"),
    ]
}

fn clock() -> Finding {
    let source =
        fs::read_to_string("/sys/devices/system/clocksource/clocksource0/current_clocksource").unwrap_or_default();
    let source = match source.trim() {
        "" => "unknown",
        source => source,
    };
    let cost = cost_of_a_look().as_nanos();
    // Those that the kernel lets a process read without a system call.
    let is_quick =
        ["tsc", "arch_sys_counter", "kvm-clock", "hyperv_clocksource_tsc_page", "riscv_clocksource", "unknown"]
            .contains(&source);
    Finding::new("clock", format!("{source}, a look takes {cost} ns")).advise(
        !is_quick,
        format!("each look at the clock `{source}` is a system call, and a wait with a time-out looks often: prefer tsc, if the machine has it"),
    )
}

fn cost_of_a_look() -> Duration {
    let begun = Instant::now();
    for _ in 0..LOOKS {
        hint::black_box(Instant::now());
    }
    begun.elapsed() / LOOKS
}

fn processors(machine: &Machine) -> Finding {
    let usable = machine.cores.len();
    let online = fs::read_to_string("/sys/devices/system/cpu/online").unwrap_or_else(|_| "unknown".to_owned());
    let shown = machine.quota.map_or(String::new(), |quota| format!(", of which the time of {quota:.1} may be used"));
    Finding::new("processors", format!("{usable} usable, of {}{shown}", online.trim())).advise(
        machine.quota.is_some_and(|quota| quota < usable as f64) || usable < 2,
        "a wait that spins takes time from what it waits for: keep to the default strategy, which sleeps",
    )
}

/// How endpoints go on this processor.
fn tuning(tuning: Tuning) -> Finding {
    let owned = |what: &str, below: usize| match below {
        0 => String::new(),
        usize::MAX => format!(", {what} owned"),
        below => format!(", {what} owned of slots below {}", text::bytes(below as u64)),
    };
    let is = |way: bool| if way { "yes" } else { "no" };
    let fact = format!(
        "fetch ahead: {}, cursor first: {}{}{}",
        is(tuning.fetch_ahead),
        is(tuning.cursor_first),
        owned("events", tuning.own_events_below),
        owned("batches", tuning.own_batches_below)
    );
    Finding::new("tuning", fact).advise(
        tuning == Tuning::PORTABLE,
        "this processor was not measured, so rings go as on any: `cargo bench -p rusted-ring --bench tuning` says what would be faster",
    )
}

/// How one of many publishers ends its claims in one process.
fn publishing(by_store: bool) -> Finding {
    let how = if by_store { "a store" } else { "an exchange" };
    Finding::new("publishing", format!("many publishers end their claims by {how}")).advise(
        !by_store,
        "a store is faster: on x86-64 it takes Linux 5.10, glibc 2.35, and no filter of system calls that forbids membarrier or rseq",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_is_found_once() {
        let findings = findings(&Machine::look());
        let mut whats: Vec<_> = findings.iter().map(|finding| finding.what).collect();
        assert_eq!(whats.len(), 15);
        whats.dedup();
        assert_eq!(whats.len(), 15);
        assert!(findings.iter().all(|finding| !finding.fact.is_empty()));
    }

    #[test]
    fn a_processor_that_was_not_measured_is_told_how_to_be() {
        let portable = tuning(Tuning::PORTABLE);
        assert_eq!(portable.fact, "fetch ahead: no, cursor first: no");
        assert!(portable.advice.unwrap().contains("cargo bench"));
        let mut other = Tuning::PORTABLE;
        (other.fetch_ahead, other.own_events_below, other.own_batches_below) = (true, usize::MAX, 1024);
        let expected = "fetch ahead: yes, cursor first: no, events owned, batches owned of slots below 1.0 KiB";
        assert_eq!(tuning(other), Finding::new("tuning", expected));
    }
}
