//! The events that are written, and the check of those that are read.

use anyhow::ensure;

/// Event `n`, in `bytes`.
pub(crate) fn write(bytes: &mut [u8], n: usize) {
    let (number, length) = ((n as u64).to_le_bytes(), bytes.len());
    bytes[..8].copy_from_slice(&number);
    bytes[length - 8..].copy_from_slice(&number);
}

/// Whether `bytes` are event `n`, of so many bytes.
pub(crate) fn check(bytes: &[u8], n: usize, length: usize) -> anyhow::Result<()> {
    let number = (n as u64).to_le_bytes();
    ensure!(bytes.len() == length, "event {n} has {} bytes, and had {length}", bytes.len());
    ensure!(bytes[..8] == number && bytes[length - 8..] == number, "event {n} is another one");
    Ok(())
}
