//! What the library's answer lacks or has too much, put right in its text.

use std::fmt::Write;

/// What the engine wishes to receive (RFC 7587, 6.1): mono, silence not sent, errors correctable,
/// and no more bits than speech needs.
const OPUS: &str = "minptime=10;useinbandfec=1;usedtx=1;stereo=0;maxaveragebitrate=32000";
/// Packets of 20 ms at best, of 120 ms at most (RFC 8866, 6.4 and 6.5).
const PACKET_TIME: &str = "a=ptime:20\r\na=maxptime:120\r\n";

/// Rewrite the Opus parameters for one payload type, and take out congestion feedback: a voice has
/// no use for it, and it would be a packet each 50 ms (draft-holmer-rmcat-transport-wide-cc).
pub(super) fn edit_answer(answer: &str, payload_type: u8) -> String {
    let parameters = format!("a=fmtp:{payload_type} ");
    let mut text = String::with_capacity(answer.len() + 128);
    for line in answer.lines() {
        if line.starts_with(&parameters) {
            let _ = write!(text, "{parameters}{OPUS}\r\n{PACKET_TIME}");
        } else if !line.contains("transport-cc") {
            let _ = write!(text, "{}\r\n", without_ufrag(line));
        }
    }
    text
}

/// A candidate that names its user fragment would be dead after a restart in every client that
/// keeps the answer and changes the credentials in it.
pub(super) fn without_ufrag(line: &str) -> &str {
    let end = if line.starts_with("a=candidate:") {
        line.find(" ufrag ")
    } else {
        None
    };
    end.map_or(line, |end| &line[..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_rewritten_and_congestion_feedback_goes() {
        let answer = "a=rtpmap:109 opus/48000/2\r\na=rtcp-fb:109 transport-cc\r\n\
                      a=fmtp:109 minptime=10;useinbandfec=1\r\na=fmtp:11 x=1\r\n";

        assert_eq!(
            edit_answer(answer, 109),
            "a=rtpmap:109 opus/48000/2\r\n\
             a=fmtp:109 minptime=10;useinbandfec=1;usedtx=1;stereo=0;maxaveragebitrate=32000\r\n\
             a=ptime:20\r\na=maxptime:120\r\na=fmtp:11 x=1\r\n"
        );
    }

    #[test]
    fn candidates_do_not_name_the_user_fragment() {
        let answer = "a=candidate:1 1 udp 1 10.0.0.1 9 typ host ufrag abcd\r\n";

        assert_eq!(
            edit_answer(answer, 111),
            "a=candidate:1 1 udp 1 10.0.0.1 9 typ host\r\n"
        );
    }
}
