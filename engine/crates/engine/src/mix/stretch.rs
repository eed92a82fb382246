//! Makes sound a little shorter or longer without changing its pitch, by leaving out or repeating
//! one period where it fits best.

use super::ramp::{RAMP, rise};
use super::sound::Sound;

/// Periods looked at: 2.5 ms (400 Hz) to 15 ms (67 Hz); higher voices match at a multiple.
const SHORTEST: usize = 120;
const LONGEST: usize = 720;

/// What `shorten` wants to see beyond the sound it may leave out.
pub(super) const REACH: usize = LONGEST + RAMP;

/// How alike the two sides of a cut must be, as a correlation: in a sounding voice, and in music.
const ALIKE: f32 = 0.6;
const THE_SAME: f32 = 0.95;

/// Where a cut may be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cut {
    /// Anywhere: there is hardly anything to be heard.
    Quiet,
    /// Only where a period repeats.
    Voiced,
    /// Only where what is left out is as what stays.
    Music,
}

impl Cut {
    /// What the likeness has to be above.
    const fn least_likeness(self) -> f32 {
        match self {
            Self::Quiet => f32::NEG_INFINITY,
            Self::Voiced => ALIKE,
            Self::Music => THE_SAME,
        }
    }
}

/// Leave out 2.5 to 15 ms, at most `most`, at the front of `sound`; returns how many samples.
pub(super) fn shorten(sound: &mut Sound, most: usize, cut: Cut) -> usize {
    let Some(period) = best_period(sound, most, cut) else {
        return 0;
    };
    for plane in sound.planes_mut() {
        // Backwards: a period may be shorter than the ramp, and no sample may be blended twice.
        for n in (0..RAMP).rev() {
            plane[period + n] = blend(plane[n], plane[period + n], n);
        }
        plane.drain(..period);
    }
    period
}

/// Repeat 2.5 to 15 ms at the front of `sound`; returns how many samples.
pub(super) fn lengthen(sound: &mut Sound, cut: Cut) -> usize {
    let Some(period) = best_period(sound, LONGEST, cut) else {
        return 0;
    };
    for plane in sound.planes_mut() {
        let bridge: [f32; RAMP] = std::array::from_fn(|n| blend(plane[period + n], plane[n], n));
        let mut repeated = [0.0; LONGEST];
        repeated[..period].copy_from_slice(&plane[..period]);
        plane.splice(..0, repeated[..period].iter().copied());
        plane[period..period + RAMP].copy_from_slice(&bridge);
    }
    period
}

fn blend(leaving: f32, coming: f32, n: usize) -> f32 {
    leaving + (coming - leaving) * rise(n)
}

/// The distance at which `sound` is most like its own beginning, if it is like it enough.
fn best_period(sound: &Sound, most: usize, cut: Cut) -> Option<usize> {
    let longest = LONGEST.min(most).min(sound.len().saturating_sub(RAMP));
    let (rough, _) = most_alike(sound, (SHORTEST..=longest).step_by(4), 2)?;
    let around = rough.saturating_sub(3).max(SHORTEST)..=(rough + 3).min(longest);
    let (period, likeness) = most_alike(sound, around, 1)?;
    (likeness > cut.least_likeness()).then_some(period)
}

fn most_alike(
    sound: &Sound,
    periods: impl Iterator<Item = usize>,
    stride: usize,
) -> Option<(usize, f32)> {
    periods
        .map(|period| (period, likeness(sound, period, stride)))
        .max_by(|one, other| one.1.total_cmp(&other.1))
}

/// The normalised correlation of the beginning and what comes a period later, looking at every
/// `stride`th sample.
fn likeness(sound: &Sound, period: usize, stride: usize) -> f32 {
    let mut sums = (0.0, 1e-9, 1e-9);
    for plane in sound.planes() {
        let pairs = plane[..RAMP].iter().zip(&plane[period..period + RAMP]);
        sums = pairs.step_by(stride).fold(sums, |sums, (a, b)| {
            (sums.0 + a * b, sums.1 + a * a, sums.2 + b * b)
        });
    }
    let (product, energy, energy_other) = sums;
    product / f32::sqrt(energy * energy_other)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[expect(clippy::cast_precision_loss, reason = "sample numbers are small")]
    fn hum(samples: usize) -> Vec<f32> {
        // 150 Hz and its fifth harmonic: a period of 320 samples.
        (0..samples)
            .map(|n| n as f32 * std::f32::consts::TAU / 320.0)
            .map(|phase| 0.3 * phase.sin() + 0.1 * (5.0 * phase).sin())
            .collect()
    }

    fn noise(samples: usize) -> Vec<f32> {
        let mut state = 1_u32;
        std::iter::repeat_with(|| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            f32::from((state >> 16) as u16) / 65_536.0 - 0.5
        })
        .take(samples)
        .collect()
    }

    fn silence(samples: usize) -> Sound {
        vec![0.0; samples].into()
    }

    fn roughest_step(sound: &[f32]) -> f32 {
        sound
            .windows(2)
            .map(|pair| (pair[1] - pair[0]).abs())
            .fold(0.0, f32::max)
    }

    #[test]
    fn a_voice_is_shortened_by_whole_periods_without_a_seam() {
        let mut sound = Sound::from(hum(2_000));

        let left_out = shorten(&mut sound, LONGEST, Cut::Voiced);

        assert!(left_out == 320 || left_out == 640, "{left_out}");
        assert_eq!(sound.len(), 2_000 - left_out);
        assert!(roughest_step(sound.middle()) < roughest_step(&hum(2_000)) * 1.05);
    }

    #[test]
    fn a_voice_is_lengthened_by_whole_periods_without_a_seam() {
        let mut sound = Sound::from(hum(960));

        let won = lengthen(&mut sound, Cut::Voiced);

        assert!(won == 320 || won == 640, "{won}");
        assert_eq!(sound.len(), 960 + won);
        assert!(roughest_step(sound.middle()) < roughest_step(&hum(960)) * 1.05);
    }

    #[test]
    fn where_nothing_repeats_only_silence_is_cut() {
        for cut in [Cut::Voiced, Cut::Music] {
            assert_eq!(shorten(&mut noise(2_000).into(), LONGEST, cut), 0);
            assert_eq!(lengthen(&mut noise(960).into(), cut), 0);
        }
        assert!(shorten(&mut silence(2_000), LONGEST, Cut::Quiet) >= SHORTEST);
        assert!(lengthen(&mut silence(960), Cut::Quiet) >= SHORTEST);
    }

    #[test]
    fn no_more_is_left_out_than_asked_nor_than_there_is() {
        assert!(shorten(&mut silence(2_000), 200, Cut::Quiet) <= 200);
        assert_eq!(shorten(&mut silence(2_000), 100, Cut::Quiet), 0);
        assert_eq!(shorten(&mut silence(300), LONGEST, Cut::Quiet), 0);
    }

    #[test]
    fn both_ears_lose_and_win_the_same_and_music_only_where_it_repeats() {
        // The side is noise: in a voice that is let pass, in music it is not.
        let beside = |level: f32| {
            let side = noise(2_000).iter().map(|sample| level * sample).collect();
            Sound::of_planes(hum(2_000), side)
        };
        assert_eq!(shorten(&mut beside(0.3), LONGEST, Cut::Music), 0);
        assert_eq!(lengthen(&mut beside(0.3), Cut::Music), 0);
        assert!(shorten(&mut beside(0.3), LONGEST, Cut::Voiced) > 0);

        let mut sound = beside(0.01);
        let left_out = shorten(&mut sound, LONGEST, Cut::Music);
        assert!(left_out > 0);
        assert_eq!(sound.side().len(), 2_000 - left_out);
        let won = lengthen(&mut sound, Cut::Music);
        assert_eq!(sound.side().len(), sound.len());
        assert_eq!(sound.len(), 2_000 - left_out + won);
    }
}
