//! Stages on cores that a placement chose.

use std::{
    io,
    sync::{Arc, Mutex},
    thread,
    time::Duration,
};

use rusted_ring::{
    HeapTypedRing, Sole, SolePublisher,
    placement::{Machine, Placement, pin_thread},
    topology::{BuildError, Topology, each},
};

type Ring = HeapTypedRing<u64, Sole>;

/// As many cores as this process may use, and one that nobody may.
fn of_this_machine() -> Placement {
    let cores = Machine::look().cores;
    Placement::from_figures(cores.into_iter().chain([100_000]), |_, _| 100.0)
}

#[test]
fn threads_run_where_the_report_says_and_no_core_has_two() {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let (journal, apply) = (seen.clone(), seen.clone());
    let note = |seen: &Mutex<Vec<_>>, name| seen.lock().unwrap().push((name, Machine::look().cores));
    let ring = Ring::sole(64);
    let graph = Topology::over(ring.clone())
        .placed(&of_this_machine())
        .stage("journal")
        .each(move |_, _| note(&journal, "journal"))
        .stage("apply")
        .after(["journal"])
        .each(move |_, _| note(&apply, "apply"))
        .stage("gui")
        .polled()
        .start()
        .unwrap();
    let placed = graph.placed().unwrap().clone();
    let all = Machine::look().cores;
    assert_eq!(placed.publisher(), all.first().copied());
    assert_eq!(placed.without_core(), 4usize.saturating_sub(all.len()));
    let chosen: Vec<usize> = placed
        .publisher()
        .into_iter()
        .chain(["journal", "apply", "gui"].iter().flat_map(|name| placed.stage(name)).flatten())
        .collect();
    assert!(
        chosen.iter().enumerate().all(|(index, core)| all.contains(core) && !chosen[..index].contains(core)),
        "{placed}"
    );

    SolePublisher::join(ring).unwrap().send(&1);
    drop(graph.polled("gui"));
    graph.drain(Duration::from_secs(60)).unwrap();
    for (name, cores) in &*seen.lock().unwrap() {
        match placed.stage(name)[..] {
            [Some(core)] => assert_eq!(*cores, [core], "{placed}"),
            [None] => assert_eq!(*cores, all, "{placed}"),
            _ => panic!("{placed}"),
        }
    }
    assert_eq!(seen.lock().unwrap().len(), 2);
}

#[test]
fn named_cores_win_and_are_no_other_threads() {
    let Some(&core) = Machine::look().cores.first() else { return };
    let graph = Topology::over(Ring::sole(64))
        .placed(&of_this_machine())
        .stage("any")
        .each(|_, _| ())
        .stage("named")
        .pinned_to([core])
        .each(|_, _| ())
        .start()
        .unwrap();
    let placed = graph.placed().unwrap();
    assert_eq!(placed.stage("named"), [Some(core)]);
    assert!(placed.publisher() != Some(core) && placed.stage("any") != [Some(core)], "{placed}");
    assert!(placed.to_string().contains(&format!("core {core}, as its description says")), "{placed}");
    assert_eq!(placed.to_string().matches("as its description says").count(), 1, "{placed}");
}

#[test]
fn fewer_cores_than_threads_are_no_error_and_reported() {
    let placement = Placement::from_figures([], |_, _| 0.0);
    let ring = Ring::sole(64);
    let graph =
        Topology::over(ring.clone()).placed(&placement).stage("work").workers(3, |_| each(|_, _| ())).start().unwrap();
    let placed = graph.placed().unwrap();
    assert_eq!((placed.publisher(), placed.stage("work"), placed.without_core()), (None, vec![None; 3], 4));
    SolePublisher::join(ring).unwrap().send(&1);
    assert_eq!(graph.drain(Duration::from_secs(60)).unwrap().stage("work").unwrap().processed, 1);
    let without = Topology::over(Ring::sole(64)).stage("work").each(|_, _| ()).start().unwrap();
    assert!(without.placed().is_none());
}

#[test]
fn as_many_threads_as_may_read_a_ring_are_placed() {
    let topology = Topology::over(Ring::sole(64)).placed(&of_this_machine());
    let graph = topology.stage("crowd").workers(64, |_| each(|_, _| ())).start().unwrap();
    assert_eq!(graph.placed().unwrap().stage("crowd").len(), 64);
    graph.drain(Duration::from_secs(60)).unwrap();
}

#[test]
fn what_cannot_be_built_is_refused_as_without_a_placement() {
    let topology = || Topology::over(Ring::sole(64)).placed(&of_this_machine());
    let unknown = topology().stage("a").after(["b"]).each(|_, _| ()).start().unwrap_err();
    assert!(matches!(unknown, BuildError::Unknown { .. }), "{unknown}");
    let crowd = topology().stage("a").workers(1_000_000, |_| each(|_, _| ())).start().unwrap_err();
    assert!(matches!(crowd, BuildError::TooManyReaders { .. }), "{crowd}");
    let nobody = topology().stage("a").workers(0, |_| each(|_, _| ())).start().unwrap_err();
    assert!(matches!(nobody, BuildError::NoWorkers { .. }), "{nobody}");
}

#[test]
fn a_system_that_names_no_cores_says_so() {
    if Machine::look().cores.is_empty() {
        assert_eq!(Placement::measure().unwrap_err().kind(), io::ErrorKind::Unsupported);
        assert_eq!(pin_thread(0).unwrap_err().kind(), io::ErrorKind::Unsupported);
    } else {
        let core = Placement::measure_with(10, Duration::from_secs(60)).unwrap().chain(0)[0].unwrap();
        thread::spawn(move || pin_thread(core)).join().unwrap().unwrap();
    }
}
