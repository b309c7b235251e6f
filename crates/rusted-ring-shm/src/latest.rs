//! Latest-value cells between processes: the value of each key as it is now, in a file.

mod observer;

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use rusted_ring::{Sole, Typed, Value, latest::MappedLatest};

use crate::{
    Described, FileError, Identity, Processes, Properties, RingFile,
    file::TRIES,
    header::{Kind, RING_AT},
    mapping::Mapping,
};
pub use observer::LatestObserver;

/// Latest-value cells between processes of which each may write anything at any time.
///
/// Values are copied out, and their bytes may be any: a type that is a [`Value`] has no bytes that are none of it. See [`LatestFile`].
pub type SharedLatest<T> = MappedLatest<T, Processes<false>>;

/// The file of latest-value cells, which may be there or not. It is created, opened and removed as a [`RingFile`] is.
///
/// ```
/// # let directory = tempfile::tempdir()?;
/// # let path = directory.path().join("prices");
/// use rusted_ring_shm::{LatestFile, SharedLatest};
///
/// // LatestFile::named("prices")? is in /dev/shm; any path will do.
/// let prices: SharedLatest<[u64; 2]> = LatestFile::at(&path).create(100, 8)?; // 100 keys, up to 8 readers
/// let mut writer = prices.writer()?;
/// writer.update(7, &[10_150, 10_155]);
///
/// // In another process:
/// let prices: SharedLatest<[u64; 2]> = LatestFile::at(&path).open()?;
/// let mut reader = prices.reader()?;
/// assert_eq!(reader.get(7)?.unwrap().value, [10_150, 10_155]);
/// assert_eq!(reader.get(8)?, None); // it was never updated
/// LatestFile::at(&path).remove()?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # What is promised
///
/// - Reading is wait-free, and copies at most twice, wherever the writer was stopped or killed.
/// - What a writer was killed in the middle of updating is seen whole or not at all. The next one goes on, and no version is used twice.
/// - A reader that was killed keeps nobody waiting. The next that joins takes its entry, and whoever opens the file frees the entries of all that have ended.
/// - A word that cannot be is an error of the reader that meets it, [`Corrupt`](rusted_ring::Corrupt), or of the writer that joins. A writer that has
///   joined goes by its own books, and is kept from nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LatestFile(RingFile);

/// What a file of latest-value cells says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct LatestProperties {
    /// Which cells they are.
    pub identity: Identity,
    /// Keys.
    pub keys: u64,
    /// Readers at a time, at most.
    pub readers: u64,
    /// The path of the values' type; cut at 384 bytes.
    pub value: String,
    /// Bytes of a value.
    pub value_bytes: u64,
    /// Bytes of the file.
    pub bytes: u64,
}

impl From<Properties> for LatestProperties {
    fn from(properties: Properties) -> Self {
        let Properties { identity, capacity, readers, event, len, bytes, .. } = properties;
        LatestProperties { identity, keys: capacity, readers, value: event, value_bytes: len, bytes }
    }
}

impl LatestFile {
    /// The cells called `name`, in [`DIRECTORY`](crate::DIRECTORY), where no ring has the same name.
    ///
    /// # Errors
    ///
    /// [`FileError::Name`], if no file can be called so.
    pub fn named(name: &str) -> Result<Self, FileError> {
        RingFile::named(name).map(|file| LatestFile(file.of_cells()))
    }

    /// The cells at `path`.
    pub fn at(path: impl Into<PathBuf>) -> Self {
        LatestFile(RingFile::at(path).of_cells())
    }

    /// The same file, for its owner's group, and not for its owner alone: [`RingFile::for_group`].
    #[must_use = "this returns the file"]
    pub fn for_group(self) -> Self {
        LatestFile(self.0.for_group())
    }

    /// Where the file is.
    pub fn path(&self) -> &Path {
        self.0.path()
    }

    /// Creates the file, with cells for `keys` keys, of which none has a value yet, and up to `readers` readers at a time, and opens it.
    ///
    /// The file appears whole, or not at all, and all its space is reserved.
    ///
    /// # Errors
    ///
    /// [`FileError::Exists`], [`FileError::NoSpace`], [`FileError::Latest`], or whatever the system refuses; then nothing was left behind.
    pub fn create<T: Value>(&self, keys: usize, readers: usize) -> Result<SharedLatest<T>, FileError> {
        let bytes = SharedLatest::<T>::bytes_for(keys, readers).map_err(FileError::Latest)? + RING_AT;
        let values = Typed::<T>::fingerprint();
        let properties = Properties::new::<Sole>(&values, keys as u64, bytes as u64, self.0.identity()?);
        let properties = properties.of_cells(readers as u64);
        let draft = self.0.draft(&properties)?;
        let cells = self.join(self.0.map(draft.file(self.path())?, properties)?)?;
        cells.begin();
        draft.name(self.path())?;
        Ok(cells)
    }

    /// Opens the cells.
    ///
    /// # Errors
    ///
    /// [`FileError::NotFound`], [`FileError::NotLatest`], [`FileError::Mismatch`], or as [`RingFile::open`].
    pub fn open<T: Value>(&self) -> Result<SharedLatest<T>, FileError> {
        self.open_with(None)
    }

    /// Opens the cells, or creates them.
    ///
    /// # Errors
    ///
    /// As [`open`](Self::open) and [`create`](Self::create); [`FileError::Mismatch`], if they are there for other numbers of keys or readers.
    pub fn open_or_create<T: Value>(&self, keys: usize, readers: usize) -> Result<SharedLatest<T>, FileError> {
        let open = || self.open_with(Some((keys as u64, readers as u64)));
        let mut outcome = open();
        for _ in 0..TRIES {
            outcome = match outcome {
                Err(FileError::NotFound(_)) => self.create(keys, readers),
                // Another process was quicker; it may remove it again.
                Err(FileError::Exists(_)) => open(),
                outcome => return outcome,
            };
        }
        outcome
    }

    /// What the file says of itself.
    ///
    /// # Errors
    ///
    /// As [`open`](Self::open); but the values may be any.
    pub fn properties(&self) -> Result<LatestProperties, FileError> {
        self.0.properties().map(LatestProperties::from)
    }

    /// Looks at who writes and who reads, whatever the values are. The file is read, not mapped, and nobody notices.
    ///
    /// # Errors
    ///
    /// As [`properties`](Self::properties).
    pub fn observe(&self) -> Result<LatestObserver, FileError> {
        let (file, properties) = self.0.read(false)?;
        LatestObserver::new(&self.0, file, properties)
    }

    /// Removes the file, as [`RingFile::remove`] does.
    ///
    /// # Errors
    ///
    /// As [`RingFile::remove`].
    pub fn remove(&self) -> Result<(), FileError> {
        self.0.remove()
    }

    /// Removes the file, unless a process has it open, as [`RingFile::remove_unused`] does.
    ///
    /// # Errors
    ///
    /// As [`RingFile::remove_unused`].
    pub fn remove_unused(&self) -> Result<(), FileError> {
        self.0.remove_unused()
    }

    fn open_with<T: Value>(&self, keys_and_readers: Option<(u64, u64)>) -> Result<SharedLatest<T>, FileError> {
        let (file, properties) = self.0.read(true)?;
        properties.expect_cells(&Typed::<T>::fingerprint(), keys_and_readers)?;
        let cells = self.join(self.0.map(file, properties)?)?;
        self.0.check_found(cells.peers().file())?;
        cells.free_dead();
        Ok(cells)
    }

    /// The cells in `mapping`, whose properties are of these values; this process takes part.
    fn join<T: Value>(&self, mapping: Mapping) -> Result<SharedLatest<T>, FileError> {
        let failed = |error| self.0.system("locking", error);
        if mapping.enter().map_err(failed)? {
            // Nothing is to be mended by one that is alone.
            mapping.let_in().map_err(failed)?;
        }
        let Properties { kind: Kind::Cells, capacity, readers, bytes, .. } = *mapping.properties() else {
            unreachable!("the file of cells was judged as one")
        };
        let numbers = (usize::try_from(capacity), usize::try_from(readers));
        let (Ok(keys), Ok(readers)) = numbers else {
            return Err(FileError::Damaged("its numbers exceed the address space"));
        };
        let needed = SharedLatest::<T>::bytes_for(keys, readers).map_err(FileError::Latest)? + RING_AT;
        if needed as u64 != bytes {
            return Err(FileError::Damaged("its length is not that of its cells"));
        }
        let base = mapping.ring();
        // SAFETY: invariant M: at a page, with as many bytes behind it as just checked, mapped to be written for as long as the mapping lives. Every
        // mapping of this process is cells of the numbers and values that its header says, which were compared.
        unsafe { SharedLatest::at(base, keys, readers, Processes::of(Arc::new(mapping))) }.map_err(FileError::Latest)
    }
}
