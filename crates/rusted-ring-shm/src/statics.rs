//! Static rings of a program, placed in files: so that other processes see them, and the program is not changed but for one call.

use std::{
    fs::{File, Metadata},
    io, mem,
    ptr::NonNull,
};

use rusted_ring::{
    Closes, InlineRing, Mode, Paged, Pages, Whole,
    pool::{PoolPages, StaticPools},
};

use crate::{
    Described, FileError, PoolFiles, Properties, Ring, RingFile, draft::Draft, header::RING_AT, mapping::Mapping,
    memory::Memory, pools::Names,
};

/// What a paged ring is aligned to.
const PAGE: usize = 4096;

/// Places a static ring in `file`, where other processes see it: `rring ls`, `stat`, `top` and `tap`, and whoever opens the file. To be called once, first thing in
/// `main`. The program uses the ring as before, at the same speed; it is the static, at its place.
///
/// The file is created as [`RingFile::create`] does it. If there is one that a program has left whose static was placed there, it is replaced. It stays after the end of the
/// program, to be looked at, until it is replaced or removed.
///
/// Other processes may look, read as Subscribers, and, where many publish, publish. They cannot be Consumers or the sole publisher: what the program itself
/// does on the ring knows no leases, so all of these are held for it.
///
/// ```
/// # let directory = tempfile::tempdir()?;
/// # let file = rusted_ring_shm::RingFile::at(directory.path().join("strokes"));
/// use rusted_ring::{PagedRing, Publisher};
/// use rusted_ring_shm::{RingFile, place_static};
///
/// static STROKES: PagedRing<64, 2000> = PagedRing::new(); // was: RingBuffer
///
/// // let file = RingFile::named("strokes")?;
/// // SAFETY: nothing has begun yet; only our own programs run as this user; nothing forks without `exec`.
/// unsafe { place_static(&STROKES, &file)? };
///
/// Publisher::new(&STROKES).publish(b"a stroke", 1)?;
/// assert_eq!(file.observe_any()?.claimed().get(), 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// [`FileError::Used`], if the ring was used or placed before; [`FileError::InUse`], if another process that lives has its static in the file; [`FileError::Exists`], if the
/// file is something else; or as [`RingFile::create`]. The ring is then as it was.
///
/// # Safety
///
/// - No other thread uses the ring during the call, or places it.
/// - Every process that can write the file, for as long as this one lives, writes it through this library alone: this process lends events in place, as it does
///   without the file, and does not look after what others write.
/// - The process does not fork, or the child executes another program or ends by `_exit`, and uses no ring: it would have the same pages, and not copies.
pub unsafe fn place_static<S: Described + Whole, const CAP: usize, M: Mode, C: Closes>(
    ring: &'static Paged<InlineRing<S, CAP, M, C>>,
    file: &RingFile,
) -> Result<(), FileError> {
    let pages = ring.pages();
    check_unused(&pages, file)?;
    clear(file)?;
    let placed = [Static::prepare(&pages, file, None)?];
    placed[0].draft.name(file.path())?;
    // SAFETY: the caller's promise.
    unsafe { exchange_all(placed) }.map_err(|error| {
        let _ = file.remove();
        file.system("placing a static in", error)
    })?;
    pages.share();
    Ok(())
}

/// Places static pools in `files`, as [`place_static`] does with one ring: all of them, or none.
///
/// ```
/// # let directory = tempfile::tempdir()?;
/// # let files = rusted_ring_shm::PoolFiles::at(directory.path().join("events"));
/// use rusted_ring::{PoolSet, pool::{PoolId, Production}};
/// use rusted_ring_shm::{PoolFiles, place_pools};
///
/// // let files = PoolFiles::named("events")?;
/// // SAFETY: nothing has begun yet; only our own programs run as this user; nothing forks without `exec`.
/// unsafe { place_pools(&Production, &files)? };
///
/// Production.emit(b"a stroke", 1)?; // as ever
/// assert_eq!(files.file(PoolId::XS).observe_any()?.claimed().get(), 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// As [`place_static`], for any of the pools.
///
/// # Safety
///
/// As [`place_static`], for each of the pools.
pub unsafe fn place_pools<const LONGEST: usize>(
    pools: &impl StaticPools<LONGEST>,
    files: &PoolFiles,
) -> Result<(), FileError> {
    let PoolPages { xs, s, m, l, xl } = pools.pages();
    let [of_xs, of_s, of_m, of_l, of_xl] = files.files();
    check_unused(&xs, of_xs)?;
    check_unused(&s, of_s)?;
    check_unused(&m, of_m)?;
    check_unused(&l, of_l)?;
    check_unused(&xl, of_xl)?;
    Names::clear_statics(files)?;
    let set = of_xs.random()?;
    let placed = [
        Static::prepare(&xs, of_xs, Some(set))?,
        Static::prepare(&s, of_s, Some(set))?,
        Static::prepare(&m, of_m, Some(set))?,
        Static::prepare(&l, of_l, Some(set))?,
        Static::prepare(&xl, of_xl, Some(set))?,
    ];
    Names::give(files, set, placed.each_ref().map(|of| &of.draft))?;
    // SAFETY: the caller's promise.
    unsafe { exchange_all(placed) }.map_err(|error| {
        let _ = files.remove();
        of_xs.system("placing static pools in", error)
    })?;
    xs.share();
    s.share();
    m.share();
    l.share();
    xl.share();
    Ok(())
}

/// Looks whether a static can be placed in `at`, before anything is removed there.
fn check_unused<S: Described, M: Mode>(pages: &Pages<S, M>, at: &RingFile) -> Result<(), FileError> {
    if rustix::param::page_size() != PAGE {
        let why = "pages of this system are not of 4096 bytes, for which a paged ring is made: use a ring in a file from the beginning";
        return Err(at.system("placing a static in", io::Error::new(io::ErrorKind::Unsupported, why)));
    }
    if pages.is_unused() { Ok(()) } else { Err(FileError::Used(at.path().to_owned())) }
}

/// Removes `file`, if a process has left it that placed a static there, and has ended.
fn clear(file: &RingFile) -> Result<(), FileError> {
    match left_in(file)? {
        Some(left) => remove_left(file, &left),
        None => Ok(()),
    }
}

/// The file that a process has left which placed a static in it, and has ended; none, if there is no file. While it is open, no other is
/// taken for it.
fn left_in(file: &RingFile) -> Result<Option<(File, Metadata)>, FileError> {
    let (found, metadata) = match file.find(true) {
        Err(FileError::NotFound(_)) => return Ok(None),
        found => found?,
    };
    let properties = file.judge(&found, &metadata)?;
    file.check_left(&found, &properties).map(|()| Some((found, metadata)))
}

/// Removes the file that was found left, and no other that has its name by now.
fn remove_left(file: &RingFile, (_open, left): &(File, Metadata)) -> Result<(), FileError> {
    match file.unlink(left) {
        // Another process was quicker, and creates it by now.
        Err(FileError::NotFound(_) | FileError::Replaced(_)) => Ok(()),
        outcome => outcome,
    }
}

/// A static, and the file in which it is to be placed, whole but for its name.
struct Static {
    draft: Draft,
    file: File,
    /// What this process holds of the file.
    mapping: Mapping,
    base: NonNull<u8>,
    len: usize,
}

impl Static {
    fn prepare<S: Described, M: Mode>(
        pages: &Pages<S, M>,
        at: &RingFile,
        set: Option<u128>,
    ) -> Result<Self, FileError> {
        let bytes = Ring::<S, M>::bytes_for(pages.capacity()).map_err(FileError::Slots)? + RING_AT;
        // The file's last page is the static's: no page of it is beyond the file's end, where a touch would be a signal.
        assert_eq!(pages.bytes(), (bytes - RING_AT).next_multiple_of(PAGE), "a static lies as in a file");
        let identity = at.identity()?;
        let properties = Properties::new::<M>(&S::fingerprint(), pages.capacity() as u64, bytes as u64, identity);
        let properties = properties.of_set(set).of_static();
        let draft = at.draft(&properties)?;
        let file = draft.file(at.path())?;
        let own = |file| {
            let mapping = Mapping::of_header(file, properties)?;
            mapping.own().map(|()| mapping)
        };
        let mapping = own(draft.file(at.path())?).map_err(|error| at.system("locking", error))?;
        Ok(Static { draft, file, mapping, base: pages.base(), len: pages.bytes() })
    }
}

/// Exchanges the pages of all these statics, or of none.
///
/// # Safety
///
/// That of [`place_static`], for each.
unsafe fn exchange_all<const N: usize>(statics: [Static; N]) -> io::Result<()> {
    for (index, Static { file, base, len, .. }) in statics.iter().enumerate() {
        // SAFETY: a static that is alone on its pages, by its type, and unused, as was looked at: zeros. The rest is the caller's promise.
        if let Err(error) = unsafe { Memory::exchange(*base, *len, file) } {
            for Static { base, len, .. } in &statics[..index] {
                // SAFETY: as above; nothing has used it since.
                unsafe { Memory::give_back(*base, *len) };
            }
            return Err(error);
        }
    }
    // What this process holds, it holds as long as its statics are there.
    statics.into_iter().for_each(|placed| mem::forget(placed.mapping));
    Ok(())
}

#[cfg(test)]
mod tests {
    use rusted_ring::{Bytes, Many, PagedRing, Publisher};

    use super::*;

    /// The file of a static, as its process had it, and what the process holds of it.
    fn placed_at(file: &RingFile) -> Mapping {
        let bytes = Ring::<Bytes<64>>::bytes_for(8).unwrap() + RING_AT;
        let identity = file.identity().unwrap();
        let properties = Properties::new::<Many>(&Bytes::<64>::fingerprint(), 8, bytes as u64, identity).of_static();
        let draft = file.draft(&properties).unwrap();
        let mapping = Mapping::of_header(draft.file(file.path()).unwrap(), properties).unwrap();
        mapping.own().unwrap();
        draft.name(file.path()).unwrap();
        mapping
    }

    #[test]
    fn of_two_that_find_the_same_file_left_the_slower_leaves_the_others_alone() {
        let directory = tempfile::tempdir().unwrap();
        let file = RingFile::at(directory.path().join("ring"));
        drop(placed_at(&file));
        let slower = left_in(&file).unwrap().unwrap();
        clear(&file).unwrap();
        let quicker = placed_at(&file);
        remove_left(&file, &slower).unwrap();
        assert_eq!(file.properties().unwrap().identity, quicker.properties().identity);
        assert!(matches!(clear(&file), Err(FileError::InUse(_))));
    }

    #[test]
    fn a_static_that_was_used_costs_no_file_that_was_left() {
        static USED: PagedRing<64, 8> = PagedRing::new();
        let directory = tempfile::tempdir().unwrap();
        let file = RingFile::at(directory.path().join("ring"));
        drop(placed_at(&file));
        Publisher::new(&USED).publish(b"an event", 1).unwrap();
        // SAFETY: no other thread uses it, and it is refused.
        assert!(matches!(unsafe { place_static(&USED, &file) }, Err(FileError::Used(_))));
        assert!(file.properties().is_ok(), "what another program left can still be looked at");
    }
}
