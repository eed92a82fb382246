//! What the tests of this folder share: voices to say, and an ear on what somebody heard.

use std::time::Instant;

use convivium_testbed::ear::{Ear, Listener};
use convivium_testbed::peer::HeardPacket;
use convivium_testbed::voice::Voice;
use convivium_testbed::world::{Guest, Person, World};

/// Voice `number` for so many seconds, as Opus packets of 20 ms.
pub(crate) fn saying(number: u32, seconds: u32) -> Vec<Box<[u8]>> {
    Voice::new(number).packets(50 * seconds).unwrap()
}

/// What a person heard in a time, by a decoder that begins there.
pub(crate) fn ear(person: &Person, from: Instant, to: Instant) -> Ear {
    let within = |packet: &&HeardPacket| packet.at >= from && packet.at < to;
    let mut listener = Listener::new().unwrap();
    let mut first = None;
    for packet in person.heard.iter().filter(within) {
        let first = *first.get_or_insert(packet.timestamp);
        let at = packet.timestamp.wrapping_sub(first) as usize;
        listener.hear(at, &packet.payload).unwrap();
    }
    listener.ear
}

/// How loud a voice was for a person in a time, in dBFS; silence is very low.
pub(crate) fn level_db(person: &Person, voice: u32, from: Instant, to: Instant) -> f32 {
    let ear = ear(person, from, to);
    let length = ear.sound().len();
    if length == 0 {
        return f32::NEG_INFINITY;
    }
    ear.level_db(Voice::new(voice), 0..length)
}

/// A world in which Ama (1) may be heard and Ben (2) listens.
pub(crate) fn ama_and_ben() -> (World, usize, usize) {
    let mut world = World::new().unwrap();
    let ama = world.join(Guest::number(1)).unwrap();
    let ben = world.join(Guest::number(2)).unwrap();
    world.set_gate(ama, true).unwrap();
    (world, ama, ben)
}
