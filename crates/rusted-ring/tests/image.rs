//! A ring in a `static` takes no room in a program's file: it is all zero to begin with, however many write it, whatever it holds, and
//! whenever it closes.
//!
//! What is all zero the system makes when the program starts, and maps no file there.
#![cfg(target_os = "linux")]

use std::{env, fs, ops::Range};

use rusted_ring::{Closing, Many, Open, Publisher, RingBuffer, Sole, SolePublisher, TypedRing};

static OPEN: RingBuffer<1, 60_000, Many, Open> = RingBuffer::new();
static CLOSING: RingBuffer<1, 60_000, Many, Closing> = RingBuffer::closing();
static OPEN_SOLE: TypedRing<u8, 900_000, Sole, Open> = TypedRing::sole();
static CLOSING_SOLE: TypedRing<u8, 900_000, Sole, Closing> = TypedRing::closing();
/// The control: it lies in the file.
static IN_THE_FILE: [u8; 900_000] = [7; 900_000];

fn range_of<T>(value: &'static T) -> Range<usize> {
    let start = (&raw const *value).addr();
    start..start + size_of::<T>()
}

/// Bytes of `range` that are mapped from the program's file.
fn from_the_file(range: &Range<usize>) -> usize {
    let program = env::current_exe().unwrap();
    let maps = fs::read_to_string("/proc/self/maps").unwrap();
    let of_program = maps.lines().filter(|line| line.ends_with(program.to_str().unwrap()));
    of_program
        .map(|line| {
            let (start, end) = line.split_once(' ').unwrap().0.split_once('-').unwrap();
            let [start, end] = [start, end].map(|address| usize::from_str_radix(address, 16).unwrap());
            end.min(range.end).saturating_sub(start.max(range.start))
        })
        .sum()
}

#[test]
fn static_rings_of_every_policy_take_no_room_in_the_file() {
    assert_eq!(from_the_file(&range_of(&IN_THE_FILE)), IN_THE_FILE.len());
    let rings = [range_of(&OPEN), range_of(&CLOSING), range_of(&OPEN_SOLE), range_of(&CLOSING_SOLE)];
    // The last page of the file may be the first of what is zero.
    let in_the_file = rings.map(|ring| from_the_file(&ring) / 65_536);
    assert_eq!(in_the_file, [0; 4]);
    // They work, too.
    assert!(Publisher::join(&OPEN).is_ok() && Publisher::join(&OPEN).is_ok());
    assert!(Publisher::join(&CLOSING).is_ok() && Publisher::join(&CLOSING).is_err());
    assert!(SolePublisher::join(&OPEN_SOLE).is_ok() && SolePublisher::join(&OPEN_SOLE).is_ok());
    assert!(SolePublisher::join(&CLOSING_SOLE).is_ok() && SolePublisher::join(&CLOSING_SOLE).is_err());
}
