//! What an offer may contain, checked on its text before any parser builds something of it.

use thiserror::Error;

/// Octets of an offer.
pub(super) const MAX_SDP: usize = 16 * 1024;
/// Media sections of an offer.
const MAX_SECTIONS: usize = 4;

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

/// Check an offer and return it without candidates.
///
/// An ICE-lite agent sends no checks, so the other side's candidates are of no use to it; not
/// reading them spares their parsing, resolving and counting. Addresses become known when an
/// authenticated check arrives from them.
pub(super) fn without_candidates(offer: &str) -> Result<String, Refusal> {
    check(offer)?;
    let mut text = String::with_capacity(offer.len());
    for line in offer.lines() {
        if !line.starts_with("a=candidate") && line != "a=end-of-candidates" && !line.is_empty() {
            text.push_str(line);
            text.push_str("\r\n");
        }
    }
    Ok(text)
}

fn check(offer: &str) -> Result<(), Refusal> {
    if offer.len() > MAX_SDP {
        return Err(Refusal::TooLarge("it has more than 16 KiB"));
    }
    let sections: Vec<&str> = offer
        .lines()
        .filter(|line| line.starts_with("m="))
        .collect();
    if sections.len() > MAX_SECTIONS {
        return Err(Refusal::TooLarge("it has more than four media sections"));
    }
    let count = |kind: &str| {
        sections
            .iter()
            .filter(|line| line.starts_with(kind))
            .count()
    };
    let (audio, channels) = (count("m=audio "), count("m=application "));
    if audio != 1 || channels > 1 || audio + channels != sections.len() {
        return Err(Refusal::Bad(
            "it must have one audio section and may have one data channel section".into(),
        ));
    }
    check_profile(offer, &sections)
}

fn check_profile(offer: &str, sections: &[&str]) -> Result<(), Refusal> {
    let over_dtls = |line: &&str| {
        line.split(' ')
            .nth(2)
            .is_some_and(|p| p.contains("/TLS/RTP/"))
    };
    if !sections
        .iter()
        .filter(|line| line.starts_with("m=audio "))
        .all(over_dtls)
    {
        return Err(Refusal::NoCommonProfile(
            "its audio is not protected by DTLS-SRTP",
        ));
    }
    let opus = |line: &str| {
        line.starts_with("a=rtpmap:") && line.to_ascii_lowercase().contains(" opus/48000")
    };
    if !offer.lines().any(opus) {
        return Err(Refusal::NoCommonProfile("it does not offer Opus"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const AUDIO: &str = "v=0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=rtpmap:111 opus/48000/2\r\n";

    fn code(offer: &str) -> &'static str {
        without_candidates(offer).map_or_else(|refusal| refusal.code(), |_| "accepted")
    }

    #[test]
    fn candidates_are_not_read() {
        let offer = format!("{AUDIO}a=candidate:1 1 udp 1 10.0.0.1 9 typ host\r\na=sendrecv\r\n");

        assert_eq!(
            without_candidates(&offer).unwrap(),
            format!("{AUDIO}a=sendrecv\r\n")
        );
    }

    #[test]
    fn an_offer_of_more_than_16_kib_is_too_large() {
        assert_eq!(
            code(&format!("{AUDIO}{}", "a".repeat(MAX_SDP))),
            "too_large"
        );
    }

    #[test]
    fn an_offer_of_five_sections_is_too_large() {
        assert_eq!(code(&AUDIO.repeat(5)), "too_large");
    }

    #[test]
    fn video_two_voices_or_no_voice_are_refused() {
        assert_eq!(
            code(&format!("{AUDIO}m=video 9 UDP/TLS/RTP/SAVPF 96\r\n")),
            "bad_offer"
        );
        assert_eq!(code(&AUDIO.repeat(2)), "bad_offer");
        assert_eq!(
            code("m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\n"),
            "bad_offer"
        );
    }

    #[test]
    fn an_offer_without_opus_or_without_dtls_has_nothing_in_common() {
        assert_eq!(
            code(&AUDIO.replace("opus/48000", "PCMU/8000")),
            "no_common_profile"
        );
        assert_eq!(
            code(&AUDIO.replace("UDP/TLS/RTP/SAVPF", "RTP/SAVPF")),
            "no_common_profile"
        );
    }
}
