//! Processes that are killed, and disks that are full. The stage `crash` runs these.

mod full;
mod kill;

use std::{
    path::Path,
    process::{Child, Command, Stdio},
};

use crate::child::{PATH, ROLE};

/// A process that is killed when this is dropped.
struct Process(Child);

/// Starts this program as `role`, by a command that ends in it.
fn start(mut command: Command, role: &str, path: &Path) -> Process {
    command.args(["--exact", "child::child", "--ignored", "--nocapture", "--test-threads=1"]);
    Process(command.env(ROLE, role).env(PATH, path).stdout(Stdio::piped()).spawn().unwrap())
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
