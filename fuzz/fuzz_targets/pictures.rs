//! Pictures that the whiteboard lets in: a decoder finds the size in them that the server found, or decodes nothing.

#![no_main]

use std::io::Cursor;

use image_webp::WebPDecoder;
use libfuzzer_sys::fuzz_target;
use zune_core::bytestream::ZCursor;
use zune_jpeg::JpegDecoder;

#[path = "../../apps/whiteboard/src/protocol/picture/mod.rs"]
mod picture;

use picture::Size;

/// A larger picture is decoded no further than its headers: each try is to be short.
const PIXELS_MAX: usize = 1 << 16;

fuzz_target!(|file: &[u8]| {
    let Ok(size) = picture::size(file) else { return };
    let found = match file[0] {
        0x89 => png(file, size),
        0xff => jpeg(file, size),
        _ => webp(file, size),
    };
    if let Some(found) = found {
        assert_eq!(found, size);
    }
});

fn is_small(Size { width, height }: Size) -> bool {
    width * height <= PIXELS_MAX
}

fn size_of((width, height): (u32, u32)) -> Size {
    Size { width: width as usize, height: height as usize }
}

fn png(file: &[u8], size: Size) -> Option<Size> {
    let mut reader = png::Decoder::new(Cursor::new(file)).read_info().ok()?;
    assert!(reader.info().animation_control().is_none());
    let found = size_of(reader.info().size());
    if is_small(size) && found == size {
        let mut pixels = vec![0; reader.output_buffer_size()?];
        let frame = reader.next_frame(&mut pixels).ok()?;
        assert_eq!(size_of((frame.width, frame.height)), size);
    }
    Some(found)
}

fn jpeg(file: &[u8], size: Size) -> Option<Size> {
    let mut decoder = JpegDecoder::new(ZCursor::new(file));
    decoder.decode_headers().ok()?;
    let dimensions = |decoder: &JpegDecoder<_>| decoder.dimensions().map(|(width, height)| Size { width, height });
    let found = dimensions(&decoder)?;
    if is_small(size) && found == size {
        decoder.decode().ok()?;
        assert_eq!(dimensions(&decoder), Some(size));
    }
    Some(found)
}

fn webp(file: &[u8], size: Size) -> Option<Size> {
    let mut decoder = WebPDecoder::new(Cursor::new(file)).ok()?;
    assert!(!decoder.is_animated());
    let found = size_of(decoder.dimensions());
    if is_small(size) && found == size {
        let mut pixels = vec![0; decoder.output_buffer_size()?];
        decoder.read_image(&mut pixels).ok()?;
    }
    Some(found)
}
