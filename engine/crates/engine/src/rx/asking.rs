//! Asking back: whether a peer is where its checks come from.
//!
//! Whoever knows the password of a peer can send checks from a forged address. So the address is
//! sent a check of ours, which every full ICE agent answers (RFC 8445, 7.3): only who receives it
//! there knows its transaction, and only who knows the peer's own password can seal the answer.

use aws_lc_rs::hmac;

use super::stun::{MESSAGE_INTEGRITY, Message, Question, Transaction, question};

/// What questions to a peer are made of.
pub(crate) struct Asker {
    username: String,
    key: hmac::Key,
}

impl Asker {
    /// With the server's user fragment, and the peer's with its password.
    pub(crate) fn new(ours: &str, theirs: &str, password: &str) -> Self {
        Self {
            username: format!("{theirs}:{ours}"),
            key: hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, password.as_bytes()),
        }
    }

    /// A question to an address; the transaction must be random.
    pub(crate) fn question(&self, transaction: &Transaction) -> Question {
        question(transaction, &self.username, &self.key)
    }

    /// Whether a datagram is the peer's answer to this question.
    pub(crate) fn is_answer(&self, transaction: &Transaction, datagram: &[u8]) -> bool {
        let answer = Message::answer(datagram).filter(|answer| answer.transaction() == transaction);
        answer.is_some_and(|answer| {
            let seal = answer.attributes().find(|a| a.kind == MESSAGE_INTEGRITY);
            seal.is_some_and(|seal| answer.is_sealed_with(&self.key, &seal))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const THEIRS: &str = "the password of the peer";
    const ASKED: Transaction = [7; 12];

    fn answer_with(password: &str) -> Vec<u8> {
        let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, password.as_bytes());
        let question = Asker::new("ours", "theirs", THEIRS).question(&ASKED);
        let request = Message::request(&question).unwrap();
        request
            .answered(([192, 0, 2, 1], 4000).into(), &key)
            .to_vec()
    }

    #[test]
    fn only_the_peers_answer_to_this_question_counts() {
        let asker = Asker::new("ours", "theirs", THEIRS);
        let mut other = ASKED;
        other[11] ^= 1;
        let mut unsealed = answer_with(THEIRS);
        unsealed.truncate(32);
        unsealed[3] = 12;
        assert!(Message::answer(&unsealed).is_some());

        assert!(asker.is_answer(&ASKED, &answer_with(THEIRS)));
        assert!(!asker.is_answer(&other, &answer_with(THEIRS)));
        assert!(!asker.is_answer(&ASKED, &answer_with("the password of the server")));
        assert!(!asker.is_answer(&ASKED, &unsealed));
        assert!(!asker.is_answer(&ASKED, &asker.question(&ASKED)));
    }
}
