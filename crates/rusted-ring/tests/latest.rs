//! Latest-value cells: what a key's value is now, whole, with its version.

#![cfg(feature = "std")]

#[path = "common/rng.rs"]
mod rng;

use std::{
    collections::HashMap,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed},
    thread,
};

use rng::Rng;
use rusted_ring::{
    Latest, LatestReader, LatestWriter,
    bytemuck::{AnyBitPattern, NoUninit, bytes_of, bytes_of_mut},
    latest::{LatestJoinError, Versioned},
};

/// A value of which every byte tells `number`.
fn of<T: AnyBitPattern + NoUninit>(number: u64) -> T {
    let mut value = T::zeroed();
    let word = number.wrapping_mul(0x9E37_79B9_7F4A_7C15).to_ne_bytes();
    bytes_of_mut(&mut value)
        .iter_mut()
        .enumerate()
        .for_each(|(index, byte)| *byte = word[index % 8].wrapping_add((index / 8) as u8));
    value
}

/// Random updates and looks, by readers and writers that come and go, beside a model.
fn as_the_model<T: AnyBitPattern + NoUninit + Send + Sync>(keys: usize, readers: usize, seed: u64) {
    let rng = &mut Rng::new(seed);
    let cells = Latest::<T>::new(keys, readers);
    assert_eq!(cells.keys(), keys);
    let (mut model, mut updates) = (HashMap::new(), 0);
    let mut writer: Option<LatestWriter<T>> = None;
    let mut joined: Vec<LatestReader<T>> = Vec::new();
    for _ in 0..if cfg!(miri) { 60 } else { 600 } {
        let key = rng.up_to(keys as u64) as usize - 1;
        match rng.up_to(12) {
            1 => {
                if rng.one_in(2) {
                    writer = None;
                }
            }
            2 if !joined.is_empty() => drop(joined.swap_remove(rng.up_to(joined.len() as u64) as usize - 1)),
            2 | 3 => match cells.reader() {
                Ok(reader) => joined.push(reader),
                Err(error) => {
                    assert_eq!((error, joined.len()), (LatestJoinError::TooManyReaders { readers }, readers));
                }
            },
            4..=8 => {
                let writer = writer.get_or_insert_with(|| cells.writer().expect("there is none"));
                assert_eq!(cells.writer().err(), Some(LatestJoinError::Occupied));
                updates += 1;
                assert_eq!(writer.update(key, &of(updates)), updates);
                model.insert(key, updates);
            }
            _ => {
                for reader in &mut joined {
                    let now = model.get(&key).copied();
                    check(reader.get(key), now);
                    let known = rng.up_to(updates + 1) - 1;
                    check(reader.newer(key, known), now.filter(|&version| version > known));
                }
            }
        }
    }
}

fn check<T: AnyBitPattern + NoUninit>(found: Option<Versioned<T>>, version: Option<u64>) {
    assert_eq!(found.as_ref().map(|found| found.version), version);
    if let Some(Versioned { value, version }) = found {
        assert_eq!(bytes_of(&value), bytes_of(&of::<T>(version)));
    }
}

/// A value that begins a line.
#[derive(Clone, Copy)]
#[repr(C, align(64))]
struct Line([u64; 8]);

// SAFETY: all zero is a value of it.
unsafe impl rusted_ring::bytemuck::Zeroable for Line {}
// SAFETY: every bit pattern is a value of it, and it has no padding, cells or references.
unsafe impl rusted_ring::bytemuck::Pod for Line {}

#[test]
fn cells_do_what_the_model_does_whatever_their_size() {
    for seed in 0..8 {
        for (keys, readers) in [(1, 1), (1, 3), (3, 2), (17, 5)] {
            as_the_model::<u8>(keys, readers, seed);
            as_the_model::<[u8; 3]>(keys, readers, seed);
            as_the_model::<[u16; 5]>(keys, readers, seed);
            as_the_model::<u64>(keys, readers, seed);
            as_the_model::<[u64; 7]>(keys, readers, seed);
            as_the_model::<[u64; 8]>(keys, readers, seed);
            as_the_model::<Line>(keys, readers, seed);
            as_the_model::<[u8; 1501]>(keys, readers, seed);
        }
    }
}

#[test]
fn a_reader_at_work_sees_each_key_whole_and_never_goes_back() {
    at_work::<[u64; 2]>();
    at_work::<[u64; 64]>();
    at_work::<[u8; 61]>();
}

/// Three readers, of which one comes and goes, beside a writer that does not wait.
fn at_work<T: AnyBitPattern + NoUninit + Send + Sync>() {
    const KEYS: usize = 3;
    const UPDATES: u64 = if cfg!(miri) { 200 } else { 100_000 };
    let cells = Latest::<T>::new(KEYS, 3);
    let (over, looks) = (AtomicBool::new(false), AtomicU64::new(0));
    thread::scope(|scope| {
        for nth in 0..3 {
            let (cells, over, looks) = (&cells, &over, &looks);
            scope.spawn(move || {
                let mut reader = cells.reader().expect("there is an entry for each");
                let mut seen = [0; KEYS];
                let mut is_last = false;
                while !is_last {
                    is_last = over.load(Relaxed);
                    for (key, seen) in seen.iter_mut().enumerate() {
                        let found = if nth == 0 { reader.newer(key, *seen) } else { reader.get(key) };
                        let Some(Versioned { value, version }) = found else { continue };
                        assert!(bytes_of(&value) == bytes_of(&of::<T>(version)), "torn, or of another version");
                        assert_eq!(version % KEYS as u64, key as u64, "of another key");
                        assert!(version >= *seen + u64::from(nth == 0), "back from {seen} to {version}");
                        *seen = version;
                        looks.fetch_add(1, Relaxed);
                    }
                    if nth == 2 {
                        drop(reader);
                        reader = cells.reader().expect("its own entry is free");
                    }
                }
            });
        }
        let mut writer = cells.writer().expect("there is none");
        for version in 1..=UPDATES {
            assert_eq!(writer.update((version % KEYS as u64) as usize, &of(version)), version);
        }
        // On one core, nobody may have looked by now.
        while looks.load(Relaxed) < 100 {
            thread::yield_now();
        }
        over.store(true, Relaxed);
    });
    let mut reader = cells.reader().expect("all have left");
    for version in UPDATES - 2..=UPDATES {
        check(reader.get((version % KEYS as u64) as usize), Some(version));
    }
}

#[test]
fn every_reader_that_fits_has_an_entry_and_one_more_is_refused() {
    let cells = Latest::<u64>::new(1, 2);
    let first = cells.reader().unwrap();
    let _second = cells.reader().unwrap();
    let error = cells.reader().unwrap_err();
    assert_eq!(error, LatestJoinError::TooManyReaders { readers: 2 });
    assert!(error.to_string().contains("2 readers"), "{error}");
    drop(first);
    let _third = cells.reader().unwrap();
    assert!(cells.reader().is_err());
}

#[test]
fn cells_without_readers_are_updated() {
    let cells = Latest::<u64>::new(2, 0);
    let mut writer = cells.writer().unwrap();
    assert_eq!((1..=20).map(|number| writer.update(number as usize % 2, &number)).collect::<Vec<_>>(), {
        (1..=20).collect::<Vec<u64>>()
    });
    assert_eq!(cells.reader().unwrap_err(), LatestJoinError::TooManyReaders { readers: 0 });
}

#[test]
fn a_key_that_is_not_there_is_said_and_changes_nothing() {
    let cells = Latest::<u64>::new(2, 1);
    let (mut writer, mut reader) = (cells.writer().unwrap(), cells.reader().unwrap());
    writer.update(1, &11);
    let said =
        |panicked: Result<(), Box<dyn std::any::Any + Send>>| *panicked.unwrap_err().downcast::<String>().unwrap();
    let updated = said(catch_unwind(AssertUnwindSafe(|| _ = writer.update(2, &12))));
    assert!(updated.contains("2 keys") && updated.contains("index 2"), "{updated}");
    said(catch_unwind(AssertUnwindSafe(|| _ = reader.get(2))));
    assert_eq!(reader.get(1), Some(Versioned { value: 11, version: 1 }));
    assert_eq!(writer.update(0, &13), 2);
    assert_eq!(reader.get(0), Some(Versioned { value: 13, version: 2 }));
}

#[test]
#[should_panic = "at least 1"]
fn there_are_no_cells_without_a_key() {
    _ = Latest::<u64>::new(0, 1);
}

#[test]
#[should_panic = "address space"]
fn cells_fit_the_address_space() {
    _ = Latest::<[u64; 64]>::new(usize::MAX / 600, 1);
}

#[test]
fn endpoints_may_be_sent_and_shared() {
    fn is<T: Send + Sync>() {}
    is::<Latest<u64>>();
    is::<LatestReader<u64>>();
    is::<LatestWriter<u64>>();
}
