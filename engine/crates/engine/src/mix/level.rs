//! How loud a voice is, and whether it is a voice at all.

use crate::opus::Content;

/// Decibels below full scale given for digital silence.
const SILENCE_DB: f32 = -127.0;

/// 300 ms: a speaker who pauses for breath is still speaking.
const HANG_TICKS: u8 = 15;

/// A voice stands out from its background by this much.
const STANDS_OUT_DB: f32 = 9.0;

/// The background rises at most this much per tick, 3 dB a second: no word is that long.
const RISE_DB: f32 = 0.06;

/// What is taken for background at most: whatever is louder by `STANDS_OUT_DB` is a voice for ever.
const HIGHEST_FLOOR_DB: f32 = -45.0;
/// In music: a note that is held softly is no background.
const HIGHEST_FLOOR_IN_MUSIC_DB: f32 = -60.0;
const LOWEST_FLOOR_DB: f32 = -75.0;

/// The level of 20 ms in dBFS: a full-scale sine is -3. `side` is empty if both ears hear the same.
pub(super) fn level_db(middle: &[f32], side: &[f32]) -> f32 {
    let energy: f32 = middle.iter().map(|sample| sample * sample).sum();
    let beside: f32 = side.iter().map(|sample| sample * sample).sum();
    (10.0 * ((energy + beside) / 960.0).log10()).max(SILENCE_DB)
}

/// Says frame by frame whether somebody is speaking.
#[derive(Debug)]
pub(super) struct VoiceActivity {
    floor_db: f32,
    hanging: u8,
}

impl VoiceActivity {
    pub(super) const fn new() -> Self {
        Self {
            floor_db: -60.0,
            hanging: 0,
        }
    }

    /// Take in the level of the next frame; true from the first loud frame to 300 ms after the last.
    pub(super) fn observe(&mut self, level_db: f32, content: Content) -> bool {
        let highest_floor_db = match content {
            Content::Voices => HIGHEST_FLOOR_DB,
            Content::Music => HIGHEST_FLOOR_IN_MUSIC_DB,
        };
        if level_db > self.floor_db + STANDS_OUT_DB {
            self.hanging = HANG_TICKS;
        } else {
            self.hanging = self.hanging.saturating_sub(1);
        }
        self.floor_db = level_db
            .min(self.floor_db + RISE_DB)
            .clamp(LOWEST_FLOOR_DB, highest_floor_db);
        self.hanging > 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::opus::FRAME;

    const VOICES: Content = Content::Voices;

    #[test]
    fn levels_are_those_of_the_book() {
        assert!((level_db(&[0.1; FRAME], &[]) - -20.0).abs() < 0.01);
        assert!((level_db(&[0.0; FRAME], &[]) - SILENCE_DB).abs() < 0.01);
    }

    #[test]
    fn the_first_loud_frame_counts_and_three_hundred_milliseconds_hang_after_the_last() {
        let mut activity = VoiceActivity::new();
        assert!(!activity.observe(-70.0, VOICES));

        assert!(activity.observe(-30.0, VOICES));
        // 15 ticks of 20 ms.
        for tick in 1..15 {
            assert!(activity.observe(-70.0, VOICES), "tick {tick}");
        }
        assert!(!activity.observe(-70.0, VOICES));
    }

    #[test]
    fn what_hardly_stands_out_of_its_background_is_no_voice() {
        // A fan, and a source that sent nothing but zeros: its first rustle is no word.
        for (background, rustle, word) in [(-50.0, -43.0, -40.0), (SILENCE_DB, -68.0, -64.0)] {
            let mut activity = VoiceActivity::new();
            for _ in 0..50 * 60 {
                activity.observe(background, VOICES);
            }

            assert!(
                !activity.observe(rustle, VOICES),
                "{rustle} over {background}"
            );
            assert!(activity.observe(word, VOICES), "{word} over {background}");
        }
    }

    #[test]
    fn a_steady_background_is_no_voice_but_a_long_loud_tone_is() {
        let mut background = VoiceActivity::new();
        let mut tone = VoiceActivity::new();
        let mut heard = (true, true);

        for _ in 0..50 * 60 {
            heard = (
                background.observe(-50.0, VOICES),
                tone.observe(-23.0, VOICES),
            );
        }

        assert_eq!(heard, (false, true));
    }

    #[test]
    fn a_soft_note_that_is_held_is_heard_in_music() {
        let held = |content| {
            let mut activity = VoiceActivity::new();
            (0..50 * 60).fold(false, |_, _| activity.observe(-45.0, content))
        };

        assert_eq!([Content::Voices, Content::Music].map(held), [false, true]);
    }

    #[test]
    fn what_one_ear_hears_alone_has_a_level() {
        // Left alone: 3 dB below the same in both ears.
        let level = level_db(&[0.05; FRAME], &[0.05; FRAME]);
        assert!((level - -23.01).abs() < 0.01, "{level}");
    }
}
