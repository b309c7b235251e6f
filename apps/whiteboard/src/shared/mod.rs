//! The five pools in shared memory, where other programs may look at them: `rring ls`, `top`, `stat` and `tap`. And those into which they may put something.

mod claim;

use anyhow::{Context, anyhow};
use rusted_ring::pool::{Capacities, XL_TSHIRT_SIZE};
use rusted_ring_shm::{FileError, PoolFiles, Pools, TrustedPools, trust_pools};

use self::claim::Claim;
use crate::rings::pools::Verdict;

/// The rings' names, which go when this is dropped: who has the rings open keeps them.
#[derive(Debug)]
pub(crate) struct Names {
    files: PoolFiles,
    /// Goes last.
    _claim: Claim,
}

/// Creates the pool set NAME. What a server that was killed has left under this name is removed first.
pub(crate) fn create(
    name: &str,
    capacities: Capacities,
) -> anyhow::Result<(TrustedPools<XL_TSHIRT_SIZE, Verdict>, Names)> {
    let (pools, names) = create_for_all(name, capacities)?;
    // SAFETY: the files are this user's alone, and who starts the server with `--shm` says by it that this user's programs write them through
    // this library, as `rring` does. This process forks only in order to execute another program.
    Ok((unsafe { trust_pools(pools) }, names))
}

/// The same, of pools whose contents nobody believes.
pub(crate) fn create_for_all(
    name: &str,
    capacities: Capacities,
) -> anyhow::Result<(Pools<XL_TSHIRT_SIZE, Verdict>, Names)> {
    let files = PoolFiles::named(name).context("--shm")?;
    let claim = Claim::on(name)?;
    clear(name, &files)?;
    let pools = files.create(capacities).map_err(|error| match error {
        FileError::NoSpace { needed, path } => anyhow!(
            "--shm: there are not {needed} bytes left for {}: free some (`rring rm` removes rings that nobody has open), give the \
             container more (`--shm-size`), take --preset mobile, or start without --shm",
            path.display()
        ),
        // Pools of a whiteboard would have been removed.
        FileError::Exists(path) => not_a_whiteboards(name, &format_args!("{} is there", path.display())),
        other => anyhow!("--shm: {other}; or start without --shm"),
    })?;
    Ok((pools, Names { files, _claim: claim }))
}

impl Drop for Names {
    fn drop(&mut self) {
        // Somebody may have removed them already.
        let _ = self.files.remove();
    }
}

/// Removes the pools of a server that does not run any more, if they are there. The name is claimed: no server has it.
fn clear(name: &str, files: &PoolFiles) -> anyhow::Result<()> {
    match files.open::<XL_TSHIRT_SIZE, Verdict>() {
        Ok(pools) => {
            drop::<Pools<XL_TSHIRT_SIZE, Verdict>>(pools);
            files.remove().context("--shm: removing what a server that was killed has left")?;
            tracing::info!("removed 5 rings that a server which was killed has left under the name {name}");
            Ok(())
        }
        // Without all five they are no set, and who creates one removes what is left of another.
        Err(FileError::NotFound(_)) => Ok(()),
        Err(error) => Err(not_a_whiteboards(name, &error)),
    }
}

fn not_a_whiteboards(name: &str, what: &dyn std::fmt::Display) -> anyhow::Error {
    anyhow!(
        "--shm: what has the name {name} is not a whiteboard's ({what}): choose another NAME, or remove it (`rring rm` removes rings that \
         nobody has open)"
    )
}
