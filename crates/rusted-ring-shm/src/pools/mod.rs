//! Pool sets between processes: five rings of one name.

mod names;

use std::{
    fmt,
    path::{Path, PathBuf},
};

use rusted_ring::{
    Bytes, Capacities, Notes, PoolSet,
    pool::{L_TSHIRT_SIZE, M_TSHIRT_SIZE, PoolId, S_TSHIRT_SIZE, XL_TSHIRT_SIZE, XS_TSHIRT_SIZE},
};

use crate::{Described, FileError, MappedRingOf, Ring, RingFile, file::TRIES};
pub(crate) use names::Names;

/// Five rings between processes, one for each size of event: a [`PoolSet`], with all that such a set has.
///
/// [`Pools`] and [`TrustedPools`] are its two forms.
pub struct PoolRings<const TRUSTED: bool, const LONGEST: usize = XL_TSHIRT_SIZE, A: Notes = ()> {
    pub(crate) xs: MappedRingOf<Bytes<XS_TSHIRT_SIZE, XS_TSHIRT_SIZE, A>, TRUSTED>,
    pub(crate) s: MappedRingOf<Bytes<S_TSHIRT_SIZE, S_TSHIRT_SIZE, A>, TRUSTED>,
    pub(crate) m: MappedRingOf<Bytes<M_TSHIRT_SIZE, M_TSHIRT_SIZE, A>, TRUSTED>,
    pub(crate) l: MappedRingOf<Bytes<L_TSHIRT_SIZE, L_TSHIRT_SIZE, A>, TRUSTED>,
    pub(crate) xl: MappedRingOf<Bytes<LONGEST, XL_TSHIRT_SIZE, A>, TRUSTED>,
}

/// Pools between processes of which each may write anything at any time: events are copied out. See [`PoolFiles`].
pub type Pools<const LONGEST: usize = XL_TSHIRT_SIZE, A = ()> = PoolRings<false, LONGEST, A>;

/// Pools between processes that are trusted to write them as this library does: [`trust_pools`](crate::trust_pools) makes them.
pub type TrustedPools<const LONGEST: usize = XL_TSHIRT_SIZE, A = ()> = PoolRings<true, LONGEST, A>;

impl<const TRUSTED: bool, const LONGEST: usize, A: Notes> Clone for PoolRings<TRUSTED, LONGEST, A> {
    fn clone(&self) -> Self {
        PoolRings { xs: self.xs.clone(), s: self.s.clone(), m: self.m.clone(), l: self.l.clone(), xl: self.xl.clone() }
    }
}

impl<const TRUSTED: bool, const LONGEST: usize, A: Notes> fmt::Debug for PoolRings<TRUSTED, LONGEST, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let PoolRings { xs, s, m, l, xl } = self;
        f.debug_struct("PoolRings").field("xs", xs).field("s", s).field("m", m).field("l", l).field("xl", xl).finish()
    }
}

impl<const TRUSTED: bool, const LONGEST: usize, A: Notes> PoolSet<LONGEST> for PoolRings<TRUSTED, LONGEST, A> {
    type Notes = A;
    type Xs = MappedRingOf<Bytes<64, 64, A>, TRUSTED>;
    type S = MappedRingOf<Bytes<256, 256, A>, TRUSTED>;
    type M = MappedRingOf<Bytes<1024, 1024, A>, TRUSTED>;
    type L = MappedRingOf<Bytes<4096, 4096, A>, TRUSTED>;
    type Xl = MappedRingOf<Bytes<LONGEST, 16384, A>, TRUSTED>;

    fn xs(&self) -> Self::Xs {
        self.xs.clone()
    }

    fn s(&self) -> Self::S {
        self.s.clone()
    }

    fn m(&self) -> Self::M {
        self.m.clone()
    }

    fn l(&self) -> Self::L {
        self.l.clone()
    }

    fn xl(&self) -> Self::Xl {
        self.xl.clone()
    }
}

/// The five files of a pool set, which may be there or not: each is a ring like any other, whose name ends in `.xs`, `.s`, `.m`, `.l` or `.xl`.
///
/// So whatever looks at rings looks at pools: `rring stat strokes.xs`, `rring top`, an [`AnyObserver`](crate::AnyObserver). What the five have in common
/// is the number of their [set](crate::Properties::set). They are a set while all five are there, and nothing opens fewer.
///
/// ```
/// # let directory = tempfile::tempdir()?;
/// # let path = directory.path().join("events");
/// use rusted_ring::{Capacities, Consumer, PoolSet, Start, pool::PoolId};
/// use rusted_ring_shm::{PoolFiles, Pools};
///
/// // PoolFiles::named("events")? is in /dev/shm; any path will do.
/// let pools: Pools = PoolFiles::at(&path).create(Capacities::MOBILE)?;
///
/// // In another process:
/// let others: Pools = PoolFiles::at(&path).open()?;
/// let mut store = Consumer::join(others.s(), Start::Newest)?;
///
/// assert_eq!(pools.emit(&[7; 100], 1)?.0, PoolId::S);
/// assert_eq!(store.copy()?.bytes(), [7; 100]);
/// assert_eq!(pools.stats_of(PoolId::S).capacity, 250);
/// PoolFiles::at(&path).remove()?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Killed and stopped processes
///
/// A process that is killed while it creates or removes a set leaves some of the files. No process opens these as a set, and the next that
/// creates it removes them first. Whoever creates or removes the set waits up to five seconds for another that does, for that may have been stopped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PoolFiles {
    /// Of the pools, smallest slots first.
    files: [RingFile; 5],
}

/// The files' names end in these.
const ENDINGS: [&str; 5] = ["xs", "s", "m", "l", "xl"];

impl PoolFiles {
    /// The set called `name`, in [`DIRECTORY`](crate::DIRECTORY).
    ///
    /// # Errors
    ///
    /// [`FileError::Name`], if no file can be called so.
    pub fn named(name: &str) -> Result<Self, FileError> {
        // Refused as what it is, and not as what a pool would be called.
        RingFile::named(name)?;
        let longest = RingFile::named(&format!("{name}.xl"))?;
        Ok(Self::at(longest.path().with_extension("")))
    }

    /// The set whose files are called `path`, with an ending.
    pub fn at(path: impl Into<PathBuf>) -> Self {
        let path = path.into();
        PoolFiles { files: ENDINGS.map(|ending| RingFile::at(ended(&path, ending))) }
    }

    /// The same files, for their owner's group, and not for their owner alone: [`RingFile::for_group`].
    #[must_use = "this returns the files"]
    pub fn for_group(self) -> Self {
        PoolFiles { files: self.files.map(RingFile::for_group) }
    }

    /// The file of one pool.
    pub fn file(&self, pool: PoolId) -> &RingFile {
        &self.files[pool as usize]
    }

    /// Creates the files, with empty pools, and opens them.
    ///
    /// All their space is reserved, and all five are whole, before the first has its name.
    ///
    /// # Errors
    ///
    /// [`FileError::Exists`], if the set is there, or another ring that has the name of one of the pools; [`FileError::NoSpace`], or whatever the system
    /// refuses. Then nothing was left behind.
    pub fn create<const LONGEST: usize, A: Notes>(
        &self,
        capacities: Capacities,
    ) -> Result<Pools<LONGEST, A>, FileError> {
        let [xs, s, m, l, xl] = &self.files;
        let set = xs.random()?;
        let (xs, xs_draft) = xs.prepare(capacities.xs, Some(set))?;
        let (s, s_draft) = s.prepare(capacities.s, Some(set))?;
        let (m, m_draft) = m.prepare(capacities.m, Some(set))?;
        let (l, l_draft) = l.prepare(capacities.l, Some(set))?;
        let (xl, xl_draft) = xl.prepare(capacities.xl, Some(set))?;
        Names::give(self, set, [&xs_draft, &s_draft, &m_draft, &l_draft, &xl_draft])?;
        Ok(PoolRings { xs, s, m, l, xl })
    }

    /// Opens the pools.
    ///
    /// # Errors
    ///
    /// [`FileError::NotFound`], if one of them is not there, or not yet; or as [`RingFile::open`].
    pub fn open<const LONGEST: usize, A: Notes>(&self) -> Result<Pools<LONGEST, A>, FileError> {
        self.open_with(None)?.ok_or_else(|| mismatch("pools of several sets"))
    }

    /// Opens the pools, or creates them.
    ///
    /// # Errors
    ///
    /// As [`open`](Self::open) and [`create`](Self::create); [`FileError::Mismatch`], if they are there with other capacities.
    pub fn open_or_create<const LONGEST: usize, A: Notes>(
        &self,
        capacities: Capacities,
    ) -> Result<Pools<LONGEST, A>, FileError> {
        let mut outcome = self.open_with(Some(capacities));
        for _ in 0..TRIES {
            outcome = match outcome {
                // Pools of several sets are what is left of these, or one of them is being created.
                Err(FileError::NotFound(_)) | Ok(None) => self.create(capacities).map(Some),
                // Another process was quicker; it may remove them again.
                Err(FileError::Exists(_)) => self.open_with(Some(capacities)),
                Ok(Some(pools)) => return Ok(pools),
                Err(error) => return Err(error),
            };
        }
        outcome?.ok_or_else(|| mismatch("pools of several sets"))
    }

    /// Removes the files of the set, or those that are left of one, damaged or not. Other rings that have the name of a pool are left alone.
    ///
    /// Processes that have the pools open keep them, and each is gone with the last of them.
    ///
    /// # Errors
    ///
    /// [`FileError::NotFound`], if no pool is there; or as [`RingFile::remove`].
    pub fn remove(&self) -> Result<(), FileError> {
        let _names = match Names::hold(self) {
            // Without the XS pool, or with a damaged one, nobody creates the set meanwhile: that begins with this file.
            Err(FileError::Damaged(_) | FileError::Version { .. } | FileError::Sparse { .. }) => None,
            names => names?,
        };
        self.take_pools_away()
    }

    /// Removes the files, unless a process has one of the pools open to take part. Nobody joins them meanwhile.
    ///
    /// # Errors
    ///
    /// [`FileError::InUse`], or as [`remove`](Self::remove).
    pub fn remove_unused(&self) -> Result<(), FileError> {
        let Some(names) = Names::hold(self)? else { return Err(self.not_found()) };
        names.take_away_unused()
    }

    /// Of the pools, smallest slots first.
    pub(crate) fn files(&self) -> &[RingFile; 5] {
        &self.files
    }

    fn not_found(&self) -> FileError {
        FileError::NotFound(self.file(PoolId::XS).path().to_owned())
    }

    /// None, if they are not of one set.
    fn open_with<const LONGEST: usize, A: Notes>(
        &self,
        capacities: Option<Capacities>,
    ) -> Result<Option<Pools<LONGEST, A>>, FileError> {
        let slots = |pool| capacities.map(|capacities| capacities.of(pool) as u64);
        let [xs, s, m, l, xl] = &self.files;
        for _ in 0..TRIES {
            let pools = PoolRings {
                xs: xs.open_with(slots(PoolId::XS))?,
                s: s.open_with(slots(PoolId::S))?,
                m: m.open_with(slots(PoolId::M))?,
                l: l.open_with(slots(PoolId::L))?,
                xl: xl.open_with(slots(PoolId::XL))?,
            };
            let set = set_of(&pools.xs)?;
            let others = [set_of(&pools.s)?, set_of(&pools.m)?, set_of(&pools.l)?, set_of(&pools.xl)?];
            if others == [set; 4] {
                return Ok(Some(pools));
            }
            // The set was removed and created again in between.
        }
        Ok(None)
    }
}

/// `path`, with `ending` behind it, whatever dots are in it.
fn ended(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".");
    name.push(ending);
    name.into()
}

fn set_of<S: Described>(ring: &Ring<S>) -> Result<u128, FileError> {
    ring.peers().properties().set.ok_or_else(|| mismatch("no pool of a set"))
}

fn mismatch(found: &str) -> FileError {
    FileError::Mismatch { what: "set", found: found.to_owned(), expected: "a pool of one set of five".to_owned() }
}
