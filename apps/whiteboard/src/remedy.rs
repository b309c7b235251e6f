//! What a person can do about an error of the system.

use std::fmt::Display;
use std::io::{Error, ErrorKind};

/// Says that this failed by this error, and what to do about it; `otherwise` is how to do without.
pub(crate) fn explained(failed: impl Display, error: &Error, otherwise: &str) -> anyhow::Error {
    match of(error.kind(), otherwise) {
        Some(remedy) => anyhow::anyhow!("{failed}: {error}; {remedy}"),
        None => anyhow::anyhow!("{failed}: {error}"),
    }
}

fn of(kind: ErrorKind, otherwise: &str) -> Option<String> {
    Some(match kind {
        ErrorKind::PermissionDenied => format!("give this user the right to it, or {otherwise}"),
        ErrorKind::ReadOnlyFilesystem => format!("nothing can be written there; {otherwise}"),
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => format!("make room there, or {otherwise}"),
        ErrorKind::FileTooLarge => {
            format!("files may not become so long here: raise the limit (ulimit -f), or {otherwise}")
        }
        ErrorKind::AlreadyExists | ErrorKind::NotADirectory => {
            format!("there is a file where a directory is wanted; {otherwise}")
        }
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_that_a_person_can_do_something_about_says_what() {
        for (kind, word) in [
            (ErrorKind::PermissionDenied, "the right to it"),
            (ErrorKind::StorageFull, "make room"),
            (ErrorKind::FileTooLarge, "ulimit -f"),
            (ErrorKind::NotADirectory, "there is a file"),
        ] {
            let told = explained("cannot make x", &kind.into(), "name another by --data DIR").to_string();
            assert!(told.starts_with("cannot make x: ") && told.contains(word), "{told}");
            assert!(told.ends_with("name another by --data DIR"), "{told}");
        }
        let told = explained("cannot make x", &ErrorKind::Interrupted.into(), "?").to_string();
        assert!(!told.contains('?'), "{told}");
    }
}
