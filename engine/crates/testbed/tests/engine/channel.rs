//! The data channel: a snapshot, then events in order; a slow reader gets a snapshot again.

use std::time::Duration;

use crate::support::ama_and_ben;
use convivium_engine::{Event, PeerId, SpaceId};
use convivium_testbed::world::{Guest, World};
use str0m::RtcConfig;

const SECOND: Duration = Duration::from_secs(1);

fn asked(world: &World, peer: u64) -> usize {
    let ready = Event::ChannelReady { peer: PeerId(peer) };
    world.events.iter().filter(|event| **event == ready).count()
}

#[test]
fn events_follow_the_snapshot_in_order_and_only_to_their_audience() {
    let (mut world, ama, ben) = ama_and_ben();
    assert_eq!((asked(&world, 1), asked(&world, 2)), (1, 1));
    let controls = world.controls();
    controls.broadcast(SpaceId(1), "kept").unwrap();
    controls.send_snapshot(PeerId(1), "snapshot").unwrap();
    controls.send_snapshot(PeerId(2), "snapshot").unwrap();
    controls.broadcast(SpaceId(1), "to all").unwrap();
    controls.send(vec![PeerId(2)], "to Ben").unwrap();
    world.run(SECOND / 5);

    assert_eq!(world.people[ama].messages, ["snapshot", "kept", "to all"]);
    assert_eq!(
        world.people[ben].messages,
        ["snapshot", "kept", "to all", "to Ben"]
    );
}

#[test]
fn a_reader_that_stands_still_is_not_queued_for_and_gets_a_fresh_snapshot() {
    let (mut world, ama, ben) = ama_and_ben();
    for peer in [1, 2] {
        world
            .controls()
            .send_snapshot(PeerId(peer), "snapshot")
            .unwrap();
    }
    world.run(SECOND / 5);
    let away = world.people[ben].guest.address;
    world.arrives = Box::new(move |datagram| datagram.from != away || datagram.bytes[0] < 4);
    for n in 0..200 {
        let event = format!("{n:4096}");
        world.controls().broadcast(SpaceId(1), &event).unwrap();
        world.run(Duration::from_millis(10));
    }
    assert_eq!(asked(&world, 2), 1);
    assert_eq!(world.people[ama].messages.len(), 201, "nobody else notices");
    assert!(world.controls().stats().messages_dropped.get() > 100);

    world.arrives = Box::new(|_| true);
    world
        .run_until("asking again", 20 * SECOND, |world| asked(world, 2) == 2)
        .unwrap();
    world.controls().send_snapshot(PeerId(2), "fresh").unwrap();
    world.controls().broadcast(SpaceId(1), "after").unwrap();
    world.run(SECOND);

    let messages = &world.people[ben].messages;
    assert!(messages.len() < 20, "{} messages", messages.len());
    assert_eq!(messages[messages.len() - 2..], ["fresh", "after"]);
}

#[test]
fn the_largest_message_arrives_and_a_larger_one_is_refused() {
    let (mut world, _, ben) = ama_and_ben();
    let largest = "x".repeat(64 * 1024);
    world.controls().send_snapshot(PeerId(2), &largest).unwrap();
    assert!(
        world
            .controls()
            .broadcast(SpaceId(1), &format!("{largest}x"))
            .is_err()
    );
    world.run(SECOND);

    assert_eq!(world.people[ben].messages, [largest]);
}

#[test]
fn what_a_peer_writes_is_counted_and_does_no_harm() {
    let (mut world, _, ben) = ama_and_ben();
    let now = world.now();
    world.people[ben].peer().write("hello", now).unwrap();
    world.run(SECOND);

    assert_eq!(world.controls().stats().messages_in.get(), 1);
    assert!(!world.people[ben].broken);
}

#[test]
fn the_channel_lives_on_over_a_restart() {
    let (mut world, _, ben) = ama_and_ben();
    world
        .controls()
        .send_snapshot(PeerId(2), "snapshot")
        .unwrap();
    world
        .restart(ben, "10.0.9.9:6000".parse().unwrap())
        .unwrap();
    world.run(2 * SECOND);
    world.controls().broadcast(SpaceId(1), "after").unwrap();
    world.run(SECOND);

    assert_eq!(world.people[ben].messages, ["snapshot", "after"]);
}

/// Let the owner answer every question for a snapshot for 5 s; how often it was asked.
fn answered_for_a_while(world: &mut World, peer: u64) -> usize {
    let mut answered = 0;
    for n in 0..500 {
        while answered < asked(world, peer) {
            answered += 1;
            let controls = world.controls();
            controls.send_snapshot(PeerId(peer), "snapshot").unwrap();
        }
        let controls = world.controls();
        controls.broadcast(SpaceId(1), &n.to_string()).unwrap();
        world.run(SECOND / 100);
    }
    answered
}

#[test]
fn a_listener_who_closes_its_channel_is_not_asked_for_again() {
    let (mut world, _, ben) = ama_and_ben();
    world
        .controls()
        .send_snapshot(PeerId(2), "snapshot")
        .unwrap();
    world.run(SECOND);
    let now = world.now();
    world.people[ben].peer().close_channel(now).unwrap();
    world.run(SECOND);

    assert_eq!(answered_for_a_while(&mut world, 2), 1);
    assert!(!world.people[ben].broken, "it hears the space all the same");
}

#[test]
fn a_listener_who_takes_no_message_is_not_asked_for_again() {
    let mut world = World::new().unwrap();
    let config = RtcConfig::new()
        .set_rtp_mode(true)
        .clear_codecs()
        .enable_opus(true, false);
    let tiny = |offer: String| {
        let lines = offer.lines().map(|line| {
            if line.starts_with("a=max-message-size:") {
                "a=max-message-size:4"
            } else {
                line
            }
        });
        let offer = lines.collect::<Vec<_>>().join("\r\n") + "\r\n";
        assert!(offer.contains("a=max-message-size:4\r\n"));
        offer
    };
    world.invite_with(Guest::number(1), config, tiny).unwrap();
    world.run(SECOND);

    assert_eq!(answered_for_a_while(&mut world, 1), 1);
}
