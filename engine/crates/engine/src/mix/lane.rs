//! One encoded stream: what is mixed for it goes through a limiter and an encoder of its own.

use std::sync::Arc;

use super::limiter::Limiter;
use crate::opus::{Encoder, Encoding, FRAME, MAX_FRAME_BYTES, OpusError};

/// Samples below -70 dBFS are silence.
const SILENT: f32 = 3.2e-4;

/// 200 ms of silence are still encoded, so that every decoder comes to rest before the stream pauses.
const ENCODED_SILENCE: u8 = 10;

/// Frames that must not lean on those before, when a decoder comes from another lane: the first
/// settles the decoder, the second what SILK carries over two frames.
const INDEPENDENT_FRAMES: u8 = 2;

/// First byte of a 20 ms hybrid packet of one mono frame (RFC 6716, 3.1): alone it means silence.
const SILENT_PACKET: u8 = 15 << 3;

/// Limiter and encoder of one lane.
#[derive(Debug)]
pub(super) struct Lane {
    limiter: Limiter,
    encoder: Encoder,
    silent_frames: u8,
    independent_frames: u8,
    cut: bool,
    silent_packet: Arc<[u8]>,
}

impl Lane {
    pub(super) fn new() -> Result<Self, OpusError> {
        Ok(Self {
            limiter: Limiter::new(),
            encoder: Encoder::new(Encoding::default())?,
            silent_frames: u8::MAX,
            independent_frames: 0,
            cut: false,
            silent_packet: Arc::new([SILENT_PACKET]),
        })
    }

    /// Nothing has sounded for 200 ms: the stream may pause.
    pub(super) const fn is_silent(&self) -> bool {
        self.silent_frames > ENCODED_SILENCE
    }

    /// Encode the next 20 ms of `sum`, which leave the limiter 5 ms later.
    pub(super) fn encode(&mut self, sum: &[f32; FRAME]) -> Arc<[u8]> {
        let mut frame = *sum;
        self.limiter.limit(&mut frame);
        let silent = frame.iter().all(|sample| sample.abs() < SILENT);
        self.silent_frames = if silent {
            self.silent_frames.saturating_add(1)
        } else {
            0
        };
        if self.is_silent() {
            return Arc::clone(&self.silent_packet);
        }
        // libopus fails for want of room or by a wrong argument; neither is possible here.
        self.encode_limited(&frame)
            .unwrap_or_else(|_| Arc::clone(&self.silent_packet))
    }

    fn encode_limited(&mut self, frame: &[f32; FRAME]) -> Result<Arc<[u8]>, OpusError> {
        let mut packet = [0; MAX_FRAME_BYTES];
        self.encoder
            .set_redundancy(!std::mem::take(&mut self.cut))?;
        self.encoder.set_prediction(self.independent_frames == 0)?;
        self.independent_frames = self.independent_frames.saturating_sub(1);
        self.encoder.encode(frame, &mut packet).map(Arc::from)
    }

    /// Make ready for a decoder that has heard `past`, the last 40 ms, from another lane.
    pub(super) fn warmed_up(mut self, past: &[[f32; FRAME]; 2]) -> Result<Self, OpusError> {
        self.encoder.reset()?;
        self.limiter = Limiter::new();
        self.silent_frames = u8::MAX;
        for frame in past {
            self.encode(frame);
        }
        self.welcome();
        Ok(self)
    }

    /// Let the next frames be such that decoders from another lane follow them at once.
    pub(super) const fn welcome(&mut self) {
        self.independent_frames = INDEPENDENT_FRAMES;
    }

    /// Let the next frame be the last that holds anything of what was mixed so far.
    ///
    /// The limiter gives its 5 ms away in it, and what the encoder looks ahead (6.5 ms) lies behind
    /// those. Left are the copy of it in the frame after, which is not made, and the prediction
    /// from it, which is not used.
    pub(super) const fn cut(&mut self) {
        self.cut = true;
        self.independent_frames = INDEPENDENT_FRAMES;
    }
}
