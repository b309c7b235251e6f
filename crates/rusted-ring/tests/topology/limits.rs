//! What the system refuses: no thread, no memory for its stack, no file descriptor. Only the refused part is refused, before anything
//! of it has begun.
//!
//! Each test runs in a process of its own, which sets the limit for itself. The limit on threads does not bind root, and counts all
//! threads of a user: as root, the process gets a user that nobody else has; otherwise it is alone in a user namespace.

use std::{
    error::Error,
    fs,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    thread,
    time::Duration,
};

use rusted_ring::{
    ClosePolicy, Consumer, HeapTypedRing, Publisher, Start, Typed,
    topology::{BuildError, Graph, StageEnd, Topology, each},
};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use super::{
    LONG,
    deadline::Deadline,
    own_process::{in_a_process, limit},
};

type Ring = HeapTypedRing<u64>;

fn unlimited(resource: Resource) {
    let Rlimit { maximum, .. } = getrlimit(resource);
    setrlimit(resource, Rlimit { current: maximum, maximum }).expect("the highest limit");
}

fn threads() -> usize {
    fs::read_dir("/proc/self/task").expect("this process's threads").count()
}

/// Allows for `more` threads than there are, or for fewer: one that has ended counts for a moment after it is gone.
fn allow_threads(more: u64) {
    limit(Resource::Nproc, threads() as u64 + more);
}

/// Allows for the memory of `more` stacks.
fn allow_stacks(more: u64) {
    let pages = fs::read_to_string("/proc/self/statm").expect("this process's size");
    let pages: u64 = pages.split(' ').next().and_then(|size| size.parse().ok()).expect("a number of pages");
    let stack = 2 << 20;
    // And of half a one, for all else.
    limit(Resource::As, pages * rustix::param::page_size() as u64 + more * stack + stack / 2);
}

/// A graph of one stage, at work, and what it handled.
fn running() -> (Ring, Graph<Ring>, Arc<AtomicU64>) {
    let ring = Ring::closing(256, ClosePolicy::Never);
    let stored = Arc::new(AtomicU64::new(0));
    let count = stored.clone();
    let graph = Topology::over(ring.clone()).stage("storage").each(move |_, _| _ = count.fetch_add(1, Relaxed));
    (ring, graph.start().unwrap(), stored)
}

/// Adds a stage of `workers` threads, under a limit that refuses it, and again without the limit.
fn one_more(workers: usize, restrict: impl FnOnce(), resource: Resource) {
    let before = threads();
    let (ring, graph, stored) = running();
    let publisher = Publisher::join(ring).unwrap();
    let publish = |up_to: u64| {
        (0..1000).for_each(|number| _ = publisher.send_timeout(&number, LONG).unwrap());
        Deadline::new().wait_until("the storage", || stored.load(Relaxed) == up_to);
    };
    publish(1000);
    let made = Arc::new(AtomicU64::new(0));
    let add = || {
        let made = made.clone();
        graph.stage("metrics").workers(workers, move |_| {
            made.fetch_add(1, Relaxed);
            each::<Typed<u64>, _, _>(|_, _| ())
        })
    };
    let there = threads();
    restrict();
    let refused = add();
    unlimited(resource);
    let refused = refused.expect_err("there is no thread for it");
    println!("{refused}");
    assert!(matches!(&refused, BuildError::Spawn { stage, .. } if stage == "metrics"), "{refused}");
    let system = refused.source().expect("what the system said");
    assert!(refused.to_string().ends_with(&system.to_string()), "{refused}");
    assert!(graph.is_running(), "the others go on");
    publish(2000);
    let names = |graph: &Graph<Ring>| graph.status().stages.into_iter().map(|stage| stage.name).collect::<Vec<_>>();
    assert_eq!((names(&graph), made.load(Relaxed)), (vec!["storage".into()], 0), "nothing of it is left, or has begun");
    Deadline::new().wait_until("those threads that there were to end", || threads() == there);
    add().expect("now there are threads");
    publish(3000);
    let report = graph.drain(LONG).expect("nothing has halted it");
    let counts: Vec<_> = report.stages.iter().map(|stage| (&*stage.name, stage.processed, stage.end)).collect();
    assert_eq!(counts, [("storage", 3000, StageEnd::Drained), ("metrics", 1000, StageEnd::Drained)]);
    assert_eq!(made.load(Relaxed), workers as u64);
    Deadline::new().wait_until("all threads to end", || threads() == before);
}

/// Starts a graph of `stages` threads, under a limit that refuses some of them, and again without the limit.
fn a_whole_graph(stages: usize, restrict: impl FnOnce(), resource: Resource) {
    let ring = Ring::closing(16, ClosePolicy::Never);
    let publisher = Publisher::join(ring.clone()).unwrap();
    let (made, handled) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicU64::new(0)));
    let describe = || {
        // There is something for them to do at once.
        (0..8).for_each(|number| _ = publisher.try_send(&number).unwrap());
        (0..stages).fold(Topology::over(ring.clone()).starting_at(Start::Oldest), |topology, number| {
            let (made, handled) = (made.clone(), handled.clone());
            topology.stage(&format!("stage {number}")).made_by(move || {
                made.fetch_add(1, Relaxed);
                let handled = handled.clone();
                each(move |_, _| _ = handled.fetch_add(1, Relaxed))
            })
        })
    };
    let (there, described) = (threads(), describe());
    restrict();
    let refused = described.start();
    unlimited(resource);
    let refused = refused.map(|_| ()).expect_err("there are too few threads for it");
    println!("{refused}");
    assert!(matches!(refused, BuildError::Spawn { .. }), "{refused}");
    Deadline::new().wait_until("those threads that there were to end", || threads() == there);
    assert_eq!((made.load(Relaxed), handled.load(Relaxed)), (0, 0), "no handler has run");
    assert_eq!((Arc::strong_count(&made), Arc::strong_count(&handled)), (1, 1), "all handlers are gone");
    (0..100).for_each(|number| _ = publisher.try_send(&number).expect("nobody holds the publisher"));
    let all: Vec<_> = std::iter::from_fn(|| Consumer::join(ring.clone(), Start::Newest).ok()).collect();
    assert_eq!(all.len(), 64, "no entry of the table is held");
    drop(all);
    let graph = describe().start().expect("now there are threads");
    let report = graph.drain(LONG).unwrap();
    assert!(report.stages.len() == stages && report.stages.iter().all(|stage| stage.processed >= 8), "{report}");
    Deadline::new().wait_until("all threads to end", || threads() == there);
}

#[test]
fn without_a_thread_one_more_stage_is_refused_alone() {
    in_a_process("limits::without_a_thread_one_more_stage_is_refused_alone", || {
        for (workers, allowed) in [(1, 0), (4, 0), (4, 1), (4, 3)] {
            one_more(workers, || allow_threads(allowed), Resource::Nproc);
        }
    });
}

#[test]
fn without_threads_for_all_a_graph_begins_with_none() {
    in_a_process("limits::without_threads_for_all_a_graph_begins_with_none", || {
        for allowed in [0, 1, 3] {
            a_whole_graph(4, || allow_threads(allowed), Resource::Nproc);
        }
    });
}

#[test]
fn without_memory_for_a_stack_one_more_stage_is_refused_alone() {
    in_a_process("limits::without_memory_for_a_stack_one_more_stage_is_refused_alone", || {
        one_more(12, || allow_stacks(2), Resource::As);
    });
}

#[test]
fn without_memory_for_all_stacks_a_graph_begins_with_none() {
    in_a_process("limits::without_memory_for_all_stacks_a_graph_begins_with_none", || {
        a_whole_graph(24, || allow_stacks(2), Resource::As);
    });
}

#[test]
fn a_graph_needs_no_file_descriptor() {
    in_a_process("limits::a_graph_needs_no_file_descriptor", || {
        limit(Resource::Nofile, 0);
        assert!(fs::File::open("/proc/self/exe").is_err(), "the limit on files does not bind this process");
        let (ring, graph, stored) = running();
        graph.stage("added").after(["storage"]).workers(2, |_| each(|_, _| ())).unwrap();
        let publisher = Publisher::join(ring).unwrap();
        (0..1000).for_each(|number| _ = publisher.send_timeout(&number, LONG).unwrap());
        Deadline::new().wait_until("the storage", || stored.load(Relaxed) == 1000);
        // Asleep in the kernel by now, and woken.
        thread::sleep(Duration::from_millis(20));
        assert_eq!(graph.remove("added").unwrap().processed, 1000);
        publisher.send(&1);
        assert_eq!(graph.drain(LONG).unwrap().stage("storage").unwrap().processed, 1001);
        unlimited(Resource::Nofile);
    });
}
