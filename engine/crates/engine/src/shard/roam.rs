//! Where a peer may be reached, and where it is: the choice of the destination.
//!
//! A check proves that its sender knows the password of the peer, not that it is where it seems to
//! be: a member can forge the source of checks, and of sound too, as the keys are theirs. So sound
//! goes nowhere until an answer has come from there to a question that was sent there. Meanwhile it
//! goes on to where it went before.
//!
//! An address that was left comes back only after a few packets in a row: clients that nominate
//! aggressively (RFC 5245, 8.1.1.2) ask for several addresses by turns, and would have it flap.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use crate::config::MAX_ADDRESSES;
use crate::rx::Transaction;

/// Packets to an address until it has answered: the first answer, a question, and that once more.
const UNANSWERED: u8 = 3;
/// When a question is sent again.
const ASK_AGAIN_AFTER: Duration = Duration::from_millis(300);
/// When a check from an address that does not answer makes it be asked once more; then doubled.
const ASK_LATE_AFTER: Duration = Duration::from_secs(2);
/// So many packets in a row speak for an address that is not asked for, or was left.
const IN_A_ROW: u8 = 3;
/// Checks that do not nominate speak for an address only if the one in use is silent for so long:
/// clients check all they have, and those most often that they do not use yet.
const SILENT_AFTER: Duration = Duration::from_secs(4);
/// An address out of use that was not heard of for so long is forgotten.
const QUIET_AFTER: Duration = Duration::from_secs(30);

/// The addresses of a peer.
#[derive(Debug, Default)]
pub(super) struct Paths {
    /// At most [`MAX_ADDRESSES`]; mostly one.
    paths: Vec<Path>,
    destination: Option<SocketAddr>,
}

/// One address from which authentic checks came.
#[derive(Debug)]
struct Path {
    address: SocketAddr,
    heard: Instant,
    proof: Proof,
    /// Whether the peer asked to be sent to there (RFC 8445, 7.3.1.5).
    is_nominated: bool,
    was_left: bool,
    /// Authentic packets since one came from the destination.
    in_a_row: u8,
    /// Those among them by which the peer shows that it uses the address.
    uses: u8,
}

/// What came from an address that is not the destination.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Heard {
    Check,
    /// A check with USE-CANDIDATE.
    Nomination,
    /// Voice, or a report.
    Media,
}

/// What is known of whether the peer receives there.
#[derive(Debug, PartialEq, Eq)]
enum Proof {
    Unasked,
    Asked {
        transaction: Transaction,
        sent: u8,
        again: Instant,
        wait: Duration,
    },
    Given,
}

/// What a check from an address may be sent.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Allowed {
    /// The address is proven: the answer.
    Answer,
    /// Nothing was sent there yet: a question, and the answer.
    Both(Transaction),
    /// It was asked in vain: the question once more.
    Question(Transaction),
    Nothing,
}

impl Paths {
    /// Where the peer is sent to.
    pub(super) fn destination(&self) -> Option<SocketAddr> {
        self.destination
    }

    pub(super) fn addresses(&self) -> impl Iterator<Item = SocketAddr> {
        self.paths.iter().map(|path| path.address)
    }

    /// Note that an authentic check came from an address; false when there is no room for it.
    pub(super) fn know(&mut self, address: SocketAddr, now: Instant) -> bool {
        if self.knows(address) {
            return true;
        }
        if self.paths.len() >= MAX_ADDRESSES {
            return false;
        }
        self.paths.push(Path {
            address,
            heard: now,
            proof: Proof::Unasked,
            is_nominated: false,
            was_left: false,
            in_a_row: 0,
            uses: 0,
        });
        true
    }

    pub(super) fn knows(&self, address: SocketAddr) -> bool {
        self.addresses().any(|known| known == address)
    }

    /// Send to an address without a proof: the handshake that follows is one.
    pub(super) fn begin_at(&mut self, address: SocketAddr) {
        self.destination = Some(address);
    }

    /// The handshake is over, and went by the destination.
    pub(super) fn connected(&mut self) {
        if let Some(path) = self.destination.and_then(|address| self.path(address)) {
            path.proof = Proof::Given;
        }
    }

    /// What a check from there may be sent, which is then counted as sent.
    pub(super) fn ask(
        &mut self,
        address: SocketAddr,
        now: Instant,
        random: impl FnOnce() -> Transaction,
    ) -> Allowed {
        let Some(path) = self.path(address) else {
            return Allowed::Nothing;
        };
        match &mut path.proof {
            Proof::Given => Allowed::Answer,
            Proof::Unasked => {
                let transaction = random();
                path.proof = Proof::Asked {
                    transaction,
                    sent: 2,
                    again: now + ASK_AGAIN_AFTER,
                    wait: ASK_LATE_AFTER,
                };
                Allowed::Both(transaction)
            }
            Proof::Asked {
                transaction,
                sent,
                again,
                wait,
            } if *sent >= UNANSWERED && now >= *again => {
                *wait *= 2;
                *again = now + *wait;
                Allowed::Question(*transaction)
            }
            Proof::Asked { .. } => Allowed::Nothing,
        }
    }

    /// When a question is to be sent again by itself.
    pub(super) fn due(&self) -> Option<Instant> {
        self.paths.iter().filter_map(Path::due).min()
    }

    /// A question to be sent again now, which is then counted as sent.
    pub(super) fn ask_again(&mut self, now: Instant) -> Option<(SocketAddr, Transaction)> {
        let is_due = |path: &&mut Path| path.due().is_some_and(|at| now >= at);
        let path = self.paths.iter_mut().find(is_due)?;
        let Proof::Asked {
            transaction,
            sent,
            again,
            wait,
        } = &mut path.proof
        else {
            return None;
        };
        *sent += 1;
        *again = now + *wait;
        Some((path.address, *transaction))
    }

    /// What an address was asked and has not answered.
    pub(super) fn asked(&self, address: SocketAddr) -> Option<Transaction> {
        let path = self.paths.iter().find(|path| path.address == address)?;
        match path.proof {
            Proof::Asked { transaction, .. } => Some(transaction),
            Proof::Unasked | Proof::Given => None,
        }
    }

    /// The peer has answered from there; whether it is now sent to there.
    pub(super) fn answered(&mut self, address: SocketAddr, used: Instant, now: Instant) -> bool {
        if let Some(path) = self.path(address) {
            path.proof = Proof::Given;
        }
        self.move_to(address, used, now)
    }

    /// Something authentic came from an address that is not the destination, of which was heard
    /// last at `used`; whether the peer is now sent to there.
    pub(super) fn heard(
        &mut self,
        address: SocketAddr,
        what: Heard,
        used: Instant,
        now: Instant,
    ) -> bool {
        let Some(path) = self.path(address) else {
            return false;
        };
        if used > path.heard {
            (path.in_a_row, path.uses) = (0, 0);
        }
        path.in_a_row = path.in_a_row.saturating_add(1);
        path.uses = path.uses.saturating_add(u8::from(what != Heard::Check));
        path.is_nominated |= what == Heard::Nomination;
        path.heard = now;
        self.move_to(address, used, now)
    }

    /// Send to an address from now on if it is proven and there is reason to.
    fn move_to(&mut self, address: SocketAddr, used: Instant, now: Instant) -> bool {
        let is_silent = now.saturating_duration_since(used) >= SILENT_AFTER;
        let is_lost = self.destination.is_none();
        let moves = self.path(address).is_some_and(|path| {
            path.proof == Proof::Given && (is_lost || path.is_called_for(is_silent))
        });
        if !moves || self.destination == Some(address) {
            return false;
        }
        if let Some(left) = self.destination.and_then(|old| self.path(old)) {
            left.was_left = true;
            left.heard = now;
        }
        self.destination = Some(address);
        for path in &mut self.paths {
            (path.in_a_row, path.uses) = (0, 0);
        }
        true
    }

    /// Keep no address but the destination.
    pub(super) fn forget_others(&mut self) {
        let kept = self.destination;
        self.paths.retain(|path| Some(path.address) == kept);
        for path in &mut self.paths {
            path.was_left = false;
        }
    }

    /// Forget an address out of use that was not heard of for long.
    pub(super) fn forget_quiet(&mut self, now: Instant) -> Option<SocketAddr> {
        let kept = self.destination;
        let is_quiet = |path: &Path| {
            Some(path.address) != kept && now.saturating_duration_since(path.heard) >= QUIET_AFTER
        };
        let at = self.paths.iter().position(is_quiet)?;
        Some(self.paths.swap_remove(at).address)
    }

    /// Another peer has proven that it is at this address.
    pub(super) fn forget(&mut self, address: SocketAddr) {
        self.paths.retain(|path| path.address != address);
        self.destination = self.destination.filter(|used| *used != address);
    }

    fn path(&mut self, address: SocketAddr) -> Option<&mut Path> {
        self.paths.iter_mut().find(|path| path.address == address)
    }
}

impl Path {
    fn is_called_for(&self, other_is_silent: bool) -> bool {
        (self.is_nominated && !self.was_left)
            || self.uses >= IN_A_ROW
            || (other_is_silent && self.in_a_row >= IN_A_ROW)
    }

    fn due(&self) -> Option<Instant> {
        match self.proof {
            Proof::Asked { sent, again, .. } if sent < UNANSWERED => Some(again),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use proptest::prelude::*;

    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn address(n: u8) -> SocketAddr {
        SocketAddr::from(([192, 0, 2, n], 4000))
    }

    /// Somebody who is connected from address 0.
    fn connected(now: Instant) -> Paths {
        let mut paths = Paths::default();
        assert!(paths.know(address(0), now));
        paths.begin_at(address(0));
        paths.connected();
        paths
    }

    #[test]
    fn a_ninth_address_waits_until_another_is_quiet() {
        let now = crate::clock::now();
        let mut paths = connected(now);
        assert!((1..8).all(|n| paths.know(address(n), now)));
        assert!(!paths.know(address(8), now));

        assert_eq!(paths.forget_quiet(now + 29 * SECOND), None);
        assert!(paths.forget_quiet(now + 30 * SECOND).is_some());
        assert!(paths.know(address(8), now + 30 * SECOND));
    }

    #[test]
    fn the_address_in_use_is_not_forgotten() {
        let now = crate::clock::now();
        let mut paths = connected(now);

        assert_eq!(paths.forget_quiet(now + 3600 * SECOND), None);
        paths.forget_others();
        assert!(paths.knows(address(0)));
    }

    /// What happens to an address.
    #[derive(Debug, Clone, Copy)]
    enum Step {
        Check { nominates: bool },
        Answer,
        Packet,
        Wait,
    }

    fn steps() -> impl Strategy<Value = Vec<(u8, Step)>> {
        let step = prop_oneof![
            any::<bool>().prop_map(|nominates| Step::Check { nominates }),
            Just(Step::Answer),
            Just(Step::Packet),
            Just(Step::Wait),
        ];
        prop::collection::vec((0_u8..4, step), 1..200)
    }

    proptest! {
        /// Whoever asks for what, from wherever: sound goes only where somebody has answered, and
        /// hardly any packet to where nobody has.
        #[test]
        fn sound_goes_only_where_somebody_answers(steps in steps(), answers in 0_u8..16) {
            let mut now = crate::clock::now();
            let begun = now;
            let mut paths = connected(now);
            let mut sent: HashMap<SocketAddr, u32> = HashMap::new();
            let has_answered = |at: u8| at == 0 || answers & (1 << at) != 0;
            for (at, step) in steps {
                let from = address(at);
                let elsewhere = paths.destination() != Some(from);
                match step {
                    Step::Check { nominates } if elsewhere && paths.know(from, now) => {
                        *sent.entry(from).or_default() += match paths.ask(from, now, || [at; 12]) {
                            Allowed::Answer | Allowed::Question(_) => 1,
                            Allowed::Both(_) => 2,
                            Allowed::Nothing => 0,
                        };
                        let what = if nominates { Heard::Nomination } else { Heard::Check };
                        paths.heard(from, what, begun, now);
                    }
                    Step::Answer if has_answered(at) && paths.asked(from).is_some() => {
                        paths.answered(from, begun, now);
                    }
                    Step::Packet if elsewhere => {
                        paths.heard(from, Heard::Media, begun, now);
                    }
                    Step::Wait => now += SECOND / 4,
                    _ => {}
                }
                while let Some((to, _)) = paths.ask_again(now) {
                    *sent.entry(to).or_default() += 1;
                }
            }
            let used = paths.destination().unwrap();
            prop_assert!((0..4).any(|at| has_answered(at) && address(at) == used));
            let seconds = (now - begun).as_secs_f64();
            let most = 3.0 + (seconds / 2.0 + 1.0).log2();
            for at in (0..4).filter(|at| !has_answered(*at)) {
                let sent = sent.get(&address(at)).copied().unwrap_or(0);
                prop_assert!(f64::from(sent) <= most, "{sent} in {seconds} s");
            }
        }
    }
}
