//! A peer's `Rtc`, with the order of calls that keeps its SSRC ours.
//!
//! Two traps are closed here, both seen in practice. At a join the library declares a sending
//! stream and would report under its SSRC: that stream is removed before anything is polled. At a
//! restart it would make up another SSRC unless the old one is declared again for the moment of
//! the answer, and would report under it unless it is removed again.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Instant;

use aws_lc_rs::hmac;
use str0m::change::SdpOffer;
use str0m::channel::{ChannelConfig, ChannelId};
use str0m::ice::StunMessage;
use str0m::media::Mid;
use str0m::net::{Protocol, Receive};
use str0m::rtp::Ssrc;
use str0m::{Candidate, Event, Input, Output as RtcOutput, Rtc, RtcConfig, RtcError};

use super::fragment::{Fragment, IceCredentials, cut_from};
use super::offer::{Refusal, without_candidates};
use super::sdp_edit::edit_answer;
use super::tap::{Identity, Slot, tapped};
use crate::srtp::Keys;

/// Octets of one message from a peer.
const MAX_MESSAGE_IN: u32 = 4 * 1024;
/// Octets that may wait for one peer's data channel, retransmissions included.
const MAX_BUFFERED: usize = 128 * 1024;
/// The number both sides give the channel (RFC 8832 is not used).
const CHANNEL_NUMBER: u16 = 0;

/// What came out of an offer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Negotiated {
    /// The SSRC under which this peer is sent sound; `None` when it asked for none.
    pub ssrc: Option<u32>,
    /// The payload type of Opus, both ways.
    pub payload_type: u8,
    /// Whether it takes events on a data channel.
    pub channel: bool,
}

/// Why a session is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ending {
    /// The other side said goodbye.
    Left,
    /// Its certificate is not the one whose fingerprint it announced.
    Untrusted,
    /// It broke a protocol, or the library gave up on it.
    Failed,
}

/// What became of a message for the data channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Written {
    /// It is on its way.
    Taken,
    /// Too much waits already; later there may be room.
    NoRoom,
    /// The channel takes nothing any more, or never such a message.
    Gone,
}

/// What a session wants done.
#[derive(Debug)]
pub(crate) enum Output {
    /// Answer a check where it came from.
    Reply(SocketAddr, Vec<u8>),
    /// Send to wherever the peer is.
    Send(Vec<u8>),
    /// The handshake is over and the other side is who it claims to be.
    Connected,
    /// The data channel takes messages.
    ChannelOpen,
    /// The other side closed the data channel.
    ChannelClosed,
    /// A message came in.
    Message,
    /// Nothing more before this time.
    Wait(Instant),
    /// It is over.
    Ended(Ending),
}

/// What an authenticated STUN binding request asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct StunCheck {
    /// The peer wants to be sent to where this came from (RFC 8445, 7.3.1.5).
    pub(crate) use_candidate: bool,
}

/// One peer's connection.
#[derive(Debug)]
pub(crate) struct Session {
    /// Boxed: it is 10 kB, and a session is moved a few times before it stays somewhere.
    rtc: Box<Rtc>,
    slot: Slot,
    offer: String,
    mid: Mid,
    negotiated: Negotiated,
    channel: Option<ChannelId>,
    candidates: Vec<SocketAddr>,
    stun_key: Arc<hmac::Key>,
    credentials: IceCredentials,
    /// Something happened to it since it was polled to the end.
    has_changed: bool,
}

impl Session {
    /// Make a session of an offer; returns it with the answer.
    ///
    /// `candidates` are the server's addresses, at least one.
    ///
    /// # Errors
    /// A [`Refusal`] with words for the author of the client.
    pub(crate) fn accept(
        identity: &Identity,
        candidates: &[SocketAddr],
        offer: &str,
        now: Instant,
    ) -> Result<(Self, String), Refusal> {
        let offer = without_candidates(offer)?;
        let (mut rtc, slot) = tapped(|| Box::new(config(identity).build(now)))
            .ok_or_else(|| Refusal::Bad("the server could not tap its keys".into()))?;
        for candidate in candidates {
            let candidate = Candidate::host(*candidate, Protocol::Udp)
                .map_err(|_| Refusal::Bad("the server has no usable address".into()))?;
            rtc.add_local_candidate(candidate);
        }
        let answer = accept_offer(&mut rtc, &offer)?;
        let mid = audio_mid(&answer)?;
        let (negotiated, channel) = take_over(&mut rtc, mid, &offer)?;
        let credentials = local_credentials(&mut rtc);
        let session = Self {
            stun_key: stun_key(&credentials),
            credentials,
            rtc,
            slot,
            offer,
            mid,
            negotiated,
            channel,
            candidates: candidates.to_vec(),
            has_changed: true,
        };
        Ok((session, edit_answer(&answer, negotiated.payload_type)))
    }

    /// Restart ICE with the other side's new credentials; returns the server's fragment.
    ///
    /// Keys, SSRC and channel stay. Asked again with the same credentials it changes nothing and
    /// gives the same fragment.
    ///
    /// # Errors
    /// A [`Refusal`] when the library takes no such offer; the session goes on as before.
    pub(crate) fn restart(&mut self, fragment: &Fragment) -> Result<String, Refusal> {
        self.answer_again(fragment).map(|answer| cut_from(&answer))
    }

    /// The whole answer to the offer with new credentials, under the SSRC of the first.
    pub(super) fn answer_again(&mut self, fragment: &Fragment) -> Result<String, Refusal> {
        let offer = fragment.apply_to(&self.offer);
        self.has_changed = true;
        if let Some(ssrc) = self.negotiated.ssrc {
            self.rtc
                .direct_api()
                .declare_stream_tx(Ssrc::from(ssrc), None, self.mid, None);
        }
        let answer = accept_offer(&mut self.rtc, &offer);
        take_streams(&mut self.rtc, self.mid);
        let answer = answer?;
        self.offer = offer;
        self.credentials = local_credentials(&mut self.rtc);
        self.stun_key = stun_key(&self.credentials);
        Ok(answer)
    }

    /// End the connection from this side: the datagrams that tell the other (a DTLS alert, by
    /// which a browser knows at once what it would else conclude after half a minute).
    pub(crate) fn say_goodbye(&mut self) -> Vec<Vec<u8>> {
        let mut datagrams = Vec::new();
        if self.rtc.close().is_err() {
            return datagrams;
        }
        loop {
            match self.rtc.poll_output() {
                Ok(RtcOutput::Transmit(transmit))
                    if matches!(transmit.contents.first(), Some(20..=63)) =>
                {
                    datagrams.push(transmit.contents.into());
                }
                Ok(RtcOutput::Transmit(_) | RtcOutput::Event(_)) => {}
                Ok(RtcOutput::Timeout(_)) | Err(_) => return datagrams,
            }
        }
    }

    /// What came out of the offer.
    #[must_use]
    pub(crate) const fn negotiated(&self) -> Negotiated {
        self.negotiated
    }

    /// The user fragment by which the peer's checks are known.
    #[must_use]
    pub(crate) fn ufrag(&self) -> &str {
        &self.credentials.ufrag
    }

    /// The user fragment and password of the other side.
    #[must_use]
    pub(crate) fn theirs(&self) -> Option<IceCredentials> {
        Some(Fragment::parse(&self.offer).ok()?.credentials)
    }

    /// The key of the peer's checks, made of our password.
    #[must_use]
    pub(crate) fn key_of_checks(&self) -> Arc<hmac::Key> {
        Arc::clone(&self.stun_key)
    }

    /// The keys of the handshake; `None` before it, and when no profile was agreed upon.
    #[must_use]
    pub(crate) fn keys(&self) -> Option<Keys> {
        self.slot.get().and_then(|keys| keys.as_ref().ok()).cloned()
    }

    /// Check that a STUN binding request was made with this session's password.
    #[must_use]
    pub(crate) fn authenticate(&self, datagram: &[u8]) -> Option<StunCheck> {
        let message = StunMessage::parse(datagram).ok()?;
        let (ufrag, _) = message.split_username()?;
        if !message.is_binding_request() || ufrag != self.credentials.ufrag {
            return None;
        }
        // The library hands the password over as the first argument; the key here is prepared.
        let authentic = message.verify(&[], |_, parts| {
            let mut context = hmac::Context::with_key(&self.stun_key);
            for part in parts {
                context.update(part);
            }
            let mut tag = [0; 20];
            tag.copy_from_slice(context.sign().as_ref());
            tag
        });
        authentic.then(|| StunCheck {
            use_candidate: message.use_candidate(),
        })
    }

    /// Take a STUN or DTLS datagram from an address that may send such.
    pub(crate) fn receive(
        &mut self,
        from: SocketAddr,
        datagram: &[u8],
        now: Instant,
    ) -> Option<Ending> {
        let to = self
            .candidates
            .iter()
            .find(|c| c.is_ipv4() == from.is_ipv4())?;
        let receive = Receive::new(Protocol::Udp, from, *to, datagram).ok()?;
        self.has_changed = true;
        self.rtc
            .handle_input(Input::Receive(now, receive))
            .err()
            .map(|error| ending(&error))
    }

    /// Let time pass.
    pub(crate) fn advance(&mut self, now: Instant) -> Option<Ending> {
        self.has_changed = true;
        self.rtc
            .handle_input(Input::Timeout(now))
            .err()
            .map(|error| ending(&error))
    }

    /// Whether there may be something to do.
    #[must_use]
    pub(crate) const fn has_changed(&self) -> bool {
        self.has_changed
    }

    /// The next thing to do. Call it until it says [`Output::Wait`] or [`Output::Ended`] after
    /// every other call that changes the session.
    pub(crate) fn poll(&mut self) -> Output {
        loop {
            if !self.rtc.is_alive() {
                return Output::Ended(Ending::Failed);
            }
            match self.rtc.poll_output() {
                Err(error) => return Output::Ended(ending(&error)),
                Ok(RtcOutput::Timeout(at)) => {
                    self.has_changed = false;
                    return Output::Wait(at);
                }
                Ok(RtcOutput::Transmit(transmit)) => {
                    let datagram = Vec::from(transmit.contents);
                    match datagram.first() {
                        Some(0..=3) => return Output::Reply(transmit.destination, datagram),
                        Some(20..=63) => return Output::Send(datagram),
                        // Not reached: the library has no stream and is fed no RTP or RTCP.
                        // Should a version of it change, it must not share our lane's keys.
                        _ => debug_assert!(false, "the library sent media"),
                    }
                }
                Ok(RtcOutput::Event(event)) => {
                    if let Some(output) = self.told(&event) {
                        return output;
                    }
                }
            }
        }
    }

    fn told(&self, event: &Event) -> Option<Output> {
        match event {
            Event::Connected => Some(Output::Connected),
            Event::Closed => Some(Output::Ended(Ending::Left)),
            Event::ChannelOpen(id, _) if Some(*id) == self.channel => Some(Output::ChannelOpen),
            Event::ChannelClose(id) if Some(*id) == self.channel => Some(Output::ChannelClosed),
            Event::ChannelData(_) => Some(Output::Message),
            _ => None,
        }
    }

    /// The library's part, for showing what it would do without the care taken here.
    #[cfg(test)]
    pub(super) fn rtc(&mut self) -> &mut Rtc {
        &mut self.rtc
    }

    /// Octets that wait on the data channel, not yet acknowledged.
    pub(crate) fn buffered(&mut self) -> usize {
        self.channel
            .and_then(|id| {
                self.rtc
                    .channel(id)
                    .map(|mut channel| channel.buffered_amount())
            })
            .unwrap_or(0)
    }

    /// Put a text message on the data channel.
    pub(crate) fn write(&mut self, message: &str) -> Written {
        self.has_changed = true;
        let written = self
            .channel
            .and_then(|id| self.rtc.channel(id))
            .map(|mut channel| channel.write(false, message.as_bytes()));
        match written {
            Some(Ok(true)) => Written::Taken,
            Some(Ok(false)) => Written::NoRoom,
            Some(Err(_)) | None => Written::Gone,
        }
    }
}

pub(super) fn config(identity: &Identity) -> RtcConfig {
    RtcConfig::new()
        .set_crypto_provider(identity.provider.clone())
        .set_dtls_cert(identity.certificate.clone())
        .set_ice_lite(true)
        .set_rtp_mode(true)
        .clear_codecs()
        .enable_opus(true, false)
        .clear_extension_map()
        .set_sctp_max_message_size(MAX_MESSAGE_IN)
        .set_sctp_max_buffered_amount(MAX_BUFFERED)
}

pub(super) fn accept_offer(rtc: &mut Rtc, offer: &str) -> Result<String, Refusal> {
    let offer = SdpOffer::from_sdp_string(offer).map_err(|error| bad(&error))?;
    let answer = rtc
        .sdp_api()
        .accept_offer(offer)
        .map_err(|error| bad(&error))?;
    Ok(answer.to_sdp_string())
}

fn bad(error: &dyn std::fmt::Display) -> Refusal {
    Refusal::Bad(error.to_string().trim_end_matches('.').to_owned())
}

fn audio_mid(answer: &str) -> Result<Mid, Refusal> {
    answer
        .lines()
        .skip_while(|line| !line.starts_with("m=audio "))
        .find_map(|line| line.strip_prefix("a=mid:"))
        .map(Mid::from)
        .ok_or_else(|| Refusal::Bad("its audio section has no mid".into()))
}

/// Take the sending stream away from the library and declare the channel, with no poll between.
fn take_over(
    rtc: &mut Rtc,
    mid: Mid,
    offer: &str,
) -> Result<(Negotiated, Option<ChannelId>), Refusal> {
    let payload_type = rtc
        .media(mid)
        .and_then(|media| media.remote_pts().first())
        .map(|payload_type| **payload_type)
        .ok_or(Refusal::NoCommonProfile("its Opus cannot be used"))?;
    let ssrc = take_streams(rtc, mid);
    let channel = offer
        .lines()
        .any(|line| line.starts_with("m=application "))
        .then(|| {
            rtc.direct_api().create_data_channel(ChannelConfig {
                label: "events".into(),
                negotiated: Some(CHANNEL_NUMBER),
                ..ChannelConfig::default()
            })
        });
    Ok((
        Negotiated {
            ssrc,
            payload_type,
            channel: channel.is_some(),
        },
        channel,
    ))
}

/// Remove the library's streams of a section; returns the SSRC it had meant to send under.
///
/// The receiving one goes too: it would send reports about a source the library never sees.
fn take_streams(rtc: &mut Rtc, mid: Mid) -> Option<u32> {
    let mut api = rtc.direct_api();
    while let Some(ssrc) = api.stream_rx_by_mid(mid, None).map(|stream| stream.ssrc()) {
        api.remove_stream_rx(ssrc);
    }
    let ssrc = api
        .stream_tx_by_mid(mid, None)
        .map(|stream| stream.ssrc())?;
    api.remove_stream_tx(ssrc);
    Some(*ssrc)
}

fn local_credentials(rtc: &mut Rtc) -> IceCredentials {
    let credentials = rtc.direct_api().local_ice_credentials();
    IceCredentials {
        ufrag: credentials.ufrag,
        password: credentials.pass,
    }
}

fn stun_key(credentials: &IceCredentials) -> Arc<hmac::Key> {
    Arc::new(hmac::Key::new(
        hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY,
        credentials.password.as_bytes(),
    ))
}

/// A mismatch of fingerprints is the one thing the library reports as a fault of the SDP after
/// the answer.
fn ending(error: &RtcError) -> Ending {
    match error {
        RtcError::RemoteSdp(_) => Ending::Untrusted,
        _ => Ending::Failed,
    }
}
