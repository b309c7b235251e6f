//! The secret that admits someone to a board which others can reach.

use std::ffi::OsString;
use std::fmt;
use std::fs::OpenOptions;
use std::io::{ErrorKind, Read, Write};
use std::path::Path;

use anyhow::{Context, anyhow, bail};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::private;
use crate::remedy::explained;

/// The environment variable that holds one.
pub(crate) const VARIABLE: &str = "WHITEBOARD_TOKEN";

/// How to do without a file that cannot be made.
const OTHER_FILE: &str = "name another file: --token-file FILE";
/// 128 bits.
const LEN_MIN: usize = 22;
/// More than anyone needs.
const LEN_MAX: usize = 256;
/// What a fresh one holds.
const FRESH_BITS: usize = 256;

/// At least 128 bits as base64url. Only [`Token::reveal`] shows it.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Token(String);

/// Why a text is no token. It does not say what the text was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct NoToken;

impl fmt::Display for NoToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "a token has {LEN_MIN} to {LEN_MAX} characters of A-Z a-z 0-9 - _, so that it holds at least 128 bits"
        )
    }
}

impl std::error::Error for NoToken {}

impl Token {
    /// Makes a new one from the system's randomness.
    pub(crate) fn fresh() -> anyhow::Result<Token> {
        let mut bits = [0; FRESH_BITS / 8];
        getrandom::fill(&mut bits).context("the system gives no randomness for a token")?;
        Ok(Token(URL_SAFE_NO_PAD.encode(bits)))
    }

    /// Reads a token.
    pub(crate) fn parse(text: &str) -> Result<Token, NoToken> {
        let character = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        if !(LEN_MIN..=LEN_MAX).contains(&text.len()) || !text.bytes().all(character) {
            return Err(NoToken);
        }
        Ok(Token(text.to_owned()))
    }

    /// Chooses the token: the one given by the environment or in a file (made there if it is missing), a fresh one if one
    /// is `needed`, or none.
    pub(crate) fn choose(given: Option<OsString>, file: Option<&Path>, needed: bool) -> anyhow::Result<Option<Token>> {
        match (given, file) {
            (Some(_), Some(_)) => bail!("{VARIABLE} and --token-file both give a token; use one of them"),
            (Some(given), None) => {
                let token = given.to_str().ok_or(NoToken).and_then(Token::parse);
                token.map(Some).with_context(|| {
                    format!("{VARIABLE} holds no token; unset it, and one is made where one is needed")
                })
            }
            (None, Some(file)) => Token::kept_in(file).map(Some),
            (None, None) => needed.then(Token::fresh).transpose(),
        }
    }

    /// Its text, for those who may see it.
    pub(crate) fn reveal(&self) -> &str {
        &self.0
    }

    /// Reads the token in a file that only its owner can access, who must be this process's user or root.
    fn kept_in(path: &Path) -> anyhow::Result<Token> {
        let file = match private::open_named(OpenOptions::new().read(true), path) {
            Ok(file) => file,
            Err(error) if error.kind() == ErrorKind::NotFound => return Token::kept_from_now_on(path),
            Err(error) => {
                return Err(explained(format!("cannot read the token in {}", path.display()), &error, OTHER_FILE));
            }
        };
        let metadata = file.metadata()?;
        if private::is_of_another(&metadata) {
            bail!("the token in {0} is another user's, who may change it; make a copy of your own", path.display());
        }
        if private::is_open_to_others(&metadata) {
            bail!("others can read the token in {0}; make it yours alone: chmod 600 {0}", path.display());
        }
        let mut text = String::new();
        file.take(LEN_MAX as u64 + 64)
            .read_to_string(&mut text)
            .with_context(|| format!("cannot read the token in {}", path.display()))?;
        Token::parse(text.trim())
            .with_context(|| format!("{0} holds no token; delete {0}, and one is made there", path.display()))
    }

    fn kept_from_now_on(path: &Path) -> anyhow::Result<Token> {
        let token = Token::fresh()?;
        let mut options = OpenOptions::new();
        let options = private::for_owner_only(options.write(true).create_new(true));
        let mut file = options.open(path).map_err(|error| {
            let failed = format!("cannot make a file for the token: {}", path.display());
            match error.kind() {
                ErrorKind::NotFound => anyhow!("{failed}: {error}; make the directory first, or {OTHER_FILE}"),
                _ => explained(failed, &error, OTHER_FILE),
            }
        })?;
        writeln!(file, "{}", token.reveal())
            .and_then(|()| file.sync_all())
            .with_context(|| format!("cannot write the token to {}", path.display()))?;
        Ok(token)
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "abcdefghijklmnopqrst-_";

    #[test]
    fn a_token_has_at_least_128_bits_and_characters_that_an_address_bar_leaves_alone() {
        assert_eq!(Token::parse(TEXT).expect("22 characters").reveal(), TEXT);
        assert_eq!(Token::parse(&TEXT[1..]), Err(NoToken));
        assert_eq!(Token::parse(""), Err(NoToken));
        assert_eq!(Token::parse(&"a".repeat(257)), Err(NoToken));
        for odd in ["+", "/", "=", " ", "\0", "é", "\n"] {
            assert_eq!(Token::parse(&format!("{TEXT}{odd}")), Err(NoToken), "{odd:?}");
        }
        assert!(NoToken.to_string().contains("128 bits"));
    }

    #[test]
    fn a_fresh_one_holds_256_bits_and_no_two_are_alike() {
        let [one, other] = [Token::fresh().expect("random"), Token::fresh().expect("random")];
        assert_eq!(URL_SAFE_NO_PAD.decode(one.reveal()).expect("base64url").len(), 32);
        assert_eq!(Token::parse(one.reveal()), Ok(one.clone()));
        assert_ne!(one, other);
    }

    #[test]
    fn neither_its_debug_form_nor_an_error_shows_it() {
        let token = Token::parse(TEXT).expect("a token");
        assert_eq!(format!("{token:?} {:?}", Some(&token)), "Token(..) Some(Token(..))");
        for bad in ["short-secret", "a secret with spaces in its text"] {
            let error = Token::choose(Some(bad.into()), None, true).expect_err("no token");
            assert!(!format!("{error:#} {error:?}").contains(bad), "{error:?}");
            assert!(format!("{error:#}").contains("128 bits"), "{error:#}");
        }
    }

    #[test]
    fn a_board_that_only_this_machine_reaches_has_one_only_if_it_is_given() {
        assert_eq!(Token::choose(None, None, false).expect("none"), None);
        assert!(Token::choose(None, None, true).expect("fresh").is_some());
        let given = Token::choose(Some(TEXT.into()), None, false).expect("given");
        assert_eq!(given, Token::parse(TEXT).ok());
        assert!(Token::choose(Some("".into()), None, false).is_err(), "an empty one is not none");
        let both = Token::choose(Some(TEXT.into()), Some(Path::new("file")), false).expect_err("both");
        assert!(both.to_string().contains("both"), "{both}");
    }

    #[test]
    fn a_file_keeps_the_token_from_the_first_run_on() {
        let home = tempfile::tempdir().expect("a directory");
        let path = home.path().join("token");
        let made = Token::choose(None, Some(&path), false).expect("made");
        assert!(made.is_some());
        assert_eq!(Token::choose(None, Some(&path), false).expect("kept"), made);
        std::fs::write(&path, "secret-too-short\n").expect("written");
        let error = Token::choose(None, Some(&path), true).expect_err("too short");
        assert!(!format!("{error:#}").contains("secret"), "{error:#}");
        let nowhere = home.path().join("nowhere/token");
        assert!(Token::choose(None, Some(&nowhere), true).is_err());
    }

    #[cfg(unix)]
    #[test]
    fn what_is_no_file_of_ones_own_is_refused_and_not_waited_for() {
        use rustix::fs::{CWD, FileType, Mode};
        let home = tempfile::tempdir().expect("a directory");
        let path = home.path().join("token");
        rustix::fs::mknodat(CWD, &path, FileType::Fifo, Mode::RUSR | Mode::WUSR, 0).expect("a pipe");
        for wrong in [&path, home.path()] {
            let error = Token::choose(None, Some(wrong), false).expect_err("no file");
            assert!(format!("{error:#}").contains("no plain file"), "{error:#}");
        }
        std::fs::remove_file(&path).expect("removed");
        Token::choose(None, Some(&path), false).expect("made");
        let link = home.path().join("link");
        std::os::unix::fs::symlink(&path, &link).expect("a link");
        assert!(Token::choose(None, Some(&link), false).is_ok(), "the user has named it");
        if rustix::process::geteuid().is_root() {
            std::os::unix::fs::chown(&path, Some(12_345), None).expect("given away");
            let error = Token::choose(None, Some(&path), false).expect_err("another's");
            assert!(error.to_string().contains("another user's"), "{error}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_file_that_others_can_read_is_refused_with_the_remedy() {
        use std::os::unix::fs::PermissionsExt;
        let home = tempfile::tempdir().expect("a directory");
        let path = home.path().join("token");
        Token::choose(None, Some(&path), false).expect("made");
        let mode = |path: &Path| std::fs::metadata(path).expect("there").permissions().mode() & 0o777;
        assert_eq!(mode(&path), 0o600);
        for open in [0o640, 0o604] {
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(open)).expect("changed");
            let error = Token::choose(None, Some(&path), false).expect_err("open to others");
            assert!(error.to_string().contains("chmod 600"), "{error}");
        }
    }
}
