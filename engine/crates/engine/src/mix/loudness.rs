//! How loud people hear a sound: K-weighted power (ITU-R BS.1770-4, annex 1), mono, 48 kHz.

use crate::opus::FRAME;

/// Loudness in LUFS of a K-weighted power: a full-scale sine of 1 kHz in one channel is -3.
pub(super) fn lufs(power: f32) -> f32 {
    -0.691 + 10.0 * power.max(1e-12).log10()
}

/// The two filters of the weighting: what a head does to high tones, and how little low ones count.
#[derive(Debug, Default)]
pub(super) struct KWeighting {
    shelf: Memory,
    high_pass: Memory,
}

/// A filter of second order; the numbers are those of BS.1770-4, tables 1 and 2.
struct Biquad {
    b: [f64; 3],
    a: [f64; 2],
}

const SHELF: Biquad = Biquad {
    b: [
        1.535_124_859_586_97,
        -2.691_696_189_406_38,
        1.198_392_810_852_85,
    ],
    a: [-1.690_659_293_182_41, 0.732_480_774_215_85],
};
const HIGH_PASS: Biquad = Biquad {
    b: [1.0, -2.0, 1.0],
    a: [-1.990_047_454_833_98, 0.990_072_250_366_21],
};

/// What a filter remembers (transposed direct form II).
#[derive(Debug, Default)]
struct Memory([f64; 2]);

impl KWeighting {
    /// The mean power of the next 20 ms, weighted.
    pub(super) fn power(&mut self, frame: &[f32; FRAME]) -> f32 {
        let energy: f64 = frame
            .iter()
            .map(|sample| self.shelf.pass(&SHELF, f64::from(*sample)))
            .map(|sample| self.high_pass.pass(&HIGH_PASS, sample))
            .map(|sample| sample * sample)
            .sum();
        self.shelf.settle();
        self.high_pass.settle();
        (energy / FRAME as f64) as f32
    }
}

impl Memory {
    fn pass(&mut self, filter: &Biquad, sample: f64) -> f64 {
        let Memory([first, second]) = *self;
        let passed = filter.b[0] * sample + first;
        self.0 = [
            filter.b[1] * sample - filter.a[0] * passed + second,
            filter.b[2] * sample - filter.a[1] * passed,
        ];
        passed
    }

    /// Forget what has become too small to matter: processors are slow with the smallest numbers.
    fn settle(&mut self) {
        if self.0.iter().all(|part| part.abs() < 1e-15) {
            self.0 = [0.0; 2];
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The loudness of a sine after half a second.
    fn loudness(hertz: f64, dbfs: f64) -> f32 {
        let mut weighting = KWeighting::default();
        let amplitude = 10_f64.powf(dbfs / 20.0);
        let frames = (0..25).map(|frame| -> [f32; FRAME] {
            std::array::from_fn(|n| {
                let turn = hertz * (frame * FRAME + n) as f64 / 48_000.0;
                (amplitude * (turn * std::f64::consts::TAU).sin()) as f32
            })
        });
        lufs(frames.fold(0.0, |_, frame| weighting.power(&frame)))
    }

    #[test]
    fn tones_are_as_loud_as_the_standard_says() {
        // BS.1770-4: 997 Hz at 0 dBFS in one channel is -3.01 LKFS.
        assert!((loudness(997.0, 0.0) - -3.01).abs() < 0.02);
        // EBU Tech 3341, case 1, has the same tone in two channels at -23 dBFS: 3 dB more than in one.
        assert!((loudness(1_000.0, -23.0) - -26.01).abs() < 0.03);
        // High tones gain 4 dB by the head, low ones hardly count.
        assert!((loudness(10_000.0, -20.0) - -19.7).abs() < 0.1);
        assert!(loudness(25.0, -20.0) < -31.0);
    }

    #[test]
    fn silence_after_sound_is_silence() {
        let mut weighting = KWeighting::default();
        weighting.power(&[0.5; FRAME]);

        for _ in 0..100 {
            weighting.power(&[0.0; FRAME]);
        }

        let kept = [weighting.shelf.0, weighting.high_pass.0];
        assert!(kept.as_flattened().iter().all(|part| part.to_bits() == 0));
        assert!(lufs(weighting.power(&[0.0; FRAME])) < -100.0);
    }
}
