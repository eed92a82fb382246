//! One direction's session keys for RTP or for RTCP, whichever profile they are for.
//!
//! Whoever calls this answers for never using an index twice.

use super::counter_mode::CounterMode;
use super::gcm::Gcm;
use super::kdf::{Label, derive};
use super::{MasterKey, Profile, SrtpError};

/// Octets of an SRTCP index with its E flag (RFC 3711, 3.4).
pub(super) const INDEX: usize = 4;
/// Octets of an RTCP packet that stay readable: first header and sender SSRC.
pub(super) const RTCP_CLEAR: usize = 8;
/// The E flag: the packet is encrypted.
const ENCRYPTED: u32 = 1 << 31;

/// What the keys are for.
#[derive(Debug, Clone, Copy)]
pub(super) enum Use {
    Rtp,
    Rtcp,
}

impl Use {
    const fn labels(self) -> (Label, Label, Label) {
        match self {
            Self::Rtp => (
                Label::RtpEncryption,
                Label::RtpAuthentication,
                Label::RtpSalt,
            ),
            Self::Rtcp => (
                Label::RtcpEncryption,
                Label::RtcpAuthentication,
                Label::RtcpSalt,
            ),
        }
    }
}

/// Session keys, expanded once and used for every packet of one direction.
pub(super) enum Cipher {
    Gcm(Gcm),
    CounterMode(Box<CounterMode>),
}

impl std::fmt::Debug for Cipher {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Cipher")
    }
}

impl Cipher {
    pub(super) fn new(
        profile: Profile,
        master: &MasterKey,
        purpose: Use,
    ) -> Result<Self, SrtpError> {
        let (encryption, authentication, salting) = purpose.labels();
        let key = derive(profile, master, encryption, profile.key_len())?;
        let salt = derive(profile, master, salting, profile.salt_len())?;
        match profile {
            Profile::AeadAes256Gcm | Profile::AeadAes128Gcm => {
                Gcm::new(profile, &key, &salt).map(Self::Gcm)
            }
            Profile::AesCm128HmacSha1 => {
                let secret = derive(profile, master, authentication, 20)?;
                let cipher = CounterMode::new(&key, &salt, &secret)?;
                Ok(Self::CounterMode(Box::new(cipher)))
            }
        }
    }

    /// Seal an RTP packet whose header stands in `packet[..header]`; the payload is copied in
    /// behind it encrypted. Returns the length of the whole.
    pub(super) fn seal_rtp(
        &self,
        packet: &mut [u8],
        header: usize,
        payload: &[u8],
        ssrc: u32,
        index: u64,
    ) -> Result<usize, SrtpError> {
        match self {
            Self::Gcm(cipher) => cipher.seal_rtp(packet, header, payload, ssrc, index),
            Self::CounterMode(cipher) => cipher.seal_rtp(packet, header, payload, ssrc, index),
        }
    }

    /// Open an RTP packet in place; returns its payload.
    pub(super) fn open_rtp<'p>(
        &self,
        packet: &'p mut [u8],
        header: usize,
        ssrc: u32,
        index: u64,
    ) -> Result<&'p mut [u8], SrtpError> {
        match self {
            Self::Gcm(cipher) => cipher.open_rtp(packet, header, ssrc, index),
            Self::CounterMode(cipher) => cipher.open_rtp(packet, header, ssrc, index),
        }
    }

    /// Seal a compound RTCP packet that stands in `packet[..length]`. Returns the new length.
    pub(super) fn seal_rtcp(
        &self,
        packet: &mut [u8],
        length: usize,
        index: u32,
    ) -> Result<usize, SrtpError> {
        let ssrc = rtcp_sender(packet.get(..length).ok_or(SrtpError::Malformed)?)?;
        match self {
            Self::Gcm(cipher) => cipher.seal_rtcp(packet, length, ssrc, index),
            Self::CounterMode(cipher) => cipher.seal_rtcp(packet, length, ssrc, index),
        }
    }

    /// Open an SRTCP packet in place; returns its index and the length of the compound packet.
    pub(super) fn open_rtcp(&self, packet: &mut [u8]) -> Result<(u32, usize), SrtpError> {
        let ssrc = rtcp_sender(packet)?;
        match self {
            Self::Gcm(cipher) => cipher.open_rtcp(packet, ssrc),
            Self::CounterMode(cipher) => cipher.open_rtcp(packet, ssrc),
        }
    }
}

/// Cut `packet[..end]` in two at `at`.
pub(super) fn split(
    packet: &mut [u8],
    at: usize,
    end: usize,
) -> Result<(&mut [u8], &mut [u8]), SrtpError> {
    packet
        .get_mut(..end)
        .and_then(|whole| whole.split_at_mut_checked(at))
        .ok_or(SrtpError::Malformed)
}

/// Under which SSRC an RTCP packet was sent.
pub(super) fn rtcp_sender(packet: &[u8]) -> Result<u32, SrtpError> {
    packet
        .get(4..RTCP_CLEAR)
        .and_then(|ssrc| ssrc.try_into().ok())
        .map(u32::from_be_bytes)
        .ok_or(SrtpError::Malformed)
}

/// An index as it is sent, flagged as that of an encrypted packet.
pub(super) const fn index_word(index: u32) -> [u8; INDEX] {
    (ENCRYPTED | index).to_be_bytes()
}

/// The index in a received word. A packet that is not encrypted is refused: no profile of ours
/// agrees to that.
pub(super) fn read_index(octets: &[u8]) -> Result<(u32, [u8; INDEX]), SrtpError> {
    let word: [u8; INDEX] = octets.try_into().map_err(|_| SrtpError::Malformed)?;
    let value = u32::from_be_bytes(word);
    if value & ENCRYPTED == 0 {
        return Err(SrtpError::Malformed);
    }
    Ok((value & !ENCRYPTED, word))
}
