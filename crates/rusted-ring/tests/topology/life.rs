//! A handler's life: its calls, its thread, its limits.

use std::{
    rc::Rc,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    thread,
    time::{Duration, Instant},
};

use rusted_ring::{
    SolePublisher, Start, Typed,
    consumer::BatchEvent,
    topology::{BatchStart, Handler, HandlerError, OnFailure, Topology, Turn, each},
    wait::WaitStrategy,
};

use super::{LONG, deadline::Deadline, numbers};

/// Writes down its calls, and that all come from the stage's own thread. It is not `Send`.
struct Diary {
    lines: Arc<Mutex<Vec<String>>>,
    _not_send: Rc<()>,
}

impl Diary {
    fn note(&self, line: String) -> Result<(), HandlerError> {
        assert_eq!(thread::current().name(), Some("diary"));
        let mut lines = self.lines.lock().unwrap();
        // Any number of them.
        if !(line == "timeout" && lines.last().is_some_and(|last| last == "timeout")) {
            lines.push(line);
        }
        Ok(())
    }
}

impl Handler<Typed<u64>> for Diary {
    fn start(&mut self) -> Result<(), HandlerError> {
        self.note("start".into())
    }

    fn batch_start(&mut self, batch: &BatchStart<'_>) -> Result<(), HandlerError> {
        self.note(format!("batch of {}, {} deep", batch.size(), batch.depth()))
    }

    fn event(&mut self, event: &BatchEvent<'_, Typed<u64>>, turn: &mut Turn<'_>) -> Result<(), HandlerError> {
        assert!(!turn.is_halting());
        self.note(format!("event {}{}", **event, if turn.is_last() { ", the last" } else { "" }))
    }

    fn batch_end(&mut self) -> Result<(), HandlerError> {
        self.note("batch end".into())
    }

    fn timeout(&mut self) -> Result<(), HandlerError> {
        self.note("timeout".into())
    }

    fn shutdown(&mut self) -> Result<(), HandlerError> {
        self.note("shutdown".into())
    }
}

#[test]
fn a_handlers_calls_come_in_order_and_on_its_own_thread() {
    let ring = numbers(16);
    // Published before the stage begins, so that its batches are known.
    SolePublisher::join(ring.clone()).unwrap().send_batch(&[7, 8, 9]);
    let lines = Arc::new(Mutex::new(Vec::new()));
    let diary = lines.clone();
    let graph = Topology::over(ring)
        .starting_at(Start::Oldest)
        .stage("diary")
        .batch_limit(2)
        .timeout(Duration::from_millis(1))
        .made_by(move || Diary { lines: diary.clone(), _not_send: Rc::new(()) })
        .start()
        .unwrap();
    Deadline::new().wait_until("the timeout", || lines.lock().unwrap().iter().any(|line| line == "timeout"));
    graph.drain(LONG).unwrap();
    let lines = lines.lock().unwrap().join("; ");
    assert_eq!(
        lines,
        "start; batch of 2, 3 deep; event 7; event 8, the last; batch end; batch of 1, 1 deep; event 9, the last; batch end; \
         timeout; shutdown"
    );
}

/// Writes down the sizes of its batches.
struct Sizes(Arc<Mutex<Vec<usize>>>);

impl Handler<Typed<u64>> for Sizes {
    fn batch_start(&mut self, batch: &BatchStart<'_>) -> Result<(), HandlerError> {
        self.0.lock().unwrap().push(batch.size());
        Ok(())
    }

    fn event(&mut self, _event: &BatchEvent<'_, Typed<u64>>, _turn: &mut Turn<'_>) -> Result<(), HandlerError> {
        Ok(())
    }
}

#[test]
fn a_stage_takes_a_quarter_of_its_ring_at_a_time_and_a_worker_one_event_unless_they_are_told() {
    for (workers, limit, sizes) in
        [(1, None, &[2, 4, 4][..]), (1, Some(6), &[4, 6]), (2, None, &[1; 10]), (2, Some(3), &[1, 3, 3, 3])]
    {
        let ring = numbers(16);
        SolePublisher::join(ring.clone()).unwrap().send_batch(&[0; 10]);
        let taken = Arc::default();
        let [mine, theirs] = [0, 1].map(|_| Sizes(Arc::clone(&taken)));
        let stage = Topology::over(ring).starting_at(Start::Oldest).stage("sizes");
        let stage = match limit {
            None => stage,
            Some(limit) => stage.batch_limit(limit),
        };
        let topology = match workers {
            1 => stage.handler(mine),
            _ => stage.workers(workers, move |_| Sizes(Arc::clone(&theirs.0))),
        };
        topology.start().unwrap().drain(LONG).unwrap();
        let mut taken = taken.lock().unwrap().clone();
        taken.sort_unstable();
        assert_eq!(taken, sizes, "by {workers}, limited to {limit:?}");
    }
}

/// Counts how often it is told that nothing came.
struct Told(Arc<AtomicU64>);

impl Handler<Typed<u64>> for Told {
    fn event(&mut self, _event: &BatchEvent<'_, Typed<u64>>, _turn: &mut Turn<'_>) -> Result<(), HandlerError> {
        Ok(())
    }

    fn timeout(&mut self) -> Result<(), HandlerError> {
        self.0.fetch_add(1, Relaxed);
        Ok(())
    }
}

#[test]
fn a_timeout_of_next_to_nothing_is_a_millisecond() {
    for timeout in [Duration::ZERO, Duration::from_nanos(1), Duration::from_millis(1)] {
        for strategy in [WaitStrategy::Park, WaitStrategy::Backoff, WaitStrategy::Yield, WaitStrategy::BusySpin] {
            let told = Arc::new(AtomicU64::new(0));
            let begun = Instant::now();
            let graph = Topology::over(numbers(16))
                .stage("told")
                .timeout(timeout)
                .waiting(strategy)
                .handler(Told(told.clone()))
                .start()
                .unwrap();
            Deadline::new().wait_until("a few of them", || told.load(Relaxed) >= 10);
            graph.drain(LONG).unwrap();
            let most = begun.elapsed().as_millis() as u64 + 1;
            assert!(told.load(Relaxed) <= most, "{timeout:?}: told {} times in {most} ms", told.load(Relaxed));
        }
    }
}

/// The processor time that the stages of a chain use for a wait of half a second is a small part of it.
#[cfg(target_os = "linux")]
#[test]
fn stages_that_wait_use_no_processor() {
    use rustix::time::{ClockId, clock_gettime};

    let used = || {
        let now = clock_gettime(ClockId::ThreadCPUTime);
        Duration::new(now.tv_sec.unsigned_abs(), u32::try_from(now.tv_nsec).unwrap())
    };
    let ring = numbers(16);
    let times = Arc::new(Mutex::new(Vec::new()));
    let [first, second] = [0, 1].map(|_| times.clone());
    let graph = Topology::over(ring.clone())
        .stage("first")
        .each(move |_, _| first.lock().unwrap().push(("first", used())))
        .stage("second")
        .after(["first"])
        .each(move |_, _| second.lock().unwrap().push(("second", used())))
        .start()
        .unwrap();
    let mut publisher = SolePublisher::join(ring).unwrap();
    publisher.send(&1);
    Deadline::new().wait_until("the first event", || times.lock().unwrap().len() == 2);
    thread::sleep(Duration::from_millis(500));
    publisher.send(&2);
    graph.drain(LONG).unwrap();
    for stage in ["first", "second"] {
        let of: Vec<Duration> =
            times.lock().unwrap().iter().filter(|(name, _)| *name == stage).map(|(_, at)| *at).collect();
        let between = of[1] - of[0];
        println!("{stage} used {between:?} in half a second");
        assert!(between < Duration::from_millis(50), "{stage} used {between:?}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_pinned_stage_has_one_core() {
    let ring = numbers(16);
    let cores = Arc::new(Mutex::new(Vec::new()));
    let seen = cores.clone();
    let mut allowed = (0..1024).filter(|core| {
        let ring = numbers(1);
        Topology::over(ring).stage("probe").pinned_to([*core]).each(|_, _| ()).start().is_ok()
    });
    let core = allowed.next_back().expect("this process runs on some core");
    let graph = Topology::over(ring.clone())
        .stage("pinned")
        .pinned_to([core])
        .each(move |_, _| seen.lock().unwrap().push(thread::available_parallelism().unwrap().get()))
        .start()
        .unwrap();
    SolePublisher::join(ring).unwrap().send(&1);
    graph.drain(LONG).unwrap();
    assert_eq!(*cores.lock().unwrap(), [1]);
}

#[test]
fn who_watches_a_graph_sees_its_stages_and_does_not_keep_it() {
    let ring = numbers(64);
    let graph = Topology::over(ring.clone())
        .stage("parse")
        .on_failure(OnFailure::Restart)
        .made_by(|| each(|number, _| if **number == 3 { Err("three".into()) } else { Ok(()) }))
        .start()
        .unwrap();
    let watch = graph.watch();
    let mut publisher = SolePublisher::join(ring).unwrap();
    publisher.send_batch(&(0..10).collect::<Vec<_>>());
    let stage = || watch.status().map(|status| status.stages[0].clone());
    Deadline::new().wait_until("the stage", || stage().unwrap().lag == 0);
    let parse = stage().unwrap();
    assert_eq!((parse.began.get(), parse.finished.get(), parse.failed, parse.restarts), (0, 10, 1, 1));
    graph.stage("late").each(|_, _| ()).unwrap();
    assert_eq!(watch.clone().status().unwrap().stages[1].began.get(), 10);
    graph.drain(LONG).unwrap();
    Deadline::new().wait_until("the end", || watch.status().is_none());
}
