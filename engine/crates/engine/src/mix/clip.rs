//! A source that is played from memory: one Opus packet of 20 ms each tick.

use std::vec::IntoIter;

use super::frame::Frame;
use super::sound::{Decoding, Sound};
use crate::opus::{Content, FRAME, OpusError, PacketShape};

/// What is still to be played of a clip.
#[derive(Debug)]
pub(super) struct Clip {
    packets: IntoIter<Box<[u8]>>,
    decoding: Decoding,
    sound: Sound,
}

impl Clip {
    pub(super) fn new(packets: Vec<Box<[u8]>>, content: Content) -> Result<Self, OpusError> {
        Ok(Self {
            packets: packets.into_iter(),
            decoding: Decoding::of(content)?,
            sound: Sound::with_room(2 * FRAME),
        })
    }

    /// Let it be heard as this from soon on, without a step.
    pub(super) fn turn_to(&mut self, content: Content) {
        self.decoding.turn_to(content);
    }

    /// Give the next 20 ms, silence for a packet that cannot be read; false when the clip is over.
    pub(super) fn give(&mut self, frame: &mut Frame) -> bool {
        let Some(packet) = self.packets.next() else {
            return false;
        };
        let shape = PacketShape::read(&packet);
        if let Some(shape) = shape.filter(|shape| shape.samples <= FRAME) {
            // What cannot be decoded is silence.
            let _ = self
                .decoding
                .decode(&packet, shape.samples, &mut self.sound);
        }
        self.sound.give(frame);
        true
    }
}
