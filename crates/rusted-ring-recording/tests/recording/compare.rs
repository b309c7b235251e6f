//! Where two recordings differ.

use rusted_ring_recording::{
    Balance, Compression, Content, Options, Origin, Recorder, Recording, Unreadable, Why, compare,
};

use crate::{FIRST, Kept, Place, begin, entries, event, origin, write};

fn difference(left: &[Kept], right: &[Kept]) -> Option<(u64, Content, Content)> {
    let place = Place::new();
    write(&place.path("left"), left, Compression::Zstd);
    write(&place.path("right"), right, Compression::None);
    let open = |name| Recording::open(&place.path(name)).unwrap();
    let found = compare(&mut open("left"), &mut open("right")).unwrap();
    let back = compare(&mut open("right"), &mut open("left")).unwrap();
    let found = found.map(|found| (found.sequence, found.first, found.second));
    assert_eq!(back.map(|back| (back.sequence, back.second, back.first)), found, "the order matters to nobody");
    found
}

fn content(entry: &Kept) -> Content {
    match entry.clone() {
        Kept::Event { event_type, data, .. } => Content::Event { event_type, data },
        Kept::Missing { why, .. } => Content::Missing(why),
    }
}

#[test]
fn the_same_events_do_not_differ_whenever_they_came() {
    let later: Vec<_> = entries(3000)
        .into_iter()
        .map(|entry| match entry {
            Kept::Event { time, sequence, event_type, data } => {
                Kept::Event { time: time + sequence * 3, sequence, event_type, data }
            }
            missing => missing,
        })
        .collect();
    assert_eq!(difference(&entries(3000), &later), None);
    assert_eq!(difference(&[], &[]), None);
}

#[test]
fn recordings_that_begin_elsewhere_differ_where_the_first_begins() {
    let empty = |first: u64| {
        let place = Place::new();
        let path = place.path("empty");
        let origin = Origin { first, ..origin() };
        let recorder = Recorder::create(&path, &origin, Options::default()).unwrap();
        recorder.finish(0, &Balance { first, next: first, ..Balance::default() }).unwrap();
        (Recording::open(&path).unwrap(), place)
    };
    for [one, other] in [[12, 13], [13, 12]] {
        let ((mut one, _here), (mut other, _there)) = (empty(one), empty(other));
        assert_eq!(compare(&mut one, &mut other).unwrap().unwrap().sequence, 12);
    }
}

#[test]
fn the_first_event_that_is_another_is_named() {
    let entries = entries(3000);
    for (n, change) in [
        (5, (|_, event_type, _| *event_type += 1) as fn(&mut u64, &mut u32, &mut Vec<u8>)),
        (2003, |_, _, data| data[0] ^= 1),
        (2998, |_, _, data| data.push(0)),
    ] {
        let mut other = entries.clone();
        let Kept::Event { time, sequence, event_type, data } = &mut other[n] else { panic!("{n}") };
        let at = *sequence;
        change(time, event_type, data);
        assert_eq!(difference(&entries, &other), Some((at, content(&entries[n]), content(&other[n]))));
    }
}

#[test]
fn what_one_of_them_lacks_is_a_difference_and_an_end_is_one() {
    let lost = |from, to| Kept::Missing { from, to, why: Why::Lost };
    let events = |from: u64, to: u64| (from..to).map(event).collect::<Vec<_>>();
    let whole = events(FIRST, FIRST + 10);
    let with_loss =
        [events(FIRST, FIRST + 4), vec![lost(FIRST + 4, FIRST + 6)], events(FIRST + 6, FIRST + 10)].concat();
    let at = FIRST + 4;
    assert_eq!(difference(&whole, &with_loss), Some((at, content(&event(at)), Content::Missing(Why::Lost))));
    let in_two = [
        events(FIRST, FIRST + 4),
        vec![lost(FIRST + 4, FIRST + 5), lost(FIRST + 5, FIRST + 6)],
        events(FIRST + 6, FIRST + 10),
    ];
    assert_eq!(difference(&with_loss, &in_two.concat()), None, "how a loss was noticed is no difference");
    let with_hole = [events(FIRST, FIRST + 4), events(FIRST + 6, FIRST + 10)].concat();
    let [is_lost, is_hole] = [Why::Lost, Why::Hole].map(Content::Missing);
    assert_eq!(difference(&with_loss, &with_hole), Some((at, is_lost, is_hole)));
    assert_eq!(difference(&whole, &whole[..9]), Some((FIRST + 9, content(&whole[9]), Content::Outside)));
}

#[test]
fn a_later_beginning_is_a_difference_though_the_events_are_the_same() {
    let place = Place::new();
    let write = |name, first| {
        let origin = Origin { first, ..origin() };
        let mut recorder = Recorder::create(&place.path(name), &origin, Options::default()).unwrap();
        for n in 0..3 {
            recorder.event(n, first + n, 0, b"the same").unwrap();
        }
        let balance = recorder.counted();
        recorder.finish(3, &balance).unwrap();
        Recording::open(&place.path(name)).unwrap()
    };
    let found = compare(&mut write("first", FIRST), &mut write("later", FIRST + 1)).unwrap().unwrap();
    assert_eq!((found.sequence, found.second), (FIRST, Content::Outside));
}

#[test]
fn what_cannot_be_read_to_its_end_is_not_called_the_same() {
    let place = Place::new();
    write(&place.path("whole"), &entries(9), Compression::Zstd);
    drop(begin(&place.path("left"), &entries(9), Compression::Zstd));
    let [mut whole, mut left] = ["whole", "left.part"].map(|name| Recording::open(&place.path(name)).unwrap());
    let error = compare(&mut whole, &mut left).unwrap_err();
    assert!(matches!(error.what, Unreadable::Unfinished { .. }) && error.path.ends_with("left.part"), "{error}");
}
