//! A peer that is broken, or hostile, and is let in: on this machine, without namespaces.

use std::{fs, net::TcpListener, thread, time::Duration};

use rusted_ring_gateway::{
    session::Links,
    wire::{Batch, Body, Frame, Origin},
};
use zenoh::{Wait, qos::CongestionControl};

use crate::{
    machines::{Machines, until},
    number,
};

/// A port that is free now.
fn port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// The most memory that a process has had, in KiB.
fn peak(process: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

/// What a peer sends under the source's key, with the source's own id: no frames, frames of another type, oversized ones, gaps without end, losses, and
/// another source.
fn nonsense(origin: Origin) -> impl Iterator<Item = Vec<u8>> {
    let frame = |from, to, body| Frame { origin, from, to, body }.encode();
    let forged = move |from: u64, origin: Origin| {
        let mut batch = Batch::new(origin, from);
        batch.push(from, 7, &[7; 60_000]);
        batch.finish(from + 1).unwrap()
    };
    let other = Origin { fingerprint: origin.fingerprint ^ 1, ..origin };
    let old = Origin { id: 1, epoch: 1, ..origin };
    let fixed = [
        b"no frame".to_vec(),
        Vec::new(),
        vec![0; 200_000],
        vec![0; 4 << 20],
        forged(0, other),
        forged(1 << 61, origin),
        frame(0, 1 << 50, Body::Missing),
        frame(0, 10, Body::Question),
        Frame { origin: old, from: 0, to: 1 << 50, body: Body::Beat { capacity: 1 << 60, slot_bytes: 64 } }.encode(),
    ];
    fixed.into_iter().chain((0..500).map(move |n| forged((1 << 20) + 2 * n, origin)))
}

#[test]
fn a_peer_that_sends_nonsense_costs_neither_events_nor_memory() {
    let machines = Machines::on_one();
    let (source_port, mirror_port) = (port(), port());
    let endpoint = |port| format!("tcp/127.0.0.1:{port}");
    let mut publisher = machines.publisher(1024);
    let source = machines.serve_at(&endpoint(source_port), &[]);
    let mirror = machines.follow_from(&endpoint(source_port), "mirror", &["--listen", &endpoint(mirror_port)]);
    publisher.publish(0..100);
    machines.until_mirrored(100);

    let peer = Links { connect: vec![endpoint(mirror_port)], ..Links::default() }.open().unwrap();
    let identity = machines.identity().unwrap();
    let fingerprint = machines.fingerprint();
    let origin = Origin { id: identity.id, epoch: identity.epoch, fingerprint };
    let key = "rusted-ring/source/live";
    let sends = peer.declare_publisher(key).congestion_control(CongestionControl::Block).wait().unwrap();
    until("the peers are linked", || sends.matching_status().wait().unwrap().matching());
    let mut next = 100;
    for bytes in nonsense(origin) {
        // A message that is too long ends the link, which comes again.
        until("the peers are linked", || sends.matching_status().wait().unwrap().matching());
        sends.put(bytes).wait().unwrap();
        if next < 500 {
            publisher.publish(next..next + 1);
            next += 1;
            thread::sleep(Duration::from_millis(2));
        }
    }
    // A wildcard, and what is no question.
    for (selector, payload) in [("**", vec![1]), ("rusted-ring/source/past", vec![0; 100_000])] {
        let replies = peer.get(selector).payload(payload).wait().unwrap();
        while let Ok(reply) = replies.recv_timeout(Duration::from_secs(1)) {
            assert!(reply.is_none_or(|reply| reply.result().is_err()), "nothing is answered");
        }
    }
    publisher.publish(next..next + 100);
    next += 100;
    machines.until_mirrored(next);
    let memory = peak(mirror.process());
    println!("a peer that sends nonsense: the mirror had {memory} KiB at most");
    assert!(memory < 160 << 10, "{memory} KiB");
    let (_, books) = (source.end(), mirror.end());
    println!("  mirror: {books}");
    assert_eq!((number(&books, "next"), number(&books, "lost")), (next, 0), "{books}");
    assert!(books["balances"] == true && number(&books, "refused") >= 5, "{books}");
}

/// A client of a router, which zenoh does not open while the router is away: the mirror waits for it, as for a source that is linked directly.
#[test]
fn a_mirror_that_is_a_client_waits_for_its_router() {
    let machines = Machines::on_one();
    let endpoint = format!("tcp/127.0.0.1:{}", port());
    let client = machines.place.path().join("client.json5");
    fs::write(&client, "{ mode: \"client\" }").unwrap();
    let mut publisher = machines.publisher(1024);
    let mut source = machines.serve_at(&endpoint, &[]);
    publisher.publish(0..100);
    let mirror = machines.follow_from(&endpoint, "mirror", &["--zenoh", client.to_str().unwrap()]);
    machines.until_mirrored(100);
    source.kill();
    // Longer than the mirror waits before it opens its links anew.
    thread::sleep(Duration::from_secs(18));
    publisher.publish(100..200);
    let source = machines.serve_at(&endpoint, &[]);
    machines.until_mirrored(200);
    let (_, books) = (source.end(), mirror.end());
    assert_eq!((number(&books, "next"), number(&books, "lost")), (200, 0), "{books}");
}
