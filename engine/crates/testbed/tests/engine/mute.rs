//! Mute leak: once the engine says `done`, no packet it sends contains anything of the voice.

use std::time::{Duration, Instant};

use crate::support::{ama_and_ben, level_db, saying};
use convivium_testbed::world::World;

const SECOND: Duration = Duration::from_secs(1);
const GONE_DB: f32 = -60.0;

/// Ama has spoken for a second and goes on whatever happens.
fn ama_speaks() -> (World, usize, usize) {
    let (mut world, ama, ben) = ama_and_ben();
    world.people[ama].say(saying(3, 8));
    world.run(SECOND / 2);
    let begun = world.now();
    world.run(SECOND / 2);
    assert!(level_db(&world.people[ben], 3, begun, world.now()) > -30.0);
    (world, ama, ben)
}

fn nothing_is_heard_since(world: &mut World, ben: usize, done: Instant) {
    world.run(3 * SECOND);
    // An interval open at its beginning: what was sent in the same millisecond may have been
    // sent before the answer.
    let after = done + Duration::from_micros(1);
    let level = level_db(&world.people[ben], 3, after, world.now());
    assert!(level < GONE_DB, "heard at {level} dB");
    let named = world.people[ben]
        .heard
        .iter()
        .filter(|packet| packet.at >= after);
    assert!(
        named
            .flat_map(|packet| &packet.csrc)
            .all(|source| *source != 100)
    );
}

#[test]
fn nothing_of_a_muted_voice_is_sent_after_the_answer() {
    let (mut world, ama, ben) = ama_speaks();
    let asked = world.now();
    world.set_gate(ama, false).unwrap();
    let done = world.now();

    assert!(done - asked <= Duration::from_millis(40));
    nothing_is_heard_since(&mut world, ben, done);
    assert!(
        world.controls().stats().dropped_gate.get() > 100,
        "she went on sending"
    );
}

#[test]
fn nothing_of_a_removed_voice_is_sent_after_the_answer() {
    let (mut world, ama, ben) = ama_speaks();
    let token = world
        .controls()
        .close_peer(world.people[ama].guest.peer)
        .unwrap();
    world.done(token).unwrap();

    let done = world.now();
    nothing_is_heard_since(&mut world, ben, done);
}

#[test]
fn nothing_of_a_closed_space_is_sent_after_the_answer() {
    let (mut world, ama, _) = ama_speaks();
    let token = world
        .controls()
        .close_space(world.people[ama].guest.space)
        .unwrap();
    world.done(token).unwrap();
    world.sent.clear();
    world.run(3 * SECOND);

    assert!(world.sent.is_empty());
}

#[test]
fn packets_of_a_muted_voice_that_come_late_are_not_heard_when_it_is_unmuted() {
    let (mut world, ama, ben) = ama_speaks();
    world.set_gate(ama, false).unwrap();
    world.run(SECOND);
    world.people[ama].say(Vec::new());
    world.run(SECOND / 2);
    world.set_gate(ama, true).unwrap();
    let opened = world.now();
    world.run(SECOND);

    assert!(level_db(&world.people[ben], 3, opened, world.now()) < GONE_DB);
}

#[test]
fn a_voice_is_heard_again_however_long_its_gate_was_closed() {
    for unseen in [70_000, 200_000] {
        let (mut world, ama, ben) = ama_speaks();
        world.set_gate(ama, false).unwrap();
        world.people[ama].peer().lose(unseen);
        world.run(SECOND);
        world.set_gate(ama, true).unwrap();
        world.run(SECOND);
        let opened = world.now();
        world.run(SECOND);

        let level = level_db(&world.people[ben], 3, opened, world.now());
        assert!(level > -30.0, "{unseen}: heard at {level} dB");
    }
}
