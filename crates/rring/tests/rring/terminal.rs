//! `top` and `record`, on a terminal.

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
    process::{Pid, Signal, kill_process},
    pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt},
    termios::{LocalModes, Winsize, tcgetattr, tcsetwinsize},
};

use crate::{LONG, Place, Running};

/// The program, on a terminal of its own.
struct OnTerminal {
    running: Running,
    terminal: File,
    /// The terminal's other side, as the program has it.
    theirs: File,
    hear: mpsc::Receiver<Vec<u8>>,
}

impl OnTerminal {
    fn start(arguments: &[&str]) -> Self {
        let ours = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
        grantpt(&ours).unwrap();
        unlockpt(&ours).unwrap();
        tcsetwinsize(&ours, Winsize { ws_row: 24, ws_col: 80, ws_xpixel: 0, ws_ypixel: 0 }).unwrap();
        let theirs = || {
            File::from(open(ptsname(&ours, Vec::new()).unwrap(), OFlags::RDWR | OFlags::NOCTTY, Mode::empty()).unwrap())
        };
        let mut command = Command::new(env!("CARGO_BIN_EXE_rring"));
        command.args(arguments).env("TERM", "xterm");
        let child = command.stdin(theirs()).stdout(theirs()).stderr(theirs()).spawn().unwrap();
        let theirs = theirs();
        let terminal = File::from(ours);
        let mut screen = terminal.try_clone().unwrap();
        let (say, hear) = mpsc::channel();
        // It ends with the last descriptor of the other side.
        thread::spawn(move || {
            let mut piece = [0; 4096];
            while let Ok(len @ 1..) = screen.read(&mut piece) {
                let _ = say.send(piece[..len].to_vec());
            }
        });
        OnTerminal { running: Running { child }, terminal, theirs, hear }
    }

    /// Waits until it has drawn all of `words`: words alone, for what is between them the cursor is moved.
    fn draws(&self, words: &[&str]) {
        let (begun, mut seen) = (Instant::now(), String::new());
        while !words.iter().all(|word| seen.contains(word)) {
            assert!(begun.elapsed() < LONG, "not all was drawn: {seen}");
            seen += &String::from_utf8_lossy(&self.hear.recv_timeout(LONG).expect("it draws"));
        }
    }

    fn is_raw(&self) -> bool {
        !tcgetattr(&self.theirs).unwrap().local_modes.contains(LocalModes::ICANON)
    }
}

#[test]
fn top_draws_what_there_is_and_q_quits() {
    let place = Place::new();
    let publisher = Publisher::join(place.create("strokes", 8)).unwrap();
    publisher.publish(b"event", 0).unwrap();
    let mut top = OnTerminal::start(&["top", &place.path(""), "--interval", "0.05"]);
    top.draws(&["strokes", "claimed", "pressure", "quits"]);
    assert!(top.is_raw());
    top.terminal.write_all(b"q").unwrap();
    assert_eq!(top.running.status().code(), Some(0));
    assert!(!top.is_raw());
}

#[test]
fn top_leaves_the_terminal_as_it_was_however_it_is_asked_to_end() {
    let place = Place::new();
    for signal in [Signal::TERM, Signal::HUP, Signal::INT] {
        let mut top = OnTerminal::start(&["top", &place.path(""), "--interval", "0.05"]);
        top.draws(&["quits"]);
        assert!(top.is_raw());
        kill_process(Pid::from_child(&top.running.child), signal).unwrap();
        assert_eq!(top.running.status().code(), Some(0), "{signal:?}");
        assert!(!top.is_raw(), "{signal:?}");
    }
}

#[test]
fn a_recorder_says_how_far_it_is() {
    let place = Place::new();
    let publisher = Publisher::join(place.create("strokes", 8)).unwrap();
    publisher.publish(b"event", 0).unwrap();
    let file = place.path("a.mcap");
    let mut record = OnTerminal::start(&["record", &place.path("strokes"), "-o", &file, "--from", "oldest"]);
    record.draws(&["1 events, ", "; lost 0, holes 0"]);
    kill_process(Pid::from_child(&record.running.child), Signal::INT).unwrap();
    assert_eq!(record.running.status().code(), Some(0));
}
