//! The head of a frame: what is packed, and by what.

/// Its bytes.
pub(crate) const HEAD: usize = 12;

pub(crate) const LZ4: u32 = 1;
#[cfg(feature = "zstd")]
pub(crate) const ZSTD: u32 = 2;

/// What a frame says of itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Head {
    /// The bytes before they were packed.
    pub(crate) len: u32,
    /// By what they were.
    pub(crate) codec: u32,
    /// The CRC32C of the dictionary; 0, if there is none.
    pub(crate) dictionary: u32,
}

impl Head {
    pub(crate) fn write(self, to: &mut [u8]) {
        for (place, number) in to.chunks_exact_mut(4).zip([self.len, self.codec, self.dictionary]) {
            place.copy_from_slice(&number.to_le_bytes());
        }
    }

    /// The head of a frame, and what is packed in it; none, if the bytes end before.
    pub(crate) fn read(frame: &[u8]) -> Option<(Self, &[u8])> {
        let (head, packed) = frame.split_first_chunk::<HEAD>()?;
        let word = |at: usize| u32::from_le_bytes([head[at], head[at + 1], head[at + 2], head[at + 3]]);
        Some((Head { len: word(0), codec: word(4), dictionary: word(8) }, packed))
    }
}
