//! Events that say who wrote them and which of its events they are, in every word.

const WORD: usize = size_of::<u64>();

/// Bytes of the largest event.
pub const SIZE: usize = 64;

/// Event `count` of `writer`, in the front of `buffer`: two words or more, all of the last one or a part of it.
pub fn fill(buffer: &mut [u8; SIZE], writer: usize, count: u64) -> &[u8] {
    let len = 2 * WORD + count as usize % (SIZE - 2 * WORD + 1);
    for (chunk, word) in buffer[..len].chunks_mut(WORD).zip(words(writer, count)) {
        chunk.copy_from_slice(&word[..chunk.len()]);
    }
    &buffer[..len]
}

fn words(writer: usize, count: u64) -> impl Iterator<Item = [u8; WORD]> {
    let others = (2..).map(move |i| count.rotate_left(i) ^ writer as u64);
    [writer as u64, count].into_iter().chain(others).map(u64::to_le_bytes)
}

/// What one reader saw of each writer.
#[derive(Debug)]
pub struct Order<const WRITERS: usize> {
    next: [u64; WRITERS],
}

impl<const WRITERS: usize> Order<WRITERS> {
    /// Nothing was seen.
    pub fn new() -> Self {
        Order { next: [0; WRITERS] }
    }

    /// Takes note of an event. Panics if it is not whole, or not younger than the last one of its writer.
    pub fn see(&mut self, event: &[u8]) {
        let (writer, count) = self.read(event);
        assert!(count >= self.next[writer], "event {count} of writer {writer} came after a younger one");
        self.next[writer] = count + 1;
    }

    /// As [`see`](Self::see); panics as well if an event of the writer is missing in between.
    pub fn see_next(&mut self, event: &[u8]) {
        let (writer, count) = self.read(event);
        assert_eq!(count, self.next[writer], "an event of writer {writer} is missing");
        self.next[writer] = count + 1;
    }

    fn read(&self, event: &[u8]) -> (usize, u64) {
        let (head, _) = event.as_chunks::<WORD>();
        let (writer, count) = (u64::from_le_bytes(head[0]) as usize, u64::from_le_bytes(head[1]));
        assert!(writer < WRITERS, "there is no writer {writer}");
        assert_eq!(event, fill(&mut [0; SIZE], writer, count), "a torn event");
        (writer, count)
    }
}

impl<const WRITERS: usize> Default for Order<WRITERS> {
    fn default() -> Self {
        Self::new()
    }
}
