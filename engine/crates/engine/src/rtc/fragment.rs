//! The pieces of SDP by which ICE is restarted: RFC 8840, 9 and RFC 9725, 4.3.3.

use std::fmt::Write;

use aws_lc_rs::rand;

use super::offer::{MAX_SDP, Refusal};

/// Letters of our names and passwords: 6 random bits each, 96 and 144 in all. RFC 8445, 5.3 asks
/// for 24 and 128.
const UFRAG: usize = 16;
const PASSWORD: usize = 24;
/// `ice-char` (RFC 8839, 5.4).
const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// A user fragment and its password (RFC 8839, 5.4).
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct IceCredentials {
    /// 4 to 256 characters.
    pub ufrag: String,
    /// 22 to 256 characters.
    pub password: String,
}

impl std::fmt::Debug for IceCredentials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("IceCredentials")
    }
}

impl IceCredentials {
    /// Make up new ones; `None` if the system has no randomness.
    pub(super) fn generate() -> Option<Self> {
        let mut letters = [0; UFRAG + PASSWORD];
        rand::fill(&mut letters).ok()?;
        let text: String = letters
            .iter()
            .map(|random| char::from(LETTERS[usize::from(random & 63)]))
            .collect();
        let (ufrag, password) = text.split_at(UFRAG);
        Some(Self {
            ufrag: ufrag.into(),
            password: password.into(),
        })
    }

    /// The first in a text.
    pub(super) fn read(text: &str) -> Result<Self, Refusal> {
        Ok(Self {
            ufrag: attribute(text, "a=ice-ufrag:", 4)?,
            password: attribute(text, "a=ice-pwd:", 22)?,
        })
    }
}

/// What a client sends to restart ICE. Its candidates are of no use here and not kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fragment {
    /// The client's new credentials.
    pub credentials: IceCredentials,
}

impl Fragment {
    /// Read a fragment.
    ///
    /// # Errors
    /// [`Refusal::TooLarge`], or [`Refusal::Bad`] when it has no credentials, or such as the
    /// grammar does not allow.
    pub(crate) fn parse(text: &str) -> Result<Self, Refusal> {
        if text.len() > MAX_SDP {
            return Err(Refusal::TooLarge("the fragment has more than 16 KiB"));
        }
        Ok(Self {
            credentials: IceCredentials::read(text)?,
        })
    }
}

/// What the text would be with these credentials.
pub(super) fn with_credentials(text: &str, credentials: &IceCredentials) -> String {
    let mut changed = String::with_capacity(text.len());
    for line in text.lines() {
        let _ = if line.starts_with("a=ice-ufrag:") {
            write!(changed, "a=ice-ufrag:{}\r\n", credentials.ufrag)
        } else if line.starts_with("a=ice-pwd:") {
            write!(changed, "a=ice-pwd:{}\r\n", credentials.password)
        } else {
            write!(changed, "{line}\r\n")
        };
    }
    changed
}

/// The value of the first such line: `least` to 256 `ice-char` (RFC 8839, 5.4).
fn attribute(text: &str, name: &str, least: usize) -> Result<String, Refusal> {
    let value = text
        .lines()
        .find_map(|line| line.trim_end().strip_prefix(name))
        .ok_or_else(|| Refusal::Bad("it has no ICE credentials".into()))?;
    let ice_char = |c: char| c.is_ascii_alphanumeric() || c == '+' || c == '/';
    if !(least..=256).contains(&value.len()) || !value.chars().all(ice_char) {
        return Err(Refusal::Bad("its ICE credentials are malformed".into()));
    }
    Ok(value.to_owned())
}

/// The server's side of a restart: its new credentials and its candidates, cut out of an answer.
pub(super) fn cut_from(answer: &str) -> String {
    let in_fragment = [
        "a=ice-lite",
        "a=ice-options:",
        "a=group:",
        "a=mid:",
        "a=ice-ufrag:",
        "a=ice-pwd:",
        "a=candidate:",
        "a=end-of-candidates",
    ];
    let mut text = String::new();
    let mut sections = 0;
    for line in answer.lines() {
        sections += u32::from(line.starts_with("m="));
        let wanted = line.starts_with("m=") || in_fragment.iter().any(|a| line.starts_with(a));
        // Everything is bundled, so the first section speaks for all.
        if wanted && sections <= 1 {
            let _ = write!(text, "{line}\r\n");
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "a=ice-ufrag:EsAw\r\na=ice-pwd:P2uYro0UCOQ4zxjKXaWCBui1\r\n\
                        m=audio 9 RTP/AVP 0\r\na=mid:0\r\n";

    #[test]
    fn the_credentials_are_read_and_put_in_place_of_old_ones() {
        let read = Fragment::parse(TEXT).unwrap().credentials;
        let old = "v=0\r\na=ice-ufrag:old0\r\na=ice-pwd:old\r\na=mid:0\r\n";

        assert_eq!(
            with_credentials(old, &read),
            "v=0\r\na=ice-ufrag:EsAw\r\na=ice-pwd:P2uYro0UCOQ4zxjKXaWCBui1\r\na=mid:0\r\n"
        );
    }

    #[test]
    fn credentials_that_are_missing_short_or_foreign_are_refused() {
        for broken in [
            "a=mid:0\r\n".to_owned(),
            TEXT.replace("EsAw", "EsA"),
            TEXT.replace("EsAw", "Es w"),
            TEXT.replace("P2uYro0UCOQ4zxjKXaWCBui1", "short"),
        ] {
            assert_eq!(Fragment::parse(&broken).unwrap_err().code(), "bad_offer");
        }
    }

    #[test]
    fn credentials_that_are_made_up_are_such_as_may_be_read() {
        let made = [(); 100].map(|()| IceCredentials::generate().unwrap());
        for one in &made {
            let text = format!(
                "a=ice-ufrag:{}\r\na=ice-pwd:{}\r\n",
                one.ufrag, one.password
            );
            assert_eq!(IceCredentials::read(&text).as_ref(), Ok(one));
        }
        assert_ne!(made[0], made[1]);
    }

    #[test]
    fn the_answer_of_a_restart_has_credentials_and_candidates_of_the_first_section_only() {
        let answer = "v=0\r\na=ice-lite\r\nm=audio 9 X 111\r\na=mid:0\r\na=ice-ufrag:abcd\r\n\
                      a=candidate:1\r\na=rtpmap:111 opus/48000/2\r\nm=application 9 Y z\r\na=mid:1\r\n";

        assert_eq!(
            cut_from(answer),
            "a=ice-lite\r\nm=audio 9 X 111\r\na=mid:0\r\na=ice-ufrag:abcd\r\na=candidate:1\r\n"
        );
    }
}
