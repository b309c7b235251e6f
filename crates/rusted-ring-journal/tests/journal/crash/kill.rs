//! A process that is killed while it appends, rolls and removes segments.

use std::{
    env,
    hash::{BuildHasher, RandomState},
    io::{BufRead, BufReader},
    path::Path,
    process::Command,
    thread,
    time::Duration,
};

use rusted_ring_journal::{Journal, OpenError, Options};

use super::start;
use crate::{are_whole, read};

const KILLS: u32 = 20;

/// Starts a process, does something while it runs, and kills it within a tenth of a second. The last three numbers but one that it said.
fn killed(role: &str, path: &Path, meanwhile: impl FnOnce(&Path)) -> [u64; 3] {
    let mut process = start(Command::new(env::current_exe().unwrap()), role, path);
    let mut lines = BufReader::new(process.0.stdout.take().unwrap()).lines();
    let mut next = || {
        // A line that was torn by the kill says nothing.
        lines.by_ref().map_while(Result::ok).find_map(|line| {
            let numbers: Vec<u64> =
                line.split_once("<at>")?.1.split_whitespace().filter_map(|word| word.parse().ok()).collect();
            <[u64; 3]>::try_from(numbers).ok()
        })
    };
    let mut said = next().expect("the process says where it is");
    meanwhile(path);
    let killer = thread::spawn(move || {
        thread::sleep(Duration::from_micros(RandomState::new().hash_one(0) % 100_000));
        process.0.kill().unwrap();
        process.0.wait().unwrap();
    });
    let mut previous = said;
    while let Some(now) = next() {
        // The last line may have been torn in a number.
        (previous, said) = (said, now);
    }
    killer.join().unwrap();
    previous
}

#[test]
fn killed_while_it_confirms_a_position_is_the_last_one_or_the_next() {
    let directory = tempfile::tempdir().unwrap();
    let mut last = 0;
    for round in 1..=KILLS {
        let [_, said, _] = killed("confirms", directory.path(), |_| {});
        let journal = Journal::open(&directory, Options::default()).unwrap();
        let confirmed = journal.position("reader").unwrap().confirmed().map_or(0, |confirmed| confirmed.next.get());
        assert!(confirmed >= said && confirmed >= last, "round {round}: confirmed {said}, and found {confirmed}");
        last = confirmed;
    }
    assert!(last > 0);
}

#[test]
fn killed_anywhere_it_loses_nothing_that_was_written() {
    ["appends", "appends blocks"].into_iter().for_each(loses_nothing);
}

fn loses_nothing(role: &str) {
    let directory = tempfile::tempdir().unwrap();
    let mut cut = 0;
    for round in 1..=KILLS {
        let [epoch, written, durable] = killed(role, directory.path(), |path| {
            if round == 1 {
                let refused = Journal::open(path, Options::default()).unwrap_err();
                assert!(matches!(refused, OpenError::InUse(_)), "{refused}");
            }
        });
        let journal = Journal::open(&directory, Options::default()).unwrap();
        assert!(journal.found().damaged.is_empty(), "round {round}: {:?}", journal.found());
        cut += u32::from(journal.found().cut.is_some());
        let Some(last) = journal.epochs().last().copied().filter(|last| u64::from(last.number) == epoch) else {
            assert_eq!((written, durable), (0, 0), "round {round}: an epoch is gone");
            continue;
        };
        assert!(
            last.end.get() >= written && written >= durable,
            "round {round}: written {written}, durable {durable}, and found {last:?}"
        );
        let all = last.oldest.get()..last.end.get();
        assert!(are_whole(&read(&mut journal.reader(last.number), all.clone()), all), "round {round}");
    }
    println!("{role}: {KILLS} kills, of which {cut} left a torn tail");
}
