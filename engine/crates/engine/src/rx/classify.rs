//! What a datagram is, by its first octets.

use super::stun::{Message, USERNAME};

/// The kinds of datagrams on the one port (RFC 7983, 7; RFC 5761, 4 for RTCP).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Class {
    Stun,
    Dtls,
    Rtp,
    Rtcp,
}

/// The kind of a datagram; `None` for what nobody here speaks.
pub(super) fn classify(datagram: &[u8]) -> Option<Class> {
    match (datagram.first()?, datagram.len()) {
        (0..=3, 20..) => Some(Class::Stun),
        (20..=63, 13..) => Some(Class::Dtls),
        (128..=191, 12..) if matches!(datagram[1], 192..=223) => Some(Class::Rtcp),
        (128..=191, 12..) => Some(Class::Rtp),
        _ => None,
    }
}

/// The server's half of the name in a binding request (RFC 8489, 14.3; RFC 8445, 7.2.2).
///
/// What is no request has no name in it: an answer belongs to whoever was asked.
pub(super) fn check_ufrag(datagram: &[u8]) -> Option<&str> {
    let mut attributes = Message::request(datagram)?.attributes();
    let name = attributes.find(|attribute| attribute.kind == USERNAME)?;
    let (ours, _) = std::str::from_utf8(name.value).ok()?.split_once(':')?;
    Some(ours)
}

/// Whether a datagram is the answer to a binding request.
pub(crate) fn is_answer(datagram: &[u8]) -> bool {
    Message::answer(datagram).is_some()
}

#[cfg(test)]
pub(super) mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A check under a name, without a seal.
    pub(in crate::rx) fn request(name: &str) -> Vec<u8> {
        let padded = name.len().next_multiple_of(4);
        let mut datagram = vec![0, 1, 0, (padded + 4) as u8, 0x21, 0x12, 0xA4, 0x42];
        datagram.extend([0; 12]);
        datagram.extend([0, 6, 0, name.len() as u8]);
        datagram.extend(name.bytes());
        datagram.resize(20 + 4 + padded, 0);
        datagram
    }

    #[test]
    fn a_request_is_known_by_the_servers_half_of_its_name() {
        assert_eq!(check_ufrag(&request("ours:theirs")), Some("ours"));
    }

    #[test]
    fn what_is_no_request_or_names_nobody_has_no_owner() {
        let mut response = request("ours:theirs");
        response[0] = 1;
        let mut longer = request("ours:theirs");
        longer.push(0);

        assert_eq!(check_ufrag(&response), None);
        assert_eq!(check_ufrag(&longer), None);
        assert_eq!(check_ufrag(&request("ours")), None);
    }

    #[test]
    fn the_first_octets_tell_the_kind() {
        let kind = |first: u8, second: u8| {
            let mut datagram = [0; 40];
            (datagram[0], datagram[1]) = (first, second);
            classify(&datagram)
        };

        assert_eq!(kind(1, 1), Some(Class::Stun));
        assert_eq!(kind(22, 254), Some(Class::Dtls));
        assert_eq!(kind(0x80, 111), Some(Class::Rtp));
        assert_eq!(kind(0x80, 0xEF), Some(Class::Rtp));
        assert_eq!(kind(0x81, 200), Some(Class::Rtcp));
        assert_eq!(kind(64, 0), None);
        assert_eq!(classify(&[]), None);
    }

    proptest! {
        #[test]
        fn any_octets_are_read_without_a_panic(octets in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = classify(&octets);
            let _ = check_ufrag(&octets);
        }
    }
}
