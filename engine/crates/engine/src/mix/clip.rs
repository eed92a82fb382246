//! A source that is played from memory: one Opus packet of 20 ms each tick.

use std::vec::IntoIter;

use crate::opus::{Decoder, FRAME, OpusError};

/// What is still to be played of a clip.
#[derive(Debug)]
pub(super) struct Clip {
    packets: IntoIter<Box<[u8]>>,
    decoder: Decoder,
}

impl Clip {
    pub(super) fn new(packets: Vec<Box<[u8]>>) -> Result<Self, OpusError> {
        Ok(Self {
            packets: packets.into_iter(),
            decoder: Decoder::new()?,
        })
    }

    /// Give the next 20 ms, silence for a packet that cannot be read; false when the clip is over.
    pub(super) fn give(&mut self, frame: &mut [f32; FRAME]) -> bool {
        let Some(packet) = self.packets.next() else {
            return false;
        };
        let decoded = self.decoder.decode(&packet, frame).unwrap_or(0);
        frame[decoded..].fill(0.0);
        true
    }
}
