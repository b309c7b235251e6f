//! How full the pools are, for monitoring.

use core::fmt;

use super::{PoolId, PoolSet, Production};

/// How full one pool is, measured by its slowest living reader.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PoolStats {
    /// The pool.
    pub pool_id: PoolId,
    /// Its slots.
    pub capacity: usize,
    /// The slowest listed reader's lag as a part of the capacity, at most 1.0; 0.0 without readers.
    pub current_backpressure: f32,
}

impl PoolStats {
    /// The state of the production set's pools, smallest slots first. Disturbs no publisher and no reader.
    #[cfg(feature = "alloc")]
    pub fn collect_all() -> alloc::vec::Vec<Self> {
        Production.stats().into()
    }

    /// The state of the production set's XS pool.
    pub fn collect_xs() -> Self {
        Production.stats_of(PoolId::XS)
    }

    /// The state of the production set's S pool.
    pub fn collect_s() -> Self {
        Production.stats_of(PoolId::S)
    }

    /// The state of the production set's M pool.
    pub fn collect_m() -> Self {
        Production.stats_of(PoolId::M)
    }

    /// The state of the production set's L pool.
    pub fn collect_l() -> Self {
        Production.stats_of(PoolId::L)
    }

    /// The state of the production set's XL pool.
    pub fn collect_xl() -> Self {
        Production.stats_of(PoolId::XL)
    }
}

impl fmt::Display for PoolStats {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let percent = self.current_backpressure * 100.0;
        write!(f, "Pool {:?}: capacity={}, backpressure={percent:.1}%", self.pool_id, self.capacity)
    }
}

/// What the fullest pool says about all of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SystemHealth {
    /// Below half.
    Excellent,
    /// From 0.5.
    Good,
    /// From 0.8.
    Warning,
    /// From 0.9.
    Critical,
}

impl SystemHealth {
    /// The health at a pressure between 0.0 and 1.0.
    pub fn at(pressure: f32) -> Self {
        match pressure {
            p if p < 0.5 => SystemHealth::Excellent,
            p if p < 0.8 => SystemHealth::Good,
            p if p < 0.9 => SystemHealth::Warning,
            _ => SystemHealth::Critical,
        }
    }

    /// The health of these pools, which is that of the fullest; excellent without pools.
    pub fn of(stats: &[PoolStats]) -> Self {
        Self::at(stats.iter().map(|stats| stats.current_backpressure).fold(0.0, f32::max))
    }
}

impl fmt::Display for SystemHealth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            SystemHealth::Excellent => "excellent",
            SystemHealth::Good => "good",
            SystemHealth::Warning => "warning",
            SystemHealth::Critical => "critical",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn health_changes_at_its_thresholds() {
        let below = |pressure: f32| pressure - 1e-6;
        for (pressure, health) in [
            (0.0, SystemHealth::Excellent),
            (below(0.5), SystemHealth::Excellent),
            (0.5, SystemHealth::Good),
            (below(0.8), SystemHealth::Good),
            (0.8, SystemHealth::Warning),
            (below(0.9), SystemHealth::Warning),
            (0.9, SystemHealth::Critical),
            (1.0, SystemHealth::Critical),
        ] {
            assert_eq!(SystemHealth::at(pressure), health, "{pressure}");
        }
        assert_eq!(SystemHealth::of(&[]), SystemHealth::Excellent);
    }

    #[test]
    fn stats_print_as_published() {
        let stats = PoolStats { pool_id: PoolId::XS, capacity: 2000, current_backpressure: 0.153 };
        assert_eq!(stats.to_string(), "Pool XS: capacity=2000, backpressure=15.3%");
    }
}
