//! PNG: a row of chunks, each with its length.

use super::{Fault, SEVERAL, Size};

const SIGNATURE: &[u8; 8] = b"\x89PNG\r\n\x1a\n";
const BROKEN: Fault = "a PNG whose parts are not in order";

/// Which part of the file comes next.
#[derive(Clone, Copy, PartialEq)]
enum Part {
    Head,
    Data,
    Tail,
}

pub(super) fn size(file: &[u8]) -> Result<Size, Fault> {
    let rest = file.strip_prefix(SIGNATURE).ok_or(BROKEN)?;
    let (header, mut rest) = chunk(rest).ok_or(BROKEN)?;
    let (b"IHDR", &[w0, w1, w2, w3, h0, h1, h2, h3, _, _, _, _, _]) = header else { return Err(BROKEN) };
    let side = |bytes| usize::try_from(u32::from_be_bytes(bytes)).map_err(|_| BROKEN);
    let size = Size { width: side([w0, w1, w2, w3])?, height: side([h0, h1, h2, h3])? };
    let mut part = Part::Head;
    loop {
        let ((name, body), behind) = chunk(rest).ok_or(BROKEN)?;
        rest = behind;
        part = match (name, part) {
            (b"acTL" | b"fcTL" | b"fdAT", _) => return Err(SEVERAL),
            (b"PLTE", Part::Head) => Part::Head,
            (b"IDAT", Part::Head | Part::Data) => Part::Data,
            (b"IEND", Part::Data | Part::Tail) if body.is_empty() && rest.is_empty() => return Ok(size),
            // A chunk that a decoder may ignore says nothing of the size.
            ([b'a'..=b'z', ..], Part::Head) => Part::Head,
            ([b'a'..=b'z', ..], Part::Data | Part::Tail) => Part::Tail,
            _ => return Err(BROKEN),
        };
    }
}

type Chunk<'a> = (&'a [u8; 4], &'a [u8]);

/// Returns the next chunk, its name and content, and what follows its checksum.
fn chunk(rest: &[u8]) -> Option<(Chunk<'_>, &[u8])> {
    let (len, rest) = rest.split_first_chunk::<4>()?;
    let (name, rest) = rest.split_first_chunk::<4>()?;
    let (body, rest) = rest.split_at_checked(usize::try_from(u32::from_be_bytes(*len)).ok()?)?;
    let (_checksum, rest) = rest.split_first_chunk::<4>()?;
    Some(((name, body), rest))
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    fn part(name: &[u8; 4], body: &[u8]) -> Vec<u8> {
        let len = u32::try_from(body.len()).expect("short");
        [&len.to_be_bytes()[..], name, body, &[0; 4]].concat()
    }

    fn header(width: u32, height: u32) -> Vec<u8> {
        part(b"IHDR", &[&width.to_be_bytes()[..], &height.to_be_bytes(), &[8, 2, 0, 0, 0]].concat())
    }

    fn file(parts: &[Vec<u8>]) -> Vec<u8> {
        [&SIGNATURE[..], &parts.concat()].concat()
    }

    /// A PNG without real pixels.
    pub(crate) fn picture(width: u32, height: u32) -> Vec<u8> {
        file(&[header(width, height), part(b"IDAT", b"pixels"), part(b"IEND", b"")])
    }

    #[test]
    fn the_size_is_the_headers() {
        assert_eq!(size(&picture(640, 480)), Ok(Size { width: 640, height: 480 }));
        let parts =
            [header(3, 4), part(b"PLTE", b"rgb"), part(b"tRNS", b"t"), part(b"IDAT", b"1"), part(b"IDAT", b"2")];
        let file = file(&[&parts[..], &[part(b"tEXt", b"by"), part(b"IEND", b"")]].concat());
        assert_eq!(size(&file), Ok(Size { width: 3, height: 4 }));
    }

    #[test]
    fn a_png_of_several_frames_is_refused() {
        for name in [b"acTL", b"fcTL", b"fdAT"] {
            let file = file(&[header(1, 1), part(name, b"more"), part(b"IDAT", b"1"), part(b"IEND", b"")]);
            assert_eq!(size(&file), Err(SEVERAL));
        }
    }

    #[test]
    fn a_png_with_a_second_header_or_a_part_out_of_order_is_refused() {
        let [ihdr, idat, iend] = [header(1, 1), part(b"IDAT", b"1"), part(b"IEND", b"")];
        let orders: [&[&Vec<u8>]; 7] = [
            &[&ihdr, &header(9, 9), &idat, &iend],
            &[&idat, &ihdr, &iend],
            &[&ihdr, &iend],
            &[&ihdr, &idat],
            &[&ihdr, &idat, &part(b"tEXt", b"by"), &idat, &iend],
            &[&ihdr, &idat, &part(b"PLTE", b"rgb"), &iend],
            &[&ihdr, &part(b"CgBI", b""), &idat, &iend],
        ];
        for (at, order) in orders.iter().enumerate() {
            let parts: Vec<Vec<u8>> = order.iter().map(|&part| part.clone()).collect();
            assert_eq!(size(&file(&parts)), Err(BROKEN), "order {at}");
        }
    }
}
