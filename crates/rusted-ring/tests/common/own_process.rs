//! Tests that run in a process of their own, as a user without privileges, and set its limits.

use std::{
    env,
    io::Read,
    os::unix::process::CommandExt,
    process::{Command, Stdio, id},
    thread,
    time::{Duration, Instant},
};

use rustix::process::{Resource, Rlimit, geteuid, getrlimit, setrlimit};

/// What such a process may take on a machine that has other things to do.
const PATIENCE: Duration = Duration::from_secs(120);
/// Says that this process is a test's own.
const OWN: &str = "RUSTED_RING_LIMITED";

/// Runs `test`, of this path, in a process of its own.
pub(crate) fn in_a_process(path: &str, test: impl FnOnce()) {
    if env::var_os(OWN).is_some() {
        return test();
    }
    let program = env::current_exe().expect("the path of this program");
    let mut command = if geteuid().is_root() {
        let mut command = Command::new(&program);
        // Far beyond the users of any system, and of no other run.
        let nobody_else = 1 << 30 | id();
        command.uid(nobody_else).gid(nobody_else);
        command
    } else {
        let mut command = Command::new("unshare");
        command.args(["--user", "--"]).arg(&program);
        command
    };
    command.args(["--exact", path, "--nocapture", "--test-threads=1"]).env(OWN, "");
    // A second stack that AddressSanitizer keeps for each thread counts towards a limit, and it ends a process that has no room for one.
    let options = env::var("ASAN_OPTIONS").unwrap_or_default();
    command.env("ASAN_OPTIONS", format!("{options}:detect_stack_use_after_return=0"));
    let child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn();
    let mut child = child.unwrap_or_else(|error| {
        panic!("this test runs {} again, as a user of its own, and cannot: {command:?}: {error}", program.display())
    });
    let mut output = child.stdout.take().expect("it is piped");
    let reading = thread::spawn(move || {
        let mut said = String::new();
        output.read_to_string(&mut said).map(|_| said)
    });
    let begun = Instant::now();
    let status = loop {
        match child.try_wait().expect("our own process") {
            Some(status) => break status,
            None if begun.elapsed() > PATIENCE => {
                child.kill().expect("our own process");
                break child.wait().expect("our own process");
            }
            None => thread::sleep(Duration::from_millis(5)),
        }
    };
    let said = reading.join().unwrap().expect("text");
    assert!(status.success() && said.contains("1 passed"), "{path} in a process of its own: {status}\n{said}");
    print!("{said}");
}

/// Sets a limit that may be taken back.
pub(crate) fn limit(resource: Resource, to: u64) {
    let Rlimit { maximum, .. } = getrlimit(resource);
    setrlimit(resource, Rlimit { current: Some(to), maximum }).expect("a limit below the highest");
}
