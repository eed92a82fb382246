//! Several frames in one packet, without decoding or encoding anything (RFC 6716, 3.2.5).

use std::ptr::NonNull;

use opusic_sys as sys;

use super::OpusError;

/// The most 20 ms frames that one packet holds: 120 ms (RFC 6716, 3.2.5, R5).
pub const MAX_JOINED: usize = 6;

/// Joins packets of one frame each.
#[derive(Debug)]
pub struct Repacketizer {
    state: NonNull<sys::OpusRepacketizer>,
}

// SAFETY: the state is plain memory that belongs to this value alone; libopus keeps nothing per thread.
unsafe impl Send for Repacketizer {}

impl Repacketizer {
    /// Make a repacketizer.
    ///
    /// # Errors
    /// `OpusError` without memory.
    pub fn new() -> Result<Self, OpusError> {
        // SAFETY: the function takes nothing and gives null without memory.
        let state = NonNull::new(unsafe { sys::opus_repacketizer_create() });
        state.map(|state| Self { state }).ok_or(OpusError {
            doing: "make a repacketizer",
            code: sys::OPUS_ALLOC_FAIL,
        })
    }

    /// Join as many of the first packets as go into one, at most [`MAX_JOINED`], into `joined`.
    /// Gives how many went in, at least one, and how long the result is.
    ///
    /// Frames go into one packet only if they were encoded in the same mode and bandwidth
    /// (RFC 6716, 3.2); it ends where that changes.
    ///
    /// # Errors
    /// `OpusError` if the first is no packet, there is none, or `joined` is too short.
    pub fn join(
        &mut self,
        packets: &[impl AsRef<[u8]>],
        joined: &mut [u8],
    ) -> Result<(usize, usize), OpusError> {
        const DOING: &str = "join packets";
        // SAFETY: the state is valid; this forgets all packets it was given.
        unsafe { sys::opus_repacketizer_init(self.state.as_ptr()) };
        let mut taken = 0;
        for packet in packets.iter().take(MAX_JOINED) {
            let packet = packet.as_ref();
            let length = OpusError::length(DOING, packet.len())?;
            // SAFETY: pointer and length describe `packet`, which outlives the call that reads it
            // last, `opus_repacketizer_out` below.
            let code =
                unsafe { sys::opus_repacketizer_cat(self.state.as_ptr(), packet.as_ptr(), length) };
            match OpusError::check(DOING, code) {
                Ok(_) => taken += 1,
                Err(error) if taken == 0 => return Err(error),
                Err(_) => break,
            }
        }
        let room = OpusError::length(DOING, joined.len())?;
        // SAFETY: pointer and length describe `joined`; the packets given above are still there.
        let length =
            unsafe { sys::opus_repacketizer_out(self.state.as_ptr(), joined.as_mut_ptr(), room) };
        Ok((taken, OpusError::check(DOING, length)?))
    }
}

impl Drop for Repacketizer {
    fn drop(&mut self) {
        // SAFETY: the state came from opus_repacketizer_create and is destroyed once.
        unsafe { sys::opus_repacketizer_destroy(self.state.as_ptr()) };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::opus::{Decoder, Encoder, Encoding, FRAME, MAX_FRAME_BYTES, PacketShape};

    #[expect(clippy::cast_precision_loss, reason = "sample numbers are small")]
    fn hum(frames: usize) -> Vec<Vec<u8>> {
        let mut encoder = Encoder::new(Encoding::default()).unwrap();
        let mut packet = [0; MAX_FRAME_BYTES];
        (0..frames)
            .map(|number| {
                let sound: [f32; FRAME] =
                    std::array::from_fn(|n| 0.2 * ((number * FRAME + n) as f32 * 0.06).sin());
                encoder.encode(&sound, &mut packet).unwrap().to_vec()
            })
            .collect()
    }

    fn join(packets: &[Vec<u8>]) -> (usize, Vec<u8>) {
        let mut joined = [0; MAX_JOINED * MAX_FRAME_BYTES];
        let (taken, length) = Repacketizer::new()
            .unwrap()
            .join(packets, &mut joined)
            .unwrap();
        (taken, joined[..length].to_vec())
    }

    #[test]
    fn joined_frames_sound_as_they_did_one_by_one() {
        let packets = hum(6);
        let (taken, joined) = join(&packets);
        let (mut one, mut other) = (Decoder::new().unwrap(), Decoder::new().unwrap());
        let mut apart = Vec::new();
        for packet in &packets {
            let mut frame = [0.0; FRAME];
            one.decode(packet, &mut frame).unwrap();
            apart.extend_from_slice(&frame);
        }
        let mut together = vec![0.0; 6 * FRAME];
        other.decode(&joined, &mut together).unwrap();

        assert_eq!(taken, 6);
        assert_eq!(PacketShape::read(&joined).unwrap().samples, 6 * FRAME);
        assert_eq!(apart, together);
    }

    #[test]
    fn a_packet_ends_where_the_mode_changes_and_after_120_ms() {
        let mut packets = hum(8);
        assert_eq!(join(&packets).0, MAX_JOINED);

        // Configuration 31: CELT, full band, 20 ms; the encoder's packets are hybrid or SILK.
        packets.insert(2, vec![31 << 3, 1, 2, 3]);
        assert_eq!(join(&packets).0, 2);
        assert_eq!(join(&packets[2..]).0, 1);
    }

    #[test]
    fn what_is_no_packet_is_refused() {
        let mut joined = [0; 8];
        let mut repacketizer = Repacketizer::new().unwrap();
        let none: [&[u8]; 0] = [];

        assert!(repacketizer.join(&none, &mut joined).is_err());
        assert!(repacketizer.join(&[&[][..]], &mut joined).is_err());
        assert!(repacketizer.join(&hum(2), &mut joined[..3]).is_err());
    }
}
