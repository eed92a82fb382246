//! Strangers and liars: nothing they send is answered, moves anything, or hurts anybody.

use std::net::SocketAddr;
use std::time::Duration;

use convivium_engine::{PeerId, SourceId, SpaceId};
use convivium_testbed::peer::{Offer, Peer};
use convivium_testbed::world::{Guest, World, WorldError};
use proptest::prelude::*;

use crate::forger::{sent_to, with_forger};
use crate::support::{ama_and_ben, level_db, saying};

const SECOND: Duration = Duration::from_secs(1);

fn stranger() -> SocketAddr {
    SocketAddr::from(([192, 0, 2, 66], 6666))
}

#[test]
fn a_member_gets_eight_addresses_and_no_more() {
    let (mut world, _, forger) = with_forger();
    world.sent.clear();
    for port in 1..=400 {
        world.throw(SocketAddr::new(stranger().ip(), port), &forger.check(false));
        world.run(Duration::from_millis(50));
    }

    let answered: std::collections::HashSet<_> = world
        .sent
        .iter()
        .map(|(_, datagram)| datagram.to)
        .filter(|to| to.ip() == stranger().ip())
        .collect();
    assert_eq!(answered.len(), 7, "one is its own");
    assert!(world.controls().stats().dropped_addresses.get() > 380);
}

#[test]
fn a_forged_source_does_not_take_a_members_address() {
    let (mut world, _, forger) = with_forger();
    let (ama, ben) = (0, 1);
    let address = world.people[ama].guest.address;
    world.people[ama].say(saying(3, 5));
    let before = world.controls().stats().voice_in.get();
    let begun = world.now();
    for _ in 0..100 {
        world.throw(address, &forger.check(true));
        world.run(Duration::from_millis(20));
    }

    let passed = world.controls().stats().voice_in.get() - before;
    assert!(passed >= 99, "{passed} of 100 packets of her voice");
    assert!(level_db(&world.people[ben], 3, begun, world.now()) > -30.0);
}

#[test]
fn a_check_with_a_wrong_password_is_not_answered() {
    let (mut world, _, forger) = with_forger();
    world.sent.clear();
    world.throw(
        stranger(),
        &forger.check_with(true, "a password of nobody at all"),
    );

    assert_eq!(sent_to(&world, stranger()), 0);
    assert_eq!(world.controls().stats().dropped_invalid.get(), 1);
}

#[test]
fn a_flood_of_voice_is_cut_and_others_are_heard_as_before() {
    let (mut world, mallory, _) = with_forger();
    world.set_gate(mallory, true).unwrap();
    world.people[0].say(saying(3, 8));
    world.run(SECOND);
    let begun = world.now();
    for _ in 0..2000 {
        for _ in 0..2 {
            let now = world.now();
            world.people[mallory]
                .peer()
                .speak(&[0xF8, 0xFF, 0xFE], now)
                .unwrap();
        }
        world.run(Duration::from_millis(1));
    }

    let passed = world.controls().stats().voice_in.get();
    assert!(passed < 550, "{passed} of 4150");
    assert!(level_db(&world.people[1], 3, begun, world.now()) > -30.0);
}

#[test]
fn captured_packets_sent_again_are_not_heard_again() {
    let (mut world, ama, _) = ama_and_ben();
    let voice = std::rc::Rc::new(std::cell::RefCell::new(Vec::new()));
    let keeper = std::rc::Rc::clone(&voice);
    world.arrives = Box::new(move |datagram| {
        if (128..192).contains(&datagram.bytes[0]) {
            keeper
                .borrow_mut()
                .push((datagram.from, datagram.bytes.clone()));
        }
        true
    });
    world.people[ama].say(saying(3, 1));
    world.run(2 * SECOND);
    let address = world.people[ama].guest.address;
    let heard = world.controls().stats().voice_in.get();
    for (from, bytes) in voice.take() {
        if from == address {
            world.throw(from, &bytes);
        }
    }

    assert_eq!(world.controls().stats().voice_in.get(), heard);
    assert!(world.controls().stats().dropped_invalid.get() >= 50);
}

fn refusal(world: &mut World, offer: &str) -> &'static str {
    let token = world
        .controls()
        .answer(SpaceId(1), PeerId(50), SourceId(5), offer.to_owned())
        .unwrap();
    match world.answer_to(token) {
        Err(WorldError::Refused(code)) => code,
        Ok(_) => {
            let token = world.controls().close_peer(PeerId(50)).unwrap();
            world.done(token).unwrap();
            "answered"
        }
        Err(other) => panic!("{other}"),
    }
}

fn offer() -> String {
    let now = World::new().unwrap().now();
    Peer::call(Guest::number(1).address, Offer::default(), now)
        .unwrap()
        .1
}

#[test]
fn offers_are_refused_with_a_code_for_each_fault() {
    let mut world = World::new().unwrap();
    let good = offer();
    let without = |name: &str| -> String {
        let kept = good.lines().filter(|line| !line.starts_with(name));
        kept.flat_map(|line| [line, "\r\n"]).collect()
    };
    for (offer, code) in [
        (good.clone(), "answered"),
        (String::new(), "bad_offer"),
        ("v=0\r\n".repeat(20), "bad_offer"),
        (without("a=fingerprint"), "bad_offer"),
        (without("a=ice-pwd"), "bad_offer"),
        (without("a=rtpmap"), "no_common_profile"),
        (
            good.replace("UDP/TLS/RTP/SAVPF", "RTP/AVP"),
            "no_common_profile",
        ),
        (good.clone() + &"a=x\r\n".repeat(4000), "too_large"),
        (good.replace("opus", "\u{1F916}"), "no_common_profile"),
    ] {
        assert_eq!(refusal(&mut world, &offer), code, "{offer:.200}");
    }
    assert_eq!(world.controls().stats().peers.get(), 0);
}

#[test]
fn an_unknown_space_and_a_number_in_use_are_refused() {
    let (mut world, ..) = ama_and_ben();
    let mut ask = |space, peer| {
        let token = world
            .controls()
            .answer(SpaceId(space), PeerId(peer), SourceId(5), offer())
            .unwrap();
        world.answer_to(token)
    };

    assert!(matches!(
        ask(99, 50),
        Err(WorldError::Refused("unknown_space"))
    ));
    assert!(matches!(ask(1, 2), Err(WorldError::Refused("bad_offer"))));
}

/// Datagrams that look like something: a plausible beginning, then anything.
fn datagrams() -> impl Strategy<Value = Vec<u8>> {
    let anything = prop::collection::vec(any::<u8>(), 0..300);
    let beginning = prop_oneof![
        Just(vec![]),
        Just(vec![0, 1, 0, 80, 0x21, 0x12, 0xA4, 0x42]),
        Just(vec![22, 254, 253, 0, 0, 0, 0, 0, 0]),
        Just(vec![22, 254, 255, 0, 0, 0, 0, 0, 0, 0, 0, 0, 40, 1]),
        Just(vec![0x80, 111]),
        Just(vec![0x9F, 111]),
        Just(vec![0x81, 200, 0, 6]),
    ];
    (beginning, anything).prop_map(|(mut datagram, rest)| {
        datagram.extend(rest);
        datagram
    })
}

/// What strangers may send, each kind by turns.
fn hostile(n: u32) -> Vec<u8> {
    let length = 20 + n as usize % 1200;
    let mut datagram: Vec<u8> = (0..length)
        .map(|at| (at as u32 * 31 + n * 7) as u8)
        .collect();
    let beginning: &[u8] = match n % 6 {
        0 => &[0, 1, 0, 80, 0x21, 0x12, 0xA4, 0x42],
        1 => &[1, 1, 0, 0, 0x21, 0x12, 0xA4, 0x42],
        2 => &[22, 254, 253, 0, 0, 0, 0, 0, 0],
        3 => &[0x80, 111],
        4 => &[0x81, 201, 0, 7],
        _ => &[],
    };
    datagram[..beginning.len()].copy_from_slice(beginning);
    datagram
}

/// 200,000 a second, for a fifth of one.
#[test]
fn a_flood_from_strangers_is_not_answered_and_nobody_notices() {
    let (mut world, ama, ben) = ama_and_ben();
    world.people[ama].say(saying(3, 8));
    world.run(SECOND);
    world.sent.clear();
    let (begun, before) = (world.now(), world.people[ben].heard.len());
    for n in 0..40_000_u32 {
        let [.., a, b, c] = n.to_be_bytes();
        world.throw_at_once(SocketAddr::from(([192, a, b, c], 6666)), &hostile(n));
        if n % 200 == 199 {
            world.run(Duration::from_millis(1));
        }
    }

    assert_eq!(world.people[ben].heard.len() - before, 10);
    assert!(level_db(&world.people[ben], 3, begun, world.now()) > -30.0);
    let people = [ama, ben].map(|place| world.people[place].guest.address);
    assert!(world.sent.iter().all(|(_, sent)| people.contains(&sent.to)));
    assert_eq!(world.controls().stats().dropped_unknown.get(), 40_000);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn strangers_are_never_answered(thrown in prop::collection::vec(datagrams(), 50)) {
        let (mut world, ..) = ama_and_ben();
        for datagram in &thrown {
            world.throw(stranger(), datagram);
        }

        prop_assert_eq!(sent_to(&world, stranger()), 0);
        prop_assert_eq!(world.controls().stats().dropped_unknown.get(), thrown.len() as u64);
    }

    /// From a proven address more is listened to: whatever comes, no fault, and the call of
    /// whoever is there for good goes on.
    #[test]
    fn nonsense_from_a_members_address_hurts_nobody_else(
        thrown in prop::collection::vec(datagrams(), 50),
    ) {
        let (mut world, ama, ben) = ama_and_ben();
        let address = world.people[ama].guest.address;
        for datagram in &thrown {
            world.throw(address, datagram);
            world.run(Duration::from_millis(5));
        }
        let before = world.people[ben].heard.len();
        world.run(2 * SECOND);

        prop_assert_eq!(world.controls().stats().faults.get(), 0);
        prop_assert!(world.people[ben].heard.len() > before);
    }

    /// An offer with lines lost, doubled, moved and cut is answered or refused, never a fault.
    #[test]
    fn broken_offers_are_answered_or_refused(
        changes in prop::collection::vec((0_usize..80, 0_u8..4, 0_usize..60), 1..8),
    ) {
        let mut world = World::new().unwrap();
        let mut lines: Vec<String> = offer().lines().map(str::to_owned).collect();
        for (at, change, other) in changes {
            let at = at % lines.len();
            let other = other % lines.len();
            match change {
                0 => drop(lines.remove(at)),
                1 => lines.insert(other, lines[at].clone()),
                2 => lines.swap(at, other),
                _ => {
                    let end = lines[at].len() / 2;
                    lines[at].truncate(end);
                }
            }
            if lines.is_empty() {
                lines.push("v=0".into());
            }
        }
        refusal(&mut world, &lines.join("\r\n"));

        prop_assert_eq!(world.controls().stats().faults.get(), 0);
    }

    #[test]
    fn any_fragment_is_answered_or_refused(text in "(a=ice-(ufrag|pwd):)?[ -~\r\n]{0,200}") {
        let (mut world, _, ben) = ama_and_ben();
        let token = world.controls().restart(PeerId(2), text).unwrap();
        let _ = world.answer_to(token);
        world.run(SECOND);

        prop_assert_eq!(world.controls().stats().faults.get(), 0);
        prop_assert!(!world.people[ben].broken);
    }
}
