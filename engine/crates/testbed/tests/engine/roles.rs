//! Who is heard by whom: gates, lanes, loss. Judged by an ear, in virtual time.

use std::time::Duration;

use crate::support::{ama_and_ben, level_db, saying};
use convivium_engine::{PeerId, SourceId, SpaceId};
use convivium_testbed::network::Chance;
use convivium_testbed::world::{Guest, World};

const SECOND: Duration = Duration::from_secs(1);
/// A voice is said at some -12 dBFS.
const AUDIBLE_DB: f32 = -30.0;
const INAUDIBLE_DB: f32 = -50.0;

#[test]
fn a_speaker_is_heard_by_others_and_not_by_herself() {
    let (mut world, ama, ben) = ama_and_ben();
    world.people[ama].say(saying(3, 4));
    world.run(SECOND);
    let begun = world.now();
    world.run(2 * SECOND);

    let now = world.now();
    assert!(level_db(&world.people[ben], 3, begun, now) > AUDIBLE_DB);
    assert!(level_db(&world.people[ama], 3, begun, now) < INAUDIBLE_DB);
    assert_eq!(world.people[ben].heard.last().unwrap().csrc, [100]);
}

#[test]
fn who_has_a_closed_gate_is_heard_by_nobody_and_not_even_opened() {
    let (mut world, _, ben) = ama_and_ben();
    world.people[ben].say(saying(5, 3));
    let begun = world.now();
    world.run(2 * SECOND);

    let now = world.now();
    assert!(level_db(&world.people[0], 5, begun, now) < INAUDIBLE_DB);
    assert_eq!(world.controls().stats().voice_in.get(), 0);
    assert!(world.controls().stats().dropped_gate.get() >= 99);
}

#[test]
fn two_speakers_hear_each_other_and_a_listener_hears_both() {
    let (mut world, ama, ben) = ama_and_ben();
    let chidi = world.join(Guest::number(3)).unwrap();
    world.set_gate(ben, true).unwrap();
    world.people[ama].say(saying(1, 5));
    world.people[ben].say(saying(6, 5));
    world.run(2 * SECOND);
    let begun = world.now();
    world.run(2 * SECOND);

    let level = |place: usize, voice| level_db(&world.people[place], voice, begun, world.now());
    for (place, voice, heard) in [
        (ama, 1, false),
        (ama, 6, true),
        (ben, 1, true),
        (ben, 6, false),
        (chidi, 1, true),
        (chidi, 6, true),
    ] {
        let level = level(place, voice);
        assert_eq!(
            level > AUDIBLE_DB,
            heard,
            "{place} hears {voice} at {level} dB"
        );
        assert!(
            heard || level < INAUDIBLE_DB,
            "{place} hears {voice} at {level} dB"
        );
    }
}

#[test]
fn the_connection_whose_gate_opened_last_speaks_for_its_person() {
    let (mut world, phone, ben) = ama_and_ben();
    let laptop = Guest {
        source: SourceId(100),
        ..Guest::number(4)
    };
    let laptop = world.join(laptop).unwrap();
    world.people[phone].say(saying(1, 6));
    world.people[laptop].say(saying(8, 6));
    world.set_gate(laptop, true).unwrap();
    world.run(SECOND);
    let begun = world.now();
    world.run(2 * SECOND);
    let now = world.now();
    assert!(level_db(&world.people[ben], 8, begun, now) > AUDIBLE_DB);
    assert!(level_db(&world.people[ben], 1, begun, now) < INAUDIBLE_DB);

    // Closing the older one afterwards takes nothing from the newer.
    world.set_gate(phone, false).unwrap();
    world.run(SECOND);
    let begun = world.now();
    world.run(SECOND);
    assert!(level_db(&world.people[ben], 8, begun, world.now()) > AUDIBLE_DB);
}

#[test]
fn one_packet_in_ten_lost_both_ways_loses_neither_the_call_nor_the_voice() {
    let mut world = World::new().unwrap();
    let mut chance = Chance::new(7);
    world.arrives = Box::new(move |_| !chance.happens(0.1));
    let ama = world.join(Guest::number(1)).unwrap();
    let ben = world.join(Guest::number(2)).unwrap();
    world.set_gate(ama, true).unwrap();
    world.people[ama].say(saying(3, 5));
    world.run(SECOND);
    let begun = world.now();
    world.run(3 * SECOND);

    assert!(level_db(&world.people[ben], 3, begun, world.now()) > AUDIBLE_DB);
    let heard = world.people[ben]
        .heard
        .iter()
        .filter(|packet| packet.at > begun)
        .count();
    assert!(heard > 120, "{heard} of 150");
}

#[test]
fn spaces_do_not_hear_each_other() {
    let (mut world, ama, _) = ama_and_ben();
    world.controls().open_space(SpaceId(2)).unwrap();
    let elsewhere = Guest {
        space: SpaceId(2),
        ..Guest::number(9)
    };
    let elsewhere = world.join(elsewhere).unwrap();
    world.people[ama].say(saying(3, 3));
    let begun = world.now();
    world.run(2 * SECOND);

    assert!(level_db(&world.people[elsewhere], 3, begun, world.now()) < INAUDIBLE_DB);
    assert_eq!(world.people[elsewhere].guest.peer, PeerId(9));
}
