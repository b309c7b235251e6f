//! Latest-value cells whose values' size is known at run time.

use rusted_ring::{Latest, LatestReader, LatestWriter, bytemuck::Zeroable, latest::Versioned};
use rusted_ring_shm::sizes::{self, AtSize};

use crate::{exclusive::Exclusive, failure::Failure};

/// Cells of any size.
pub(crate) trait AnyCells: Send + Sync {
    fn writer(&self) -> Result<Box<Exclusive<dyn AnyCellsWriter>>, Failure>;
    fn reader(&self) -> Result<Box<Exclusive<dyn AnyCellsReader>>, Failure>;
}

/// The writer of cells of any size.
pub(crate) trait AnyCellsWriter: Send {
    /// Returns the update's number.
    fn update(&mut self, key: usize, value: &[u8]) -> Result<u64, Failure>;
}

/// A reader of cells of any size.
pub(crate) trait AnyCellsReader: Send {
    /// Copies the value of `key` to `value`, if it is newer than `version`. Returns its version.
    fn newer(&mut self, key: usize, version: u64, value: &mut [u8]) -> Result<u64, Failure>;
}

/// Sizes of a value up to here: it is copied by way of the stack.
const LARGEST: usize = 4096;

/// Makes cells.
pub(crate) fn make(value_bytes: usize, keys: usize, readers: usize) -> Result<Box<dyn AnyCells>, Failure> {
    let size = sizes::power_holding(value_bytes as u64).filter(|_| (1..=LARGEST).contains(&value_bytes));
    let Some(size) = size else {
        return Err(Failure::argument(format!(
            "`value_bytes` is {value_bytes}: a value has from 1 to {LARGEST} bytes"
        )));
    };
    if keys == 0 || keys > u32::MAX as usize || readers > u32::MAX as usize {
        return Err(Failure::argument(format!(
            "`keys` is {keys} and `readers` {readers}: there is at least 1 key, and neither exceeds 2^32 - 1"
        )));
    }
    sizes::with_power(size, Make { value_bytes, keys, readers })
        .unwrap_or_else(|| Err(Failure::argument(format!("`value_bytes` is {value_bytes}"))))
}

struct Make {
    value_bytes: usize,
    keys: usize,
    readers: usize,
}

impl AtSize for Make {
    type Output = Result<Box<dyn AnyCells>, Failure>;

    fn at<const N: usize>(self) -> Self::Output {
        let Make { value_bytes, keys, readers } = self;
        let cells = Latest::<[u8; N]>::try_new(keys, readers)?;
        Ok(Box::new(Sized { of: cells, keys, value_bytes }))
    }
}

/// Cells, or an endpoint of these, and the sizes to check against.
struct Sized<T> {
    of: T,
    keys: usize,
    value_bytes: usize,
}

impl<T> Sized<T> {
    fn check(&self, key: usize, len: usize) -> Result<(), Failure> {
        let Sized { keys, value_bytes, .. } = self;
        if key >= *keys {
            return Err(Failure::argument(format!("`key` is {key}: these cells have keys from 0 to {}", keys - 1)));
        }
        if len != *value_bytes {
            return Err(Failure::argument(format!("`len` is {len}: a value of these cells has {value_bytes} bytes")));
        }
        Ok(())
    }

    fn of<U>(&self, of: U) -> Sized<U> {
        Sized { of, keys: self.keys, value_bytes: self.value_bytes }
    }
}

impl<const N: usize> AnyCells for Sized<Latest<[u8; N]>> {
    fn writer(&self) -> Result<Box<Exclusive<dyn AnyCellsWriter>>, Failure> {
        Ok(Box::new(Exclusive::new(self.of(self.of.writer()?))))
    }

    fn reader(&self) -> Result<Box<Exclusive<dyn AnyCellsReader>>, Failure> {
        Ok(Box::new(Exclusive::new(self.of(self.of.reader()?))))
    }
}

impl<const N: usize> AnyCellsWriter for Sized<LatestWriter<[u8; N]>> {
    fn update(&mut self, key: usize, value: &[u8]) -> Result<u64, Failure> {
        self.check(key, value.len())?;
        let mut padded = <[u8; N]>::zeroed();
        padded[..value.len()].copy_from_slice(value);
        Ok(self.of.update(key, &padded))
    }
}

impl<const N: usize> AnyCellsReader for Sized<LatestReader<[u8; N]>> {
    fn newer(&mut self, key: usize, version: u64, value: &mut [u8]) -> Result<u64, Failure> {
        self.check(key, value.len())?;
        let Some(Versioned { value: found, version }) = self.of.newer(key, version) else { return Err(Failure::Empty) };
        value.copy_from_slice(&found[..value.len()]);
        Ok(version)
    }
}
