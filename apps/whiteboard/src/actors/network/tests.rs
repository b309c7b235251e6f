use rusted_ring::pool::Capacities;

use tokio::sync::mpsc::error::TryRecvError;

use super::queue::{Taking, queue_of};
use super::*;
use crate::actors::validation;
use crate::boards::Open;
use crate::protocol::{BoardName, ClientId};
use crate::rings::pools::Pools;
use crate::rings::stages::Stages;
use crate::rings::wakeup;
use crate::rings::writers::Writers;
use crate::store::Action;

const CLIENT: ClientId = ClientId::new([3; 16]);
const CAPACITY: usize = 8;
/// The numbers that [`bench`] gives the boards "one" and "other".
const ONE: BoardId = BoardId::new(0);
const OTHER: BoardId = BoardId::new(1);

struct Bench {
    writers: Writers,
    store: Arc<Store>,
    watermark: Watermark,
    commands: std::sync::mpsc::Sender<Command>,
    validation: Vec<Box<dyn Feed>>,
    network: Network,
    last: u64,
    _open: [Open; 2],
    _phase: watch::Sender<Phase>,
    _home: tempfile::TempDir,
}

fn bench() -> Bench {
    let home = tempfile::tempdir().expect("a directory");
    let store = Arc::new(Store::open(home.path()).expect("a new board"));
    let pools = Pools::noted(Capacities { xs: CAPACITY, s: CAPACITY, m: CAPACITY, l: CAPACITY, xl: CAPACITY });
    let watermark = Watermark::at(0);
    let (commands, asked) = std::sync::mpsc::channel();
    let (phase, watch_phase) = watch::channel(Phase::Running);
    let (_, feeds) = Stages::over(&pools).expect("seats");
    let boards = Boards::default();
    let open = ["one", "other"].map(|name| boards.open(&board(name)));
    assert_eq!(open.each_ref().map(Open::number), [ONE, OTHER]);
    let network = Network::new(
        feeds.network,
        Arc::clone(&store),
        boards,
        watermark.clone(),
        asked,
        watch_phase,
        wakeup::pair().1,
    );
    let writers = Writers::join(&pools).expect("open pools");
    Bench {
        writers,
        store,
        watermark,
        commands,
        validation: feeds.validation,
        network,
        last: 0,
        _open: open,
        _phase: phase,
        _home: home,
    }
}

impl Bench {
    /// Publishes the next action, as the ingest thread does.
    fn publish(&mut self, len: usize) {
        self.publish_on(ONE, len);
    }

    fn publish_on(&mut self, board: BoardId, len: usize) {
        self.last += 1;
        let payload = Posted::action(frame(self.last, len), CLIENT, board);
        self.writers.try_publish(Kind::Stroke, &payload).expect("room");
    }

    fn moment(&self, kind: Kind, frame: Vec<u8>, board: BoardId) {
        self.writers.try_publish(kind, &Posted::moment(frame, board)).expect("room");
    }

    /// Commits what was published since revision `from`, as the storage actor does.
    fn commit(&self, from: u64, len: usize) {
        let action = |revision| Action { board: board("one"), client: CLIENT, frame: frame(revision, len).into() };
        let batch: Vec<Action> = (from..=self.last).map(action).collect();
        self.store.commit(&batch, 0).expect("a commit");
        self.watermark.raise(self.last);
    }

    /// A turn of validation, and then one of the network actor.
    fn turn(&mut self) {
        self.validate();
        self.network.turn();
    }

    fn validate(&mut self) {
        validation::turn(&mut self.validation, &AtomicU64::new(0));
    }

    /// Joins as a connection does; returns the first revision to come and the queue. `missed` counts what it misses.
    fn join(&mut self, author: u64, room: usize, missed: &Arc<Missed>) -> (u64, Taking) {
        self.join_on(ONE, author, 0, room, missed)
    }

    fn join_on(&mut self, board: BoardId, author: u64, after: u64, room: usize, missed: &Arc<Missed>) -> (u64, Taking) {
        let (queue, frames) = queue_of(room);
        let (next, answer) = oneshot::channel();
        let command = Command::Join { author, board, after, queue, missed: Arc::clone(missed), next };
        self.commands.send(command).expect("a network actor");
        self.network.turn();
        (answer.blocking_recv().expect("an answer"), frames)
    }
}

fn board(name: &str) -> BoardName {
    name.parse().expect("a name")
}

fn frame(revision: u64, len: usize) -> Vec<u8> {
    let mut frame = vec![0; len];
    frame[0] = Kind::Stroke as u8;
    protocol::set_revision(&mut frame, revision);
    frame[17..25].copy_from_slice(&revision.to_le_bytes());
    frame[29..33].copy_from_slice(&1f32.to_le_bytes());
    frame
}

fn cursor(author: u64) -> Vec<u8> {
    let mut frame = vec![0; 17];
    frame[0] = Kind::Cursor as u8;
    protocol::set_author(&mut frame, author);
    frame
}

fn here(author: u64) -> Vec<u8> {
    let mut frame = vec![0; 13];
    frame[0] = Kind::Here as u8;
    protocol::set_author(&mut frame, author);
    frame
}

/// What [`revisions`] reads from a cursor whose place is 0.
const NO_REVISION: u64 = 0;

/// Returns the revisions in a queue, and whether it was closed after them.
fn revisions(frames: &mut Taking) -> (Vec<u64>, bool) {
    let mut seen = Vec::new();
    loop {
        match frames.try_take() {
            Ok(batch) => seen.extend(protocol::frames(batch.message()).map(protocol::revision)),
            Err(TryRecvError::Empty) => return (seen, false),
            Err(TryRecvError::Disconnected) => return (seen, true),
        }
    }
}

#[test]
fn nobody_sees_an_action_before_it_is_committed() {
    let mut bench = bench();
    let (next, mut frames) = bench.join(1, 16, &Arc::default());
    assert_eq!(next, 1);
    bench.publish(42);
    bench.publish(3003);
    bench.turn();
    assert_eq!(revisions(&mut frames), (vec![], false));
    bench.commit(1, 42);
    bench.turn();
    assert_eq!(revisions(&mut frames), (vec![1, 2], false));
}

#[test]
fn moments_go_to_everyone_but_their_author() {
    let mut bench = bench();
    let (_, mut own) = bench.join(1, 16, &Arc::default());
    let (_, mut other) = bench.join(2, 16, &Arc::default());
    bench.moment(Kind::Cursor, cursor(1), ONE);
    bench.turn();
    assert!(own.try_take().is_err());
    assert_eq!(other.try_take().expect("a cursor").message()[..], cursor(1));
}

#[test]
fn nobody_sees_what_is_on_another_board() {
    let mut bench = bench();
    let (_, mut one) = bench.join(1, 16, &Arc::default());
    let (_, mut other) = bench.join_on(OTHER, 2, 0, 16, &Arc::default());
    bench.publish(42);
    bench.publish_on(OTHER, 42);
    bench.moment(Kind::Cursor, cursor(3), OTHER);
    bench.turn();
    bench.watermark.raise(2);
    bench.turn();
    assert_eq!(revisions(&mut one), (vec![1], false));
    assert_eq!(revisions(&mut other), (vec![NO_REVISION, 2], false));
}

#[test]
fn who_joins_is_told_who_is_here_until_they_leave() {
    let mut bench = bench();
    // Before anyone joined: a page may say so before its join is handled.
    bench.moment(Kind::Here, here(1), ONE);
    bench.moment(Kind::Here, here(7), OTHER);
    bench.turn();
    let (_, mut first) = bench.join(1, 16, &Arc::default());
    assert!(first.try_take().is_err(), "it knows itself");
    let (_, mut second) = bench.join(2, 16, &Arc::default());
    assert_eq!(second.try_take().expect("who is here").message()[..], here(1));
    bench.moment(Kind::Left, protocol::left(1), ONE);
    bench.turn();
    let (_, mut third) = bench.join(3, 16, &Arc::default());
    assert!(third.try_take().is_err());
    bench.moment(Kind::Here, here(2), ONE);
    bench.turn();
    bench.commands.send(Command::Leave { author: 2, board: ONE }).expect("a network actor");
    let (_, mut fourth) = bench.join(4, 16, &Arc::default());
    assert!(fourth.try_take().is_err());
}

#[test]
fn an_action_that_is_committed_before_it_is_judged_is_not_passed_over() {
    let mut bench = bench();
    let (_, mut frames) = bench.join(1, 16, &Arc::default());
    bench.publish(42);
    bench.commit(1, 42);
    bench.network.turn();
    assert_eq!(revisions(&mut frames), (vec![], false));
    bench.turn();
    assert_eq!(revisions(&mut frames), (vec![1], false));
}

#[test]
fn what_is_bad_is_passed_over_and_what_follows_it_is_not() {
    let mut bench = bench();
    let (_, mut frames) = bench.join(1, 16, &Arc::default());
    bench.publish(42);
    // Not a whole number of points.
    bench.publish(43);
    bench.publish(42);
    bench.moment(Kind::Cursor, cursor(2)[..16].to_vec(), ONE);
    bench.commit(1, 42);
    bench.turn();
    assert_eq!(revisions(&mut frames), (vec![1, 3], false));
}

#[test]
fn what_is_too_much_to_keep_comes_from_the_store() {
    let mut bench = bench();
    let last = WAITING_MAX as u64 + 3;
    let (_, mut frames) = bench.join(1, 2 * WAITING_MAX, &Arc::default());
    while bench.last < last {
        bench.publish(42);
        bench.turn();
    }
    assert!(bench.network.merge.next().is_some_and(|first| matches!(first, Waiting::Frame(..))));
    bench.commit(1, 42);
    bench.turn();
    assert_eq!(revisions(&mut frames), ((1..=last).collect(), false));
    assert_eq!(bench.watermark.now().trouble, None);
}

#[test]
fn the_writers_wait_for_the_network_actor() {
    let mut bench = bench();
    for _ in 0..CAPACITY {
        bench.publish(42);
    }
    assert!(bench.writers.try_publish(Kind::Stroke, &frame(9, 42)).is_err());
    bench.validate();
    assert!(bench.writers.try_publish(Kind::Stroke, &frame(9, 42)).is_err());
    bench.turn();
    bench.publish(42);
}

#[test]
fn a_full_queue_is_closed_counted_and_joined_again_without_gap_or_duplicate() {
    let mut bench = bench();
    let missed = Arc::default();
    let (_, mut slow) = bench.join(1, 2, &missed);
    let (_, mut fast) = bench.join(2, 100, &Arc::default());
    bench.moment(Kind::Cursor, cursor(2), ONE);
    bench.turn();
    for revision in 1..=5 {
        bench.publish(42);
        bench.commit(revision, 42);
        bench.turn();
    }
    assert_eq!(revisions(&mut slow), (vec![NO_REVISION, 1], true), "the cursor took one place");
    assert_eq!(revisions(&mut fast).0, [1, 2, 3, 4, 5], "the other one has everything");
    assert_eq!(missed.take(), (4, 0));

    bench.publish(42);
    bench.commit(6, 42);
    let (next, mut again) = bench.join(1, 100, &missed);
    assert_eq!(next, 6, "the join comes before what is committed in the same turn");
    assert_eq!(missed.take(), (0, 0));
    bench.turn();
    assert_eq!(revisions(&mut again), (vec![6], false));
}

#[test]
fn what_comes_in_one_turn_is_one_message_for_all_unless_it_is_long() {
    let mut bench = bench();
    let (_, mut one) = bench.join(1, 16, &Arc::default());
    let (_, mut other) = bench.join(2, 16, &Arc::default());
    for _ in 0..CAPACITY {
        bench.publish(16_305);
    }
    bench.commit(1, 16_305);
    bench.moment(Kind::Cursor, cursor(1), ONE);
    bench.turn();
    let lengths = |queue: &mut Taking| {
        let batches = std::iter::from_fn(|| queue.try_take().ok());
        batches.map(|batch| protocol::frames(batch.message()).count()).collect::<Vec<_>>()
    };
    // The cursor comes first; with the fifth of the longest strokes that are sound, 64 KiB are full.
    assert_eq!(lengths(&mut one), [6, 3]);
    assert_eq!(lengths(&mut other), [6, 3]);
}

#[test]
fn what_each_slow_connection_misses_is_counted_for_all_of_them_too() {
    let mut bench = bench();
    let all = Arc::default();
    let [one, other] = [0, 1].map(|_| Arc::new(Missed::within(&all)));
    let _full = [bench.join(1, 1, &one), bench.join(2, 2, &other)];
    for revision in 1..=3 {
        bench.publish(42);
        bench.commit(revision, 42);
        bench.turn();
    }
    bench.moment(Kind::Cursor, cursor(3), ONE);
    bench.turn();
    assert_eq!([one.take(), other.take()], [(2, 1), (1, 1)]);
    assert_eq!([all.now(), all.now()], [(3, 2); 2], "taken by a connection, it is still counted");
}

#[test]
fn who_left_is_forgotten() {
    let mut bench = bench();
    let missed = Arc::default();
    let (_, frames) = bench.join(1, 2, &missed);
    drop(frames);
    bench.commands.send(Command::Leave { author: 1, board: ONE }).expect("a network actor");
    bench.moment(Kind::Left, protocol::left(1), ONE);
    bench.publish(42);
    bench.commit(1, 42);
    bench.turn();
    assert_eq!(missed.take(), (0, 0));
    assert!(bench.network.rooms.is_empty());
}

#[test]
fn a_room_is_gone_in_the_end_though_nobody_said_that_the_last_had_left() {
    let mut bench = bench();
    bench.moment(Kind::Here, here(1), ONE);
    bench.turn();
    assert_eq!(bench.network.rooms.len(), 1, "whoever joins now is told of them");
    let long_ago = Instant::now().checked_sub(HERE_TIME).expect("this machine has run for longer");
    for room in bench.network.rooms.values_mut() {
        room.here.values_mut().for_each(|(_, at)| *at = long_ago);
    }
    bench.turn();
    assert!(bench.network.rooms.is_empty());
}

#[test]
fn what_a_connection_has_already_is_neither_sent_nor_missed() {
    let mut bench = bench();
    let missed = Arc::default();
    let (next, mut frames) = bench.join_on(ONE, 1, 3, 1, &missed);
    assert_eq!(next, 1, "the store is ahead of the live events");
    for revision in 1..=5 {
        bench.publish(42);
        bench.commit(revision, 42);
    }
    bench.turn();
    bench.publish(42);
    bench.commit(6, 42);
    bench.turn();
    assert_eq!(revisions(&mut frames), (vec![4, 5], true));
    assert_eq!(missed.take(), (1, 0));
}
