//! Which pool an event goes to, and the publishers of all five.

use std::fmt;
use std::sync::Arc;

use rusted_ring::pool::{EventSize, PoolId};
use rusted_ring::{JoinError, Publisher, publisher::PublishError};

use crate::protocol::Kind;
use crate::rings::pools::Set;

/// A publisher on each pool; a clone is another handle on them.
#[derive(Clone, Debug)]
pub(crate) struct Writers(Arc<dyn Write>);

impl Writers {
    /// Joins every pool of the set.
    pub(crate) fn join<P: Set>(pools: &P) -> Result<Self, JoinError> {
        Ok(Writers(Arc::new(Publishers::<P> {
            xs: Publisher::join(pools.xs())?,
            s: Publisher::join(pools.s())?,
            m: Publisher::join(pools.m())?,
            l: Publisher::join(pools.l())?,
            xl: Publisher::join(pools.xl())?,
        })))
    }

    /// Publishes into the pool of the event's kind and size. Never waits: a pool that a consumer holds is `Full`.
    pub(crate) fn try_publish(&self, kind: Kind, payload: &[u8]) -> Result<(), PublishError> {
        self.0.try_publish(pool_of(kind, payload.len()), payload, kind as u32)
    }
}

/// Publishers, wherever their pools lie.
trait Write: fmt::Debug + Send + Sync {
    fn try_publish(&self, pool: PoolId, payload: &[u8], event_type: u32) -> Result<(), PublishError>;
}

#[derive(Debug)]
struct Publishers<P: Set> {
    xs: Publisher<P::Xs>,
    s: Publisher<P::S>,
    m: Publisher<P::M>,
    l: Publisher<P::L>,
    xl: Publisher<P::Xl>,
}

impl<P: Set + fmt::Debug> Write for Publishers<P> {
    fn try_publish(&self, pool: PoolId, payload: &[u8], event_type: u32) -> Result<(), PublishError> {
        match pool {
            PoolId::XS => self.xs.try_publish(payload, event_type),
            PoolId::S => self.s.try_publish(payload, event_type),
            PoolId::M => self.m.try_publish(payload, event_type),
            PoolId::L => self.l.try_publish(payload, event_type),
            PoolId::XL => self.xl.try_publish(payload, event_type),
        }
        .map(drop)
    }
}

/// The pool of the kind, or the smallest larger one that holds `len` bytes.
fn pool_of(kind: Kind, len: usize) -> PoolId {
    let own = match kind {
        Kind::Cursor | Kind::Here | Kind::Left => PoolId::XS,
        Kind::Segment | Kind::Chat | Kind::Note | Kind::Clear | Kind::Hide | Kind::Show => PoolId::S,
        Kind::Stroke => PoolId::M,
        Kind::Image => PoolId::L,
    };
    EventSize::of(len).pool().map_or(PoolId::XL, |fits| fits.max(own))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_stays_in_its_pool_until_it_is_too_large_for_it() {
        assert_eq!(pool_of(Kind::Cursor, 21), PoolId::XS);
        assert_eq!(pool_of(Kind::Segment, 61), PoolId::S);
        assert_eq!(pool_of(Kind::Chat, 50), PoolId::S);
        assert_eq!(pool_of(Kind::Hide, 8045), PoolId::XL);
        assert_eq!(pool_of(Kind::Image, 120), PoolId::L);
        assert_eq!(pool_of(Kind::Chat, 257), PoolId::M);
        assert_eq!(pool_of(Kind::Stroke, 57), PoolId::M);
        assert_eq!(pool_of(Kind::Stroke, 1024), PoolId::M);
        assert_eq!(pool_of(Kind::Stroke, 1025), PoolId::L);
        assert_eq!(pool_of(Kind::Stroke, 4097), PoolId::XL);
    }
}
