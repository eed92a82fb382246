//! Checks of a member's own making, from anywhere.

use std::net::SocketAddr;
use std::time::Duration;

use convivium_testbed::peer::{Offer, Peer};
use convivium_testbed::world::{Guest, World};
use str0m::config::CryptoProvider;
use str0m::ice::{StunMessage, TransId};

use crate::support::ama_and_ben;

const SECOND: Duration = Duration::from_secs(1);

/// An authentic check of a person, as if sent from anywhere: what a member can make.
pub(crate) struct Forger {
    username: String,
    password: String,
    provider: CryptoProvider,
}

impl Forger {
    fn new(answer: &str, offer_ufrag: &str) -> Self {
        let value = |name| {
            answer
                .lines()
                .find_map(|line| line.strip_prefix(name))
                .unwrap()
        };
        Self {
            username: format!("{}:{offer_ufrag}", value("a=ice-ufrag:")),
            password: value("a=ice-pwd:").to_owned(),
            provider: str0m::crypto::from_feature_flags(),
        }
    }

    pub(crate) fn check(&self, use_candidate: bool) -> Vec<u8> {
        self.check_with(use_candidate, &self.password)
    }

    pub(crate) fn check_with(&self, use_candidate: bool, password: &str) -> Vec<u8> {
        let request = StunMessage::binding_request(
            &self.username,
            TransId::new(),
            true,
            1,
            0x7EFF_FFFF,
            use_candidate,
        );
        let mut datagram = vec![0; 300];
        let hmac =
            |key: &[u8], parts: &[&[u8]]| self.provider.sha1_hmac_provider.sha1_hmac(key, parts);
        let length = request
            .to_bytes(Some(password.as_bytes()), &mut datagram, hmac)
            .unwrap();
        datagram.truncate(length);
        datagram
    }
}

/// Ama and Ben, and what a third member needs to lie about where it is.
pub(crate) fn with_forger() -> (World, usize, Forger) {
    let (mut world, ..) = ama_and_ben();
    let guest = Guest::number(6);
    let (mut peer, offer) = Peer::call(guest.address, Offer::default(), world.now()).unwrap();
    let token = world
        .controls()
        .answer(guest.space, guest.peer, guest.source, offer.clone())
        .unwrap();
    let answer = world.answer_to(token).unwrap();
    peer.accept(&answer, world.now()).unwrap();
    let ufrag = offer
        .lines()
        .find_map(|line| line.strip_prefix("a=ice-ufrag:"))
        .unwrap();
    let forger = Forger::new(&answer, ufrag);
    let place = world.adopt(guest, peer);
    world
        .run_until("connecting", 5 * SECOND, |world| {
            world.people[place].connected
        })
        .unwrap();
    (world, place, forger)
}

/// How many datagrams the engine sent there.
pub(crate) fn sent_to(world: &World, address: SocketAddr) -> usize {
    world
        .sent
        .iter()
        .filter(|(_, datagram)| datagram.to == address)
        .count()
}
