//! Looking at latest-value cells without taking part.

use std::{fs::File, io, os::unix::fs::FileExt};

use rusted_ring::Lease;

use super::LatestProperties;
use crate::{
    FileError, Properties, RingFile,
    header::{READERS, RING_AT},
    mapping::Mapping,
    memory::Memory,
};

/// Latest-value cells of any values that are only looked at: what a tool needs that meets cells of other programs.
///
/// Their file is read and not mapped, and nobody notices. It says who writes and who reads, and shows no values, for these are of a type.
///
/// ```
/// # let directory = tempfile::tempdir()?;
/// # let file = rusted_ring_shm::LatestFile::at(directory.path().join("prices"));
/// use rusted_ring_shm::SharedLatest;
///
/// let prices: SharedLatest<[u64; 2]> = file.create(100, 8)?;
/// let _writer = prices.writer()?;
/// let observer = file.observe()?;
/// assert_eq!(observer.writer(), Some(std::process::id()));
/// assert_eq!(observer.properties().keys, 100);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct LatestObserver {
    properties: LatestProperties,
    header: Mapping,
}

impl LatestObserver {
    pub(super) fn new(from: &RingFile, file: File, properties: Properties) -> Result<Self, FileError> {
        let memory = Memory::copy(RING_AT as u64, |header| file.read_exact_at(header, 0));
        let memory = memory.map_err(|error| match error.kind() {
            io::ErrorKind::UnexpectedEof => FileError::Damaged("it was truncated while it was looked at"),
            _ => from.system("reading", error),
        })?;
        let header = Mapping::copied(memory, file, properties.clone());
        Ok(LatestObserver { properties: properties.into(), header })
    }

    /// What the file says of itself.
    pub fn properties(&self) -> &LatestProperties {
        &self.properties
    }

    /// The number of the process that writes, to be shown to people; none, if nobody does.
    pub fn writer(&self) -> Option<u32> {
        self.header.holder(Lease::Publisher)
    }

    /// The number of the process of each reader.
    pub fn readers(&self) -> Vec<u32> {
        (0..READERS).filter_map(|entry| self.header.holder(Lease::Reader(entry))).collect()
    }

    /// Whether a process has the cells open to take part. Observers do not count.
    ///
    /// # Errors
    ///
    /// If the file system cannot say.
    pub fn is_in_use(&self) -> io::Result<bool> {
        self.header.is_open_elsewhere()
    }
}
