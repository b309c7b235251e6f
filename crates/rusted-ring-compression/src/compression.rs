//! By what bytes are compressed.

#[cfg(feature = "zstd")]
use std::{fmt, sync::Arc};

#[cfg(feature = "zstd")]
use crate::NotADictionary;

/// By what bytes are compressed.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Compression {
    /// Blocks of LZ4: quick, and in Rust.
    Lz4,
    /// zstd, by a level from 1 on, which takes longer and shrinks more; below 0 it is quicker. 3 is what zstd takes by itself.
    #[cfg(feature = "zstd")]
    Zstd {
        /// The level.
        level: i32,
        /// What small events of a kind have in common. A reader has to have the same.
        dictionary: Option<Dictionary>,
    },
}

/// What events of a kind have in common, for zstd. Worth its while where they are a few kilobytes at most. Clones share the bytes.
#[cfg(feature = "zstd")]
#[derive(Clone)]
pub struct Dictionary {
    bytes: Arc<[u8]>,
    id: u32,
}

#[cfg(feature = "zstd")]
impl Dictionary {
    /// A dictionary of bytes that [`train`](Self::train), or the program `zstd --train`, made; or of any bytes that are like the events.
    ///
    /// # Errors
    ///
    /// [`NotADictionary`], if the bytes begin like one that was trained, and are none; or are fewer than 8.
    pub fn new(bytes: &[u8]) -> Result<Self, NotADictionary> {
        let is_usable = zstd::dict::EncoderDictionary::try_copy(bytes, 1).is_ok()
            && zstd::dict::DecoderDictionary::try_copy(bytes).is_ok();
        // 0 says that there is none.
        let id = crc32c::crc32c(bytes).max(1);
        if is_usable && bytes.len() >= 8 { Ok(Dictionary { bytes: bytes.into(), id }) } else { Err(NotADictionary) }
    }

    /// Makes a dictionary of at most so many bytes from sample events, which should be of one kind, and together a hundred times as long.
    ///
    /// # Errors
    ///
    /// [`NotADictionary`], if there are too few samples, or they have nothing in common.
    pub fn train(samples: &[impl AsRef<[u8]>], longest: usize) -> Result<Self, NotADictionary> {
        zstd::dict::from_samples(samples, longest).map_err(|_| NotADictionary).and_then(|bytes| Self::new(&bytes))
    }

    /// Returns its bytes, to be kept: what was packed with it cannot be unpacked without.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// By what a frame names it.
    pub(crate) fn id(&self) -> u32 {
        self.id
    }
}

#[cfg(feature = "zstd")]
impl PartialEq for Dictionary {
    fn eq(&self, other: &Self) -> bool {
        self.bytes == other.bytes
    }
}

#[cfg(feature = "zstd")]
impl Eq for Dictionary {}

#[cfg(feature = "zstd")]
impl fmt::Debug for Dictionary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Dictionary({} bytes, {:#010x})", self.bytes.len(), self.id)
    }
}
