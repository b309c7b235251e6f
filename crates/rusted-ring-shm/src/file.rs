//! A ring's file: where it is, and what can be done with it.

use std::{
    fs::{File, Metadata, OpenOptions},
    io::{self, ErrorKind},
    os::unix::fs::{FileExt, MetadataExt, OpenOptionsExt},
    path::{Path, PathBuf},
    time::{SystemTime, UNIX_EPOCH},
};

use rusted_ring::{BytesSlot, Mode, Sequence, Sole, SolePublisher, Typed, Value};

use crate::{
    AnyObserver, Described, FileError, Identity, Observer, Properties, Ring,
    draft::{self, Draft},
    fingerprint::Fingerprint,
    gone,
    header::{self, Kind, RING_AT},
    mapping::Mapping,
    ring::{join_in, ring_in},
};

/// Where rings are that have a name and no path.
pub const DIRECTORY: &str = "/dev/shm";
/// What the names of their files begin with.
pub const PREFIX: &str = "rusted-ring.";

/// How often a file that comes and goes is tried to be opened, and created.
pub(crate) const TRIES: usize = 16;

/// The file of a ring, which may be there or not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RingFile {
    path: PathBuf,
    mode: u32,
    kind: Kind,
}

impl RingFile {
    /// The ring called `name`, in [`DIRECTORY`].
    ///
    /// # Errors
    ///
    /// [`FileError::Name`], if no file can be called so.
    pub fn named(name: &str) -> Result<Self, FileError> {
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
        if name.is_empty() || name.len() > 200 || name.starts_with('.') || !name.bytes().all(is_plain) {
            return Err(FileError::Name(name.to_owned()));
        }
        Ok(Self::at(Path::new(DIRECTORY).join(format!("{PREFIX}{name}"))))
    }

    /// The ring at `path`.
    ///
    /// Any file system will do whose files can be mapped and locked, and a path that does not leave memory is the fastest.
    pub fn at(path: impl Into<PathBuf>) -> Self {
        RingFile { path: path.into(), mode: 0o600, kind: Kind::Ring }
    }

    /// The same file, with latest-value cells in it in place of a ring.
    pub(crate) fn of_cells(self) -> Self {
        RingFile { kind: Kind::Cells, ..self }
    }

    /// The same file, which, once it is [created](Self::create), its owner's group may read and write, and not its owner alone; and which
    /// is [opened](Self::open) also if another user created it. Unasked, that is an error.
    #[must_use = "this returns the file"]
    pub fn for_group(self) -> Self {
        RingFile { mode: 0o660, ..self }
    }

    /// Where the file is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Creates the file, with an empty ring of `capacity` slots, and opens it.
    ///
    /// The file appears whole, or not at all, and all its space is reserved.
    ///
    /// # Errors
    ///
    /// [`FileError::Exists`], [`FileError::NoSpace`], or whatever the system refuses; then nothing was left behind.
    pub fn create<S: Described, M: Mode>(&self, capacity: usize) -> Result<Ring<S, M>, FileError> {
        self.create_of(&S::fingerprint(), capacity)
    }

    /// The same, of slots that are described so.
    fn create_of<S: Described, M: Mode>(
        &self,
        fingerprint: &Fingerprint,
        capacity: usize,
    ) -> Result<Ring<S, M>, FileError> {
        let (ring, draft) = self.prepare_of(self.identity()?, fingerprint, capacity, None)?;
        draft.name(&self.path)?;
        Ok(ring)
    }

    /// Creates the file, with a ring that is to have the sequences of another, `source`, from `first` on, and opens it. It has the source's identity,
    /// by which whoever goes on with it knows of which ring it is; sequences before `first` are holes.
    ///
    /// # Errors
    ///
    /// As [`create`](Self::create).
    ///
    /// # Panics
    ///
    /// If `first` is beyond [`Sequence::LAST`].
    ///
    /// ```
    /// # let directory = tempfile::tempdir()?;
    /// # let file = rusted_ring_shm::RingFile::at(directory.path().join("source"));
    /// # let mirror = rusted_ring_shm::RingFile::at(directory.path().join("mirror"));
    /// use rusted_ring::{Bytes, Many, Sequence, SolePublisher};
    ///
    /// let source = file.create::<Bytes<64>, Many>(1024)?.peers().identity();
    /// let ring = mirror.create_mirror::<Bytes<64>>(source, 1024, Sequence::new(5000))?;
    /// assert_eq!(ring.peers().identity(), source);
    /// assert_eq!(SolePublisher::join(ring)?.publish(b"event 5000", 1)?.get(), 5000);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn create_mirror<S: Described + BytesSlot>(
        &self,
        source: Identity,
        capacity: usize,
        first: Sequence,
    ) -> Result<Ring<S, Sole>, FileError> {
        let (ring, draft) = self.prepare_of::<S, Sole>(source, &S::fingerprint(), capacity, None)?;
        let publisher = SolePublisher::join(ring.clone());
        publisher.expect("a ring that nobody can find has no publisher").skip_to(first);
        draft.name(&self.path)?;
        Ok(ring)
    }

    /// Makes all of the file but its name, with an empty ring, which is a pool of `set`, and opens it.
    pub(crate) fn prepare<S: Described, M: Mode>(
        &self,
        capacity: usize,
        set: Option<u128>,
    ) -> Result<(Ring<S, M>, Draft), FileError> {
        self.prepare_of(self.identity()?, &S::fingerprint(), capacity, set)
    }

    fn prepare_of<S: Described, M: Mode>(
        &self,
        identity: Identity,
        fingerprint: &Fingerprint,
        capacity: usize,
        set: Option<u128>,
    ) -> Result<(Ring<S, M>, Draft), FileError> {
        let bytes = Ring::<S, M>::bytes_for(capacity).map_err(FileError::Slots)? + RING_AT;
        let properties = Properties::new::<M>(fingerprint, capacity as u64, bytes as u64, identity).of_set(set);
        let draft = self.draft(&properties)?;
        let ring = join_in(self, self.map(draft.file(&self.path)?, properties)?)?;
        Ok((ring, draft))
    }

    /// The file but for its name.
    pub(crate) fn draft(&self, properties: &Properties) -> Result<Draft, FileError> {
        gone::sweep(draft::directory(&self.path));
        Draft::whole(&self.path, self.mode, properties)
    }

    /// That of what is created now.
    pub(crate) fn identity(&self) -> Result<Identity, FileError> {
        let epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_nanos() as u64;
        Ok(Identity { id: self.random()?, epoch })
    }

    /// A number that no other file has.
    pub(crate) fn random(&self) -> Result<u128, FileError> {
        draft::random().map_err(|error| self.system("finding a number for", error))
    }

    /// Opens the ring.
    ///
    /// # Errors
    ///
    /// [`FileError::NotFound`], [`FileError::Foreign`], or what is wrong with the file: its version is judged before all else.
    pub fn open<S: Described, M: Mode>(&self) -> Result<Ring<S, M>, FileError> {
        self.open_with(None)
    }

    /// Opens a ring of values as the `N` bytes that each of these consists of, whatever their type is: for tools, which do not know it.
    ///
    /// # Errors
    ///
    /// As [`open`](Self::open); [`FileError::Mismatch`], if it holds no values, others than of `N` bytes, or notes beside them.
    pub fn open_as_bytes<const N: usize, M: Mode>(&self) -> Result<Ring<Typed<[u8; N]>, M>, FileError>
    where
        [u8; N]: Value,
    {
        let (file, properties) = self.read(true)?;
        properties.expect_values_of::<M>(N as u64)?;
        self.share(file, properties)
    }

    /// Opens the ring, or creates it, with `capacity` slots.
    ///
    /// # Errors
    ///
    /// As [`open`](Self::open) and [`create`](Self::create); [`FileError::Mismatch`], if it is there with another capacity.
    pub fn open_or_create<S: Described, M: Mode>(&self, capacity: usize) -> Result<Ring<S, M>, FileError> {
        self.open_or_create_of(&S::fingerprint(), capacity)
    }

    /// Opens a ring of values, or creates it, with `capacity` slots, as the `N` bytes that each value consists of: for tools, which know a type by what
    /// another ring's [`Properties`] say of it, its path as [`event`](Properties::event) and its [alignment](Properties::align_bytes).
    ///
    /// Programs that have the type open the ring as one of its values. Any bytes are a value for them, as whatever a ring between processes holds.
    ///
    /// # Errors
    ///
    /// As [`open_or_create`](Self::open_or_create).
    ///
    /// ```
    /// # let directory = tempfile::tempdir()?;
    /// # let file = rusted_ring_shm::RingFile::at(directory.path().join("ring"));
    /// use rusted_ring::{Many, Publisher, Start, Subscriber, Typed};
    ///
    /// let tool = file.open_or_create_as_bytes::<8, Many>("[u32; 2]", 4, 1024)?;
    /// let mut reader = Subscriber::join(file.open::<Typed<[u32; 2]>, Many>()?, Start::Newest);
    /// Publisher::join(tool)?.send(&[1, 0, 0, 0, 2, 0, 0, 0]);
    /// assert_eq!(reader.recv()?, [1, 2].map(u32::from_le));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn open_or_create_as_bytes<const N: usize, M: Mode>(
        &self,
        event: &str,
        align: u64,
        capacity: usize,
    ) -> Result<Ring<Typed<[u8; N]>, M>, FileError>
    where
        [u8; N]: Value,
    {
        self.open_or_create_of(&Fingerprint::of_values(event, N as u64, align), capacity)
    }

    fn open_or_create_of<S: Described, M: Mode>(
        &self,
        fingerprint: &Fingerprint,
        capacity: usize,
    ) -> Result<Ring<S, M>, FileError> {
        let mut outcome = self.open_of(fingerprint, Some(capacity as u64));
        for _ in 0..TRIES {
            outcome = match outcome {
                Err(FileError::NotFound(_)) => self.create_of(fingerprint, capacity),
                // Another process was quicker; it may remove it again.
                Err(FileError::Exists(_)) => self.open_of(fingerprint, Some(capacity as u64)),
                outcome => return outcome,
            };
        }
        outcome
    }

    /// Opens the ring to look at it: the file is mapped for reading alone, and nobody notices.
    ///
    /// # Errors
    ///
    /// As [`open`](Self::open).
    pub fn observe<S: Described, M: Mode>(&self) -> Result<Observer<S, M>, FileError> {
        let (file, properties) = self.read(false)?;
        properties.expect::<M>(&S::fingerprint(), None)?;
        let mapping = Mapping::new(file, properties, false).map_err(|error| self.system("mapping", error))?;
        Ok(Observer::new(ring_in(mapping)?))
    }

    /// Looks at the ring's books, whatever its slots and its mode are. The file is read, not mapped, and nobody notices.
    ///
    /// # Errors
    ///
    /// As [`open`](Self::open); but it may be any ring.
    pub fn observe_any(&self) -> Result<AnyObserver, FileError> {
        let (file, properties) = self.read(false)?;
        AnyObserver::new(self.clone(), file, properties)
    }

    /// What the file says of itself.
    ///
    /// # Errors
    ///
    /// As [`open`](Self::open); but it may be any ring.
    pub fn properties(&self) -> Result<Properties, FileError> {
        Ok(self.read(false)?.1)
    }

    pub(crate) fn open_with<S: Described, M: Mode>(&self, capacity: Option<u64>) -> Result<Ring<S, M>, FileError> {
        self.open_of(&S::fingerprint(), capacity)
    }

    fn open_of<S: Described, M: Mode>(
        &self,
        fingerprint: &Fingerprint,
        capacity: Option<u64>,
    ) -> Result<Ring<S, M>, FileError> {
        let (file, properties) = self.read(true)?;
        properties.expect::<M>(fingerprint, capacity)?;
        self.share(file, properties)
    }

    /// Maps `file`, to take part in a ring that others may have been in.
    fn share<S: Described, M: Mode>(&self, file: File, properties: Properties) -> Result<Ring<S, M>, FileError> {
        let ring = join_in(self, self.map(file, properties)?)?;
        self.check_found(ring.peers().file())?;
        Ok(ring)
    }

    /// Refuses a file that somebody has removed before it was seen that this process has it open.
    pub(crate) fn check_found(&self, file: &File) -> Result<(), FileError> {
        let metadata = file.metadata().map_err(|error| self.system("looking at", error))?;
        if metadata.nlink() == 0 { Err(FileError::NotFound(self.path.clone())) } else { Ok(()) }
    }

    pub(crate) fn map(&self, file: File, properties: Properties) -> Result<Mapping, FileError> {
        Mapping::new(file, properties, true).map_err(|error| self.system("mapping", error))
    }

    /// The file, and what it says of itself, which its length does not contradict.
    pub(crate) fn read(&self, to_write: bool) -> Result<(File, Properties), FileError> {
        let (file, metadata) = self.find(to_write)?;
        let properties = self.judge(&file, &metadata)?;
        let is_for_group = self.mode & 0o060 != 0;
        let me = rustix::process::geteuid().as_raw();
        if to_write && is_foreign(metadata.uid(), metadata.mode(), me, is_for_group) {
            return Err(FileError::Foreign { path: self.path.clone(), owner: metadata.uid(), mode: metadata.mode() });
        }
        Ok((file, properties))
    }

    /// The file, whatever it is.
    pub(crate) fn find(&self, to_write: bool) -> Result<(File, Metadata), FileError> {
        let mut options = OpenOptions::new();
        // Whatever has the ring's name, it is neither followed nor waited for.
        options.read(true).write(to_write).custom_flags(libc::O_NOFOLLOW | libc::O_NONBLOCK | libc::O_NOCTTY);
        let file = options.open(&self.path).map_err(|error| self.system("opening", error))?;
        let metadata = file.metadata().map_err(|error| self.system("looking at", error))?;
        if metadata.is_file() { Ok((file, metadata)) } else { Err(self.another_kind()) }
    }

    /// What the file says of itself, or what is wrong with it.
    pub(crate) fn judge(&self, file: &File, metadata: &Metadata) -> Result<Properties, FileError> {
        let mut bytes = [0; header::LEN];
        match file.read_exact_at(&mut bytes, 0) {
            Err(error) if error.kind() == ErrorKind::UnexpectedEof => return Err(self.another_kind()),
            outcome => outcome.map_err(|error| self.system("reading", error))?,
        }
        let properties = Properties::decode(&bytes, self.kind)?.ok_or_else(|| self.another_kind())?;
        if properties.bytes < RING_AT as u64 {
            return Err(FileError::Damaged("it is shorter than its header's page"));
        }
        if properties.bytes != metadata.len() {
            return Err(FileError::Damaged("its length is not what its header says"));
        }
        let reserved = draft::reserved(metadata);
        if reserved < metadata.len() {
            return Err(FileError::Sparse { path: self.path.clone(), reserved, needed: metadata.len() });
        }
        Ok(properties)
    }

    /// Refuses what is no static's, or one's whose process lives.
    pub(crate) fn check_left(&self, found: &File, properties: &Properties) -> Result<(), FileError> {
        if !properties.in_static {
            return Err(FileError::Exists(self.path.clone()));
        }
        if Mapping::is_owned(found).map_err(|error| self.system("locking", error))? {
            return Err(FileError::InUse(self.path.clone()));
        }
        Ok(())
    }

    fn another_kind(&self) -> FileError {
        match self.kind {
            Kind::Ring => FileError::NotARing(self.path.clone()),
            Kind::Cells => FileError::NotLatest(self.path.clone()),
        }
    }

    pub(crate) fn system(&self, what: &'static str, error: io::Error) -> FileError {
        let path = self.path.clone();
        match (error.kind(), error.raw_os_error()) {
            (ErrorKind::NotFound, _) => FileError::NotFound(path),
            (_, Some(libc::ELOOP)) => FileError::Link(path),
            // No directory is opened to be written.
            (ErrorKind::IsADirectory, _) => self.another_kind(),
            _ => FileError::System { what, path, error },
        }
    }
}

/// Whether another user may have put a file there, unasked, that belongs to `owner` and has these permissions: anybody may create files in
/// /dev/shm. The superuser's are everybody's.
fn is_foreign(owner: u32, permissions: u32, me: u32, is_for_group: bool) -> bool {
    let is_ours = owner == me || owner == 0;
    !is_ours && !is_for_group || permissions & 0o002 != 0
}

#[cfg(test)]
mod tests {
    use rusted_ring::{Bytes, Many};

    use super::*;

    #[test]
    fn a_file_is_ours_or_the_superusers_or_asked_for_and_nobody_elses_to_write() {
        for (owner, permissions, is_for_group, expected) in [
            (7, 0o600, false, false),
            (0, 0o660, false, false),
            (8, 0o660, false, true),
            (8, 0o600, false, true),
            (8, 0o660, true, false),
            (7, 0o666, false, true),
            (0, 0o602, true, true),
        ] {
            let found = is_foreign(owner, permissions, 7, is_for_group);
            assert_eq!(found, expected, "{owner} {permissions:o} {is_for_group}");
        }
    }

    #[test]
    fn a_header_that_is_all_of_its_file_is_damaged() {
        let directory = tempfile::tempdir().unwrap();
        let file = RingFile::at(directory.path().join("short"));
        let identity = Identity { id: 1, epoch: 1 };
        for bytes in [header::LEN, RING_AT - 1] {
            let properties = Properties::new::<Many>(&Bytes::<64>::fingerprint(), 1, bytes as u64, identity);
            let mut content = properties.encode().to_vec();
            content.resize(bytes, 0);
            std::fs::write(file.path(), content).unwrap();
            assert!(matches!(file.observe_any(), Err(FileError::Damaged(_))), "{bytes}");
        }
    }
}
