//! A session against a real client of the same library, in virtual time.

use std::collections::HashSet;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use str0m::change::{SdpAnswer, SdpOffer, SdpPendingOffer};
use str0m::media::{Direction, MediaKind};
use str0m::net::{Protocol, Receive};
use str0m::{Candidate, Event, Input, Output as RtcOutput, Rtc, RtcConfig};

use super::fragment::Fragment;
use super::session::{Output, Session, accept_offer, config};
use super::tap::Identity;
use crate::rtp::{Header, MAX_REPORT, NtpTime, Report, SenderInfo, write_report};
use crate::srtp::{ReceiveLane, SendLane};

const LIMIT: Duration = Duration::from_secs(10);

fn server() -> SocketAddr {
    SocketAddr::from(([10, 0, 0, 1], 4000))
}

fn client() -> SocketAddr {
    SocketAddr::from(([10, 0, 0, 2], 5000))
}

/// Credentials that a client might restart with.
const FRAGMENT: &str = "a=ice-ufrag:EsAw\r\na=ice-pwd:P2uYro0UCOQ4zxjKXaWCBui1\r\n";

/// A browser's half of a call.
struct Client {
    rtc: Rtc,
    pending: Option<SdpPendingOffer>,
    /// Sequence numbers and contributing sources of the packets it decrypted.
    heard: Vec<(u64, Vec<u32>)>,
    connected: bool,
}

impl Client {
    fn new(now: Instant) -> (Self, String) {
        let mut rtc = RtcConfig::new().set_rtp_mode(true).build(now);
        rtc.add_local_candidate(Candidate::host(client(), Protocol::Udp).unwrap());
        let mut change = rtc.sdp_api();
        change.add_media(MediaKind::Audio, Direction::SendRecv, None, None, None);
        change.add_channel("events".into());
        let (offer, pending) = change.apply().unwrap();
        let client = Self {
            rtc,
            pending: Some(pending),
            heard: Vec::new(),
            connected: false,
        };
        (client, offer.to_sdp_string())
    }

    fn accept(&mut self, answer: &str) {
        let answer = SdpAnswer::from_sdp_string(answer).unwrap();
        self.rtc
            .sdp_api()
            .accept_answer(self.pending.take().unwrap(), answer)
            .unwrap();
    }

    /// An offer that restarts ICE, and the fragment of it that is sent.
    fn restart(&mut self) -> (String, String) {
        let mut change = self.rtc.sdp_api();
        change.ice_restart(true);
        let (offer, pending) = change.apply().unwrap();
        self.pending = Some(pending);
        let offer = offer.to_sdp_string();
        let of_ice =
            |line: &&str| line.starts_with("a=ice-ufrag:") || line.starts_with("a=ice-pwd:");
        let fragment = offer
            .lines()
            .filter(of_ice)
            .flat_map(|line| [line, "\r\n"])
            .collect();
        (offer, fragment)
    }

    fn receive(&mut self, datagram: &[u8], now: Instant) {
        let receive = Receive::new(Protocol::Udp, server(), client(), datagram).unwrap();
        self.rtc.handle_input(Input::Receive(now, receive)).unwrap();
    }

    /// Let time pass; returns what it sent.
    fn poll(&mut self, now: Instant) -> Vec<Vec<u8>> {
        self.rtc.handle_input(Input::Timeout(now)).unwrap();
        self.drain()
    }

    fn drain(&mut self) -> Vec<Vec<u8>> {
        let mut sent = Vec::new();
        loop {
            match self.rtc.poll_output().unwrap() {
                RtcOutput::Timeout(_) => return sent,
                RtcOutput::Transmit(transmit) => sent.push(transmit.contents.into()),
                RtcOutput::Event(Event::Connected) => self.connected = true,
                RtcOutput::Event(Event::RtpPacket(packet)) => {
                    let csrc = packet.header.csrc[..packet.header.csrc_count].to_vec();
                    self.heard.push((*packet.seq_no, csrc));
                }
                RtcOutput::Event(_) => {}
            }
        }
    }
}

/// A client's offer, for tests that need no more of it.
pub(crate) fn offer(now: Instant) -> String {
    Client::new(now).1
}

/// A session and a client that have shaken hands.
struct Call {
    session: Session,
    client: Client,
    answer: String,
    now: Instant,
    connected: bool,
}

impl Call {
    fn connected() -> Self {
        let now = crate::clock::now();
        let identity = Identity::generate().unwrap();
        let (mut client, offer) = Client::new(now);
        let (session, answer) = Session::accept(&identity, &[server()], &offer, now).unwrap();
        client.accept(&answer);
        let mut call = Self {
            session,
            client,
            answer,
            now,
            connected: false,
        };
        let until = now + LIMIT;
        while !(call.connected && call.client.connected) {
            assert!(call.now < until, "no handshake");
            call.run(Duration::from_millis(10));
        }
        call
    }

    fn run(&mut self, time: Duration) {
        let until = self.now + time;
        while self.now < until {
            self.now += Duration::from_millis(10);
            for datagram in self.client.poll(self.now) {
                // What is media belongs to the own lane, as in the engine.
                if datagram[0] < 128 {
                    assert_eq!(self.session.receive(client(), &datagram, self.now), None);
                    self.drain();
                }
            }
            assert_eq!(self.session.advance(self.now), None);
            self.drain();
        }
    }

    fn drain(&mut self) {
        loop {
            match self.session.poll() {
                Output::Reply(_, datagram) | Output::Send(datagram) => {
                    self.client.receive(&datagram, self.now);
                }
                Output::Connected => self.connected = true,
                Output::Wait(_) => return,
                Output::Ended(ending) => panic!("{ending:?}"),
                Output::ChannelOpen | Output::ChannelClosed | Output::Message => {}
            }
        }
    }

    fn ssrc(&self) -> u32 {
        self.session.negotiated().ssrc.unwrap()
    }
}

fn ssrc_in(answer: &str) -> u32 {
    let line = answer
        .lines()
        .find_map(|line| line.strip_prefix("a=ssrc:"))
        .unwrap();
    line.split(' ').next().unwrap().parse().unwrap()
}

#[test]
fn a_client_decrypts_everything_the_lane_seals_over_three_wraps() {
    const PACKETS: usize = 200_000;
    let mut call = Call::connected();
    let mut lane = SendLane::new(&call.session.keys().unwrap(), call.ssrc(), 0x7FFF).unwrap();
    let csrc = [7, 8, 9];
    for n in 0..PACKETS {
        let header = Header {
            payload_type: call.session.negotiated().payload_type,
            marker: n == 0,
            timestamp: n as u32 * 960,
            csrc: &csrc[..n % 4],
        };
        let mut packet = [0; 300];
        let length = lane.seal_rtp(&header, &[0xF8; 80], &mut packet).unwrap();
        call.client.receive(&packet[..length], call.now);
        call.client.drain();
    }

    assert_eq!(call.client.heard.len(), PACKETS);
    let sequences: HashSet<u64> = call
        .client
        .heard
        .iter()
        .map(|(sequence, _)| *sequence)
        .collect();
    assert_eq!(sequences.len(), PACKETS);
    assert_eq!(call.client.heard[3].1, csrc);
}

#[test]
fn the_library_itself_sends_no_media_even_over_a_restart() {
    let mut call = Call::connected();
    call.run(Duration::from_secs(12));
    let (_, fragment) = call.client.restart();
    call.session
        .restart(&Fragment::parse(&fragment).unwrap())
        .unwrap();

    // A session that sent some would not get past the assertion in its poll.
    call.run(Duration::from_secs(12));
    assert!(call.connected);
}

#[test]
fn a_restart_changes_the_credentials_and_neither_ssrc_nor_keys() {
    let mut call = Call::connected();
    let (ufrag, ssrc) = (call.session.ufrag().to_owned(), ssrc_in(&call.answer));
    let (_, fragment) = call.client.restart();
    let fragment = Fragment::parse(&fragment).unwrap();
    let second = call.session.answer_again(&fragment).unwrap();
    assert_eq!(ssrc_in(&second), ssrc);
    let answer = call.session.restart(&fragment).unwrap();

    assert_ne!(call.session.ufrag(), ufrag);
    assert!(answer.contains(call.session.ufrag()));
    assert_eq!(call.ssrc(), ssrc);
    assert_eq!(
        call.session.restart(&fragment).unwrap(),
        answer,
        "asked again it is the same"
    );
}

/// Why `Session::restart` declares the stream again: without it the answer has another SSRC.
#[test]
fn without_declaring_the_stream_again_a_restart_would_change_the_ssrc() {
    let now = crate::clock::now();
    let identity = Identity::generate().unwrap();
    let (mut client, offer) = Client::new(now);
    let (mut session, answer) = Session::accept(&identity, &[server()], &offer, now).unwrap();
    client.accept(&answer);
    let (offer, _) = client.restart();

    let second = accept_offer(session.rtc(), &offer).unwrap();

    assert_ne!(ssrc_in(&second), ssrc_in(&answer));
}

/// Why `Session::accept` takes the stream away: left alone, the library reports under the SSRC
/// that the lane seals with, with the same key.
#[test]
fn without_taking_the_stream_away_the_library_would_report_under_our_ssrc() {
    let mut now = crate::clock::now();
    let identity = Identity::generate().unwrap();
    let (mut client, offer) = Client::new(now);
    let mut rtc = config(&identity).build(now);
    rtc.add_local_candidate(Candidate::host(server(), Protocol::Udp).unwrap());
    let offer = SdpOffer::from_sdp_string(&offer).unwrap();
    let answer = rtc.sdp_api().accept_offer(offer).unwrap().to_sdp_string();
    client.accept(&answer);

    let mut reporters = HashSet::new();
    for _ in 0..1000 {
        now += Duration::from_millis(10);
        for datagram in client.poll(now) {
            let receive = Receive::new(Protocol::Udp, self::client(), server(), &datagram).unwrap();
            rtc.handle_input(Input::Receive(now, receive)).unwrap();
        }
        rtc.handle_input(Input::Timeout(now)).unwrap();
        loop {
            match rtc.poll_output().unwrap() {
                RtcOutput::Timeout(_) => break,
                RtcOutput::Transmit(transmit) => {
                    if transmit.contents[0] >= 128 {
                        reporters.insert(transmit.contents[4..8].to_vec());
                    }
                    client.receive(&transmit.contents, now);
                    client.drain();
                }
                RtcOutput::Event(_) => {}
            }
        }
    }

    assert!(reporters.contains(ssrc_in(&answer).to_be_bytes().as_slice()));
}

#[test]
fn a_client_counts_the_packets_of_our_reports_and_we_open_its_own() {
    let mut call = Call::connected();
    let keys = call.session.keys().unwrap();
    let mut lane = SendLane::new(&keys, call.ssrc(), 1).unwrap();
    let mut receive = ReceiveLane::new(&keys).unwrap();
    let sender = SenderInfo {
        ntp: NtpTime::from_unix(Duration::from_secs(1_800_000_000)),
        timestamp: 0,
        packets: 1,
        octets: 1,
    };
    let report = Report {
        ssrc: lane.ssrc(),
        sender: Some(sender),
        block: None,
    };
    let mut packet = [0; MAX_REPORT + 20];
    let length = write_report(&report, &mut packet).unwrap();
    let length = lane.seal_rtcp(&mut packet, length).unwrap();
    let header = Header {
        payload_type: 111,
        marker: true,
        timestamp: 0,
        csrc: &[],
    };
    let mut voice = [0; 100];
    let voiced = lane
        .seal_rtp(&header, &[0xF8, 0xFF, 0xFE], &mut voice)
        .unwrap();
    call.client.receive(&voice[..voiced], call.now);
    call.client.receive(&packet[..length], call.now);

    // Its next report quotes ours: the middle of the time we told it (RFC 3550, 6.4.1).
    let mut quoted = false;
    for _ in 0..1200 {
        call.now += Duration::from_millis(10);
        for mut datagram in call
            .client
            .poll(call.now)
            .into_iter()
            .filter(|d| d[0] >= 128)
        {
            let compound = receive.open_rtcp(&mut datagram).unwrap();
            let middle = sender.ntp.middle().to_be_bytes();
            quoted |= compound.windows(4).any(|octets| octets == middle);
        }
    }
    assert!(quoted);
}

#[test]
fn only_a_request_with_our_password_is_authentic() {
    let mut call = Call::connected();
    let mut checks = Vec::new();
    for _ in 0..1000 {
        call.now += Duration::from_millis(10);
        checks.extend(call.client.poll(call.now).into_iter().filter(|d| d[0] < 4));
    }
    let mut check = checks.pop().expect("a client checks each few seconds");
    assert!(call.session.authenticate(&check).is_some());

    check[24] ^= 1;
    assert!(call.session.authenticate(&check).is_none());
}

#[test]
fn a_session_has_something_to_do_only_after_something_happened_to_it() {
    let mut call = Call::connected();
    call.run(Duration::from_secs(1));
    assert!(!call.session.has_changed());

    let now = call.now;
    let happenings: [fn(&mut Session, Instant) -> bool; 4] = [
        |session, now| session.receive(client(), &[22; 13], now).is_none(),
        |session, now| session.advance(now).is_none(),
        |session, _| {
            session.write("{}");
            true
        },
        |session, _| session.restart(&Fragment::parse(FRAGMENT).unwrap()).is_ok(),
    ];
    for (n, happens) in happenings.into_iter().enumerate() {
        let went_well = happens(&mut call.session, now);
        assert!(went_well && call.session.has_changed(), "{n}");
        call.drain();
        assert!(!call.session.has_changed(), "{n}");
    }
}

#[test]
fn the_answer_is_ours_in_every_line_that_matters() {
    let call = Call::connected();
    let has = |line: &str| call.answer.lines().any(|found| found == line);

    assert!(has("a=ice-lite"));
    assert!(has("a=setup:passive"));
    assert!(has("a=ptime:20") && has("a=maxptime:120"));
    assert!(has("a=max-message-size:4096"));
    assert!(call.answer.contains("usedtx=1;stereo=0"));
    assert!(!call.answer.contains("transport-cc"));
    assert!(!call.answer.contains("a=extmap:"));
}
