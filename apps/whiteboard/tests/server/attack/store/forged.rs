//! Drawings made so that `rescue` takes them for what others have drawn, or never ends.

use std::path::Path;
use std::process::Output;

use crate::client::Client;
use crate::server::{Server, run};
use crate::wire::{self, Message};

/// A record of format 3: what stood in the file then, with nothing that proves it.
fn plain_record(frame: &[u8]) -> Vec<u8> {
    let len = 4 + 4 + 1 + 4 + 16 + frame.len() as u32 + 4;
    let mut record = [&b"rr\xb0\xa2"[..], &len.to_le_bytes(), &[4], b"main", &[9; 16], frame].concat();
    record.extend_from_slice(&crc32fast::hash(&record).to_le_bytes());
    record
}

/// A record of this format, as far as an attacker without a key can make it.
fn sealed_record(frame: &[u8]) -> Vec<u8> {
    let len = 4 + 8 + 4 + 1 + 4 + 16 + frame.len() as u32 + 16 + 4;
    let mut record =
        [&b"rr\xb0\xa3"[..], &[5; 8], &len.to_le_bytes(), &[4], b"main", &[9; 16], frame, &[5; 16]].concat();
    record.extend_from_slice(&crc32fast::hash(&record).to_le_bytes());
    record
}

/// A message that nobody has sent, at this revision.
fn forgery(revision: u64, author: u64) -> Vec<u8> {
    let mut frame = wire::chat(666, "I never said this");
    frame[1..9].copy_from_slice(&author.to_le_bytes());
    frame[9..17].copy_from_slice(&revision.to_le_bytes());
    frame
}

/// A picture of one pixel, in which these bytes lie where no browser looks.
fn picture(id: u64, hidden: &[u8]) -> Vec<u8> {
    let chunk = |kind: &[u8], data: &[u8]| {
        let crc = crc32fast::hash(&[kind, data].concat());
        [&(data.len() as u32).to_be_bytes()[..], kind, data, &crc.to_be_bytes()].concat()
    };
    let file = [
        b"\x89PNG\r\n\x1a\n".to_vec(),
        chunk(b"IHDR", &[0, 0, 0, 1, 0, 0, 0, 1, 8, 6, 0, 0, 0]),
        chunk(b"IDAT", b"\x78\x9c\x63\0\x01\0\0\x05\0\x01"),
        chunk(b"haRd", hidden),
        chunk(b"IEND", b""),
    ]
    .concat();
    let place = [0f32, 0.0, 10.0, 10.0].map(f32::to_le_bytes).concat();
    wire::action(4, id, &[place, file].concat())
}

fn rescue(data: &Path, into: &Path) -> Output {
    let [data, into] = [data, into].map(|path| path.display().to_string());
    run(&["rescue", "--data", &data, "--into", &into])
}

/// Changes the file so that no table of it can be read, and these bytes nowhere.
fn damage(data: &Path, torn: &[u8]) {
    let file = data.join("board.redb");
    let mut bytes = std::fs::read(&file).expect("read");
    bytes[..4096].fill(0xa5);
    let places: Vec<usize> =
        bytes.windows(torn.len()).enumerate().filter(|(_, found)| *found == torn).map(|(at, _)| at).collect();
    for at in places {
        bytes[at] ^= 1;
    }
    std::fs::write(&file, bytes).expect("written");
}

/// What is on the board: the revision and the body of each action.
async fn board(data: &Path) -> Vec<(u64, Vec<u8>)> {
    let server = Server::start(data);
    let mut reader = Client::connect(&server, 200, 0).await;
    let mut there = Vec::new();
    reader
        .until(|message| match message {
            Message::Action { revision, body, .. } => {
                there.push((*revision, body.clone()));
                None
            }
            Message::Live { .. } => Some(()),
            _ => None,
        })
        .await;
    there
}

/// A victim says something, and an attacker hides forged records in a picture: one in the victim's place, and one at the
/// last revision that a number can say. The picture's record is whole in the file, or torn.
async fn what_is_rescued(is_torn: bool) -> (Vec<(u64, Vec<u8>)>, String) {
    const TORN: &[u8] = b"torn here";
    let home = tempfile::tempdir().expect("a directory");
    let (data, new) = (home.path().join("data"), home.path().join("new"));
    let server = Server::start(&data);
    let mut victim = Client::connect(&server, 1, 0).await;
    assert_eq!(victim.submit([(7, wire::chat(7, "yes"))]).await[&7], 1);
    let forged = [1, u64::MAX, 1 << 51].map(|revision| forgery(revision, victim.author));
    let hidden = [
        &forged.each_ref().map(|frame| plain_record(frame)).concat(),
        &forged.map(|frame| sealed_record(&frame)).concat(),
        TORN,
    ]
    .concat();
    let mut attacker = Client::connect(&server, 2, 0).await;
    assert_eq!(attacker.submit([(8, picture(8, &hidden))]).await[&8], 2);
    server.kill();
    damage(&data, if is_torn { TORN } else { b"nothing like it is there" });
    let output = rescue(&data, &new);
    let said = [output.stdout, output.stderr].map(|said| String::from_utf8_lossy(&said).into_owned()).concat();
    assert_eq!(output.status.code(), Some(0), "{said}");
    (board(&new).await, said)
}

#[tokio::test]
async fn records_that_somebody_hides_in_a_picture_are_not_rescued() {
    let (there, said) = what_is_rescued(false).await;
    assert_eq!(there.iter().map(|&(revision, _)| revision).collect::<Vec<_>>(), [1, 2], "{said}");
    assert!(there[0].1.ends_with(b"yes"), "{:?}", there[0]);
    assert!(!said.contains("were left out"), "{said}");
}

#[tokio::test]
async fn records_that_somebody_hides_in_a_picture_whose_own_record_is_torn_are_told_and_not_rescued() {
    let (there, said) = what_is_rescued(true).await;
    assert_eq!(there.iter().map(|&(revision, _)| revision).collect::<Vec<_>>(), [1], "{said}");
    assert!(there[0].1.ends_with(b"yes"), "{:?}", there[0]);
    assert!(said.contains("were left out") && said.contains("board.key"), "{said}");
}

#[test]
fn a_file_in_which_a_long_record_seems_to_begin_everywhere_is_looked_through_in_no_time() {
    let home = tempfile::tempdir().expect("a directory");
    let plain = |len: u32| [&b"rr\xb0\xa2"[..], &len.to_le_bytes(), b"\x01a"].concat();
    let sealed = |len: u32| [&b"rr\xb0\xa3"[..], &[0; 8], &len.to_le_bytes(), b"\x01a"].concat();
    // As long as a record may be, and much longer.
    let files = [(plain(16_000), 4), (sealed(16_000), 4), (plain(15 << 20), 18), (sealed(u32::MAX), 4)];
    for (number, (begin, mib)) in files.into_iter().enumerate() {
        let data = home.path().join(number.to_string());
        std::fs::create_dir(&data).expect("made");
        std::fs::write(data.join("board.redb"), begin.repeat((mib << 20) / begin.len())).expect("written");
        // It ends within half a minute, or the test fails. With one byte after another it would take hours.
        let output = rescue(&data, &home.path().join("new"));
        let error = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.code() == Some(1) && error.contains("no action that can be read"), "{error}");
    }
}
