//! Longer packets for a crowd: what listeners get, how packet times change, and that a mute holds.

use std::collections::HashSet;
use std::time::{Duration, Instant};

use crate::support::{ama_and_ben, level_db, saying};
use convivium_engine::Event;
use convivium_engine::mix::PacketTime;
use convivium_engine::opus::PacketShape;
use convivium_testbed::peer::HeardPacket;
use convivium_testbed::world::{Guest, World};

const SECOND: Duration = Duration::from_secs(1);
const TICK: Duration = Duration::from_millis(20);
const AUDIBLE_DB: f32 = -30.0;
const GONE_DB: f32 = -60.0;
const SPEAKER: usize = 0;

/// Ama speaks to Ben (1) and five more, whose packets are `time` long.
fn crowd(time: PacketTime) -> World {
    let (mut world, ama, _) = ama_and_ben();
    for number in 3..8 {
        world.join(Guest::number(number)).unwrap();
    }
    world.controls().set_packet_time(Some(time)).unwrap();
    world.people[ama].say(saying(3, 20));
    world.run(SECOND);
    world
}

fn since(world: &World, place: usize, from: Instant) -> Vec<HeardPacket> {
    let heard = world.people[place].heard.iter();
    heard.filter(|packet| packet.at >= from).cloned().collect()
}

fn samples(packet: &HeardPacket) -> u32 {
    let shape = PacketShape::read(&packet.payload).unwrap();
    u32::try_from(shape.samples).unwrap()
}

/// Every packet begins where the one before it ended: nothing is missing, nothing comes twice.
fn is_seamless(packets: &[HeardPacket]) -> bool {
    packets.windows(2).all(|pair| {
        pair[1].sequence == pair[0].sequence + 1
            && pair[1].timestamp == pair[0].timestamp.wrapping_add(samples(&pair[0]))
    })
}

#[test]
fn listeners_get_long_packets_and_hear_every_frame() {
    for (time, in_six_seconds) in [
        (PacketTime::Ms40, 150),
        (PacketTime::Ms60, 100),
        (PacketTime::Ms120, 50),
    ] {
        let mut world = crowd(time);
        let begun = world.now();
        world.run(6 * SECOND);

        for place in 1..7 {
            let packets = since(&world, place, begun);
            assert!(packets.len().abs_diff(in_six_seconds) <= 1, "{time:?}");
            assert!(is_seamless(&packets), "{time:?}, {place}");
            let level = level_db(&world.people[place], 3, begun, world.now());
            assert!(level > AUDIBLE_DB, "{time:?}, {place}: {level} dB");
        }
    }
}

#[test]
fn what_is_sent_to_a_crowd_is_spread_over_all_ticks() {
    let mut world = crowd(PacketTime::Ms120);
    let begun = world.now();
    world.run(SECOND);

    let mut ends: Vec<_> = (1..7)
        .map(|place| {
            let first = since(&world, place, begun)[0].at - begun;
            first.as_millis() / TICK.as_millis() % 6
        })
        .collect();
    // The speaker has a place among them, in one of the shards.
    ends.sort_unstable();
    assert!(ends.windows(3).all(|three| three[0] < three[2]), "{ends:?}");
}

#[test]
fn a_speaker_keeps_short_packets_and_hears_the_others_at_once() {
    let mut world = crowd(PacketTime::Ms120);
    let begun = world.now();
    world.run(SECOND);

    let packets = since(&world, SPEAKER, begun);
    assert!(packets.len().abs_diff(50) <= 1);
    assert!(packets.iter().all(|packet| samples(packet) == 960));
}

#[test]
fn a_change_of_packet_time_loses_and_repeats_nothing_and_is_told() {
    let mut world = crowd(PacketTime::Ms20);
    let begun = world.now();
    let times = [
        PacketTime::Ms120,
        PacketTime::Ms40,
        PacketTime::Ms120,
        PacketTime::Ms20,
        PacketTime::Ms60,
        PacketTime::Ms120,
        PacketTime::Ms60,
    ];
    for (number, time) in (0..).zip(times) {
        world.controls().set_packet_time(Some(time)).unwrap();
        world.run(Duration::from_millis(710 + 30 * number));
    }

    for place in 0..7 {
        let packets = since(&world, place, begun);
        assert!(is_seamless(&packets), "{place}");
    }
    let told: Vec<_> = world
        .events
        .iter()
        .filter_map(|event| match event {
            Event::PacketTime { time, .. } => Some(*time),
            _ => None,
        })
        .collect();
    assert_eq!(told, times);
}

#[test]
fn whoever_is_brought_up_gets_what_was_left_over_and_then_short_packets() {
    for wait in 0..6 {
        let mut world = crowd(PacketTime::Ms120);
        let begun = world.now();
        world.run(SECOND + wait * TICK);
        world.set_gate(1, true).unwrap();
        let up = world.now() + TICK;
        world.run(SECOND);

        assert!(is_seamless(&since(&world, 1, begun)), "{wait}");
        assert!(
            since(&world, 1, up)
                .iter()
                .all(|packet| samples(packet) == 960)
        );
    }
}

#[test]
fn nothing_of_a_muted_voice_is_left_in_a_packet_after_the_answer() {
    for wait in 0..6 {
        let mut world = crowd(PacketTime::Ms120);
        let begun = world.now();
        world.run(SECOND + wait * TICK);
        let asked = world.now();
        world.set_gate(SPEAKER, false).unwrap();
        let done = world.now();
        world.run(2 * SECOND);

        assert!(done - asked <= Duration::from_millis(160), "{wait}");
        for place in 1..7 {
            let before = level_db(&world.people[place], 3, begun, asked);
            assert!(before > AUDIBLE_DB, "{wait}, {place}: {before} dB");
            let after = done + Duration::from_micros(1);
            let level = level_db(&world.people[place], 3, after, world.now());
            assert!(level < GONE_DB, "{wait}, {place}: heard at {level} dB");
        }
    }
}

#[test]
fn a_mute_holds_when_packets_grow_while_it_is_on_its_way() {
    for wait in 0..6 {
        let mut world = crowd(PacketTime::Ms20);
        world.run(SECOND + wait * Duration::from_millis(3));
        let token = world
            .controls()
            .set_gate(world.people[SPEAKER].guest.peer, false)
            .unwrap();
        world
            .controls()
            .set_packet_time(Some(PacketTime::Ms120))
            .unwrap();
        world.done(token).unwrap();
        let after = world.now() + Duration::from_micros(1);
        world.run(2 * SECOND);

        for place in 1..7 {
            let level = level_db(&world.people[place], 3, after, world.now());
            assert!(level < GONE_DB, "{wait}, {place}: heard at {level} dB");
        }
    }
}

#[test]
fn a_silent_space_gives_everybody_a_sign_of_life_in_time() {
    let mut world = crowd(PacketTime::Ms120);
    world.set_gate(SPEAKER, false).unwrap();
    world.run(SECOND);
    let begun = world.now();
    world.run(10 * SECOND);

    let mut ticks = HashSet::new();
    for place in 1..7 {
        let packets = since(&world, place, begun);
        for pair in packets.windows(2) {
            let most = if pair[0].csrc == [0] { 100 } else { 20 };
            assert!(pair[1].at - pair[0].at <= most * TICK);
        }
        let rare: Vec<_> = packets.iter().filter(|packet| packet.csrc == [0]).collect();
        // Two more before they come rarely: who loses one is told by another.
        assert!((6..=8).contains(&rare.len()), "{} in 10 s", rare.len());
        ticks.insert(rare[0].at);
    }
    assert!(
        ticks.len() > 3,
        "cohorts have ticks of their own: {ticks:?}"
    );
}
