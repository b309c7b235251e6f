//! What a recording lacks, and why.

use serde_json::{Value, json};

/// Sequences of which a recording has no events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Missing {
    /// When the recorder learned of it, in nanoseconds since 1970.
    pub time: u64,
    /// The first of them.
    pub from: u64,
    /// The one behind the last of them.
    pub to: u64,
    /// Why there are no events.
    pub why: Why,
}

/// Why there is no event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// It was overwritten before the recorder came to it.
    Lost,
    /// The sequence carries none.
    Hole,
}

impl Why {
    /// As the ledger calls it.
    pub fn name(self) -> &'static str {
        match self {
            Why::Lost => "lost",
            Why::Hole => "hole",
        }
    }
}

/// Bytes of a message, at most: anything longer is none of these, and is not parsed.
const LONGEST: usize = 256;

impl Missing {
    /// How many these are.
    pub fn count(&self) -> u64 {
        self.to.saturating_sub(self.from)
    }

    pub(crate) fn encode(&self) -> Vec<u8> {
        json!({ "from": self.from, "to": self.to, "count": self.count(), "reason": self.why.name() })
            .to_string()
            .into_bytes()
    }

    /// What `message` says; none, if it is not what was written.
    pub(crate) fn decode(time: u64, message: &[u8]) -> Option<Self> {
        if message.len() > LONGEST {
            return None;
        }
        let value: Value = serde_json::from_slice(message).ok()?;
        let why = [Why::Lost, Why::Hole].into_iter().find(|why| value["reason"] == why.name())?;
        let missing = Missing { time, from: value["from"].as_u64()?, to: value["to"].as_u64()?, why };
        (value["count"].as_u64() == Some(missing.count())).then_some(missing)
    }
}

/// The schema of such messages.
pub(crate) fn schema() -> Vec<u8> {
    json!({
        "title": "rusted_ring.Missing",
        "description": "Sequences of a ring of which the recording has no events",
        "type": "object",
        "properties": {
            "from": { "type": "integer", "description": "the first of them" },
            "to": { "type": "integer", "description": "the one behind the last of them" },
            "count": { "type": "integer", "description": "how many these are" },
            "reason": {
                "type": "string",
                "enum": [Why::Lost.name(), Why::Hole.name()],
                "description": "lost: overwritten before the recorder came to them; hole: sequences without an event"
            }
        },
        "required": ["from", "to", "count", "reason"]
    })
    .to_string()
    .into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_is_read_as_it_was_written_and_nothing_else_is() {
        for why in [Why::Lost, Why::Hole] {
            let missing = Missing { time: 3, from: 7, to: u64::MAX, why };
            assert_eq!(Missing::decode(3, &missing.encode()), Some(missing));
        }
        for forged in [
            "",
            "{}",
            "[[[[",
            r#"{"from":1,"to":2,"count":1,"reason":"rust"}"#,
            r#"{"from":1,"to":2,"count":2,"reason":"lost"}"#,
            r#"{"from":-1,"to":2,"count":3,"reason":"lost"}"#,
        ] {
            assert_eq!(Missing::decode(0, forged.as_bytes()), None, "{forged}");
        }
        let long = format!(r#"{{"from":1,"to":2,"count":1,"reason":"lost"}}{}"#, " ".repeat(LONGEST));
        assert_eq!(Missing::decode(0, long.as_bytes()), None);
    }
}
