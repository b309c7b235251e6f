//! Copies of the boards: the subcommand, and what a server that has them open does for it.
//!
//! A store's file belongs to one process. While a server has it open, that server makes the copy, over a socket in the data
//! directory, for anyone who may enter that directory.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::bail;

use crate::cli;
use crate::store::backup::{Copied, copy};
use crate::store::{Store, is_there};
use crate::terminal;

/// Copies all boards, as they are at one moment, to a new store: of a server that runs, or of a store that nobody has
/// open. The copy is a data directory; what does not become whole is removed.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  whiteboard backup --data ./board --into ./monday\n  whiteboard --data ./monday")]
pub(crate) struct Args {
    /// Where the boards are kept; by default the platform's place for a program's data
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,

    /// Where the copy goes: a directory that has no store; it is made if it is missing
    #[arg(long, value_name = "NEWDIR")]
    into: PathBuf,
}

impl Args {
    /// Copies, and prints what; returns whether all of it is whole.
    pub(crate) fn run(&self) -> anyhow::Result<bool> {
        let data = cli::data_directory(self.data.as_deref())?;
        if !is_there(&data) {
            bail!("there are no boards in {}", data.display());
        }
        let Copied { actions, last, damaged } = match ask(&data, &self.into) {
            Some(copied) => copied?,
            None => copy(&Store::open_to_read(&data)?, &self.into)?,
        };
        if damaged > 0 {
            terminal::err(format_args!(
                "whiteboard: {} of the store cannot be read, and so of the copy; nobody is shown what was damaged: an older \
                 copy may have it, so keep that",
                terminal::count(damaged, "action")
            ));
        }
        terminal::out(format_args!(
            "copied {}, up to revision {last}\nopen them with: whiteboard --data {}",
            terminal::count(actions, "action"),
            terminal::line(&self.into.display().to_string())
        ))?;
        Ok(damaged == 0)
    }
}

#[cfg(unix)]
use unix::ask;
#[cfg(unix)]
pub(crate) use unix::serve;

#[cfg(unix)]
mod unix {
    use std::fs::{Permissions, remove_file, set_permissions};
    use std::io::{BufReader, BufWriter};
    use std::os::unix::fs::PermissionsExt;
    use std::os::unix::net::{UnixListener, UnixStream};
    use std::sync::Weak;
    use std::thread::Builder;
    use std::time::Duration;

    use super::{Arc, Copied, Path, PathBuf, Store};
    use crate::remedy::explained;
    use crate::store::backup::{receive, send};

    /// How long each side waits for the other.
    const PATIENCE: Duration = Duration::from_secs(30);

    fn socket_in(directory: &Path) -> PathBuf {
        directory.join("board.sock")
    }

    /// Asks the server that has the store open for a copy; `None` if there is none.
    pub(super) fn ask(data: &Path, into: &Path) -> Option<anyhow::Result<Copied>> {
        let server = UnixStream::connect(socket_in(data)).ok()?;
        let copied = server.set_read_timeout(Some(PATIENCE)).map_err(Into::into);
        Some(copied.and_then(|()| receive(BufReader::new(server), into)))
    }

    /// Serves copies as long as this lives.
    #[derive(Debug)]
    pub(crate) struct Copies(PathBuf);

    impl Drop for Copies {
        fn drop(&mut self) {
            // One that stays harms nobody: the next server takes its place.
            let _ = remove_file(&self.0);
        }
    }

    /// Serves copies of the store, which this process has open, to anyone who asks in its directory. Where that is not possible
    /// the boards are served all the same.
    pub(crate) fn serve(store: &Arc<Store>, directory: &Path) -> Option<Copies> {
        let path = socket_in(directory);
        // The socket of a server that was killed: this one has the store now.
        let _ = remove_file(&path);
        let store = Arc::downgrade(store);
        let begun = UnixListener::bind(&path).and_then(|listener| {
            set_permissions(&path, Permissions::from_mode(0o600))?;
            Builder::new().name("copies".to_owned()).spawn(move || answer(&listener, &store))
        });
        match begun {
            Ok(_) => Some(Copies(path)),
            Err(error) => {
                let failed = format!("no backups while the server runs: cannot make {}", path.display());
                let told = explained(failed, &error, "stop the server for a backup");
                tracing::warn!("{told}");
                None
            }
        }
    }

    /// Answers one after another, because a copy reads the whole store.
    fn answer(listener: &UnixListener, store: &Weak<Store>) {
        for asking in listener.incoming() {
            let (Ok(asking), Some(store)) = (asking, store.upgrade()) else { continue };
            let sent = asking.set_write_timeout(Some(PATIENCE)).map_err(Into::into);
            if let Err(error) = sent.and_then(|()| send(&store, BufWriter::new(asking))) {
                tracing::error!("a backup was not finished: {error:#}");
            }
        }
    }
}

/// Without such sockets only a store that nobody has open can be copied.
#[cfg(not(unix))]
fn ask(_data: &Path, _into: &Path) -> Option<anyhow::Result<Copied>> {
    None
}

/// The same.
#[cfg(not(unix))]
pub(crate) fn serve(_store: &Arc<Store>, _directory: &Path) -> Option<()> {
    None
}
