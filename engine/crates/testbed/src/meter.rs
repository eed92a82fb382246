//! How loud sound is to people, and how high it rises between its samples (ITU-R BS.1770-4).
//!
//! Written apart from the engine's own, so that one can judge the other. Mono, 48 kHz.

use std::f64::consts::PI;

/// 400 ms, a new block each 100 ms.
const BLOCK: usize = 19_200;
const STEP: usize = 4_800;

/// Points looked at between two samples, and how many samples on either side decide each.
const BETWEEN: usize = 8;
const REACH: usize = 32;

/// The loudness of all of `sound` in LUFS, without what is too soft to count (annex 1); -120 if all
/// of it is.
#[must_use]
pub fn loudness(sound: &[f32]) -> f64 {
    let weighted = weighted(sound);
    let blocks: Vec<f64> = weighted
        .windows(BLOCK)
        .step_by(STEP)
        .map(|block| block.iter().map(|sample| sample * sample).sum::<f64>() / BLOCK as f64)
        .filter(|power| lufs(*power) > -70.0)
        .collect();
    let gate = mean(blocks.iter().copied()) / 10.0;
    lufs(mean(blocks.into_iter().filter(|power| *power > gate)))
}

/// How high `sound` rises between its samples, in dB of full scale.
///
/// Finer than the filter of annex 2 (four points, six samples on either side), so never lower than
/// that by more than it errs itself.
#[must_use]
pub fn true_peak_db(sound: &[f32]) -> f64 {
    let kernels: [[f64; 2 * REACH]; BETWEEN] = std::array::from_fn(kernel);
    let mut padded = vec![0.0; REACH];
    padded.extend(sound.iter().copied().map(f64::from));
    padded.extend([0.0; REACH]);
    let peak = padded
        .windows(2 * REACH)
        .filter(|around| {
            let near = around[REACH - 2..REACH + 2].iter();
            near.fold(0.0, |most: f64, sample| most.max(sample.abs())) > 0.1
        })
        .flat_map(|around| kernels.iter().map(|kernel| dot(around, kernel).abs()))
        .fold(1e-6, f64::max);
    20.0 * peak.log10()
}

/// What a point `place` eighths after the middle of `2 * REACH` samples takes of each: a sinc under
/// a Hann window.
fn kernel(place: usize) -> [f64; 2 * REACH] {
    std::array::from_fn(|n| {
        let away = n as f64 - (REACH - 1) as f64 - place as f64 / BETWEEN as f64;
        let window = (PI * away / (2.0 * REACH as f64)).cos().powi(2);
        if away == 0.0 {
            1.0
        } else {
            window * (PI * away).sin() / (PI * away)
        }
    })
}

fn dot(sound: &[f64], kernel: &[f64]) -> f64 {
    sound.iter().zip(kernel).map(|(a, b)| a * b).sum()
}

/// The shelf and the high pass of annex 1, written out as difference equations.
fn weighted(sound: &[f32]) -> Vec<f64> {
    let samples: Vec<_> = sound.iter().copied().map(f64::from).collect();
    let shelf = filtered(
        &samples,
        [
            1.535_124_859_586_97,
            -2.691_696_189_406_38,
            1.198_392_810_852_85,
        ],
        [-1.690_659_293_182_41, 0.732_480_774_215_85],
    );
    let high_pass = [-1.990_047_454_833_98, 0.990_072_250_366_21];
    filtered(&shelf, [1.0, -2.0, 1.0], high_pass)
}

fn filtered(sound: &[f64], b: [f64; 3], a: [f64; 2]) -> Vec<f64> {
    let mut out: Vec<f64> = Vec::with_capacity(sound.len());
    for n in 0..sound.len() {
        let given = |back: usize| n.checked_sub(back).map_or(0.0, |at| sound[at]);
        let before = |back: usize| n.checked_sub(back).map_or(0.0, |at| out[at]);
        let from_sound = b[0] * given(0) + b[1] * given(1) + b[2] * given(2);
        out.push(from_sound - a[0] * before(1) - a[1] * before(2));
    }
    out
}

fn mean(powers: impl Iterator<Item = f64>) -> f64 {
    let (count, sum) = powers.fold((0.0, 0.0), |(count, sum), power| (count + 1.0, sum + power));
    sum / f64::max(count, 1.0)
}

fn lufs(power: f64) -> f64 {
    (-0.691 + 10.0 * power.max(1e-15).log10()).max(-120.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sine(hertz: f64, amplitude: f64, phase: f64, samples: usize) -> Vec<f32> {
        (0..samples)
            .map(|n| 2.0 * PI * hertz * n as f64 / 48_000.0 + phase)
            .map(|angle| (amplitude * angle.sin()) as f32)
            .collect()
    }

    #[test]
    fn a_tone_is_as_loud_as_the_standard_says_and_silence_around_it_does_not_count() {
        let mut sound = sine(997.0, 1.0, 0.0, 96_000);
        assert!(
            (loudness(&sound) - -3.01).abs() < 0.02,
            "{}",
            loudness(&sound)
        );

        sound.resize(960_000, 0.0);
        assert!(
            (loudness(&sound) - -3.01).abs() < 0.5,
            "{}",
            loudness(&sound)
        );
        assert!(loudness(&vec![0.0; 48_000]) < -100.0);
    }

    #[test]
    fn a_peak_between_samples_is_seen() {
        // A quarter of the rate, sampled at 45 degrees: samples are 3 dB below the peak.
        let mut sound = sine(12_000.0, 0.5, PI / 4.0, 4_800);
        // Faded, since a sine cut off is no sine.
        for n in 0..2_400 {
            let share = n as f32 / 2_400.0;
            sound[n] *= share;
            sound[4_799 - n] *= share;
        }
        let highest = sound
            .iter()
            .fold(0.0_f32, |most, sample| most.max(sample.abs()));

        assert!(highest < 0.36);
        assert!(
            (true_peak_db(&sound) - -6.02).abs() < 0.1,
            "{}",
            true_peak_db(&sound)
        );
    }
}
