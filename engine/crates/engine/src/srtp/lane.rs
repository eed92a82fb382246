//! The two lanes of a connection: what is sealed for a peer, and what is opened of it.
//!
//! A lane is the only owner of its indexes, so a nonce cannot come twice: `SendLane` counts up and
//! ends rather than wrap, whatever frames, lanes or restarts come and go.

use arrayvec::ArrayVec;

use super::cipher::{Cipher, Use, rtcp_sender};
use super::window::Window;
use super::{Keys, SrtpError};
use crate::rtp::{Header, ParsedHeader};

/// The most octets that sealing adds to a packet.
pub const MAX_OVERHEAD: usize = 20;

/// SRTCP indexes of this lane begin here. The library beside it begins at 0 with the same key:
/// should both ever send under one SSRC, no index would still come twice.
const FIRST_RTCP_INDEX: u32 = 1 << 30;
/// SRTCP indexes have 31 bits (RFC 3711, 3.4).
const LAST_RTCP_INDEX: u32 = (1 << 31) - 1;
/// RTP indexes have 48 bits (RFC 3711, 3.3.1).
const LAST_RTP_INDEX: u64 = (1 << 48) - 1;
/// Sources one peer may use in its life; browsers keep one.
const MAX_SOURCES: usize = 4;

/// Everything sent to one peer: one SSRC, one key, indexes that only rise.
#[derive(Debug)]
pub struct SendLane {
    rtp: Cipher,
    rtcp: Cipher,
    ssrc: u32,
    next_index: u64,
    next_rtcp_index: u32,
    packets: u32,
    octets: u32,
}

impl SendLane {
    /// A lane that seals under `ssrc`, its first sequence number given.
    ///
    /// `first` should be random and below 2^15, so that a receiver that misses the first packets
    /// does not guess the roll-over counter wrong (RFC 3711, 3.3.1).
    ///
    /// # Errors
    /// [`SrtpError::Key`] when the keys do not fit their profile.
    pub fn new(keys: &Keys, ssrc: u32, first: u16) -> Result<Self, SrtpError> {
        Ok(Self {
            rtp: Cipher::new(keys.profile, &keys.local, Use::Rtp)?,
            rtcp: Cipher::new(keys.profile, &keys.local, Use::Rtcp)?,
            ssrc,
            next_index: u64::from(first),
            next_rtcp_index: FIRST_RTCP_INDEX,
            packets: 0,
            octets: 0,
        })
    }

    /// The synchronisation source of everything this lane seals.
    #[must_use]
    pub const fn ssrc(&self) -> u32 {
        self.ssrc
    }

    /// Packets and payload octets sealed so far, wrapping, as a sender report counts them
    /// (RFC 3550, 6.4.1).
    #[must_use]
    pub const fn sent(&self) -> (u32, u32) {
        (self.packets, self.octets)
    }

    /// Write and seal one RTP packet into `packet`; returns its length.
    ///
    /// # Errors
    /// [`SrtpError::Malformed`] when the buffer is too small, [`SrtpError::Key`] when the key has
    /// sealed 2^48 packets. The index is spent in any case.
    pub fn seal_rtp(
        &mut self,
        frame: &Header<'_>,
        payload: &[u8],
        packet: &mut [u8],
    ) -> Result<usize, SrtpError> {
        if self.next_index > LAST_RTP_INDEX {
            return Err(SrtpError::Key);
        }
        let index = self.next_index;
        self.next_index += 1;
        let header = frame
            .write(self.ssrc, index as u16, packet)
            .ok_or(SrtpError::Malformed)?;
        let length = self
            .rtp
            .seal_rtp(packet, header, payload, self.ssrc, index)?;
        self.packets = self.packets.wrapping_add(1);
        self.octets = self.octets.wrapping_add(payload.len() as u32);
        Ok(length)
    }

    /// Seal the compound RTCP packet in `packet[..length]`; returns the new length.
    ///
    /// # Errors
    /// [`SrtpError::Malformed`] when the buffer has no room for 20 octets more,
    /// [`SrtpError::Key`] when the key has sealed 2^30 reports.
    pub fn seal_rtcp(&mut self, packet: &mut [u8], length: usize) -> Result<usize, SrtpError> {
        if self.next_rtcp_index > LAST_RTCP_INDEX {
            return Err(SrtpError::Key);
        }
        let index = self.next_rtcp_index;
        self.next_rtcp_index += 1;
        self.rtcp.seal_rtcp(packet, length, index)
    }
}

/// An RTP packet that proved authentic.
#[derive(Debug)]
pub struct Opened<'p> {
    /// Its header.
    pub header: ParsedHeader,
    /// Its payload without padding.
    pub payload: &'p [u8],
}

/// Everything received from one peer.
#[derive(Debug)]
pub struct ReceiveLane {
    rtp: Cipher,
    rtcp: Cipher,
    sources: ArrayVec<(u32, Window), MAX_SOURCES>,
    reporters: ArrayVec<(u32, Window), MAX_SOURCES>,
}

impl ReceiveLane {
    /// A lane that opens what the other side seals.
    ///
    /// # Errors
    /// [`SrtpError::Key`] when the keys do not fit their profile.
    pub fn new(keys: &Keys) -> Result<Self, SrtpError> {
        Ok(Self {
            rtp: Cipher::new(keys.profile, &keys.remote, Use::Rtp)?,
            rtcp: Cipher::new(keys.profile, &keys.remote, Use::Rtcp)?,
            sources: ArrayVec::new(),
            reporters: ArrayVec::new(),
        })
    }

    /// Open an RTP packet in place.
    ///
    /// # Errors
    /// Every [`SrtpError`]; nothing is remembered of a packet that is refused.
    pub fn open_rtp<'p>(&mut self, packet: &'p mut [u8]) -> Result<Opened<'p>, SrtpError> {
        let header = ParsedHeader::parse(packet).ok_or(SrtpError::Malformed)?;
        let known = position(&self.sources, header.ssrc)?;
        let fresh = Window::default();
        let window = known.map_or(&fresh, |at| &self.sources[at].1);
        let index = window.guess(header.sequence);
        window.check(index)?;
        let body = self
            .rtp
            .open_rtp(packet, header.length, header.ssrc, index)?;
        accept(&mut self.sources, known, header.ssrc, index);
        let payload = header.without_padding(body).ok_or(SrtpError::Malformed)?;
        Ok(Opened { header, payload })
    }

    /// Open an SRTCP packet in place; returns the compound packet.
    ///
    /// # Errors
    /// Every [`SrtpError`]; nothing is remembered of a packet that is refused.
    pub fn open_rtcp<'p>(&mut self, packet: &'p mut [u8]) -> Result<&'p [u8], SrtpError> {
        let sender = rtcp_sender(packet)?;
        let known = position(&self.reporters, sender)?;
        let (index, length) = self.rtcp.open_rtcp(packet)?;
        let index = u64::from(index);
        if let Some(at) = known {
            self.reporters[at].1.check(index)?;
        }
        accept(&mut self.reporters, known, sender, index);
        Ok(&packet[..length])
    }
}

/// Where a source's window is; `None` for a new source, an error when there is no room for one.
fn position(
    windows: &ArrayVec<(u32, Window), MAX_SOURCES>,
    ssrc: u32,
) -> Result<Option<usize>, SrtpError> {
    match windows.iter().position(|(known, _)| *known == ssrc) {
        None if windows.is_full() => Err(SrtpError::TooManySources),
        found => Ok(found),
    }
}

fn accept(
    windows: &mut ArrayVec<(u32, Window), MAX_SOURCES>,
    known: Option<usize>,
    ssrc: u32,
    index: u64,
) {
    let at = known.unwrap_or_else(|| {
        windows.push((ssrc, Window::default()));
        windows.len() - 1
    });
    windows[at].1.accept(index);
}
