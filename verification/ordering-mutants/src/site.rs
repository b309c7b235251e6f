//! An ordering in the source: its strength, its role, its place.

use std::fmt;
use std::ops::Range;

/// How strongly an access is ordered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Strength {
    Relaxed,
    Acquire,
    Release,
    AcqRel,
    SeqCst,
}

impl Strength {
    pub(crate) fn named(name: &str) -> Option<Self> {
        Some(match name {
            "Relaxed" => Self::Relaxed,
            "Acquire" => Self::Acquire,
            "Release" => Self::Release,
            "AcqRel" => Self::AcqRel,
            "SeqCst" => Self::SeqCst,
            _ => return None,
        })
    }
}

impl fmt::Display for Strength {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}

/// What an ordering is an argument of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// A fence: the bytes of the whole call.
    Fence {
        call: Range<usize>,
    },
    Load,
    Store,
    /// The ordering of a failing exchange, which is that of a load.
    Failure,
    /// A read-modify-write, or a function that passes the ordering on.
    Other,
    /// A read-modify-write that changes nothing: the name of the method, and its bytes with its arguments.
    Unchanging {
        method: String,
        call: Range<usize>,
    },
}

/// One ordering in the source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Site {
    pub(crate) strength: Strength,
    pub(crate) role: Role,
    /// The innermost function around it; empty outside of one.
    pub(crate) function: String,
    pub(crate) line: usize,
    /// The line on which its statement, or arm of a match, begins.
    pub(crate) statement: usize,
    /// The bytes of the ordering.
    pub(crate) bytes: Range<usize>,
    /// Whether no model contains it, because it is compiled only without the checker.
    pub(crate) unseen: bool,
    /// The names of the label above it.
    pub(crate) labels: Vec<String>,
}
