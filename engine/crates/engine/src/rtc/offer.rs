//! What an offer asks for: RFC 8866 (SDP), RFC 9429 (JSEP), as far as a space has it to give.
//!
//! An offer comes from a stranger: its size is bounded before it is read, and of what is read
//! nothing is kept but what has its own form here.

use thiserror::Error;

use super::fragment::IceCredentials;
use crate::srtp::DtlsRole;

/// Octets of an offer.
pub(super) const MAX_SDP: usize = 16 * 1024;
/// Media sections of an offer.
const MAX_SECTIONS: usize = 4;
/// Characters of a section's name; browsers use one.
const MAX_MID: usize = 64;
/// The most that is sent at once to who does not say how much that may be (RFC 8841, 6.1).
const USUAL_MESSAGE: u32 = 64 * 1024;

/// Why an offer or a fragment was refused; the text is for whoever wrote the client.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub(crate) enum Refusal {
    /// More than 16 KiB, or more than four media sections.
    #[error("The offer is too large: {0}.")]
    TooLarge(&'static str),
    /// It cannot be understood, or asks for what a space does not have.
    #[error("The offer cannot be used: {0}.")]
    Bad(String),
    /// Neither Opus over DTLS-SRTP, nor a way to agree on it.
    #[error("The offer has nothing in common with this server: {0}.")]
    NoCommonProfile(&'static str),
}

impl Refusal {
    /// The stable code of this refusal.
    #[must_use]
    pub(crate) const fn code(&self) -> &'static str {
        match self {
            Self::TooLarge(_) => "too_large",
            Self::Bad(_) => "bad_offer",
            Self::NoCommonProfile(_) => "no_common_profile",
        }
    }
}

fn bad(why: &str) -> Refusal {
    Refusal::Bad(why.into())
}

/// What a section carries, and where to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Voices; which way is said as the answer says it.
    Audio {
        /// The offerer's payload type of Opus.
        payload_type: u8,
        /// The server sends.
        sends: bool,
        /// The server receives.
        receives: bool,
    },
    /// The data channel.
    Channel {
        /// Octets of the largest message the other side takes.
        max_message: u32,
    },
}

/// One media section.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Section {
    /// Its name (RFC 5888).
    pub(super) mid: String,
    pub(super) kind: Kind,
}

/// A certificate as an offer announces it (RFC 8122, 5).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fingerprint {
    pub(super) hash: Hash,
    pub(super) digest: Box<[u8]>,
}

/// How a fingerprint is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Hash {
    Sha1,
    Sha256,
    Sha384,
    Sha512,
}

/// An offer that can be answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Offer {
    /// The other side's; its checks bear the first half.
    pub(super) credentials: IceCredentials,
    pub(super) fingerprint: Fingerprint,
    /// What the server is in the DTLS handshake.
    pub(super) role: DtlsRole,
    /// One with voices, and perhaps the data channel, in the offer's order.
    pub(super) sections: Vec<Section>,
}

impl Offer {
    /// Read an offer.
    ///
    /// Its candidates are not read: a lite agent sends no checks, so they are of no use to it.
    /// Where the other side is becomes known when an authentic check arrives from there.
    pub(super) fn parse(text: &str) -> Result<Self, Refusal> {
        check_size(text)?;
        let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
        let (session, sections) = parts(&lines);
        check_sections(&sections)?;
        if session.contains(&"a=ice-lite") {
            return Err(bad("it is ICE-lite, as this server is"));
        }
        let sections = sections
            .into_iter()
            .map(|section| read_section(session, section))
            .collect::<Result<Vec<Section>, Refusal>>()?;
        check_bundle(session, &sections)?;
        Ok(Self {
            credentials: IceCredentials::read(text)?,
            fingerprint: Fingerprint::read(&lines)?,
            role: role(&lines)?,
            sections,
        })
    }

    /// How voices are exchanged: payload type, and whether the server sends.
    pub(super) fn audio(&self) -> Option<(u8, bool)> {
        self.sections.iter().find_map(|section| match section.kind {
            Kind::Audio {
                payload_type,
                sends,
                ..
            } => Some((payload_type, sends)),
            Kind::Channel { .. } => None,
        })
    }

    /// The largest message for the data channel; `None` without one.
    pub(super) fn max_message(&self) -> Option<u32> {
        self.sections.iter().find_map(|section| match section.kind {
            Kind::Channel { max_message } => Some(max_message),
            Kind::Audio { .. } => None,
        })
    }
}

impl Fingerprint {
    /// The first that was made in a way known here. Everything is bundled, so it holds for all.
    fn read(lines: &[&str]) -> Result<Self, Refusal> {
        let mut announced = values(lines, "a=fingerprint:").peekable();
        if announced.peek().is_none() {
            return Err(bad("it has no fingerprint"));
        }
        announced
            .find_map(|value| {
                let (hash, digest) = value.split_once(' ')?;
                let hash = Hash::named(hash)?;
                let digest: Option<Box<[u8]>> = digest.split(':').map(octet).collect();
                Some(Self {
                    hash,
                    digest: digest?,
                })
            })
            .ok_or_else(|| bad("its fingerprint cannot be read"))
    }
}

impl Hash {
    fn named(name: &str) -> Option<Self> {
        match name.to_ascii_lowercase().as_str() {
            "sha-1" => Some(Self::Sha1),
            "sha-256" => Some(Self::Sha256),
            "sha-384" => Some(Self::Sha384),
            "sha-512" => Some(Self::Sha512),
            _ => None,
        }
    }
}

/// Two hexadecimal digits.
fn octet(digits: &str) -> Option<u8> {
    (digits.len() == 2)
        .then(|| u8::from_str_radix(digits, 16).ok())
        .flatten()
}

fn check_size(text: &str) -> Result<(), Refusal> {
    if text.len() > MAX_SDP {
        return Err(Refusal::TooLarge("it has more than 16 KiB"));
    }
    if text.lines().filter(|line| line.starts_with("m=")).count() > MAX_SECTIONS {
        return Err(Refusal::TooLarge("it has more than four media sections"));
    }
    Ok(())
}

/// The lines before the first section, and those of each.
fn parts<'l, 't>(lines: &'l [&'t str]) -> (&'l [&'t str], Vec<&'l [&'t str]>) {
    let starts = |line: &&str| line.starts_with("m=");
    let first = lines.iter().position(starts).unwrap_or(lines.len());
    let (session, rest) = lines.split_at(first);
    let sections = rest.chunk_by(|_, next| !starts(next)).collect();
    (session, sections)
}

fn check_sections(sections: &[&[&str]]) -> Result<(), Refusal> {
    let count = |kind: &str| {
        sections
            .iter()
            .filter(|section| section[0].starts_with(kind))
            .count()
    };
    let (audio, channels) = (count("m=audio "), count("m=application "));
    if audio != 1 || channels > 1 || audio + channels != sections.len() {
        return Err(bad(
            "it must have one audio section and may have one data channel section",
        ));
    }
    Ok(())
}

/// The words after an attribute's name, wherever it stands in these lines.
fn values<'l, 't>(
    lines: &'l [&'t str],
    name: &'l str,
) -> impl Iterator<Item = &'t str> + use<'l, 't> {
    lines.iter().filter_map(move |line| line.strip_prefix(name))
}

fn read_section(session: &[&str], section: &[&str]) -> Result<Section, Refusal> {
    let mut mids = values(section, "a=mid:");
    let mid = mids
        .next()
        .filter(|mid| {
            (1..=MAX_MID).contains(&mid.len()) && mid.bytes().all(|c| c.is_ascii_graphic())
        })
        .filter(|_| mids.next().is_none())
        .ok_or_else(|| bad("each section must have one mid"))?;
    let kind = if section[0].starts_with("m=audio ") {
        read_audio(session, section)?
    } else {
        read_channel(section)?
    };
    Ok(Section {
        mid: mid.into(),
        kind,
    })
}

fn read_audio(session: &[&str], section: &[&str]) -> Result<Kind, Refusal> {
    let mut words = section[0].split(' ').skip(2);
    if !words
        .next()
        .is_some_and(|protocol| protocol.contains("/TLS/RTP/"))
    {
        return Err(Refusal::NoCommonProfile(
            "its audio is not protected by DTLS-SRTP",
        ));
    }
    let payload_type = words
        .filter(|word| is_opus(section, word))
        .find_map(|word| word.parse().ok().filter(|number| *number < 128))
        .ok_or(Refusal::NoCommonProfile("it does not offer Opus"))?;
    let (sends, receives) = direction(section)
        .or_else(|| direction(session))
        .unwrap_or((true, true));
    Ok(Kind::Audio {
        payload_type,
        sends,
        receives,
    })
}

/// Whether a payload type is Opus (RFC 7587, 7).
fn is_opus(section: &[&str], payload_type: &str) -> bool {
    values(section, "a=rtpmap:").any(|value| {
        value.split_once(' ').is_some_and(|(number, codec)| {
            number == payload_type && codec.to_ascii_lowercase().starts_with("opus/48000")
        })
    })
}

/// What an offered direction lets the server do: send, receive (RFC 8866, 6.7).
fn direction(lines: &[&str]) -> Option<(bool, bool)> {
    lines.iter().find_map(|line| match *line {
        "a=sendrecv" => Some((true, true)),
        "a=sendonly" => Some((false, true)),
        "a=recvonly" => Some((true, false)),
        "a=inactive" => Some((false, false)),
        _ => None,
    })
}

/// The largest message may be said to be of any size, by a zero (RFC 8841, 6.1).
fn read_channel(section: &[&str]) -> Result<Kind, Refusal> {
    let said = values(section, "a=max-message-size:").next();
    let max_message = match said.map(str::parse::<u64>) {
        None => USUAL_MESSAGE,
        Some(Ok(0)) => u32::MAX,
        Some(Ok(most)) => u32::try_from(most).unwrap_or(u32::MAX),
        Some(Err(_)) => return Err(bad("its largest message is no number")),
    };
    Ok(Kind::Channel { max_message })
}

/// Everything goes over one port, and the offer must say that it may (RFC 9143).
fn check_bundle(session: &[&str], sections: &[Section]) -> Result<(), Refusal> {
    let bundled = values(session, "a=group:BUNDLE ").any(|mids| {
        sections
            .iter()
            .all(|section| mids.split(' ').any(|mid| mid == section.mid))
    });
    let names_differ = sections
        .iter()
        .enumerate()
        .all(|(n, section)| sections[..n].iter().all(|before| before.mid != section.mid));
    if bundled && names_differ {
        Ok(())
    } else {
        Err(bad("all its sections must be in one BUNDLE group"))
    }
}

/// Who may be asked to be client is asked to (RFC 8842, 5.3).
fn role(lines: &[&str]) -> Result<DtlsRole, Refusal> {
    match values(lines, "a=setup:").next() {
        None | Some("actpass" | "active") => Ok(DtlsRole::Server),
        Some("passive") => Ok(DtlsRole::Client),
        Some(_) => Err(bad("its DTLS role cannot be answered")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The offer of a browser, as far as it is read.
    const OFFER: &str = "v=0\r\n\
        o=- 1 2 IN IP4 127.0.0.1\r\n\
        a=group:BUNDLE 0 data\r\n\
        m=audio 9 UDP/TLS/RTP/SAVPF 63 111 9\r\n\
        a=candidate:1 1 udp 1 10.0.0.1 9 typ host\r\n\
        a=ice-ufrag:EsAw\r\n\
        a=ice-pwd:P2uYro0UCOQ4zxjKXaWCBui1\r\n\
        a=fingerprint:sha-256 0A:ff\r\n\
        a=setup:actpass\r\n\
        a=mid:0\r\n\
        a=sendonly\r\n\
        a=rtpmap:63 red/48000/2\r\n\
        a=rtpmap:111 OPUS/48000/2\r\n\
        m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\n\
        a=mid:data\r\n\
        a=max-message-size:1000\r\n";

    fn code(offer: &str) -> &'static str {
        Offer::parse(offer).map_or_else(|refusal| refusal.code(), |_| "accepted")
    }

    fn without(name: &str) -> String {
        let kept = OFFER.lines().filter(|line| !line.starts_with(name));
        kept.flat_map(|line| [line, "\r\n"]).collect()
    }

    #[test]
    fn an_offer_is_read_in_its_order() {
        let offer = Offer::parse(OFFER).unwrap();

        assert_eq!(offer.credentials.ufrag, "EsAw");
        assert_eq!(offer.fingerprint.hash, Hash::Sha256);
        assert_eq!(*offer.fingerprint.digest, [0x0A, 0xFF]);
        assert_eq!(offer.role, DtlsRole::Server);
        let mids: Vec<&str> = offer.sections.iter().map(|s| s.mid.as_str()).collect();
        assert_eq!(mids, ["0", "data"]);
        assert_eq!(offer.audio(), Some((111, false)));
        assert_eq!(offer.max_message(), Some(1000));
    }

    #[test]
    fn lines_may_end_without_a_carriage_return() {
        assert_eq!(
            Offer::parse(&OFFER.replace("\r\n", "\n")),
            Offer::parse(OFFER)
        );
    }

    #[test]
    fn each_direction_lets_the_server_do_what_is_left() {
        for (offered, does) in [
            ("a=sendrecv", (true, true)),
            ("a=recvonly", (true, false)),
            ("a=inactive", (false, false)),
            ("a=x", (true, true)),
        ] {
            let offer = Offer::parse(&OFFER.replace("a=sendonly", offered)).unwrap();
            let Kind::Audio {
                sends, receives, ..
            } = offer.sections[0].kind
            else {
                panic!("no audio");
            };
            assert_eq!((sends, receives), does, "{offered}");
        }
    }

    #[test]
    fn a_client_that_wants_to_be_the_server_is_let_to() {
        let offer = Offer::parse(&OFFER.replace("actpass", "passive")).unwrap();

        assert_eq!(offer.role, DtlsRole::Client);
    }

    #[test]
    fn the_largest_message_is_the_usual_one_or_any_unless_it_is_said() {
        let most = |line: &str| {
            Offer::parse(&OFFER.replace("a=max-message-size:1000", line)).map(|o| o.max_message())
        };
        assert_eq!(most("a=x"), Ok(Some(USUAL_MESSAGE)));
        assert_eq!(most("a=max-message-size:0"), Ok(Some(u32::MAX)));
        assert!(most("a=max-message-size:many").is_err());
    }

    #[test]
    fn a_fingerprint_of_an_unknown_kind_is_passed_over() {
        let both = OFFER.replace("a=fingerprint:", "a=fingerprint:md5 00\r\na=fingerprint:");
        assert_eq!(Offer::parse(&both), Offer::parse(OFFER));

        assert_eq!(code(&OFFER.replace("sha-256", "md5")), "bad_offer");
        assert_eq!(code(&OFFER.replace("0A:ff", "0A:f")), "bad_offer");
    }

    #[test]
    fn what_every_offer_needs_is_missed() {
        for name in [
            "a=group",
            "a=ice-ufrag",
            "a=ice-pwd",
            "a=fingerprint",
            "a=mid:0",
        ] {
            assert_eq!(code(&without(name)), "bad_offer", "{name}");
        }
        for (known, other) in [
            ("BUNDLE 0 data", "BUNDLE 0"),
            ("a=mid:data", "a=mid:0"),
            ("setup:actpass", "setup:holdconn"),
            ("o=- 1", "a=ice-lite\r\no=- 1"),
        ] {
            assert_eq!(code(&OFFER.replace(known, other)), "bad_offer", "{other}");
        }
    }

    #[test]
    fn an_offer_of_more_than_16_kib_or_of_five_sections_is_too_large() {
        assert_eq!(
            code(&format!("{OFFER}{}", "a".repeat(MAX_SDP))),
            "too_large"
        );
        assert_eq!(code(&OFFER.repeat(3)), "too_large");
    }

    #[test]
    fn video_two_voices_or_no_voice_are_refused() {
        let audio = "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=mid:1\r\n";
        assert_eq!(
            code(&format!("{OFFER}m=video 9 UDP/TLS/RTP/SAVPF 96\r\n")),
            "bad_offer"
        );
        assert_eq!(code(&format!("{OFFER}{audio}")), "bad_offer");
        assert_eq!(code(&OFFER.replace("m=audio", "m=text")), "bad_offer");
    }

    #[test]
    fn an_offer_without_opus_or_without_dtls_has_nothing_in_common() {
        for (known, other) in [
            ("OPUS/48000", "PCMU/8000"),
            ("a=rtpmap:111", "a=rtpmap:112"),
            ("UDP/TLS/RTP/SAVPF", "RTP/SAVPF"),
        ] {
            let offer = OFFER.replace(known, other);
            assert_eq!(code(&offer), "no_common_profile", "{other}");
        }
    }
}
