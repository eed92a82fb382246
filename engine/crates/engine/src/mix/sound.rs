//! Decoded sound that has not been given yet, in one plane or two, and the decoder it comes from.

use super::frame::Frame;
use super::ramp::{RAMP, rise};
use crate::opus::{Content, Decoder, FRAME, OpusError};

/// A decoder listens along for so many packets before it takes over: after 80 ms it says the same as
/// one that has heard all.
const LISTENS_ALONG: u8 = 4;

/// Sound that waits, as the planes of a `Frame`.
#[derive(Debug, Default)]
pub(super) struct Sound {
    middle: Vec<f32>,
    /// As long as the middle, or empty.
    side: Vec<f32>,
}

impl Sound {
    /// With room for so many samples.
    pub(super) fn with_room(samples: usize) -> Self {
        Self {
            middle: Vec::with_capacity(samples),
            side: Vec::new(),
        }
    }

    pub(super) const fn len(&self) -> usize {
        self.middle.len()
    }

    pub(super) fn middle(&self) -> &[f32] {
        &self.middle
    }

    /// Empty if both ears hear the same.
    pub(super) fn side(&self) -> &[f32] {
        &self.side
    }

    /// The middle, and the side if there is one.
    pub(super) fn planes(&self) -> impl Iterator<Item = &[f32]> {
        let side = (!self.side.is_empty()).then_some(self.side.as_slice());
        std::iter::once(self.middle.as_slice()).chain(side)
    }

    pub(super) fn planes_mut(&mut self) -> impl Iterator<Item = &mut Vec<f32>> {
        let side = (!self.side.is_empty()).then_some(&mut self.side);
        std::iter::once(&mut self.middle).chain(side)
    }

    /// Let silence follow.
    pub(super) fn extend_silent(&mut self, samples: usize) {
        let length = self.len() + samples;
        self.planes_mut()
            .for_each(|plane| plane.resize(length, 0.0));
    }

    /// Give the first 20 ms away, silence where there is no more; false if there is only silence.
    pub(super) fn give(&mut self, frame: &mut Frame) -> bool {
        let ready = self.len().min(FRAME);
        take(&mut self.middle, frame.middle.as_mut_slice(), ready);
        if self.side.is_empty() {
            frame.narrow();
        } else {
            take(&mut self.side, frame.widen(), ready);
        }
        ready > 0
    }

    fn widen(&mut self) {
        self.side.resize(self.middle.len(), 0.0);
    }

    /// Forget a side in which there is nothing.
    fn narrow_if_same(&mut self) {
        if self
            .side
            .iter()
            .all(|sample| sample.abs() <= f32::MIN_POSITIVE)
        {
            self.side.clear();
        }
    }

    /// Let `samples` samples follow that `decoder` is to `fill` in; none if it fails.
    fn extend(
        &mut self,
        decoder: &mut Decoder,
        samples: usize,
        fill: impl FnOnce(&mut Decoder, &mut [f32]) -> Result<usize, OpusError>,
    ) -> Result<(), OpusError> {
        let before = self.len();
        self.middle
            .resize(before + decoder.channels() * samples, 0.0);
        let filled = fill(decoder, &mut self.middle[before..]);
        if filled.is_err() {
            self.middle.truncate(before);
            return filled.map(drop);
        }
        if decoder.channels() == 1 {
            self.narrow_if_same();
            if !self.side.is_empty() {
                self.widen();
            }
        } else {
            self.part(before, samples);
        }
        Ok(())
    }

    /// Part what was decoded to both ears by turns.
    fn part(&mut self, before: usize, samples: usize) {
        self.side.resize(before, 0.0);
        for n in 0..samples {
            let left = self.middle[before + 2 * n];
            let right = self.middle[before + 2 * n + 1];
            self.middle[before + n] = left.midpoint(right);
            self.side.push((left - right) / 2.0);
        }
        self.middle.truncate(before + samples);
    }

    /// Let the last `samples` samples pass into those of `other` within 5 ms.
    fn pass_into(&mut self, other: &Self, samples: usize) {
        if !other.side.is_empty() {
            self.widen();
        }
        let first = self.len() - samples;
        let others = [other.middle.as_slice(), other.side.as_slice()];
        for (plane, other) in self.planes_mut().zip(others) {
            for (n, sample) in plane[first..].iter_mut().enumerate() {
                let coming = other.get(n).copied().unwrap_or(0.0);
                *sample += (coming - *sample) * if n < RAMP { rise(n) } else { 1.0 };
            }
        }
    }
}

fn take(plane: &mut Vec<f32>, given: &mut [f32], ready: usize) {
    given[..ready].copy_from_slice(&plane[..ready]);
    given[ready..].fill(0.0);
    plane.drain(..ready);
}

/// One sender's decoder, to as many planes as there is to hear; another takes over without a step.
#[derive(Debug)]
pub(super) struct Decoding {
    decoder: Decoder,
    /// The decoder that is to take over, and how many packets it has heard.
    coming: Option<(Decoder, u8)>,
}

impl Decoding {
    pub(super) fn of(content: Content) -> Result<Self, OpusError> {
        Ok(Self {
            decoder: decoder_of(content)?,
            coming: None,
        })
    }

    /// Let a decoder for this content take over soon. Without memory all stays as it is.
    pub(super) fn turn_to(&mut self, content: Content) {
        self.coming = if self.decoder.channels() == content.channels() {
            None
        } else {
            decoder_of(content).ok().map(|decoder| (decoder, 0))
        };
    }

    /// Let a model of speech make up what is missing from now on, or only repeat what was.
    pub(super) fn let_model(&mut self, on: bool) -> Result<(), OpusError> {
        self.decoder.let_model(on)
    }

    /// Let the sound of a packet follow.
    pub(super) fn decode(
        &mut self,
        payload: &[u8],
        samples: usize,
        sound: &mut Sound,
    ) -> Result<(), OpusError> {
        sound.extend(&mut self.decoder, samples, |decoder, room| {
            decoder.decode(payload, room)
        })?;
        self.listen_along(payload, samples, sound);
        Ok(())
    }

    /// Let what came before `next` follow, from the copy it carries.
    pub(super) fn recover(
        &mut self,
        next: &[u8],
        samples: usize,
        sound: &mut Sound,
    ) -> Result<(), OpusError> {
        self.lose_touch();
        sound.extend(&mut self.decoder, samples, |decoder, room| {
            decoder.recover(next, room)
        })
    }

    /// Let a guess follow of how it went on.
    pub(super) fn conceal(&mut self, samples: usize, sound: &mut Sound) -> Result<(), OpusError> {
        self.lose_touch();
        sound.extend(&mut self.decoder, samples, Decoder::conceal)
    }

    /// A decoder that listens along has to hear an unbroken stretch.
    const fn lose_touch(&mut self) {
        if let Some((_, heard)) = &mut self.coming {
            *heard = 0;
        }
    }

    fn listen_along(&mut self, payload: &[u8], samples: usize, sound: &mut Sound) {
        let Some((decoder, heard)) = &mut self.coming else {
            return;
        };
        let mut tried = Sound::default();
        let along = tried.extend(decoder, samples, |decoder, room| {
            decoder.decode(payload, room)
        });
        *heard = if along.is_ok() { *heard + 1 } else { 0 };
        if *heard > LISTENS_ALONG {
            sound.pass_into(&tried, samples);
            if let Some((decoder, _)) = self.coming.take() {
                self.decoder = decoder;
            }
        }
    }
}

fn decoder_of(content: Content) -> Result<Decoder, OpusError> {
    match content {
        Content::Voices => Decoder::new(),
        Content::Music => Decoder::stereo(),
    }
}

#[cfg(test)]
impl Sound {
    pub(super) const fn of_planes(middle: Vec<f32>, side: Vec<f32>) -> Self {
        Self { middle, side }
    }
}

#[cfg(test)]
impl From<Vec<f32>> for Sound {
    fn from(middle: Vec<f32>) -> Self {
        Self {
            middle,
            side: Vec::new(),
        }
    }
}
