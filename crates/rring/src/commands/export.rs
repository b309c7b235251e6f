//! Serving the metrics of rings to Prometheus.

use std::{
    io::{Write, stdout},
    sync::{Mutex, PoisonError},
    thread,
    time::Duration,
};

use anyhow::Context;
use rusted_ring_metrics::Server;

use crate::{
    cli::Export,
    exposition::{Exposition, Which},
    stop::Stop,
};

/// How long it is at most from being asked to stop to the end.
const STEP: Duration = Duration::from_millis(50);

pub(crate) fn run(export: &Export) -> anyhow::Result<()> {
    let exposition = Mutex::new(Exposition::new(Which::of(&export.rings)?, Some(export.most)));
    let stop = Stop::install()?;
    let page = move || exposition.lock().unwrap_or_else(PoisonError::into_inner).text();
    let server = Server::start(export.listen, page)
        .with_context(|| format!("listening at {}: choose another address with --listen", export.listen))?;
    let mut out = stdout().lock();
    writeln!(out, "http://{}/metrics", server.address())?;
    out.flush()?;
    while !stop.is_asked() {
        thread::sleep(STEP);
    }
    Ok(())
}
