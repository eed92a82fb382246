//! A safe face on libopus: one encoder, one decoder, and what a packet says about itself.
//!
//! All sound is 48 kHz, `f32` in [-1, 1]; mono, but where it is said to be stereo. Nothing here knows of packets' order or time: see
//! `mix`. The C library is called in this module and nowhere else.
#![expect(
    unsafe_code,
    reason = "libopus is a C library; every call is wrapped here"
)]

mod decoder;
mod encoder;
mod packet;
mod repacketizer;

use std::ffi::CStr;

pub use decoder::Decoder;
pub use encoder::{Content, Encoder, Encoding};
pub use packet::PacketShape;
pub use repacketizer::{MAX_JOINED, Repacketizer};

/// Samples per second, and so also the ticks of the RTP clock (RFC 7587, 4.1).
pub const SAMPLE_RATE: u32 = 48_000;

/// Samples in the 20 ms frame in which everything is mixed and sent.
pub const FRAME: usize = 960;

/// The longest packet Opus allows, 120 ms (RFC 6716, 3.2.5), in samples.
pub const MAX_PACKET_SAMPLES: usize = 5_760;

/// The longest payload of one frame (RFC 6716, 3.4, R2) with its first byte.
pub const MAX_FRAME_BYTES: usize = 1_276;

/// What libopus refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("libopus could not {doing}: {}", reason(*code))]
pub struct OpusError {
    doing: &'static str,
    code: i32,
}

impl OpusError {
    /// A length as libopus takes it.
    fn length(doing: &'static str, length: usize) -> Result<i32, Self> {
        i32::try_from(length).map_err(|_| Self {
            doing,
            code: opusic_sys::OPUS_BAD_ARG,
        })
    }

    /// Turn a negative return code into an error, and anything else into a count.
    fn check(doing: &'static str, returned: i32) -> Result<usize, Self> {
        usize::try_from(returned).map_err(|_| Self {
            doing,
            code: returned,
        })
    }
}

fn reason(code: i32) -> &'static str {
    // SAFETY: opus_strerror takes any integer and returns a string constant of the library.
    let text = unsafe { CStr::from_ptr(opusic_sys::opus_strerror(code)) };
    text.to_str().unwrap_or("unknown error")
}
