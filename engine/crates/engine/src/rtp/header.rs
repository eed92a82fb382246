//! The RTP header (RFC 3550, 5.1). The engine sends no header extension and reads none.

/// Contributing sources in one header.
pub const MAX_CSRC: usize = 15;
/// Octets of the longest header the engine writes.
pub const MAX_HEADER: usize = FIXED + 4 * MAX_CSRC;

const FIXED: usize = 12;
const VERSION: u8 = 2 << 6;
const PADDING: u8 = 1 << 5;
const EXTENSION: u8 = 1 << 4;
const MARKER: u8 = 1 << 7;

/// What is said in a header beside SSRC and sequence number, which belong to the lane.
#[derive(Debug, Clone, Copy)]
pub struct Header<'c> {
    /// The payload type that the receiver's offer named.
    pub payload_type: u8,
    /// Set on the first packet after a silence (RFC 3551, 4.1).
    pub marker: bool,
    /// When the payload is to be heard, in 1/48,000 s.
    pub timestamp: u32,
    /// Who is heard in the payload; at most [`MAX_CSRC`].
    pub csrc: &'c [u32],
}

impl Header<'_> {
    /// Write the header; returns its length, or `None` when there is no room or too many sources.
    pub(crate) fn write(&self, ssrc: u32, sequence: u16, packet: &mut [u8]) -> Option<usize> {
        let length = FIXED + 4 * self.csrc.len();
        let count = u8::try_from(self.csrc.len())
            .ok()
            .filter(|n| usize::from(*n) <= MAX_CSRC)?;
        let header = packet.get_mut(..length)?;
        header[0] = VERSION | count;
        header[1] = self.payload_type & !MARKER | if self.marker { MARKER } else { 0 };
        header[2..4].copy_from_slice(&sequence.to_be_bytes());
        header[4..8].copy_from_slice(&self.timestamp.to_be_bytes());
        header[8..12].copy_from_slice(&ssrc.to_be_bytes());
        for (place, csrc) in header[FIXED..].chunks_exact_mut(4).zip(self.csrc) {
            place.copy_from_slice(&csrc.to_be_bytes());
        }
        Some(length)
    }
}

/// A header that came in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ParsedHeader {
    /// The payload type.
    pub payload_type: u8,
    /// The marker bit.
    pub marker: bool,
    /// The sequence number.
    pub sequence: u16,
    /// The timestamp in the sender's ticks.
    pub timestamp: u32,
    /// The synchronisation source.
    pub ssrc: u32,
    /// Octets of the header with its CSRC list and extension.
    pub length: usize,
    padded: bool,
}

impl ParsedHeader {
    /// Read a header; `None` when the octets are not one.
    #[must_use]
    pub fn parse(packet: &[u8]) -> Option<Self> {
        let fixed = packet.first_chunk::<FIXED>()?;
        if fixed[0] & 0xC0 != VERSION {
            return None;
        }
        let mut length = FIXED + 4 * usize::from(fixed[0] & 0x0F);
        if fixed[0] & EXTENSION != 0 {
            let words = packet.get(length + 2..length + 4)?;
            length += 4 + 4 * usize::from(u16::from_be_bytes([words[0], words[1]]));
        }
        (length <= packet.len()).then_some(Self {
            payload_type: fixed[1] & !MARKER,
            marker: fixed[1] & MARKER != 0,
            sequence: u16::from_be_bytes([fixed[2], fixed[3]]),
            timestamp: u32::from_be_bytes([fixed[4], fixed[5], fixed[6], fixed[7]]),
            ssrc: u32::from_be_bytes([fixed[8], fixed[9], fixed[10], fixed[11]]),
            length,
            padded: fixed[0] & PADDING != 0,
        })
    }

    /// Cut the padding off a payload; its last octet says how long it is (RFC 3550, 5.1).
    pub(crate) fn without_padding<'p>(&self, payload: &'p [u8]) -> Option<&'p [u8]> {
        if !self.padded {
            return Some(payload);
        }
        let padding = usize::from(*payload.last()?);
        let end = payload.len().checked_sub(padding).filter(|_| padding > 0)?;
        Some(&payload[..end])
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_is_written_is_read(
            payload_type in 0_u8..128, marker: bool, timestamp: u32, ssrc: u32, sequence: u16,
            csrc in prop::collection::vec(any::<u32>(), 0..=MAX_CSRC),
        ) {
            let mut packet = [0; MAX_HEADER];
            let header = Header { payload_type, marker, timestamp, csrc: &csrc };
            let length = header.write(ssrc, sequence, &mut packet).unwrap();

            let read = ParsedHeader::parse(&packet[..length]).unwrap();
            prop_assert_eq!(
                (read.payload_type, read.marker, read.timestamp, read.ssrc, read.sequence),
                (payload_type, marker, timestamp, ssrc, sequence)
            );
            prop_assert_eq!(read.length, 12 + 4 * csrc.len());
        }

        #[test]
        fn any_octets_are_read_without_a_panic(octets in prop::collection::vec(any::<u8>(), 0..120)) {
            if let Some(header) = ParsedHeader::parse(&octets) {
                prop_assert!(header.length <= octets.len());
                let _ = header.without_padding(&octets[header.length..]);
            }
        }
    }
}
