//! A check that may change something, judged by the session's name and password (RFC 8445, 7.3).

use std::net::SocketAddr;

use aws_lc_rs::hmac;

use super::stun::{
    Answer, Attribute, FINGERPRINT, ICE_CONTROLLED, MESSAGE_INTEGRITY, Message, USE_CANDIDATE,
    USERNAME,
};

/// A check that was made with our password.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Check {
    /// The peer wants to be sent to where this came from (RFC 8445, 7.3.1.5).
    pub(crate) use_candidate: bool,
    /// What to answer, to where it came from.
    pub(crate) answer: Answer,
}

impl Check {
    /// Read a check from `from` that begins with this user fragment and is sealed with this key.
    ///
    /// `None` for all others, and for one whose sender wants to be controlled: a lite agent leads
    /// nobody (RFC 8445, 6.1.1). Of what follows the seal only the fingerprint counts.
    pub(crate) fn authentic(
        from: SocketAddr,
        datagram: &[u8],
        ufrag: &str,
        key: &hmac::Key,
    ) -> Option<Self> {
        let request = Message::request(datagram)?;
        let find = |kind| {
            request
                .attributes()
                .find(|attribute| attribute.kind == kind)
        };
        let integrity = find(MESSAGE_INTEGRITY)?;
        let sealed = |kind| find(kind).filter(|attribute| attribute.at < integrity.at);
        let is_named = sealed(USERNAME).is_some_and(|name| is_for(&name, ufrag));
        if !is_named || sealed(ICE_CONTROLLED).is_some() {
            return None;
        }
        let is_whole = find(FINGERPRINT).is_none_or(|sum| request.has_fingerprint(&sum));
        (is_whole && request.is_sealed_with(key, &integrity)).then(|| Self {
            use_candidate: sealed(USE_CANDIDATE).is_some(),
            answer: request.answered(from, key),
        })
    }
}

/// Whether a USERNAME begins with this user fragment (RFC 8445, 7.2.2).
fn is_for(name: &Attribute<'_>, ufrag: &str) -> bool {
    name.value
        .strip_prefix(ufrag.as_bytes())
        .is_some_and(|rest| rest.starts_with(b":"))
}

#[cfg(test)]
mod tests {
    use super::super::stun::PRIORITY;
    use super::super::stun::tests::{SAMPLE, sealed};
    use super::*;

    const NAME: (u16, &[u8]) = (USERNAME, b"ours:theirs");

    fn key(password: &str) -> hmac::Key {
        hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, password.as_bytes())
    }

    fn judge(datagram: &[u8], ufrag: &str) -> Option<bool> {
        let from = SocketAddr::from(([192, 0, 2, 1], 4000));
        let check = Check::authentic(from, datagram, ufrag, &key("password"))?;
        assert_eq!(check.answer[..2], [1, 1]);
        Some(check.use_candidate)
    }

    /// A check of these attributes with the right password, judged.
    fn judged(attributes: &[(u16, &[u8])]) -> Option<bool> {
        judge(&sealed(attributes, &key("password")), "ours")
    }

    #[test]
    fn an_authentic_check_is_answered_and_says_whether_it_chooses() {
        assert_eq!(judged(&[NAME]), Some(false));
        assert_eq!(judged(&[NAME, (PRIORITY, &[0; 4])]), Some(false));
        assert_eq!(judged(&[(USE_CANDIDATE, b""), NAME]), Some(true));
    }

    #[test]
    fn another_name_password_or_role_is_not_answered() {
        for name in ["our:theirs", "ours", "ourss:theirs", "theirs:ours"] {
            assert_eq!(judged(&[(USERNAME, name.as_bytes())]), None, "{name}");
        }
        assert_eq!(judged(&[]), None);
        assert_eq!(judged(&[NAME, (ICE_CONTROLLED, &[0; 8])]), None);
        assert_eq!(judge(&sealed(&[NAME], &key("passwore")), "ours"), None);
        assert_eq!(judge(&SAMPLE, "evtj"), None);
    }

    #[test]
    fn a_check_that_was_changed_on_its_way_is_not_answered() {
        let check = sealed(&[NAME], &key("password"));
        // What kind of attribute follows the seal is covered by nothing, and of no consequence.
        let kind_of_last = check.len() - 8..check.len() - 6;
        for at in (0..check.len()).filter(|at| !kind_of_last.contains(at)) {
            let mut changed = check.clone();
            changed[at] ^= 1;
            assert_eq!(judge(&changed, "ours"), None, "octet {at}");
        }
    }

    #[test]
    fn what_follows_the_seal_does_not_choose() {
        let mut check = sealed(&[NAME], &key("password"));
        check.truncate(check.len() - 8);
        check.extend([0, 0x25, 0, 0]);
        let length = (check.len() - 20) as u16;
        check[2..4].copy_from_slice(&length.to_be_bytes());

        assert_eq!(judge(&check, "ours"), Some(false));
    }
}
