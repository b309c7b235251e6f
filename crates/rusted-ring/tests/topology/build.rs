//! What is refused, and what the refusal says.

use rusted_ring::{
    Consumer, HeapRing, RingBuffer, Start, Subscriber,
    consumer::JoinError,
    topology::{BuildError, Graph, OnFailure, RemoveError, Topology, each},
};

type Ring = HeapRing<16>;

fn refused(topology: Topology<Ring>) -> String {
    topology.start().map(|_: Graph<Ring>| ()).unwrap_err().to_string()
}

fn empty() -> Topology<Ring> {
    Topology::over(Ring::new(8))
}

#[test]
fn a_graph_that_cannot_be_is_refused_by_the_names_of_its_stages() {
    let circle = empty().stage("a").after(["b"]).each(|_, _| ()).stage("b").after(["a"]).each(|_, _| ());
    assert_eq!(
        refused(circle),
        "no stage can begin: \"a\" comes after \"b\", \"b\" comes after \"a\": leave out one of these"
    );
    let unknown = empty().stage("apply").after(["jornal"]).each(|_, _| ());
    assert_eq!(
        refused(unknown),
        "stage \"apply\" is to come after \"jornal\", and there is no stage of that name: describe it too"
    );
    let twice = empty().stage("a").each(|_, _| ()).stage("a").polled();
    assert_eq!(refused(twice), "two stages are called \"a\": give each a name of its own");
    let nobody = empty().stage("resize").workers(0, |_| each(|_, _| ()));
    assert_eq!(refused(nobody), "stage \"resize\" has no workers: give it at least one");
    let given = empty().stage("a").on_failure(OnFailure::Restart).each(|_, _| ());
    assert!(refused(given).contains("cannot be made again: give it by `made_by` or `workers`"));
    let cores = empty().stage("a").pinned_to([0, 1]).each(|_, _| ());
    assert!(refused(cores).contains("has 1 threads and is pinned to 2 cores"));
    // The second is the first beyond those that Linux can be asked about.
    for number in [100_000, 1024] {
        let core = empty().stage("a").pinned_to([number]).each(|_, _| ());
        assert!(refused(core).contains(&format!("core {number}, which this process cannot be pinned to")));
    }
}

#[test]
fn a_full_table_is_said_with_the_stage_and_frees_what_had_joined() {
    let ring = Ring::new(8);
    let crowded = Topology::over(ring.clone()).stage("crowd").workers(65, |_| each(|_, _| ()));
    assert!(matches!(crowded.start().unwrap_err(), BuildError::TooManyReaders { stage } if stage == "crowd"));
    // No thread is started for what the table cannot hold.
    let crowded = Topology::over(ring.clone()).stage("crowd").workers(1_000_000, |_| each(|_, _| ()));
    assert!(matches!(crowded.start().unwrap_err(), BuildError::TooManyReaders { stage } if stage == "crowd"));
    let all: Vec<_> = (0..64).map(|_| Consumer::join(ring.clone(), Start::Newest).unwrap()).collect();
    assert_eq!(all.len(), 64);
    drop(all);
    // As many as the table holds are not too many.
    let whole = Topology::over(ring).stage("crowd").workers(64, |_| each(|_, _| ())).start().unwrap();
    assert_eq!(whole.status().stages[0].workers, 64);
    whole.drain(super::LONG).unwrap();
}

#[test]
fn a_running_graph_refuses_what_it_cannot_add_or_remove() {
    let graph = empty().stage("a").each(|_, _| ()).stage("gui").polled().start().unwrap();
    let refused = graph.stage("a").each(|_, _| ()).unwrap_err();
    assert!(matches!(refused, BuildError::Duplicate { stage } if stage == "a"));
    let refused = graph.stage("b").after(["c"]).polled().unwrap_err();
    assert!(matches!(refused, BuildError::Unknown { stage, after } if (&*stage, &*after) == ("b", "c")));
    assert_eq!(graph.remove("b"), Err(RemoveError::Unknown { stage: "b".into() }));
    assert_eq!(graph.remove("gui"), Err(RemoveError::Polled { stage: "gui".into() }));
    assert!(graph.polled("gui").is_some() && graph.polled("gui").is_none() && graph.polled("a").is_none());
}

#[test]
fn a_consumer_comes_after_those_of_its_own_ring_alone() {
    let (one, two) = (Ring::new(8), Ring::new(8));
    let mut first = Consumer::join(one, Start::Newest).unwrap();
    let refused = Consumer::join_after(two, Start::Newest, &[first.checkpoint()]).unwrap_err();
    assert_eq!(refused, JoinError::AnotherRing);
    assert!(refused.to_string().contains("of its own ring"));
}

#[test]
fn a_ring_in_a_static_has_stages_too() {
    static RING: RingBuffer<64, 64> = RingBuffer::new();
    let reader = Subscriber::new(&RING);
    let graph = Topology::over(&RING).stage("count").each(|event, _| assert_eq!(**event, *b"stroke")).start().unwrap();
    (0..1000).for_each(|_| _ = rusted_ring::Publisher::new(&RING).publish(b"stroke", 1).unwrap());
    let report = graph.drain(super::LONG).unwrap();
    assert_eq!(report.stage("count").unwrap().processed, 1000);
    assert_eq!(reader.next_sequence().get(), 0);
}
