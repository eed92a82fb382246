//! Reports of what arrives: taken where they arrive, and enough to live on.

use std::time::Duration;

use convivium_testbed::network::Chance;
use convivium_testbed::world::{Guest, World};
use str0m::RtcConfig;

use crate::support::{ama_and_ben, saying};

const SECOND: Duration = Duration::from_secs(1);

#[test]
fn what_listeners_lose_is_told_and_forgotten_when_it_is_over() {
    let (mut world, ama, ben) = ama_and_ben();
    let (address, server) = (world.people[ben].guest.address, world.server());
    let mut chance = Chance::new(1);
    world.people[ama].say(saying(3, 60));
    world.arrives = Box::new(move |datagram| {
        let is_sound =
            datagram.to == address && datagram.from == server && datagram.bytes[0] >= 128;
        !is_sound || !chance.happens(0.2)
    });
    world.run(20 * SECOND);

    // Ben loses a fifth and Ama nothing.
    let stats = world.controls().stats();
    let (lost, lossy) = (&stats.reported_lost_ppm, &stats.reported_lossy_ppm);
    assert!((60_000..140_000).contains(&lost.get()), "{}", lost.get());
    assert!((300_000..700_000).contains(&lossy.get()), "{}", lossy.get());

    world.arrives = Box::new(|_| true);
    world.run(20 * SECOND);
    assert_eq!(world.controls().stats().reported_lost_ppm.get(), 0);
}

/// By what the engine says of the speaker's own reports.
#[test]
fn a_speaker_learns_its_round_trip() {
    let mut world = World::new().unwrap();
    let config = RtcConfig::new()
        .set_rtp_mode(true)
        .clear_codecs()
        .enable_opus(true, false)
        .set_stats_interval(Some(SECOND));
    let ama = world
        .invite_with(Guest::number(1), config, |offer| offer)
        .unwrap();
    world.run(SECOND);
    world.set_gate(ama, true).unwrap();
    world.people[ama].say(saying(3, 60));
    world.run(20 * SECOND);

    // The world carries datagrams at once; reports have units of 15 us.
    let round_trip = world.people[ama].round_trip.unwrap();
    assert!(round_trip < SECOND / 500, "{round_trip:?}");
}

#[test]
fn a_listener_lives_by_its_reports_alone() {
    let mut world = World::new().unwrap();
    let ben = world.join(Guest::number(2)).unwrap();
    let is_report = |bytes: &[u8]| (128..192).contains(&bytes[0]) && (192..224).contains(&bytes[1]);
    world.arrives =
        Box::new(move |datagram| datagram.from.port() == 4000 || is_report(&datagram.bytes));
    world.run(14 * SECOND);
    let before = world.people[ben].heard.len();
    world.run(30 * SECOND);

    assert_eq!(world.controls().stats().peers.get(), 1);
    assert!(world.people[ben].heard.len() > before + 15);
}

#[test]
fn reports_become_rare_where_nobody_is_heard_and_no_longer() {
    let (mut world, ama, ben) = ama_and_ben();
    let address = world.people[ben].guest.address;
    let reports = |world: &World| {
        let is_report = |bytes: &[u8]| bytes[0] >= 128 && (192..224).contains(&bytes[1]);
        let sent = world.sent.iter();
        sent.filter(|(_, sent)| sent.to == address && is_report(&sent.bytes))
            .count()
    };
    world.people[ama].say(saying(3, 60));
    world.run(30 * SECOND);
    assert!((5..=7).contains(&reports(&world)), "{}", reports(&world));

    world.run(45 * SECOND);
    world.sent.clear();
    world.run(60 * SECOND);
    assert_eq!(reports(&world), 4);
}
