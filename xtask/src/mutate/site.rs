//! An ordering in the source: its strength, its role, its place.

use std::fmt;
use std::ops::Range;

/// How strongly an access is ordered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Strength {
    Relaxed,
    Acquire,
    Release,
    AcqRel,
    SeqCst,
}

impl Strength {
    pub(super) fn named(name: &str) -> Option<Self> {
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
pub(super) enum Role {
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
pub(super) struct Site {
    pub(super) strength: Strength,
    pub(super) role: Role,
    /// The innermost function around it; empty outside of one.
    pub(super) function: String,
    pub(super) line: usize,
    /// The line on which its statement, or arm of a match, begins.
    pub(super) statement: usize,
    /// The bytes of the ordering.
    pub(super) bytes: Range<usize>,
    /// Whether no model contains it, because it is compiled only without loom.
    pub(super) unseen: bool,
    /// The names of the label above it.
    pub(super) labels: Vec<String>,
}
