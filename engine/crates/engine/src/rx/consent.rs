//! The consent lane: a check that changes nothing is answered where it arrives.
//!
//! Every few seconds each client asks whether it is still wanted (RFC 7675), and there are many
//! clients. Asked from the address in use, by the name and with the password of now, the answer
//! is always the same. Whatever could change something (another address, other roles, attributes
//! unknown here) is left to the shard, and before the peer is connected there is no lane.

use std::net::SocketAddr;
use std::sync::Arc;

use aws_lc_rs::hmac;

use super::stun::{
    Answer, Attribute, FINGERPRINT, ICE_CONTROLLED, MESSAGE_INTEGRITY, Message, OPTIONAL, PRIORITY,
    USE_CANDIDATE, USERNAME,
};

/// What a check must be to be answered here.
#[derive(Debug)]
pub(crate) struct Consent {
    /// The address in use.
    pub(crate) address: SocketAddr,
    /// Both halves of the name, with a colon between (RFC 8445, 7.2.2).
    pub(crate) username: Box<str>,
    /// Made of the server's password.
    pub(crate) key: Arc<hmac::Key>,
}

/// What a check is to the lane.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It changes nothing, and this is the answer.
    Granted(Answer),
    /// It was not made with the password, or was changed on its way.
    Forged,
    /// It may change something.
    Undecided,
}

impl Consent {
    /// Judge a check; one from elsewhere may change something.
    pub(super) fn judge(&self, from: SocketAddr, datagram: &[u8]) -> Verdict {
        let plain = Message::request(datagram)
            .filter(|_| from == self.address)
            .and_then(|request| Some((request, Plain::read(request)?)))
            .filter(|(_, plain)| plain.username == self.username.as_bytes());
        let Some((request, plain)) = plain else {
            return Verdict::Undecided;
        };
        let is_whole = |fingerprint| request.has_fingerprint(&fingerprint);
        if !request.is_sealed_with(&self.key, &plain.integrity)
            || !plain.fingerprint.is_none_or(is_whole)
        {
            return Verdict::Forged;
        }
        Verdict::Granted(request.answered(from, &self.key))
    }
}

/// The attributes of a check that asks for nothing but an answer.
struct Plain<'d> {
    username: &'d [u8],
    integrity: Attribute<'d>,
    fingerprint: Option<Attribute<'d>>,
}

impl<'d> Plain<'d> {
    /// Read a check; `None` if it has something that is unknown here, twice, or out of order.
    fn read(request: Message<'d>) -> Option<Self> {
        let (mut username, mut priority, mut integrity, mut fingerprint) = (None, None, None, None);
        for attribute in request.attributes() {
            let is_over =
                fingerprint.is_some() || (integrity.is_some() && attribute.kind != FINGERPRINT);
            let before = match attribute.kind {
                _ if is_over => return None,
                USERNAME => username.replace(attribute),
                PRIORITY => priority.replace(attribute),
                MESSAGE_INTEGRITY => integrity.replace(attribute),
                FINGERPRINT => fingerprint.replace(attribute),
                USE_CANDIDATE => None,
                ICE_CONTROLLED | ..OPTIONAL => return None,
                _ => None,
            };
            if before.is_some() {
                return None;
            }
        }
        priority.filter(|priority| priority.value.len() == 4)?;
        Some(Self {
            username: username?.value,
            integrity: integrity?,
            fingerprint,
        })
    }
}

#[cfg(test)]
pub(super) mod tests {
    use proptest::prelude::*;

    use super::super::stun::XOR_MAPPED_ADDRESS;
    use super::super::stun::tests::{SAMPLE, sealed};
    use super::*;

    const NAME: (u16, &[u8]) = (USERNAME, b"ours:theirs");
    const FIRST: (u16, &[u8]) = (PRIORITY, &[0x6E, 0, 1, 0xFF]);
    const CONTROLLING: (u16, &[u8]) = (0x802A, &[7; 8]);

    fn key(password: &str) -> hmac::Key {
        hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, password.as_bytes())
    }

    fn in_use() -> SocketAddr {
        SocketAddr::from(([192, 0, 2, 1], 4000))
    }

    fn consent() -> Consent {
        consent_at(in_use())
    }

    pub(in crate::rx) fn consent_at(address: SocketAddr) -> Consent {
        Consent {
            address,
            username: "ours:theirs".into(),
            key: Arc::new(key("password")),
        }
    }

    /// A check of these attributes with the right password.
    fn check(attributes: &[(u16, &[u8])]) -> Vec<u8> {
        sealed(attributes, &key("password"))
    }

    fn plain_check() -> Vec<u8> {
        check(&[NAME, CONTROLLING, FIRST])
    }

    fn judge(datagram: &[u8]) -> Verdict {
        consent().judge(in_use(), datagram)
    }

    #[test]
    fn a_check_that_changes_nothing_is_answered_in_its_transaction() {
        let request = plain_check();
        let Verdict::Granted(mut answer) = judge(&request) else {
            panic!("not granted");
        };
        assert_eq!(answer[..2], [1, 1]);
        assert_eq!(answer[4..20], request[4..20]);

        // But for its kind it has the form of a request.
        answer[0] = 0;
        let kinds = Message::request(&answer)
            .unwrap()
            .attributes()
            .map(|a| a.kind);
        let in_order = [XOR_MAPPED_ADDRESS, MESSAGE_INTEGRITY, FINGERPRINT];
        assert_eq!(kinds.collect::<Vec<_>>(), in_order);
    }

    #[test]
    fn the_candidate_in_use_may_be_named_again() {
        let again = check(&[NAME, FIRST, (USE_CANDIDATE, b"")]);

        assert!(matches!(judge(&again), Verdict::Granted(_)));
    }

    #[test]
    fn a_check_without_a_fingerprint_is_as_good() {
        let mut short = plain_check();
        short.truncate(short.len() - 8);
        short[3] -= 8;

        assert!(matches!(judge(&short), Verdict::Granted(_)));
    }

    #[test]
    fn a_check_with_another_password_is_forged() {
        let forged = sealed(&[NAME, FIRST], &key("passwore"));

        assert_eq!(judge(&forged), Verdict::Forged);
    }

    #[test]
    fn a_check_under_another_name_or_from_elsewhere_is_left_to_the_shard() {
        for name in ["ours:their", "ours:theirss", "Ours:theirs", "ours"] {
            let other = check(&[(USERNAME, name.as_bytes()), FIRST]);
            assert_eq!(judge(&other), Verdict::Undecided, "{name}");
        }
        let elsewhere = SocketAddr::from(([192, 0, 2, 1], 4001));
        let verdict = consent().judge(elsewhere, &plain_check());
        assert_eq!(verdict, Verdict::Undecided);
    }

    #[test]
    fn what_the_lane_does_not_know_is_left_to_the_shard() {
        for (why, attributes) in [
            ("roles", &[NAME, FIRST, (ICE_CONTROLLED, &[0; 8])][..]),
            ("must be understood", &[NAME, FIRST, (0x7FFF, b"")]),
            ("no priority", &[NAME]),
            ("a priority too short", &[NAME, (PRIORITY, &[0; 3])]),
            ("no name", &[FIRST]),
            ("two names", &[NAME, NAME, FIRST]),
        ] {
            assert_eq!(judge(&check(attributes)), Verdict::Undecided, "{why}");
        }
        assert_eq!(judge(&SAMPLE), Verdict::Undecided);
    }

    proptest! {
        /// Every octet of a check is covered: by the seal, by the fingerprint, or by its form.
        #[test]
        fn a_check_that_was_changed_on_its_way_is_not_answered(
            changes in prop::collection::btree_map(0_usize..200, 1_u8.., 1..4),
        ) {
            let mut changed = plain_check();
            let length = changed.len();
            for (at, by) in changes {
                changed[at % length] ^= by;
            }
            prop_assume!(changed != plain_check());

            prop_assert!(!matches!(judge(&changed), Verdict::Granted(_)));
        }

        #[test]
        fn a_check_that_was_cut_or_lengthened_is_not_answered(at in 0_usize..300, by in any::<u8>()) {
            let mut changed = plain_check();
            let length = changed.len();
            prop_assume!(at != length);
            changed.resize(at, by);

            prop_assert_eq!(judge(&changed), Verdict::Undecided);
        }
    }
}
