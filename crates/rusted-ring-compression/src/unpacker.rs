//! Unpacking, with bounded memory, of bytes that may be anything.

use std::fmt;

use crate::{
    UnpackError,
    frame::{Head, LZ4},
};

#[cfg(feature = "zstd")]
type Decompressor = Box<zstd::bulk::Decompressor<'static>>;

/// Unpacks frames, for one reader. Its memory is used again, and bounded: the longest that it was made for, and for zstd what that needs.
pub struct Unpacker {
    longest: usize,
    unpacked: Vec<u8>,
    /// Each is made when it is needed first.
    #[cfg(feature = "zstd")]
    plain: Option<Decompressor>,
    #[cfg(feature = "zstd")]
    known: Vec<(crate::Dictionary, Option<Decompressor>)>,
}

impl Unpacker {
    /// An unpacker of what unpacks to so many bytes at most.
    pub fn new(longest: usize) -> Self {
        Unpacker {
            longest,
            unpacked: Vec::new(),
            #[cfg(feature = "zstd")]
            plain: None,
            #[cfg(feature = "zstd")]
            known: Vec::new(),
        }
    }

    pub(crate) fn longest(&self) -> usize {
        self.longest
    }

    /// Unpacks also what was packed with this dictionary. There may be several.
    #[cfg(feature = "zstd")]
    #[must_use]
    pub fn with_dictionary(mut self, dictionary: &crate::Dictionary) -> Self {
        self.known.push((dictionary.clone(), None));
        self
    }

    /// Returns what was packed in a frame. The frame may be any bytes.
    ///
    /// # Errors
    ///
    /// As [`UnpackError`] says. It unpacks other frames as before then.
    ///
    /// # Panics
    ///
    /// If zstd gets no memory.
    pub fn unpack(&mut self, frame: &[u8]) -> Result<&[u8], UnpackError> {
        let mut unpacked = std::mem::take(&mut self.unpacked);
        let outcome = self.unpack_into(frame, &mut unpacked);
        self.unpacked = unpacked;
        outcome.map(|()| &self.unpacked[..])
    }

    /// As [`unpack`](Self::unpack), into the caller's memory, which then has that and nothing else; after an error, nothing.
    ///
    /// # Errors
    ///
    /// As [`unpack`](Self::unpack).
    ///
    /// # Panics
    ///
    /// As [`unpack`](Self::unpack).
    pub fn unpack_into(&mut self, frame: &[u8], unpacked: &mut Vec<u8>) -> Result<(), UnpackError> {
        let outcome = self.try_into(frame, unpacked);
        if outcome.is_err() {
            unpacked.clear();
        }
        outcome
    }

    /// Unpacks a frame to the front of `room`, and returns how many bytes it has there. It takes no other memory, but for zstd.
    ///
    /// # Errors
    ///
    /// As [`unpack`](Self::unpack), and [`UnpackError::TooLong`], if there is not so much room. The room may be written to then.
    ///
    /// # Panics
    ///
    /// As [`unpack`](Self::unpack).
    pub fn unpack_to(&mut self, frame: &[u8], room: &mut [u8]) -> Result<usize, UnpackError> {
        let (head, len, packed) = told(frame, self.longest.min(room.len()))?;
        self.decompress(head, packed, &mut room[..len])?;
        Ok(len)
    }

    fn try_into(&mut self, frame: &[u8], unpacked: &mut Vec<u8>) -> Result<(), UnpackError> {
        let (head, len, packed) = told(frame, self.longest)?;
        // Not more than is needed, as `resize` alone would take.
        unpacked.reserve_exact(len.saturating_sub(unpacked.len()));
        unpacked.resize(len, 0);
        self.decompress(head, packed, unpacked)
    }

    /// Fills `unpacked`, or says why not.
    fn decompress(&mut self, head: Head, packed: &[u8], unpacked: &mut [u8]) -> Result<(), UnpackError> {
        let size = match (head.codec, head.dictionary) {
            (LZ4, 0) => lz4_flex::block::decompress_into(packed, unpacked).ok(),
            #[cfg(feature = "zstd")]
            (crate::frame::ZSTD, id) => self.decompressor(id)?.decompress_to_buffer(packed, unpacked).ok(),
            (LZ4, _) => None,
            (codec, _) => return Err(UnpackError::Codec(codec)),
        };
        if size == Some(unpacked.len()) { Ok(()) } else { Err(UnpackError::Damaged) }
    }

    #[cfg(feature = "zstd")]
    fn decompressor(&mut self, id: u32) -> Result<&mut Decompressor, UnpackError> {
        let (place, bytes) = if id == 0 {
            (&mut self.plain, &[][..])
        } else {
            let known = self.known.iter_mut().find(|(dictionary, _)| dictionary.id() == id);
            let (dictionary, place) = known.ok_or(UnpackError::Dictionary(id))?;
            (place, dictionary.bytes())
        };
        let make = || Box::new(zstd::bulk::Decompressor::with_dictionary(bytes).expect("memory for zstd"));
        Ok(place.get_or_insert_with(make))
    }
}

/// A frame's head, its length if that is no more than `longest`, and what is packed.
fn told(frame: &[u8], longest: usize) -> Result<(Head, usize, &[u8]), UnpackError> {
    let (head, packed) = Head::read(frame).ok_or(UnpackError::Damaged)?;
    let len = usize::try_from(head.len).ok().filter(|len| *len <= longest);
    Ok((head, len.ok_or(UnpackError::TooLong { len: head.len, longest })?, packed))
}

impl fmt::Debug for Unpacker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Unpacker").field("longest", &self.longest).finish_non_exhaustive()
    }
}
