//! The five pools in shared memory, where other programs may look at them: `rring ls`, `top`, `stat` and `tap`.

mod claim;

use anyhow::{Context, anyhow};
use rusted_ring::pool::{Capacities, PoolSet, XL_TSHIRT_SIZE};
use rusted_ring::{Bytes, Many};
use rusted_ring_shm::{FileError, RingFile, TrustedRing, trust_peers};

use self::claim::Claim;
use crate::log;
use crate::rings::pools::Verdict;
use crate::terminal;

type Pool<const N: usize> = TrustedRing<Bytes<N, N, Verdict>>;

/// The set of all five; a clone is of the same rings.
#[derive(Clone, Debug)]
pub(crate) struct SharedPools {
    xs: Pool<64>,
    s: Pool<256>,
    m: Pool<1024>,
    l: Pool<4096>,
    xl: Pool<XL_TSHIRT_SIZE>,
}

/// The rings' names, which go when this is dropped: who has the rings open keeps them.
#[derive(Debug)]
pub(crate) struct Names {
    /// Goes last.
    _claim: Claim,
    files: Vec<RingFile>,
}

impl SharedPools {
    /// Creates the five rings, from `NAME-xs` to `NAME-xl`. What a server that was killed has left under this name is removed first.
    pub(crate) fn create(name: &str, capacities: Capacities) -> anyhow::Result<(Self, Names)> {
        let file = |size: &str| RingFile::named(&format!("{name}-{size}")).context("--shm");
        let files = [file("xs")?, file("s")?, file("m")?, file("l")?, file("xl")?];
        let mut names = Names { _claim: Claim::on(name)?, files: Vec::new() };
        let [xs, s, m, l, xl] = &files;
        let left =
            [clear::<64>(xs)?, clear::<256>(s)?, clear::<1024>(m)?, clear::<4096>(l)?, clear::<XL_TSHIRT_SIZE>(xl)?];
        let left = left.into_iter().filter(|was_there| *was_there).count();
        if left > 0 {
            log::say(format_args!(
                "removed {} that a server which was killed has left under the name {name}",
                terminal::count(left as u64, "ring")
            ));
        }
        let Capacities { xs: of_xs, s: of_s, m: of_m, l: of_l, xl: of_xl, .. } = capacities;
        let pools = SharedPools {
            xs: names.create(xs, of_xs)?,
            s: names.create(s, of_s)?,
            m: names.create(m, of_m)?,
            l: names.create(l, of_l)?,
            xl: names.create(xl, of_xl)?,
        };
        Ok((pools, names))
    }
}

impl Names {
    fn create<const N: usize>(&mut self, file: &RingFile, capacity: usize) -> anyhow::Result<Pool<N>> {
        let ring = file.create::<_, Many>(capacity).map_err(|error| match error {
            FileError::NoSpace { needed, path } => anyhow!(
                "--shm: there are not {needed} bytes left for {}: free some (`rring rm` removes rings that nobody has open), give the \
                 container more (`--shm-size`), take --preset mobile, or start without --shm",
                path.display()
            ),
            other => anyhow!("--shm: {other}; or start without --shm"),
        })?;
        self.files.push(file.clone());
        // SAFETY: the file is this user's alone, and who starts the server with `--shm` says by it that this user's programs write it through
        // this library, as `rring` does. This process forks only in order to execute another program.
        Ok(unsafe { trust_peers(ring) })
    }
}

impl Drop for Names {
    fn drop(&mut self) {
        for file in &self.files {
            // Somebody may have removed it already.
            let _ = file.remove();
        }
    }
}

/// Removes the ring of a server that does not run any more; returns whether there was one. The name is claimed: no server has it.
fn clear<const N: usize>(file: &RingFile) -> anyhow::Result<bool> {
    match file.observe::<Bytes<N, N, Verdict>, Many>() {
        Ok(_) => {
            file.remove().context("--shm: removing what a server that was killed has left")?;
            Ok(true)
        }
        Err(FileError::NotFound(_)) => Ok(false),
        Err(error) => Err(anyhow!(
            "--shm: {} is there, and is not a whiteboard's ({error}): choose another NAME, or remove it by `rring rm`",
            file.path().display()
        )),
    }
}

impl PoolSet for SharedPools {
    type Notes = Verdict;
    type Xs = Pool<64>;
    type S = Pool<256>;
    type M = Pool<1024>;
    type L = Pool<4096>;
    type Xl = Pool<XL_TSHIRT_SIZE>;

    fn xs(&self) -> Self::Xs {
        self.xs.clone()
    }

    fn s(&self) -> Self::S {
        self.s.clone()
    }

    fn m(&self) -> Self::M {
        self.m.clone()
    }

    fn l(&self) -> Self::L {
        self.l.clone()
    }

    fn xl(&self) -> Self::Xl {
        self.xl.clone()
    }
}
