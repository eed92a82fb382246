//! The ear: hears a mix and says who was audible in it, how loud, how late, with what gaps.
//!
//! It listens for the tones of `voice`. Times are counted in samples from the beginning of the
//! experiment, the same for mouths and ears.

use std::ops::Range;

use convivium_engine::opus::{Decoder, MAX_PACKET_SAMPLES, OpusError};

use crate::voice::{TONES, Voice};

/// Samples in one millisecond.
const MILLISECOND: usize = 48;

/// How long a tone is listened to at once, in milliseconds: one turn of 40 Hz, so that no other
/// tone of any voice adds to it.
const WINDOW: usize = 25;

/// Below this level (dBFS) a voice is not audible.
const AUDIBLE_DB: f32 = -45.0;

/// A voice that is this much quieter than it mostly is, is missing.
const GAP_DB: f32 = 10.0;

/// Less than 5 ms is the codec's own, where one tone follows another.
const SHORTEST_GAP: usize = 5 * MILLISECOND;

/// Delays looked for, in milliseconds: less than the 6.4 s after which a voice repeats itself.
const LONGEST_DELAY: usize = 3_000;

/// How long a click is.
const CLICK: usize = 120;

/// What has been heard, laid out in time.
#[derive(Debug, Default)]
pub struct Ear {
    sound: Vec<f32>,
}

/// How one voice was heard over some time.
#[derive(Debug, Clone, PartialEq)]
pub struct Hearing {
    /// From mouth to ear, in milliseconds.
    pub delay_ms: usize,
    /// The middle level of it, in dBFS.
    pub level_db: f32,
    /// Stretches of samples in which it was much quieter than that, or said something else.
    pub gaps: Vec<Range<usize>>,
}

impl Ear {
    /// An ear that has heard nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Hear `sound` from the sample `at` on; what was not heard before it is silence.
    pub fn hear(&mut self, at: usize, sound: &[f32]) {
        let end = at + sound.len();
        if self.sound.len() < end {
            self.sound.resize(end, 0.0);
        }
        self.sound[at..end].copy_from_slice(sound);
    }

    /// Everything heard so far.
    #[must_use]
    pub fn sound(&self) -> &[f32] {
        &self.sound
    }

    /// The level of whatever was heard, in dBFS.
    #[must_use]
    pub fn loudness_db(&self, span: Range<usize>) -> f32 {
        decibels(power(self.part(span)))
    }

    /// The loudest 2.5 ms above 6 kHz in this time, in dBFS: voices are silent there, and clicks,
    /// which are steps, are not.
    #[must_use]
    pub fn click_db(&self, span: Range<usize>) -> f32 {
        let high = high_pass(&high_pass(self.part(span)));
        // The filters ring at first, since they begin in the middle of sound.
        let clicks = high.chunks(CLICK).skip(1).map(power);
        decibels(clicks.fold(0.0, f32::max))
    }

    /// The highest level that any tone of `voice` has in 100 ms of this time, in dBFS.
    ///
    /// Over 100 ms a tone stands out from noise by 6 dB more than over the ear's usual 25.
    #[must_use]
    pub fn level_db(&self, voice: Voice, span: Range<usize>) -> f32 {
        let tones = Tones::listen(self.part(span), voice, 4 * WINDOW);
        decibels(tones.power.iter().flatten().copied().fold(0.0, f32::max))
    }

    /// How `voice` was heard in this time, if at all; it began to speak at the sample `began`.
    #[must_use]
    pub fn listen_for(&self, voice: Voice, began: usize, span: Range<usize>) -> Option<Hearing> {
        let start = span.start;
        let tones = Tones::listen(self.part(span), voice, WINDOW);
        let said = |delay: usize| signed(start) - signed(began + delay * MILLISECOND);
        let (delay, _) = (0..LONGEST_DELAY)
            .map(|delay| (delay, tones.likeness(voice, said(delay))))
            .max_by(|one, other| one.1.total_cmp(&other.1))?;
        let heard: Vec<_> = tones.expected(voice, said(delay)).collect();
        let level_db = decibels(middle(&heard)?);
        (level_db > AUDIBLE_DB).then(|| Hearing {
            delay_ms: delay,
            level_db,
            gaps: gaps(&heard, level_db - GAP_DB, start),
        })
    }

    /// The loudest 25 ms of all that is not `voice` in this time, in dBFS; judged where the voice
    /// holds one tone, heard `delay_ms` after it spoke from the sample `began` on.
    #[must_use]
    pub fn residue_db(
        &self,
        voice: Voice,
        began: usize,
        delay_ms: usize,
        span: Range<usize>,
    ) -> f32 {
        let start = span.start;
        let sound = self.part(span);
        let tones = Tones::listen(sound, voice, WINDOW);
        let said = signed(start) - signed(began + delay_ms * MILLISECOND);
        let half = (WINDOW * MILLISECOND / 2) as u64;
        let residue = tones.expected(voice, said).filter_map(|(ms, tone)| {
            let time = u64::try_from(said + signed(ms * MILLISECOND)).ok()? + half;
            let steady =
                voice.tone_at(time.checked_sub(2 * half)?) == voice.tone_at(time + 2 * half);
            let window = &sound[ms * MILLISECOND..(ms + WINDOW) * MILLISECOND];
            steady.then(|| power(window) - tone)
        });
        decibels(residue.fold(0.0, f32::max))
    }

    fn part(&self, span: Range<usize>) -> &[f32] {
        &self.sound[span.start.min(self.sound.len())..span.end.min(self.sound.len())]
    }
}

/// The power of each tone of a voice, over a window that begins at each millisecond.
struct Tones {
    power: Vec<[f32; TONES]>,
    window: usize,
}

impl Tones {
    fn listen(sound: &[f32], voice: Voice, window: usize) -> Self {
        let tones = voice.tones().map(|tone| tone_power(sound, tone, window));
        let power = (0..tones[0].len())
            .map(|ms| [0, 1, 2, 3].map(|tone| tones[tone][ms]))
            .collect();
        Self { power, window }
    }

    /// The power of the tone that `voice` sounds, if it said the first sample at `said` of its own
    /// time; with the number of the millisecond. Nothing for when it was silent by itself.
    fn expected(&self, voice: Voice, said: i64) -> impl Iterator<Item = (usize, f32)> {
        let middle = said + signed(self.window * MILLISECOND / 2);
        self.power
            .iter()
            .enumerate()
            .filter_map(move |(ms, power)| {
                let time = u64::try_from(middle + signed(ms * MILLISECOND)).ok()?;
                let sounds = Voice::sounds_around(time, (self.window * MILLISECOND) as u64);
                sounds.then(|| (ms, power[voice.tone_at(time)]))
            })
    }

    /// The mean power of the expected tone: highest if the voice did say the first sample at `said`.
    /// Over less than half of the time a mean is worth less.
    fn likeness(&self, voice: Voice, said: i64) -> f32 {
        let (count, sum) = self
            .expected(voice, said)
            .fold((0, 0.0), |(count, sum), (_, power)| {
                (count + 1, sum + power)
            });
        sum / narrow(fraction(count.max(self.power.len() / 2)))
    }
}

/// The power of one tone over `window` milliseconds from each millisecond on.
fn tone_power(sound: &[f32], tone: u32, window: usize) -> Vec<f32> {
    let step = f64::from(tone) / 48_000.0 * std::f64::consts::TAU;
    let mut sums = vec![(0.0, 0.0)];
    let (mut sine, mut cosine) = (0.0, 0.0);
    for (n, sample) in sound.iter().enumerate() {
        let (turned_sine, turned_cosine) = (fraction(n % TURN) * step).sin_cos();
        sine += f64::from(*sample) * turned_sine;
        cosine += f64::from(*sample) * turned_cosine;
        if (n + 1) % MILLISECOND == 0 {
            sums.push((sine, cosine));
        }
    }
    let samples = fraction(window * MILLISECOND);
    sums.windows(window + 1)
        .map(|sums| (sums[window].0 - sums[0].0, sums[window].1 - sums[0].1))
        .map(|(sine, cosine)| narrow(2.0 * (sine * sine + cosine * cosine) / (samples * samples)))
        .collect()
}

/// All tones turn whole times in 25 ms: the angle can begin again there.
const TURN: usize = WINDOW * MILLISECOND;

fn middle(heard: &[(usize, f32)]) -> Option<f32> {
    let mut powers: Vec<_> = heard.iter().map(|(_, power)| *power).collect();
    powers.sort_by(f32::total_cmp);
    powers.get(powers.len() / 2).copied()
}

/// The stretches in which the expected tone was below `least_db`.
fn gaps(heard: &[(usize, f32)], least_db: f32, start: usize) -> Vec<Range<usize>> {
    let mut gaps: Vec<Range<usize>> = Vec::new();
    for (ms, _) in heard
        .iter()
        .filter(|(_, power)| decibels(*power) < least_db)
    {
        let at = start + (ms + WINDOW / 2) * MILLISECOND;
        match gaps.last_mut() {
            Some(gap) if gap.end == at => gap.end += MILLISECOND,
            _ => gaps.push(at..at + MILLISECOND),
        }
    }
    gaps.retain(|gap| gap.len() >= SHORTEST_GAP);
    gaps
}

/// A Butterworth high pass of second order at 6 kHz.
fn high_pass(sound: &[f32]) -> Vec<f32> {
    let (mut before, mut out_before) = ([0.0; 2], [0.0; 2]);
    let pass = |sample: &f32| {
        let sample = f64::from(*sample);
        let edge = 0.569_036 * (sample - 2.0 * before[0] + before[1]);
        let out = edge + 0.942_809 * out_before[0] - 0.333_333 * out_before[1];
        before = [sample, before[0]];
        out_before = [out, out_before[0]];
        narrow(out)
    };
    sound.iter().map(pass).collect()
}

fn power(sound: &[f32]) -> f32 {
    let energy: f32 = sound.iter().map(|sample| sample * sample).sum();
    energy / narrow(fraction(sound.len().max(1)))
}

fn decibels(power: f32) -> f32 {
    10.0 * power.max(1e-13).log10()
}

#[expect(clippy::cast_possible_wrap, reason = "an experiment lasts minutes")]
const fn signed(samples: usize) -> i64 {
    samples as i64
}

#[expect(clippy::cast_precision_loss, reason = "counts of samples")]
const fn fraction(samples: usize) -> f64 {
    samples as f64
}

#[expect(clippy::cast_possible_truncation, reason = "a power needs no more")]
const fn narrow(power: f64) -> f32 {
    power as f32
}

/// A decoder and an ear: what a listener's browser is to the packets of a lane.
#[derive(Debug)]
pub struct Listener {
    decoder: Decoder,
    /// What it has heard.
    pub ear: Ear,
}

impl Listener {
    /// A listener who has heard nothing yet.
    ///
    /// # Errors
    /// `OpusError` without memory for a decoder.
    pub fn new() -> Result<Self, OpusError> {
        Ok(Self {
            decoder: Decoder::new()?,
            ear: Ear::new(),
        })
    }

    /// Hear a packet from the sample `at` on.
    ///
    /// # Errors
    /// `OpusError` if it is no Opus packet.
    pub fn hear(&mut self, at: usize, payload: &[u8]) -> Result<(), OpusError> {
        let mut sound = vec![0.0; MAX_PACKET_SAMPLES];
        let samples = self.decoder.decode(payload, &mut sound)?;
        self.ear.hear(at, &sound[..samples]);
        Ok(())
    }
}

/// As [`Listener`], with two ears.
#[derive(Debug)]
pub struct StereoListener {
    decoder: Decoder,
    /// What the left ear has heard.
    pub left: Ear,
    /// What the right ear has heard.
    pub right: Ear,
}

impl StereoListener {
    /// A listener who has heard nothing yet.
    ///
    /// # Errors
    /// `OpusError` without memory for a decoder.
    pub fn new() -> Result<Self, OpusError> {
        Ok(Self {
            decoder: Decoder::stereo()?,
            left: Ear::new(),
            right: Ear::new(),
        })
    }

    /// Hear a packet from the sample `at` on.
    ///
    /// # Errors
    /// `OpusError` if it is no Opus packet.
    pub fn hear(&mut self, at: usize, payload: &[u8]) -> Result<(), OpusError> {
        let mut sound = vec![0.0; 2 * MAX_PACKET_SAMPLES];
        let samples = self.decoder.decode(payload, &mut sound)?;
        let ears = sound[..2 * samples].chunks_exact(2);
        let (left, right): (Vec<_>, Vec<_>) = ears.map(|ears| (ears[0], ears[1])).unzip();
        self.left.hear(at, &left);
        self.right.hear(at, &right);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::voice::VOICES;
    use convivium_engine::opus::FRAME;

    const SECOND: usize = 48_000;

    /// A listener who hears these voices `late` samples after they spoke, each through its own codec.
    fn listener(voices: &[u32], late: usize, lost: impl Fn(usize) -> bool) -> Ear {
        let mut mix = vec![0.0; 4 * SECOND];
        for voice in voices {
            let mut listener = Listener::new().unwrap();
            for (n, packet) in Voice::new(*voice).packets(200).unwrap().iter().enumerate() {
                if !lost(n) {
                    listener.hear(n * FRAME, packet).unwrap();
                }
            }
            for (sum, sample) in mix.iter_mut().zip(listener.ear.sound()) {
                *sum += sample;
            }
        }
        let mut ear = Ear::new();
        ear.hear(late, &mix);
        ear
    }

    #[test]
    fn every_voice_is_told_from_the_others_after_a_codec() {
        let ear = listener(&[0, 7, 14], 0, |_| false);

        for number in 0..VOICES {
            let voice = Voice::new(number);
            let level = ear.level_db(voice, SECOND..3 * SECOND);
            let hearing = ear.listen_for(voice, 0, SECOND..3 * SECOND);
            if number % 7 == 0 {
                assert!((level + 20.0).abs() < 0.5, "{number}: {level}");
                let hearing = hearing.unwrap();
                assert!((hearing.level_db + 20.0).abs() < 0.5, "{hearing:?}");
                assert_eq!(hearing.gaps, [], "{hearing:?}");
            } else {
                assert!(level < -40.0, "{number}: {level}");
                assert_eq!(hearing, None, "{number}");
            }
        }
    }

    #[test]
    fn a_voice_three_numbers_away_is_no_louder_than_the_codec_itself() {
        let ear = listener(&[3, 9], 0, |_| false);

        for number in [0, 6, 12] {
            let level = ear.level_db(Voice::new(number), SECOND..3 * SECOND);
            assert!(level < -53.0, "{number}: {level}");
        }
    }

    #[test]
    fn the_way_from_mouth_to_ear_is_measured_to_the_millisecond() {
        for late in [0, 48, 4_800, 96_000] {
            let ear = listener(&[4], late, |_| false);

            let hearing = ear.listen_for(Voice::new(4), 0, late + SECOND..late + 2 * SECOND);

            // The codec itself takes 6.5 ms.
            let delay = hearing.unwrap().delay_ms;
            assert!((6..=7).contains(&(delay - late / 48)), "{late}: {delay}");
        }
    }

    #[test]
    fn what_is_missing_is_a_gap_where_it_is_missing() {
        let ear = listener(&[4], 0, |packet| (80..90).contains(&packet));

        let hearing = ear
            .listen_for(Voice::new(4), 0, SECOND..3 * SECOND)
            .unwrap();

        let missing: usize = hearing.gaps.iter().map(ExactSizeIterator::len).sum();
        assert!((7_200..10_800).contains(&missing), "{:?}", hearing.gaps);
        assert!(
            hearing.gaps[0].start.abs_diff(80 * FRAME) < 2_400,
            "{:?}",
            hearing.gaps
        );
    }

    #[test]
    fn a_click_stands_out_from_what_the_codec_adds() {
        let mut ear = listener(&[4], 0, |_| false);
        let residue = |ear: &Ear| ear.residue_db(Voice::new(4), 0, 7, SECOND..3 * SECOND);
        let clean = residue(&ear);

        let clicked: Vec<_> = ear.sound()[90_000..90_240]
            .iter()
            .map(|sample| -sample)
            .collect();
        ear.hear(90_000, &clicked);

        assert!(clean < -40.0, "{clean}");
        assert!(residue(&ear) > clean + 10.0, "{}", residue(&ear));
    }

    #[test]
    fn a_step_is_a_click_and_a_fade_is_none() {
        let steady: Vec<_> = (0..4_800).map(|n| 0.14 * (n as f32 * 0.13).sin()).collect();
        let cut_off = |fade: usize| {
            let mut ear = Ear::new();
            let mut sound = steady.clone();
            for (n, sample) in sound.iter_mut().enumerate().skip(2_400) {
                *sample *= 1.0 - (n - 2_400).min(fade) as f32 / fade as f32;
            }
            ear.hear(0, &sound);
            ear.click_db(0..4_800)
        };

        assert!(cut_off(1) > -50.0, "{}", cut_off(1));
        assert!(cut_off(240) < -75.0, "{}", cut_off(240));
    }

    #[test]
    fn silence_is_nobody() {
        let mut ear = Ear::new();
        ear.hear(SECOND, &[0.0; FRAME]);

        assert_eq!(ear.listen_for(Voice::new(0), 0, 0..SECOND), None);
        assert!(ear.level_db(Voice::new(0), 0..SECOND) < -100.0);
        assert!(ear.loudness_db(0..2 * SECOND) < -100.0);
    }
}
