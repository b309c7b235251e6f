//! A chunk of a recording, in memory: whole, or not at all.

use std::{io::Read, ops::Range};

use crate::fields::Fields;

/// Bytes of a record, and of a chunk after it was decompressed, at most: whatever a file says, no more memory is taken for it.
pub(crate) const LONGEST: usize = 1 << 25;
/// The logarithm of the bytes to which a compressed chunk may refer back.
const WINDOW: u32 = 25;

/// The records of a chunk.
#[derive(Debug, Default)]
pub(crate) struct Chunk {
    records: Vec<u8>,
    at: usize,
}

impl Chunk {
    /// The chunk in `record`, decompressed, whose check was made; or what is wrong with it.
    pub(crate) fn open(&mut self, record: &[u8]) -> Result<(), String> {
        self.records.clear();
        self.at = 0;
        let (check, size, compression, data) = parts(record).ok_or("a chunk's head is not whole")?;
        let size: usize = size
            .try_into()
            .ok()
            .filter(|size| *size <= LONGEST)
            .ok_or_else(|| format!("a chunk says that it has {size} bytes, and has {LONGEST} at most"))?;
        let failed = |error| format!("a chunk cannot be decompressed: {error}");
        // One more, to see that there are not more.
        let most = size as u64 + 1;
        match compression {
            "" => data.take(most).read_to_end(&mut self.records),
            "lz4" => lz4::Decoder::new(data).and_then(|chunk| chunk.take(most).read_to_end(&mut self.records)),
            "zstd" => zstd::Decoder::with_buffer(data).and_then(|mut chunk| {
                chunk.window_log_max(WINDOW)?;
                chunk.take(most).read_to_end(&mut self.records)
            }),
            _ => return Err("a chunk is compressed by neither `lz4` nor `zstd`".to_owned()),
        }
        .map_err(failed)?;
        if self.records.len() != size {
            return Err("a chunk has not as many bytes as it says".to_owned());
        }
        // 0 says that there is none.
        if check != 0 && check != crc32fast::hash(&self.records) {
            return Err("a chunk's check is not that of its bytes".to_owned());
        }
        Ok(())
    }

    /// Goes to the next record, and returns its kind and where it lies; none behind the last.
    pub(crate) fn advance(&mut self) -> Result<Option<(u8, Range<usize>)>, String> {
        let mut fields = Fields(&self.records[self.at..]);
        if fields.0.is_empty() {
            return Ok(None);
        }
        let found = fields.u8().and_then(|kind| Some((kind, fields.counted()?.len())));
        let (kind, length) = found.ok_or("a chunk ends in the middle of a record")?;
        self.at = self.records.len() - fields.0.len();
        Ok(Some((kind, self.at - length..self.at)))
    }

    pub(crate) fn bytes(&self, at: Range<usize>) -> &[u8] {
        &self.records[at]
    }
}

/// A chunk's check, its bytes before they were compressed, by what that was, and its bytes.
fn parts(record: &[u8]) -> Option<(u32, u64, &str, &[u8])> {
    let mut fields = Fields(record);
    let (_from, _to) = (fields.u64()?, fields.u64()?);
    let (size, check) = (fields.u64()?, fields.u32()?);
    Some((check, size, fields.text()?, fields.counted()?))
}
