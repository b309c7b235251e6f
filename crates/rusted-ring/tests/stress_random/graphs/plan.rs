//! What happens in a case: its ring, its stages, its publishers, its changes and its end.

use std::{fmt, time::Duration};

use rusted_ring::{Start, topology::OnFailure, wait::WaitStrategy};

use crate::{case::Choose, rng::Rng};

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Kind {
    /// One handler, given.
    Given,
    /// One handler, made on its thread.
    Made,
    Workers(usize),
    /// By a Consumer on a thread of the test's.
    Polled,
    /// Into a ring of this many slots.
    Transform(usize),
}

/// When its end comes, and by what.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum End {
    /// Drained after the last event, at rest if nothing has halted it.
    Drain,
    /// Drained while events are published.
    DrainMeanwhile,
    /// The ring closes, and the graph is waited for.
    Close,
    Halt,
    HaltMeanwhile,
    /// The graph is dropped meanwhile.
    Drop,
}

/// How often a handler does each thing: once in this many, and 0 for never.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Habits {
    pub(super) fails: u64,
    pub(super) fails_at_batch_start: u64,
    pub(super) fails_at_batch_end: u64,
    pub(super) fails_at_timeout: u64,
    pub(super) fails_at_start: bool,
    pub(super) fails_at_shutdown: bool,
    /// Its errors panic when they are dropped.
    pub(super) nasty_errors: bool,
    /// Of handlers that are made.
    pub(super) not_made: u64,
    pub(super) fails_at_drop: u64,
    pub(super) releases: u64,
    pub(super) sleeps: u64,
    /// Breaks off its event when it is to end.
    pub(super) breaks_off: bool,
}

#[derive(Clone, Debug)]
pub(super) struct Stage {
    pub(super) id: usize,
    pub(super) after: Vec<usize>,
    pub(super) kind: Kind,
    pub(super) batch_limit: Option<usize>,
    pub(super) strategy: WaitStrategy,
    pub(super) timeout: Option<Duration>,
    pub(super) on_failure: OnFailure,
    pub(super) habits: Habits,
}

impl Stage {
    pub(super) fn name(&self) -> String {
        format!("s{}", self.id)
    }

    pub(super) fn threads(&self) -> u64 {
        match self.kind {
            Kind::Given | Kind::Made | Kind::Transform(_) => 1,
            Kind::Workers(count) => count as u64,
            Kind::Polled => 0,
        }
    }
}

#[derive(Clone, Debug)]
pub(super) enum Change {
    Add(Stage),
    /// Removes a stage; by two threads at once.
    Remove(usize, bool),
    /// Makes the user of a polled stage leave.
    Leave(usize),
    /// Adds and removes what cannot be.
    Refused,
    /// Adds a stage of more workers than the ring has entries for.
    Crowd,
    Look,
}

#[derive(Clone, Debug)]
pub(super) struct Plan {
    pub(super) is_sole: bool,
    pub(super) capacity: usize,
    pub(super) closes: bool,
    /// Events published before the graph starts.
    pub(super) before: u64,
    pub(super) start: Start,
    pub(super) events: u64,
    pub(super) publishers: usize,
    /// Claims that may be forgotten; each costs its slot a hole a lap.
    pub(super) forgets: usize,
    /// One publisher's turn in this many is an odd one.
    pub(super) odd_turns: u64,
    pub(super) stages: Vec<Stage>,
    /// By each of those that change the graph.
    pub(super) changes: Vec<Vec<Change>>,
    /// The changes come once the ring is closed.
    pub(super) changes_late: bool,
    pub(super) end: End,
}

pub(super) const CAPACITIES: [usize; 20] = [1, 1, 2, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 13, 13, 15, 16, 16, 64, 1000];

impl Plan {
    pub(super) fn of(rng: &mut Rng) -> Self {
        let is_sole = rng.one_in(2);
        let capacity = rng.one_of(&CAPACITIES);
        let end = rng.one_of(&[
            End::Drain,
            End::Drain,
            End::Drain,
            End::DrainMeanwhile,
            End::Close,
            End::Close,
            End::Halt,
            End::HaltMeanwhile,
            End::Drop,
        ]);
        let before = if rng.one_in(3) { rng.below(2 * capacity as u64 + 10) } else { 0 };
        let start = match rng.below(4) {
            0 => Start::Oldest,
            1 => Start::At(rusted_ring::Sequence::new(rng.below(before + 3))),
            _ => Start::Newest,
        };
        // A graph that may halt of itself is one of three: it shows nothing after that.
        let may_halt = rng.one_in(3);
        let may_fail = rng.one_in(2);
        let mut ids = 0;
        let mut stage = |rng: &mut Rng, known: &[usize]| {
            ids += 1;
            random_stage(rng, ids - 1, known, may_halt, may_fail)
        };
        let mut alive = Vec::new();
        let mut stages: Vec<Stage> = Vec::new();
        for _ in 0..rng.up_to(5) {
            stages.push(stage(rng, &alive));
            alive.push(stages.len() - 1);
        }
        let mut polled: Vec<usize> = stages.iter().filter(|stage| stage.kind == Kind::Polled).map(|s| s.id).collect();
        // They may be described in any order.
        for from in (1..stages.len()).rev() {
            stages.swap(from, rng.below(from as u64 + 1) as usize);
        }
        let mut changes = vec![Vec::new(); if rng.one_in(3) { 2 } else { 1 }];
        for _ in 0..if rng.one_in(2) { rng.below(9) } else { 0 } {
            let change = match rng.below(7) {
                0 | 1 if alive.len() < 9 => {
                    let stage = stage(rng, &alive);
                    alive.push(stage.id);
                    if stage.kind == Kind::Polled {
                        polled.push(stage.id);
                    }
                    Change::Add(stage)
                }
                2 | 3 if !alive.is_empty() => {
                    let id = rng.one_of(&alive);
                    alive.retain(|other| *other != id);
                    if polled.contains(&id) { Change::Leave(id) } else { Change::Remove(id, rng.one_in(8)) }
                }
                4 => Change::Refused,
                // It takes all entries for a moment.
                5 if changes.len() == 1 => Change::Crowd,
                _ => Change::Look,
            };
            let by = rng.below(changes.len() as u64) as usize;
            changes[by].push(change);
        }
        let most = if rng.one_in(8) { 3000 } else { 300 };
        let events = 20 + rng.below(most);
        Plan {
            is_sole,
            capacity,
            closes: end == End::Close || rng.one_in(3),
            before,
            start,
            events,
            publishers: if is_sole { 1 } else { rng.up_to(3) as usize },
            forgets: if !is_sole && rng.one_in(4) { (capacity / 2).min(3) } else { 0 },
            odd_turns: rng.one_of(&[0, 3, 10, 40]),
            stages,
            changes,
            changes_late: end == End::Close && rng.one_in(2),
            end,
        }
    }
}

fn random_stage(rng: &mut Rng, id: usize, known: &[usize], may_halt: bool, may_fail: bool) -> Stage {
    let mut after: Vec<usize> = Vec::new();
    if !known.is_empty() && !rng.one_in(4) {
        for _ in 0..rng.up_to(3) {
            let one = rng.one_of(known);
            if !after.contains(&one) || rng.one_in(10) {
                after.push(one);
            }
        }
    }
    let kind = match rng.below(10) {
        0..=2 => Kind::Given,
        3..=5 => Kind::Made,
        6 | 7 => Kind::Workers(rng.up_to(4) as usize),
        8 if rng.one_in(2) => Kind::Transform(rng.up_to(16) as usize),
        _ => Kind::Polled,
    };
    let policies: &[OnFailure] = match (may_halt && rng.one_in(3), kind) {
        (true, _) => &[OnFailure::Halt],
        (_, Kind::Made | Kind::Workers(_)) => &[OnFailure::Skip, OnFailure::Restart, OnFailure::Restart],
        _ => &[OnFailure::Skip],
    };
    let on_failure = rng.one_of(policies);
    let rate = if on_failure == OnFailure::Halt { 150 } else { 20 };
    let mut now_and_then = |of: u64, most: u64| if rng.one_in(of) { rng.up_to(most) } else { 0 };
    let releases = now_and_then(3, 6);
    let sleeps = now_and_then(3, 30);
    let mut habits = Habits { releases, sleeps, ..Habits::default() };
    if may_fail {
        habits.fails = now_and_then(2, rate);
        habits.fails_at_batch_start = now_and_then(5, rate);
        habits.fails_at_batch_end = now_and_then(5, rate);
        habits.fails_at_timeout = now_and_then(5, rate);
    }
    habits.fails_at_start = may_halt && rng.one_in(40);
    habits.fails_at_shutdown = may_halt && rng.one_in(30);
    habits.breaks_off = rng.one_in(2);
    habits.nasty_errors = rng.one_in(4);
    if may_halt && rng.one_in(10) {
        habits.not_made = 4;
    }
    if may_halt && rng.one_in(20) {
        habits.fails_at_drop = 4;
    }
    Stage {
        id,
        after,
        kind,
        batch_limit: rng.one_of(&[None, None, Some(1), Some(2), Some(3), Some(8), Some(64)]),
        strategy: rng.one_of(&[
            WaitStrategy::Park,
            WaitStrategy::Park,
            WaitStrategy::Park,
            WaitStrategy::Yield,
            WaitStrategy::Backoff,
        ]),
        timeout: if rng.one_in(4) { Some(Duration::from_micros(500 + rng.below(3000))) } else { None },
        on_failure,
        habits,
    }
}

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Plan { capacity, before, start, events, publishers, forgets, odd_turns, end, .. } = self;
        let mode = if self.is_sole { "sole" } else { "many" };
        let policy = if self.closes { "closing" } else { "open" };
        write!(
            f,
            "{mode} ring of {capacity}, {policy}; {before} events, start {start:?}, {events} more by {publishers}"
        )?;
        write!(f, " (odd turns 1 in {odd_turns}, forgets {forgets}); end {end:?}")?;
        if self.changes_late {
            f.write_str(", and only then changes")?;
        }
        for stage in &self.stages {
            write!(f, "\n    {stage}")?;
        }
        for (by, change) in self.changes.iter().enumerate().flat_map(|(by, all)| all.iter().map(move |one| (by, one))) {
            match change {
                Change::Add(stage) => write!(f, "\n    {by}: + {stage}")?,
                other => write!(f, "\n    {by}: {other:?}")?,
            }
        }
        Ok(())
    }
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Stage { kind, batch_limit, strategy, timeout, on_failure, habits, .. } = self;
        write!(f, "{} after {:?}: {kind:?}", self.name(), self.after)?;
        if *kind == Kind::Polled {
            return Ok(());
        }
        write!(f, ", {on_failure:?}, limit {batch_limit:?}, {strategy:?}, timeout {timeout:?}{habits}")
    }
}

impl fmt::Display for Habits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let often = [
            ("fails", self.fails),
            ("fails at batch start", self.fails_at_batch_start),
            ("fails at batch end", self.fails_at_batch_end),
            ("fails at timeout", self.fails_at_timeout),
            ("is not made", self.not_made),
            ("fails at drop", self.fails_at_drop),
            ("releases", self.releases),
            ("sleeps", self.sleeps),
        ];
        for (what, one_in) in often.iter().filter(|(_, one_in)| *one_in > 0) {
            write!(f, "; {what} 1 in {one_in}")?;
        }
        let once = [
            ("may fail at start", self.fails_at_start),
            ("may fail at shutdown", self.fails_at_shutdown),
            ("breaks off", self.breaks_off),
            ("nasty errors", self.nasty_errors),
        ];
        once.iter().filter(|(_, does)| *does).try_for_each(|(what, _)| write!(f, "; {what}"))
    }
}
