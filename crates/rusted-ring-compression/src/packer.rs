//! Packing.

use std::fmt;

use lz4_flex::block::{CompressTable, compress_into_with_table, get_maximum_output_size};

use crate::{
    Compression,
    frame::{HEAD, Head, LZ4},
};

/// Packs bytes, for one publisher or one writer. Its memory is used again: it takes some whenever what it packs is longer than anything before.
pub struct Packer {
    codec: Codec,
    frame: Vec<u8>,
    pub(crate) shortest: usize,
}

enum Codec {
    Lz4(CompressTable),
    #[cfg(feature = "zstd")]
    Zstd {
        compressor: Box<zstd::bulk::Compressor<'static>>,
        dictionary: u32,
    },
}

impl Packer {
    /// A packer by this compression.
    ///
    /// # Panics
    ///
    /// If zstd gets no memory.
    pub fn new(compression: &Compression) -> Self {
        let codec = match compression {
            Compression::Lz4 => Codec::Lz4(CompressTable::default()),
            #[cfg(feature = "zstd")]
            Compression::Zstd { level, dictionary } => {
                let bytes = dictionary.as_ref().map_or(&[][..], |dictionary| dictionary.bytes());
                let compressor = zstd::bulk::Compressor::with_dictionary(*level, bytes).expect("memory for zstd");
                let dictionary = dictionary.as_ref().map_or(0, |dictionary| dictionary.id());
                Codec::Zstd { compressor: Box::new(compressor), dictionary }
            }
        };
        Packer { codec, frame: Vec::new(), shortest: 1025 }
    }

    /// Returns the bytes as a frame, if that is shorter than they are.
    pub fn pack(&mut self, bytes: &[u8]) -> Option<&[u8]> {
        let len = u32::try_from(bytes.len()).ok()?;
        // A frame is shorter, and has a head.
        let most = bytes.len().checked_sub(HEAD + 1)?;
        let room = HEAD + get_maximum_output_size(bytes.len());
        if self.frame.len() < room {
            self.frame.resize(room, 0);
        }
        let (head, packed) = self.frame.split_at_mut(HEAD);
        let (size, codec, dictionary) = match &mut self.codec {
            Codec::Lz4(table) => (compress_into_with_table(bytes, packed, table).ok()?, LZ4, 0),
            #[cfg(feature = "zstd")]
            // It refuses what does not fit.
            Codec::Zstd { compressor, dictionary } => {
                (compressor.compress_to_buffer(bytes, &mut packed[..most]).ok()?, crate::frame::ZSTD, *dictionary)
            }
        };
        Head { len, codec, dictionary }.write(head);
        (size <= most).then(|| &self.frame[..HEAD + size])
    }
}

impl fmt::Debug for Packer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Packer").field("shortest", &self.shortest).finish_non_exhaustive()
    }
}
