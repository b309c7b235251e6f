use std::{
    sync::atomic::{AtomicU64, Ordering},
    thread,
    vec::Vec,
};

use super::{Hold, Latest, LatestRef, spares_for};
use crate::sync::Relaxed;

type Value = [u64; 40];

fn of(version: u64) -> Value {
    core::array::from_fn(|index| version.wrapping_mul(index as u64 + 1))
}

/// What lies in a slot.
fn lies(cells: &Latest<Value>, slot: usize) -> (Value, u64) {
    let mut value = [0; 40];
    cells.cells().slot(slot).load(bytemuck::bytes_of_mut(&mut value));
    (value, cells.cells().stamp(slot).load(Relaxed))
}

#[test]
fn what_a_reader_holds_is_told_by_one_word() {
    for bits in 0..100 {
        assert_eq!(Hold::from_bits(bits).to_bits(), bits);
    }
    assert!(matches!(Hold::from_bits(Hold::Choosing(7).to_bits()), Hold::Choosing(7)));
    assert!(matches!(Hold::from_bits(Hold::Slot(7).to_bits()), Hold::Slot(7)));
}

#[test]
fn slots_of_stopped_readers_are_never_written_and_the_writer_goes_on() {
    const READERS: usize = 3;
    for stopped in 0..=READERS {
        let cells = Latest::<Value>::new(2, READERS);
        let (mut writer, mut reader) = (cells.writer().unwrap(), cells.reader().unwrap());
        let mut version = 0;
        let mut held = Vec::new();
        // Each stops in `hold` at a value of its own, one of two with what it chose, and one before it has chosen.
        for word in cells.memory.readers.iter().rev().take(stopped) {
            version += 1;
            writer.update(0, &of(version));
            let slot = cells.memory.keys[0].0.slot.load(Relaxed) as usize;
            if version.is_multiple_of(2) {
                word.0.store(Hold::Slot(slot).to_bits(), Relaxed);
                held.push((slot, lies(&cells, slot)));
            } else {
                // Of a key of its own: at one scan, all who choose for one key get the same slot.
                word.0.store(Hold::Choosing(version as usize / 2).to_bits(), Relaxed);
            }
        }
        // A reader that is stopped has the word that `reader` would otherwise need, if all are.
        for _ in 0..2000 {
            version += 1;
            writer.update((version % 2) as usize, &of(version));
            if stopped < READERS {
                assert_eq!(reader.get((version % 2) as usize).unwrap().version, version);
            }
            // By now a scan may have chosen for those who were choosing.
            for word in &cells.memory.readers {
                if let Hold::Slot(slot) = Hold::from_bits(word.0.load(Relaxed))
                    && held.iter().all(|(known, _)| *known != slot)
                {
                    let (value, stamp) = lies(&cells, slot);
                    assert_eq!(value, of(stamp));
                    held.push((slot, (value, stamp)));
                }
            }
            for (slot, content) in &held {
                assert_eq!(lies(&cells, *slot), *content, "a held slot was written");
            }
        }
        assert_eq!(held.len(), stopped);
    }
}

#[test]
fn every_spare_is_used_and_each_round_looks_at_the_readers_once() {
    let cells = Latest::<Value>::new(1, 4);
    let mut writer = cells.writer().unwrap();
    let spares = spares_for(4) as u64;
    for version in 1..=10 * spares {
        writer.update(0, &of(version));
        assert_eq!(writer.scan, version.div_ceil(spares));
    }
}

#[test]
fn readers_that_always_hold_read_whole_values_in_order() {
    const UPDATES: u64 = if cfg!(miri) { 300 } else { 100_000 };
    let cells = Latest::<Value>::new(1, 2);
    let (mut writer, holds) = (cells.writer().unwrap(), AtomicU64::new(0));
    writer.update(0, &of(1));
    thread::scope(|scope| {
        for _ in 0..2 {
            let (mut reader, holds) = (cells.reader().unwrap(), &holds);
            scope.spawn(move || {
                let mut last = 0;
                while last < UPDATES {
                    let found = reader.hold(0).unwrap();
                    assert_eq!(found.value, of(found.version));
                    assert!(found.version >= last);
                    last = found.version;
                    holds.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
        for version in 2..UPDATES {
            writer.update(0, &of(version));
        }
        while holds.load(Ordering::Relaxed) < 100 {
            thread::yield_now();
        }
        writer.update(0, &of(UPDATES));
    });
}
