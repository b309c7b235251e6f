//! The contents of `/health`: the ledgers of the rings, the stages over them, the store, and whether all is well.

use std::sync::atomic::Ordering;

use axum::http::StatusCode;
use rusted_ring::RingRef;
use rusted_ring::ledger::Ledger;
use rusted_ring::pool::{
    L_TSHIRT_SIZE, M_TSHIRT_SIZE, PoolId, PoolSet, S_TSHIRT_SIZE, SystemHealth, XL_TSHIRT_SIZE, XS_TSHIRT_SIZE,
};
use serde_json::{Value, json};

use super::stages;
use crate::fullness;
use crate::history::{History, Minute};
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
        None => format!("{:?}", SystemHealth::of(&hub.pools.stats())).to_lowercase(),
    };
    let traffic: Vec<Value> = hub
        .traffic
        .snapshot()
        .map(|(kind, events, bytes)| json!({ "kind": kind.name(), "events": events, "bytes": bytes }))
        .collect();
    let stages: Vec<_> = hub.stages.status().collect();
    let (actions, moments) = hub.missed.now();
    let text = json!({
        "status": status,
        "reason": committed.trouble.as_ref().map(Trouble::reason),
        "version": env!("CARGO_PKG_VERSION"),
        "pools": [
            pool(PoolId::XS, XS_TSHIRT_SIZE, &hub.pools.xs(), &hub.history),
            pool(PoolId::S, S_TSHIRT_SIZE, &hub.pools.s(), &hub.history),
            pool(PoolId::M, M_TSHIRT_SIZE, &hub.pools.m(), &hub.history),
            pool(PoolId::L, L_TSHIRT_SIZE, &hub.pools.l(), &hub.history),
            pool(PoolId::XL, XL_TSHIRT_SIZE, &hub.pools.xl(), &hub.history),
        ],
        "stages": stages::listed(&stages),
        "dot": stages::sum(&stages).dot().to_string(),
        "bad": hub.bad.load(Ordering::Relaxed),
        "dropped": hub.dropped.load(Ordering::Relaxed),
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
    })
    .to_string();
    (if committed.trouble.is_some() { StatusCode::SERVICE_UNAVAILABLE } else { StatusCode::OK }, text)
}

fn pool<R: RingRef>(id: PoolId, slot: usize, ring: &R, history: &History) -> Value {
    let Minute { rate, pressure } = history.minute(id);
    // Three places of it are more than a page can draw.
    let pressure: Vec<f64> = pressure.into_iter().map(|peak| (f64::from(peak) * 1000.0).round() / 1000.0).collect();
    let ledger = Ledger::of(ring);
    let readers: Vec<Value> = ledger
        .readers()
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
        "slot": slot,
        "capacity": ledger.capacity(),
        "published": ledger.claimed().get(),
        "pressure": ledger.pressure(),
        "rate": rate.back().copied().unwrap_or(0),
        "history": { "rate": rate, "pressure": pressure },
        "readers": readers,
    })
}
