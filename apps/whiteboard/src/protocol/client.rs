//! The sender of an action, by which an action is recognised when it is sent again.

/// The 16 bytes with which a page names itself. They are never shown to others, so nobody else can take an action's id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct ClientId([u8; ClientId::LEN]);

impl ClientId {
    /// The length of a client's id, in bytes.
    pub(crate) const LEN: usize = 16;

    /// The id with these bytes.
    pub(crate) const fn new(bytes: [u8; ClientId::LEN]) -> Self {
        ClientId(bytes)
    }

    /// Its bytes.
    pub(crate) fn bytes(&self) -> &[u8; ClientId::LEN] {
        &self.0
    }
}
