//! One peer's DTLS 1.2 endpoint: from it come the SRTP keys (RFC 5764).

use std::sync::Arc;
use std::time::Instant;

use aws_lc_rs::digest;
use dimpl::{Output, SrtpProfile};

use super::association::Settings;
use super::offer::{Fingerprint, Hash};
use super::session::Ending;
use crate::error::EngineError;
use crate::srtp::{DtlsRole, Keys, Profile, SrtpError};

/// Octets of a DTLS record that fit a path without fragments.
pub(super) const MTU: usize = 1150;
/// What the first record of a handshake begins with: its type (RFC 6347, 4.3.1), its message's.
const HANDSHAKE: u8 = 22;
const SERVER_HELLO: u8 = 2;
/// Octets of a record's header, and of a message's in it (RFC 6347, 4.2.2).
const HEADERS: usize = 13 + 12;
/// The extension by which both agree on a profile (RFC 5764, 4.1.1).
const USE_SRTP: [u8; 2] = [0, 14];
/// Octets of the largest thing an endpoint gives out: a certificate, of which there are longer
/// ones than records.
const LARGEST: usize = 4 * 1024;

/// What all peers of this process share: one certificate, one DTLS configuration (whose self-test
/// costs more than a handshake), one of the data channel.
#[derive(Debug, Clone)]
pub(crate) struct Identity {
    certificate: dimpl::DtlsCertificate,
    fingerprint: Arc<str>,
    config: Arc<Config>,
    pub(super) channels: Settings,
}

/// Only to be printable without what is in it.
struct Config(Arc<dimpl::Config>);

impl std::fmt::Debug for Config {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Config")
    }
}

impl Identity {
    /// Make a new ECDSA certificate and the configurations around it.
    ///
    /// # Errors
    /// [`EngineError::Cryptography`] when the cryptographic library fails its own tests.
    pub(crate) fn generate() -> Result<Self, EngineError> {
        let certificate = dimpl::certificate::generate_self_signed_certificate()
            .map_err(|_| EngineError::Cryptography)?;
        // Only an address from which an authentic check came is listened to. A member can forge one, and
        // have a flight of some 900 octets sent there a few times; a cookie would cost everybody else a
        // round trip.
        let config = dimpl::Config::builder()
            .use_server_cookie(false)
            .mtu(MTU)
            .build()
            .map_err(|_| EngineError::Cryptography)?;
        Ok(Self {
            fingerprint: certificate.fingerprint_str().into(),
            certificate,
            config: Arc::new(Config(Arc::new(config))),
            channels: Settings::default(),
        })
    }

    /// SHA-256 of the certificate, as it is announced.
    pub(super) fn fingerprint(&self) -> &str {
        &self.fingerprint
    }
}

/// What an endpoint gives out.
#[derive(Debug)]
pub(super) enum Step {
    /// A datagram for the other side.
    Send(Vec<u8>),
    /// The handshake is over, and the other side has shown the certificate it announced.
    Connected,
    /// What SRTP is keyed with.
    Keys(Result<Keys, SrtpError>),
    /// What was in a record.
    Data(Vec<u8>),
    /// It is over.
    Ended(Ending),
    /// Nothing more before this time.
    Wait(Instant),
}

/// One endpoint.
pub(super) struct Dtls {
    /// Boxed: it is more than 3 kB, and a session is moved a few times before it stays somewhere.
    endpoint: Box<dimpl::Dtls>,
    role: DtlsRole,
    announced: Fingerprint,
    is_verified: bool,
    /// The hello given out last agrees on no profile.
    is_without_profile: bool,
}

impl std::fmt::Debug for Dtls {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Dtls")
    }
}

impl Dtls {
    /// An endpoint for a side that announced this certificate.
    pub(super) fn new(
        identity: &Identity,
        role: DtlsRole,
        announced: Fingerprint,
        now: Instant,
    ) -> Self {
        let config = Arc::clone(&identity.config.0);
        let mut endpoint = Box::new(dimpl::Dtls::new_12(
            config,
            identity.certificate.clone(),
            now,
        ));
        endpoint.set_active(role == DtlsRole::Client);
        Self {
            endpoint,
            role,
            announced,
            is_verified: false,
            is_without_profile: false,
        }
    }

    /// Take a datagram.
    pub(super) fn receive(&mut self, datagram: &[u8]) -> Result<(), Ending> {
        self.endpoint
            .handle_packet(datagram)
            .map_err(|_| Ending::Failed)
    }

    /// Let time pass.
    pub(super) fn advance(&mut self, now: Instant) -> Result<(), Ending> {
        self.endpoint
            .handle_timeout(now)
            .map_err(|_| Ending::Failed)
    }

    /// Put data into a record.
    pub(super) fn send(&mut self, data: &[u8]) -> Result<(), Ending> {
        self.endpoint
            .send_application_data(data)
            .map(drop)
            .map_err(|_| Ending::Failed)
    }

    /// Say goodbye: what has to be sent.
    pub(super) fn close(&mut self) -> Vec<Vec<u8>> {
        let mut datagrams = Vec::new();
        if self.endpoint.close().is_err() {
            return datagrams;
        }
        loop {
            match self.step() {
                Step::Send(datagram) => datagrams.push(datagram),
                Step::Wait(_) | Step::Ended(_) => return datagrams,
                Step::Connected | Step::Keys(_) | Step::Data(_) => {}
            }
        }
    }

    /// The next thing to do, after every call above until it says [`Step::Wait`].
    pub(super) fn step(&mut self) -> Step {
        let mut buffer = [0; LARGEST];
        match self.endpoint.poll_output(&mut buffer) {
            Output::Packet(datagram) => {
                self.is_without_profile |= is_hello_without_profile(datagram);
                Step::Send(datagram.into())
            }
            // Its flight has left, so that the other side need not wait for one either.
            Output::Timeout(_) if self.is_without_profile => Step::Ended(Ending::NoCommonProfile),
            Output::Timeout(at) => Step::Wait(at),
            Output::PeerCert(certificate) if self.announced.is_of(certificate) => {
                self.is_verified = true;
                self.step()
            }
            Output::Connected if self.is_verified => Step::Connected,
            Output::PeerCert(_) | Output::Connected => Step::Ended(Ending::Untrusted),
            Output::KeyingMaterial(material, profile) => Step::Keys(
                Profile::try_from(profile)
                    .and_then(|profile| Keys::split(profile, self.role, &material)),
            ),
            Output::ApplicationData(data) => Step::Data(data.into()),
            Output::CloseNotify => Step::Ended(Ending::Left),
            _ => Step::Ended(Ending::Failed),
        }
    }
}

impl Fingerprint {
    /// Whether it was made of this certificate.
    fn is_of(&self, certificate: &[u8]) -> bool {
        let algorithm = match self.hash {
            Hash::Sha1 => &digest::SHA1_FOR_LEGACY_USE_ONLY,
            Hash::Sha256 => &digest::SHA256,
            Hash::Sha384 => &digest::SHA384,
            Hash::Sha512 => &digest::SHA512,
        };
        digest::digest(algorithm, certificate).as_ref() == &*self.digest
    }
}

impl TryFrom<SrtpProfile> for Profile {
    type Error = SrtpError;

    fn try_from(agreed: SrtpProfile) -> Result<Self, SrtpError> {
        match agreed {
            SrtpProfile::AEAD_AES_256_GCM => Ok(Self::AeadAes256Gcm),
            SrtpProfile::AEAD_AES_128_GCM => Ok(Self::AeadAes128Gcm),
            SrtpProfile::AES128_CM_SHA1_80 => Ok(Self::AesCm128HmacSha1),
            _ => Err(SrtpError::Key),
        }
    }
}

/// Whether this is our answer to a client with which we have no profile in common: a hello without
/// the extension (RFC 5764, 4.1). The library only says so by never giving out keys, and most
/// clients hang up before that.
fn is_hello_without_profile(datagram: &[u8]) -> bool {
    if datagram.first() != Some(&HANDSHAKE) || datagram.get(13) != Some(&SERVER_HELLO) {
        return false;
    }
    let length = datagram.get(14..17).unwrap_or_default();
    let length = length
        .iter()
        .fold(0, |sum, octet| sum << 8 | usize::from(*octet));
    let Some(hello) = datagram.get(HEADERS..HEADERS + length) else {
        return false;
    };
    // Version, random, session; suite, method, length of all extensions (RFC 5246, 7.4.1.3).
    let session = usize::from(hello.get(34).copied().unwrap_or_default());
    let mut extensions = hello.get(35 + session + 5..).unwrap_or_default();
    while let [high, low, length @ ..] = extensions {
        if [*high, *low] == USE_SRTP {
            return false;
        }
        let body = length
            .first_chunk()
            .map_or(0, |length| u16::from_be_bytes(*length));
        extensions = length.get(2 + usize::from(body)..).unwrap_or_default();
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fingerprint_is_that_of_its_certificate_in_each_kind() {
        for (hash, algorithm) in [
            (Hash::Sha1, &digest::SHA1_FOR_LEGACY_USE_ONLY),
            (Hash::Sha256, &digest::SHA256),
            (Hash::Sha384, &digest::SHA384),
            (Hash::Sha512, &digest::SHA512),
        ] {
            let digest = digest::digest(algorithm, b"certificate").as_ref().into();
            let fingerprint = Fingerprint { hash, digest };
            assert!(fingerprint.is_of(b"certificate"), "{hash:?}");
            assert!(!fingerprint.is_of(b"another"), "{hash:?}");
        }
    }
}
