//! A listener who keeps nothing of a call but its keys: cheap enough to be tens of thousands.
//!
//! The call is made by the full client; afterwards this sends what a browser sends while it
//! listens, a consent check (RFC 7675) and a receiver report each 5 s, and counts what comes. It
//! opens its first packet, so that every key is tried; a sample of them opens all. The others forget
//! how, and with that the sender's reports, which theirs then do not quote. It has no data channel.

use std::net::SocketAddrV4;
use std::sync::LazyLock;
use std::time::{Duration, Instant};

use convivium_engine::rtp::{
    MAX_REPORT, ParsedHeader, Reception, Report, read_sender_info, write_report,
};
use convivium_engine::srtp::{Keys, ReceiveLane, ReportLane, SendLane, SrtpError};
use str0m::crypto::{CryptoProvider, from_feature_flags};
use str0m::ice::{StunMessage, TransId};

use crate::filter::SPARSELY;
use crate::tally::{Counter, Tally};

/// A light listener sends a check and a report this often.
pub const KEEP_ALIVE_EVERY: Duration = Duration::from_secs(5);

/// The priority a browser gives a peer-reflexive candidate on a host's first address (RFC 8445, 5.1.2).
const PRIORITY: u32 = (110 << 24) | (65_535 << 8) | 255;

/// Whose HMAC seals the checks.
static CRYPTO: LazyLock<CryptoProvider> = LazyLock::new(from_feature_flags);

/// The names and the password of a call's ICE checks.
#[derive(Debug, Clone)]
pub struct CheckCredentials {
    username: Box<str>,
    password: Box<str>,
}

impl CheckCredentials {
    /// From an offer of ours and the server's answer to it; nothing if either lacks them.
    #[must_use]
    pub fn of(offer: &str, answer: &str) -> Option<Self> {
        let (ours, theirs) = (
            value(offer, "a=ice-ufrag:")?,
            value(answer, "a=ice-ufrag:")?,
        );
        Some(Self {
            username: format!("{theirs}:{ours}").into(),
            password: value(answer, "a=ice-pwd:")?.into(),
        })
    }
}

fn value<'t>(text: &'t str, name: &str) -> Option<&'t str> {
    text.lines()
        .find_map(|line| line.strip_prefix(name))
        .map(str::trim_end)
}

/// What the crowd asks for while a light listener takes a packet.
#[derive(Debug, Clone, Copy)]
pub struct Taking {
    /// How often counting began.
    pub round: u32,
    /// When the datagram came, in nanoseconds since 1970.
    pub at_ns: u64,
    /// The same on the clock of reports.
    pub now: Instant,
}

/// One light listener.
#[derive(Debug)]
pub struct Light {
    server: SocketAddrV4,
    credentials: CheckCredentials,
    send: SendLane,
    /// What opens packets, as long as it does.
    receive: Option<Box<(ReceiveLane, ReportLane)>>,
    opens_all: bool,
    is_read_whole: bool,
    reception: Option<Reception>,
    /// What it received.
    pub counter: Counter,
}

impl Light {
    /// Go on with a call's keys, at the address from which the server sends; `opens_all`: open not
    /// only the first packet.
    ///
    /// # Errors
    /// When the keys do not fit their profile.
    pub fn new(
        keys: &Keys,
        credentials: CheckCredentials,
        server: SocketAddrV4,
        ssrc: u32,
        opens_all: bool,
    ) -> Result<Self, SrtpError> {
        Ok(Self {
            server,
            credentials,
            send: SendLane::new(keys, ssrc, 0)?,
            receive: Some(Box::new((ReceiveLane::new(keys)?, ReportLane::new(keys)?))),
            opens_all,
            is_read_whole: true,
            reception: None,
            counter: Counter::default(),
        })
    }

    /// The same listener, given each 16th packet only: the others are not missed.
    #[must_use]
    pub fn read_sparsely(self) -> Self {
        Self {
            is_read_whole: false,
            counter: Counter::of_each(SPARSELY),
            ..self
        }
    }

    /// Where its datagrams go.
    #[must_use]
    pub const fn server(&self) -> SocketAddrV4 {
        self.server
    }

    /// Take a datagram.
    pub fn receive(&mut self, datagram: &mut [u8], taking: &Taking, tally: &mut Tally) {
        match datagram {
            [0..=3, ..] => tally.checks.1 += u64::from(is_answer(datagram)),
            [128..=191, 192..=223, ..] => self.report_in(datagram, taking.now),
            [128..=191, ..] => self.packet(datagram, taking, tally),
            // What is left of DTLS is answered by nobody here.
            _ => {}
        }
    }

    fn packet(&mut self, datagram: &mut [u8], taking: &Taking, tally: &mut Tally) {
        let Some(header) = ParsedHeader::parse(datagram) else {
            return;
        };
        let Taking {
            round, at_ns, now, ..
        } = *taking;
        let late = self
            .counter
            .count(round, header.sequence, header.timestamp, at_ns);
        tally.lateness.add(late);
        // The server must not be told that what is not read was lost: the first packet stands for all.
        if self.is_read_whole || self.reception.is_none() {
            let reception = self
                .reception
                .get_or_insert_with(|| Reception::new(&header, now));
            reception.arrived(&header, now);
        }
        if let Some((lane, _)) = self.receive.as_deref_mut() {
            let opened = lane.open_rtp(datagram).is_ok();
            tally.opened += u64::from(opened);
            tally.not_opened += u64::from(!opened);
            if !self.opens_all {
                self.receive = None;
            }
        }
    }

    fn report_in(&mut self, datagram: &mut [u8], now: Instant) {
        let lane = self.receive.as_deref_mut();
        let compound = lane.and_then(|(_, reports)| reports.open_rtcp(datagram).ok());
        let said = compound.and_then(read_sender_info);
        if let (Some((_, sender)), Some(reception)) = (said, &mut self.reception) {
            reception.reported(sender.ntp.middle(), now);
        }
    }

    /// Write the next consent check; returns its length.
    pub fn check(&self, packet: &mut [u8]) -> Option<usize> {
        let username = &self.credentials.username;
        let message =
            StunMessage::binding_request(username, TransId::new(), true, 1, PRIORITY, true);
        let password = self.credentials.password.as_bytes();
        message
            .to_bytes(Some(password), packet, |key, parts| {
                CRYPTO.sha1_hmac_provider.sha1_hmac(key, parts)
            })
            .ok()
    }

    /// Write the next receiver report; returns its length, nothing before the first packet.
    pub fn report(&mut self, packet: &mut [u8], now: Instant) -> Option<usize> {
        let report = Report {
            ssrc: self.send.ssrc(),
            sender: None,
            block: Some(self.reception.as_mut()?.block(now)),
        };
        let length = write_report(&report, packet.get_mut(..MAX_REPORT)?)?;
        self.send.seal_rtcp(packet, length).ok()
    }
}

fn is_answer(datagram: &[u8]) -> bool {
    StunMessage::parse(datagram).is_ok_and(|message| message.is_successful_binding_response())
}

#[cfg(test)]
#[expect(
    clippy::disallowed_methods,
    reason = "any instant serves as the start of a test"
)]
mod tests {
    use convivium_engine::rtp::{Header, NtpTime, SenderInfo};
    use convivium_engine::srtp::{DtlsRole, Profile};

    use super::*;

    const MATERIAL: [u8; 56] = [0x3C; 56];

    fn keys(role: DtlsRole) -> Keys {
        Keys::split(Profile::AeadAes128Gcm, role, &MATERIAL).unwrap()
    }

    fn light(opens_all: bool) -> Light {
        let offer = "v=0\r\na=ice-ufrag:ours\r\n";
        let answer = "v=0\r\na=ice-ufrag:theirs\r\na=ice-pwd:secret\r\n";
        let credentials = CheckCredentials::of(offer, answer).unwrap();
        let server = "127.0.0.1:9".parse().unwrap();
        Light::new(&keys(DtlsRole::Client), credentials, server, 5, opens_all).unwrap()
    }

    fn taking() -> Taking {
        Taking {
            round: 0,
            at_ns: 1_795_000_000_000_000_000,
            now: Instant::now(),
        }
    }

    fn sealed(lane: &mut SendLane) -> Vec<u8> {
        let mut packet = vec![0; 200];
        let header = Header {
            payload_type: 111,
            marker: false,
            timestamp: 0,
            csrc: &[],
        };
        let length = lane.seal_rtp(&header, &[7; 20], &mut packet).unwrap();
        packet.truncate(length);
        packet
    }

    #[test]
    fn every_packet_is_counted_and_the_first_or_all_are_opened() {
        for (opens_all, opened) in [(true, 10), (false, 1)] {
            let mut server = SendLane::new(&keys(DtlsRole::Server), 9, 0).unwrap();
            let (mut light, mut tally) = (light(opens_all), Tally::default());
            for _ in 0..10 {
                light.receive(&mut sealed(&mut server), &taking(), &mut tally);
            }

            tally.take(&light.counter, 0);
            assert_eq!((tally.received, tally.opened), (10, opened));
            assert_eq!(tally.not_opened, 0);
        }
    }

    #[test]
    fn who_is_read_sparsely_misses_nothing_and_reports_no_loss() {
        let mut server = SendLane::new(&keys(DtlsRole::Server), 9, 0).unwrap();
        let mut ears = ReportLane::new(&keys(DtlsRole::Server)).unwrap();
        let (mut light, mut tally) = (light(false).read_sparsely(), Tally::default());
        let mut came = 0;
        for _ in 0..100 {
            let mut packet = sealed(&mut server);
            if u16::from_be_bytes([packet[2], packet[3]]).is_multiple_of(SPARSELY) {
                light.receive(&mut packet, &taking(), &mut tally);
                came += 1;
            }
        }

        tally.take(&light.counter, 0);
        assert!((6..=7).contains(&came));
        assert_eq!((tally.received, tally.lost()), (came, 0));
        let mut packet = [0; 200];
        let length = light.report(&mut packet, taking().now).unwrap();
        let compound = ears.open_rtcp(&mut packet[..length]).unwrap();
        assert_eq!(compound[12..16], [0; 4], "fraction and number of the lost");
    }

    #[test]
    fn a_sample_that_was_tampered_with_is_told() {
        let mut server = SendLane::new(&keys(DtlsRole::Server), 9, 0).unwrap();
        let (mut light, mut tally) = (light(false), Tally::default());
        let mut packet = sealed(&mut server);
        packet[20] ^= 1;
        light.receive(&mut packet, &taking(), &mut tally);

        assert_eq!((tally.opened, tally.not_opened), (0, 1));
    }

    #[test]
    fn a_check_names_both_and_is_sealed_with_the_servers_password() {
        let mut packet = [0; 200];
        let length = light(false).check(&mut packet).unwrap();

        let check = StunMessage::parse(&packet[..length]).unwrap();
        assert!(check.is_binding_request() && check.use_candidate());
        assert_eq!(check.split_username(), Some(("theirs", "ours")));
        let seal = |key: &[u8], parts: &[&[u8]]| CRYPTO.sha1_hmac_provider.sha1_hmac(key, parts);
        assert!(check.verify(b"secret", seal));
        assert!(!check.verify(b"other", seal));
    }

    #[test]
    fn a_report_opens_at_the_server_and_answers_its_own() {
        let mut server = SendLane::new(&keys(DtlsRole::Server), 9, 0).unwrap();
        let mut ears = ReportLane::new(&keys(DtlsRole::Server)).unwrap();
        let (mut light, mut tally) = (light(true), Tally::default());
        let mut packet = [0; 200];
        assert_eq!(light.report(&mut packet, taking().now), None);
        light.receive(&mut sealed(&mut server), &taking(), &mut tally);
        let info = SenderInfo {
            ntp: NtpTime(0x0123_4567_89AB_CDEF),
            timestamp: 0,
            packets: 1,
            octets: 20,
        };
        let report = Report {
            ssrc: 9,
            sender: Some(info),
            block: None,
        };
        let length = write_report(&report, &mut packet).unwrap();
        let length = server.seal_rtcp(&mut packet, length).unwrap();
        light.receive(&mut packet[..length], &taking(), &mut tally);

        let length = light.report(&mut packet, taking().now).unwrap();
        let compound = ears.open_rtcp(&mut packet[..length]).unwrap();

        assert_eq!(compound[1], 201);
        assert_eq!(compound[8..12], 9_u32.to_be_bytes());
        assert_eq!(compound[24..28], info.ntp.middle().to_be_bytes());
    }
}
