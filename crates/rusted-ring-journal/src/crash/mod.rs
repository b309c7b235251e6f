//! Processes that are killed at each named step, and whose syncs and writes fail there. The stage `crash` runs these.
//!
//! The other process is this same program, asked for the test `child`. It ends by itself in time.

mod child;
pub(crate) mod seam;

use std::{
    env, fs,
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
};

use rusted_ring::{Sequence, subscriber::Kept};

use self::{
    child::{COMPRESSED, PATH, ROLE, event},
    seam::{HERE, STEP},
};
use crate::{
    Journal, Options,
    directory::segments_in,
    format::{Kind, Record, SEGMENT_HEAD, salt},
    step::Step,
};

/// What a process said last of its journal.
#[derive(Clone, Copy, Debug, Default)]
struct Said {
    epoch: u32,
    written: u64,
    durable: u64,
    confirmed: u64,
}

/// A process that is killed when this is dropped.
struct Process(Child);

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn start(role: &str, step: &str, path: &Path, is_compressed: bool) -> Process {
    let mut command = Command::new(env::current_exe().unwrap());
    command.args(["--exact", "crash::child::child", "--ignored", "--nocapture", "--test-threads=1"]);
    command.env(ROLE, role).env(STEP, step).env(PATH, path).stdout(Stdio::piped());
    if is_compressed {
        command.env(COMPRESSED, "1");
    }
    Process(command.spawn().unwrap())
}

/// Runs a process until it is at the step for so many times and once more, and kills it there.
fn killed_at(step: Step, before: u32, path: &Path, is_compressed: bool) -> Said {
    let mut process = start("lives", &format!("{step:?} {before} stay"), path, is_compressed);
    let mut said = Said::default();
    for line in BufReader::new(process.0.stdout.take().unwrap()).lines().map_while(Result::ok) {
        if line == HERE {
            return said;
        }
        let numbers = line.split_once("<at>").map(|line| line.1.split(' ').filter_map(|word| word.parse().ok()));
        if let Some([epoch, written, durable, confirmed]) =
            numbers.and_then(|numbers| <[u64; 4]>::try_from(numbers.collect::<Vec<_>>()).ok())
        {
            said = Said { epoch: epoch as u32, written, durable, confirmed };
        }
    }
    panic!("the process never came to {step:?}");
}

/// Whether the journal has what was said, whole, and nothing else is damaged.
fn check(what: &str, said: Said, path: &Path) {
    let journal = Journal::open(path, Options::default()).unwrap();
    assert_eq!(journal.found().damaged, [], "{what}");
    let of_life = journal.epochs().into_iter().find(|epoch| epoch.number == said.epoch);
    let (oldest, end) = of_life.map_or((0, 0), |epoch| (epoch.oldest.get(), epoch.end.get()));
    assert!(said.durable <= said.written && said.written <= end, "{what}: {said:?}, and found {of_life:?}");
    let (mut reader, mut buffer) = (journal.reader(said.epoch), [0; 256]);
    for n in oldest..end {
        let kept = reader.read(Sequence::new(n), Sequence::new(end), &mut buffer).unwrap();
        let Kept::Event { len, .. } = kept else { panic!("{what}: {n} is {kept:?}") };
        assert_eq!(buffer[..len], event(n), "{what}");
    }
    // What a reader confirmed is confirmed, or what it was about to.
    let confirmed = journal.position("reader").unwrap().confirmed();
    let confirmed = confirmed.filter(|confirmed| confirmed.epoch == said.epoch).map_or(0, |at| at.next.get());
    assert!((said.confirmed..=said.written.max(1)).contains(&confirmed), "{what}: {said:?}, confirmed {confirmed}");
}

/// Whether a segment has a block.
fn has_block(path: &Path) -> bool {
    segments_in(path).unwrap().iter().any(|(path, epoch, first)| {
        let (bytes, mut at) = (fs::read(path).unwrap(), SEGMENT_HEAD);
        while let Ok(record) = Record::read(&bytes[at..], salt(*epoch, *first)) {
            if let Kind::Block { .. } = record.kind {
                return true;
            }
            at += record.size();
        }
        false
    })
}

/// A life that leaves a torn tail, one that is killed at the step, and one that goes on, as if nothing had been; of a journal that compresses nothing, and of one that does.
fn lives(steps: &[Step], before: u32) {
    for (step, is_compressed) in steps.iter().flat_map(|step| [(step, false), (step, true)]) {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path();
        let killed_at = |step, before| killed_at(step, before, path, is_compressed);
        check("before", killed_at(Step::AppendHalf, 20), path);
        // The tail that the check has cut is to be there again.
        killed_at(Step::AppendHalf, 20);
        let said = killed_at(*step, before);
        let is_at_open = matches!(step, Step::OpenCut | Step::OpenCutDone);
        assert!(is_at_open || before == 0 || said.written > 0, "{step:?}: it was killed before anything happened");
        check(&format!("{step:?}"), said, path);
        let said = killed_at(Step::Append, 30);
        assert!(said.written > 0);
        check(&format!("after {step:?}"), said, path);
        assert_eq!(has_block(path), is_compressed, "{step:?}");
    }
}

#[test]
fn killed_at_each_step_of_an_append_and_a_sync() {
    lives(&[Step::Append, Step::AppendHalf, Step::AppendWritten, Step::Sync, Step::Synced], 7);
}

#[test]
fn killed_at_each_step_of_a_roll() {
    lives(&[Step::RollCreated, Step::RollHead, Step::RollHalf, Step::RollWritten, Step::RollSynced], 0);
    lives(&[Step::RollCreated, Step::RollHead, Step::RollHalf, Step::RollWritten, Step::RollSynced], 2);
}

#[test]
fn killed_at_each_step_of_retention() {
    lives(&[Step::Retain, Step::Retained], 1);
}

#[test]
fn killed_at_each_step_of_an_open() {
    lives(&[Step::OpenCut, Step::OpenCutDone], 0);
}

#[test]
fn killed_at_each_step_of_a_confirmation() {
    lives(&[Step::PositionWritten, Step::PositionSynced, Step::PositionRenamed], 3);
}

#[test]
fn killed_at_each_step_of_a_repair() {
    lives(&[Step::RepairOpened, Step::RepairFound], 2);
}

/// Runs a process to its end, in which a step fails, and perhaps another, once it was reached for so many times.
fn fails(role: &str, steps: &[(Step, u32, i32)]) {
    let plans: Vec<String> = steps.iter().map(|(step, before, code)| format!("{step:?} {before} {code}")).collect();
    for is_compressed in [false, true] {
        let directory = tempfile::tempdir().unwrap();
        let mut process = start(role, &plans.join(","), directory.path(), is_compressed);
        let said: Vec<String> =
            BufReader::new(process.0.stdout.take().unwrap()).lines().map_while(Result::ok).collect();
        let is_done = said.iter().any(|line| line.contains("<done>"));
        assert!(is_done, "{role}, {steps:?}, compressed: {is_compressed}:\n{}", said.join("\n"));
    }
}

const EIO: i32 = 5;
const ENOSPC: i32 = 28;

#[test]
fn a_sync_that_fails_ends_the_recording_and_is_not_tried_again() {
    for code in [EIO, ENOSPC] {
        fails("sync fails", &[(Step::Sync, 3, code)]);
        fails("sync fails", &[(Step::RollWritten, 2, code)]);
    }
}

#[test]
fn a_cut_that_fails_ends_the_recording() {
    fails("sync fails", &[(Step::AppendHalf, 3, ENOSPC), (Step::Cut, 0, EIO)]);
}

#[test]
fn a_write_that_fails_in_the_middle_leaves_what_was_whole() {
    for step in [Step::AppendHalf, Step::RollHalf] {
        for code in [EIO, ENOSPC] {
            fails("write fails", &[(step, 3, code)]);
        }
    }
}

#[test]
fn while_an_epoch_that_is_resumed_is_synced_its_status_is_told() {
    let directory = tempfile::tempdir().unwrap();
    let mut process = start("resumes", &format!("{:?} 0 stay", Step::ResumeSync), directory.path(), false);
    let lines = BufReader::new(process.0.stdout.take().unwrap()).lines().map_while(Result::ok);
    assert!(lines.into_iter().any(|line| line == "<done>"), "it waited");
}
