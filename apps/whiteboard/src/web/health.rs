//! What `/health` says: the ledgers of the rings, the stages over them, the store, and whether all is well.

use std::sync::atomic::Ordering;

use rusted_ring::RingRef;
use rusted_ring::ledger::Ledger;
use rusted_ring::pool::{
    L_TSHIRT_SIZE, M_TSHIRT_SIZE, PoolId, PoolSet, S_TSHIRT_SIZE, SystemHealth, XL_TSHIRT_SIZE, XS_TSHIRT_SIZE,
};
use serde_json::{Value, json};

use super::stages;
use crate::board::Board;
use crate::history::{History, Minute};

/// The report, as JSON.
pub(super) fn report(board: &Board) -> String {
    let committed = board.watermark.now();
    let status = if committed.failed {
        "failed".to_owned()
    } else {
        format!("{:?}", SystemHealth::of(&board.pools.stats())).to_lowercase()
    };
    let traffic: Vec<Value> = board
        .traffic
        .snapshot()
        .map(|(kind, events, bytes)| json!({ "kind": kind.name(), "events": events, "bytes": bytes }))
        .collect();
    let stages: Vec<_> = board.stages.status().collect();
    let (actions, moments) = board.missed.now();
    json!({
        "status": status,
        "version": env!("CARGO_PKG_VERSION"),
        "pools": [
            pool(PoolId::XS, XS_TSHIRT_SIZE, &board.pools.xs(), &board.history),
            pool(PoolId::S, S_TSHIRT_SIZE, &board.pools.s(), &board.history),
            pool(PoolId::M, M_TSHIRT_SIZE, &board.pools.m(), &board.history),
            pool(PoolId::L, L_TSHIRT_SIZE, &board.pools.l(), &board.history),
            pool(PoolId::XL, XL_TSHIRT_SIZE, &board.pools.xl(), &board.history),
        ],
        "stages": stages::listed(&stages),
        "dot": stages::sum(&stages).dot().to_string(),
        "bad": board.bad.load(Ordering::Relaxed),
        "dropped": board.dropped.load(Ordering::Relaxed),
        "store": {
            "revision": committed.revision,
            "actions": board.store.actions().ok(),
            "bytes": board.store.bytes(),
            "max": board.max_store,
            "full": board.store.bytes() >= board.max_store,
            "damaged": board.store.damaged(),
        },
        "missed": { "actions": actions, "moments": moments },
        "pace": *board.pace.borrow(),
        "clients": board.present.load(Ordering::Relaxed),
        "traffic": traffic,
    })
    .to_string()
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
