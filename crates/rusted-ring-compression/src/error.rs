//! What goes wrong.

use std::{error::Error, fmt};

/// Why a frame was not unpacked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum UnpackError {
    /// It says that it unpacks to more than the [`Unpacker`](crate::Unpacker) takes.
    TooLong {
        /// The bytes that it says.
        len: u32,
        /// The bytes that are taken at most.
        longest: usize,
    },
    /// It was packed by something that this program does not have.
    Codec(u32),
    /// It was packed with a dictionary that the [`Unpacker`](crate::Unpacker) was not given.
    Dictionary(u32),
    /// It is not what was packed.
    Damaged,
}

/// An event's type has the bit that says that an event is packed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReservedType(pub u32);

/// Bytes are no dictionary of zstd, or samples give none.
#[cfg(feature = "zstd")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotADictionary;

impl fmt::Display for UnpackError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            UnpackError::TooLong { len, longest } => {
                write!(
                    f,
                    "a packed event says that it has {len} bytes, and {longest} are taken at most: make the unpacker for longer ones, if it is to be believed"
                )
            }
            UnpackError::Codec(2) if cfg!(not(feature = "zstd")) => f.write_str(
                "it was packed by zstd, which this program was built without: build it with the feature `zstd`",
            ),
            UnpackError::Codec(codec) => {
                write!(
                    f,
                    "it was packed by method {codec}, which is not known here: read it with the program that packed it"
                )
            }
            UnpackError::Dictionary(id) => {
                write!(
                    f,
                    "it was packed with the dictionary whose CRC32C is {id:#010x}, which was not given: give it, too"
                )
            }
            UnpackError::Damaged => f.write_str("its bytes are not what was packed"),
        }
    }
}

impl fmt::Display for ReservedType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "the event's type {:#010x} has the highest bit, which says that an event is packed: take types below 2^31",
            self.0
        )
    }
}

#[cfg(feature = "zstd")]
impl fmt::Display for NotADictionary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "this is no dictionary of zstd: train one from more events, a hundred times its size, that are alike",
        )
    }
}

impl Error for UnpackError {}
impl Error for ReservedType {}
#[cfg(feature = "zstd")]
impl Error for NotADictionary {}
