//! What a ring is called between machines, and under which keys its frames travel.

use anyhow::bail;

/// The keys of one ring. Nothing else is subscribed to, published or answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Keys {
    /// Frames as they come.
    pub live: String,
    /// Where the past is asked for.
    pub past: String,
}

impl Keys {
    /// Those of the ring called `name`.
    ///
    /// # Errors
    ///
    /// If the name has other characters than ASCII letters, digits, `.`, `_` and `-`: no wildcard, and no other key, is one.
    pub fn of(name: &str) -> anyhow::Result<Self> {
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
        if name.is_empty() || name.len() > 200 || !name.bytes().all(is_plain) {
            bail!(
                "`{name}` is no name of a ring between machines: give 1 to 200 ASCII letters, digits, `.`, `_` and `-`"
            );
        }
        Ok(Keys { live: format!("rusted-ring/{name}/live"), past: format!("rusted-ring/{name}/past") })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_wildcard_and_no_other_key_is_a_name() {
        assert_eq!(Keys::of("strokes-2.a_b").unwrap().live, "rusted-ring/strokes-2.a_b/live");
        for name in ["", "*", "**", "a/b", "a*", "$*", "a?b", "a#b", "é", &"a".repeat(201)] {
            assert!(Keys::of(name).is_err(), "{name}");
        }
    }
}
