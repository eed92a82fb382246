//! Short fades that keep cuts from clicking.

/// 5 ms: long enough not to click, short enough not to be missed from a word.
pub(super) const RAMP: usize = 240;

/// The share of the new sound at step `n` of `RAMP`, rising evenly from 0 to 1.
#[expect(clippy::cast_precision_loss, reason = "both numbers are below 241")]
pub(super) fn rise(n: usize) -> f32 {
    (n as f32 + 0.5) / RAMP as f32
}

/// Let the beginning of `sound` grow out of silence.
pub(super) fn fade_in(sound: &mut [f32]) {
    for (n, sample) in sound.iter_mut().take(RAMP).enumerate() {
        *sample *= rise(n);
    }
}

/// Let the beginning of `sound` die away; what follows the ramp is left alone.
pub(super) fn fade_out(sound: &mut [f32]) {
    for (n, sample) in sound.iter_mut().take(RAMP).enumerate() {
        *sample *= 1.0 - rise(n);
    }
}
