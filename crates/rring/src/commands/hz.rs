//! How fast a ring runs.

use std::{
    io::{Write, stdout},
    thread,
    time::{Duration, Instant},
};

use serde_json::json;

use crate::{
    cli::Hz,
    namesake::{Change, Namesake},
    place,
    stop::Stop,
};

/// How long it is at most from being asked to stop to the end.
const STEP: Duration = Duration::from_millis(50);

pub(crate) fn run(hz: &Hz) -> anyhow::Result<()> {
    let file = place::ring(&hz.ring)?;
    let (mut observer, mut namesake) = (file.observe_any()?, Namesake::new(&file));
    let stop = Stop::install()?;
    let mut out = stdout().lock();
    let mut from = (Instant::now(), observer.claimed().get());
    let mut windows = 0;
    while hz.count != Some(windows) {
        let end = from.0 + hz.window;
        while Instant::now() < end {
            thread::sleep(STEP.min(end.saturating_duration_since(Instant::now())));
            if stop.is_asked() {
                return Ok(());
            }
        }
        match namesake.change(|_| observer.has_name()) {
            None => {}
            Some(Change::Removed) => crate::text::say!(
                "{} was removed: this goes on with what its processes still publish, and with the next ring of that name",
                hz.ring
            ),
            Some(Change::Replaced(found)) => {
                let id = found.identity.id;
                crate::text::say!("{} is another ring now, {id:032x}, whose rates follow", hz.ring);
                observer = file.observe_any()?;
                from = (Instant::now(), observer.claimed().get());
                continue;
            }
        }
        observer.look()?;
        let to = (Instant::now(), observer.claimed().get());
        let (seconds, sequences) = ((to.0 - from.0).as_secs_f64(), to.1.saturating_sub(from.1));
        let rate = sequences as f64 / seconds;
        if hz.json {
            let line = json!({ "rate": rate, "sequences": sequences, "seconds": seconds, "claimed": to.1 });
            writeln!(out, "{line}")?;
        } else {
            writeln!(out, "{rate:.1}/s: {sequences} sequences in {seconds:.3} s, {} claimed in all", to.1)?;
        }
        out.flush()?;
        from = to;
        windows += 1;
    }
    Ok(())
}
