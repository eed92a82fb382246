//! Keeps a sum of voices below full scale without distorting it.
//!
//! Works in hops of 1 ms. The gain runs in straight lines between hop borders; it sees the peaks of
//! the 5 ms to come, so it is down before a peak is there. Peaks are those of the sound, not of its
//! samples: what rises between two of them would clip where the sound is played.

use super::frame::Plane;
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

/// The sound of an ear, or of both, that has not left yet.
type Held = [f32; LOOK_AHEAD];

/// A look-ahead limiter of one lane. Both ears have the same gain: what is loud in one of them would
/// else pull everything towards the other.
#[derive(Debug)]
pub(super) struct Limiter {
    /// The last 5 ms put in.
    held: Held,
    /// The same of the right ear, if it hears something of its own.
    held_right: Option<Box<Held>>,
    /// The gain that each held hop allows, the next to leave first.
    allowed: [f32; HOPS_AHEAD],
    gain: f32,
}

impl Limiter {
    pub(super) const fn new() -> Self {
        Self {
            held: [0.0; LOOK_AHEAD],
            held_right: None,
            allowed: [1.0; HOPS_AHEAD],
            gain: 1.0,
        }
    }

    /// Go on with one ear for both, or with each for itself.
    pub(super) fn for_channels(&self, channels: usize) -> Self {
        let right = self.held_right.as_deref().unwrap_or(&self.held);
        let (mut held, mut held_right) = (self.held, None);
        if channels == 2 {
            held_right = Some(Box::new(*right));
        } else {
            for (both, right) in held.iter_mut().zip(right) {
                *both = both.midpoint(*right);
            }
        }
        Self {
            held,
            held_right,
            allowed: self.allowed,
            gain: self.gain,
        }
    }

    /// Replace `frame` by the limited sound of 5 ms before, every sample and all between
    /// them within ±`CEILING`; and so that of the right ear, if that hears something of its own.
    pub(super) fn limit(&mut self, frame: &mut Plane, mut right: Option<&mut Plane>) {
        delay(frame, &mut self.held);
        if let Some((right, held)) = right.as_deref_mut().zip(self.held_right.as_deref_mut()) {
            delay(right, held);
        }
        for hop in 0..FRAME / HOP {
            let mut arriving = arriving(frame, &self.held, hop);
            if let Some((right, held)) = right.as_deref().zip(self.held_right.as_deref()) {
                arriving = arriving.min(self::arriving(right, held, hop));
            }
            let gain_then = self.gain_at_the_end(self.allowed[0], arriving);
            let span = hop * HOP..(hop + 1) * HOP;
            leave(&mut frame[span.clone()], self.gain, gain_then);
            if let Some(right) = right.as_deref_mut() {
                leave(&mut right[span], self.gain, gain_then);
            }
            self.go_on(gain_then, arriving);
        }
    }

    fn go_on(&mut self, gain_then: f32, arriving: f32) {
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

fn delay(frame: &mut Plane, held: &mut Held) {
    frame.rotate_right(LOOK_AHEAD);
    frame[..LOOK_AHEAD].swap_with_slice(held);
}

/// The gain allowed by the hop that comes into sight when `hop` of the delayed frame leaves.
fn arriving(frame: &Plane, held: &Held, hop: usize) -> f32 {
    let ahead = (hop + HOPS_AHEAD) * HOP;
    // A hop leaves when it has been looked at, so what came before this one is as it was.
    let at = |n: usize| {
        if n < FRAME { frame[n] } else { held[n - FRAME] }
    };
    let sound: [f32; BEFORE + HOP] = std::array::from_fn(|n| at(ahead - BEFORE + n));
    let peak = true_peak(&sound, CEILING);
    if peak > CEILING { CEILING / peak } else { 1.0 }
}

fn leave(hop: &mut [f32], mut gain: f32, gain_then: f32) {
    let step = (gain_then - gain) / 48.0;
    for sample in hop {
        *sample = (*sample * gain).clamp(-CEILING, CEILING);
        gain += step;
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
                limiter.limit(&mut frame, None);
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
    fn both_ears_are_turned_down_alike() {
        let mut limiter = Limiter::new().for_channels(2);
        let (mut left, mut right) = (Vec::new(), Vec::new());
        for n in 0..10 {
            let mut loud = sine(if n < 5 { 0.1 } else { 4.0 }, n * FRAME);
            let mut soft = loud.map(|sample| sample / 10.0);
            limiter.limit(&mut loud, Some(&mut soft));
            left.extend_from_slice(&loud);
            right.extend_from_slice(&soft);
        }

        assert!(left.iter().all(|sample| sample.abs() <= CEILING));
        assert!(left.iter().any(|sample| sample.abs() > 0.8));
        for (left, right) in left.iter().zip(&right) {
            assert!((left - 10.0 * right).abs() < 1e-4, "{left} and {right}");
        }
    }

    #[test]
    fn a_limiter_goes_on_where_it_was_with_one_ear_more_or_less() {
        let whole = limited(&[sine(4.0, 0), sine(0.5, FRAME), sine(0.5, 2 * FRAME)]);
        let mut limiter = Limiter::new();
        let mut sound = Vec::new();
        for n in 0..3 {
            limiter = limiter.for_channels(1 + n % 2);
            let mut left = sine(if n == 0 { 4.0 } else { 0.5 }, n * FRAME);
            let mut right = left;
            limiter.limit(&mut left, (n == 1).then_some(&mut right));
            assert!(n != 1 || left.map(f32::to_bits) == right.map(f32::to_bits));
            sound.extend_from_slice(&left);
        }

        assert_eq!(sound, whole);
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
