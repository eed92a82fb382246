//! Checks that change nothing are answered where they arrive, and no others are.

use std::net::SocketAddr;
use std::time::Duration;

use convivium_engine::{Event, PeerId};
use convivium_testbed::peer::Datagram;
use convivium_testbed::world::{Guest, World};

use crate::forger::{sent_to, with_forger};

const SECOND: Duration = Duration::from_secs(1);

/// How many checks were answered where they arrived, and how many a session judged.
fn answered(world: &World) -> (u64, u64) {
    let stats = world.controls().stats();
    (stats.checks_answered.get(), stats.checks_judged.get())
}

#[test]
fn a_client_whose_checks_the_lane_answers_stays_and_its_session_goes_on() {
    let mut world = World::new().unwrap();
    let ben = world.join(Guest::number(2)).unwrap();
    world.controls().send_snapshot(PeerId(2), "{}").unwrap();
    let (_, judged) = answered(&world);
    // Nothing but its checks says that the client is still there.
    world.arrives = Box::new(|datagram| datagram.from.port() == 4000 || datagram.bytes[0] < 4);
    world.run(60 * SECOND);

    let (by_lane, by_session) = answered(&world);
    assert!(by_lane >= 15, "{by_lane} answered at once");
    assert_eq!(by_session, judged);
    assert!(!world.people[ben].broken);
    assert_eq!(world.controls().stats().peers.get(), 1);

    // What goes through the session still finds its way.
    world.people[ben].messages.clear();
    world.controls().send(vec![PeerId(2)], "later").unwrap();
    world.arrives = Box::new(|_| true);
    world.run(5 * SECOND);
    assert_eq!(world.people[ben].messages, ["later"]);
}

#[test]
fn a_check_with_a_wrong_password_is_dropped_where_it_arrives() {
    let (mut world, mallory, forger) = with_forger();
    let address = world.people[mallory].guest.address;
    world.run(SECOND);
    world.sent.clear();
    let before = answered(&world);
    world.throw(
        address,
        &forger.check_with(false, "a password of nobody at all"),
    );

    assert_eq!(sent_to(&world, address), 0);
    assert_eq!(answered(&world), before);
    assert_eq!(world.controls().stats().dropped_invalid.get(), 1);
}

#[test]
fn a_check_from_another_address_is_judged_by_the_shard() {
    let (mut world, _, forger) = with_forger();
    let elsewhere = SocketAddr::from(([10, 0, 0, 66], 7000));
    let (by_lane, by_session) = answered(&world);
    // The second time the address is known, and still not the one in use.
    world.throw(elsewhere, &forger.check(false));
    world.throw(elsewhere, &forger.check(false));

    assert_eq!(sent_to(&world, elsewhere), 2, "a question and an answer");
    assert_eq!(answered(&world), (by_lane, by_session + 2));
}

#[test]
fn a_peer_that_is_not_connected_has_no_lane() {
    let mut world = World::new().unwrap();
    // Of the handshake nothing arrives.
    world.arrives = Box::new(|datagram| datagram.bytes[0] < 4);
    world.invite(Guest::number(2)).unwrap();
    world.run(5 * SECOND);

    let (by_lane, by_session) = answered(&world);
    assert_eq!(by_lane, 0);
    assert!(by_session >= 2);
}

#[test]
fn a_removed_peer_is_not_answered() {
    let (mut world, mallory, forger) = with_forger();
    let address = world.people[mallory].guest.address;
    world.throw(address, &forger.check(false));
    let before = answered(&world);
    let token = world
        .controls()
        .close_peer(world.people[mallory].guest.peer)
        .unwrap();
    world.done(token).unwrap();
    world.sent.clear();
    world.throw(address, &forger.check(false));

    assert_eq!(sent_to(&world, address), 0);
    assert_eq!(answered(&world), before);
}

#[test]
fn after_a_restart_the_old_name_is_dead_and_the_new_one_has_a_lane_once_it_is_settled() {
    let (mut world, mallory, forger) = with_forger();
    let address = world.people[mallory].guest.address;
    let moved = SocketAddr::from(([10, 0, 9, 9], 6000));
    // Longer than the session remembers an address without checks.
    world.run(20 * SECOND);
    world.restart(mallory, moved).unwrap();
    world.sent.clear();
    let (before, _) = answered(&world);
    world.throw(address, &forger.check(false));
    world.throw(moved, &forger.check(false));
    assert_eq!(sent_to(&world, address), 0);
    assert_eq!(answered(&world).0, before);

    world.run(10 * SECOND);
    let (by_lane, by_session) = answered(&world);
    world.run(30 * SECOND);
    let (later, judged) = answered(&world);
    assert!(later >= by_lane + 8, "{by_lane} then {later}");
    assert_eq!(judged, by_session);
    assert!(!world.people[mallory].broken);
}

#[test]
fn a_flood_of_checks_is_cut_in_the_lane_too() {
    let (mut world, mallory, forger) = with_forger();
    let address = world.people[mallory].guest.address;
    let (before, _) = answered(&world);
    for _ in 0..1000 {
        world.throw(address, &forger.check(false));
        world.run(Duration::from_millis(1));
    }

    let answered = answered(&world).0 - before;
    assert!((40..=90).contains(&answered), "{answered} of 1000");
}

#[test]
fn an_address_that_somebody_else_has_proven_since_has_no_lane() {
    let (mut world, _, forger) = with_forger();
    let ama = world.people[0].guest.address;
    world.arrives = Box::new(move |datagram| datagram.from != ama);
    world.run(11 * SECOND);
    world.throw(ama, &forger.check(false));
    world.arrives = Box::new(|_| true);
    world.sent.clear();
    world.run(3 * SECOND);

    let is_answer = |sent: &Datagram| sent.to == ama && sent.bytes[..2] == [1, 1];
    assert!(!world.sent.iter().any(|(_, sent)| is_answer(sent)));
    assert!(world.controls().stats().dropped_addresses.get() >= 1);
}

#[test]
fn a_restart_before_the_handshake_is_over_keeps_the_lane_of_whoever_connects() {
    let mut world = World::new().unwrap();
    world.arrives = Box::new(|datagram| datagram.bytes[0] < 4);
    let guest = Guest::number(2);
    let ben = world.invite(guest).unwrap();
    world.run(SECOND);
    world.restart(ben, guest.address).unwrap();
    world.arrives = Box::new(|datagram| datagram.bytes[0] >= 4);
    world
        .run_until("connecting", 5 * SECOND, |world| {
            world.events.contains(&Event::Connected { peer: PeerId(2) })
        })
        .unwrap();
    world.arrives = Box::new(|_| true);
    let (before, _) = answered(&world);
    world.run(5 * SECOND);

    assert!(answered(&world).0 > before);
}
