//! Many frames in one message of the server, each after its length.

use bytes::Bytes;

const SEVERAL: u8 = 135;
const LENGTH: usize = 2;
/// The head of a message that holds one frame: the kind, and the frame's length.
const HEAD: usize = 1 + LENGTH;

/// Gathers frames into one message.
#[derive(Debug, Default)]
pub(crate) struct Several {
    bytes: Vec<u8>,
    frames: usize,
}

impl Several {
    /// Adds a frame at the end. It is no longer than 64 KiB, like every frame.
    pub(crate) fn push(&mut self, frame: &[u8]) {
        if self.frames == 0 {
            self.bytes.push(SEVERAL);
        }
        self.frames += 1;
        self.bytes.extend_from_slice(&u16::try_from(frame.len()).expect("a frame is short").to_le_bytes());
        self.bytes.extend_from_slice(frame);
    }

    /// The message's length so far, in bytes.
    pub(crate) fn len(&self) -> usize {
        self.bytes.len()
    }

    /// Returns the message and begins a new one; a single frame is its own message. `None` if there is none.
    pub(crate) fn take(&mut self) -> Option<Bytes> {
        let Several { bytes, frames } = std::mem::take(self);
        match frames {
            0 => None,
            1 => Some(Bytes::from(bytes).slice(HEAD..)),
            _ => Some(bytes.into()),
        }
    }
}

/// The frames of a message of the server, which may be a single one. A frame cut off at the end is left out.
pub(crate) fn frames(message: &[u8]) -> impl Iterator<Item = &[u8]> {
    let (single, mut rest) = match message.split_first() {
        Some((&SEVERAL, rest)) => (None, rest),
        _ => (Some(message), &[][..]),
    };
    let others = std::iter::from_fn(move || {
        let (length, behind) = rest.split_first_chunk::<LENGTH>()?;
        let (frame, behind) = behind.split_at_checked(usize::from(u16::from_le_bytes(*length)))?;
        rest = behind;
        Some(frame)
    });
    single.into_iter().chain(others)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(given: &[&[u8]]) -> Option<Bytes> {
        let mut several = Several::default();
        given.iter().for_each(|frame| several.push(frame));
        several.take()
    }

    #[test]
    fn what_is_put_together_comes_apart() {
        let cases: [&[&[u8]]; 4] =
            [&[&[1, 2, 3]], &[&[1], &[]], &[&[2; 300], &[3; 16_364], &[4]], &[&[135, 1], &[135]]];
        for given in cases {
            let message = message(given).expect("something");
            assert_eq!(frames(&message).collect::<Vec<_>>(), given);
        }
        assert_eq!(message(&[]), None);
    }

    #[test]
    fn one_frame_is_its_own_message() {
        assert_eq!(message(&[&[1, 2, 3]]).expect("something")[..], [1, 2, 3]);
    }

    #[test]
    fn what_was_taken_is_gathered_no_more() {
        let mut several = Several::default();
        several.push(&[1]);
        assert!(several.take().is_some());
        assert_eq!((several.len(), several.take()), (0, None));
        several.push(&[2]);
        assert_eq!(several.take().expect("something")[..], [2]);
    }

    #[test]
    fn a_cut_message_gives_its_whole_frames() {
        let whole = message(&[&[1, 2], &[3, 4]]).expect("something");
        for len in 0..whole.len() {
            assert!(frames(&whole[..len]).all(|frame| frame.len() == 2 || len == 0), "{len}");
        }
    }
}
