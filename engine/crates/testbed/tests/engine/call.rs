//! Calls in virtual time: joining, roles, restarts, endings.

use std::collections::HashSet;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use convivium_engine::{Event, PeerId, SourceId, SpaceId};
use convivium_testbed::peer::Offer;
use convivium_testbed::world::{Guest, World};
use str0m::media::Direction;

const SECOND: Duration = Duration::from_secs(1);
/// Opus in CELT mode, 20 ms, with nothing in it: a valid packet of silence.
const SILENCE: [u8; 3] = [0xF8, 0xFF, 0xFE];

fn silence(frames: usize) -> Vec<Box<[u8]>> {
    vec![Box::from(SILENCE); frames]
}

/// The longest wait for a packet, from a moment on.
fn longest_wait(world: &World, place: usize, from: Instant) -> Duration {
    let heard = world.people[place].heard.iter().map(|packet| packet.at);
    let times: Vec<_> = std::iter::once(from)
        .chain(heard.filter(|at| *at > from))
        .chain([world.now()])
        .collect();
    let waits = times.windows(2).map(|pair| pair[1] - pair[0]);
    waits.max().unwrap_or_default()
}

#[test]
fn a_guest_hears_a_packet_each_400_ms_of_silence_and_each_2_s_of_a_long_one() {
    let mut world = World::new().unwrap();
    let ben = world.join(Guest::number(2)).unwrap();
    assert!(world.events.contains(&Event::Connected { peer: PeerId(2) }));

    let begun = world.now();
    world.run(2 * SECOND);
    assert!(longest_wait(&world, ben, begun) <= Duration::from_millis(400));

    world.run(SECOND);
    let quiet = world.now();
    let before = world.people[ben].heard.len();
    world.run(20 * SECOND);
    assert!(longest_wait(&world, ben, quiet) <= 2 * SECOND);
    let rare = &world.people[ben].heard[before..];
    assert!((10..=12).contains(&rare.len()), "{}", rare.len());
    assert!(rare.iter().all(|packet| packet.csrc == [0]));
}

#[test]
fn who_comes_into_a_quiet_space_hears_at_once_that_it_is() {
    let mut world = World::new().unwrap();
    let ama = world.join(Guest::number(1)).unwrap();
    world.run(10 * SECOND);
    // Whenever: just before and just after a sign, too.
    for number in 2..12 {
        world.run(SECOND / 5);
        let ben = world.join(Guest::number(number)).unwrap();
        let begun = world.now();
        world.run(SECOND / 10);
        let first = world.people[ben].heard.first().unwrap().clone();
        assert!(first.at <= begun + SECOND / 10 && first.csrc == [0]);
        world.run(4 * SECOND);

        let heard = &world.people[ben].heard;
        let newest = world.people[ama].heard.last().unwrap();
        assert_eq!(heard.last().unwrap().at, newest.at);
        // The clock of RTP goes on as the clock does.
        let passed = heard.last().unwrap().at - first.at;
        let shown = heard
            .last()
            .unwrap()
            .timestamp
            .wrapping_sub(first.timestamp);
        let off = f64::from(shown) / 48_000.0 - passed.as_secs_f64();
        assert!(off.abs() < 0.03, "{off}");
    }
}

#[test]
fn a_clip_is_heard_with_its_source_and_ends_with_an_event() {
    let mut world = World::new().unwrap();
    let ben = world.join(Guest::number(2)).unwrap();
    world
        .controls()
        .play(SpaceId(1), SourceId(77), silence(50))
        .unwrap();
    world.run(2 * SECOND);

    assert!(world.people[ben].heard.len() > 4);
    let ended = Event::ClipEnded {
        space: SpaceId(1),
        source: SourceId(77),
    };
    assert!(world.events.contains(&ended));
}

#[test]
fn the_end_of_a_space_ends_its_clips() {
    let mut world = World::new().unwrap();
    let (space, source) = (SpaceId(1), SourceId(77));
    world.controls().play(space, source, silence(500)).unwrap();
    world.run(SECOND);
    let done = world.controls().close_space(space).unwrap();
    world.run(SECOND);

    let ended = Event::ClipEnded { space, source };
    assert_eq!(world.events, [ended, Event::Done { token: done }]);
}

#[test]
fn the_clock_of_each_peer_begins_somewhere_else() {
    let mut world = World::new().unwrap();
    let (ama, ben) = (
        world.join(Guest::number(1)).unwrap(),
        world.join(Guest::number(2)).unwrap(),
    );
    world.run(2 * SECOND);

    // What was sent to both at one moment.
    let apart: HashSet<u32> = world.people[ama]
        .heard
        .iter()
        .flat_map(|a| world.people[ben].heard.iter().map(move |b| (a, b)))
        .filter(|(a, b)| a.at == b.at)
        .map(|(a, b)| a.timestamp.wrapping_sub(b.timestamp))
        .collect();
    assert_eq!(apart.len(), 1);
    assert!(!apart.contains(&0));
}

#[test]
fn every_direction_is_answered_with_and_without_a_channel() {
    for (n, (direction, with_channel)) in [
        (Direction::SendRecv, true),
        (Direction::RecvOnly, true),
        (Direction::SendOnly, false),
        (Direction::RecvOnly, false),
    ]
    .into_iter()
    .enumerate()
    {
        let mut world = World::new().unwrap();
        let guest = Guest {
            offer: Offer {
                direction,
                with_channel,
            },
            ..Guest::number(n as u8 + 1)
        };
        let place = world.join(guest).unwrap();
        world.run(SECOND);

        let hears = direction != Direction::SendOnly;
        assert_eq!(
            !world.people[place].heard.is_empty(),
            hears,
            "{direction:?}"
        );
    }
}

#[test]
fn a_restart_from_another_address_keeps_keys_source_and_sound() {
    let mut world = World::new().unwrap();
    let ben = world.join(Guest::number(2)).unwrap();
    world.run(SECOND);
    let before = world.people[ben].heard.len();

    world
        .restart(ben, SocketAddr::from(([10, 0, 9, 9], 6000)))
        .unwrap();
    world.run(2 * SECOND);

    let heard = &world.people[ben].heard;
    assert!(heard.len() >= before + 4, "{before} then {}", heard.len());
    let jumps = heard
        .windows(2)
        .filter(|pair| pair[1].sequence != pair[0].sequence + 1)
        .count();
    assert!(jumps <= 1);
}
