//! The lock of a board that has a token.

use axum::http::HeaderMap;
use axum::http::header::{AUTHORIZATION, COOKIE, HeaderValue};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, Mac};
use sha2::Sha256;
use subtle::ConstantTimeEq;

use super::base::Base;
use crate::token::Token;

const COOKIE_NAME: &str = "whiteboard";
/// The text that a cookie's value signs, under the token as key.
const LABEL: &[u8] = b"whiteboard session 1";
/// The text that an invitation signs.
const INVITATION: &[u8] = b"whiteboard invitation 1";
const VALUE_LEN: usize = 32;
/// How long a browser keeps the cookie: 30 days.
const COOKIE_SECONDS: u32 = 30 * 24 * 60 * 60;

/// Recognises the token by the cookie that it makes, and keeps no copy of it. A comparison takes the same time whatever is
/// given.
pub(super) struct Lock {
    cookie: [u8; VALUE_LEN],
    invitation: [u8; VALUE_LEN],
}

impl Lock {
    /// The lock that this token opens.
    pub(super) fn of(token: &Token) -> Lock {
        let value = |label| {
            let mut mac = Hmac::<Sha256>::new_from_slice(token.reveal().as_bytes()).expect("a key may have any length");
            mac.update(label);
            mac.finalize().into_bytes().into()
        };
        Lock { cookie: value(LABEL), invitation: value(INVITATION) }
    }

    /// Whether this is the token.
    pub(super) fn opens_to_token(&self, given: &[u8]) -> bool {
        let token = str::from_utf8(given).ok().and_then(|text| Token::parse(text).ok());
        token.is_some_and(|token| self.cookie.ct_eq(&Lock::of(&token).cookie).into())
    }

    /// What someone who is in may give to others: it can be exchanged for a cookie, as the token can, and does nothing else.
    /// It is valid as long as the token.
    pub(super) fn invitation(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.invitation)
    }

    /// Whether this is the invitation.
    pub(super) fn opens_to_invitation(&self, given: &[u8]) -> bool {
        URL_SAFE_NO_PAD.decode(given).is_ok_and(|value| self.invitation.as_slice().ct_eq(&value).into())
    }

    /// Whether a request with these headers carries the cookie that the token was exchanged for.
    pub(super) fn opens_to_cookie(&self, headers: &HeaderMap) -> bool {
        let lines = headers.get_all(COOKIE).iter().map(HeaderValue::as_bytes);
        // As bytes: values that others under this host name wrote do not matter here.
        let values = lines
            .flat_map(|line| line.split(|&byte| byte == b';'))
            .filter_map(|cookie| cookie.trim_ascii().strip_prefix(COOKIE_NAME.as_bytes())?.strip_prefix(b"="));
        let mut decoded = values.filter_map(|value| URL_SAFE_NO_PAD.decode(value).ok());
        decoded.any(|value| self.cookie.as_slice().ct_eq(&value).into())
    }

    /// The header that tells a browser to keep the cookie, and to show it to nobody: not to the page's scripts, not to other sites.
    pub(super) fn cookie(&self, base: &Base, tls: bool) -> HeaderValue {
        kept(&URL_SAFE_NO_PAD.encode(self.cookie), COOKIE_SECONDS, base, tls)
    }
}

/// The header that makes a browser forget the cookie.
pub(super) fn no_cookie(base: &Base, tls: bool) -> HeaderValue {
    kept("", 0, base, tls)
}

fn kept(value: &str, seconds: u32, base: &Base, tls: bool) -> HeaderValue {
    let secure = if tls { "; Secure" } else { "" };
    let text = format!("{COOKIE_NAME}={value}; HttpOnly; SameSite=Strict; Path={base}; Max-Age={seconds}{secure}");
    let mut cookie = HeaderValue::try_from(text).expect("plain characters");
    cookie.set_sensitive(true);
    cookie
}

impl std::fmt::Debug for Lock {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Lock(..)")
    }
}

/// The token that a program sends: `Authorization: Bearer TOKEN`.
pub(super) fn bearer(headers: &HeaderMap) -> Option<&[u8]> {
    let (scheme, token) = headers.get(AUTHORIZATION)?.as_bytes().split_at_checked("Bearer ".len())?;
    scheme.eq_ignore_ascii_case(b"Bearer ").then_some(token)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "abcdefghijklmnopqrst-_";

    fn lock(text: &str) -> Lock {
        Lock::of(&Token::parse(text).expect("a token"))
    }

    fn with_cookie(line: &str) -> HeaderMap {
        HeaderMap::from_iter([(COOKIE, HeaderValue::try_from(line).expect("a header"))])
    }

    fn value(lock: &Lock) -> String {
        let cookie = lock.cookie(&Base::default(), false);
        cookie.to_str().expect("text").split_once(';').expect("attributes").0.to_owned()
    }

    #[test]
    fn only_the_token_opens_it() {
        let lock = lock(TEXT);
        assert!(lock.opens_to_token(TEXT.as_bytes()));
        for wrong in
            ["", "abcdefghijklmnopqrst-A", "abcdefghijklmnopqrst-_\0", "abcdefghijklmnopqrst-_A", "abcdefghijk"]
        {
            assert!(!lock.opens_to_token(wrong.as_bytes()), "{wrong:?}");
        }
        assert!(!lock.opens_to_token(&[0xff; 32]));
    }

    #[test]
    fn the_cookie_of_the_same_token_opens_it_also_after_a_restart_and_no_other() {
        let cookie = value(&lock(TEXT));
        assert!(lock(TEXT).opens_to_cookie(&with_cookie(&cookie)));
        assert!(lock(TEXT).opens_to_cookie(&with_cookie(&format!("a=b; {cookie}; c=d"))));
        assert!(!lock("abcdefghijklmnopqrst-A").opens_to_cookie(&with_cookie(&cookie)));
        assert!(!lock(TEXT).opens_to_cookie(&HeaderMap::new()));
        for others in ["name=J\u{fc}rgen", "whiteboard=", "whiteboard=J\u{fc}rgen", "=;;", "whiteboard=AAAA"] {
            for line in [format!("{others}; {cookie}"), format!("{cookie};{others}")] {
                assert!(lock(TEXT).opens_to_cookie(&with_cookie(&line)), "{line}");
            }
        }
        let end = cookie.len() - 1;
        for wrong in [&cookie[..end], "whiteboard=", "whiteboard", &format!("x{cookie}"), &format!("whiteboard={TEXT}")]
        {
            assert!(!lock(TEXT).opens_to_cookie(&with_cookie(wrong)), "{wrong}");
        }
    }

    #[test]
    fn an_invitation_is_no_token_and_no_cookie() {
        let (lock, other) = (lock(TEXT), lock("abcdefghijklmnopqrst-A"));
        let invitation = lock.invitation();
        assert!(lock.opens_to_invitation(invitation.as_bytes()) && !other.opens_to_invitation(invitation.as_bytes()));
        assert!(!lock.opens_to_token(invitation.as_bytes()));
        assert!(!lock.opens_to_cookie(&with_cookie(&format!("{COOKIE_NAME}={invitation}"))));
        for wrong in ["", TEXT, &invitation[1..]] {
            assert!(!lock.opens_to_invitation(wrong.as_bytes()), "{wrong}");
        }
    }

    #[test]
    fn the_cookie_holds_no_token_and_is_marked_as_the_browser_needs_it() {
        let cookie = lock(TEXT).cookie(&Base::default(), true);
        assert!(cookie.is_sensitive(), "its debug form shows nothing");
        let text = cookie.to_str().expect("text");
        assert!(!text.contains(TEXT));
        assert!(text.ends_with("; HttpOnly; SameSite=Strict; Path=/; Max-Age=2592000; Secure"), "{text}");
        assert!(!lock(TEXT).cookie(&Base::default(), false).to_str().expect("text").contains("Secure"));
        assert_eq!(format!("{:?}", lock(TEXT)), "Lock(..)");
    }

    #[test]
    fn a_bearer_is_read_whatever_the_case_of_its_scheme() {
        let with = |text: &str| HeaderMap::from_iter([(AUTHORIZATION, HeaderValue::try_from(text).expect("a header"))]);
        assert_eq!(bearer(&with("Bearer abc")), Some(&b"abc"[..]));
        assert_eq!(bearer(&with("bearer abc")), Some(&b"abc"[..]));
        assert_eq!(bearer(&with("Basic abc")), None);
        assert_eq!(bearer(&with("Bear")), None);
        assert_eq!(bearer(&HeaderMap::new()), None);
    }
}
