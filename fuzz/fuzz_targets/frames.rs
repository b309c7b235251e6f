//! What a page sends the whiteboard: any bytes, and frames of every kind with any fields, of which the decoder takes all
//! that is within the bounds of the read-me, and nothing else.

#![no_main]

use arbitrary::{Arbitrary, Unstructured};
use libfuzzer_sys::fuzz_target;

#[path = "../../apps/whiteboard/src/protocol/mod.rs"]
#[allow(dead_code, unused_imports, reason = "what the server says is not fuzzed")]
mod protocol;
#[path = "frames/wire.rs"]
mod wire;

use protocol::{
    BoardId, BoardName, ClientId, FRAME_MAX, FromPage, Kind, Posted, Several, action, author, check_published, decode,
    frames, refusal, revision, set_author, set_revision, targets,
};
use wire::Frame;

fuzz_target!(|bytes: &[u8]| {
    check(bytes);
    if let Ok(frame) = Frame::arbitrary(&mut Unstructured::new(bytes)) {
        check(&frame.write());
    }
});

/// An accepted frame is written as it was read and is within the bounds; a rejected one is not. Only the server can say
/// whether the file of an image is one.
fn is_taken_as_the_read_me_says(frame: &[u8], taken: bool) {
    let read = Frame::read(frame);
    assert!(!taken || read.is_some(), "taken, and of no form");
    let Some(read) = read else { return };
    assert_eq!(read.write(), frame);
    let within = read.is_within() && frame.len() <= FRAME_MAX;
    assert!(!taken || within, "taken beyond the bounds: {read:?}");
    assert!(taken || !within || matches!(read, Frame::Image { .. }), "not taken within the bounds: {read:?}");
}

fn check(frame: &[u8]) {
    comes_apart(frame);
    let taken = match decode(frame) {
        Ok(taken) => taken,
        Err(malformed) => {
            is_taken_as_the_read_me_says(frame, false);
            assert!(!malformed.to_string().is_empty());
            return;
        }
    };
    let refused = matches!(taken, FromPage::Action { kind, .. } if refusal(kind, frame).is_some());
    is_taken_as_the_read_me_says(frame, !refused);
    match taken {
        FromPage::Hello(hello) => {
            let head = 2 + ClientId::LEN + size_of_val(&hello.after);
            assert_eq!(hello.client.bytes(), &frame[2..2 + ClientId::LEN]);
            assert_eq!(hello.board.as_str().as_bytes(), &frame[head..]);
            assert!((1..=BoardName::MAX).contains(&(frame.len() - head)));
        }
        FromPage::Ask => assert_eq!(frame.len(), 1),
        FromPage::Action { kind, action: id } => {
            assert!(kind.is_action() && id == action(frame));
            if matches!(kind, Kind::Hide | Kind::Show) {
                assert!((1..=1000).contains(&targets(frame).count()));
            }
            let board_event = filled_in(frame, taken, kind);
            let payload = Posted::action(board_event.clone(), CLIENT, BOARD);
            assert_eq!(
                Posted::split(kind, &payload),
                Some(Posted { frame: &board_event, client: Some(CLIENT), board: BOARD })
            );
            // What a page is not refused is sound in the rings, and fits them.
            assert_eq!(refusal(kind, frame).is_none(), check_published(kind as u32, &payload).is_ok());
            assert!(refusal(kind, frame).is_some() || payload.len() <= 16 * 1024);
        }
        FromPage::Moment(kind) => {
            assert!(!kind.is_action() && kind != Kind::Left);
            let payload = Posted::moment(filled_in(frame, taken, kind), BOARD);
            assert!(payload.len() <= 256, "a moment of {} bytes does not fit its pool", payload.len());
            assert_eq!(check_published(kind as u32, &payload), Ok(()));
        }
    }
}

const CLIENT: ClientId = ClientId::new(*b"0123456789abcdef");
const BOARD: BoardId = BoardId::new(0x0102_0304);

/// What the server fills in changes nothing else.
fn filled_in(frame: &[u8], taken: FromPage, kind: Kind) -> Vec<u8> {
    const FILLED: u64 = 0x0123_4567_89AB_CDEF;
    const REVISION: u64 = 0x000E_DCBA_9876_5432;
    assert_eq!(Kind::of(u32::from(frame[0])), Some(kind));
    let mut board_event = frame.to_vec();
    set_author(&mut board_event, FILLED);
    if kind.is_action() {
        set_revision(&mut board_event, REVISION);
        assert_eq!(revision(&board_event), REVISION);
    }
    assert_eq!(author(&board_event), FILLED);
    assert_eq!(decode(&board_event), Ok(taken));
    board_event
}

/// Any message comes apart, and what is put together of the parts is as long as they are.
fn comes_apart(message: &[u8]) {
    let parts: Vec<&[u8]> = frames(message).filter(|part| part.len() <= usize::from(u16::MAX)).collect();
    let mut several = Several::default();
    parts.iter().for_each(|part| several.push(part));
    let Some(together) = several.take() else { return };
    if parts.len() > 1 {
        assert_eq!(frames(&together).collect::<Vec<_>>(), parts);
    }
}
