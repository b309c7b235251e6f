//! What is packed comes back, is shorter, and is refused when it is not what was packed.

use rusted_ring_compression::{Compression, PACKED, Packer, ReservedType, UnpackError, Unpacker};

const LONGEST: usize = 1 << 20;

/// Numbers that nobody compresses.
fn noise(bytes: usize) -> Vec<u8> {
    let mut state = 88_172_645_463_325_252_u64;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state as u8
    };
    (0..bytes).map(|_| next()).collect()
}

/// The `n`th event of a kind.
fn json(n: usize) -> Vec<u8> {
    let mut event = String::new();
    for at in 0..12 {
        let (user, x, y) = (n * 7 % 50, n * 31 % 900, at * 17 % 700);
        event += &format!(r#"{{"type":"stroke","user":"u-{user}","x":{x},"y":{y},"color":"black","tool":"pen"}}"#);
    }
    event.into_bytes()
}

fn compressions() -> Vec<Compression> {
    vec![
        Compression::Lz4,
        #[cfg(feature = "zstd")]
        Compression::Zstd { level: 3, dictionary: None },
        #[cfg(feature = "zstd")]
        Compression::Zstd { level: 1, dictionary: Some(dictionary()) },
    ]
}

#[cfg(feature = "zstd")]
fn dictionary() -> rusted_ring_compression::Dictionary {
    let samples: Vec<_> = (0..1000).map(json).collect();
    rusted_ring_compression::Dictionary::train(&samples, 4096).unwrap()
}

fn unpacker() -> Unpacker {
    let unpacker = Unpacker::new(LONGEST);
    #[cfg(feature = "zstd")]
    let unpacker = unpacker.with_dictionary(&dictionary());
    unpacker
}

#[test]
fn what_shrinks_comes_back_and_the_rest_is_left_as_it_is() {
    let mut unpacker = unpacker();
    for compression in compressions() {
        let mut packer = Packer::new(&compression);
        let shrinking = [json(1), json(2), vec![0; LONGEST], [noise(500), noise(500)].concat()];
        // The long one first and last: what was in the memory before does not matter.
        for bytes in shrinking.iter().chain(shrinking.iter().rev()) {
            let frame = packer.pack(bytes).unwrap();
            assert!(frame.len() < bytes.len(), "{compression:?}");
            assert_eq!(unpacker.unpack(frame).unwrap(), bytes);
        }
        for bytes in [noise(0), noise(1), noise(13), noise(5000), noise(200_000), b"short".to_vec()] {
            assert_eq!(packer.pack(&bytes), None, "{compression:?}");
        }
    }
}

#[test]
fn an_event_says_in_its_head_that_it_is_packed() {
    let (mut packer, mut unpacker) = (Packer::new(&Compression::Lz4), unpacker());
    let long = vec![7; 1025];
    for (event, is_packed) in [(long.clone(), true), (vec![7; 1024], false), (noise(4000), false)] {
        let (bytes, event_type) = packer.pack_event(&event, 9).unwrap();
        assert_eq!((event_type, bytes.len() < event.len()), (9 | if is_packed { PACKED } else { 0 }, is_packed));
        assert_eq!(unpacker.unpack_event(bytes, event_type), Ok((&event[..], 9)));
        // To the caller's memory, which has room, or has not.
        let mut room = vec![1; event.len() + 3];
        assert_eq!(unpacker.unpack_event_to(bytes, event_type, &mut room), Ok((event.len(), 9)));
        assert!(room[..event.len()] == event && room[event.len()..] == [1; 3]);
        let (len, longest) = (event.len() as u32, event.len() - 1);
        let refused = unpacker.unpack_event_to(bytes, event_type, &mut room[..longest]);
        assert_eq!(refused, Err(UnpackError::TooLong { len, longest }));
    }
    assert_eq!(packer.pack_event(&long, 9 | PACKED), Err(ReservedType(9 | PACKED)));
    let mut packer = packer.events_from(100);
    assert_eq!(packer.pack_event(&[7; 100], 9).unwrap().1, 9 | PACKED);
    assert_eq!(packer.pack_event(&[7; 99], 9).unwrap().1, 9);
}

#[test]
fn a_length_beyond_the_bound_is_refused_and_so_is_another_than_was_packed() {
    for compression in compressions() {
        let mut packer = Packer::new(&compression);
        let event = json(3);
        let frame = packer.pack(&event).unwrap().to_vec();
        let len = event.len() as u32;
        let mut strict = Unpacker::new(event.len() - 1);
        #[cfg(feature = "zstd")]
        {
            strict = strict.with_dictionary(&dictionary());
        }
        assert_eq!(strict.unpack(&frame), Err(UnpackError::TooLong { len, longest: event.len() - 1 }));
        let mut unpacker = unpacker();
        for other in [0, 1, len - 1, len + 1, LONGEST as u32] {
            let mut frame = frame.clone();
            frame[..4].copy_from_slice(&other.to_le_bytes());
            assert_eq!(unpacker.unpack(&frame), Err(UnpackError::Damaged), "{compression:?}, {other}");
        }
        let mut unknown = frame.clone();
        unknown[4] = 77;
        assert_eq!(unpacker.unpack(&unknown), Err(UnpackError::Codec(77)));
        // Neither a cut nor a flipped bit does more than damage.
        for cut in 0..frame.len() {
            let mut into = vec![1; 3];
            assert_eq!(
                unpacker.unpack_into(&frame[..cut], &mut into),
                Err(UnpackError::Damaged),
                "{compression:?}, {cut}"
            );
            assert_eq!(into, []);
        }
        for bit in 0..8 * frame.len() {
            let mut flipped = frame.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            let _ = unpacker.unpack(&flipped);
        }
        assert_eq!(unpacker.unpack(&frame).unwrap(), event);
    }
}

#[test]
fn more_than_it_says_does_not_fit() {
    // Ten times 255 zeros, by a match of LZ4, that are said to be three bytes.
    let frame =
        [&[3, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0x1f, 0, 1, 0][..], &[255; 10], &[0, 0x50, 0, 0, 0, 0, 0]].concat();
    let mut unpacked = Vec::new();
    assert_eq!(Unpacker::new(16).unpack_into(&frame, &mut unpacked), Err(UnpackError::Damaged));
    assert!(unpacked.capacity() <= 16);
}

#[cfg(feature = "zstd")]
#[test]
fn a_dictionary_helps_small_events_and_is_named_where_it_lacks() {
    use rusted_ring_compression::{Dictionary, NotADictionary};

    let dictionary = dictionary();
    let event = &json(5000)[..80];
    let by = |dictionary| Packer::new(&Compression::Zstd { level: 3, dictionary }).pack(event).map(<[u8]>::to_vec);
    let (with, without) = (by(Some(dictionary.clone())).unwrap(), by(None));
    assert!(without.is_none_or(|without| with.len() < without.len()));
    let refused = Unpacker::new(LONGEST).unpack(&with).unwrap_err();
    assert!(matches!(refused, UnpackError::Dictionary(_)), "{refused}");
    // Bytes that are no trained dictionary are one, too, and another one.
    let other = Dictionary::new(&json(1)).unwrap();
    let refused = Unpacker::new(LONGEST).with_dictionary(&other).unpack(&with).unwrap_err();
    assert!(matches!(refused, UnpackError::Dictionary(_)), "{refused}");
    let kept = Dictionary::new(dictionary.bytes()).unwrap();
    let mut unpacker = Unpacker::new(LONGEST).with_dictionary(&other).with_dictionary(&kept);
    assert_eq!(unpacker.unpack(&with).unwrap(), event);
    assert_eq!(Dictionary::new(&dictionary.bytes()[..20]), Err(NotADictionary));
    assert_eq!(Dictionary::train(&[b"too few"], 100), Err(NotADictionary));
}
