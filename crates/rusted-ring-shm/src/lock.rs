//! Locks of bytes of a file, which belong to an open file description: the kernel ends them when its last descriptor is closed, however
//! the process ends. Locks of a process would end when any descriptor of the file is closed.

use std::{
    fs::File,
    io,
    os::fd::{AsRawFd, RawFd},
};

/// Tries to lock the byte `at` of `file`; an error, if another description has it.
pub(crate) fn lock(file: &File, at: i64) -> io::Result<()> {
    request(file, libc::F_OFD_SETLK, libc::F_WRLCK, at).map(drop)
}

/// As [`lock`], where it is no error that another description has it: whether this one has it now.
pub(crate) fn try_lock(file: &File, at: i64) -> io::Result<bool> {
    unless_elsewhere(lock(file, at))
}

/// Locks the byte `at` of `file` for itself and for others that do the same; false, if another description has it alone.
pub(crate) fn try_lock_with_others(file: &File, at: i64) -> io::Result<bool> {
    unless_elsewhere(request(file, libc::F_OFD_SETLK, libc::F_RDLCK, at).map(drop))
}

fn unless_elsewhere(outcome: io::Result<()>) -> io::Result<bool> {
    match outcome {
        Err(error) if matches!(error.raw_os_error(), Some(libc::EAGAIN | libc::EACCES)) => Ok(false),
        outcome => outcome.map(|()| true),
    }
}

/// Ends a lock of this file's description.
pub(crate) fn unlock(file: &File, at: i64) -> io::Result<()> {
    request(file, libc::F_OFD_SETLK, libc::F_UNLCK, at).map(drop)
}

/// Whether another description has a lock of the byte `at`.
pub(crate) fn is_locked_elsewhere(file: &File, at: i64) -> io::Result<bool> {
    Ok(request(file, libc::F_OFD_GETLK, libc::F_WRLCK, at)?.l_type != libc::F_UNLCK as libc::c_short)
}

fn request(file: &File, command: libc::c_int, kind: libc::c_int, at: i64) -> io::Result<libc::flock> {
    let mut lock = libc::flock {
        l_type: kind as libc::c_short,
        l_whence: libc::SEEK_SET as libc::c_short,
        l_start: at,
        l_len: 1,
        l_pid: 0,
    };
    let descriptor: RawFd = file.as_raw_fd();
    // SAFETY: the descriptor is open while the file is borrowed, and these commands read and write one `flock`.
    match unsafe { libc::fcntl(descriptor, command, &raw mut lock) } {
        -1 => Err(io::Error::last_os_error()),
        _ => Ok(lock),
    }
}

#[cfg(test)]
mod tests {
    use std::fs::OpenOptions;

    use super::*;

    #[test]
    fn a_lock_is_of_one_description_and_ends_with_it_alone() {
        let directory = tempfile::tempdir().unwrap();
        let open = || {
            let mut options = OpenOptions::new();
            options.read(true).write(true).create(true).truncate(false).open(directory.path().join("file")).unwrap()
        };
        let (first, second, third) = (open(), open(), open());
        lock(&first, 5).unwrap();
        assert!(lock(&second, 5).is_err());
        assert!(lock(&second, 6).is_ok());
        assert!(is_locked_elsewhere(&second, 5).unwrap() && !is_locked_elsewhere(&first, 5).unwrap());
        // Any other descriptor of the file may be closed.
        drop(third);
        assert!(lock(&second, 5).is_err());
        unlock(&first, 5).unwrap();
        lock(&second, 5).unwrap();
        drop(second);
        assert!(!is_locked_elsewhere(&first, 5).unwrap());

        let (second, third) = (open(), open());
        assert!(try_lock_with_others(&second, 7).unwrap() && try_lock_with_others(&third, 7).unwrap());
        assert!(!try_lock(&first, 7).unwrap());
        drop(second);
        assert!(is_locked_elsewhere(&first, 7).unwrap() && !is_locked_elsewhere(&third, 7).unwrap());
        drop(third);
        assert!(try_lock(&first, 7).unwrap());
        assert!(!try_lock_with_others(&open(), 7).unwrap());
    }
}
