//! Which characters a text may hold.

/// Whether a text of one line, or of several if `lines`, holds nothing that could hide or reverse what is written: no
/// control characters except line ends, and none that embed, override or isolate a direction of writing.
pub(super) fn is_plain(text: &str, lines: bool) -> bool {
    text.chars().all(|c| (c == '\n' && lines) || !(c.is_control() || sets_direction(c)))
}

/// The explicit formatting of Unicode's bidirectional algorithm (UAX #9, section 2). The implicit marks are not part of it: they
/// count as one letter of their direction, and texts from right to left cannot be written well without them.
fn sets_direction(c: char) -> bool {
    matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_plain_in_any_script() {
        let hebrew = "\u{5e9}\u{5dc}\u{5d5}\u{5dd}!\u{200f} (C++)\u{200e} \u{61c}";
        for text in ["", "h\u{e9} \u{2713} <b>", hebrew, "\u{1f44d}\u{200d}"] {
            assert!(is_plain(text, false), "{text:?}");
        }
    }

    #[test]
    fn what_hides_or_turns_text_is_not_plain() {
        for c in ['\0', '\t', '\u{7f}', '\u{85}', '\u{202a}', '\u{202e}', '\u{2066}', '\u{2069}'] {
            assert!(!is_plain(&format!("a{c}b"), true), "{c:?}");
        }
        assert!(is_plain("a\nb", true) && !is_plain("a\nb", false) && !is_plain("a\r\nb", true));
    }
}
