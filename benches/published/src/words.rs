//! What events carry: words that depend on the event's number and on their place, so that a mixture of two shows.

/// Words of the event that goes in, 64 bytes.
pub(crate) const WORDS: usize = 8;

/// The event numbered `number`, as it goes in.
#[inline]
pub(crate) fn event(number: u64) -> [u64; WORDS] {
    std::array::from_fn(|k| number * WORDS as u64 + k as u64)
}

/// The words of an event's bytes.
#[inline]
pub(crate) fn of(bytes: &[u8]) -> impl ExactSizeIterator<Item = u64> {
    bytes.as_chunks::<8>().0.iter().map(|word| u64::from_ne_bytes(*word))
}

/// The number of an event of 64 bytes; none if it is not whole.
#[inline]
pub(crate) fn number(bytes: &[u8]) -> Option<u64> {
    let number = of(bytes).next()? / WORDS as u64;
    let is_whole = bytes.len() == WORDS * 8 && number < u64::MAX / WORDS as u64 && of(bytes).eq(event(number));
    is_whole.then_some(number)
}

/// A transforming stage's output: each word from one of the input's, and from its own place.
#[inline]
pub(crate) fn transform<const OUT: usize>(bytes: &[u8], key: u64) -> [u64; OUT] {
    let (input, _) = bytes.as_chunks::<8>();
    let word = |j: usize| input.get(j % input.len().max(1)).map_or(0, |word| u64::from_ne_bytes(*word));
    std::array::from_fn(|j| word(j) ^ mask(j, key))
}

/// The words that `transform` made its output of; none if they do not agree.
#[inline]
pub(crate) fn undo<const IN: usize>(mut output: impl ExactSizeIterator<Item = u64>, key: u64) -> Option<[u64; IN]> {
    let mut input = [0; IN];
    for (j, word) in input.iter_mut().enumerate() {
        *word = output.next()? ^ mask(j, key);
    }
    let mut j = IN..;
    output.all(|word| j.next().is_some_and(|j| word == input[j % IN] ^ mask(j, key))).then_some(input)
}

/// Nothing for the first word, and something else for each other.
#[inline]
fn mask(j: usize, key: u64) -> u64 {
    (j as u64).wrapping_mul(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_two_stages_did_is_undone_and_a_mixture_shows() {
        let event = event(7);
        let second: [u64; 32] = transform(bytemuck::bytes_of(&event), 0x9E37);
        let mut third: [u64; 128] = transform(bytemuck::bytes_of(&second), 0x79B9);
        let back = |third: &[u64; 128]| {
            let second = undo::<32>(third.iter().copied(), 0x79B9)?;
            let first = undo::<8>(second.into_iter(), 0x9E37)?;
            number(bytemuck::bytes_of(&first))
        };
        assert_eq!(back(&third), Some(7));
        third[100] += 1;
        assert_eq!(back(&third), None);
    }

    #[test]
    fn half_of_one_event_and_half_of_another_is_no_event() {
        let mut words = event(3);
        assert_eq!(number(bytemuck::bytes_of(&words)), Some(3));
        words[4..].copy_from_slice(&event(4)[4..]);
        assert_eq!(number(bytemuck::bytes_of(&words)), None);
    }
}
