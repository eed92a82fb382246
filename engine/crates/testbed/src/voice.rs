//! Synthetic voices: each has its own tones, and says with them what time it is.
//!
//! A voice sounds one of its four tones for 100 ms, then another. Which, follows a sequence in which
//! every run of three occurs once (de Bruijn), so whoever hears 300 ms of it knows which 300 ms of
//! 6.4 s they are. Between two syllables of 400 ms it is silent for a moment: codecs take what never
//! pauses for noise, and spend no redundancy on it. All tones of all voices are multiples of 40 Hz, so that they can be told apart
//! within 25 ms, and none of them above 3 kHz, so that every codec carries them.

use convivium_engine::opus::{Encoder, Encoding, FRAME, MAX_FRAME_BYTES, OpusError};

/// Tones of one voice.
pub const TONES: usize = 4;

/// How long each tone sounds, in samples: 100 ms.
pub const SYMBOL: u64 = 4_800;

/// How long a voice sounds between two breaths: 400 ms.
const SYLLABLE: u64 = 4 * SYMBOL;

/// A breath: 10 ms from full loudness to silence, 20 ms of silence, and 10 ms back, in samples.
const FADING: u64 = 480;
const HALF_SILENCE: u64 = 480;

/// After this many samples a voice repeats itself: 6.4 s.
pub const PERIOD: u64 = SYMBOL * SEQUENCE.len() as u64;

/// Voices that can be told apart.
pub const VOICES: u32 = 15;

/// Peak of a voice at its usual loudness: -20 dBFS as a level.
const LOUDNESS: f32 = 0.1414;

/// A de Bruijn sequence of four tones and runs of three.
const SEQUENCE: [usize; 64] = de_bruijn();

/// One synthetic voice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Voice {
    number: u32,
}

impl Voice {
    /// The voice with this number, below `VOICES`; higher ones begin again.
    #[must_use]
    pub const fn new(number: u32) -> Self {
        Self {
            number: number % VOICES,
        }
    }

    /// The frequencies of its tones, in Hz.
    #[must_use]
    pub fn tones(&self) -> [u32; TONES] {
        [0, 40, 80, 120].map(|above| 400 + 160 * self.number + above)
    }

    /// Which of its tones it sounds at a sample of its own time.
    #[must_use]
    pub fn tone_at(&self, sample: u64) -> usize {
        let symbol = sample / SYMBOL % SEQUENCE.len() as u64;
        usize::try_from(symbol).map_or(0, |symbol| SEQUENCE[symbol])
    }

    /// What it says at a sample of its own time, between ±0.1414.
    #[must_use]
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        reason = "an angle"
    )]
    pub fn sample(&self, sample: u64) -> f32 {
        let tone = self.tones()[self.tone_at(sample)];
        // Every tone fits a whole number of times into a symbol: there is no step between two.
        let angle = f64::from(tone) * (sample % SYMBOL) as f64 / 48_000.0 * std::f64::consts::TAU;
        LOUDNESS * loudness(sample) * angle.sin() as f32
    }

    /// Whether it sounds at full loudness for this many samples around a sample of its own time,
    /// with 5 ms to spare for what a codec smears.
    #[must_use]
    pub fn sounds_around(sample: u64, samples: u64) -> bool {
        from_breath(sample) >= HALF_SILENCE + FADING + samples / 2 + 240
    }

    /// What it says in the 20 ms from a sample on.
    #[must_use]
    pub fn frame(&self, first: u64) -> [f32; FRAME] {
        let mut sample = first;
        std::array::from_fn(|_| {
            sample += 1;
            self.sample(sample - 1)
        })
    }

    /// What it says in its first `frames` times 20 ms, as Opus packets of a browser's bitrate.
    ///
    /// # Errors
    /// If libopus fails.
    pub fn packets(&self, frames: u32) -> Result<Vec<Box<[u8]>>, OpusError> {
        let mut encoder = Encoder::new(Encoding::default())?;
        let mut packet = [0; MAX_FRAME_BYTES];
        (0..u64::from(frames))
            .map(|number| self.frame(number * FRAME as u64))
            .map(|frame| encoder.encode(&frame, &mut packet).map(Box::from))
            .collect()
    }
}

/// A voice's share of full loudness at a sample of its own time: 1 but for the breaths.
#[expect(clippy::cast_precision_loss, reason = "at most 480")]
fn loudness(sample: u64) -> f32 {
    from_breath(sample).saturating_sub(HALF_SILENCE).min(FADING) as f32 / FADING as f32
}

/// How far the middle of the nearest breath is from a sample.
const fn from_breath(sample: u64) -> u64 {
    let into = sample % SYLLABLE;
    if into < SYLLABLE / 2 {
        into
    } else {
        SYLLABLE - into
    }
}

/// The sequence by the rule "prefer the largest tone that makes a new run of three".
const fn de_bruijn() -> [usize; 64] {
    let mut sequence = [0; 64];
    let mut seen = [false; 64];
    let mut run: usize = 0;
    let mut place = 0;
    while place < 64 {
        let mut tone = 4;
        while tone > 0 {
            tone -= 1;
            let next = (run * 4 + tone) % 64;
            if !seen[next] {
                seen[next] = true;
                run = next;
                break;
            }
        }
        sequence[place] = run % 4;
        place += 1;
    }
    sequence
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn three_tones_in_a_row_say_what_time_it_is() {
        let runs: HashSet<_> = (0..64)
            .map(|place| [0, 1, 2].map(|next| SEQUENCE[(place + next) % 64]))
            .collect();

        assert_eq!(runs.len(), 64);
    }

    #[test]
    fn no_two_voices_share_a_tone() {
        let tones: HashSet<_> = (0..VOICES)
            .flat_map(|number| Voice::new(number).tones())
            .collect();

        assert_eq!(tones.len(), TONES * VOICES as usize);
        assert!(tones.iter().all(|tone| tone % 40 == 0 && *tone < 3_000));
    }

    #[test]
    fn a_voice_changes_its_tone_without_a_step() {
        let voice = Voice::new(14);

        let steepest = (0..PERIOD)
            .map(|sample| (voice.sample(sample + 1) - voice.sample(sample)).abs())
            .fold(0.0, f32::max);

        assert!(steepest < LOUDNESS * 0.4, "{steepest}");
    }
}
