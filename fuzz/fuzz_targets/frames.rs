//! What a page sends the whiteboard: any bytes, of which the decoder takes only what the server may rely on.

#![no_main]

use libfuzzer_sys::fuzz_target;

#[path = "../../apps/whiteboard/src/protocol/mod.rs"]
#[allow(dead_code, unused_imports, reason = "what the server says is not fuzzed")]
mod protocol;

use protocol::{ClientId, FRAME_MAX, FromPage, Kind, action, author, decode, revision, set_author, set_revision};

fuzz_target!(|frame: &[u8]| {
    let taken = match decode(frame) {
        Ok(taken) => taken,
        Err(refusal) => {
            assert!(!refusal.to_string().is_empty());
            return;
        }
    };
    assert!(frame.len() <= FRAME_MAX);
    match taken {
        FromPage::Hello(hello) => {
            assert_eq!(frame.len(), 2 + ClientId::LEN + size_of_val(&hello.after));
            assert_eq!(hello.client.bytes(), &frame[2..2 + ClientId::LEN]);
        }
        FromPage::Action { kind, action: id } => {
            assert!(kind.is_action() && id == action(frame));
            filled_in(frame, taken, kind);
            carries_its_client(frame);
        }
        FromPage::Moment(kind) => {
            assert!(!kind.is_action() && kind != Kind::Left);
            assert!(frame.len() <= 256, "a moment of {} bytes does not fit its pool", frame.len());
            filled_in(frame, taken, kind);
        }
    }
});

/// What the server fills in changes nothing else.
fn filled_in(frame: &[u8], taken: FromPage, kind: Kind) {
    const FILLED: u64 = 0x0123_4567_89AB_CDEF;
    assert_eq!(Kind::of(u32::from(frame[0])), Some(kind));
    let mut board_event = frame.to_vec();
    set_author(&mut board_event, FILLED);
    if kind.is_action() {
        set_revision(&mut board_event, !FILLED);
        assert_eq!(revision(&board_event), !FILLED);
    }
    assert_eq!(author(&board_event), FILLED);
    assert_eq!(decode(&board_event), Ok(taken));
}

/// An action lies in the ring with its client's id behind it.
fn carries_its_client(frame: &[u8]) {
    let client = ClientId::new(*b"0123456789abcdef");
    let payload = [frame, client.bytes()].concat();
    assert_eq!(ClientId::split_from(&payload), Some((frame, client)));
}
