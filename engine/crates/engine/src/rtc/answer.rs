//! The answer to an offer, as text: RFC 8866, RFC 9429 and those named at its lines.

use std::fmt::Write;
use std::net::SocketAddr;

use super::fragment::IceCredentials;
use super::offer::{Kind, Offer, Section};
use crate::opus::Content;
use crate::srtp::DtlsRole;

/// Octets of one message from a peer.
pub(super) const MAX_MESSAGE_IN: u32 = 4 * 1024;
/// What the engine wishes to receive (RFC 7587, 6.1): mono, silence not sent, errors correctable,
/// and no more bits than speech needs.
const VOICE: &str = "minptime=10;useinbandfec=1;usedtx=1;stereo=0;maxaveragebitrate=32000";
/// Of music: stereo, every pause, no copies, for which an encoder would choose the codec for voices;
/// and what it sends itself is stereo, too.
const MUSIC: &str =
    "minptime=10;useinbandfec=0;usedtx=0;stereo=1;sprop-stereo=1;maxaveragebitrate=128000";
/// Packets of 20 ms at best, of 120 ms at most (RFC 8866, 6.4 and 6.5).
const PACKET_TIME: &str = "a=ptime:20\r\na=maxptime:120\r\n";

/// What the server says of itself in an answer.
#[derive(Debug, Clone, Copy)]
pub(super) struct Local<'a> {
    /// Under which its checks are known.
    pub(super) credentials: &'a IceCredentials,
    /// Its addresses, the best first.
    pub(super) candidates: &'a [SocketAddr],
    /// SHA-256 of its certificate, in hexadecimal.
    pub(super) fingerprint: &'a str,
    /// The SSRC of what it sends, if it sends.
    pub(super) ssrc: Option<u32>,
    /// A number for the session (RFC 8866, 5.2).
    pub(super) session: u32,
    /// What the space is for.
    pub(super) content: Content,
}

impl Local<'_> {
    /// Answer an offer, section by section. Header extensions and feedback are left out, so that
    /// there are none: a voice has no use for them.
    pub(super) fn answer(&self, offer: &Offer) -> String {
        let mut text = String::with_capacity(2048);
        let mids: Vec<&str> = offer.sections.iter().map(|s| s.mid.as_str()).collect();
        // Writing to a string does not fail.
        let _ = write!(
            text,
            "v=0\r\no=- {} 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\n\
             a=group:BUNDLE {}\r\na=msid-semantic: WMS convivium\r\na=ice-lite\r\n",
            self.session,
            mids.join(" "),
        );
        for (n, section) in offer.sections.iter().enumerate() {
            match section.kind {
                Kind::Audio {
                    payload_type,
                    sends,
                    receives,
                } => {
                    let _ = write!(text, "m=audio 9 UDP/TLS/RTP/SAVPF {payload_type}\r\n");
                    self.transport(&mut text, section, offer.role, n == 0);
                    self.audio(&mut text, payload_type, sends, receives);
                }
                Kind::Channel { .. } => {
                    text.push_str("m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\n");
                    self.transport(&mut text, section, offer.role, n == 0);
                    let _ = write!(
                        text,
                        "a=sctp-port:5000\r\na=max-message-size:{MAX_MESSAGE_IN}\r\n"
                    );
                }
            }
        }
        text
    }

    /// Everything is bundled, so the candidates of the first section are those of all.
    fn transport(&self, text: &mut String, section: &Section, role: DtlsRole, is_first: bool) {
        text.push_str("c=IN IP4 0.0.0.0\r\n");
        for (n, candidate) in self.candidates.iter().enumerate().filter(|_| is_first) {
            // Host candidates, one preferred to the next (RFC 8445, 5.1.2.1).
            let priority = (126 << 24) | (u32::from(u16::MAX).saturating_sub(n as u32) << 8) | 255;
            let _ = write!(
                text,
                "a=candidate:{} 1 udp {priority} {} {} typ host\r\n",
                n + 1,
                candidate.ip(),
                candidate.port()
            );
        }
        let setup = match role {
            DtlsRole::Client => "active",
            DtlsRole::Server => "passive",
        };
        let _ = write!(
            text,
            "a=ice-ufrag:{}\r\na=ice-pwd:{}\r\na=ice-options:trickle\r\n\
             a=fingerprint:sha-256 {}\r\na=setup:{setup}\r\na=mid:{}\r\n",
            self.credentials.ufrag, self.credentials.password, self.fingerprint, section.mid,
        );
    }

    fn audio(&self, text: &mut String, payload_type: u8, sends: bool, receives: bool) {
        let direction = match (sends, receives) {
            (true, true) => "sendrecv",
            (true, false) => "sendonly",
            (false, true) => "recvonly",
            (false, false) => "inactive",
        };
        let opus = match self.content {
            Content::Voices => VOICE,
            Content::Music => MUSIC,
        };
        let _ = write!(
            text,
            "a={direction}\r\na=msid:convivium mix\r\na=rtcp-mux\r\n\
             a=rtpmap:{payload_type} opus/48000/2\r\na=fmtp:{payload_type} {opus}\r\n{PACKET_TIME}",
        );
        if let Some(ssrc) = self.ssrc {
            let _ = write!(
                text,
                "a=ssrc:{ssrc} cname:convivium\r\na=ssrc:{ssrc} msid:convivium mix\r\n"
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(content: Content) -> String {
        let offer = "a=group:BUNDLE d v\r\na=ice-ufrag:EsAw\r\na=ice-pwd:P2uYro0UCOQ4zxjKXaWCBui1\r\n\
                     a=fingerprint:sha-256 00\r\nm=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\n\
                     a=mid:d\r\nm=audio 9 UDP/TLS/RTP/SAVPF 109\r\na=mid:v\r\na=recvonly\r\n\
                     a=rtpmap:109 opus/48000/2\r\n";
        let local = Local {
            credentials: &IceCredentials {
                ufrag: "ours".into(),
                password: "secret".into(),
            },
            candidates: &[
                "192.0.2.1:4000".parse().unwrap(),
                "[2001:db8::1]:4000".parse().unwrap(),
            ],
            fingerprint: "AB:CD",
            ssrc: Some(7),
            session: 5,
            content,
        };

        local.answer(&Offer::parse(offer).unwrap())
    }

    #[test]
    fn an_answer_has_the_sections_of_the_offer_in_their_order() {
        let transport = |mid| {
            format!(
                "a=ice-ufrag:ours\r\na=ice-pwd:secret\r\na=ice-options:trickle\r\n\
                 a=fingerprint:sha-256 AB:CD\r\na=setup:passive\r\na=mid:{mid}\r\n"
            )
        };
        let expected = [
            "v=0\r\no=- 5 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\na=group:BUNDLE d v\r\n\
             a=msid-semantic: WMS convivium\r\na=ice-lite\r\n\
             m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\nc=IN IP4 0.0.0.0\r\n\
             a=candidate:1 1 udp 2130706431 192.0.2.1 4000 typ host\r\n\
             a=candidate:2 1 udp 2130706175 2001:db8::1 4000 typ host\r\n",
            &transport("d"),
            "a=sctp-port:5000\r\na=max-message-size:4096\r\n\
             m=audio 9 UDP/TLS/RTP/SAVPF 109\r\nc=IN IP4 0.0.0.0\r\n",
            &transport("v"),
            "a=sendonly\r\na=msid:convivium mix\r\na=rtcp-mux\r\na=rtpmap:109 opus/48000/2\r\n\
             a=fmtp:109 minptime=10;useinbandfec=1;usedtx=1;stereo=0;maxaveragebitrate=32000\r\n\
             a=ptime:20\r\na=maxptime:120\r\n\
             a=ssrc:7 cname:convivium\r\na=ssrc:7 msid:convivium mix\r\n",
        ];
        assert_eq!(answer(Content::Voices), expected.concat());
    }

    #[test]
    fn whoever_joins_where_there_is_music_is_asked_for_stereo_with_enough_bits_for_it() {
        let (voices, music) = (answer(Content::Voices), answer(Content::Music));

        let changed: Vec<_> = voices
            .lines()
            .zip(music.lines())
            .filter(|(one, other)| one != other)
            .collect();
        assert_eq!(
            changed,
            [(
                "a=fmtp:109 minptime=10;useinbandfec=1;usedtx=1;stereo=0;maxaveragebitrate=32000",
                "a=fmtp:109 minptime=10;useinbandfec=0;usedtx=0;stereo=1;sprop-stereo=1;\
                 maxaveragebitrate=128000",
            )]
        );
    }
}
