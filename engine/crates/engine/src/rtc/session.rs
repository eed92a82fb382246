//! A peer's connection: its two halves of ICE credentials, its DTLS endpoint, its data channel.
//!
//! Time is an argument, and so is every datagram. What it wants done is polled for.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Instant;

use aws_lc_rs::{hmac, rand};

use super::answer::Local;
use super::association::{self, Association, ShortMessage, Written};
use super::dtls::{self, Dtls, Identity};
use super::fragment::{Fragment, IceCredentials, cut_from, with_credentials};
use super::offer::{Offer, Refusal};
use crate::opus::Content;
use crate::srtp::Keys;

/// Datagrams of the handshake that may wait for the peer to choose its address: more than it has.
const MAX_HELD: usize = 16;

/// What came out of an offer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Negotiated {
    /// The SSRC under which this peer is sent sound; `None` when it asked for none.
    pub ssrc: Option<u32>,
    /// The payload type of Opus, both ways.
    pub payload_type: u8,
}

/// Why a session is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ending {
    /// The other side said goodbye.
    Left,
    /// Its certificate is not the one whose fingerprint it announced.
    Untrusted,
    /// Its handshake offers no SRTP profile of ours.
    NoCommonProfile,
    /// It broke a protocol, or the library gave up on it.
    Failed,
}

/// What a session wants done.
#[derive(Debug)]
pub(crate) enum Output {
    /// Send to wherever the peer is.
    Send(Vec<u8>),
    /// The handshake is over and the other side is who it claims to be.
    Connected,
    /// The data channel takes messages.
    ChannelOpen,
    /// The other side closed the data channel.
    ChannelClosed,
    /// A message came in.
    Message(ShortMessage),
    /// Nothing more before this time.
    Wait(Instant),
    /// It is over.
    Ended(Ending),
}

/// One peer's connection.
#[derive(Debug)]
pub(crate) struct Session {
    ours: IceCredentials,
    theirs: IceCredentials,
    check_key: Arc<hmac::Key>,
    /// What a restart is answered with, but for new credentials.
    fragment: Box<str>,
    negotiated: Negotiated,
    dtls: Dtls,
    keys: Option<Keys>,
    association: Option<Association>,
    /// The handshake is over, and nobody was told.
    tells_connected: bool,
    /// The peer has chosen where it is sent to.
    is_reachable: bool,
    /// What waits for that.
    held: VecDeque<Vec<u8>>,
    /// Something happened to it since it was polled to the end.
    has_changed: bool,
}

impl Session {
    /// Make a session of an offer; returns it with the answer.
    ///
    /// `candidates` are the server's addresses, the best first; `content` is what the peer is to send.
    ///
    /// # Errors
    /// A [`Refusal`] with words for the author of the client.
    pub(crate) fn accept(
        identity: &Identity,
        candidates: &[SocketAddr],
        offer: &str,
        content: Content,
        now: Instant,
    ) -> Result<(Self, String), Refusal> {
        let offer = Offer::parse(offer)?;
        let (payload_type, sends) = offer
            .audio()
            .ok_or(Refusal::NoCommonProfile("it does not offer Opus"))?;
        let ours = new_credentials()?;
        let negotiated = Negotiated {
            ssrc: sends.then(random).transpose()?,
            payload_type,
        };
        let local = Local {
            credentials: &ours,
            candidates,
            fingerprint: identity.fingerprint(),
            ssrc: negotiated.ssrc,
            session: random()?,
            content,
        };
        let answer = local.answer(&offer);
        let settings = &identity.channels;
        let session = Self {
            check_key: check_key(&ours),
            ours,
            fragment: cut_from(&answer).into(),
            negotiated,
            association: offer
                .max_message()
                .map(|most| Association::new(settings.clone(), most)),
            dtls: Dtls::new(identity, offer.role, offer.fingerprint, now),
            theirs: offer.credentials,
            keys: None,
            tells_connected: false,
            is_reachable: false,
            held: VecDeque::new(),
            has_changed: true,
        };
        Ok((session, answer))
    }

    /// Restart ICE with the other side's new credentials; returns the server's fragment.
    ///
    /// Keys, SSRC and channel stay. Asked again with the same credentials it changes nothing and
    /// gives the same fragment.
    ///
    /// # Errors
    /// A [`Refusal`] when no credentials can be made up; the session goes on as before.
    pub(crate) fn restart(&mut self, fragment: &Fragment) -> Result<String, Refusal> {
        if fragment.credentials != self.theirs {
            self.ours = new_credentials()?;
            self.theirs = fragment.credentials.clone();
            self.check_key = check_key(&self.ours);
        }
        Ok(with_credentials(&self.fragment, &self.ours))
    }

    /// End the connection from this side: the datagrams that tell the other (a DTLS alert, by
    /// which a browser knows at once what it would else conclude after half a minute).
    pub(crate) fn say_goodbye(&mut self) -> Vec<Vec<u8>> {
        self.dtls.close()
    }

    /// What came out of the offer.
    #[must_use]
    pub(crate) const fn negotiated(&self) -> Negotiated {
        self.negotiated
    }

    /// The user fragment by which the peer's checks are known.
    #[must_use]
    pub(crate) fn ufrag(&self) -> &str {
        &self.ours.ufrag
    }

    /// The user fragment and password of the other side.
    #[must_use]
    pub(crate) const fn theirs(&self) -> &IceCredentials {
        &self.theirs
    }

    /// The key of the peer's checks, made of our password.
    #[must_use]
    pub(crate) fn key_of_checks(&self) -> Arc<hmac::Key> {
        Arc::clone(&self.check_key)
    }

    /// The keys of the handshake, once: whoever takes them is the only one to use them. `None`
    /// before it, and when no profile was agreed upon.
    #[must_use]
    pub(crate) fn take_keys(&mut self) -> Option<Keys> {
        self.keys.take()
    }

    /// The peer has chosen an address: what waits may be sent.
    pub(crate) fn reach(&mut self) {
        self.is_reachable = true;
        self.has_changed = true;
    }

    /// Take a DTLS datagram from an address that may send such.
    pub(crate) fn receive(&mut self, datagram: &[u8], now: Instant) -> Option<Ending> {
        self.has_changed = true;
        // The endpoint knows only the time it was told last.
        self.dtls
            .advance(now)
            .and_then(|()| self.dtls.receive(datagram))
            .err()
    }

    /// Let time pass.
    pub(crate) fn advance(&mut self, now: Instant) -> Option<Ending> {
        self.has_changed = true;
        if let Some(association) = &mut self.association {
            association.advance(now);
        }
        self.dtls.advance(now).err()
    }

    /// Whether there may be something to do.
    #[must_use]
    pub(crate) const fn has_changed(&self) -> bool {
        self.has_changed
    }

    /// The next thing to do. Call it until it says [`Output::Wait`] or [`Output::Ended`] after
    /// every other call that changes the session.
    pub(crate) fn poll(&mut self, now: Instant) -> Output {
        if let Some(datagram) = self.next_held() {
            return Output::Send(datagram);
        }
        loop {
            match self.dtls.step() {
                dtls::Step::Send(datagram) if self.is_reachable => return Output::Send(datagram),
                dtls::Step::Send(datagram) => self.hold(datagram),
                dtls::Step::Keys(keys) => self.keys = keys.ok(),
                dtls::Step::Connected => self.tells_connected = true,
                dtls::Step::Data(packet) => {
                    if let Some(association) = &mut self.association {
                        association.receive(packet, now);
                    }
                }
                dtls::Step::Ended(ending) => return Output::Ended(ending),
                dtls::Step::Wait(until) => {
                    if let Some(output) = self.after_dtls(until, now) {
                        return output;
                    }
                }
            }
        }
    }

    /// DTLS has nothing to do: the next of what stands on it; `None` if that gave DTLS something.
    fn after_dtls(&mut self, until: Instant, now: Instant) -> Option<Output> {
        if std::mem::take(&mut self.tells_connected) {
            return Some(Output::Connected);
        }
        let step = self
            .association
            .as_mut()
            .and_then(|association| association.step(now));
        match step {
            Some(association::Step::Send(packet)) => {
                self.dtls.send(&packet).err().map(Output::Ended)
            }
            Some(association::Step::Opened) => Some(Output::ChannelOpen),
            Some(association::Step::Closed) => Some(Output::ChannelClosed),
            Some(association::Step::Message(message)) => Some(Output::Message(message)),
            Some(association::Step::Lost) => Some(Output::Ended(Ending::Left)),
            None => {
                self.has_changed = false;
                let deadline = self.association.as_ref().and_then(Association::deadline);
                Some(Output::Wait(deadline.map_or(until, |at| at.min(until))))
            }
        }
    }

    fn next_held(&mut self) -> Option<Vec<u8>> {
        if !self.is_reachable || self.held.is_empty() {
            return None;
        }
        let next = self.held.pop_front();
        if self.held.is_empty() {
            self.held = VecDeque::new();
        }
        next
    }

    fn hold(&mut self, datagram: Vec<u8>) {
        if self.held.len() == MAX_HELD {
            self.held.pop_front();
        }
        self.held.push_back(datagram);
    }

    /// Octets that wait on the data channel, not yet acknowledged.
    pub(crate) fn buffered(&mut self) -> usize {
        self.association.as_mut().map_or(0, Association::buffered)
    }

    /// Put a text message on the data channel.
    pub(crate) fn write(&mut self, message: &str) -> Written {
        self.has_changed = true;
        self.association
            .as_mut()
            .map_or(Written::Gone, |association| association.write(message))
    }
}

fn no_randomness() -> Refusal {
    Refusal::Bad("the server has no randomness".into())
}

fn new_credentials() -> Result<IceCredentials, Refusal> {
    IceCredentials::generate().ok_or_else(no_randomness)
}

fn random() -> Result<u32, Refusal> {
    let mut octets = [0; 4];
    rand::fill(&mut octets).map_err(|_| no_randomness())?;
    Ok(u32::from_be_bytes(octets))
}

fn check_key(credentials: &IceCredentials) -> Arc<hmac::Key> {
    Arc::new(hmac::Key::new(
        hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY,
        credentials.password.as_bytes(),
    ))
}
