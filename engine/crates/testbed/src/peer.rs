//! A synthetic client: a browser's half of a call, without a socket and without a clock.
//!
//! It is a full ICE client with real DTLS, SRTP and SCTP by str0m. Datagrams and time are arguments,
//! so the same peer runs over a lossy network in virtual time and over a real socket.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use str0m::change::{SdpAnswer, SdpOffer, SdpPendingOffer};
use str0m::channel::{ChannelConfig, ChannelId};
use str0m::media::{Direction, MediaKind, Mid, Pt};
use str0m::net::{Protocol, Receive};
use str0m::rtp::RtpWrite;
use str0m::{Candidate, Event, Input, Output, Rtc, RtcConfig};

/// Ticks of the RTP clock in one 20 ms frame (RFC 7587, 4.1).
const TICKS_PER_FRAME: u32 = 960;

/// What a synthetic client cannot do.
#[derive(Debug, thiserror::Error)]
pub enum PeerError {
    /// An offer or answer that str0m does not take.
    #[error("the answer was not understood: {0}")]
    Answer(String),
    /// Something in the connection itself.
    #[error(transparent)]
    Connection(#[from] str0m::RtcError),
    /// An address that cannot be a host candidate.
    #[error(transparent)]
    Candidate(#[from] str0m::error::IceError),
    /// An answer was given that nobody asked for, or a voice before the call stood.
    #[error("the call is not ready for this")]
    NotReady,
}

/// What kind of call to offer.
#[derive(Debug, Clone, Copy)]
pub struct Offer {
    /// Direction of the one audio m-line.
    pub direction: Direction,
    /// Whether the pre-negotiated data channel 0 is offered too.
    pub with_channel: bool,
}

impl Default for Offer {
    fn default() -> Self {
        Self {
            direction: Direction::SendRecv,
            with_channel: true,
        }
    }
}

/// One packet of the mix, as it was decrypted.
#[derive(Debug, Clone)]
pub struct HeardPacket {
    /// Extended sequence number, unwrapped.
    pub sequence: u64,
    /// RTP ticks of its first sample.
    pub timestamp: u32,
    /// Contributing sources (RFC 3550, 5.1): who is in this packet.
    pub csrc: Vec<u32>,
    /// The Opus packet.
    pub payload: Arc<[u8]>,
    /// When it arrived.
    pub at: Instant,
}

/// Something that happened to a synthetic client.
#[derive(Debug, Clone)]
pub enum Happening {
    /// ICE and DTLS are done.
    Connected,
    /// A packet of sound came.
    Heard(HeardPacket),
    /// The data channel is open.
    ChannelOpen,
    /// A message came over the data channel.
    Message(String),
    /// What the other side reports gives this round trip; needs a configuration that asks for it.
    RoundTrip(Duration),
    /// The other side has gone silent or said goodbye.
    Gone,
}

/// A datagram to be carried.
#[derive(Debug, Clone)]
pub struct Datagram {
    /// Where it comes from.
    pub from: SocketAddr,
    /// Where it goes.
    pub to: SocketAddr,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// The client's half of one call.
pub struct Peer {
    rtc: Rtc,
    mid: Mid,
    channel: Option<ChannelId>,
    pending: Option<SdpPendingOffer>,
    answer: String,
    sequence: u64,
    timestamp: u32,
    deadline: Instant,
    outgoing: VecDeque<Datagram>,
    happenings: VecDeque<Happening>,
}

impl Peer {
    /// Prepare a call from this address and make its offer (SDP text).
    ///
    /// # Errors
    /// When the address cannot be a candidate.
    pub fn call(
        address: SocketAddr,
        offer: Offer,
        now: Instant,
    ) -> Result<(Self, String), PeerError> {
        let config = RtcConfig::new()
            .set_rtp_mode(true)
            .clear_codecs()
            .enable_opus(true, false);
        Self::call_with(config, address, offer, now)
    }

    /// The same with a configuration of one's own (another certificate, say).
    ///
    /// # Errors
    /// When the address cannot be a candidate.
    pub fn call_with(
        config: RtcConfig,
        address: SocketAddr,
        offer: Offer,
        now: Instant,
    ) -> Result<(Self, String), PeerError> {
        let mut rtc = config.build(now);
        rtc.add_local_candidate(Candidate::host(address, "udp")?);
        let mut change = rtc.sdp_api();
        let mid = change.add_media(MediaKind::Audio, offer.direction, None, None, None);
        let channel = offer
            .with_channel
            .then(|| change.add_channel_with_config(events_channel()));
        let (text, pending) = change.apply().ok_or(PeerError::NotReady)?;
        let peer = Self {
            rtc,
            mid,
            channel,
            pending: Some(pending),
            answer: String::new(),
            sequence: 0,
            timestamp: 0,
            deadline: now,
            outgoing: VecDeque::new(),
            happenings: VecDeque::new(),
        };
        Ok((peer, text.to_sdp_string()))
    }

    /// Take the offer of a server that calls (SDP text), at this address; gives the answer, too.
    ///
    /// # Errors
    /// When the offer is not understood or has no sound, or the address cannot be a candidate.
    pub fn answer(
        address: SocketAddr,
        offer: &str,
        now: Instant,
    ) -> Result<(Self, String), PeerError> {
        let mut rtc = RtcConfig::new()
            .set_rtp_mode(true)
            .clear_codecs()
            .enable_opus(true, false)
            .build(now);
        rtc.add_local_candidate(Candidate::host(address, "udp")?);
        let mid = offer.lines().find_map(|line| line.strip_prefix("a=mid:"));
        let mid = mid.ok_or(PeerError::NotReady)?.trim_end().into();
        let offer = SdpOffer::from_sdp_string(offer)
            .map_err(|error| PeerError::Answer(error.to_string()))?;
        let answer = rtc.sdp_api().accept_offer(offer)?.to_sdp_string();
        let peer = Self {
            rtc,
            mid,
            channel: None,
            pending: None,
            answer: answer.clone(),
            sequence: 0,
            timestamp: 0,
            deadline: now,
            outgoing: VecDeque::new(),
            happenings: VecDeque::new(),
        };
        Ok((peer, answer))
    }

    /// Take the server's answer; from now on the call connects.
    ///
    /// # Errors
    /// When nothing was offered, or the answer does not fit the offer.
    pub fn accept(&mut self, answer: &str, now: Instant) -> Result<(), PeerError> {
        let pending = self.pending.take().ok_or(PeerError::NotReady)?;
        let parsed = SdpAnswer::from_sdp_string(answer)
            .map_err(|error| PeerError::Answer(error.to_string()))?;
        self.rtc.sdp_api().accept_answer(pending, parsed)?;
        answer.clone_into(&mut self.answer);
        self.advance(now)
    }

    /// Move to another address and make the fragment that restarts ICE (RFC 8840).
    ///
    /// # Errors
    /// When the address cannot be a candidate.
    pub fn restart(&mut self, address: SocketAddr) -> Result<String, PeerError> {
        self.rtc
            .add_local_candidate(Candidate::host(address, "udp")?);
        let mut change = self.rtc.sdp_api();
        change.ice_restart(true);
        let (offer, pending) = change.apply().ok_or(PeerError::NotReady)?;
        self.pending = Some(pending);
        Ok(ice_lines(&offer.to_sdp_string()))
    }

    /// Take the server's fragment: the former answer holds, with new credentials.
    ///
    /// # Errors
    /// As [`Peer::accept`].
    pub fn accept_restart(&mut self, fragment: &str, now: Instant) -> Result<(), PeerError> {
        let mut answer = self.answer.clone();
        for name in ["a=ice-ufrag:", "a=ice-pwd:"] {
            let new = fragment.lines().find(|line| line.starts_with(name));
            let new = new.ok_or_else(|| PeerError::Answer(format!("no {name}")))?;
            answer = replace_lines(&answer, name, new);
        }
        self.accept(&answer, now)
    }

    /// Say one 20 ms Opus packet.
    ///
    /// # Errors
    /// Before the call stands.
    pub fn speak(&mut self, opus: &[u8], now: Instant) -> Result<(), PeerError> {
        let payload_type = self.payload_type()?;
        let mut api = self.rtc.direct_api();
        let stream = api
            .stream_tx_by_mid(self.mid, None)
            .ok_or(PeerError::NotReady)?;
        self.sequence += 1;
        let packet = RtpWrite::new(
            payload_type,
            self.sequence.into(),
            self.timestamp,
            now,
            opus.to_vec(),
        );
        stream.write_rtp(packet);
        self.pause();
        self.advance(now)
    }

    /// Let one frame of silence pass (discontinuous transmission: the clock goes on, nothing is sent).
    pub fn pause(&mut self) {
        self.timestamp = self.timestamp.wrapping_add(TICKS_PER_FRAME);
    }

    /// Let sequence number and clock begin shortly before they wrap.
    pub fn begin_near_wraps(&mut self) {
        self.sequence = u64::from(u16::MAX) - 100;
        self.timestamp = u32::MAX - 3 * 48_000;
    }

    /// Be as far on as if so many more packets had been said, and none of them arrived.
    pub fn lose(&mut self, packets: u32) {
        self.sequence += u64::from(packets);
        let ticks = packets.wrapping_mul(TICKS_PER_FRAME);
        self.timestamp = self.timestamp.wrapping_add(ticks);
    }

    /// Write a message into the data channel.
    ///
    /// # Errors
    /// Without an open channel, or when it is full.
    pub fn write(&mut self, message: &str, now: Instant) -> Result<(), PeerError> {
        let id = self.channel.ok_or(PeerError::NotReady)?;
        let mut channel = self.rtc.channel(id).ok_or(PeerError::NotReady)?;
        if !channel.write(false, message.as_bytes())? {
            return Err(PeerError::NotReady);
        }
        self.advance(now)
    }

    /// Close the data channel, as a page does with `channel.close()`.
    ///
    /// # Errors
    /// Without a channel, or when the connection cannot go on.
    pub fn close_channel(&mut self, now: Instant) -> Result<(), PeerError> {
        let id = self.channel.ok_or(PeerError::NotReady)?;
        self.rtc.direct_api().close_data_channel(id);
        self.advance(now)
    }

    /// Take a datagram from the network.
    ///
    /// # Errors
    /// When the connection cannot go on.
    pub fn receive(&mut self, datagram: &Datagram, now: Instant) -> Result<(), PeerError> {
        let Ok(receive) = Receive::new(Protocol::Udp, datagram.from, datagram.to, &datagram.bytes)
        else {
            return Ok(());
        };
        let input = Input::Receive(now, receive);
        if self.rtc.accepts(&input) {
            self.rtc.handle_input(input)?;
            self.drain(now)?;
        }
        Ok(())
    }

    /// Let time pass.
    ///
    /// # Errors
    /// When the connection cannot go on.
    pub fn advance(&mut self, now: Instant) -> Result<(), PeerError> {
        self.rtc.handle_input(Input::Timeout(now))?;
        self.drain(now)
    }

    /// When `advance` wants to be called next.
    #[must_use]
    pub fn deadline(&self) -> Instant {
        self.deadline
    }

    /// The next datagram to carry.
    pub fn outgoing(&mut self) -> Option<Datagram> {
        self.outgoing.pop_front()
    }

    /// The next thing that happened.
    pub fn happening(&mut self) -> Option<Happening> {
        self.happenings.pop_front()
    }

    fn payload_type(&self) -> Result<Pt, PeerError> {
        let media = self.rtc.media(self.mid).ok_or(PeerError::NotReady)?;
        media
            .remote_pts()
            .first()
            .copied()
            .ok_or(PeerError::NotReady)
    }

    /// Every change is followed by polling until str0m only waits: it allows no second change before.
    fn drain(&mut self, now: Instant) -> Result<(), PeerError> {
        loop {
            match self.rtc.poll_output()? {
                Output::Timeout(deadline) => {
                    self.deadline = deadline;
                    return Ok(());
                }
                Output::Transmit(packet) => self.outgoing.push_back(Datagram {
                    from: packet.source,
                    to: packet.destination,
                    bytes: packet.contents.to_vec(),
                }),
                Output::Event(event) => self.happenings.extend(happening(event, now)),
            }
        }
    }
}

/// The channel both sides know without asking: id 0, ordered, reliable.
fn events_channel() -> ChannelConfig {
    ChannelConfig {
        label: "events".into(),
        negotiated: Some(0),
        ..ChannelConfig::default()
    }
}

fn happening(event: Event, now: Instant) -> Option<Happening> {
    match event {
        Event::Connected => Some(Happening::Connected),
        Event::RtpPacket(packet) => Some(Happening::Heard(HeardPacket {
            sequence: *packet.seq_no,
            timestamp: packet.header.timestamp,
            csrc: packet.header.csrc[..packet.header.csrc_count].to_vec(),
            payload: packet.payload,
            at: now,
        })),
        Event::ChannelOpen(..) => Some(Happening::ChannelOpen),
        Event::ChannelData(data) => String::from_utf8(data.data).ok().map(Happening::Message),
        Event::MediaEgressStats(stats) => stats.rtt.map(Happening::RoundTrip),
        Event::Closed => Some(Happening::Gone),
        Event::IceConnectionStateChange(str0m::IceConnectionState::Disconnected) => {
            Some(Happening::Gone)
        }
        _ => None,
    }
}

/// The lines of an offer that an ICE restart is about.
fn ice_lines(offer: &str) -> String {
    let names = ["a=ice-ufrag:", "a=ice-pwd:", "a=candidate:"];
    let wanted = |line: &&str| names.iter().any(|name| line.starts_with(name));
    let lines: Vec<&str> = offer.lines().filter(wanted).collect();
    lines.join("\r\n") + "\r\n"
}

fn replace_lines(text: &str, name: &str, new: &str) -> String {
    let lines = text
        .lines()
        .map(|line| if line.starts_with(name) { new } else { line });
    lines.flat_map(|line| [line, "\r\n"]).collect()
}

#[cfg(test)]
#[expect(
    clippy::disallowed_methods,
    reason = "any instant serves as the start of a test"
)]
mod tests {
    use super::*;

    fn address(port: u16) -> SocketAddr {
        SocketAddr::from(([10, 0, 0, 1], port))
    }

    #[test]
    fn an_offer_has_one_audio_line_and_the_channel() {
        let (_, offer) =
            Peer::call(address(4000), Offer::default(), Instant::now()).expect("an offer");

        assert_eq!(offer.matches("m=audio").count(), 1);
        assert_eq!(offer.matches("m=application").count(), 1);
    }

    #[test]
    fn who_is_called_answers_for_sound_at_an_address() {
        let now = Instant::now();
        let (_, offer) = Peer::call(address(4000), Offer::default(), now).expect("an offer");

        let (_, answer) = Peer::answer(address(5000), &offer, now).expect("an answer");

        assert_eq!(answer.matches("m=audio").count(), 1);
        assert!(answer.contains(" 10.0.0.1 5000 "), "{answer}");
        assert!(Peer::answer(address(5000), "v=0", now).is_err());
    }

    #[test]
    fn a_restart_offers_new_credentials() {
        let now = Instant::now();
        let (mut peer, offer) = Peer::call(address(4000), Offer::default(), now).expect("an offer");
        let mut server = RtcConfig::new().set_ice_lite(true).build(now);
        server.add_local_candidate(Candidate::host(address(5000), "udp").expect("a candidate"));
        let offer = str0m::change::SdpOffer::from_sdp_string(&offer).expect("an offer");
        let former = ice_lines(&offer.to_sdp_string());
        let answer = server.sdp_api().accept_offer(offer).expect("an answer");
        peer.accept(&answer.to_sdp_string(), now).expect("accepted");

        let fragment = peer.restart(address(4001)).expect("a fragment");

        assert!(fragment.contains("a=ice-ufrag:"));
        assert!(fragment.contains("4001"));
        assert_ne!(fragment.lines().next(), former.lines().next());
    }

    #[test]
    fn an_answer_nobody_asked_for_is_refused() {
        let now = Instant::now();
        let (mut peer, _) = Peer::call(address(4000), Offer::default(), now).expect("an offer");

        assert!(matches!(
            peer.accept("nonsense", now),
            Err(PeerError::Answer(_))
        ));
        assert!(matches!(
            peer.accept("nonsense", now),
            Err(PeerError::NotReady)
        ));
    }
}
