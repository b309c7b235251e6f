//! Recordings that are cut, and of which bits are flipped, at random places.

use std::{env, fs, path::Path};

use rusted_ring_recording::{ReadError, Unreadable};

use crate::{COMPRESSIONS, Kept, Place, entries, read, write};

/// Numbers that are the same for the same seed.
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        // Splitmix64.
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((bits ^ (bits >> 31)) % end as u64) as usize
    }
}

/// Reads a recording that was of `entries`: no event is given that is not one of these, in its place, and what is missing is said.
fn check(path: &Path, entries: &[Kept], what: &str) -> Option<ReadError> {
    let (kept, end) = read(path);
    assert!(entries.starts_with(&kept), "{what}: something else was read");
    match end {
        Ok(_) => {
            assert!(kept.len() == entries.len(), "{what}: it ended early, and did not say so");
            None
        }
        Err(error) => Some(error),
    }
}

#[test]
fn a_recording_that_is_cut_anywhere_is_whole_up_to_there_and_says_so() {
    let place = Place::new();
    let entries = entries(60);
    for compression in COMPRESSIONS {
        let path = place.path("strokes");
        write(&path, &entries, compression);
        let bytes = fs::read(&path).unwrap();
        // Each byte of the end, which has what is checked last, and some of the others.
        for end in (0..bytes.len()).step_by(17).chain(bytes.len() - 40..bytes.len()) {
            fs::write(&path, &bytes[..end]).unwrap();
            let error = check(&path, &entries, &format!("cut to {end}")).expect("it is not whole");
            // Shorter than what every such file begins with, it might be anything.
            let is_foreign = matches!(error.what, Unreadable::Foreign(_));
            assert!(
                is_foreign == (end < 8) && (is_foreign || matches!(error.what, Unreadable::Unfinished { .. })),
                "{end}: {error}"
            );
        }
        fs::remove_file(path).unwrap();
    }
}

#[test]
fn bytes_that_were_changed_are_damage() {
    let (seed, times) = match env::var("RUSTED_RING_SEED") {
        Ok(seed) => (seed.parse().expect("a number"), 1),
        Err(_) => (1, 300),
    };
    let place = Place::new();
    let entries = entries(400);
    for (n, compression) in COMPRESSIONS.into_iter().enumerate() {
        let (whole, path) = (place.path(&format!("whole {n}")), place.path("changed"));
        write(&whole, &entries, compression);
        let whole = fs::read(whole).unwrap();
        for seed in seed..seed + times {
            let mut random = Random(seed);
            let mut bytes = whole.clone();
            for _ in 0..=random.below(3) {
                let at = random.below(bytes.len());
                match random.below(4) {
                    0 => bytes[at] ^= 1 << random.below(8),
                    1 => bytes[at] = random.below(256) as u8,
                    2 => bytes.truncate(at.max(1)),
                    _ => {
                        // A length, perhaps.
                        let end = bytes.len().min(at + 8);
                        bytes[at..end].fill([0, 0x7f, 0xff][random.below(3)]);
                    }
                }
            }
            fs::write(&path, &bytes).unwrap();
            let what = format!("RUSTED_RING_SEED={seed}, {compression:?}");
            let error = check(&path, &entries, &what);
            assert_eq!(error.is_some(), bytes != whole, "{what}: each byte is checked");
        }
    }
}
