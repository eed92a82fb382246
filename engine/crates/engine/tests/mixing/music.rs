//! Music: what is left and right stays so, as loud as it was sent, and comes and goes without a pop.

use convivium_engine::SourceId;
use convivium_engine::mix::PacketTime;
use convivium_engine::opus::{Content, PacketShape};
use convivium_testbed::ear::Ear;
use convivium_testbed::meter::true_peak_db;
use convivium_testbed::speaker::{Manner, Said};
use convivium_testbed::speech::{Recording, demo_voices};
use convivium_testbed::voice::Voice;

use crate::room::{CALM, Room, SECOND};

const AMA: u32 = 3;
const BEN: u32 = 8;

/// What Ama plays on the left and on the right, and Ben.
const LEFT: u32 = 0;
const RIGHT: u32 = 5;
const BENS_LEFT: u32 = 10;
const BENS_RIGHT: u32 = 13;

/// A room with music in it, where Ama plays one voice to each ear.
fn room_with_music() -> Room {
    let mut room = Room::new();
    room.mixer.set_content(Content::Music);
    room.seat_saying(AMA, both(LEFT, RIGHT), Manner::of_music(), CALM);
    room
}

const fn both(left: u32, right: u32) -> Said {
    Said::Both(Voice::new(left), Voice::new(right))
}

/// How loud a voice is in an ear, and in how many stretches it was missing.
fn heard(ear: &Ear, voice: u32, seconds: std::ops::Range<usize>) -> Option<(f32, usize)> {
    let span = seconds.start * SECOND..seconds.end * SECOND;
    let hearing = ear.listen_for(Voice::new(voice), 0, span)?;
    Some((hearing.level_db, hearing.gaps.len()))
}

fn assert_near(heard: Option<(f32, usize)>, level: f32) {
    let (found, gaps) = heard.unwrap();
    assert!((found - level).abs() < 1.0, "{found} instead of {level} dB");
    assert_eq!(gaps, 0);
}

#[test]
fn what_is_played_left_is_heard_left_and_as_loud_as_it_was() {
    let mut room = room_with_music();
    room.run_until(4_000);

    let ears = room.both_ears_from(0, None);
    assert_near(heard(&ears.left, LEFT, 1..4), -20.0);
    assert_near(heard(&ears.right, RIGHT, 1..4), -20.0);
    for (ear, other) in [(&ears.left, RIGHT), (&ears.right, LEFT)] {
        let level = ear.level_db(Voice::new(other), SECOND..4 * SECOND);
        assert!(level < -45.0, "{level} dB of the other side");
    }
    let payloads = room
        .sent
        .iter()
        .flatten()
        .map(|frames| &frames.common.payload);
    let octets: usize = payloads.map(|payload| payload.len()).sum();
    // 128 kbit/s for 4 s; tones need less than music does.
    assert!((40_000..70_000).contains(&octets), "{octets}");
}

#[test]
fn whoever_plays_hears_the_others_in_both_ears_and_not_themselves() {
    let mut room = room_with_music();
    room.seat_saying(BEN, both(BENS_LEFT, BENS_RIGHT), Manner::of_music(), CALM);
    room.run_until(4_000);

    let ears = room.both_ears_from(0, Some(AMA));
    assert_near(heard(&ears.left, BENS_LEFT, 1..4), -20.0);
    assert_near(heard(&ears.right, BENS_RIGHT, 1..4), -20.0);
    for ear in [&ears.left, &ears.right] {
        for own in [LEFT, RIGHT] {
            let level = ear.level_db(Voice::new(own), SECOND..4 * SECOND);
            assert!(level < -45.0, "Ama hears herself at {level} dB");
        }
    }
}

/// How much louder or softer than it was said somebody is heard after a while, in dB.
fn levelled_by(content: Content, loudness: f32) -> f32 {
    let said = Recording::of_speaker(&demo_voices(), "juno").unwrap();
    let said = said.at_loudness(loudness.into());
    let mut room = Room::new();
    room.mixer.set_content(content);
    room.seat_saying(AMA, said.clone(), Manner::of_music(), CALM);
    let chair = room.listen();
    room.run_until(20_000);

    let mut own = Ear::new();
    let sound: Vec<f32> = (0..20 * SECOND as u64).map(|n| said.sample(n)).collect();
    own.hear(0, &sound);
    let span = 12 * SECOND..20 * SECOND;
    room.ear(chair).loudness_db(span.clone()) - own.loudness_db(span)
}

#[test]
fn music_is_not_levelled() {
    assert!(levelled_by(Content::Voices, -34.0) > 8.0);
    for loudness in [-34.0, -14.0] {
        let by = levelled_by(Content::Music, loudness);
        assert!(by.abs() < 1.0, "{loudness}: {by} dB");
    }
}

/// What the voices and the codecs themselves have above 6 kHz where nothing changes, and a little more.
const UNHEARD_DB: f32 = -54.0;

#[test]
fn nobody_hears_a_pop_or_a_gap_when_music_is_switched_on_and_off_while_somebody_plays() {
    for phase in [0, 47, 111, 213] {
        for manner in [Manner::default(), Manner::of_music()] {
            let mut room = Room::new();
            room.seat_saying(AMA, both(LEFT, RIGHT), manner, CALM);
            room.run_until(2_000 + phase);
            room.mixer.set_content(Content::Music);
            room.run_until(4_000 + phase);
            room.mixer.set_content(Content::Voices);
            room.run_until(6_000);

            let ears = room.both_ears_from(0, None);
            for ear in [&ears.left, &ears.right] {
                let click = ear.click_db(SECOND..6 * SECOND);
                assert!(click < UNHEARD_DB, "{phase}: {click} dB");
            }
            // Each voice is half of the middle while there is no side, and half as loud.
            for (ear, voice) in [(&ears.left, LEFT), (&ears.right, RIGHT)] {
                let (_, gaps) = heard(ear, voice, 1..6).unwrap();
                assert_eq!(gaps, 0, "{phase}");
            }
        }
    }
}

#[test]
fn every_lane_is_stereo_soon_after_the_switch_and_mono_soon_after_the_next() {
    let is_stereo = |payload: &[u8]| payload[0] & 4 != 0;
    let mut room = Room::new();
    room.seat(AMA, Manner::default(), CALM);
    room.seat(BEN, Manner::default(), CALM);
    room.run_until(1_000);
    room.mixer.set_content(Content::Music);
    room.run_until(2_000);
    room.mixer.set_content(Content::Voices);
    room.run_until(3_000);

    let lanes = |milliseconds: usize| -> Vec<bool> {
        let frames = room.sent[milliseconds / 20].as_ref().unwrap();
        let minus = frames.minus.iter().map(|(_, frame)| frame);
        std::iter::once(&frames.common)
            .chain(minus)
            .map(|frame| is_stereo(&frame.payload))
            .collect()
    };
    assert_eq!(lanes(980), [false; 3]);
    assert_eq!(lanes(1_000), [true, false, false], "one lane a tick");
    assert_eq!(lanes(1_040), [true; 3]);
    assert_eq!(lanes(2_040), [false; 3]);
}

#[test]
fn once_the_tick_after_a_closing_is_over_no_packet_holds_what_was_played() {
    for closes in [2_000, 2_100, 2_060] {
        let mut room = room_with_music();
        room.run_until(closes);
        room.mixer.close(SourceId(AMA));
        room.run_until(closes + 1_000);

        let last = closes as usize / 20;
        let fresh = room.both_ears_from(last + 1, None);
        for (ear, voice) in [(&fresh.left, LEFT), (&fresh.right, RIGHT)] {
            // By its tones: the encoder for music lets an offset die away for half a second (3 Hz).
            let level = ear.level_db(Voice::new(voice), (last + 1) * 960..3 * SECOND);
            assert!(level < -80.0, "{closes}: {level} dB");
        }
        let click = room
            .both_ears_from(0, None)
            .left
            .click_db(SECOND..3 * SECOND);
        assert!(click < UNHEARD_DB, "{closes}: {click} dB");
    }
}

#[test]
fn a_mute_and_the_switch_at_once_are_not_heard_in_what_goes_on() {
    let mut room = room_with_music();
    room.seat(BEN, Manner::default(), CALM);
    room.run_until(2_000);
    room.mixer.close(SourceId(AMA));
    room.mixer.set_content(Content::Voices);
    room.run_until(4_000);

    let ears = room.both_ears_from(0, None);
    assert_eq!(heard(&ears.left, BEN, 1..4).unwrap().1, 0);
    let click = ears.left.click_db(SECOND..4 * SECOND);
    assert!(click < UNHEARD_DB, "{click} dB");
}

#[test]
fn when_all_shout_neither_ear_is_above_full_scale() {
    let mut room = Room::new();
    room.mixer.set_content(Content::Music);
    for number in 0..8 {
        let said = both(number, (number + 7) % 15);
        room.seat_saying(number + 1, said, Manner::of_music(), CALM);
    }
    room.run_until(3_000);

    let ears = room.both_ears_from(0, None);
    for ear in [&ears.left, &ears.right] {
        let peak = true_peak_db(&ear.sound()[SECOND..]);
        // The mix is below -1; a codec may overshoot.
        assert!((-3.0..0.0).contains(&peak), "{peak} dB");
    }
}

#[test]
fn packets_of_music_for_a_crowd_hold_sixty_milliseconds_and_go_through_any_path() {
    let mut room = room_with_music();
    room.seat_saying(BEN, both(BENS_LEFT, BENS_RIGHT), Manner::of_music(), CALM);
    room.mixer.set_packet_time(PacketTime::Ms60);
    room.run_until(4_000);

    let frames = room.sent[50..].iter().flatten();
    let packets: Vec<_> = frames.flat_map(|frames| &frames.packets.joined).collect();
    let longest = packets
        .iter()
        .map(|packet| packet.frame.payload.len())
        .max();
    assert!(longest <= Some(1_112), "{longest:?}");
    let whole = packets
        .iter()
        .filter(|packet| PacketShape::read(&packet.frame.payload).unwrap().samples == 2_880)
        .count();
    // A frame is 320 octets in the mean; where three are too long together they leave in two parts.
    assert!(
        whole * 3 >= packets.len() * 2,
        "{whole} of {}",
        packets.len()
    );
}
