//! Pictures, judged by their structure: how large a browser that decodes one will find it.
//!
//! A decoder allocates what it finds in the header, so the check must find the same header. Only the plain form of each
//! format is accepted, walked from the first byte to the last: one picture, one header, nothing that one decoder skips and
//! another reads, nothing after the end. The pixels themselves are not decoded.

mod jpeg;
mod png;
mod webp;

/// A picture's width and height in pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Size {
    pub(crate) width: usize,
    pub(crate) height: usize,
}

/// What is wrong with a picture, for a person.
type Fault = &'static str;

const SEVERAL: Fault = "an image of several pictures";

/// The size that every decoder finds in this file, if it decodes it at all.
pub(crate) fn size(file: &[u8]) -> Result<Size, Fault> {
    match file {
        [0x89, b'P', b'N', b'G', ..] => png::size(file),
        [0xff, 0xd8, ..] => jpeg::size(file),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => webp::size(file),
        _ => Err("an image that is neither PNG nor JPEG nor WebP"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_truncation_is_refused_and_every_changed_byte_is_judged_without_a_panic() {
        for file in [png::tests::picture(2, 2), jpeg::tests::picture(2, 2), webp::tests::picture(2, 2)] {
            assert_eq!(size(&file), Ok(Size { width: 2, height: 2 }));
            for len in 0..file.len() {
                assert!(size(&file[..len]).is_err(), "{len} of {} bytes", file.len());
            }
            for at in 0..file.len() {
                for value in 0..=255 {
                    let mut file = file.clone();
                    file[at] = value;
                    let _ = size(&file);
                }
            }
        }
    }

    #[test]
    fn what_lies_behind_the_end_is_refused() {
        for mut file in [png::tests::picture(2, 2), jpeg::tests::picture(2, 2), webp::tests::picture(2, 2)] {
            file.push(0);
            assert!(size(&file).is_err(), "{file:x?}");
        }
    }

    #[test]
    fn what_is_no_picture_is_said_to_be_none() {
        let files =
            [&b"<svg xmlns='http://www.w3.org/2000/svg'/>"[..], b"GIF89a\x01\0\x01\0", b"BM\0\0", b"x", b"", &[0; 64]];
        for file in files {
            assert!(size(file).expect_err("refused").contains("neither PNG"), "{file:?}");
        }
    }
}
