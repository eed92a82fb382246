//! Keeps a sum of voices below full scale without distorting it.
//!
//! Works in hops of 1 ms. The gain runs in straight lines between hop borders; it sees the peaks of
//! the 5 ms to come, so it is down before a peak is there. Peaks are those of the sound, not of its
//! samples: what rises between two of them would clip where the sound is played.

use super::true_peak::{BEFORE, true_peak};
use crate::opus::FRAME;

/// -1.2 dBFS, for true peaks of -1: four points between two samples may miss 0.2 dB, and so may a
/// gain that is not quite down yet for the points at the border of two hops.
pub(super) const CEILING: f32 = 0.871;

/// How far ahead the limiter looks, and so how much later sound leaves it: 5 ms.
pub(super) const LOOK_AHEAD: usize = HOP * HOPS_AHEAD;

const HOP: usize = 48;
const HOPS_AHEAD: usize = 5;
/// The gain recovers by this factor per hop: +3 dB in 50 ms, too slow to be heard as pumping.
const RELEASE: f32 = 1.007;

/// A look-ahead limiter of one lane.
#[derive(Debug)]
pub(super) struct Limiter {
    /// The last 5 ms put in, which have not left yet.
    held: [f32; LOOK_AHEAD],
    /// The gain that each held hop allows, the next to leave first.
    allowed: [f32; HOPS_AHEAD],
    gain: f32,
}

impl Limiter {
    pub(super) const fn new() -> Self {
        Self {
            held: [0.0; LOOK_AHEAD],
            allowed: [1.0; HOPS_AHEAD],
            gain: 1.0,
        }
    }

    /// Replace `frame` by the limited sound of 5 ms before, every sample and all between
    /// them within ±`CEILING`.
    pub(super) fn limit(&mut self, frame: &mut [f32; FRAME]) {
        frame.rotate_right(LOOK_AHEAD);
        frame[..LOOK_AHEAD].swap_with_slice(&mut self.held);
        for hop in 0..FRAME / HOP {
            let arriving = self.arriving(frame, hop);
            self.leave(&mut frame[hop * HOP..][..HOP], arriving);
        }
    }

    /// The gain allowed by the hop that comes into sight when `hop` of the delayed frame leaves.
    fn arriving(&self, frame: &[f32; FRAME], hop: usize) -> f32 {
        let ahead = (hop + HOPS_AHEAD) * HOP;
        // A hop leaves when it has been looked at, so what came before this one is as it was.
        let at = |n: usize| {
            if n < FRAME {
                frame[n]
            } else {
                self.held[n - FRAME]
            }
        };
        let sound: [f32; BEFORE + HOP] = std::array::from_fn(|n| at(ahead - BEFORE + n));
        let peak = true_peak(&sound, CEILING);
        if peak > CEILING { CEILING / peak } else { 1.0 }
    }

    fn leave(&mut self, hop: &mut [f32], arriving: f32) {
        let leaving = self.allowed[0];
        let gain_then = self.gain_at_the_end(leaving, arriving);
        let step = (gain_then - self.gain) / 48.0;
        for sample in hop {
            *sample = (*sample * self.gain).clamp(-CEILING, CEILING);
            self.gain += step;
        }
        self.gain = gain_then;
        self.allowed.rotate_left(1);
        self.allowed[HOPS_AHEAD - 1] = arriving;
    }

    /// The gain at the end of the leaving hop: as much as the release gives, low enough for this
    /// hop and the next, and on a straight way to every later one.
    fn gain_at_the_end(&self, leaving: f32, arriving: f32) -> f32 {
        let mut gain = (self.gain * RELEASE).min(1.0).min(leaving);
        let mut hops_until = 0.0;
        for allowed in self.allowed[1..].iter().chain([&arriving]) {
            hops_until += 1.0;
            gain = gain.min(self.gain + (allowed - self.gain) / hops_until);
        }
        gain
    }
}

#[cfg(test)]
mod tests {
    use convivium_testbed::meter::true_peak_db;
    use proptest::prelude::*;

    use super::*;

    fn limited(frames: &[[f32; FRAME]]) -> Vec<f32> {
        let mut limiter = Limiter::new();
        frames
            .iter()
            .flat_map(|frame| {
                let mut frame = *frame;
                limiter.limit(&mut frame);
                frame
            })
            .collect()
    }

    #[expect(clippy::cast_precision_loss, reason = "sample numbers are small")]
    fn sine(amplitude: f32, first: usize) -> [f32; FRAME] {
        std::array::from_fn(|n| amplitude * ((first + n) as f32 * 0.05).sin())
    }

    #[test]
    fn quiet_sound_passes_five_milliseconds_later_and_otherwise_unchanged() {
        let sound = [sine(0.5, 0), sine(0.5, FRAME)];

        let limited = limited(&sound);

        let whole = sound.as_flattened();
        assert!(
            limited[..LOOK_AHEAD]
                .iter()
                .all(|sample| sample.abs() < f32::EPSILON)
        );
        for (out, given) in limited[LOOK_AHEAD..].iter().zip(whole) {
            assert!((out - given).abs() < 1e-6);
        }
    }

    #[test]
    fn a_sudden_loud_voice_is_turned_down_before_it_comes_without_clipping() {
        let mut frames = vec![sine(0.1, 0); 1];
        frames.extend((1..10).map(|n| sine(4.0, n * FRAME)));

        let limited = limited(&frames);

        // The clamp is a guard against rounding: a flattened top would show as equal neighbours.
        let flat = limited
            .windows(2)
            .filter(|pair| pair[0].abs() > CEILING - 1e-4 && (pair[0] - pair[1]).abs() < 1e-7)
            .count();
        assert!(flat < 10, "{flat} samples clipped");
        let loudest = limited
            .iter()
            .fold(0.0_f32, |peak, sample| peak.max(sample.abs()));
        assert!(loudest > 0.8, "turned down too far: {loudest}");
    }

    #[test]
    fn no_burst_rises_above_full_scale_between_samples_wherever_it_begins() {
        for first in 960..960 + HOP {
            let mut frames = vec![[0.0; FRAME]; 3];
            let burst = &mut frames.as_flattened_mut()[first..first + 24];
            for (n, sample) in burst.iter_mut().enumerate() {
                // 12 kHz, sampled 45 degrees from its peaks, with a soft beginning and end.
                let phase = std::f32::consts::FRAC_PI_2 * (n as f32 + 0.5);
                let faded = (std::f32::consts::PI * (n as f32 + 0.5) / 24.0).sin();
                *sample = 6.0 * faded * phase.sin();
            }

            let peak = true_peak_db(&limited(&frames));

            assert!(peak <= -0.9, "{first}: {peak} dB");
        }
    }

    #[test]
    fn after_a_loud_moment_the_gain_comes_back_within_a_quarter_second_and_not_at_once() {
        let mut frames = vec![[2.0 * CEILING; FRAME]];
        frames.resize(16, [0.5; FRAME]);

        let gain: Vec<f32> = limited(&frames)[FRAME + LOOK_AHEAD..]
            .iter()
            .map(|sample| sample / 0.5)
            .collect();

        assert!((0.5..0.65).contains(&gain[20 * HOP]), "{}", gain[20 * HOP]);
        assert!((gain[250 * HOP] - 1.0).abs() < 1e-3, "{}", gain[250 * HOP]);
    }

    proptest! {
        #[test]
        fn nothing_leaves_above_the_ceiling(
            peaks in prop::collection::vec((0..FRAME * 6, -40.0_f32..40.0), 0..60)
        ) {
            let mut frames = vec![[0.0; FRAME]; 6];
            for (position, value) in peaks {
                frames.as_flattened_mut()[position] = value;
            }

            let limited = limited(&frames);

            prop_assert!(limited.iter().all(|sample| sample.abs() <= CEILING));
        }
    }
}
