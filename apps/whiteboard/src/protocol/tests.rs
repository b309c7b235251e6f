use serde_json::Value;

use super::*;

const VECTORS: &str = include_str!("../../tests/vectors.json");

fn vectors() -> Vec<(String, Value, Vec<u8>)> {
    let all: Vec<Value> = serde_json::from_str(VECTORS).expect("vectors.json");
    all.into_iter()
        .map(|vector| {
            let name = vector["name"].as_str().expect("a name").to_owned();
            let hex: String = vector["hex"].as_str().expect("hex").replace(' ', "");
            let bytes = (0..hex.len()).step_by(2).map(|i| u8::from_str_radix(&hex[i..i + 2], 16).expect("hex"));
            (name, vector["fields"].clone(), bytes.collect())
        })
        .collect()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn number(fields: &Value, name: &str) -> u64 {
    match &fields[name] {
        Value::String(digits) => digits.parse().expect("a u64"),
        other => other.as_u64().expect("a number"),
    }
}

#[test]
fn the_shared_vectors_hold() {
    let mut seen = Vec::new();
    for (name, fields, bytes) in vectors() {
        let n = |field: &str| number(&fields, field);
        match name.as_str() {
            "hello" => {
                let client = ClientId::new(*b"0123456789abcdef");
                let board = fields["board"].as_str().expect("a name").parse().expect("a board");
                assert_eq!(decode(&bytes), Ok(FromPage::Hello(Hello { client, after: n("after"), board })));
            }
            "stroke" | "chat" | "note" | "image" | "clear" | "hide" | "show" => {
                let kind = kind(&bytes).expect("a kind");
                assert_eq!(kind.name(), name);
                assert_eq!(decode(&bytes), Ok(FromPage::Action { kind, action: n("action") }));
                assert_eq!((author(&bytes), revision(&bytes)), (n("author"), n("revision")));
                if let Value::Array(revisions) = &fields["revisions"] {
                    assert_eq!(targets(&bytes).map(Value::from).collect::<Vec<_>>(), *revisions);
                }
            }
            "ask" => assert_eq!(decode(&bytes), Ok(FromPage::Ask)),
            "alive" => assert_eq!(alive(), bytes),
            "cursor" => assert_eq!(decode(&bytes), Ok(FromPage::Moment(Kind::Cursor))),
            "here" => assert_eq!(decode(&bytes), Ok(FromPage::Moment(Kind::Here))),
            "segment" => assert_eq!(decode(&bytes), Ok(FromPage::Moment(Kind::Segment))),
            "left" => assert_eq!(left(n("author")), bytes),
            "welcome" => assert_eq!(welcome(n("store"), n("revision"), n("author")), bytes),
            "live" => assert_eq!(live(n("next")), bytes),
            "ack" => assert_eq!(ack(n("action"), n("revision")), bytes),
            "busy" => assert_eq!(busy(n("action")), bytes),
            "refused" => assert_eq!(refused(n("action"), fields["reason"].as_str().expect("a reason")), bytes),
            "trouble" => assert_eq!(trouble(fields["reason"].as_str().expect("a reason")), bytes),
            "missed" => assert_eq!(missed(n("actions"), n("moments")), bytes),
            "pace" => assert_eq!(pace(u16::try_from(n("interval")).expect("a u16")), bytes),
            "several" => {
                let listed = fields["frames"].as_array().expect("frames");
                let found: Vec<Value> = frames(&bytes).map(hex).map(Value::from).collect();
                assert_eq!(found, *listed);
            }
            other => panic!("{other} is not checked here"),
        }
        seen.push(name);
    }
    assert_eq!(seen.len(), 23, "{seen:?}");
}

pub(super) fn vector(name: &str) -> Vec<u8> {
    vectors().into_iter().find(|(known, ..)| known == name).expect("a known vector").2
}

#[test]
fn the_server_fills_in_author_and_revision_and_nothing_else() {
    let mut frame = vector("stroke");
    let before = frame.clone();
    set_author(&mut frame, 77);
    set_revision(&mut frame, 88);
    assert_eq!((author(&frame), revision(&frame), action(&frame)), (77, 88, action(&before)));
    assert_eq!((frame[0], &frame[17..]), (before[0], &before[17..]));
}

#[test]
fn every_truncation_of_every_frame_is_refused_or_still_well_formed_and_never_panics() {
    for (_, _, bytes) in vectors() {
        for len in 0..bytes.len() {
            let _ = decode(&bytes[..len]);
        }
    }
    let stroke = vector("stroke");
    for len in 0..stroke.len() {
        let whole_points = len > STROKE_HEAD && (len - STROKE_HEAD).is_multiple_of(POINT);
        assert_eq!(decode(&stroke[..len]).is_ok(), whole_points, "{len} bytes");
    }
}

#[test]
fn every_value_of_every_byte_is_judged_without_a_panic() {
    for (_, _, bytes) in vectors() {
        for at in 0..bytes.len() {
            for value in 0..=255 {
                let mut frame = bytes.clone();
                frame[at] = value;
                if let Ok(FromPage::Action { kind, .. }) = decode(&frame) {
                    let _ = refusal(kind, &frame);
                }
            }
        }
    }
}

#[test]
fn each_rule_is_named_when_it_is_broken() {
    let patched = |name: &str, at: usize, with: &[u8]| {
        let mut frame = vector(name);
        frame[at..at + with.len()].copy_from_slice(with);
        decode(&frame)
    };
    assert_eq!(decode(&[]), Err(Malformed::Empty));
    assert_eq!(decode(&vec![1; FRAME_MAX + 1]), Err(Malformed::TooLong(FRAME_MAX + 1)));
    assert_eq!(decode(&[200]), Err(Malformed::UnknownKind(200)));
    assert_eq!(decode(&left(1)), Err(Malformed::UnknownKind(19)));
    assert_eq!(patched("hello", 1, &[9]), Err(Malformed::Version(9)));
    assert_eq!(patched("stroke", STROKE_HEAD, &f32::NAN.to_le_bytes()), Err(Malformed::Coordinate));
    assert_eq!(patched("stroke", STROKE_HEAD, &f32::INFINITY.to_le_bytes()), Err(Malformed::Coordinate));
    assert_eq!(patched("cursor", 9, &(-16_385f32).to_le_bytes()), Err(Malformed::Coordinate));
    assert_eq!(patched("stroke", 29, &f32::NAN.to_le_bytes()), Err(Malformed::Width));
    assert_eq!(patched("stroke", 29, &0f32.to_le_bytes()), Err(Malformed::Width));
    assert_eq!(patched("segment", 21, &201f32.to_le_bytes()), Err(Malformed::Width));
    assert_eq!(patched("here", 9, &0x0100_0000u32.to_le_bytes()), Err(Malformed::Colour(0x0100_0000)));
    assert_eq!(patched("chat", 25, &0x0100_0000u32.to_le_bytes()), Err(Malformed::Colour(0x0100_0000)));
    assert_eq!(patched("chat", CHAT_HEAD, &[0xFF]), Err(Malformed::Text));
    assert_eq!(patched("chat", CHAT_HEAD - 1, &[NAME_MAX as u8 + 1]), Err(Malformed::Text));
    assert_eq!(decode(&vector("chat")[..CHAT_HEAD + 4]), Err(Malformed::Text));
    assert_eq!(patched("note", 29, &f32::INFINITY.to_le_bytes()), Err(Malformed::Coordinate));
    assert_eq!(patched("note", 37, &3.9f32.to_le_bytes()), Err(Malformed::Size));
    assert_eq!(patched("note", 37, &f32::NAN.to_le_bytes()), Err(Malformed::Size));
    assert_eq!(decode(&vector("note")[..NOTE_HEAD]), Err(Malformed::Text));
    assert_eq!(patched("image", 33, &0f32.to_le_bytes()), Err(Malformed::Size));
    assert_eq!(patched("image", 37, &(-1f32).to_le_bytes()), Err(Malformed::Size));
    assert_eq!(patched("image", 37, &16_385f32.to_le_bytes()), Err(Malformed::Size));
    assert_eq!(decode(&vector("image")[..IMAGE_HEAD]), Err(Malformed::Length(IMAGE_HEAD)));
    assert_eq!(decode(&vector("hide")[..at::ACTION_BODY]), Err(Malformed::Targets(0)));
    assert_eq!(decode(&vector("hide")[..at::ACTION_BODY + 9]), Err(Malformed::Targets(9)));
    assert_eq!(decode(&vector("stroke")[..STROKE_HEAD]), Err(Malformed::Points(0)));
    assert_eq!(patched("hello", 26, b"T"), Err(Malformed::Board));
    assert_eq!(decode(&vector("hello")[..26]), Err(Malformed::Board));
    let longer = |name: &str, len: usize| {
        let mut frame = vector(name);
        frame.resize(len, b'x');
        decode(&frame)
    };
    let points = (SEGMENT_POINTS_MAX + 1) * POINT;
    assert_eq!(longer("segment", SEGMENT_HEAD + points), Err(Malformed::Points(points)));
    assert_eq!(longer("clear", 26), Err(Malformed::Length(26)));
    assert_eq!(longer("cursor", 18), Err(Malformed::Length(18)));
    assert_eq!(longer("here", HERE_HEAD + NAME_MAX + 1), Err(Malformed::Name));
    let targets = (TARGETS_MAX + 1) * 8;
    assert_eq!(longer("show", at::ACTION_BODY + targets), Err(Malformed::Targets(targets)));
    for unseen in ["a\u{202e}b", "a\nb"] {
        assert_eq!(decode(&[&vector("here")[..HERE_HEAD], unseen.as_bytes()].concat()), Err(Malformed::Name));
    }
}
