//! Pictures that say one size and are of another. Those of each format are listed beside the code that judges them.

use crate::client::Client;
use crate::server::Server;
use crate::wire::{self, Message};

fn image(action: u64, file: &[u8]) -> Vec<u8> {
    let place: Vec<u8> = [-50.0f32, -50.0, 100.0, 100.0].into_iter().flat_map(f32::to_le_bytes).collect();
    wire::action(4, action, &[&place, file].concat())
}

/// A JPEG segment: a marker, a length that counts itself, and what it holds.
fn segment(marker: u8, body: &[u8]) -> Vec<u8> {
    let len = u16::try_from(body.len() + 2).expect("short").to_be_bytes();
    [&[0xff, marker], &len[..], body].concat()
}

/// The frame header of a grey JPEG.
fn frame(side: u16) -> Vec<u8> {
    let side = side.to_be_bytes();
    segment(0xc0, &[&[8], &side[..], &side, &[1, 1, 0x11, 0]].concat())
}

/// A grey JPEG without pixels, with these segments for its frame header.
fn jpeg(frames: &[u8]) -> Vec<u8> {
    let tables = [segment(0xdb, &[1; 65]), segment(0xc4, &[&[0; 17][..], &[0x10], &[0; 16]].concat())].concat();
    let scan = segment(0xda, &[1, 1, 0, 0, 63, 0]);
    [&[0xff, 0xd8], &tables[..], frames, &scan, &[0x7f, 0xff, 0xd9]].concat()
}

#[tokio::test]
async fn a_picture_that_says_two_sizes_is_refused_and_its_sender_goes_on() {
    let home = tempfile::tempdir().expect("a directory");
    let server = Server::start(home.path());
    let mut client = Client::connect(&server, 1, 0).await;
    client.live().await;
    let real = frame(12_000);
    // For a decoder that expects a length after this marker it reaches to the comment, in which there is another header.
    let hidden = [&[0xff, 0x01][..], &u16::try_from(real.len() + 2).expect("short").to_be_bytes(), &real].concat();
    let hostile = [
        ("a header behind a marker without a length", jpeg(&[hidden, segment(0xfe, &frame(16))].concat())),
        ("a second header", jpeg(&[frame(16), real.clone()].concat())),
        ("a header that is too large", jpeg(&real)),
        ("something behind the end", [jpeg(&frame(16)), jpeg(&real)].concat()),
    ];
    for (action, (what, file)) in (1..).zip(hostile) {
        client.send(image(action, &file)).await;
        let answer = client
            .until(|message| match message {
                Message::Refused { action: refused, .. } if *refused == action => Some(None),
                Message::Ack { revision, .. } => Some(Some(*revision)),
                _ => None,
            })
            .await;
        assert_eq!(answer, None, "{what}");
    }
    client.send(image(99, &jpeg(&frame(16)))).await;
    let taken = client.until(|message| if let Message::Ack { action, .. } = message { Some(*action) } else { None });
    assert_eq!(taken.await, 99, "a plain one");
}
