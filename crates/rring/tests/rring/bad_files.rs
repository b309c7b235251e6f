//! Files that are no whole rings, and files that somebody changes while they are looked at.

use std::{
    fs::{self, OpenOptions},
    os::unix::fs::symlink,
    sync::atomic::{AtomicBool, Ordering::Relaxed},
    thread,
};

use rustix::fs::{FallocateFlags, fallocate};

use crate::{Place, rring, rring_with};

#[test]
fn a_file_that_is_truncated_while_it_is_looked_at_ends_nothing() {
    let place = Place::new();
    drop(place.create("good", 8));
    drop(place.create("bad", 100_000));
    let whole = fs::metadata(place.path("bad")).unwrap().len();
    let (file, stop) = (OpenOptions::new().write(true).open(place.path("bad")).unwrap(), AtomicBool::new(false));
    thread::scope(|scope| {
        scope.spawn(|| {
            while !stop.load(Relaxed) {
                file.set_len(4096).unwrap();
                fallocate(&file, FallocateFlags::empty(), 0, whole).unwrap();
            }
        });
        for _ in 0..60 {
            // It is ended by no signal, whatever it says of the bad one.
            let listed = rring(&["ls", &place.path("")]);
            assert!(listed.code == 0 && listed.out.contains(&place.path("good")), "{listed:?}");
            assert!([0, 1].contains(&rring(&["stat", &place.path("bad")]).code));
            assert!([0, 1].contains(&rring(&["hz", &place.path("bad"), "-n", "1", "--window", "0.001"]).code));
        }
        stop.store(true, Relaxed);
    });
}

#[test]
fn a_ring_whose_counts_were_written_over_is_an_error() {
    for mode in [&[][..], &["--sole"]] {
        let place = Place::new();
        let ring = place.path("ring");
        let create = [&["pub", &ring, "--create", "64,8"], mode].concat();
        assert_eq!(rring_with(&create, "one\n").code, 0);
        let file = OpenOptions::new().write(true).open(&ring).unwrap();
        std::os::unix::fs::FileExt::write_all_at(&file, &[0xff; 64], 4096).unwrap();
        let refused = rring_with(&["pub", &ring], "two\n");
        assert!(refused.code == 1 && refused.error.contains("the ring is corrupt"), "{refused:?}");
        for command in ["stat", "tap", "ls"] {
            assert_eq!(rring(&[command, &ring]).code, 0, "{command}");
        }
    }
}

#[test]
fn what_is_wrong_with_a_file_is_said_and_what_to_do() {
    let place = Place::new();
    drop(place.create("ring", 1000));
    let bytes = fs::read(place.path("ring")).unwrap();
    let sparse = fs::File::create(place.path("sparse")).unwrap();
    std::os::unix::fs::FileExt::write_all_at(&sparse, &bytes[..512], 0).unwrap();
    sparse.set_len(bytes.len() as u64).unwrap();
    symlink(place.path("ring"), place.path("link")).unwrap();
    for (name, code, words) in
        [("sparse", 1, ["has holes", "remove it"]), ("link", 1, ["symbolic link", "give the path"])]
    {
        for command in ["stat", "tap", "pub"] {
            let refused = rring(&[command, &place.path(name)]);
            assert_eq!(refused.code, code, "{refused:?}");
            assert!(words.iter().all(|word| refused.error.contains(word)), "{refused:?}");
        }
    }
    let listed = rring(&["ls", &place.path("")]);
    assert!(listed.out.contains("has holes") && listed.error.contains("1 (link)"), "{listed:?}");
    assert_eq!(rring(&["rm", &place.path("sparse")]).code, 5);
    assert_eq!(rring(&["rm", "--force", &place.path("sparse")]).code, 0);
}
