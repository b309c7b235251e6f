//! Events and losses, a line each.

use std::{io::Write, str};

use serde_json::json;

use crate::{cli::Form, text};

/// An event.
pub(crate) fn event(form: Form, sequence: u64, event_type: u32, data: &[u8]) -> String {
    if form.json {
        return json!({
            "sequence": sequence,
            "type": event_type,
            "hex": text::hex(data),
            "text": str::from_utf8(data).ok(),
        })
        .to_string();
    }
    let payload = if form.hex { text::hex(data) } else { text::escaped(data) };
    format!("{sequence}\t{event_type}\t{payload}")
}

/// Says that the events from `from` up to and without `to` were lost: in JSON among the events, and else on standard error.
pub(crate) fn lost(form: Form, out: &mut impl Write, from: u64, to: u64) -> anyhow::Result<()> {
    let count = to - from;
    if form.json {
        writeln!(out, "{}", json!({ "lost": count, "from": from, "to": to }))?;
    } else {
        out.flush()?;
        text::say!("lost {count}: overwritten from {from} on, it goes on at {to}");
    }
    Ok(())
}
