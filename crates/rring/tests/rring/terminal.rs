//! `top`, on a terminal.

use std::{
    fs::File,
    io::{Read, Write},
    process::Command,
    sync::mpsc,
    thread,
    time::Instant,
};

use rusted_ring::Publisher;
use rustix::{
    fs::{Mode, OFlags, open},
    pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt},
    termios::{Winsize, tcsetwinsize},
};

use crate::{LONG, Place, Running};

#[test]
fn top_draws_what_there_is_and_q_quits() {
    let place = Place::new();
    let publisher = Publisher::join(place.create("strokes", 8)).unwrap();
    publisher.publish(b"event", 0).unwrap();

    let ours = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
    grantpt(&ours).unwrap();
    unlockpt(&ours).unwrap();
    tcsetwinsize(&ours, Winsize { ws_row: 24, ws_col: 80, ws_xpixel: 0, ws_ypixel: 0 }).unwrap();
    let theirs =
        || File::from(open(ptsname(&ours, Vec::new()).unwrap(), OFlags::RDWR | OFlags::NOCTTY, Mode::empty()).unwrap());
    let mut command = Command::new(env!("CARGO_BIN_EXE_rring"));
    command.args(["top", &place.path(""), "--interval", "0.05"]).env("TERM", "xterm");
    let child = command.stdin(theirs()).stdout(theirs()).stderr(theirs()).spawn().unwrap();
    drop(command);
    let mut running = Running { child };

    let mut terminal = File::from(ours);
    let mut screen = terminal.try_clone().unwrap();
    let (say, hear) = mpsc::channel();
    // It ends with the last descriptor of the other side.
    let reader = thread::spawn(move || {
        let mut piece = [0; 4096];
        while let Ok(len @ 1..) = screen.read(&mut piece) {
            let _ = say.send(piece[..len].to_vec());
        }
    });
    let (begun, mut seen) = (Instant::now(), String::new());
    // Words alone: for what is between them the cursor is moved.
    while !["strokes", "claimed", "pressure", "quits"].iter().all(|word| seen.contains(word)) {
        assert!(begun.elapsed() < LONG, "not all was drawn: {seen}");
        seen += &String::from_utf8_lossy(&hear.recv_timeout(LONG).expect("it draws"));
    }
    terminal.write_all(b"q").unwrap();
    assert_eq!(running.status().code(), Some(0));
    reader.join().unwrap();
}
