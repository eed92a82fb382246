//! Brings every voice to the same loudness: slowly, while it sounds, and only if it is a voice.
//!
//! Noise, hums and whatever else goes on evenly is never followed. What counts is the loudness of
//! blocks of 400 ms (the momentary loudness of EBU Tech 3341) around frames that stand out from what
//! was a second before and from what comes a second after: so it is known a second late.

use super::frame::Frame;
use super::loudness::{KWeighting, lufs};
use crate::opus::FRAME;

/// Where every voice is brought to, in LUFS; it is left alone if it is as near as this, in LU.
const TARGET: f32 = -20.0;
const NEAR_ENOUGH: f32 = 1.0;

/// What is raised at most, and turned down at most, in dB: voices of -41 to -7 LUFS meet.
const MOST_RAISED: f32 = 20.0;
const MOST_LOWERED: f32 = 14.0;

/// What lies behind a voice is not raised above this, in LUFS.
const LOUDEST_BACKGROUND: f32 = -50.0;

/// Changes per sounding frame in dB: 6 dB a second up, 12 down, both too slow to be heard as steps.
const RISE: f32 = 0.12;
const FALL: f32 = 0.24;

/// A voice stands out from its background by 9 dB, as a ratio of powers, and is above -60 LUFS.
const STANDS_OUT: f32 = 7.94;
const FAINTEST: f32 = 1.17e-6;

/// 2 s; the frame in the middle is the one that is judged.
const SEEN: usize = 100;
const JUDGED: usize = SEEN / 2;

/// A block of 400 ms around it, in frames.
const BLOCK: usize = 20;

/// The loudness is that of the last 3 s of voice, of which there must be 600 ms at first.
const REMEMBERED: usize = 150;
const FIRST_JUDGEMENT: usize = 30;

/// The gain of one voice, and what it knows of its loudness.
#[derive(Debug)]
pub(super) struct AutomaticGain {
    weighting: KWeighting,
    /// The weighted powers of the last 2 s, the oldest first.
    seen: [f32; SEEN],
    /// The weighted powers of the last blocks of voice, in a ring.
    voiced: [f32; REMEMBERED],
    voiced_count: usize,
    gain_db: f32,
    /// What the gain was as a factor at the end of the last frame.
    factor: f32,
}

impl AutomaticGain {
    /// A gain for a voice nothing is known of but what it needed when it was heard before, in dB.
    pub(super) fn new(gain_db: f32) -> Self {
        Self {
            weighting: KWeighting::default(),
            seen: [0.0; SEEN],
            voiced: [0.0; REMEMBERED],
            voiced_count: 0,
            gain_db,
            factor: factor(gain_db),
        }
    }

    /// What the voice is raised by now, in dB.
    pub(super) const fn gain_db(&self) -> f32 {
        self.gain_db
    }

    /// Raise or lower the next 20 ms.
    pub(super) fn apply(&mut self, frame: &mut Frame) {
        self.seen.rotate_left(1);
        self.seen[SEEN - 1] = self.weighting.power(&frame.middle);
        self.remember();
        self.follow();
        self.scale(frame);
    }

    /// Let the next 20 ms be as they are: what is left of a gain goes, as slowly as it came.
    pub(super) fn let_go(&mut self, frame: &mut Frame) {
        self.gain_db = if self.gain_db > 0.0 {
            (self.gain_db - FALL).max(0.0)
        } else {
            (self.gain_db + RISE).min(0.0)
        };
        self.scale(frame);
    }

    fn scale(&mut self, frame: &mut Frame) {
        let before = self.factor;
        self.factor = factor(self.gain_db);
        let step = (self.factor - before) / FRAME as f32;
        for plane in frame.planes_mut() {
            let mut gain = before;
            for sample in plane {
                gain += step;
                *sample *= gain;
            }
        }
    }

    /// Keep the block around the frame of a second ago, if that was voice.
    fn remember(&mut self) {
        if stands_out(self.seen[JUDGED], &self.seen[..JUDGED])
            && stands_out(self.seen[JUDGED], &self.seen[JUDGED..])
        {
            let block = &self.seen[JUDGED - BLOCK / 2..JUDGED + BLOCK / 2];
            self.voiced[self.voiced_count % REMEMBERED] = mean(block.iter().copied());
            self.voiced_count += 1;
        }
    }

    /// Go towards the gain that the voice needs, while it sounds.
    fn follow(&mut self) {
        let now = self.seen[SEEN - 1];
        if self.voiced_count < FIRST_JUDGEMENT || !stands_out(now, &self.seen[JUDGED..]) {
            return;
        }
        let wanted = TARGET - self.loudness();
        let error = wanted.clamp(-MOST_LOWERED, self.most_raised()) - self.gain_db;
        if error > NEAR_ENOUGH {
            self.gain_db += RISE;
        } else if error < -NEAR_ENOUGH {
            self.gain_db -= FALL;
        }
    }

    /// The loudness of the last 3 s of voice in LUFS, without what is 10 LU below their mean
    /// (BS.1770-4, annex 1, the relative gate).
    fn loudness(&self) -> f32 {
        let blocks = &self.voiced[..self.voiced_count.min(REMEMBERED)];
        let gate = mean(blocks.iter().copied()) / 10.0;
        lufs(mean(blocks.iter().copied().filter(|block| *block > gate)))
    }

    fn most_raised(&self) -> f32 {
        let background = lufs(least(&self.seen));
        (LOUDEST_BACKGROUND - background).clamp(0.0, MOST_RAISED)
    }
}

fn stands_out(power: f32, surroundings: &[f32]) -> bool {
    power > FAINTEST && power > least(surroundings) * STANDS_OUT
}

fn least(powers: &[f32]) -> f32 {
    powers.iter().copied().fold(f32::INFINITY, f32::min)
}

/// 0 of nothing.
fn mean(powers: impl Iterator<Item = f32>) -> f32 {
    let (count, sum) = powers.fold((0.0, 0.0), |(count, sum), power| (count + 1.0, sum + power));
    sum / f32::max(count, 1.0)
}

fn factor(gain_db: f32) -> f32 {
    10_f32.powf(gain_db / 20.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: usize = 50;

    /// Even noise of this loudness, the same each time.
    struct Noise(u32);

    impl Noise {
        fn frame(&mut self, loudness: f32) -> [f32; FRAME] {
            // White noise of power 1/3 is 3 LU louder than its power, by the weighting.
            let amplitude = factor(loudness + 4.77 - 2.5);
            std::array::from_fn(|_| {
                self.0 = self.0.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                amplitude * ((self.0 >> 8) as f32 / 8_388_608.0 - 1.0)
            })
        }
    }

    /// What each frame is: syllables of 160 ms with 60 ms between them, and a breath each 2 s.
    fn is_syllable(frame: usize) -> bool {
        frame % 11 < 8 && frame % 100 < 85
    }

    struct Person {
        gain: AutomaticGain,
        noise: Noise,
        frame: usize,
    }

    impl Person {
        fn new() -> Self {
            Self {
                gain: AutomaticGain::new(0.0),
                noise: Noise(1),
                frame: 0,
            }
        }

        /// Speak with this loudness over a background; gives the loudness of syllables when done.
        fn speak(&mut self, frames: usize, loudness: f32, background: f32) -> f32 {
            for _ in 0..frames {
                self.frame += 1;
                let loudness = if is_syllable(self.frame) {
                    loudness
                } else {
                    background
                };
                self.sound(1, loudness);
            }
            loudness + self.gain.gain_db()
        }

        fn sound(&mut self, frames: usize, loudness: f32) {
            for _ in 0..frames {
                self.gain.apply(&mut self.noise.frame(loudness).into());
            }
        }
    }

    #[test]
    fn the_noise_of_these_tests_is_as_loud_as_it_says() {
        let mut weighting = KWeighting::default();
        let mut noise = Noise(7);

        let power = mean((0..SECOND).map(|_| weighting.power(&noise.frame(-20.0))));

        assert!((lufs(power) - -20.0).abs() < 0.7, "{}", lufs(power));
    }

    #[test]
    fn after_ten_seconds_all_voices_are_within_three_units_of_each_other() {
        let reached =
            [-40.0, -32.0, -20.0, -10.0].map(|loudness| Person::new().speak(500, loudness, -75.0));

        let highest = reached.into_iter().fold(f32::MIN, f32::max);
        let lowest = reached.into_iter().fold(f32::MAX, f32::min);
        assert!(highest - lowest <= 3.0, "{reached:?}");
    }

    #[test]
    fn neither_even_noise_nor_a_hum_is_raised_however_long() {
        for loudness in [-55.0, -45.0, -35.0, -25.0] {
            let mut person = Person::new();
            person.sound(10, -120.0);
            person.sound(60 * SECOND, loudness);

            let gain = person.gain.gain_db();
            assert!(gain.abs() < 0.01, "{loudness}: {gain} dB");
        }
    }

    #[test]
    fn a_fan_that_is_switched_on_and_off_is_no_voice() {
        let mut person = Person::new();

        for _ in 0..12 {
            person.sound(5 * SECOND, -40.0);
            person.sound(5 * SECOND, -90.0);
        }

        assert!(person.gain.gain_db().abs() < 0.01);
    }

    #[test]
    fn what_lies_behind_a_soft_voice_is_not_raised_into_the_room() {
        let mut person = Person::new();

        person.speak(60 * SECOND, -38.0, -58.0);

        let background = -58.0 + person.gain.gain_db();
        assert!((-53.0..=-49.0).contains(&background), "{background}");
    }

    #[test]
    fn a_pause_changes_nothing_and_nothing_pumps_after_it() {
        let mut person = Person::new();
        person.speak(15 * SECOND, -35.0, -80.0);
        // What is known a second late is let come first.
        person.sound(2 * SECOND, -80.0);
        let before = person.gain.gain_db();

        person.sound(60 * SECOND, -80.0);
        let after_the_pause = person.gain.gain_db();
        person.speak(10 * SECOND, -35.0, -80.0);

        assert!((after_the_pause - before).abs() < 1e-6);
        assert!((person.gain.gain_db() - before).abs() < 1.0);
    }

    #[test]
    fn who_begins_to_shout_is_turned_down_within_seconds_and_without_a_step() {
        let mut person = Person::new();
        person.speak(15 * SECOND, -28.0, -80.0);
        let mut steepest = 0.0_f32;

        for _ in 0..5 * SECOND {
            let before = person.gain.gain_db();
            person.speak(1, -8.0, -80.0);
            steepest = steepest.max((person.gain.gain_db() - before).abs());
        }

        let loudness = -8.0 + person.gain.gain_db();
        // Of syllables alone: with what is between them they are 1.4 LU softer.
        assert!((loudness - TARGET).abs() < 3.0, "{loudness} LUFS");
        assert!(steepest <= FALL + 1e-3, "{steepest} dB in 20 ms");
    }

    #[test]
    fn the_gain_moves_evenly_within_a_frame() {
        let mut person = Person::new();
        person.speak(3 * SECOND, -38.0, -80.0);
        let mut last = None;

        for _ in 0..SECOND {
            let mut frame = Frame::from([0.1; FRAME]);
            person.gain.apply(&mut frame);
            for sample in *frame.middle {
                let step = last.map_or(0.0, |last: f32| (sample / last - 1.0).abs());
                assert!(step < 1e-3, "{step}");
                last = Some(sample);
            }
        }
    }

    #[test]
    fn a_gain_that_is_let_go_of_goes_evenly_and_nothing_brings_it_back() {
        for (loudness, raised) in [(-35.0, true), (-10.0, false)] {
            let mut person = Person::new();
            person.speak(15 * SECOND, loudness, -80.0);
            let before = person.gain.gain_db();
            assert!(before.abs() > 8.0 && (before > 0.0) == raised, "{before}");

            let gains: Vec<f32> = (0..30 * SECOND)
                .map(|_| {
                    person.gain.let_go(&mut person.noise.frame(loudness).into());
                    person.gain.gain_db()
                })
                .collect();

            let steps = gains.windows(2).map(|pair| (pair[1] - pair[0]).abs());
            assert!(steps.fold(0.0, f32::max) <= FALL + 1e-3);
            assert!(gains[3 * SECOND..].iter().all(|gain| gain.abs() < 1e-6));
        }
    }
}
