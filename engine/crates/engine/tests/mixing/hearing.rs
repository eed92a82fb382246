//! How well one voice comes through networks of all kinds.

use std::time::Duration;

use convivium_testbed::network::Conditions;
use convivium_testbed::speaker::Manner;
use convivium_testbed::voice::Voice;

use crate::room::{CALM, Room, SECOND, WAY_MS, ms};

const AMA: u32 = 3;

/// Milliseconds from the ear's measure that are not the server's: a packet of 20 ms, the speaker's
/// own codec (6.5 ms) and the way.
const BEFORE_THE_SERVER_MS: usize = 20 + 6 + WAY_MS;

/// What a listener hears of a voice that spoke for this long.
struct Heard {
    room: Room,
    chair: usize,
    began: usize,
}

impl Heard {
    fn of(manner: Manner, conditions: Conditions, seconds: u32) -> Self {
        let mut room = Room::new();
        let began = usize::try_from(manner.begins.as_micros() * 48 / 1_000).unwrap();
        room.seat(AMA, manner, conditions);
        let chair = room.listen();
        room.run_until(seconds * 1_000);
        Self { room, chair, began }
    }

    /// Delay and milliseconds of gaps in the second after this one.
    fn second(&self, second: usize) -> (usize, usize) {
        let span = second * SECOND..(second + 1) * SECOND;
        let ear = self.room.ear(self.chair);
        let hearing = ear.listen_for(Voice::new(AMA), self.began, span);
        let hearing = hearing.unwrap_or_else(|| panic!("not heard in second {second}"));
        (
            hearing.delay_ms,
            hearing.gaps.iter().map(|gap| gap.len() / 48).sum(),
        )
    }

    fn gaps_ms(&self, seconds: std::ops::Range<usize>) -> usize {
        seconds.map(|second| self.second(second).1).sum()
    }
}

#[test]
fn in_a_calm_network_the_server_adds_fifty_milliseconds_at_most_and_loses_nothing() {
    let mut added = Vec::new();
    for begins in 0..20 {
        let manner = Manner {
            begins: ms(begins),
            ..Manner::default()
        };

        let heard = Heard::of(manner, CALM, 3);

        let (delay, gaps) = heard.second(1);
        added.push(delay - BEFORE_THE_SERVER_MS);
        assert_eq!(gaps, 0, "phase {begins}");
    }
    // Of these the codec takes 6.5 ms, the limiter 5, the wait for the tick 10 on average.
    println!("added by the server, by phase: {added:?} ms");
    assert!(added.iter().all(|added| *added <= 43), "{added:?}");
    assert!(added.iter().sum::<usize>() / added.len() <= 33, "{added:?}");
}

#[test]
fn packets_of_ten_to_sixty_milliseconds_are_heard_alike() {
    for packet_samples in [480, 960, 1_920, 2_880] {
        let manner = Manner {
            packet_samples,
            begins: ms(3),
            ..Manner::default()
        };

        let heard = Heard::of(manner, CALM, 4);

        let (delay, gaps) = heard.second(2);
        assert_eq!(gaps, 0, "{packet_samples} samples");
        let added = delay - BEFORE_THE_SERVER_MS + 20 - packet_samples / 48;
        assert!(added <= 53, "{packet_samples} samples: {added} ms");
    }
}

#[test]
fn one_lost_packet_in_ten_is_made_good_from_the_copies_in_the_next() {
    let lossy = Conditions { loss: 0.1, ..CALM };

    let heard = Heard::of(Manner::default(), lossy, 12);

    // 10 s without copies lose 700 ms of what the ear can judge.
    let gaps = heard.gaps_ms(1..11);
    assert!(gaps <= 150, "{gaps} ms missing");
}

#[test]
fn bursts_of_losses_are_made_up_or_silent_and_the_voice_comes_back() {
    let lossy = Conditions {
        loss: 0.1,
        burst: 4.0,
        ..CALM
    };

    let heard = Heard::of(Manner::default(), lossy, 12);

    // 10 s lose 1,000 ms, of which the first frames of each burst are made up.
    let gaps = heard.gaps_ms(1..11);
    assert!(gaps <= 1_300, "{gaps} ms missing");
    assert!((1..11).all(|second| heard.second(second).0 <= BEFORE_THE_SERVER_MS + 80));
}

#[test]
fn jitter_is_waited_for_and_no_longer_than_needed() {
    for (jitter, most_added, most_gaps) in [(2, 55, 30), (8, 90, 400), (15, 140, 900)] {
        let conditions = Conditions {
            jitter: ms(jitter),
            ..CALM
        };

        let heard = Heard::of(Manner::default(), conditions, 12);

        let gaps = heard.gaps_ms(2..11);
        assert!(
            gaps <= most_gaps,
            "jitter {jitter}: {gaps} ms missing of 9 s"
        );
        for second in 2..11 {
            let added = heard.second(second).0 - BEFORE_THE_SERVER_MS;
            assert!(added <= most_added, "jitter {jitter}: {added} ms added");
        }
    }
}

#[test]
fn packets_out_of_order_or_doubled_do_no_harm() {
    let conditions = Conditions {
        reordered: 0.02,
        doubled: 0.1,
        ..CALM
    };

    let heard = Heard::of(Manner::default(), conditions, 8);

    let gaps = heard.gaps_ms(1..7);
    // Seven packets come 50 ms late and are made up: 20 ms each, if the ear notices at all.
    assert!(gaps <= 100, "{gaps} ms missing");
}

#[test]
fn after_a_bad_time_the_delay_comes_down_again() {
    let mut room = Room::new();
    room.seat(AMA, Manner::default(), CALM);
    let chair = room.listen();
    room.run_until(2_000);
    room.weather(
        AMA,
        Conditions {
            jitter: ms(40),
            ..CALM
        },
    );
    room.run_until(6_000);
    room.weather(AMA, CALM);
    room.run_until(20_000);

    let delay = |second: usize| {
        let span = second * SECOND..(second + 1) * SECOND;
        room.ear(chair)
            .listen_for(Voice::new(AMA), 0, span)
            .unwrap()
            .delay_ms
    };
    let (before, during, after) = (delay(1), delay(5), delay(18));
    assert!(during > before + 60, "{before}, {during}");
    assert!(after <= before + 25, "{before}, {after}");
}

#[test]
fn a_stall_of_half_a_second_is_heard_once_and_then_forgotten() {
    let mut room = Room::new();
    room.seat(AMA, Manner::default(), CALM);
    let chair = room.listen();
    room.run_until(2_000);
    // Nothing comes for half a second, then all of it at once.
    room.weather(
        AMA,
        Conditions {
            delay: CALM.delay + ms(500),
            ..CALM
        },
    );
    room.run_until(2_020);
    room.weather(AMA, CALM);
    room.run_until(13_000);

    let hear = |span| {
        room.ear(chair)
            .listen_for(Voice::new(AMA), 0, span)
            .unwrap()
    };
    let soon = hear(5 * SECOND..6 * SECOND);
    assert!(soon.delay_ms <= BEFORE_THE_SERVER_MS + 250, "{soon:?}");
    let later = hear(12 * SECOND..13 * SECOND);
    assert!(later.delay_ms <= BEFORE_THE_SERVER_MS + 60, "{later:?}");
    assert_eq!(later.gaps, []);
}

#[test]
fn clocks_that_drift_by_two_hundred_ppm_are_followed_unheard() {
    for slow_ppm in [-200.0, 200.0] {
        let manner = Manner {
            slow_ppm,
            ..Manner::default()
        };

        let heard = Heard::of(manner, CALM, 62);

        // In a minute the speaker's clock is off by 12 ms.
        let (delay, _) = heard.second(60);
        let off = if slow_ppm > 0.0 { 12 } else { -12 };
        let added = i32::try_from(delay - BEFORE_THE_SERVER_MS).unwrap() - off;
        assert!((20..=60).contains(&added), "{slow_ppm} ppm: {added} ms");
        let gaps = heard.gaps_ms(1..61);
        assert!(gaps <= 20, "{slow_ppm} ppm: {gaps} ms missing of a minute");
    }
}

#[test]
fn a_pause_is_silent_and_the_next_word_is_whole() {
    let mut room = Room::new();
    let speaker = room.seat(AMA, Manner::default(), CALM);
    speaker.pause(ms(1_000)..ms(2_600));
    let chair = room.listen();
    room.run_until(4_000);

    let ear = room.ear(chair);
    let pause = ear.loudness_db(55_000..2_600 * 48);
    assert!(pause < -60.0, "{pause} dB in the pause");
    let hearing = ear
        .listen_for(Voice::new(AMA), 0, 2_720 * 48..4 * SECOND)
        .unwrap();
    assert_eq!(hearing.gaps, []);
    assert!(hearing.delay_ms <= BEFORE_THE_SERVER_MS + 43, "{hearing:?}");
}

#[test]
fn a_sender_that_begins_anew_is_heard_again_at_once() {
    let mut room = Room::new();
    room.seat(AMA, Manner::default(), CALM)
        .pause(ms(1_000)..ms(9_000));
    let chair = room.listen();
    room.run_until(1_500);
    let other = Manner {
        begins: ms(1_500),
        first_sequence: 20_000,
        first_timestamp: 77,
        ..Manner::default()
    };
    room.another_speaker(AMA, other, CALM);
    room.run_until(3_500);

    let ear = room.ear(chair);
    let hearing = ear
        .listen_for(Voice::new(AMA), 1_500 * 48, 1_650 * 48..3 * SECOND)
        .unwrap();
    assert!(
        hearing.gaps.iter().all(|gap| gap.end < 1_750 * 48),
        "{hearing:?}"
    );
}

/// Whole experiments are the same each time: nothing depends on the machine.
#[test]
fn the_same_seed_gives_the_same_sound() {
    let conditions = Conditions {
        loss: 0.05,
        jitter: Duration::from_millis(10),
        ..CALM
    };

    let [one, other] = [(); 2].map(|()| Heard::of(Manner::default(), conditions, 3).room);

    assert!(one.ear(0).sound() == other.ear(0).sound());
}
