//! Who hears whom: common mix, mix-minus, contributing sources, and changing from lane to lane.

use std::ops::Range;

use convivium_engine::SourceId;
use convivium_testbed::speaker::Manner;
use convivium_testbed::voice::Voice;

use crate::room::{CALM, Room, SECOND, ms};

const AMA: u32 = 3;
const BEN: u32 = 8;
const CHIDI: u32 = 13;

fn seconds(span: Range<usize>) -> Range<usize> {
    span.start * SECOND..span.end * SECOND
}

#[test]
fn everybody_hears_the_others_and_nobody_hears_themselves() {
    let mut room = Room::new();
    for number in [AMA, BEN, CHIDI] {
        room.seat(number, Manner::default(), CALM);
    }
    let listener = room.listen();
    room.run_until(5_000);

    for voice in [AMA, BEN, CHIDI] {
        let level = |number: u32| {
            room.ear_of(number)
                .level_db(Voice::new(voice), seconds(0..5))
        };
        let own = level(voice);
        assert!(own < -50.0, "{voice} hears itself at {own} dB");
        for other in [AMA, BEN, CHIDI]
            .into_iter()
            .filter(|other| *other != voice)
        {
            assert!(
                (level(other) + 20.0).abs() < 1.5,
                "{other}: {}",
                level(other)
            );
        }
        let heard = room
            .ear(listener)
            .listen_for(Voice::new(voice), 0, seconds(1..5))
            .unwrap();
        // The higher voices are louder to people, and are turned down by up to 2.5 dB.
        assert!((-23.5..-19.0).contains(&heard.level_db), "{heard:?}");
        let gaps: usize = heard.gaps.iter().map(ExactSizeIterator::len).sum();
        assert!(gaps < 20 * 48, "{heard:?}");
    }
}

#[test]
fn who_speaks_alone_hears_nothing_at_all() {
    let mut room = Room::new();
    room.seat(AMA, Manner::default(), CALM);
    room.run_until(3_000);

    let loudness = room.ear_of(AMA).loudness_db(seconds(0..3));
    assert!(loudness < -80.0, "{loudness} dB");
}

#[test]
fn the_contributing_sources_are_those_who_speak_without_oneself() {
    let mut room = Room::new();
    room.seat(AMA, Manner::default(), CALM)
        .pause(ms(2_000)..ms(9_000));
    room.seat(
        BEN,
        Manner {
            begins: ms(1_000),
            ..Manner::default()
        },
        CALM,
    );
    let listener = room.listen();
    room.run_until(4_000);

    let told = |milliseconds| room.csrc(listener, milliseconds);
    assert_eq!(told(0), [0; 0]);
    assert_eq!(told(500), [AMA]);
    assert_eq!(told(1_500), [AMA, BEN]);
    assert_eq!(told(3_000), [BEN]);
    assert_eq!(room.csrc_of(AMA, 1_500), [BEN]);
    assert_eq!(room.csrc_of(BEN, 1_500), [AMA]);
}

#[test]
fn only_active_speakers_have_a_lane_of_their_own() {
    let mut room = Room::new();
    room.seat(AMA, Manner::default(), CALM)
        .pause(ms(1_000)..ms(2_000));
    room.seat(BEN, Manner::default(), CALM)
        .pause(ms(0)..ms(9_000));
    room.run_until(3_000);

    let own_lanes = |milliseconds: usize| -> Vec<SourceId> {
        let sent = room.sent[milliseconds / 20].as_ref();
        sent.map_or(Vec::new(), |frames| {
            frames.minus.iter().map(|(source, _)| *source).collect()
        })
    };
    assert_eq!(own_lanes(500), [SourceId(AMA)]);
    assert_eq!(own_lanes(1_200), [SourceId(AMA)], "given up within 300 ms");
    assert_eq!(own_lanes(1_700), []);
    assert_eq!(own_lanes(2_500), [SourceId(AMA)]);
}

#[test]
fn changing_the_lane_is_not_heard() {
    for offset in [0, 70, 130, 276, 390] {
        let mut room = Room::new();
        // Ben hears Ama on the common lane, on his own while he speaks, and on the common again.
        room.seat(AMA, Manner::default(), CALM);
        let ben = room.seat(BEN, Manner::default(), CALM);
        ben.pause(ms(0)..ms(2_000 + offset));
        ben.pause(ms(3_000 + offset)..ms(9_000));
        room.run_until(7_000);

        let ama = Voice::new(AMA);
        let ear = room.ear_of(BEN);
        let hearing = ear.listen_for(ama, 0, seconds(1..7)).unwrap();
        assert_eq!(hearing.gaps, []);
        let residue =
            |from: usize, to: usize| ear.residue_db(ama, 0, hearing.delay_ms, from * 48..to * 48);
        // Undisturbed it is -53 dB at most; a change to a cold encoder reaches -29.
        for change in [2_000, 3_300] {
            let from = change + usize::try_from(offset).unwrap();
            let residue = residue(from, from + 200);
            assert!(residue < -45.0, "at {from}: {residue} dB");
        }
    }
}
