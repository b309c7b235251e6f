//! Well-formed actions that are not accepted: the sender is told why, and goes on.

use super::picture::{Size, size};
use super::text::is_plain;
use super::{
    ACTION_MAX, CHAT_HEAD, IMAGE_HEAD, IMAGE_SIDE_MAX, Kind, NOTE_HEAD, POINT, STROKE_HEAD, TEXT_MAX,
    decode::chat_parts,
};

/// Says for a person why this action of a page is not accepted; `None` if it is. The frame must have passed
/// [`decode`](super::decode()).
pub(crate) fn refusal(kind: Kind, frame: &[u8]) -> Option<String> {
    match kind {
        Kind::Stroke => {
            let points = (frame.len() - STROKE_HEAD) / POINT;
            let most = (ACTION_MAX - STROKE_HEAD) / POINT;
            (points > most).then(|| format!("a stroke of {points} points; at most {most}"))
        }
        Kind::Chat => {
            let (name, text) = chat_parts(&frame[CHAT_HEAD - 1..])?;
            long(text).or_else(|| unseen(text, true)).or_else(|| unseen(name, false))
        }
        Kind::Note => {
            let text = std::str::from_utf8(&frame[NOTE_HEAD..]).ok()?;
            long(text).or_else(|| unseen(text, true))
        }
        Kind::Image => image(&frame[IMAGE_HEAD..]),
        _ => None,
    }
}

fn long(text: &str) -> Option<String> {
    (text.len() > TEXT_MAX).then(|| format!("a text of {} bytes; at most {TEXT_MAX}", text.len()))
}

fn unseen(text: &str, lines: bool) -> Option<String> {
    (!is_plain(text, lines)).then(|| "a text with control characters, or such that set the direction of writing".into())
}

fn image(file: &[u8]) -> Option<String> {
    let most = ACTION_MAX - IMAGE_HEAD;
    if file.len() > most {
        return Some(format!("an image of {} bytes; at most {most}", file.len()));
    }
    match size(file) {
        Ok(Size { width: 0, .. } | Size { height: 0, .. }) => Some("an image without pixels".into()),
        Ok(Size { width, height }) if width.max(height) > IMAGE_SIDE_MAX => {
            Some(format!("an image of {width} by {height} pixels; at most {IMAGE_SIDE_MAX} by {IMAGE_SIDE_MAX}"))
        }
        Ok(_) => None,
        Err(fault) => Some(fault.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::tests::vector;

    fn with(name: &str, body: &[u8], head: usize) -> Option<String> {
        let frame = [&vector(name)[..head], body].concat();
        refusal(Kind::of(u32::from(frame[0])).expect("a kind"), &frame)
    }

    fn png(width: u32, height: u32) -> Vec<u8> {
        let mut file = vector("image")[IMAGE_HEAD..].to_vec();
        file[16..20].copy_from_slice(&width.to_be_bytes());
        file[20..24].copy_from_slice(&height.to_be_bytes());
        file
    }

    /// A PNG of this many bytes, with a text before its pixels.
    fn padded(len: usize) -> Vec<u8> {
        let file = png(1, 1);
        let (head, rest) = file.split_at(33);
        let text = len - file.len() - 12;
        let len = u32::try_from(text).expect("short").to_be_bytes();
        [head, &len, b"tEXt", &vec![b'x'; text], &[0; 4], rest].concat()
    }

    #[test]
    fn the_examples_are_taken() {
        for name in ["stroke", "chat", "note", "image", "clear", "hide", "show"] {
            let frame = vector(name);
            assert_eq!(refusal(Kind::of(u32::from(frame[0])).expect("a kind"), &frame), None, "{name}");
        }
    }

    #[test]
    fn the_largest_action_of_each_kind_is_taken_and_one_more_is_refused() {
        assert_eq!(with("stroke", &[0; 1814 * POINT], STROKE_HEAD), None);
        let reason = with("stroke", &[0; 1815 * POINT], STROKE_HEAD).expect("refused");
        assert_eq!(reason, "a stroke of 1815 points; at most 1814");
        for (name, head) in [("chat", CHAT_HEAD + "Zo\u{eb}".len()), ("note", NOTE_HEAD)] {
            assert_eq!(with(name, &[b'x'; TEXT_MAX], head), None);
            assert_eq!(with(name, &[b'x'; TEXT_MAX + 1], head), Some("a text of 961 bytes; at most 960".into()));
        }
        assert_eq!(with("image", &padded(16_323), IMAGE_HEAD), None);
        assert_eq!(with("image", &padded(16_324), IMAGE_HEAD), Some("an image of 16324 bytes; at most 16323".into()));
    }

    #[test]
    fn what_cannot_be_seen_in_a_text_is_refused() {
        for (name, head) in [("chat", CHAT_HEAD + "Zo\u{eb}".len()), ("note", NOTE_HEAD)] {
            assert_eq!(with(name, b"one\ntwo", head), None);
            for text in ["a\u{202e}b", "a\0b", "a\u{1b}[2J"] {
                assert!(with(name, text.as_bytes(), head).expect("refused").contains("control characters"), "{text:?}");
            }
        }
        let name = [b"\x04a\nb!", &b"said"[..]].concat();
        assert!(with("chat", &name, CHAT_HEAD - 1).expect("refused").contains("control characters"));
    }

    #[test]
    fn an_image_is_no_larger_than_it_may_be() {
        assert_eq!(with("image", &png(4096, 4096), IMAGE_HEAD), None);
        assert!(with("image", &png(4097, 1), IMAGE_HEAD).expect("refused").contains("4097 by 1 pixels"));
        assert!(with("image", &png(1, 40_000), IMAGE_HEAD).expect("refused").contains("at most 4096"));
        assert!(with("image", &png(0, 1), IMAGE_HEAD).expect("refused").contains("without pixels"));
        assert!(with("image", &[0; 64], IMAGE_HEAD).expect("refused").contains("neither PNG"));
    }
}
