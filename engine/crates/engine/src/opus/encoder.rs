//! One Opus encoder: sound in, packets out.

use std::ffi::c_int;
use std::ptr::NonNull;

use opusic_sys as sys;

use super::{MAX_FRAME_BYTES, OpusError, SAMPLE_RATE};

/// What is to be encoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Content {
    /// Mono, and each packet has a copy of the frame before it (RFC 6716, 2.1.7).
    #[default]
    Voices,
    /// Stereo. The codec for music (CELT) makes no copies.
    Music,
}

impl Content {
    /// 1 or 2.
    #[must_use]
    pub const fn channels(self) -> usize {
        match self {
            Self::Voices => 1,
            Self::Music => 2,
        }
    }
}

/// How an encoder spends bits and time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Encoding {
    /// What it is made for.
    pub content: Content,
    /// Bits per second, 6,000 to 128,000, kept on average over a short while (constrained VBR).
    pub bitrate: u32,
    /// 0 (quick) to 10 (best).
    pub complexity: u8,
    /// The share of packets expected to be lost, 0 to 100 %: how much goes into the copy of the frame before.
    pub expected_loss_percent: u8,
}

impl Default for Encoding {
    /// Speech at 32 kb/s: 0.13 ms per frame, and one lost packet in ten is made good.
    fn default() -> Self {
        Self {
            content: Content::Voices,
            bitrate: 32_000,
            complexity: 5,
            expected_loss_percent: 10,
        }
    }
}

impl Encoding {
    /// What each content is encoded with: voices as by default, music in stereo at 128 kb/s.
    #[must_use]
    pub fn of(content: Content) -> Self {
        let bitrate = match content {
            Content::Voices => Self::default().bitrate,
            Content::Music => 128_000,
        };
        Self {
            content,
            bitrate,
            ..Self::default()
        }
    }
}

/// An encoder of 48 kHz sound. Stereo sound has the samples of both ears by turns, the left one
/// first.
#[derive(Debug)]
pub struct Encoder {
    state: NonNull<sys::OpusEncoder>,
    content: Content,
}

// SAFETY: the state is plain memory that belongs to this value alone; libopus keeps nothing per thread.
unsafe impl Send for Encoder {}

impl Encoder {
    /// Make an encoder.
    ///
    /// # Errors
    /// `OpusError` without memory, or if a setting lies outside its range.
    pub fn new(encoding: Encoding) -> Result<Self, OpusError> {
        let mut code = sys::OPUS_OK;
        let (channels, application) = match encoding.content {
            Content::Voices => (1, sys::OPUS_APPLICATION_VOIP),
            Content::Music => (2, sys::OPUS_APPLICATION_AUDIO),
        };
        let rate = SAMPLE_RATE.cast_signed();
        // SAFETY: rate, channels and application are among those allowed; `code` outlives the call.
        let state = unsafe { sys::opus_encoder_create(rate, channels, application, &raw mut code) };
        let state = NonNull::new(state).ok_or(OpusError {
            doing: "make an encoder",
            code,
        })?;
        let mut encoder = Self {
            state,
            content: encoding.content,
        };
        if encoding.content == Content::Music {
            encoder.set(sys::OPUS_SET_SIGNAL_REQUEST, sys::OPUS_SIGNAL_MUSIC)?;
        }
        encoder.set(
            sys::OPUS_SET_BITRATE_REQUEST,
            encoding.bitrate.cast_signed(),
        )?;
        encoder.set_complexity(encoding.complexity)?;
        encoder.set_expected_loss(encoding.expected_loss_percent)?;
        encoder.set(sys::OPUS_SET_VBR_REQUEST, 1)?;
        encoder.set(sys::OPUS_SET_VBR_CONSTRAINT_REQUEST, 1)?;
        encoder.set(sys::OPUS_SET_DTX_REQUEST, 0)?;
        encoder.set_redundancy(true)?;
        Ok(encoder)
    }

    /// What it was made for.
    #[must_use]
    pub const fn content(&self) -> Content {
        self.content
    }

    /// Encode 2.5, 5, 10, 20, 40 or 60 ms of sound into `packet`; returns the payload.
    ///
    /// # Errors
    /// `OpusError` for another length; the encoder may be used again.
    pub fn encode<'p>(
        &mut self,
        sound: &[f32],
        packet: &'p mut [u8; MAX_FRAME_BYTES],
    ) -> Result<&'p [u8], OpusError> {
        let samples = OpusError::length("encode a frame", sound.len() / self.content.channels())?;
        let room = OpusError::length("encode a frame", packet.len())?;
        // SAFETY: the state is valid; `samples` of each channel are in `sound`, and `room` is the
        // length of `packet`.
        let written = unsafe {
            sys::opus_encode_float(
                self.state.as_ptr(),
                sound.as_ptr(),
                samples,
                packet.as_mut_ptr(),
                room,
            )
        };
        let length = OpusError::check("encode a frame", written)?;
        Ok(&packet[..length])
    }

    /// Let each packet carry a copy of the frame before it, or not: holds from the frame encoded
    /// next. Music has no copies: an encoder that is to make them chooses the codec for voices.
    ///
    /// # Errors
    /// `OpusError` if libopus refuses.
    pub fn set_redundancy(&mut self, on: bool) -> Result<(), OpusError> {
        let on = on && self.content == Content::Voices;
        self.set(sys::OPUS_SET_INBAND_FEC_REQUEST, on.into())
    }

    /// Expect this share of packets to be lost, 0 to 100 %: the more, the better the copy in each
    /// packet of the frame before, and the poorer the frame itself.
    ///
    /// # Errors
    /// `OpusError` above 100.
    pub fn set_expected_loss(&mut self, percent: u8) -> Result<(), OpusError> {
        self.set(sys::OPUS_SET_PACKET_LOSS_PERC_REQUEST, percent.into())
    }

    /// How much time is spent on each frame, 0 (quick) to 10 (best): holds from the frame encoded next.
    ///
    /// # Errors
    /// `OpusError` if libopus refuses.
    pub fn set_complexity(&mut self, complexity: u8) -> Result<(), OpusError> {
        self.set(sys::OPUS_SET_COMPLEXITY_REQUEST, complexity.into())
    }

    /// Let frames lean on those before them, or make them (almost) independent: for a decoder
    /// that comes from another encoder's stream.
    ///
    /// # Errors
    /// `OpusError` if libopus refuses.
    pub fn set_prediction(&mut self, on: bool) -> Result<(), OpusError> {
        self.set(sys::OPUS_SET_PREDICTION_DISABLED_REQUEST, (!on).into())
    }

    /// Forget all sound; the settings stay.
    ///
    /// # Errors
    /// `OpusError` if libopus refuses.
    pub fn reset(&mut self) -> Result<(), OpusError> {
        // SAFETY: the state is valid and this request takes no argument.
        let code = unsafe { sys::opus_encoder_ctl(self.state.as_ptr(), sys::OPUS_RESET_STATE) };
        OpusError::check("reset an encoder", code).map(drop)
    }

    fn set(&mut self, request: c_int, value: c_int) -> Result<(), OpusError> {
        // SAFETY: the state is valid and every request passed here takes one opus_int32.
        let code = unsafe { sys::opus_encoder_ctl(self.state.as_ptr(), request, value) };
        OpusError::check("set up an encoder", code).map(drop)
    }
}

impl Drop for Encoder {
    fn drop(&mut self) {
        // SAFETY: made by opus_encoder_create and destroyed once.
        unsafe { sys::opus_encoder_destroy(self.state.as_ptr()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::opus::{FRAME, PacketShape};

    #[expect(clippy::cast_precision_loss, reason = "sample numbers are small")]
    fn hum(first_sample: usize) -> [f32; FRAME] {
        std::array::from_fn(|n| 0.3 * ((first_sample + n) as f32 * 0.05).sin())
    }

    fn packets(encoder: &mut Encoder, count: usize) -> Vec<Vec<u8>> {
        let mut packet = [0; MAX_FRAME_BYTES];
        (0..count)
            .map(|n| {
                encoder
                    .encode(&hum(n * FRAME), &mut packet)
                    .unwrap()
                    .to_vec()
            })
            .collect()
    }

    #[test]
    fn every_packet_lasts_twenty_milliseconds_and_the_bitrate_is_kept() {
        let mut encoder = Encoder::new(Encoding::default()).unwrap();

        let packets = packets(&mut encoder, 250);

        for packet in &packets {
            assert_eq!(PacketShape::read(packet).unwrap().samples, FRAME);
        }
        let bits_per_second = packets.iter().map(Vec::len).sum::<usize>() * 8 / 5;
        assert!(
            (20_000..40_000).contains(&bits_per_second),
            "{bits_per_second}"
        );
    }

    #[test]
    fn music_is_stereo_and_has_four_times_the_bits_and_no_copies() {
        let mut encoder = Encoder::new(Encoding::of(Content::Music)).unwrap();
        encoder.set_expected_loss(30).unwrap();
        let mut noise = 1_u32;
        let mut packet = [0; MAX_FRAME_BYTES];
        let packets: Vec<_> = (0..250)
            .map(|_| {
                let sound: [f32; 2 * FRAME] = std::array::from_fn(|_| {
                    noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                    0.2 * ((noise >> 8) as f32 / 8_388_608.0 - 1.0)
                });
                encoder.encode(&sound, &mut packet).unwrap().to_vec()
            })
            .collect();

        for packet in &packets {
            let shape = PacketShape::read(packet).unwrap();
            assert_eq!((shape.samples, shape.carries_previous), (FRAME, false));
            // CELT, full band, 20 ms, stereo (RFC 6716, 3.1).
            assert_eq!(packet[0], (31 << 3) | 4);
        }
        let bits_per_second = packets.iter().map(Vec::len).sum::<usize>() * 8 / 5;
        assert!(
            (120_000..136_000).contains(&bits_per_second),
            "{bits_per_second}"
        );
    }

    #[test]
    fn redundancy_can_be_left_out_of_the_packet_after_the_next() {
        let mut encoder = Encoder::new(Encoding::default()).unwrap();
        packets(&mut encoder, 20);

        encoder.set_redundancy(false).unwrap();
        let without_copy = packets(&mut encoder, 2).pop().unwrap();
        encoder.set_redundancy(true).unwrap();
        let with_copy = packets(&mut encoder, 3).pop().unwrap();

        assert!(!PacketShape::read(&without_copy).unwrap().carries_previous);
        assert!(PacketShape::read(&with_copy).unwrap().carries_previous);
    }

    #[test]
    fn a_reset_encoder_forgets_what_it_heard() {
        let after = |heard: usize| {
            let mut encoder = Encoder::new(Encoding::default()).unwrap();
            packets(&mut encoder, heard);
            encoder.reset().unwrap();
            packets(&mut encoder, 3)
        };

        assert_eq!(after(50), after(7));
    }

    #[test]
    fn only_lengths_of_opus_frames_are_taken() {
        let mut encoder = Encoder::new(Encoding::default()).unwrap();
        let mut packet = [0; MAX_FRAME_BYTES];

        for samples in [120, 240, 480, 960, 1_920, 2_880] {
            let payload = encoder.encode(&vec![0.1; samples], &mut packet).unwrap();
            assert_eq!(PacketShape::read(payload).unwrap().samples, samples);
        }
        for samples in [0, 100, 961] {
            assert!(encoder.encode(&vec![0.1; samples], &mut packet).is_err());
        }
    }

    #[test]
    fn settings_out_of_range_are_refused() {
        let refused = Encoder::new(Encoding {
            complexity: 11,
            ..Encoding::default()
        });

        assert_eq!(
            refused.unwrap_err().to_string(),
            "libopus could not set up an encoder: invalid argument"
        );
    }
}
