//! A session against a real client, str0m, in virtual time.

use std::collections::HashSet;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use str0m::change::{SdpAnswer, SdpPendingOffer};
use str0m::channel::{ChannelConfig, ChannelId};
use str0m::media::{Direction, MediaKind};
use str0m::net::{Protocol, Receive};
use str0m::{Candidate, Event, Input, Output as RtcOutput, Rtc, RtcConfig};

use super::association::Written;
use super::dtls::Identity;
use super::fragment::Fragment;
use super::session::{Ending, Output, Session};
use crate::opus::Content;
use crate::rtp::{Header, MAX_REPORT, NtpTime, Report, SenderInfo, write_report};
use crate::rx::Check;
use crate::srtp::{Keys, ReportLane, SendLane};

const LIMIT: Duration = Duration::from_secs(10);

fn server() -> SocketAddr {
    SocketAddr::from(([10, 0, 0, 1], 4000))
}

fn client() -> SocketAddr {
    SocketAddr::from(([10, 0, 0, 2], 5000))
}

/// A browser's half of a call.
struct Client {
    rtc: Rtc,
    pending: Option<SdpPendingOffer>,
    /// Sequence numbers and contributing sources of the packets it decrypted.
    heard: Vec<(u64, Vec<u32>)>,
    connected: bool,
    channel: ChannelId,
    messages: Vec<String>,
    left: bool,
    outgoing: Vec<Vec<u8>>,
}

impl Client {
    fn new(now: Instant) -> (Self, String) {
        Self::with_channel(now, true)
    }

    /// One whose messages come in their order, or as it happens.
    fn with_channel(now: Instant, ordered: bool) -> (Self, String) {
        let mut rtc = RtcConfig::new().set_rtp_mode(true).build(now);
        rtc.add_local_candidate(Candidate::host(client(), Protocol::Udp).unwrap());
        let mut change = rtc.sdp_api();
        change.add_media(MediaKind::Audio, Direction::SendRecv, None, None, None);
        let channel = change.add_channel_with_config(ChannelConfig {
            negotiated: Some(0),
            ordered,
            ..ChannelConfig::default()
        });
        let (offer, pending) = change.apply().unwrap();
        let client = Self {
            rtc,
            pending: Some(pending),
            heard: Vec::new(),
            connected: false,
            channel,
            messages: Vec::new(),
            left: false,
            outgoing: Vec::new(),
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

    /// The fragment by which it restarts ICE.
    fn restart(&mut self) -> Fragment {
        let mut change = self.rtc.sdp_api();
        change.ice_restart(true);
        let (offer, pending) = change.apply().unwrap();
        self.pending = Some(pending);
        Fragment::parse(&offer.to_sdp_string()).unwrap()
    }

    fn receive(&mut self, datagram: &[u8], now: Instant) {
        let receive = Receive::new(Protocol::Udp, server(), client(), datagram).unwrap();
        self.rtc.handle_input(Input::Receive(now, receive)).unwrap();
        let sent = self.drain();
        self.outgoing.extend(sent);
    }

    /// Open another channel, of this number.
    fn open(&mut self, number: u16) -> ChannelId {
        self.rtc.direct_api().create_data_channel(ChannelConfig {
            negotiated: Some(number),
            ..ChannelConfig::default()
        })
    }

    fn say(&mut self, channel: ChannelId, message: &str) {
        let mut channel = self.rtc.channel(channel).unwrap();
        assert!(channel.write(false, message.as_bytes()).unwrap());
    }

    /// Let time pass; returns what it sent.
    fn poll(&mut self, now: Instant) -> Vec<Vec<u8>> {
        self.rtc.handle_input(Input::Timeout(now)).unwrap();
        let sent = self.drain();
        self.outgoing.extend(sent);
        std::mem::take(&mut self.outgoing)
    }

    fn drain(&mut self) -> Vec<Vec<u8>> {
        let mut sent = Vec::new();
        loop {
            match self.rtc.poll_output().unwrap() {
                RtcOutput::Timeout(_) => return sent,
                RtcOutput::Transmit(transmit) => sent.push(transmit.contents.into()),
                RtcOutput::Event(Event::Connected) => self.connected = true,
                RtcOutput::Event(Event::Closed) => self.left = true,
                RtcOutput::Event(Event::ChannelData(data)) => {
                    self.messages.push(String::from_utf8(data.data).unwrap());
                }
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
    keys: Option<Keys>,
    channel_open: bool,
    messages: usize,
    ended: Option<Ending>,
    /// When the session wants to be advanced.
    wakes: Instant,
}

impl Call {
    fn begun(change: impl Fn(String) -> String) -> Self {
        let now = crate::clock::now();
        let (client, offer) = Client::new(now);
        Self::of(client, &change(offer), now)
    }

    fn of(mut client: Client, offer: &str, now: Instant) -> Self {
        let identity = Identity::generate().unwrap();
        let content = Content::Voices;
        let (session, answer) =
            Session::accept(&identity, &[server()], offer, content, now).unwrap();
        client.accept(&answer);
        Self {
            session,
            client,
            answer,
            now,
            keys: None,
            channel_open: false,
            messages: 0,
            ended: None,
            wakes: now,
        }
    }

    fn connected() -> Self {
        let mut call = Self::begun(|offer| offer);
        call.run_until(|call| call.keys.is_some() && call.client.connected);
        call
    }

    fn run_until(&mut self, so: impl Fn(&Self) -> bool) {
        let until = self.now + LIMIT;
        while !so(self) {
            assert!(self.now < until, "it did not happen");
            self.run(Duration::from_millis(10));
        }
    }

    fn run(&mut self, time: Duration) {
        let until = self.now + time;
        while self.now < until && self.ended.is_none() {
            self.now += Duration::from_millis(10);
            for datagram in self.client.poll(self.now) {
                self.take(&datagram);
            }
            if self.wakes <= self.now {
                self.ended = self.session.advance(self.now);
            }
            self.drain();
        }
    }

    /// What the shard does with a datagram of the client.
    fn take(&mut self, datagram: &[u8]) {
        match datagram[0] {
            0..=3 => {
                let key = self.session.key_of_checks();
                let check = Check::authentic(client(), datagram, self.session.ufrag(), &key)
                    .expect("a check with the password");
                if check.use_candidate {
                    self.session.reach();
                }
                self.client.receive(&check.answer, self.now);
            }
            20..=63 => self.ended = self.session.receive(datagram, self.now),
            // What is media belongs to the lane.
            _ => {}
        }
        self.drain();
    }

    fn drain(&mut self) {
        while self.ended.is_none() && self.session.has_changed() {
            match self.session.poll(self.now) {
                Output::Send(datagram) => self.client.receive(&datagram, self.now),
                Output::Connected => self.keys = self.session.take_keys(),
                Output::ChannelOpen => self.channel_open = true,
                Output::Message(_) => self.messages += 1,
                Output::ChannelClosed => self.channel_open = false,
                Output::Ended(ending) => self.ended = Some(ending),
                Output::Wait(until) => self.wakes = until,
            }
        }
    }

    fn keys(&self) -> Keys {
        self.keys.clone().unwrap()
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
    let mut lane = SendLane::new(&call.keys(), call.ssrc(), 0x7FFF).unwrap();
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
fn a_restart_changes_the_credentials_and_neither_ssrc_nor_keys() {
    let mut call = Call::connected();
    let (ufrag, ssrc) = (call.session.ufrag().to_owned(), ssrc_in(&call.answer));
    let fragment = call.client.restart();
    let answer = call.session.restart(&fragment).unwrap();

    assert_ne!(call.session.ufrag(), ufrag);
    assert!(answer.contains(call.session.ufrag()));
    assert!(!answer.contains(&ufrag));
    assert!(answer.contains("a=candidate:") && answer.contains("a=mid:"));
    assert_eq!(call.ssrc(), ssrc);
    assert!(call.session.take_keys().is_none());
    assert_eq!(
        call.session.restart(&fragment).unwrap(),
        answer,
        "asked again it is the same"
    );
}

#[test]
fn what_is_sent_waits_until_the_peer_has_chosen_where_to() {
    let mut call = Call::begun(|offer| offer);
    let mut hellos = Vec::new();
    while hellos.is_empty() {
        call.now += Duration::from_millis(10);
        for datagram in call.client.poll(call.now) {
            if datagram[0] >= 20 {
                hellos.push(datagram);
            } else {
                let key = call.session.key_of_checks();
                let ufrag = call.session.ufrag();
                let check = Check::authentic(client(), &datagram, ufrag, &key).unwrap();
                call.client.receive(&check.answer, call.now);
            }
        }
    }
    assert_eq!(call.session.receive(&hellos[0], call.now), None);
    assert!(matches!(call.session.poll(call.now), Output::Wait(_)));

    call.session.reach();
    call.run_until(|call| call.keys.is_some() && call.client.connected);
}

#[test]
fn another_certificate_than_was_announced_ends_the_session() {
    let mut call = Call::begun(|offer| {
        let (before, digest) = offer.split_once("sha-256 ").unwrap();
        let other = if digest.starts_with('0') { "1" } else { "0" };
        format!("{before}sha-256 {other}{}", &digest[1..])
    });
    call.run_until(|call| call.ended.is_some());

    assert_eq!(call.ended, Some(Ending::Untrusted));
    assert!(call.keys.is_none());
}

#[test]
fn a_client_without_a_profile_of_ours_is_told_and_ends_at_once() {
    let mut call = Call::begun(|offer| offer);
    let until = call.now + LIMIT;
    while call.ended.is_none() && call.now < until {
        call.now += Duration::from_millis(10);
        for mut datagram in call.client.poll(call.now) {
            offer_only_short_tags(&mut datagram);
            call.take(&datagram);
        }
    }

    assert_eq!(call.ended, Some(Ending::NoCommonProfile));
    assert!(call.keys.is_none());
    let answered = call.client.poll(call.now + Duration::from_millis(10));
    assert!(
        answered.iter().any(|datagram| datagram[0] == 22),
        "it has our hello, and goes on from there"
    );
}

/// Let a hello offer no profile but one with tags of 32 bits, which is not ours.
fn offer_only_short_tags(datagram: &mut [u8]) {
    let extension = [0, 14, 0, 9, 0, 6];
    if let Some(at) = datagram.windows(6).position(|octets| octets == extension) {
        for profile in datagram[at + 6..at + 12].chunks_exact_mut(2) {
            profile.copy_from_slice(&[0, 2]);
        }
    }
}

#[test]
fn a_client_that_wants_to_be_asked_shakes_hands_as_well() {
    let mut call = Call::begun(|offer| offer.replace("setup:actpass", "setup:passive"));
    assert!(call.answer.contains("a=setup:active\r\n"));
    call.run_until(|call| call.keys.is_some() && call.client.connected);
    let mut lane = SendLane::new(&call.keys(), call.ssrc(), 1).unwrap();
    let header = Header {
        payload_type: call.session.negotiated().payload_type,
        marker: true,
        timestamp: 0,
        csrc: &[],
    };
    let mut packet = [0; 100];
    let length = lane.seal_rtp(&header, &[0xF8; 10], &mut packet).unwrap();
    call.client.receive(&packet[..length], call.now);

    assert_eq!(call.client.heard.len(), 1);
}

#[test]
fn messages_go_both_ways_and_too_many_find_no_room() {
    let mut call = Call::connected();
    assert_eq!(call.session.write("early"), Written::Gone);
    call.drain();
    call.run_until(|call| call.channel_open);
    for message in ["", "one"] {
        assert_eq!(call.session.write(message), Written::Taken);
        call.drain();
    }
    assert!(call.session.buffered() > 0);
    call.run(Duration::from_secs(1));
    assert_eq!(call.session.buffered(), 0);
    assert_eq!(call.client.messages, ["", "one"]);

    let many = "x".repeat(40_000);
    let written: Vec<Written> = (0..4).map(|_| call.session.write(&many)).collect();
    assert_eq!(written[2..], [Written::Taken, Written::NoRoom]);
    assert_eq!(call.session.write(&"x".repeat(70_000)), Written::NoRoom);

    call.client.say(call.client.channel, "heard");
    call.run(Duration::from_secs(5));
    assert_eq!(call.messages, 1);
    assert_eq!(call.client.messages.len(), 5);
}

#[test]
fn many_messages_come_in_one_after_the_other() {
    let mut call = Call::connected();
    call.run_until(|call| call.channel_open);
    for number in 1..=100 {
        call.client.say(call.client.channel, "heard");
        call.run(Duration::from_millis(50));
        assert_eq!(call.messages, number, "what is complete has moved on");
    }
}

#[test]
fn what_comes_outside_the_order_is_dropped_before_the_library_sees_it() {
    let now = crate::clock::now();
    let (client, offer) = Client::with_channel(now, false);
    let mut call = Call::of(client, &offer, now);
    call.run_until(|call| call.channel_open);
    call.client.say(call.client.channel, "heard");
    call.run(Duration::from_secs(5));

    assert_eq!(call.messages, 0);
}

#[test]
fn a_client_that_acknowledges_nothing_is_written_to_no_more() {
    let mut call = Call::connected();
    call.run_until(|call| call.channel_open);
    let mut taken = 0;
    while call.session.write("x") == Written::Taken {
        taken += 1;
        assert!(taken <= 1024, "many small messages wait");
    }
    call.drain();

    assert_eq!(taken, 1024);
    assert_eq!(call.session.write("x"), Written::Gone);
}

#[test]
fn a_client_that_opens_more_and_more_streams_is_let_go() {
    let mut call = Call::connected();
    call.run_until(|call| call.channel_open);
    for number in 1..=20 {
        let channel = call.client.open(number);
        call.run(Duration::from_millis(50));
        if call.ended.is_some() {
            assert!(number > 10, "a few are borne");
            assert_eq!(call.messages, 0, "of what is said on them nothing counts");
            return;
        }
        call.client.say(channel, "more");
        call.run(Duration::from_millis(50));
    }
    panic!("twenty streams are borne");
}

#[test]
fn a_goodbye_of_either_side_is_understood_by_the_other() {
    let mut call = Call::connected();
    call.run_until(|call| call.channel_open);
    for datagram in call.session.say_goodbye() {
        call.client.receive(&datagram, call.now);
    }
    assert!(call.client.left);

    let mut call = Call::connected();
    call.run_until(|call| call.channel_open);
    call.client.rtc.close().unwrap();
    call.run_until(|call| call.ended.is_some());
    assert_eq!(call.ended, Some(Ending::Left));
}

#[test]
fn a_client_counts_the_packets_of_our_reports_and_we_open_its_own() {
    let mut call = Call::connected();
    let keys = call.keys();
    let mut lane = SendLane::new(&keys, call.ssrc(), 1).unwrap();
    let mut receive = ReportLane::new(&keys).unwrap();
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
fn a_session_has_something_to_do_only_after_something_happened_to_it() {
    let mut call = Call::connected();
    call.run(Duration::from_secs(1));
    assert!(!call.session.has_changed());

    let now = call.now;
    let happenings: [fn(&mut Session, Instant) -> bool; 4] = [
        |session, now| session.receive(&[22; 13], now).is_none(),
        |session, now| session.advance(now).is_none(),
        |session, _| {
            session.write("{}");
            true
        },
        |session, _| {
            session.reach();
            true
        },
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
