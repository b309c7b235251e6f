//! What is known of latest-value cells by looking at them.

use std::path::Path;

use rusted_ring_shm::{FileError, LatestFile, LatestProperties};
use serde_json::{Value, json};

use crate::{place, survey, text};

/// Latest-value cells, as they were found at one moment.
#[derive(Debug)]
pub(crate) struct Cells {
    pub(crate) name: String,
    pub(crate) properties: LatestProperties,
    /// Whether somebody has them open to take part; none, if the file system cannot say.
    alive: Option<bool>,
    /// The process that writes, if one does now.
    pub(crate) writer: Option<u32>,
    /// The processes that read.
    pub(crate) readers: Vec<u32>,
}

impl Cells {
    /// Those in the file at `path`.
    pub(crate) fn of(path: &Path) -> Result<Self, FileError> {
        let observer = LatestFile::at(path).observe()?;
        Ok(Cells {
            name: text::escaped(place::name(path).as_bytes()),
            properties: observer.properties().clone(),
            alive: observer.is_in_use().ok(),
            writer: observer.writer(),
            readers: observer.readers(),
        })
    }

    pub(crate) fn state(&self) -> &'static str {
        survey::state(self.alive)
    }

    /// What lies under a key.
    pub(crate) fn value(&self) -> String {
        let LatestProperties { ref value, value_bytes, .. } = self.properties;
        format!("{} {}", text::bytes(value_bytes), text::escaped(value.as_bytes()))
    }

    pub(crate) fn json(&self) -> Value {
        let LatestProperties { identity, keys, readers, ref value, value_bytes, bytes, .. } = self.properties;
        json!({
            "latest": self.name,
            "state": self.state(),
            "id": format!("{:032x}", identity.id),
            "epoch": identity.epoch,
            "keys": keys,
            "value": value,
            "value_bytes": value_bytes,
            "most_readers": readers,
            "file_bytes": bytes,
            "writer_process": self.writer,
            "reader_processes": self.readers,
        })
    }
}

/// Whether latest-value cells are in the file at `path`, be they damaged or of another version.
pub(crate) fn are_at(path: &Path) -> bool {
    matches!(
        LatestFile::at(path).properties(),
        Ok(_)
            | Err(FileError::Version { .. }
                | FileError::Mismatch { .. }
                | FileError::Damaged(_)
                | FileError::Sparse { .. })
    )
}
