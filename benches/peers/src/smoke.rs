//! Every cell once, with a few hundred events, to see that it works.

use crate::cell::Cell;
use crate::cli::Selection;
use crate::contenders::{Kind, Side};
use crate::payload::Check;
use crate::sample::Ending;
use crate::workload::Limit;
use anyhow::ensure;
use std::time::Duration;

const LIMIT: Limit = Limit { time: Duration::from_secs(1), events: 300 };
/// The smallest, and a large one.
const PAYLOADS: [usize; 2] = [64, 16384];

/// Fails if a cell of ours does; a rival that fails is told.
pub(crate) fn smoke() -> anyhow::Result<()> {
    let (refused, cells): (Vec<Cell>, Vec<Cell>) =
        Cell::all(&Selection::default(), &PAYLOADS).into_iter().partition(|cell| cell.refusal().is_some());
    let mut failed = 0;
    for cell in &cells {
        let Some(complaint) = complaint(cell.row.kind, cell.run(LIMIT, Check::Full)?) else { continue };
        let rival = cell.row.side == Side::Rival;
        failed += u32::from(!rival);
        println!("{}: {}: {complaint}", if rival { "a rival's" } else { "FAILED" }, cell.name());
    }
    println!("{} cells ran, {} are not applicable, {failed} of ours failed", cells.len(), refused.len());
    ensure!(failed == 0, "{failed} cells of ours failed");
    Ok(())
}

/// What is wrong with how a cell ended.
fn complaint(kind: Kind, ending: Ending) -> Option<String> {
    let measured = match ending {
        Ending::Measured(measured) => measured,
        Ending::Failed { reason } | Ending::NotApplicable { reason } => return Some(reason),
    };
    if measured.faults.unsound() {
        return Some(format!("what came is not what was sent: {:?}", measured.faults));
    }
    // A lossy reader may come when all is over.
    if kind != Kind::Lossy && (measured.faults.lost > 0 || measured.events == 0) {
        return Some(format!("it must not lose: {} came, {} were lost", measured.events, measured.faults.lost));
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::payload::Faults;
    use crate::sample::Measured;

    fn ended(events: u64, faults: Faults) -> Ending {
        Ending::Measured(Measured { events, seconds: 1.0, value: 1.0, percentiles: None, faults, probe: [0.0; 2] })
    }

    #[test]
    fn a_loss_is_wrong_where_nothing_may_be_lost() {
        let lost = Faults { lost: 1, ..Faults::default() };
        assert!(complaint(Kind::Broadcast, ended(9, lost)).is_some());
        assert!(complaint(Kind::Queue, ended(0, Faults::default())).is_some());
        assert!(complaint(Kind::Lossy, ended(0, lost)).is_none());
        assert!(complaint(Kind::Broadcast, ended(9, Faults::default())).is_none());
    }

    #[test]
    fn a_torn_event_is_always_wrong() {
        let torn = Faults { torn: 1, ..Faults::default() };
        assert!(complaint(Kind::Lossy, ended(9, torn)).is_some());
    }
}
