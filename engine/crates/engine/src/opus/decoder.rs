//! One Opus decoder: packets in, or the news that one is missing; sound out.

use std::ffi::c_int;
use std::ptr::{self, NonNull};

use opusic_sys as sys;

use super::{MAX_PACKET_SAMPLES, OpusError, SAMPLE_RATE};

/// Forward error correction as libopus is told of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Take {
    Packet = 0,
    CopyOfPrevious = 1,
}

/// From this complexity on libopus makes up what is missing with a model of speech.
const MODEL_COMPLEXITY: c_int = 5;

/// A decoder to 48 kHz sound, mono or stereo, whatever the sender's channels, bandwidth and packet
/// time. Stereo sound has the samples of both ears by turns, the left one first.
///
/// What it gives is finite and within [-1, 1], whatever it was fed.
#[derive(Debug)]
pub struct Decoder {
    state: NonNull<sys::OpusDecoder>,
    channels: usize,
}

// SAFETY: the state is plain memory that belongs to this value alone; libopus keeps nothing per thread.
unsafe impl Send for Decoder {}

impl Decoder {
    /// Make a decoder to mono sound.
    ///
    /// # Errors
    /// `OpusError` without memory.
    pub fn new() -> Result<Self, OpusError> {
        Self::to_channels(1)
    }

    /// Make a decoder to stereo sound.
    ///
    /// # Errors
    /// `OpusError` without memory.
    pub fn stereo() -> Result<Self, OpusError> {
        Self::to_channels(2)
    }

    fn to_channels(channels: u8) -> Result<Self, OpusError> {
        let mut code = sys::OPUS_OK;
        let rate = SAMPLE_RATE.cast_signed();
        // SAFETY: rate and channels are among those allowed; `code` outlives the call.
        let state = unsafe { sys::opus_decoder_create(rate, channels.into(), &raw mut code) };
        let state = NonNull::new(state).ok_or(OpusError {
            doing: "make a decoder",
            code,
        })?;
        Ok(Self {
            state,
            channels: channels.into(),
        })
    }

    /// 1 or 2.
    #[must_use]
    pub const fn channels(&self) -> usize {
        self.channels
    }

    /// Decode a packet to the front of `sound`; returns the number of samples of each channel.
    ///
    /// # Errors
    /// `OpusError` if the payload is no Opus packet or `sound` is too short for it.
    pub fn decode(&mut self, payload: &[u8], sound: &mut [f32]) -> Result<usize, OpusError> {
        let room = sound.len().min(MAX_PACKET_SAMPLES * self.channels);
        self.run("decode a packet", payload, &mut sound[..room], Take::Packet)
    }

    /// Fill `sound` with what came before `next`, from the copy it carries (LBRR); what the copy
    /// does not reach is made up. The length of each channel must be a multiple of 120 samples, at
    /// most 5,760.
    ///
    /// # Errors
    /// `OpusError` if the payload is no Opus packet or the length is not allowed.
    pub fn recover(&mut self, next: &[u8], sound: &mut [f32]) -> Result<usize, OpusError> {
        self.run("recover a packet", next, sound, Take::CopyOfPrevious)
    }

    /// Fill `sound` with a guess of how the voice went on. The length of each channel must be a
    /// multiple of 120 samples, at most 5,760.
    ///
    /// # Errors
    /// `OpusError` if the length is not allowed.
    pub fn conceal(&mut self, sound: &mut [f32]) -> Result<usize, OpusError> {
        self.run("conceal a loss", &[], sound, Take::Packet)
    }

    /// Forget all sound.
    ///
    /// # Errors
    /// `OpusError` if libopus refuses.
    pub fn reset(&mut self) -> Result<(), OpusError> {
        // SAFETY: the state is valid and this request takes no argument.
        let code = unsafe { sys::opus_decoder_ctl(self.state.as_ptr(), sys::OPUS_RESET_STATE) };
        OpusError::check("reset a decoder", code).map(drop)
    }

    /// Let a model of speech make up what is missing from now on, or repeat what was, as a new
    /// decoder does. The model takes 0.65 ms where a loss begins and 0.15 ms for each 20 ms after,
    /// instead of 0.03; for music it is the wrong one.
    ///
    /// # Errors
    /// `OpusError` if libopus refuses.
    pub fn let_model(&mut self, on: bool) -> Result<(), OpusError> {
        let complexity = if on { MODEL_COMPLEXITY } else { 0 };
        // SAFETY: the state is valid and this request takes one integer.
        let code = unsafe {
            sys::opus_decoder_ctl(
                self.state.as_ptr(),
                sys::OPUS_SET_COMPLEXITY_REQUEST,
                complexity,
            )
        };
        OpusError::check("set a decoder", code).map(drop)
    }

    fn run(
        &mut self,
        doing: &'static str,
        payload: &[u8],
        sound: &mut [f32],
        take: Take,
    ) -> Result<usize, OpusError> {
        let data = if payload.is_empty() {
            ptr::null()
        } else {
            payload.as_ptr()
        };
        let bytes = OpusError::length(doing, payload.len())?;
        let room = OpusError::length(doing, sound.len() / self.channels)?;
        // SAFETY: the state is valid; `data` and `bytes` describe the payload (null and 0 mean a
        // lost packet) and `room` is the number of samples of each channel `sound` can take.
        let decoded = unsafe {
            sys::opus_decode_float(
                self.state.as_ptr(),
                data,
                bytes,
                sound.as_mut_ptr(),
                room,
                take as c_int,
            )
        };
        let samples = OpusError::check(doing, decoded)?;
        if !tame(&mut sound[..samples * self.channels]) {
            self.reset()?;
        }
        Ok(samples)
    }
}

/// Bring every sample into [-1, 1]; false if one was no finite number.
fn tame(sound: &mut [f32]) -> bool {
    let mut finite = true;
    for sample in sound {
        if sample.is_finite() {
            *sample = sample.clamp(-1.0, 1.0);
        } else {
            finite = false;
            *sample = 0.0;
        }
    }
    finite
}

impl Drop for Decoder {
    fn drop(&mut self) {
        // SAFETY: made by opus_decoder_create and destroyed once.
        unsafe { sys::opus_decoder_destroy(self.state.as_ptr()) }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::opus::{Encoder, Encoding, FRAME, MAX_FRAME_BYTES};

    fn rms(sound: &[f32]) -> f32 {
        #[expect(clippy::cast_precision_loss, reason = "a count of samples")]
        let count = sound.len() as f32;
        (sound.iter().map(|sample| sample * sample).sum::<f32>() / count).sqrt()
    }

    fn hum(frames: usize) -> Vec<Vec<u8>> {
        let mut encoder = Encoder::new(Encoding::default()).unwrap();
        let mut packet = [0; MAX_FRAME_BYTES];
        let frame = |number: usize| -> [f32; FRAME] {
            #[expect(clippy::cast_precision_loss, reason = "sample numbers are small")]
            std::array::from_fn(|n| 0.3 * ((number * FRAME + n) as f32 * 0.05).sin())
        };
        (0..frames)
            .map(|number| {
                encoder
                    .encode(&frame(number), &mut packet)
                    .unwrap()
                    .to_vec()
            })
            .collect()
    }

    #[test]
    fn sound_comes_back_at_its_level() {
        let mut decoder = Decoder::new().unwrap();
        let mut sound = [0.0; FRAME];

        for packet in hum(10) {
            assert_eq!(decoder.decode(&packet, &mut sound).unwrap(), FRAME);
        }

        assert!(
            (rms(&sound) - 0.3 / 2_f32.sqrt()).abs() < 0.02,
            "{}",
            rms(&sound)
        );
    }

    #[test]
    fn a_lost_packet_is_recovered_from_the_next_or_made_up() {
        let packets = hum(20);
        for recover in [true, false] {
            let mut decoder = Decoder::new().unwrap();
            let mut sound = [0.0; FRAME];
            for packet in &packets[..18] {
                decoder.decode(packet, &mut sound).unwrap();
            }

            let samples = if recover {
                decoder.recover(&packets[19], &mut sound)
            } else {
                decoder.conceal(&mut sound)
            };

            assert_eq!(samples.unwrap(), FRAME);
            assert!(
                (rms(&sound) - 0.21).abs() < 0.05,
                "recover {recover}: {}",
                rms(&sound)
            );
        }
    }

    /// What is made up for the three frames after fifteen.
    fn made_up(set_up: impl FnOnce(&mut Decoder)) -> Vec<f32> {
        let mut decoder = Decoder::new().unwrap();
        set_up(&mut decoder);
        let mut sound = vec![0.0; 3 * FRAME];
        for packet in &hum(15) {
            decoder.decode(packet, &mut sound).unwrap();
        }
        decoder.conceal(&mut sound).unwrap();
        sound
    }

    #[test]
    fn a_model_makes_up_something_else_and_only_where_it_is_asked_to() {
        let repeated = made_up(|_| {});

        let modelled = made_up(|decoder| decoder.let_model(true).unwrap());

        // Equal, if libopus was compiled without its models.
        assert!(modelled != repeated);
        let taken_back = made_up(|decoder| {
            decoder.let_model(true).unwrap();
            decoder.let_model(false).unwrap();
        });
        assert!(taken_back == repeated);
    }

    #[test]
    fn what_is_no_packet_is_refused_in_words() {
        let refused = Decoder::new()
            .unwrap()
            .decode(&[0xff, 0xff, 0xff], &mut [0.0; FRAME]);

        assert_eq!(
            refused.unwrap_err().to_string(),
            "libopus could not decode a packet: corrupted stream"
        );
    }

    #[test]
    fn numbers_that_are_none_become_silence() {
        let mut sound = [f32::NAN, f32::INFINITY, 7.0, -7.0, 0.5];

        assert!(!tame(&mut sound));
        assert_eq!(
            sound.map(f32::to_bits),
            [0.0_f32, 0.0, 1.0, -1.0, 0.5].map(f32::to_bits)
        );
        assert!(tame(&mut sound));
    }

    proptest! {
        #[test]
        fn random_payloads_give_finite_sound_within_full_scale(
            payloads in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..200), 1..8)
        ) {
            let mut decoder = Decoder::new().unwrap();
            let mut sound = vec![0.0; MAX_PACKET_SAMPLES];
            for payload in payloads {
                let samples = decoder.decode(&payload, &mut sound).unwrap_or(0);
                prop_assert!(sound[..samples].iter().all(|sample| sample.abs() <= 1.0));
            }
        }
    }
}
