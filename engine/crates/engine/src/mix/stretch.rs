//! Makes sound a little shorter or longer without changing its pitch, by leaving out or repeating
//! one period where it fits best.

use super::ramp::{RAMP, rise};

/// Periods looked at: 2.5 ms (400 Hz) to 15 ms (67 Hz); higher voices match at a multiple.
const SHORTEST: usize = 120;
const LONGEST: usize = 720;

/// What `shorten` wants to see beyond the sound it may leave out.
pub(super) const REACH: usize = LONGEST + RAMP;

/// How alike the two sides of a cut in a sounding voice must be, as a correlation.
const ALIKE: f32 = 0.6;

/// Where a cut may be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cut {
    /// Anywhere: there is hardly anything to be heard.
    Quiet,
    /// Only where a period repeats.
    Voiced,
}

/// Leave out 2.5 to 15 ms, at most `most`, at the front of `sound`; returns how many samples.
pub(super) fn shorten(sound: &mut Vec<f32>, most: usize, cut: Cut) -> usize {
    let Some(period) = best_period(sound, most, cut) else {
        return 0;
    };
    // Backwards: a period may be shorter than the ramp, and no sample may be blended twice.
    for n in (0..RAMP).rev() {
        sound[period + n] = blend(sound[n], sound[period + n], n);
    }
    sound.drain(..period);
    period
}

/// Repeat 2.5 to 15 ms at the front of `sound`; returns how many samples.
pub(super) fn lengthen(sound: &mut Vec<f32>, cut: Cut) -> usize {
    let Some(period) = best_period(sound, LONGEST, cut) else {
        return 0;
    };
    let bridge: [f32; RAMP] = std::array::from_fn(|n| blend(sound[period + n], sound[n], n));
    let mut repeated = [0.0; LONGEST];
    repeated[..period].copy_from_slice(&sound[..period]);
    sound.splice(..0, repeated[..period].iter().copied());
    sound[period..period + RAMP].copy_from_slice(&bridge);
    period
}

fn blend(leaving: f32, coming: f32, n: usize) -> f32 {
    leaving + (coming - leaving) * rise(n)
}

/// The distance at which `sound` is most like its own beginning, if it is like it enough.
fn best_period(sound: &[f32], most: usize, cut: Cut) -> Option<usize> {
    let longest = LONGEST.min(most).min(sound.len().saturating_sub(RAMP));
    let (rough, _) = most_alike(sound, (SHORTEST..=longest).step_by(4), 2)?;
    let around = rough.saturating_sub(3).max(SHORTEST)..=(rough + 3).min(longest);
    let (period, likeness) = most_alike(sound, around, 1)?;
    (cut == Cut::Quiet || likeness > ALIKE).then_some(period)
}

fn most_alike(
    sound: &[f32],
    periods: impl Iterator<Item = usize>,
    stride: usize,
) -> Option<(usize, f32)> {
    periods
        .map(|period| {
            (
                period,
                likeness(&sound[..RAMP], &sound[period..period + RAMP], stride),
            )
        })
        .max_by(|one, other| one.1.total_cmp(&other.1))
}

/// The normalised correlation of two stretches, looking at every `stride`th sample.
fn likeness(one: &[f32], other: &[f32], stride: usize) -> f32 {
    let pairs = one.iter().zip(other).step_by(stride);
    let (product, energy, energy_other) = pairs.fold((0.0, 1e-9, 1e-9), |sums, (a, b)| {
        (sums.0 + a * b, sums.1 + a * a, sums.2 + b * b)
    });
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

    fn roughest_step(sound: &[f32]) -> f32 {
        sound
            .windows(2)
            .map(|pair| (pair[1] - pair[0]).abs())
            .fold(0.0, f32::max)
    }

    #[test]
    fn a_voice_is_shortened_by_whole_periods_without_a_seam() {
        let mut sound = hum(2_000);

        let left_out = shorten(&mut sound, LONGEST, Cut::Voiced);

        assert!(left_out == 320 || left_out == 640, "{left_out}");
        assert_eq!(sound.len(), 2_000 - left_out);
        assert!(roughest_step(&sound) < roughest_step(&hum(2_000)) * 1.05);
    }

    #[test]
    fn a_voice_is_lengthened_by_whole_periods_without_a_seam() {
        let mut sound = hum(960);

        let won = lengthen(&mut sound, Cut::Voiced);

        assert!(won == 320 || won == 640, "{won}");
        assert_eq!(sound.len(), 960 + won);
        assert!(roughest_step(&sound) < roughest_step(&hum(960)) * 1.05);
    }

    #[test]
    fn where_nothing_repeats_only_silence_is_cut() {
        assert_eq!(shorten(&mut noise(2_000), LONGEST, Cut::Voiced), 0);
        assert_eq!(lengthen(&mut noise(960), Cut::Voiced), 0);
        assert!(shorten(&mut vec![0.0; 2_000], LONGEST, Cut::Quiet) >= SHORTEST);
        assert!(lengthen(&mut vec![0.0; 960], Cut::Quiet) >= SHORTEST);
    }

    #[test]
    fn no_more_is_left_out_than_asked_nor_than_there_is() {
        assert!(shorten(&mut vec![0.0; 2_000], 200, Cut::Quiet) <= 200);
        assert_eq!(shorten(&mut vec![0.0; 2_000], 100, Cut::Quiet), 0);
        assert_eq!(shorten(&mut vec![0.0; 300], LONGEST, Cut::Quiet), 0);
    }
}
