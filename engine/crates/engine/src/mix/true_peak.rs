//! How high sound rises between its samples: four points for each, as in ITU-R BS.1770-4, annex 2.

/// Samples that decide a point, of which the latest is up to six after it.
const TAPS: usize = 12;

/// What must be known of the sound before the first new sample.
pub(super) const BEFORE: usize = TAPS - 1;

/// The filter of annex 2 by points; the other two are these, read backwards.
const POINTS: [[f32; TAPS]; 2] = [
    [
        0.001_708_98,
        0.010_986_33,
        -0.019_653_32,
        0.033_203_13,
        -0.059_448_24,
        0.137_329_1,
        0.972_167_97,
        -0.102_294_92,
        0.047_607_42,
        -0.026_611_33,
        0.014_892_58,
        -0.008_300_78,
    ],
    [
        -0.029_174_8,
        0.029_296_88,
        -0.051_757_81,
        0.089_111_33,
        -0.166_503_9,
        0.465_087_9,
        0.779_785_16,
        -0.200_317_38,
        0.101_562_5,
        -0.058_227_54,
        0.033_081_05,
        -0.018_920_9,
    ],
];

/// No point lies higher than this many times the highest sample around it: the sum of a filter's
/// absolute values.
const MOST_ABOVE: f32 = 2.03;

/// The highest point in and between `sound`, the first [`BEFORE`] of which are known from before.
///
/// Points below `matters` are not looked for: the answer is then that of the samples.
pub(super) fn true_peak(sound: &[f32], matters: f32) -> f32 {
    let peak = sound
        .iter()
        .fold(0.0_f32, |peak, sample| peak.max(sample.abs()));
    if peak * MOST_ABOVE < matters {
        return peak;
    }
    sound.windows(TAPS).fold(peak, |peak, around| {
        POINTS.iter().fold(peak, |peak, point| {
            let (mut forwards, mut backwards) = (0.0, 0.0);
            for n in 0..TAPS {
                forwards += point[n] * around[n];
                backwards += point[TAPS - 1 - n] * around[n];
            }
            peak.max(f32::abs(forwards)).max(f32::abs(backwards))
        })
    })
}

#[cfg(test)]
mod tests {
    use std::f32::consts::{FRAC_PI_4, TAU};

    use super::*;

    fn sine(hertz: f32, phase: f32) -> [f32; 480] {
        std::array::from_fn(|n| 0.5 * (TAU * hertz / 48_000.0 * n as f32 + phase).sin())
    }

    #[test]
    fn what_rises_between_samples_is_seen() {
        // 12 kHz, sampled 45 degrees from its peaks: every sample is 3 dB below.
        let sound = sine(12_000.0, FRAC_PI_4);
        assert!(sound.iter().all(|sample| sample.abs() < 0.36));

        assert!(
            (true_peak(&sound, 0.5) - 0.5).abs() < 0.01,
            "{}",
            true_peak(&sound, 0.5)
        );
    }

    #[test]
    fn a_tone_within_the_voice_is_as_high_as_it_is() {
        for hertz in [100.0, 1_000.0, 3_000.0, 8_000.0] {
            let peak = true_peak(&sine(hertz, 0.3), 0.1);
            assert!((peak - 0.5).abs() < 0.01, "{hertz}: {peak}");
        }
    }

    #[test]
    fn what_cannot_matter_is_not_looked_for() {
        let highest_sample = 0.5 * FRAC_PI_4.sin();

        let peak = true_peak(&sine(12_000.0, FRAC_PI_4), 2.0);

        assert!((peak - highest_sample).abs() < 1e-3, "{peak}");
    }

    #[test]
    fn no_filter_gives_more_than_is_said() {
        for point in POINTS {
            let most: f32 = point.iter().map(|tap| tap.abs()).sum();
            assert!(most < MOST_ABOVE, "{most}");
        }
    }
}
