//! Who competes.

mod disruptor_mp;
#[cfg(feature = "iceoryx2")]
mod iceoryx;
mod ringfire;
mod rusted_ring;

use crate::contender::Contender;

/// Whose it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Side {
    Ours,
    Rival,
}

/// A row of the tables.
#[derive(Debug)]
pub(crate) struct Row {
    pub(crate) name: &'static str,
    pub(crate) side: Side,
    /// Whether a slow reader loses events; such rows compete among themselves.
    pub(crate) is_lossy: bool,
}

const fn row(name: &'static str, side: Side, is_lossy: bool) -> Row {
    Row { name, side, is_lossy }
}

/// All rows, also those that were left out when this was built.
pub(crate) const ROWS: [Row; 8] = [
    row("rusted-ring-bytes", Side::Ours, false),
    row("rusted-ring-typed", Side::Ours, false),
    row("rusted-ring-trusted", Side::Ours, false),
    row("iceoryx2", Side::Rival, false),
    row("ringfire-lossless", Side::Rival, false),
    row("disruptor-mp", Side::Rival, false),
    row("rusted-ring-lossy", Side::Ours, true),
    row("ringfire-lossy", Side::Rival, true),
];

/// Their names.
pub(crate) const NAMES: [&str; ROWS.len()] = {
    let mut names = [""; ROWS.len()];
    let mut index = 0;
    while index < ROWS.len() {
        names[index] = ROWS[index].name;
        index += 1;
    }
    names
};

/// Whether it was built in.
pub(crate) fn is_built(row: &Row) -> bool {
    cfg!(feature = "iceoryx2") || row.name != "iceoryx2"
}

/// What is done with a contender once it is a type.
pub(crate) trait With {
    type Output;

    fn with<C: Contender>(self) -> Self::Output;
}

/// Calls `what` with the contender of this name; none, if there is none.
pub(crate) fn with<W: With>(name: &str, what: W) -> Option<W::Output> {
    Some(match name {
        "rusted-ring-bytes" => what.with::<rusted_ring::Copied>(),
        "rusted-ring-typed" => what.with::<rusted_ring::Values>(),
        "rusted-ring-trusted" => what.with::<rusted_ring::Trusted>(),
        "rusted-ring-lossy" => what.with::<rusted_ring::Lossy>(),
        #[cfg(feature = "iceoryx2")]
        "iceoryx2" => what.with::<iceoryx::Iceoryx>(),
        "ringfire-lossless" => what.with::<ringfire::Lossless>(),
        "ringfire-lossy" => what.with::<ringfire::Lossy>(),
        "disruptor-mp" => what.with::<disruptor_mp::DisruptorMp>(),
        _ => return None,
    })
}
