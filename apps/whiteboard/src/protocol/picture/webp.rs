//! WebP: a row of chunks, each with its length, inside one that is the file.

use super::{Fault, SEVERAL, Size};

const BROKEN: Fault = "a WebP whose parts are not in order";

/// The bit of the extended header that announces an animation.
const ANIMATED: u8 = 0x02;

pub(super) fn size(file: &[u8]) -> Result<Size, Fault> {
    let ((b"RIFF", file), []) = chunk(file).ok_or(BROKEN)? else { return Err(BROKEN) };
    let rest = file.strip_prefix(b"WEBP").ok_or(BROKEN)?;
    match chunk(rest).ok_or(BROKEN)? {
        ((b"VP8X", header), rest) => extended(header, rest),
        (pixels, []) => coded(pixels).ok_or(BROKEN),
        _ => Err(BROKEN),
    }
}

type Chunk<'a> = (&'a [u8; 4], &'a [u8]);

/// Returns the next chunk, its name and content, and what follows it. A chunk of odd length has one byte more.
fn chunk(rest: &[u8]) -> Option<(Chunk<'_>, &[u8])> {
    let (name, rest) = rest.split_first_chunk::<4>()?;
    let (len, rest) = rest.split_first_chunk::<4>()?;
    let len = usize::try_from(u32::from_le_bytes(*len)).ok()?;
    let (body, rest) = rest.split_at_checked(len)?;
    Some(((name, body), if len % 2 == 0 { rest } else { rest.get(1..)? }))
}

/// Checks a file that lists its contents: one picture as large as the whole.
fn extended(header: &[u8], mut rest: &[u8]) -> Result<Size, Fault> {
    let &[flags, _, _, _, w0, w1, w2, h0, h1, h2] = header else { return Err(BROKEN) };
    if flags & ANIMATED != 0 {
        return Err(SEVERAL);
    }
    let side =
        |[low, middle, high]: [u8; 3]| 1 + (usize::from(high) << 16) + (usize::from(middle) << 8) + usize::from(low);
    let size = Size { width: side([w0, w1, w2]), height: side([h0, h1, h2]) };
    let mut found = false;
    while !rest.is_empty() {
        let (part, behind) = chunk(rest).ok_or(BROKEN)?;
        rest = behind;
        match part.0 {
            b"ICCP" | b"ALPH" | b"EXIF" | b"XMP " => {}
            b"ANIM" | b"ANMF" => return Err(SEVERAL),
            _ if found => return Err(SEVERAL),
            _ if coded(part) == Some(size) => found = true,
            _ => return Err(BROKEN),
        }
    }
    if found { Ok(size) } else { Err(BROKEN) }
}

/// Reads the size with which a picture's pixels begin.
fn coded((name, body): Chunk<'_>) -> Option<Size> {
    match (name, body) {
        // The lowest bit says that it does not build on another picture; the two highest bits of a side are not part of it.
        (b"VP8 ", &[tag, _, _, 0x9d, 0x01, 0x2a, w0, w1, h0, h1, ..]) if tag & 1 == 0 => {
            let side = |bytes| usize::from(u16::from_le_bytes(bytes) & 0x3fff);
            Some(Size { width: side([w0, w1]), height: side([h0, h1]) })
        }
        (b"VP8L", &[0x2f, b0, b1, b2, b3, ..]) => {
            let bits = u32::from_le_bytes([b0, b1, b2, b3]);
            let side = |bits: u32| usize::try_from(bits & 0x3fff).ok().map(|less| less + 1);
            if bits >> 29 == 0 { Some(Size { width: side(bits)?, height: side(bits >> 14)? }) } else { None }
        }
        _ => None,
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    fn part(name: &[u8; 4], body: &[u8]) -> Vec<u8> {
        let len = u32::try_from(body.len()).expect("short");
        [name, &len.to_le_bytes()[..], body, &[0][..body.len() % 2]].concat()
    }

    fn file(parts: &[Vec<u8>]) -> Vec<u8> {
        part(b"RIFF", &[b"WEBP", &parts.concat()[..]].concat())
    }

    fn lossy(width: u16, height: u16) -> Vec<u8> {
        let sides = [width.to_le_bytes(), height.to_le_bytes()].concat();
        part(b"VP8 ", &[&[0x10, 0, 0, 0x9d, 0x01, 0x2a], &sides[..], b"pixels"].concat())
    }

    fn lossless(width: u32, height: u32) -> Vec<u8> {
        let bits = (width - 1) | ((height - 1) << 14);
        part(b"VP8L", &[&[0x2f], &bits.to_le_bytes()[..], b"pixels"].concat())
    }

    fn head(flags: u8, width: u32, height: u32) -> Vec<u8> {
        let side = |side: u32| (side - 1).to_le_bytes();
        part(b"VP8X", &[&[flags, 0, 0, 0], &side(width)[..3], &side(height)[..3]].concat())
    }

    /// A WebP without real pixels.
    pub(crate) fn picture(width: u16, height: u16) -> Vec<u8> {
        let profile = part(b"ICCP", b"odd");
        file(&[head(0x20, width.into(), height.into()), profile, lossy(width, height)])
    }

    #[test]
    fn the_size_is_that_of_the_pixels_and_of_the_whole() {
        for file in [picture(640, 480), file(&[lossy(640, 480)]), file(&[lossless(640, 480)])] {
            assert_eq!(size(&file), Ok(Size { width: 640, height: 480 }));
        }
        let alpha = [head(0x10, 640, 480), part(b"ALPH", b"alpha"), lossy(640, 480), part(b"EXIF", b"by")];
        assert_eq!(size(&file(&alpha)), Ok(Size { width: 640, height: 480 }));
    }

    #[test]
    fn a_webp_whose_pixels_are_of_another_size_than_the_whole_is_refused() {
        for pixels in [lossy(12_000, 12_000), lossless(12_000, 12_000), lossy(1, 16), part(b"VP8 ", b"pixels")] {
            assert_eq!(size(&file(&[head(0, 16, 16), pixels])), Err(BROKEN));
        }
        assert_eq!(size(&file(&[head(0, 16, 16)])), Err(BROKEN));
        assert_eq!(size(&file(&[head(0, 16, 16), part(b"NEWS", b""), lossy(16, 16)])), Err(BROKEN));
    }

    #[test]
    fn a_webp_of_several_pictures_is_refused() {
        assert_eq!(size(&file(&[head(ANIMATED, 16, 16), lossy(16, 16)])), Err(SEVERAL));
        for name in [b"ANIM", b"ANMF"] {
            assert_eq!(size(&file(&[head(0, 16, 16), part(name, b"more"), lossy(16, 16)])), Err(SEVERAL));
        }
        assert_eq!(size(&file(&[head(0, 16, 16), lossy(16, 16), lossless(16, 16)])), Err(SEVERAL));
        assert_eq!(size(&file(&[lossy(16, 16), lossy(12_000, 12_000)])), Err(BROKEN));
    }
}
