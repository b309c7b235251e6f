//! Self-checking payloads: every byte, the length and the type follow from the event's writer and its number among that writer's events.

const ID: usize = size_of::<u64>();

/// Scrambles 64 bits; cheap enough for every word of 16 KiB.
fn mix(x: u64) -> u64 {
    let x = (x ^ (x >> 31)).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    x ^ (x >> 29)
}

fn shape(id: u64, max: usize) -> (usize, u32) {
    let mixed = mix(id ^ 0x5EED);
    (ID + (mixed % (max - ID + 1) as u64) as usize, (mixed >> 32) as u32)
}

/// Fills the front of `buffer` with event `counter` of `publisher`; the event and its type.
pub(crate) fn fill(buffer: &mut [u8], publisher: usize, counter: u64) -> (&[u8], u32) {
    let id = (publisher as u64) << 56 | counter;
    let (len, event_type) = shape(id, buffer.len());
    let event = &mut buffer[..len];
    let mut word = id;
    for chunk in event.chunks_mut(ID) {
        chunk.copy_from_slice(&word.to_le_bytes()[..chunk.len()]);
        word = mix(word.wrapping_add(len as u64));
    }
    (event, event_type)
}

/// Returns the writer of `event` and its number among that writer's events; panics if any byte says otherwise.
pub(crate) fn check(event: &[u8], event_type: u32, max: usize) -> (usize, u64) {
    let id = u64::from_le_bytes(event[..ID].try_into().expect("eight bytes"));
    let (publisher, counter) = ((id >> 56) as usize, id & (u64::MAX >> 8));
    assert_eq!(
        (event.len(), event_type),
        shape(id, max),
        "length and type of event {counter} of publisher {publisher}"
    );
    let mut word = id;
    let mut wrong = 0;
    let mut chunks = event.chunks_exact(ID);
    for chunk in chunks.by_ref() {
        wrong |= word ^ u64::from_le_bytes(chunk.try_into().expect("eight bytes"));
        word = mix(word.wrapping_add(event.len() as u64));
    }
    let rest = chunks.remainder();
    assert!(
        wrong == 0 && *rest == word.to_le_bytes()[..rest.len()],
        "event {counter} of publisher {publisher} is torn"
    );
    (publisher, counter)
}

/// What an event adds to a sum that says which event has which sequence, in whatever order they are added.
pub(crate) fn trace(sequence: u64, publisher: usize, counter: u64) -> u64 {
    mix(mix(sequence) ^ ((publisher as u64) << 56 | counter))
}
