//! That everybody is about as loud as everybody else.

use convivium_engine::SourceId;
use convivium_testbed::meter::loudness;
use convivium_testbed::speaker::Manner;
use convivium_testbed::speech::{Recording, demo_voices};

use crate::room::{CALM, Room, SECOND, ms};

const AMA: u32 = 3;

fn speech(speaker: &str, lufs: f64) -> Recording {
    let recording = Recording::of_speaker(&demo_voices(), speaker).unwrap();
    recording.at_loudness(lufs)
}

/// A room with one speaker who has talked for so many seconds, and the chair of a listener.
fn talking(said: Recording, seconds: u32) -> (Room, usize) {
    let mut room = Room::new();
    room.seat_saying(AMA, said, Manner::default(), CALM);
    let chair = room.listen();
    room.run_until(seconds * 1_000);
    (room, chair)
}

#[test]
fn soft_and_loud_speakers_are_within_three_units_after_ten_seconds() {
    let mut reached = Vec::new();
    for (speaker, lufs) in [
        ("juno", -40.0),
        ("bo", -33.0),
        ("tamsin", -26.0),
        ("ravi", -18.0),
        ("juno", -10.0),
    ] {
        let (room, chair) = talking(speech(speaker, lufs), 18);

        let heard = &room.ear(chair).sound()[10 * SECOND..18 * SECOND];
        reached.push(loudness(heard));
    }

    println!("loudness from the tenth second on: {reached:.1?} LUFS");
    let highest = reached.iter().copied().fold(f64::MIN, f64::max);
    let lowest = reached.iter().copied().fold(f64::MAX, f64::min);
    assert!(highest - lowest <= 3.0, "{reached:.1?}");
}

#[test]
fn who_was_muted_comes_back_as_loud_as_before() {
    let (mut room, chair) = talking(speech("bo", -38.0), 12);
    room.mixer.close(SourceId(AMA));
    room.run_until(14_000);
    room.mixer.open(SourceId(AMA)).unwrap();
    room.run_until(18_000);

    let sound = room.ear(chair).sound();
    let before = loudness(&sound[8 * SECOND..12 * SECOND]);
    let after = loudness(&sound[14 * SECOND..18 * SECOND]);
    assert!((before - after).abs() < 3.0, "{before:.1}, {after:.1}");
    assert!(after > -25.0, "{after:.1}");
}

#[test]
fn the_rustle_of_a_silent_microphone_is_not_raised() {
    // A room that is heard at -50 LUFS, for half a minute.
    let mut state = 1_u32;
    let rustle: Vec<f32> = std::iter::repeat_with(|| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 8) as f32 / 8_388_608.0 - 1.0
    })
    .take(5 * SECOND)
    .collect();
    let (room, chair) = talking(Recording::of(&rustle).at_loudness(-50.0), 30);

    let sound = room.ear(chair).sound();
    let early = room.ear(chair).loudness_db(SECOND..3 * SECOND);
    let late = room.ear(chair).loudness_db(28 * SECOND..sound.len());
    assert!((early - late).abs() < 1.0, "{early}, {late}");
}

#[test]
fn nothing_changes_in_a_pause() {
    let mut room = Room::new();
    let speaker = room.seat_saying(AMA, speech("ravi", -32.0), Manner::default(), CALM);
    speaker.pause(ms(14_000)..ms(30_000));
    let chair = room.listen();
    room.run_until(44_000);

    let sound = room.ear(chair).sound();
    let before = loudness(&sound[9 * SECOND..14 * SECOND]);
    let after = loudness(&sound[30 * SECOND..35 * SECOND]);
    assert!((before - after).abs() < 2.0, "{before:.1}, {after:.1}");
}
