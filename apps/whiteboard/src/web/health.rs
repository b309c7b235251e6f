//! The contents of `/health`: the ledgers of the rings, the stages over them, the store, and whether all is well.

use std::sync::atomic::Ordering;

use axum::http::StatusCode;
use rusted_ring::pool::{PoolStats, SystemHealth};
use serde_json::{Value, json};

use super::stages;
use crate::fullness;
use crate::history::Minute;
use crate::hub::Hub;
use crate::order::watermark::Trouble;

/// The report, as JSON; and as a status whether all is well, for those who look at nothing else.
pub(super) fn report(hub: &Hub) -> (StatusCode, String) {
    let committed = hub.watermark.now();
    let is_full = fullness::is_full(hub);
    let status = match &committed.trouble {
        Some(Trouble::Full(_)) => "no-room".to_owned(),
        Some(Trouble::Failed(_)) => "failed".to_owned(),
        None if is_full => "full".to_owned(),
        None => format!("{:?}", SystemHealth::of(&hub.books.stats())).to_lowercase(),
    };
    let traffic: Vec<Value> = hub
        .traffic
        .snapshot()
        .map(|(kind, events, bytes)| json!({ "kind": kind.name(), "events": events, "bytes": bytes }))
        .collect();
    let stages: Vec<_> = hub.stages.status().collect();
    let (actions, moments) = hub.missed.now();
    let mut report = json!({
        "status": status,
        "reason": committed.trouble.as_ref().map(Trouble::reason),
        "version": env!("CARGO_PKG_VERSION"),
        "pools": hub.books.stats().map(|stats| pool(stats, hub)),
        "stages": stages::listed(&stages),
        "dot": stages::sum(&stages).dot().to_string(),
        "bad": hub.bad.load(Ordering::Relaxed),
        "dropped": hub.dropped.by_reason().iter().map(|(_, count)| count).sum::<u64>(),
        "store": {
            "revision": committed.revision,
            "actions": hub.store.actions(),
            "bytes": hub.store.bytes(),
            "file": hub.store.file_len(),
            "max": hub.max_store,
            "full": is_full,
            "damaged": hub.store.damaged(),
        },
        "missed": { "actions": actions, "moments": moments },
        "pace": *hub.pace.borrow(),
        "clients": hub.present.load(Ordering::Relaxed),
        "traffic": traffic,
    });
    if let Some(journal) = &hub.journal {
        report["journal"] = journal.report();
    }
    let text = report.to_string();
    (if committed.trouble.is_some() { StatusCode::SERVICE_UNAVAILABLE } else { StatusCode::OK }, text)
}

fn pool(stats: PoolStats, hub: &Hub) -> Value {
    let PoolStats { pool_id: id, capacity, current_backpressure, .. } = stats;
    let Minute { rate, pressure } = hub.history.minute(id);
    // Three places of it are more than a page can draw.
    let pressure: Vec<f64> = pressure.into_iter().map(|peak| (f64::from(peak) * 1000.0).round() / 1000.0).collect();
    let readers: Vec<Value> = hub
        .books
        .readers(id)
        .into_iter()
        .map(|reader| {
            json!({
                "name": reader.name.as_str(),
                "lag": reader.ahead,
                "received": reader.received,
                "lost": reader.lost,
            })
        })
        .collect();
    json!({
        "id": format!("{id:?}"),
        "slot": id.max_size(),
        "capacity": capacity,
        "published": hub.books.published(id),
        "pressure": current_backpressure,
        "rate": rate.back().copied().unwrap_or(0),
        "history": { "rate": rate, "pressure": pressure },
        "readers": readers,
    })
}
