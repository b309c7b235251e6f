//! Files that are truncated, removed or replaced while they are mapped, or looked at.

use std::{
    fs::{self, File, OpenOptions},
    os::unix::process::ExitStatusExt,
    sync::atomic::{AtomicBool, Ordering::Relaxed},
    thread,
    time::Duration,
};

use rusted_ring::{Bytes, Consumer, Many, Publisher, Start, Subscriber};
use rusted_ring_shm::{FileError, RingFile};

use crate::{LONG, ManyRing, Place, child::event};

#[test]
fn a_ring_that_was_removed_or_replaced_is_kept_by_those_that_have_it() {
    let place = Place::new();
    let file = place.file();
    let old: ManyRing = file.create(16).unwrap();
    let mut reader = Subscriber::join(old.clone(), Start::Newest);
    file.remove().unwrap();
    let new: ManyRing = file.create(16).unwrap();
    assert_ne!(old.peers().identity().id, new.peers().identity().id);
    assert!(old.peers().identity().epoch < new.peers().identity().epoch);
    Publisher::join(new).unwrap().publish(b"new", 1).unwrap();
    Publisher::join(old).unwrap().publish(b"old", 1).unwrap();
    assert_eq!(reader.try_recv().unwrap().bytes(), b"old");
    // Whatever is put in its place, too.
    fs::rename(file.path(), place.path().join("elsewhere")).unwrap();
    File::create(file.path()).unwrap();
    assert!(matches!(file.open::<Bytes<64>, Many>(), Err(FileError::NotARing(_))));
    assert!(RingFile::at(place.path().join("elsewhere")).open::<Bytes<64>, Many>().is_ok());
}

#[test]
fn what_is_removed_unused_is_used_by_nobody() {
    let place = Place::new();
    let file = place.file();
    let removing = AtomicBool::new(true);
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while removing.load(Relaxed) {
                    let Ok(ring) = file.open_or_create::<Bytes<64>, Many>(16) else { continue };
                    // It is there for as long as it is used.
                    let _: &ManyRing = &ring;
                    assert_eq!(file.properties().unwrap().identity, ring.peers().identity());
                    drop(ring);
                    thread::sleep(Duration::from_micros(300));
                }
            });
        }
        let mut removed = 0;
        while removed < 30 {
            removed += u32::from(file.remove_unused().is_ok());
        }
        removing.store(false, Relaxed);
    });
}

#[test]
fn a_file_that_is_truncated_is_an_error_of_the_next_look() {
    let place = Place::new();
    let file = place.file();
    let ring = file.create::<Bytes<64>, Many>(1000).unwrap();
    Publisher::join(ring).unwrap().publish(b"a stroke", 1).unwrap();
    let mut observer = file.observe_any().unwrap();
    OpenOptions::new().write(true).open(file.path()).unwrap().set_len(0).unwrap();
    assert_eq!((observer.claimed().get(), observer.readers().len()), (1, 0), "as it was");
    assert!(matches!(observer.look(), Err(FileError::Damaged(_))));
}

#[test]
fn a_file_of_another_length_is_refused() {
    let place = Place::new();
    let file = place.file();
    let bytes = file.create::<Bytes<64>, Many>(16).unwrap().peers().properties().bytes;
    for len in [0, 1, 511, 512, 4095, 4096, 8192, bytes - 1, bytes + 1, 2 * bytes] {
        let path = place.path().join("truncated");
        fs::copy(file.path(), &path).unwrap();
        OpenOptions::new().write(true).open(&path).unwrap().set_len(len).unwrap();
        let refused = RingFile::at(&path).open::<Bytes<64>, Many>().unwrap_err();
        match len {
            0..512 => assert!(matches!(refused, FileError::NotARing(_)), "{len}: {refused}"),
            _ => assert!(matches!(refused, FileError::Damaged(_)), "{len}: {refused}"),
        }
    }
}

/// What cannot be prevented: see the documentation of the crate. Others lose nothing by it that they do not touch.
#[test]
fn a_process_that_touches_what_was_truncated_is_ended_and_others_make_a_new_ring() {
    let place = Place::new();
    let ring: ManyRing = place.file().create(8).unwrap();
    let mut child = place.start("publishes-when-told");
    assert!(ring.peers().has_name(&place.file()));
    OpenOptions::new().write(true).open(place.file().path()).unwrap().set_len(4096).unwrap();
    std::io::Write::write_all(child.process.stdin.as_mut().unwrap(), b"publish\n").unwrap();
    assert_eq!(child.process.wait().unwrap().signal(), Some(7), "SIGBUS");
    // What is only looked at is not mapped.
    assert!(matches!(place.file().open::<Bytes<64>, Many>(), Err(FileError::Damaged(_))));
    assert!(matches!(place.file().observe_any(), Err(FileError::Damaged(_))));
    place.file().remove().unwrap();
    // There is a whole one again.
    let new: ManyRing = place.file().create(8).unwrap();
    let mut reader = Consumer::join(new.clone(), Start::Newest).unwrap();
    Publisher::join(new).unwrap().publish(&event(1), 1).unwrap();
    assert_eq!(reader.copy_timeout(LONG).unwrap().bytes(), event(1));
    std::mem::forget(ring);
}
