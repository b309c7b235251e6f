//! Which ring a recording is of, as its channel of events says.

use std::collections::BTreeMap;

/// The version of what is described in the crate's documentation.
pub(crate) const VERSION: &str = "1";

/// This machine's.
pub(crate) const BYTE_ORDER: &str = if cfg!(target_endian = "little") { "little" } else { "big" };

/// Which ring was recorded, and what it was: enough to make another one like it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// What the ring was called.
    pub ring: String,
    /// The random number that tells it from all others.
    pub id: u128,
    /// When it was created, in nanoseconds since 1970.
    pub epoch: u64,
    /// Slots.
    pub capacity: u64,
    /// Whether many may publish at a time.
    pub many: bool,
    /// Whether its slots hold values of one type, and not bytes.
    pub typed: bool,
    /// What its slots hold: `bytes`, perhaps with notes, or the path of the values' type.
    pub event: String,
    /// Bytes of an event, at most; of a value, exactly.
    pub event_bytes: u64,
    /// Alignment of a value; 1 for bytes.
    pub align: u64,
    /// Whether the recorder was a Consumer, so that publishers waited for it, and nothing was lost.
    pub lossless: bool,
    /// The sequence at which the recording begins.
    pub first: u64,
}

/// What is wrong with what a channel says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Wrong {
    /// It is of this version of the format.
    Version(String),
    /// It is of a machine with this order of bytes.
    ByteOrder(String),
    /// It cannot have been written so.
    Damaged(String),
}

impl From<String> for Wrong {
    fn from(what: String) -> Self {
        Wrong::Damaged(what)
    }
}

impl Origin {
    pub(crate) fn to_map(&self) -> BTreeMap<String, String> {
        let choice = |is: bool, yes: &str, no: &str| if is { yes } else { no }.to_owned();
        [
            ("version", VERSION.to_owned()),
            ("byte_order", BYTE_ORDER.to_owned()),
            ("ring", self.ring.clone()),
            ("id", format!("{:032x}", self.id)),
            ("epoch", self.epoch.to_string()),
            ("capacity", self.capacity.to_string()),
            ("publishers", choice(self.many, "many", "one")),
            ("content", choice(self.typed, "values", "bytes")),
            ("event", self.event.clone()),
            ("event_bytes", self.event_bytes.to_string()),
            ("align", self.align.to_string()),
            ("recorder", choice(self.lossless, "consumer", "subscriber")),
            ("first", self.first.to_string()),
        ]
        .map(|(key, value)| (key.to_owned(), value))
        .into()
    }

    /// What `map` says, or what is wrong with it.
    pub(crate) fn of_map(map: &BTreeMap<String, String>) -> Result<Self, Wrong> {
        let text = |key: &str| map.get(key).cloned().ok_or_else(|| format!("its channel does not say `{key}`"));
        let no_number = |key: &str| format!("its channel's `{key}` is no number");
        let number = |key| text(key)?.parse().map_err(|_| no_number(key));
        let choice = |key, yes: &str, no: &str| match text(key)? {
            value if value == yes => Ok(true),
            value if value == no => Ok(false),
            _ => Err(format!("its channel's `{key}` is neither `{yes}` nor `{no}`")),
        };
        match text("version")? {
            version if version == VERSION => {}
            found => return Err(Wrong::Version(found)),
        }
        match text("byte_order")? {
            order if order == BYTE_ORDER => {}
            found => return Err(Wrong::ByteOrder(found)),
        }
        Ok(Origin {
            ring: text("ring")?,
            id: u128::from_str_radix(&text("id")?, 16).map_err(|_| no_number("id"))?,
            epoch: number("epoch")?,
            capacity: number("capacity")?,
            many: choice("publishers", "many", "one")?,
            typed: choice("content", "values", "bytes")?,
            event: text("event")?,
            event_bytes: number("event_bytes")?,
            align: number("align")?,
            lossless: choice("recorder", "consumer", "subscriber")?,
            first: number("first")?,
        })
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) fn origin() -> Origin {
        Origin {
            ring: "strokes".to_owned(),
            id: 0xd120_f22e,
            epoch: 1_796_043_420_015_374_383,
            capacity: 8,
            many: true,
            typed: false,
            event: "bytes".to_owned(),
            event_bytes: 64,
            align: 1,
            lossless: false,
            first: 17,
        }
    }

    #[test]
    fn an_origin_is_read_as_it_was_written_and_each_key_is_needed() {
        let values = Origin { many: false, typed: true, lossless: true, ..origin() };
        for origin in [origin(), values] {
            assert_eq!(Origin::of_map(&origin.to_map()), Ok(origin.clone()));
            for key in origin.to_map().keys() {
                let mut lacking = origin.to_map();
                lacking.remove(key);
                let Err(Wrong::Damaged(what)) = Origin::of_map(&lacking) else { panic!("{key}") };
                assert!(what.contains(key), "{what}");
                // A name may be anything.
                if !["ring", "event"].contains(&key.as_str()) {
                    lacking.insert(key.clone(), "no such thing".to_owned());
                    Origin::of_map(&lacking).unwrap_err();
                }
            }
        }
    }
}
