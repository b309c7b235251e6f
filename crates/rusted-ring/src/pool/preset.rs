//! The three published sets, as statics. A set that a program does not name takes no memory in it.

crate::pools! {
    /// [`Capacities::PRODUCTION`](super::Capacities::PRODUCTION): the set behind [`EventPoolFactory`](crate::compat::EventPoolFactory).
    pub struct Production { xs: 2000, s: 1000, m: 300, l: 60, xl: 15 }
}

crate::pools! {
    /// [`Capacities::MOBILE`](super::Capacities::MOBILE).
    pub struct Mobile { xs: 500, s: 250, m: 100, l: 20, xl: 5 }
}

crate::pools! {
    /// [`Capacities::SERVER`](super::Capacities::SERVER).
    pub struct Server { xs: 4000, s: 2000, m: 600, l: 120, xl: 30 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pool::{Capacities, PoolId, PoolSet};

    #[test]
    fn the_statics_have_the_capacities_of_their_presets() {
        fn check(set: impl PoolSet, capacities: Capacities) {
            assert_eq!(set.stats().map(|stats| stats.capacity), PoolId::ALL.map(|pool| capacities.of(pool)));
        }
        check(Production, Capacities::PRODUCTION);
        check(Mobile, Capacities::MOBILE);
        check(Server, Capacities::SERVER);
    }
}
