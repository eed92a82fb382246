//! One encoded stream: what is mixed for it goes through a limiter and an encoder of its own.

use std::sync::Arc;

use super::frame::{Frame, Plane};
use super::limiter::Limiter;
use crate::opus::{Content, Encoder, Encoding, FRAME, MAX_FRAME_BYTES, OpusError};

/// Samples below -70 dBFS are silence; in music, where a note may die away, below -96, which is what
/// 16 bits can tell from nothing.
const SILENT: f32 = 3.2e-4;
const SILENT_MUSIC: f32 = 1.5e-5;

/// 200 ms of silence are still encoded, so that every decoder comes to rest before the stream pauses.
const ENCODED_SILENCE: u8 = 10;

/// Frames that a lane wants to hear before it comes into use: 80 ms.
pub(super) const WARM_UP: usize = 4;

/// First byte of a 20 ms hybrid packet of one mono frame (RFC 6716, 3.1): alone it means silence.
const SILENT_PACKET: u8 = 15 << 3;
/// The same of a stereo frame for music: CELT, full band.
const SILENT_MUSIC_PACKET: u8 = (31 << 3) | 4;

/// Limiter and encoder of one lane.
#[derive(Debug)]
pub(super) struct Lane {
    limiter: Limiter,
    /// What was encoded last.
    limited: Box<Plane>,
    /// The same for the right ear, where there is music.
    limited_right: Option<Box<Plane>>,
    encoding: Encoding,
    encoder: Encoder,
    silent_frames: u8,
    /// The next frame leaves no copy of itself in the one after.
    without_copy: bool,
    /// The next frame does not lean on those before it.
    independent: bool,
    silent_packet: Arc<[u8]>,
}

impl Lane {
    pub(super) fn new(encoding: Encoding) -> Result<Self, OpusError> {
        let plane = || Box::new([0.0; FRAME]);
        let (limited_right, silent_packet) = match encoding.content {
            Content::Voices => (None, SILENT_PACKET),
            Content::Music => (Some(plane()), SILENT_MUSIC_PACKET),
        };
        Ok(Self {
            limiter: Limiter::new().for_channels(encoding.content.channels()),
            limited: plane(),
            limited_right,
            encoding,
            encoder: Encoder::new(encoding)?,
            silent_frames: u8::MAX,
            without_copy: false,
            independent: false,
            silent_packet: Arc::new([silent_packet]),
        })
    }

    /// What it is made for.
    pub(super) const fn content(&self) -> Content {
        self.encoding.content
    }

    /// Make the lane that goes on from this one, which was given `past` last, with other content. A
    /// decoder finds its first frame independent of all before, and fades from one to the other.
    pub(super) fn turned_to(
        &self,
        content: Content,
        past: &[Frame; WARM_UP],
    ) -> Result<Self, OpusError> {
        let encoding = Encoding {
            complexity: self.encoding.complexity,
            expected_loss_percent: self.encoding.expected_loss_percent,
            ..Encoding::of(content)
        };
        let mut lane = Self::new(encoding)?.warmed_up(past)?;
        lane.limiter = self.limiter.for_channels(content.channels());
        lane.silent_frames = self.silent_frames;
        lane.independent = true;
        Ok(lane)
    }

    /// Encode for this share of packets lost, 0 to 100 %.
    pub(super) fn set_expected_loss(&mut self, percent: u8) -> Result<(), OpusError> {
        self.encoder.set_expected_loss(percent)?;
        self.encoding.expected_loss_percent = percent;
        Ok(())
    }

    /// Let the encoder search so hard for the best bits, from the next frame on.
    pub(super) fn set_complexity(&mut self, complexity: u8) {
        // It refuses only what is out of range, and then goes on as before.
        if self.encoder.set_complexity(complexity).is_ok() {
            self.encoding.complexity = complexity;
        }
    }

    /// Nothing has sounded for 200 ms: the stream may pause.
    pub(super) const fn is_silent(&self) -> bool {
        self.silent_frames > ENCODED_SILENCE
    }

    /// Encode the next 20 ms of `sum`, which leave the limiter 5 ms later.
    pub(super) fn encode(&mut self, sum: &Frame) -> Arc<[u8]> {
        self.take(sum);
        self.limiter
            .limit(&mut self.limited, self.limited_right.as_deref_mut());
        self.silent_frames = if self.is_frame_silent() {
            self.silent_frames.saturating_add(1)
        } else {
            0
        };
        if self.is_silent() {
            return Arc::clone(&self.silent_packet);
        }
        // libopus fails for want of room or by a wrong argument; neither is possible here.
        self.encode_limited()
            .unwrap_or_else(|_| Arc::clone(&self.silent_packet))
    }

    /// Take what each ear hears of it.
    fn take(&mut self, sum: &Frame) {
        let Some(right) = &mut self.limited_right else {
            *self.limited = *sum.middle;
            return;
        };
        let ears = self.limited.iter_mut().zip(right.iter_mut());
        for (ears, heard) in ears.zip(sum.left_and_right()) {
            (*ears.0, *ears.1) = heard;
        }
    }

    fn is_frame_silent(&self) -> bool {
        let level = match self.content() {
            Content::Voices => SILENT,
            Content::Music => SILENT_MUSIC,
        };
        let right = self.limited_right.iter().flat_map(|plane| plane.iter());
        self.limited
            .iter()
            .chain(right)
            .all(|sample| sample.abs() < level)
    }

    /// The sound behind the last packet.
    #[cfg(test)]
    pub(super) const fn limited(&self) -> &[f32; FRAME] {
        &self.limited
    }

    fn encode_limited(&mut self) -> Result<Arc<[u8]>, OpusError> {
        let mut packet = [0; MAX_FRAME_BYTES];
        self.encoder.set_redundancy(!self.without_copy)?;
        self.encoder.set_prediction(!self.independent)?;
        self.independent = std::mem::take(&mut self.without_copy);
        let Some(right) = &self.limited_right else {
            return self
                .encoder
                .encode(self.limited.as_slice(), &mut packet)
                .map(Arc::from);
        };
        let mut by_turns = [0.0; 2 * FRAME];
        let (pairs, _) = by_turns.as_chunks_mut::<2>();
        for (pair, ears) in pairs.iter_mut().zip(self.limited.iter().zip(right.iter())) {
            *pair = [*ears.0, *ears.1];
        }
        self.encoder.encode(&by_turns, &mut packet).map(Arc::from)
    }

    /// Make ready for a decoder that has heard `past` from another lane.
    ///
    /// An encoder that has heard the same 80 ms agrees with it: a change leaves less than -45 dB of a
    /// voice of -20 dB, where frames without prediction leave -43 and an encoder warm for 40 ms -29.
    pub(super) fn warmed_up(mut self, past: &[Frame; WARM_UP]) -> Result<Self, OpusError> {
        self.encoder.reset()?;
        self.limiter = Limiter::new().for_channels(self.content().channels());
        self.silent_frames = u8::MAX;
        self.without_copy = false;
        self.independent = false;
        for frame in past {
            self.encode(frame);
        }
        Ok(self)
    }

    /// Let the next frame be the last that holds anything of what was mixed so far.
    ///
    /// The limiter gives its 5 ms away in it, and what the encoder looks ahead (6.5 ms) lies behind
    /// those. Left are the copy of it in the frame after, which is not made, and the prediction
    /// from it, which is not used: that makes a frame rougher, so it is not done otherwise.
    pub(super) const fn cut(&mut self) {
        self.without_copy = true;
    }
}
