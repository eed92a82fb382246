//! SRTP and SRTCP as the engine speaks them to people: RFC 3711 and RFC 7714.
//!
//! Here belong keys, ciphers, packet indexes and replay windows. Where the keys come from is not
//! known here (`rtc` takes them out of the DTLS handshake), nor what the packets carry.

mod cipher;
mod counter_mode;
mod gcm;
mod kdf;
mod lane;
mod window;

pub use lane::{MAX_OVERHEAD, Opened, ReceiveLane, ReportLane, SendLane};

use thiserror::Error;
use zeroize::Zeroizing;

/// Why a packet was neither sealed nor opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum SrtpError {
    /// The bytes are no packet of this kind, or the buffer is too small.
    #[error("the packet is malformed")]
    Malformed,
    /// The authentication tag does not fit.
    #[error("the packet is not authentic")]
    Unauthentic,
    /// A packet of this index was opened before, or it is older than the window.
    #[error("the packet was seen before")]
    Replayed,
    /// More synchronisation sources than one peer may have.
    #[error("the peer uses too many sources")]
    TooManySources,
    /// The key material does not fit the profile, or every index of a key is used up.
    #[error("the key cannot be used")]
    Key,
}

/// A protection profile: which ciphers a DTLS handshake agreed upon (RFC 5764, 4.1.2; RFC 7714, 14.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Profile {
    /// `AEAD_AES_256_GCM`.
    AeadAes256Gcm,
    /// `AEAD_AES_128_GCM`.
    AeadAes128Gcm,
    /// `AES_CM_128_HMAC_SHA1_80`.
    AesCm128HmacSha1,
}

impl Profile {
    /// Octets of a master key.
    #[must_use]
    pub const fn key_len(self) -> usize {
        match self {
            Self::AeadAes256Gcm => 32,
            Self::AeadAes128Gcm | Self::AesCm128HmacSha1 => 16,
        }
    }

    /// Octets of a master salt.
    #[must_use]
    pub const fn salt_len(self) -> usize {
        match self {
            Self::AeadAes256Gcm | Self::AeadAes128Gcm => 12,
            Self::AesCm128HmacSha1 => 14,
        }
    }
}

/// One direction's master key and salt; wiped when dropped, never printed.
#[derive(Clone)]
pub struct MasterKey {
    key: Zeroizing<Vec<u8>>,
    salt: Zeroizing<Vec<u8>>,
}

impl std::fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("MasterKey")
    }
}

impl MasterKey {
    /// A master key of the profile's lengths.
    ///
    /// # Errors
    /// [`SrtpError::Key`] when a length is not the profile's.
    pub fn new(profile: Profile, key: &[u8], salt: &[u8]) -> Result<Self, SrtpError> {
        if key.len() != profile.key_len() || salt.len() != profile.salt_len() {
            return Err(SrtpError::Key);
        }
        Ok(Self {
            key: Zeroizing::new(key.to_vec()),
            salt: Zeroizing::new(salt.to_vec()),
        })
    }
}

/// Which end of the DTLS handshake this process is; it decides whose keys seal (RFC 5764, 4.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DtlsRole {
    /// It sent the `ClientHello`.
    Client,
    /// It answered one.
    Server,
}

/// Both directions' keys of one connection.
#[derive(Debug, Clone)]
pub struct Keys {
    /// The profile both keys are for.
    pub profile: Profile,
    /// What this process seals with.
    pub local: MasterKey,
    /// What the other side seals with.
    pub remote: MasterKey,
}

impl Keys {
    /// Cut exported keying material into its four parts: client key, server key, client salt,
    /// server salt (RFC 5764, 4.2).
    ///
    /// # Errors
    /// [`SrtpError::Key`] when there are not exactly as many octets as the profile needs.
    pub fn split(profile: Profile, role: DtlsRole, material: &[u8]) -> Result<Self, SrtpError> {
        let (key, salt) = (profile.key_len(), profile.salt_len());
        if material.len() != 2 * (key + salt) {
            return Err(SrtpError::Key);
        }
        let (keys, salts) = material.split_at(2 * key);
        let client = MasterKey::new(profile, &keys[..key], &salts[..salt])?;
        let server = MasterKey::new(profile, &keys[key..], &salts[salt..])?;
        let (local, remote) = match role {
            DtlsRole::Client => (client, server),
            DtlsRole::Server => (server, client),
        };
        Ok(Self {
            profile,
            local,
            remote,
        })
    }
}

/// The octets of hexadecimal digits, as RFCs print them.
#[cfg(test)]
fn hex(text: &str) -> Vec<u8> {
    let digits: Vec<u8> = text.bytes().filter(|b| !b.is_ascii_whitespace()).collect();
    digits
        .chunks(2)
        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap())
        .collect()
}
