//! That nothing pops when somebody comes, goes, is muted, pauses, or gives way.
//!
//! Measured in what a listener decodes: above 6 kHz, where these voices have nothing of their own.

use convivium_engine::SourceId;
use convivium_testbed::network::Conditions;
use convivium_testbed::speaker::Manner;
use convivium_testbed::voice::Voice;

use crate::room::{CALM, Room, ms};

const AMA: u32 = 3;
const BEN: u32 = 8;

/// What the voices and the codec themselves have above 6 kHz, and a little more. A voice of -20 dB
/// that is broken off without a fade reaches -46.
const UNHEARD_DB: f32 = -54.0;

/// Moments within a syllable, in milliseconds: each meets another phase of the tone and the tick.
const PHASES: [u32; 4] = [0, 47, 111, 213];

/// The loudest click a listener hears in half a second around this time.
fn click_db(room: &Room, chair: usize, around_ms: u32) -> f32 {
    let from = (around_ms as usize - 100) * 48;
    room.ear(chair).click_db(from..from + 24_000)
}

/// Let Ama speak, do something at this time, and give the click that is heard of it.
fn clicks(act: impl Fn(&mut Room, u32)) -> Vec<f32> {
    PHASES
        .iter()
        .map(|phase| {
            let at = 2_000 + phase;
            let mut room = Room::new();
            room.seat(AMA, Manner::default(), CALM);
            let chair = room.listen();
            room.run_until(at);
            act(&mut room, at);
            room.run_until(at + 600);
            click_db(&room, chair, at)
        })
        .collect()
}

fn assert_unheard(clicks: &[f32]) {
    println!("loudest clicks: {clicks:.1?} dB");
    assert!(clicks.iter().all(|click| *click < UNHEARD_DB), "{clicks:?}");
}

#[test]
fn a_voice_that_goes_on_does_not_click() {
    assert_unheard(&clicks(|_, _| ()));
}

#[test]
fn nobody_who_is_muted_in_the_middle_of_a_word_pops() {
    assert_unheard(&clicks(|room, _| room.mixer.close(SourceId(AMA))));
}

#[test]
fn nobody_who_comes_back_in_the_middle_of_a_word_pops() {
    assert_unheard(&clicks(|room, at| {
        room.mixer.close(SourceId(AMA));
        room.run_until(at + 100);
        room.mixer.open(SourceId(AMA)).unwrap();
    }));
}

#[test]
fn nobody_who_joins_in_the_middle_of_a_word_pops() {
    assert_unheard(&clicks(|room, _| {
        room.seat(BEN, Manner::default(), CALM);
    }));
}

#[test]
fn a_connection_that_breaks_off_and_comes_back_does_not_pop() {
    let broken = Conditions { loss: 1.0, ..CALM };
    assert_unheard(&clicks(|room, at| {
        room.weather(AMA, broken);
        room.run_until(at + 250);
        room.weather(AMA, CALM);
    }));
}

#[test]
fn a_pause_of_the_sender_begins_and_ends_without_a_pop() {
    for phase in PHASES {
        let mut room = Room::new();
        // From breath to breath, at any phase of the tick: a microphone makes no steps of its own.
        let begins = ms(u64::from(phase % 20));
        let manner = Manner {
            begins,
            ..Manner::default()
        };
        room.seat(AMA, manner, CALM)
            .pause(ms(2_010) + begins..ms(3_200) + begins);
        let chair = room.listen();
        room.run_until(4_000);

        let both = [2_000, 3_200];
        assert_unheard(&both.map(|around| click_db(&room, chair, around)));
    }
}

#[test]
fn a_clip_that_is_broken_off_does_not_pop() {
    assert_unheard(&clicks(|room, at| {
        let speech = Voice::new(BEN).packets(100).unwrap();
        room.mixer.play(SourceId(BEN), speech).unwrap();
        room.run_until(at + 260);
        room.mixer.stop_playing(SourceId(BEN));
    }));
}
