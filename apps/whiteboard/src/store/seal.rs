//! The proof of a store's own records.

use hmac::{Hmac, Mac};
use sha2::Sha256;

/// The field by which a record is recognised at once.
pub(super) const TAG_LEN: usize = 8;
/// The field that proves it.
pub(super) const SEAL_LEN: usize = 16;

/// A store's own secret, which never leaves the data directory and its copies.
#[derive(Clone)]
pub(super) struct Key {
    secret: [u8; Key::LEN],
    tag: [u8; TAG_LEN],
    /// Begun with the secret; beginning costs as much as a short record.
    begun: Hmac<Sha256>,
}

impl Key {
    /// The secret's length, in bytes.
    pub(super) const LEN: usize = 32;

    /// The key with this secret.
    pub(super) fn new(secret: [u8; Key::LEN]) -> Self {
        let begun = Hmac::new_from_slice(&secret).expect("any length is a key's");
        let mut tag = [0; TAG_LEN];
        let told = begun.clone().chain_update(b"tag").finalize().into_bytes();
        tag.copy_from_slice(&told[..TAG_LEN]);
        Key { secret, tag, begun }
    }

    /// The secret.
    pub(super) fn secret(&self) -> &[u8; Key::LEN] {
        &self.secret
    }

    /// The same in all that it seals. Nobody outside sees it: the key has not sealed any bytes without it.
    pub(super) fn tag(&self) -> &[u8; TAG_LEN] {
        &self.tag
    }

    /// The seal of these bytes.
    pub(super) fn seal(&self, bytes: &[u8]) -> [u8; SEAL_LEN] {
        self.sealed(b"record", bytes)
    }

    /// The seal of these bytes as a mark, which no record has.
    pub(super) fn seal_mark(&self, bytes: &[u8]) -> [u8; SEAL_LEN] {
        self.sealed(b"mark", bytes)
    }

    fn sealed(&self, what: &[u8], bytes: &[u8]) -> [u8; SEAL_LEN] {
        let whole = self.begun.clone().chain_update(what).chain_update(bytes).finalize().into_bytes();
        let mut seal = [0; SEAL_LEN];
        seal.copy_from_slice(&whole[..SEAL_LEN]);
        seal
    }

    /// Whether this is the seal of these bytes.
    pub(super) fn has_sealed(&self, bytes: &[u8], seal: &[u8]) -> bool {
        self.begun.clone().chain_update(b"record").chain_update(bytes).verify_truncated_left(seal).is_ok()
    }
}

impl PartialEq for Key {
    fn eq(&self, other: &Self) -> bool {
        self.secret == other.secret
    }
}

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Key(..)")
    }
}
