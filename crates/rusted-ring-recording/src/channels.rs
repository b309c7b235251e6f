//! Which of a file's channels are a recording's.

use crate::{
    Origin,
    fields::Fields,
    origin::Wrong,
    recorder::{CHANNEL, EVENTS, MISSING},
};

/// The channels of a recording, by their numbers; a file may have others beside them, which are passed over.
#[derive(Debug, Default)]
pub(crate) struct Channels {
    events: Option<(u16, Origin)>,
    missing: Option<u16>,
}

/// Which channel it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Channel {
    Events,
    Missing,
}

impl Channels {
    /// Learns of a channel by its `record`; or says what is wrong with it. It may be there again.
    pub(crate) fn add(&mut self, record: &[u8]) -> Result<(), Wrong> {
        let mut fields = Fields(record);
        let mut parts = || {
            let (number, _schema) = (fields.u16()?, fields.u16()?);
            let (_topic, _encoding) = (fields.text()?, fields.text()?);
            Some((number, fields.map()?))
        };
        let (number, says) = parts().ok_or_else(|| "a channel's record is not whole".to_owned())?;
        match says.get(CHANNEL).map(String::as_str) {
            Some(EVENTS) => {
                let found = (number, Origin::of_map(&says)?);
                if self.events.get_or_insert_with(|| found.clone()) != &found {
                    return Err("it has events of two rings".to_owned().into());
                }
            }
            Some(MISSING) if *self.missing.get_or_insert(number) != number => {
                return Err("it has two channels of what is missing".to_owned().into());
            }
            _ => {}
        }
        Ok(())
    }

    pub(crate) fn origin(&self) -> Option<&Origin> {
        self.events.as_ref().map(|(_, origin)| origin)
    }

    pub(crate) fn find(&self, number: u16) -> Option<Channel> {
        match number {
            number if Some(number) == self.events.as_ref().map(|(events, _)| *events) => Some(Channel::Events),
            number if Some(number) == self.missing => Some(Channel::Missing),
            _ => None,
        }
    }
}
