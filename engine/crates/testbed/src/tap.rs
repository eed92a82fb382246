//! Where a light listener's SRTP keys are taken from: a DTLS endpoint made as str0m would make it.
//!
//! str0m hands no keys out, but it lets the DTLS provider be replaced. Making the endpoint here
//! rather than wrapping the stock one also lets all peers share one configuration, whose
//! self-test would otherwise cost 0.7 ms for each.

use std::cell::RefCell;
use std::sync::{Arc, OnceLock};
use std::time::Instant;

use convivium_engine::EngineError;
use convivium_engine::srtp::{DtlsRole, Keys, Profile, SrtpError};
use str0m::config::DtlsCert;
use str0m::crypto::dtls::{
    DtlsImplError, DtlsInstance, DtlsOutput, DtlsProvider, DtlsVersion, ProtocolVersion,
};
use str0m::crypto::{CryptoError, CryptoProvider};

/// Octets of a DTLS record that fit a path without fragments; as str0m assumes by default.
const MTU: usize = 1150;

/// Where one endpoint leaves its keys when the handshake yields them.
pub(crate) type Slot = Arc<OnceLock<Result<Keys, SrtpError>>>;

thread_local! {
    /// The slot of the endpoint about to be made: str0m's interface has no place for it, but it
    /// makes the endpoint on the calling thread before it returns.
    static NEXT: RefCell<Option<Slot>> = const { RefCell::new(None) };
}

/// What all peers of this process share: one certificate, one DTLS configuration.
#[derive(Debug, Clone)]
pub(crate) struct Identity {
    /// What this process shows in every handshake.
    pub(crate) certificate: DtlsCert,
    /// What makes endpoints whose keys [`tapped`] gives.
    pub(crate) provider: Arc<CryptoProvider>,
}

impl Identity {
    /// Make a new ECDSA certificate and the configuration around it.
    ///
    /// It stays for the life of the process: str0m asks for providers that are never dropped.
    ///
    /// # Errors
    /// [`EngineError::Cryptography`] when the cryptographic library fails its own tests.
    pub(crate) fn generate() -> Result<Self, EngineError> {
        let base = str0m::crypto::from_feature_flags();
        let certificate = base
            .dtls_provider
            .generate_certificate()
            .ok_or(EngineError::Cryptography)?;
        // ICE proves the way back before DTLS is listened to, so no cookie is asked for.
        let config = dimpl::Config::builder()
            .use_server_cookie(false)
            .mtu(MTU)
            .build()
            .map_err(|_| EngineError::Cryptography)?;
        let tap: &'static TapProvider = Box::leak(Box::new(TapProvider {
            config: Arc::new(config),
        }));
        Ok(Self {
            certificate,
            provider: Arc::new(CryptoProvider {
                dtls_provider: tap,
                ..base
            }),
        })
    }
}

/// Run `make`, and give the keys of the endpoint it makes to the slot returned.
///
/// `None` when it made no endpoint through our provider: then no key would ever arrive.
pub(crate) fn tapped<T>(make: impl FnOnce() -> T) -> Option<(T, Slot)> {
    let slot = Slot::default();
    NEXT.set(Some(Arc::clone(&slot)));
    let endpoint = make();
    match NEXT.take() {
        None => Some((endpoint, slot)),
        Some(_) => None,
    }
}

#[derive(Debug)]
struct TapProvider {
    config: Arc<dimpl::Config>,
}

impl DtlsProvider for TapProvider {
    fn generate_certificate(&self) -> Option<DtlsCert> {
        dimpl::certificate::generate_self_signed_certificate().ok()
    }

    /// The MTU is the shared configuration's; str0m is given the same.
    fn new_dtls(
        &self,
        certificate: &DtlsCert,
        now: Instant,
        version: DtlsVersion,
        _mtu: Option<usize>,
    ) -> Result<Box<dyn DtlsInstance>, CryptoError> {
        if version != DtlsVersion::Dtls12 {
            return Err(CryptoError::Other("only DTLS 1.2 is spoken".into()));
        }
        let slot = NEXT.take().unwrap_or_default();
        let inner = dimpl::Dtls::new_12(Arc::clone(&self.config), certificate.clone(), now);
        Ok(Box::new(Tap { inner, slot }))
    }

    fn is_test(&self) -> bool {
        false
    }
}

struct Tap {
    inner: dimpl::Dtls,
    slot: Slot,
}

impl std::fmt::Debug for Tap {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Tap")
    }
}

impl DtlsInstance for Tap {
    fn set_active(&mut self, active: bool) {
        self.inner.set_active(active);
    }

    fn handle_packet(&mut self, packet: &[u8]) -> Result<(), DtlsImplError> {
        self.inner.handle_packet(packet)
    }

    fn poll_output<'a>(&mut self, buffer: &'a mut [u8]) -> DtlsOutput<'a> {
        let output = self.inner.poll_output(buffer);
        if let DtlsOutput::KeyingMaterial(material, profile) = &output {
            let role = if self.inner.is_active() {
                DtlsRole::Client
            } else {
                DtlsRole::Server
            };
            let keys = Profile::try_from(*profile)
                .and_then(|profile| Keys::split(profile, role, material));
            // A second handshake on a connection does not change the keys of its lanes.
            let _ = self.slot.set(keys);
        }
        output
    }

    fn handle_timeout(&mut self, now: Instant) -> Result<(), DtlsImplError> {
        self.inner.handle_timeout(now)
    }

    fn send_application_data(&mut self, data: &[u8]) -> Result<usize, DtlsImplError> {
        self.inner.send_application_data(data)
    }

    fn is_active(&self) -> bool {
        self.inner.is_active()
    }

    fn protocol_version(&self) -> Option<ProtocolVersion> {
        self.inner.protocol_version()
    }

    fn is_closing(&self) -> bool {
        self.inner.is_closing()
    }

    fn is_closed(&self) -> bool {
        self.inner.is_closed()
    }

    fn close(&mut self) -> Result<(), DtlsImplError> {
        self.inner.close()
    }
}
