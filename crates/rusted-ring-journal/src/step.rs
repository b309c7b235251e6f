//! Named steps at which a test kills the process, or lets the system refuse something. In the library that ships they are nothing.

use std::{fs::File, io, os::unix::fs::FileExt};

/// A step; it is named for what was done last.
#[cfg_attr(not(test), allow(dead_code, reason = "a step is nothing outside tests"))]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// Nothing of a batch is in the segment yet.
    Append,
    AppendHalf,
    /// All of it is, and readers do not know.
    AppendWritten,
    /// The next segment is a file without a byte.
    RollCreated,
    RollHead,
    RollHalf,
    /// It has its first batch, and the directory is not synced.
    RollWritten,
    /// It is, and readers do not know.
    RollSynced,
    /// The segment is to be synced.
    Sync,
    /// It is, and nobody knows.
    Synced,
    /// A segment of an epoch that is resumed is to be synced.
    ResumeSync,
    /// What a write that failed left is to be cut.
    Cut,
    /// The oldest segment is not listed any more, and still there.
    Retain,
    Retained,
    /// The torn tail that was found is to be cut.
    OpenCut,
    OpenCutDone,
    /// A position's new file is written.
    PositionWritten,
    PositionSynced,
    PositionRenamed,
    /// A reader found a segment, and has it open.
    RepairOpened,
    /// A reader found its record, and has not copied it.
    RepairFound,
}

/// Notes that a step was reached.
#[cfg(not(test))]
#[inline(always)]
pub(crate) fn reach(_: Step) -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
pub(crate) use crate::crash::seam::reach;

/// Writes `bytes` at a place, with a step in the middle.
pub(crate) fn write_all_at(file: &File, bytes: &[u8], at: u64, half: Step) -> io::Result<()> {
    let (first, second) = bytes.split_at(if cfg!(test) { bytes.len() / 2 } else { bytes.len() });
    file.write_all_at(first, at)?;
    reach(half)?;
    file.write_all_at(second, at + first.len() as u64)
}
