//! What the commands print for a person: none of it moves the cursor, changes colours, or hides what is there, whoever
//! wrote it, and no secret that was typed is repeated. Nothing else in the program writes to a terminal, except the
//! address of the page, which is printed for its token.
//!
//! Nothing here panics, whatever happened to the stream: the caller may be about to tell everyone that nothing is
//! saved.

use std::fmt::{Display, Write as _};
use std::io::{Write, stderr, stdout};

use anyhow::Context;

/// What precedes a token in an address.
const TOKEN: &str = "token=";

/// Prints the result of a task on stdout, which may have several lines; fails if nobody receives it.
pub(crate) fn out(text: impl Display) -> anyhow::Result<()> {
    give(&without_secrets(&escaped(&text.to_string(), true)))
}

/// Prints the page's address, which contains its token, in the same way.
pub(crate) fn address(text: impl Display) -> anyhow::Result<()> {
    give(&text.to_string())
}

/// Shows a line on stderr.
pub(crate) fn err(text: impl Display) {
    tell(&without_secrets(&line(&text.to_string())));
}

/// Shows what is wrong with a command line on stderr, which takes several lines.
pub(crate) fn usage(text: impl Display) {
    tell(without_secrets(&escaped(&text.to_string(), true)).trim_end());
}

fn give(text: &str) -> anyhow::Result<()> {
    let mut stdout = stdout();
    let written = stdout.write_all(format!("{text}\n").as_bytes()).and_then(|()| stdout.flush());
    written.context("cannot write the result to the standard output")
}

fn tell(text: &str) {
    // In one piece, so that lines of several threads do not mix. A reader who closed it does not want to know.
    let _ = stderr().write_all(format!("{text}\n").as_bytes());
}

/// A number of these, in words: one has no s.
pub(crate) fn count(number: u64, what: &str) -> String {
    format!("{number} {what}{}", if number == 1 { "" } else { "s" })
}

/// A text that others wrote, as one line.
pub(crate) fn line(text: &str) -> String {
    escaped(text, false)
}

/// Writes characters that do more than stand there as what they are, in JSON's form.
pub(crate) fn escaped(text: &str, lines: bool) -> String {
    text.chars().fold(String::with_capacity(text.len()), |mut shown, c| {
        let acts =
            c.is_control() || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2028}' | '\u{2029}' | '\u{2066}'..='\u{2069}');
        if acts && !(lines && c == '\n') {
            // Writing to a string does not fail.
            let _ = write!(shown, "\\u{:04x}", u32::from(c));
        } else {
            shown.push(c);
        }
        shown
    })
}

/// The text without tokens, and without users and passwords in addresses.
fn without_secrets(text: &str) -> String {
    let mut rest = text;
    let mut shown = String::with_capacity(text.len());
    while let Some(at) = rest.find(TOKEN) {
        let (before, behind) = rest.split_at(at + TOKEN.len());
        shown.push_str(before);
        let token = behind.trim_start_matches(|c: char| c.is_ascii_alphanumeric() || "-_%".contains(c));
        if token.len() < behind.len() {
            shown.push_str("...");
        }
        rest = token;
    }
    shown.push_str(rest);
    let mut parts = shown.split("://");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |mut whole, part| {
        let authority = part.find(|c: char| c == '/' || c.is_whitespace()).unwrap_or(part.len());
        let host = part[..authority].rfind('@').map_or(0, |at| at + 1);
        whole.push_str("://");
        whole.push_str(&part[host..]);
        whole
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_acts_on_a_terminal_is_shown_as_what_it_is() {
        let hostile = "a\u{1b}]0;title\u{7}\u{1b}[2J\rb\u{9b}31m\u{202e}c\nd\t\u{7f}";
        let shown = "a\\u001b]0;title\\u0007\\u001b[2J\\u000db\\u009b31m\\u202ec";
        assert_eq!(line(hostile), format!("{shown}\\u000ad\\u0009\\u007f"));
        assert_eq!(escaped(hostile, true), format!("{shown}\nd\\u0009\\u007f"));
        for text in ["plain", "h\u{e9} \u{2713} \u{1f44d}", "\u{5e9}\u{200f}"] {
            assert_eq!(line(text), text);
        }
        let json: serde_json::Value = serde_json::from_str(&escaped("\"\u{9b}\u{7f}\"", true)).expect("JSON still");
        assert_eq!(json, "\u{9b}\u{7f}");
    }

    #[test]
    fn no_secret_of_an_address_is_shown() {
        for (given, shown) in [
            ("http://a/b/x#token=abc-_1 is none", "http://a/b/x#token=... is none"),
            ("token=a&token=b", "token=...&token=..."),
            ("http://me:secret@a:1/b#token=", "http://a:1/b#token="),
            ("https://me@a and http://you@b/c@d", "https://a and http://b/c@d"),
            ("--token-file ./token", "--token-file ./token"),
        ] {
            assert_eq!(without_secrets(given), shown);
        }
    }
}
