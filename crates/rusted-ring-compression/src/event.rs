//! Events that are packed if that is worth it, and say so in their heads.

use crate::{Packer, ReservedType, UnpackError, Unpacker};

/// The bit of an event's type that says that the event is packed: the highest.
pub const PACKED: u32 = 1 << 31;

impl Packer {
    /// Packs events of so many bytes or more, by [`pack_event`](Self::pack_event). It is 1025 otherwise: those of the size classes L and XL.
    #[must_use]
    pub fn events_from(mut self, shortest: usize) -> Self {
        self.shortest = shortest;
        self
    }

    /// Returns an event as it is to be published: packed, with [`PACKED`] in its type; or as it is, if it is too short to ask, or does not shrink.
    ///
    /// What it returns is never longer than the event. A pool set chooses the pool of what it is given, so a packed event may go to a smaller one, whose readers then have it.
    ///
    /// # Errors
    ///
    /// [`ReservedType`], if the type has that bit already.
    pub fn pack_event<'a>(&'a mut self, event: &'a [u8], event_type: u32) -> Result<(&'a [u8], u32), ReservedType> {
        if event_type & PACKED != 0 {
            return Err(ReservedType(event_type));
        }
        let is_asked = event.len() >= self.shortest;
        match is_asked.then(|| self.pack(event)).flatten() {
            Some(frame) => Ok((frame, event_type | PACKED)),
            None => Ok((event, event_type)),
        }
    }
}

impl Unpacker {
    /// Returns an event as it was before [`pack_event`](Packer::pack_event): the same, unless its type has [`PACKED`].
    ///
    /// # Errors
    ///
    /// As [`unpack`](Self::unpack). The event's bytes are as they were.
    ///
    /// # Panics
    ///
    /// As [`unpack`](Self::unpack).
    pub fn unpack_event<'a>(&'a mut self, event: &'a [u8], event_type: u32) -> Result<(&'a [u8], u32), UnpackError> {
        if event_type & PACKED == 0 {
            return Ok((event, event_type));
        }
        self.unpack(event).map(|event| (event, event_type & !PACKED))
    }

    /// As [`unpack_event`](Self::unpack_event), to the front of `room`. Returns how many bytes it has there, and the type.
    ///
    /// # Errors
    ///
    /// As [`unpack_to`](Self::unpack_to), also for an event that is not packed.
    ///
    /// # Panics
    ///
    /// As [`unpack`](Self::unpack).
    pub fn unpack_event_to(
        &mut self,
        event: &[u8],
        event_type: u32,
        room: &mut [u8],
    ) -> Result<(usize, u32), UnpackError> {
        if event_type & PACKED != 0 {
            return self.unpack_to(event, room).map(|len| (len, event_type & !PACKED));
        }
        let longest = self.longest().min(room.len());
        if event.len() > longest {
            let len = event.len().try_into().unwrap_or(u32::MAX);
            return Err(UnpackError::TooLong { len, longest });
        }
        room[..event.len()].copy_from_slice(event);
        Ok((event.len(), event_type))
    }
}
