//! Events that name their writer, and their number among its events, in every word.

const WORD: usize = size_of::<u64>();

/// Bytes of the largest event.
pub const SIZE: usize = 64;

/// Event `count` of `publisher`, in the front of `buffer`: two words or more, all of the last one or a part of it.
pub fn fill(buffer: &mut [u8; SIZE], publisher: usize, count: u64) -> &[u8] {
    let len = 2 * WORD + count as usize % (SIZE - 2 * WORD + 1);
    for (chunk, word) in buffer[..len].chunks_mut(WORD).zip(words(publisher, count)) {
        chunk.copy_from_slice(&word[..chunk.len()]);
    }
    &buffer[..len]
}

fn words(publisher: usize, count: u64) -> impl Iterator<Item = [u8; WORD]> {
    let others = (2..).map(move |i| count.rotate_left(i) ^ publisher as u64);
    [publisher as u64, count].into_iter().chain(others).map(u64::to_le_bytes)
}

/// What one reader saw of each publisher.
#[derive(Debug)]
pub struct Order<const PUBLISHERS: usize> {
    next: [u64; PUBLISHERS],
}

impl<const PUBLISHERS: usize> Order<PUBLISHERS> {
    /// Nothing was seen.
    pub fn new() -> Self {
        Order { next: [0; PUBLISHERS] }
    }

    /// Takes note of an event. Panics if it is not whole, or not younger than the last one of its publisher.
    pub fn see(&mut self, event: &[u8]) {
        let (publisher, count) = self.read(event);
        assert!(count >= self.next[publisher], "event {count} of publisher {publisher} came after a younger one");
        self.next[publisher] = count + 1;
    }

    /// As [`see`](Self::see); panics as well if an event of the publisher is missing in between.
    pub fn see_next(&mut self, event: &[u8]) {
        let (publisher, count) = self.read(event);
        assert_eq!(count, self.next[publisher], "an event of publisher {publisher} is missing");
        self.next[publisher] = count + 1;
    }

    fn read(&self, event: &[u8]) -> (usize, u64) {
        let (head, _) = event.as_chunks::<WORD>();
        let (publisher, count) = (u64::from_le_bytes(head[0]) as usize, u64::from_le_bytes(head[1]));
        assert!(publisher < PUBLISHERS, "there is no publisher {publisher}");
        assert_eq!(event, fill(&mut [0; SIZE], publisher, count), "a torn event");
        (publisher, count)
    }
}

impl<const PUBLISHERS: usize> Default for Order<PUBLISHERS> {
    fn default() -> Self {
        Self::new()
    }
}
