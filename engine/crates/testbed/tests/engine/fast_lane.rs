//! An evening of thirty, one after another: no first word is lost, and nobody is heard twice.

use std::time::Duration;

use convivium_testbed::voice::Voice;
use convivium_testbed::world::{Guest, World};

use crate::support::ear;

const SECOND: Duration = Duration::from_secs(1);
const FRAME: Duration = Duration::from_millis(20);
const SINGERS: u8 = 30;
/// What each sings: half a second, from the moment on in which the gate is open.
const FRAMES: u32 = 25;
/// From a mouth to an ear: the jitter buffer of a stranger whose packets come as they should.
const LATEST: u32 = 6;
/// Voices of the ear's alphabet.
const VOICES: u32 = 8;

#[test]
fn thirty_sing_one_after_another_and_no_first_word_is_lost() {
    let mut world = World::new().unwrap();
    let listener = world.join(Guest::number(200)).unwrap();
    let singers: Vec<usize> = (1..=SINGERS)
        .map(|n| world.join(Guest::number(n)).unwrap())
        .collect();
    let mut up: Option<usize> = None;

    for (voice, &singer) in (0..VOICES).cycle().zip(&singers) {
        // The microphone is open before it is heard: what comes now falls at a closed gate.
        world.people[singer].say(hum(FRAMES));
        world.run(SECOND / 4);
        if let Some(before) = up {
            world.set_gate(before, false).unwrap();
        }
        world.set_gate(singer, true).unwrap();
        let opened = world.now();
        world.people[singer].say(Voice::new(voice).packets(FRAMES).unwrap());
        world.run(SECOND);

        let source = world.people[singer].guest.source.0;
        let heard: Vec<_> = world.people[listener]
            .heard
            .iter()
            .filter(|packet| packet.at > opened && packet.csrc.contains(&source))
            .collect();
        let first = heard.first().unwrap();
        assert!(first.at - opened <= LATEST * FRAME, "{source} was late");
        let others = world.people[listener]
            .heard
            .iter()
            .filter(|packet| packet.at > opened && packet.csrc.iter().any(|c| *c != source));
        assert_eq!(others.count(), 0, "somebody was heard beside {source}");

        let song = ear(&world.people[listener], first.at, first.at + FRAMES * FRAME);
        let hearing = song
            .listen_for(Voice::new(voice), 0, 0..song.sound().len())
            .unwrap();
        assert!(hearing.level_db > -30.0, "{source}: {hearing:?}");
        assert!(hearing.delay_ms <= 60, "{source}: {hearing:?}");
        assert!(hearing.gaps.is_empty(), "{source}: {hearing:?}");
        up = Some(singer);
    }
}

/// What a microphone hears while its owner waits: somebody else's voice from the room beside.
fn hum(frames: u32) -> Vec<Box<[u8]>> {
    Voice::new(VOICES).packets(frames).unwrap()
}
