//! A stage that publishes into a ring which leads back to its own would stand still once both are full: it is refused.

use rusted_ring::{
    ClosePolicy, HeapRing, Publisher, RingRef, Sole, SolePublisher,
    topology::{BuildError, Graph, Outlet, Topology},
};

type Ring = HeapRing<64>;

/// A graph over `from` of one stage that publishes by `into`.
fn feeding<R: RingRef<Slot = rusted_ring::Bytes<64>> + Send + Sync + 'static>(
    from: &R,
    into: impl Outlet + 'static,
) -> Result<Graph<R>, BuildError> {
    Topology::over(from.clone()).stage("feed").transform(into, |_, _| Ok(None)).start()
}

fn rings<const COUNT: usize>() -> [Ring; COUNT] {
    std::array::from_fn(|_| Ring::closing(8, ClosePolicy::Never))
}

fn by(ring: &Ring) -> Publisher<Ring> {
    Publisher::join(ring.clone()).unwrap()
}

#[track_caller]
fn assert_refused<R: RingRef>(outcome: Result<Graph<R>, BuildError>) {
    let said = outcome.map(|_| ()).expect_err("it is a circle").to_string();
    assert!(said.contains("\"feed\"") && said.contains("leads back"), "{said}");
}

#[test]
fn a_stage_that_publishes_into_its_own_ring_is_refused() {
    let [ring] = rings();
    assert_refused(feeding(&ring, by(&ring)));
    let sole = HeapRing::<64, Sole>::sole(8);
    assert_refused(feeding(&sole, SolePublisher::join(sole.clone()).unwrap()));
    let graph = Topology::over(ring.clone()).stage("stays").each(|_, _| ()).start().unwrap();
    let refused = graph.stage("feed").transform(by(&ring), |_, _| Ok(None)).unwrap_err();
    assert!(refused.to_string().contains("leads back"), "{refused}");
    assert!(graph.is_running() && graph.status().stages.len() == 1, "the running graph goes on");
}

#[test]
fn a_circle_of_several_rings_is_refused_where_it_would_be_closed() {
    let [a, b, c] = rings();
    let from_a = feeding(&a, by(&b)).unwrap();
    assert_refused(feeding(&b, by(&a)));
    let _from_b = feeding(&b, by(&c)).unwrap();
    assert_refused(feeding(&c, by(&a)));
    let of_c = Topology::over(c.clone()).stage("stays").each(|_, _| ()).start().unwrap();
    of_c.stage("feed").transform(by(&a), |_, _| Ok(None)).expect_err("the same, when it is added");
    // What was refused has left nothing behind, and what has ended no longer counts.
    from_a.halt().unwrap();
    of_c.stage("feed").transform(by(&a), |_, _| Ok(None)).expect("nobody publishes from a into b");
}

#[test]
fn both_ends_of_a_circle_in_one_graph_are_refused_and_nothing_begins() {
    let [a, b] = rings();
    let _from_b = feeding(&b, by(&a)).unwrap();
    let both = Topology::over(a.clone())
        .stage("fine")
        .each(|_, _| assert!(std::hint::black_box(false), "a refused graph handles nothing"))
        .stage("feed")
        .transform(by(&b), |_, _| Ok(None));
    assert_refused(both.start());
}

#[test]
fn rings_that_lead_nowhere_back_are_fed_as_one_likes() {
    let [a, b, c] = rings();
    // Two ways to one ring, and two graphs over one ring.
    let graphs = [feeding(&a, by(&b)), feeding(&a, by(&c)), feeding(&b, by(&c)), feeding(&b, by(&c))];
    graphs.into_iter().for_each(|graph| drop(graph.unwrap()));
    drop(feeding(&c, by(&a)).expect("the others have ended"));
}

#[test]
fn a_stage_that_ends_takes_its_own_feed_along_and_no_other() {
    let [a, b, c, d] = rings();
    let others = feeding(&c, by(&d)).unwrap();
    drop(feeding(&a, by(&b)).unwrap());
    drop(feeding(&b, by(&a)).expect("nobody publishes from a into b any more"));
    assert_refused(feeding(&d, by(&c)));
    drop(others);
}
