//! JPEG: a row of segments, each with a marker and its length; after the last of them one scan, and the end.
//!
//! Only baseline JPEGs of one scan are accepted, as browsers write them: each scan of a progressive one, a few bytes long,
//! may cost a decoder as much as the whole picture.

use super::{Fault, SEVERAL, Size};

const BROKEN: Fault = "a JPEG whose parts are not in order";
const NOT_BASELINE: Fault = "a JPEG that is not baseline";
const MANY_SCANS: Fault = "a JPEG of several scans";

const SOI: u8 = 0xd8;
const EOI: u8 = 0xd9;
const SOF0: u8 = 0xc0;
const DHT: u8 = 0xc4;
const SOS: u8 = 0xda;
const DQT: u8 = 0xdb;
const DRI: u8 = 0xdd;
const APP0: u8 = 0xe0;
const APP2: u8 = 0xe2;
const APP15: u8 = 0xef;
const COM: u8 = 0xfe;

/// The header of the picture.
#[derive(Clone, Copy)]
struct Frame {
    size: Size,
    components: u8,
}

pub(super) fn size(file: &[u8]) -> Result<Size, Fault> {
    let mut rest = file.strip_prefix(&[0xff, SOI]).ok_or(BROKEN)?;
    let mut frame = None;
    loop {
        let (marker, body, behind) = segment(rest).ok_or(BROKEN)?;
        rest = behind;
        match (marker, frame) {
            // It lists pictures elsewhere in the file.
            (APP2, _) if body.starts_with(b"MPF\0") => return Err(SEVERAL),
            (APP0..=APP15 | COM | DHT | DQT | DRI, _) => {}
            (SOF0, None) => frame = Some(header(body)?),
            (SOF0..=0xcf, None) => return Err(NOT_BASELINE),
            (SOF0..=0xcf, Some(_)) => return Err(SEVERAL),
            (SOS, Some(frame)) if body.first() == Some(&frame.components) => {
                return ends(rest).map(|()| frame.size);
            }
            (SOS, Some(_)) => return Err(MANY_SCANS),
            _ => return Err(BROKEN),
        }
    }
}

/// Returns the next segment: its marker, its content, and what follows it.
fn segment(rest: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (&[0xff, marker, high, low], _) = rest.split_first_chunk()? else { return None };
    // Its length counts itself.
    let (whole, behind) = rest.split_at_checked(2 + usize::from(u16::from_be_bytes([high, low])))?;
    Some((marker, whole.get(4..)?, behind))
}

fn header(body: &[u8]) -> Result<Frame, Fault> {
    let &[8, h0, h1, w0, w1, components @ (1 | 3), ref rest @ ..] = body else { return Err(NOT_BASELINE) };
    if rest.len() != 3 * usize::from(components) {
        return Err(BROKEN);
    }
    let side = |bytes| usize::from(u16::from_be_bytes(bytes));
    Ok(Frame { size: Size { width: side([w0, w1]), height: side([h0, h1]) }, components })
}

/// Checks that these are the data of a scan, and that the end of the picture is the end of the file.
fn ends(mut data: &[u8]) -> Result<(), Fault> {
    while let Some(at) = data.iter().position(|&byte| byte == 0xff) {
        match data[at + 1..] {
            // A byte of the data, or a mark between its parts.
            [0 | 0xd0..=0xd7, ..] => data = &data[at + 2..],
            [EOI] => return Ok(()),
            [SOS | DHT, ..] => return Err(MANY_SCANS),
            _ => return Err(BROKEN),
        }
    }
    Err(BROKEN)
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    fn part(marker: u8, body: &[u8]) -> Vec<u8> {
        let len = u16::try_from(body.len() + 2).expect("short");
        [&[0xff, marker], &len.to_be_bytes()[..], body].concat()
    }

    fn frame(marker: u8, width: u16, height: u16) -> Vec<u8> {
        let [h, w] = [height, width].map(u16::to_be_bytes);
        part(marker, &[&[8], &h[..], &w, &[3, 1, 0x22, 0, 2, 0x11, 1, 3, 0x11, 1]].concat())
    }

    fn scan() -> Vec<u8> {
        part(SOS, &[3, 1, 0, 2, 0x11, 3, 0x11, 0, 63, 0])
    }

    const DATA: &[u8] = b"\x12\xff\0\x34\xff\xd0\x56";
    const END: &[u8] = &[0xff, EOI];

    fn file(parts: &[&[u8]]) -> Vec<u8> {
        [&[0xff, SOI], &parts.concat()[..]].concat()
    }

    /// A JPEG without real pixels.
    pub(crate) fn picture(width: u16, height: u16) -> Vec<u8> {
        let head = part(APP0, b"JFIF\0\x01\x01\0\0\x01\0\x01\0\0");
        file(&[&head, &part(DQT, b"tables"), &frame(SOF0, width, height), &part(DHT, b"tables"), &scan(), DATA, END])
    }

    #[test]
    fn the_size_is_the_frame_headers() {
        assert_eq!(size(&picture(640, 480)), Ok(Size { width: 640, height: 480 }));
    }

    #[test]
    fn a_jpeg_with_a_marker_that_has_no_length_before_its_headers_is_refused() {
        // The bytes after it read as a length to a decoder that expects one: then the frame header lies within that segment, and
        // the one that is found lies in a comment, where no decoder looks.
        let fake = part(COM, &frame(SOF0, 16, 16));
        for marker in [0x01, 0xd0, 0xd7, SOI, EOI, 0xff] {
            let parts: [&[u8]; 6] = [&[0xff, marker, 0, 21], &frame(SOF0, 12_000, 12_000), &fake, &scan(), DATA, END];
            assert_eq!(size(&file(&parts)), Err(BROKEN), "{marker:#x}");
        }
    }

    #[test]
    fn a_jpeg_with_a_second_frame_header_is_refused() {
        for marker in [SOF0, 0xc1, 0xc2] {
            let parts = [&frame(SOF0, 16, 16), &frame(marker, 12_000, 12_000), &scan(), DATA, END];
            assert_eq!(size(&file(&parts)), Err(SEVERAL));
        }
        let parts = [&frame(SOF0, 16, 16), &scan(), DATA, &frame(SOF0, 12_000, 12_000), &scan(), DATA, END];
        assert_eq!(size(&file(&parts)), Err(BROKEN), "behind the scan");
        let told = part(APP2, b"MPF\0II");
        assert_eq!(size(&file(&[&told, &frame(SOF0, 16, 16), &scan(), DATA, END])), Err(SEVERAL));
    }

    #[test]
    fn a_jpeg_that_is_not_baseline_or_has_several_scans_is_refused() {
        for marker in (0xc1..=0xcf).filter(|&marker| marker != DHT) {
            assert_eq!(size(&file(&[&frame(marker, 1, 1), &scan(), DATA, END])), Err(NOT_BASELINE), "{marker:#x}");
        }
        let parts = [&frame(SOF0, 1, 1), &scan(), DATA, &scan(), DATA, END];
        assert_eq!(size(&file(&parts)), Err(MANY_SCANS));
        let part = part(SOS, &[1, 1, 0, 0, 63, 0]);
        assert_eq!(size(&file(&[&frame(SOF0, 1, 1), &part, DATA, END])), Err(MANY_SCANS));
        assert_eq!(size(&file(&[&scan(), &frame(SOF0, 1, 1), DATA, END])), Err(BROKEN));
    }

    #[test]
    fn a_jpeg_whose_height_comes_behind_its_data_is_refused() {
        let dnl = [0xff, 0xdc, 0, 4, 0xff, 0xff];
        assert_eq!(size(&file(&[&frame(SOF0, 1, 1), &scan(), DATA, &dnl, END])), Err(BROKEN));
    }
}
