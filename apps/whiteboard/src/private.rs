//! What is its owner's alone on disk.

use std::fs::{Metadata, OpenOptions};

/// Whether others than the owner may do anything with it. Where that is not told by a mode, no.
pub(crate) fn is_open_to_others(metadata: &Metadata) -> bool {
    #[cfg(unix)]
    return std::os::unix::fs::PermissionsExt::mode(&metadata.permissions()) & 0o077 != 0;
    #[cfg(not(unix))]
    {
        let _ = metadata;
        false
    }
}

/// A file made with these options is its owner's alone, where a mode says so.
pub(crate) fn for_owner_only(options: &mut OpenOptions) {
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600);
    #[cfg(not(unix))]
    let _ = options;
}
