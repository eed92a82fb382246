//! What an Opus packet says about itself before anybody decodes it (RFC 6716, 3).

use super::{MAX_PACKET_SAMPLES, SAMPLE_RATE};

/// The outside of a packet: enough to place it in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PacketShape {
    /// How long it sounds, 120 to 5,760 samples.
    pub samples: usize,
    /// It also carries a poorer copy of the packet before it (LBRR, RFC 6716, 2.1.7).
    pub carries_previous: bool,
    /// It says "nothing to hear": a frame without content, sent now and then in DTX (RFC 6716, 2.1.9).
    pub is_silence: bool,
}

impl PacketShape {
    /// Read the shape of `payload`, or nothing if it is no Opus packet.
    #[must_use]
    pub fn read(payload: &[u8]) -> Option<Self> {
        let length = i32::try_from(payload.len())
            .ok()
            .filter(|length| *length > 0)?;
        // SAFETY: pointer and length describe `payload`; the function reads no further.
        let samples = unsafe {
            opusic_sys::opus_packet_get_nb_samples(
                payload.as_ptr(),
                length,
                SAMPLE_RATE.cast_signed(),
            )
        };
        let samples = usize::try_from(samples).ok()?;
        if samples == 0 || samples > MAX_PACKET_SAMPLES {
            return None;
        }
        // SAFETY: as above; a malformed packet gives a negative number.
        let lbrr = unsafe { opusic_sys::opus_packet_has_lbrr(payload.as_ptr(), length) };
        (lbrr >= 0).then_some(Self {
            samples,
            carries_previous: lbrr == 1,
            is_silence: payload.len() <= 2,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lone_first_byte_is_twenty_milliseconds_of_silence() {
        // Configuration 15: hybrid, full band, 20 ms; one mono frame (RFC 6716, 3.1).
        let shape = PacketShape::read(&[15 << 3]).expect("one byte is a packet");

        assert_eq!(
            shape,
            PacketShape {
                samples: 960,
                carries_previous: false,
                is_silence: true
            }
        );
    }

    #[test]
    fn what_is_no_packet_has_no_shape() {
        assert_eq!(PacketShape::read(&[]), None);
        // Code 3 with a count of zero frames (RFC 6716, 3.2.5, R5).
        assert_eq!(PacketShape::read(&[(15 << 3) | 3, 0]), None);
        // 49 frames of 2.5 ms are more than 120 ms.
        assert_eq!(PacketShape::read(&[(28 << 3) | 3, 49, 0, 0]), None);
    }
}
