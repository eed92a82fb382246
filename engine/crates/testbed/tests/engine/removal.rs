//! A peer that is removed is gone: nothing it sends is heard or answered.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use crate::support::{ama_and_ben, saying};
use convivium_engine::{CloseReason, Event, PeerId};
use convivium_testbed::peer::Datagram;
use convivium_testbed::world::{Guest, World, WorldError};

const SECOND: Duration = Duration::from_secs(1);

/// Everything a person sends from now on is kept, and still arrives.
fn record(world: &mut World, place: usize) -> Rc<RefCell<Vec<Vec<u8>>>> {
    let from = world.people[place].guest.address;
    let kept = Rc::new(RefCell::new(Vec::new()));
    let keeper = Rc::clone(&kept);
    world.arrives = Box::new(move |datagram| {
        if datagram.from == from {
            keeper.borrow_mut().push(datagram.bytes.clone());
        }
        true
    });
    kept
}

#[test]
fn old_packets_of_a_removed_peer_get_no_octet_back() {
    let (mut world, ama, _) = ama_and_ben();
    let kept = record(&mut world, ama);
    world.people[ama].say(saying(3, 20));
    let now = world.now();
    world.people[ama].peer().write("hello", now).unwrap();
    world.run(10 * SECOND);
    let (peer, address) = (
        world.people[ama].guest.peer,
        world.people[ama].guest.address,
    );
    let token = world.controls().close_peer(peer).unwrap();
    world.done(token).unwrap();
    let kept = kept.take();
    let of_kind = |least, most| kept.iter().any(|bytes| (least..=most).contains(&bytes[0]));
    assert!(of_kind(0, 3) && of_kind(20, 63) && of_kind(128, 191));

    world.sent.clear();
    let unknown = world.controls().stats().dropped_unknown.get();
    for bytes in &kept {
        world.throw(address, bytes);
    }
    world.run(20 * SECOND);

    assert!(
        world
            .sent
            .iter()
            .all(|(_, datagram)| datagram.to != address)
    );
    let dropped = world.controls().stats().dropped_unknown.get() - unknown;
    assert!(dropped >= kept.len() as u64);
    assert!(
        !world
            .events
            .iter()
            .any(|event| matches!(event, Event::Closed { .. }))
    );
}

#[test]
fn a_removed_peer_is_told_that_the_connection_is_over() {
    const ALERT: u8 = 21;
    let (mut world, ama, _) = ama_and_ben();
    world.sent.clear();
    let token = world
        .controls()
        .close_peer(world.people[ama].guest.peer)
        .unwrap();
    world.done(token).unwrap();

    let address = world.people[ama].guest.address;
    let alert = |datagram: &Datagram| datagram.to == address && datagram.bytes[0] == ALERT;
    assert!(world.sent.iter().any(|(_, datagram)| alert(datagram)));
}

#[test]
fn a_removed_peer_cannot_restart() {
    let (mut world, ama, _) = ama_and_ben();
    let peer = world.people[ama].guest.peer;
    let token = world.controls().close_peer(peer).unwrap();
    world.done(token).unwrap();

    let address = world.people[ama].guest.address;
    assert!(matches!(
        world.restart(ama, address),
        Err(WorldError::Refused("unknown_peer"))
    ));
}

#[test]
fn removing_somebody_twice_or_nobody_is_done() {
    let (mut world, ..) = ama_and_ben();
    for peer in [1, 1, 99] {
        let token = world.controls().close_peer(PeerId(peer)).unwrap();
        world.done(token).unwrap();
    }
}

#[test]
fn a_peer_that_never_connects_ends_after_ten_seconds() {
    let mut world = World::new().unwrap();
    world.arrives = Box::new(|_| false);
    world.invite(Guest::number(1)).unwrap();
    world.run(9 * SECOND);
    assert!(world.events.is_empty());

    world.run(2 * SECOND);
    let closed = Event::Closed {
        peer: PeerId(1),
        why: CloseReason::NeverConnected,
    };
    assert!(world.events.contains(&closed));
    assert_eq!(world.controls().stats().peers.get(), 0);
}

#[test]
fn a_peer_that_falls_silent_ends_after_fifteen_seconds() {
    let (mut world, ..) = ama_and_ben();
    world.run(3 * SECOND);
    world.events.clear();
    let server = world.server();
    world.arrives = Box::new(move |datagram| datagram.to != server);
    world.run(12 * SECOND);
    assert!(world.events.is_empty());

    world.run(4 * SECOND);
    for peer in [1, 2] {
        let closed = Event::Closed {
            peer: PeerId(peer),
            why: CloseReason::Silent,
        };
        assert!(world.events.contains(&closed));
    }
}

#[test]
fn a_client_whose_certificate_is_not_the_announced_one_ends_and_nobody_else() {
    let (mut world, _, ben) = ama_and_ben();
    let forge = |offer: String| {
        let line = offer
            .lines()
            .find(|line| line.starts_with("a=fingerprint:"))
            .unwrap();
        let forged: String = line
            .chars()
            .map(|c| {
                if c == 'A' {
                    'B'
                } else if c == '1' {
                    '2'
                } else {
                    c
                }
            })
            .collect();
        offer.replace(line, &forged)
    };
    let config = str0m::RtcConfig::new()
        .set_rtp_mode(true)
        .clear_codecs()
        .enable_opus(true, false);
    let mallory = world.invite_with(Guest::number(6), config, forge).unwrap();
    world.run(3 * SECOND);

    let closed = Event::Closed {
        peer: PeerId(6),
        why: CloseReason::Untrusted,
    };
    assert!(world.events.contains(&closed));
    assert!(world.people[mallory].heard.is_empty());
    assert!(!world.people[ben].broken);
    assert_eq!(world.controls().stats().peers.get(), 2);
}
