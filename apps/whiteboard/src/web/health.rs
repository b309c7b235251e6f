//! What `/health` says: the ledgers of the rings, the stages over them, the store, and whether all is well.

use std::sync::atomic::Ordering;

use rusted_ring::RingRef;
use rusted_ring::ledger::Ledger;
use rusted_ring::pool::{PoolId, PoolSet, SystemHealth};
use serde_json::{Value, json};

use super::stages;
use crate::board::Board;

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
    json!({
        "status": status,
        "version": env!("CARGO_PKG_VERSION"),
        "pools": [
            pool(PoolId::XS, &board.pools.xs()),
            pool(PoolId::S, &board.pools.s()),
            pool(PoolId::M, &board.pools.m()),
            pool(PoolId::L, &board.pools.l()),
            pool(PoolId::XL, &board.pools.xl()),
        ],
        "stages": stages::listed(&stages),
        "dot": stages::sum(&stages).dot().to_string(),
        "bad": board.bad.load(Ordering::Relaxed),
        "dropped": board.dropped.load(Ordering::Relaxed),
        "store": {
            "revision": committed.revision,
            "actions": board.store.actions().ok(),
            "bytes": board.store.bytes(),
            "damaged": board.store.damaged(),
        },
        "clients": board.present.load(Ordering::Relaxed),
        "traffic": traffic,
    })
    .to_string()
}

fn pool<R: RingRef>(id: PoolId, ring: &R) -> Value {
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
        "capacity": ledger.capacity(),
        "published": ledger.claimed().get(),
        "pressure": ledger.pressure(),
        "readers": readers,
    })
}
