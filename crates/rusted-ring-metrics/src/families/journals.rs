//! What is said of journals.

use super::{Family, Kind, Take, Unit, Value};
use crate::{
    collector::Shown,
    journals::{JournalAccount, lag},
    source::Journaled,
};

/// What is said of journals.
pub(crate) const JOURNALS: [Family; 13] = [
    Family {
        name: "rusted_ring_journal_written",
        unit: Unit::InName("sequences"),
        help: "Sequences that are accounted for in files, lost ones and holes included, since the journal was registered or its recording began.",
        kind: Kind::Counter,
        values: |shown, take| journals(shown, take, |account, _| Value::Whole(account.written)),
    },
    Family {
        name: "rusted_ring_journal_durable",
        unit: Unit::InName("sequences"),
        help: "Sequences that are accounted for and synced, since the journal was registered or its recording began.",
        kind: Kind::Counter,
        values: |shown, take| journals(shown, take, |account, _| Value::Whole(account.durable)),
    },
    Family {
        name: "rusted_ring_journal_lost",
        unit: Unit::InName("sequences"),
        help: "Sequences that a full disk lost, or that came while nobody recorded.",
        kind: Kind::Counter,
        values: |shown, take| journals(shown, take, |account, _| Value::Whole(account.lost)),
    },
    Family {
        name: "rusted_ring_journal_lag",
        unit: Unit::InName("sequences"),
        help: "Claimed sequences that are not in files.",
        kind: Kind::Gauge,
        values: |shown, take| journals(shown, take, |_, last| Value::Whole(lag(last))),
    },
    Family {
        name: "rusted_ring_journal_delay",
        unit: Unit::Seconds,
        help: "How long ago an earlier reading saw claimed what is still not in files, claims that a publisher holds included.",
        kind: Kind::Gauge,
        values: |shown, take| journals(shown, take, |account, _| Value::Real(account.delay.as_secs_f64())),
    },
    Family {
        name: "rusted_ring_journal_kept",
        unit: Unit::InName("sequences"),
        help: "Sequences of the recording that are still accounted for in files, lost ones and holes included.",
        kind: Kind::Gauge,
        values: |shown, take| {
            journals(shown, take, |_, last| Value::Whole(last.written.get().saturating_sub(last.oldest.get())))
        },
    },
    Family {
        name: "rusted_ring_journal_segments",
        unit: Unit::Each("segment"),
        help: "The journal's segments.",
        kind: Kind::Gauge,
        values: |shown, take| journals(shown, take, |_, last| Value::Whole(last.segments)),
    },
    Family {
        name: "rusted_ring_journal_size",
        unit: Unit::Bytes,
        help: "Bytes of the segments.",
        kind: Kind::Gauge,
        values: |shown, take| journals(shown, take, |_, last| Value::Whole(last.bytes)),
    },
    Family {
        name: "rusted_ring_journal_full",
        unit: Unit::None,
        help: "Whether the last write failed: 1 while the disk is full, or refuses.",
        kind: Kind::Gauge,
        values: |shown, take| journals(shown, take, |_, last| Value::Whole(last.is_full.into())),
    },
    Family {
        name: "rusted_ring_journal_recording",
        unit: Unit::None,
        help: "Whether events are recorded: 1 if so.",
        kind: Kind::Gauge,
        values: |shown, take| journals(shown, take, |_, last| Value::Whole(last.is_recording.into())),
    },
    Family {
        name: "rusted_ring_journal_failed",
        unit: Unit::None,
        help: "Whether the recording ended by an error: 1 if so.",
        kind: Kind::Gauge,
        values: |shown, take| journals(shown, take, |_, last| Value::Whole(last.has_failed.into())),
    },
    Family {
        name: "rusted_ring_journal_max_size",
        unit: Unit::Bytes,
        help: "The size beyond which old segments are removed, if there is a bound.",
        kind: Kind::Gauge,
        values: |shown, take| bounds(shown, take, |last| last.max_bytes.map(Value::Whole)),
    },
    Family {
        name: "rusted_ring_journal_max_age",
        unit: Unit::Seconds,
        help: "The age beyond which old segments are removed, if there is a bound.",
        kind: Kind::Gauge,
        values: |shown, take| bounds(shown, take, |last| last.max_age.map(|age| Value::Real(age.as_secs_f64()))),
    },
];

fn journals(shown: &Shown<'_>, take: &mut Take<'_>, value: fn(&JournalAccount, &Journaled) -> Value) {
    for (journal, account, last) in shown.journals {
        take(&[("journal", *journal)], value(account, last));
    }
}

fn bounds(shown: &Shown<'_>, take: &mut Take<'_>, bound: fn(&Journaled) -> Option<Value>) {
    for (journal, _, last) in shown.journals {
        bound(last).into_iter().for_each(|bound| take(&[("journal", *journal)], bound));
    }
}
