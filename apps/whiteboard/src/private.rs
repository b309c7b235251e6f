//! Files that only their owner may access.

use std::fs::{File, Metadata, OpenOptions};
use std::io;
use std::path::Path;

/// Whether others than the owner may do anything with it. False where no mode tells.
pub(crate) fn is_open_to_others(metadata: &Metadata) -> bool {
    #[cfg(unix)]
    return std::os::unix::fs::PermissionsExt::mode(&metadata.permissions()) & 0o077 != 0;
    #[cfg(not(unix))]
    {
        let _ = metadata;
        false
    }
}

/// Whether it belongs to somebody other than this process's user or root. False where there are no owners.
pub(crate) fn is_of_another(metadata: &Metadata) -> bool {
    #[cfg(unix)]
    {
        let owner = std::os::unix::fs::MetadataExt::uid(metadata);
        owner != 0 && owner != rustix::process::geteuid().as_raw()
    }
    #[cfg(not(unix))]
    {
        let _ = metadata;
        false
    }
}

/// Makes the options create files for their owner alone, where a mode can say so.
pub(crate) fn for_owner_only(options: &mut OpenOptions) -> &mut OpenOptions {
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600);
    options
}

/// Opens a file of the data directory: a plain one, and no link to one elsewhere. It does not wait for anything else.
pub(crate) fn open(options: &OpenOptions, path: &Path) -> io::Result<File> {
    plain(options, path, true)
}

/// The same for a file that the user has named: it may be a link.
pub(crate) fn open_named(options: &OpenOptions, path: &Path) -> io::Result<File> {
    plain(options, path, false)
}

fn plain(options: &OpenOptions, path: &Path, no_link: bool) -> io::Result<File> {
    let mut options = options.clone();
    #[cfg(unix)]
    {
        use rustix::fs::OFlags;
        let no_link = if no_link { OFlags::NOFOLLOW } else { OFlags::empty() };
        let flags = (OFlags::NONBLOCK | no_link).bits();
        std::os::unix::fs::OpenOptionsExt::custom_flags(&mut options, flags.cast_signed());
    }
    #[cfg(not(unix))]
    let _ = no_link;
    let is_link = || no_link && std::fs::symlink_metadata(path).is_ok_and(|found| found.is_symlink());
    let file = match options.open(path) {
        Err(_) if is_link() => {
            return Err(io::Error::other("it is a link, and is not followed; put the file itself there"));
        }
        opened => opened?,
    };
    if !file.metadata()?.is_file() {
        return Err(io::Error::other("it is no plain file"));
    }
    Ok(file)
}

/// Syncs the names in a directory: one that is not on disk is gone after a power failure. Where directories cannot be
/// synced, their names are on disk already.
pub(crate) fn sync(directory: &Path) {
    if let Ok(directory) = File::open(directory) {
        let _ = directory.sync_all();
    }
}
