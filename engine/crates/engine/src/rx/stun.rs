//! STUN binding requests and answers, as they come and as they are made here (RFC 8489).

use std::net::{IpAddr, SocketAddr};

use arrayvec::ArrayVec;
use aws_lc_rs::{constant_time, hmac};

const BINDING_REQUEST: u16 = 0x0001;
const BINDING_SUCCESS: u16 = 0x0101;
const MAGIC_COOKIE: u32 = 0x2112_A442;
const HEADER: usize = 20;
const ATTRIBUTE_HEADER: usize = 4;

pub(super) const USERNAME: u16 = 0x0006;
pub(super) const MESSAGE_INTEGRITY: u16 = 0x0008;
pub(super) const XOR_MAPPED_ADDRESS: u16 = 0x0020;
pub(super) const PRIORITY: u16 = 0x0024;
pub(super) const USE_CANDIDATE: u16 = 0x0025;
pub(super) const FINGERPRINT: u16 = 0x8028;
pub(super) const ICE_CONTROLLED: u16 = 0x8029;
/// From here on attributes may be ignored by who does not know them (RFC 8489, 14).
pub(super) const OPTIONAL: u16 = 0x8000;

const TAG: usize = 20;
/// The priority of a candidate of which nothing is known but that it is there (RFC 8445, 5.1.2.1).
const PEER_REFLEXIVE: u32 = 110 << 24 | 0xFF_FFFF;
/// What the sum of a FINGERPRINT is changed by (RFC 8489, 14.7).
const FINGERPRINT_MASK: u32 = 0x5354_554E;
/// Octets that end every message of ours: seal and fingerprint.
const END: usize = ATTRIBUTE_HEADER + TAG + 8;
/// Octets of the longest answer: header, mapped IPv6 address, end.
const LONGEST: usize = HEADER + 24 + END;
/// Octets of the longest request: header, two user fragments with a colon between (RFC 8839, 5.4),
/// role, priority, end.
const LONGEST_REQUEST: usize = HEADER + ATTRIBUTE_HEADER + 516 + 12 + 8 + END;

/// What a request and its answer have in common (RFC 8489, 5).
pub(crate) type Transaction = [u8; 12];

/// A binding request, or an answer to one, whose attributes fill it exactly.
#[derive(Debug, Clone, Copy)]
pub(super) struct Message<'d>(&'d [u8]);

/// One attribute of a message.
#[derive(Debug, Clone, Copy)]
pub(super) struct Attribute<'d> {
    pub(super) kind: u16,
    /// Without padding.
    pub(super) value: &'d [u8],
    /// Where in the message it begins.
    pub(super) at: usize,
}

impl<'d> Message<'d> {
    /// Read a binding request; `None` if it is anything else, or malformed.
    pub(super) fn request(datagram: &'d [u8]) -> Option<Self> {
        Self::read(BINDING_REQUEST, datagram)
    }

    /// Read the answer to a binding request; `None` if it is anything else, or malformed.
    pub(super) fn answer(datagram: &'d [u8]) -> Option<Self> {
        Self::read(BINDING_SUCCESS, datagram)
    }

    fn read(expected: u16, datagram: &'d [u8]) -> Option<Self> {
        let (header, attributes) = datagram.split_first_chunk::<HEADER>()?;
        let kind = u16::from_be_bytes([header[0], header[1]]);
        let length = usize::from(u16::from_be_bytes([header[2], header[3]]));
        let cookie = u32::from_be_bytes([header[4], header[5], header[6], header[7]]);
        let message = Self(datagram);
        let end = message
            .attributes()
            .last()
            .map_or(HEADER, |attribute| attribute.end());
        let is_whole = length == attributes.len() && end == datagram.len();
        (kind == expected && cookie == MAGIC_COOKIE && is_whole).then_some(message)
    }

    /// The attributes in their order.
    pub(super) fn attributes(self) -> impl Iterator<Item = Attribute<'d>> {
        let mut at = HEADER;
        std::iter::from_fn(move || {
            let (head, rest) = self.0.get(at..)?.split_first_chunk::<ATTRIBUTE_HEADER>()?;
            let length = usize::from(u16::from_be_bytes([head[2], head[3]]));
            rest.get(..length.next_multiple_of(4))?;
            let attribute = Attribute {
                kind: u16::from_be_bytes([head[0], head[1]]),
                value: &rest[..length],
                at,
            };
            at = attribute.end();
            Some(attribute)
        })
    }

    /// Which exchange it belongs to.
    pub(super) fn transaction(self) -> &'d [u8] {
        &self.0[8..HEADER]
    }

    /// Whether this MESSAGE-INTEGRITY of it was made with the key (RFC 8489, 14.5): over what is
    /// before it, with a length as if it were the last.
    pub(super) fn is_sealed_with(self, key: &hmac::Key, integrity: &Attribute<'_>) -> bool {
        let tag = seal(key, &self.0[..integrity.at]);
        constant_time::verify_slices_are_equal(&tag, integrity.value).is_ok()
    }

    /// Whether this FINGERPRINT, its last attribute, is that of the message (RFC 8489, 14.7).
    pub(super) fn has_fingerprint(self, fingerprint: &Attribute<'_>) -> bool {
        fingerprint.value == fingerprint_of(&self.0[..fingerprint.at]).to_be_bytes()
    }

    /// The answer that its sender is heard at `from`, sealed: (RFC 8489, 7.3.1.1; RFC 8445, 7.3.1).
    pub(super) fn answered(self, from: SocketAddr, key: &hmac::Key) -> Answer {
        let mut answer = Answer::new();
        put(&mut answer, &BINDING_SUCCESS.to_be_bytes());
        put(&mut answer, &[0; 2]);
        put(&mut answer, &self.0[4..HEADER]);
        put_mapped(&mut answer, from);
        finish(&mut answer, key);
        answer
    }
}

/// A check of ours under this name, sealed (RFC 8445, 7.1.1 and 7.2.2).
pub(super) fn question(transaction: &Transaction, username: &str, key: &hmac::Key) -> Question {
    let mut question = Question::new();
    put(&mut question, &BINDING_REQUEST.to_be_bytes());
    put(&mut question, &[0; 2]);
    put(&mut question, &MAGIC_COOKIE.to_be_bytes());
    put(&mut question, transaction);
    put_attribute(&mut question, USERNAME, username.as_bytes());
    // Neither is of consequence: a lite agent is always the controlled one, and has one candidate.
    put_attribute(&mut question, ICE_CONTROLLED, &transaction[..8]);
    put_attribute(&mut question, PRIORITY, &PEER_REFLEXIVE.to_be_bytes());
    finish(&mut question, key);
    question
}

impl Attribute<'_> {
    /// Where the next one begins.
    fn end(&self) -> usize {
        self.at + ATTRIBUTE_HEADER + self.value.len().next_multiple_of(4)
    }
}

/// An answer of ours.
pub(crate) type Answer = ArrayVec<u8, LONGEST>;
/// A request of ours.
pub(crate) type Question = ArrayVec<u8, LONGEST_REQUEST>;

/// Everything a message holds is counted in [`LONGEST`] or [`LONGEST_REQUEST`].
fn put<const N: usize>(message: &mut ArrayVec<u8, N>, octets: &[u8]) {
    let fits = message.try_extend_from_slice(octets).is_ok();
    debug_assert!(fits, "a message is longer than the longest");
}

fn put_attribute<const N: usize>(message: &mut ArrayVec<u8, N>, kind: u16, value: &[u8]) {
    put(message, &kind.to_be_bytes());
    put(message, &(value.len() as u16).to_be_bytes());
    put(message, value);
    let padding = value.len().next_multiple_of(4) - value.len();
    put(message, &[0; 3][..padding]);
}

/// Seal a message and sum it up.
fn finish<const N: usize>(message: &mut ArrayVec<u8, N>, key: &hmac::Key) {
    set_length(message, ATTRIBUTE_HEADER + TAG);
    let tag = seal(key, message);
    put_attribute(message, MESSAGE_INTEGRITY, &tag);
    set_length(message, 8);
    let sum = fingerprint_of(message);
    put_attribute(message, FINGERPRINT, &sum.to_be_bytes());
}

/// XOR-MAPPED-ADDRESS (RFC 8489, 14.2): port and address, changed by cookie and transaction.
fn put_mapped(answer: &mut Answer, address: SocketAddr) {
    let mut value: ArrayVec<u8, 20> =
        ArrayVec::from_iter([0, if address.is_ipv4() { 1 } else { 2 }]);
    let port = address.port() ^ (MAGIC_COOKIE >> 16) as u16;
    value.extend(port.to_be_bytes());
    let mask = answer[4..HEADER].iter();
    match address.ip() {
        IpAddr::V4(ip) => value.extend(ip.octets().iter().zip(mask).map(|(a, b)| a ^ b)),
        IpAddr::V6(ip) => value.extend(ip.octets().iter().zip(mask).map(|(a, b)| a ^ b)),
    }
    put_attribute(answer, XOR_MAPPED_ADDRESS, &value);
}

/// Let the header say that so many octets follow what is there.
fn set_length(message: &mut [u8], more: usize) {
    let length = (message.len() - HEADER + more) as u16;
    message[2..4].copy_from_slice(&length.to_be_bytes());
}

/// The seal of a message that ends where its MESSAGE-INTEGRITY begins.
fn seal(key: &hmac::Key, message: &[u8]) -> [u8; TAG] {
    let length = (message.len() - HEADER + ATTRIBUTE_HEADER + TAG) as u16;
    let mut context = hmac::Context::with_key(key);
    context.update(&message[..2]);
    context.update(&length.to_be_bytes());
    context.update(&message[4..]);
    let mut tag = [0; TAG];
    tag.copy_from_slice(context.sign().as_ref());
    tag
}

/// The sum over a message that ends where its FINGERPRINT begins.
fn fingerprint_of(message: &[u8]) -> u32 {
    let step = |sum: u32, octet: &u8| SUMS[usize::from(sum as u8 ^ octet)] ^ (sum >> 8);
    !message.iter().fold(u32::MAX, step) ^ FINGERPRINT_MASK
}

/// What each octet does to the sum: CRC-32 of ITU V.42, the polynomial reflected.
static SUMS: [u32; 256] = sums();

const fn sums() -> [u32; 256] {
    let mut sums = [0; 256];
    let mut octet = 0;
    while octet < 256 {
        let mut sum = octet as u32;
        let mut bit = 0;
        while bit < 8 {
            sum = if sum & 1 == 1 {
                0xEDB8_8320 ^ (sum >> 1)
            } else {
                sum >> 1
            };
            bit += 1;
        }
        sums[octet] = sum;
        octet += 1;
    }
    sums
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// RFC 5769, 2.1: a request with everything a check has.
    pub(in crate::rx) const SAMPLE: [u8; 108] = [
        0x00, 0x01, 0x00, 0x58, 0x21, 0x12, 0xa4, 0x42, 0xb7, 0xe7, 0xa7, 0x01, 0xbc, 0x34, 0xd6,
        0x86, 0xfa, 0x87, 0xdf, 0xae, 0x80, 0x22, 0x00, 0x10, 0x53, 0x54, 0x55, 0x4e, 0x20, 0x74,
        0x65, 0x73, 0x74, 0x20, 0x63, 0x6c, 0x69, 0x65, 0x6e, 0x74, 0x00, 0x24, 0x00, 0x04, 0x6e,
        0x00, 0x01, 0xff, 0x80, 0x29, 0x00, 0x08, 0x93, 0x2f, 0xf9, 0xb1, 0x51, 0x26, 0x3b, 0x36,
        0x00, 0x06, 0x00, 0x09, 0x65, 0x76, 0x74, 0x6a, 0x3a, 0x68, 0x36, 0x76, 0x59, 0x20, 0x20,
        0x20, 0x00, 0x08, 0x00, 0x14, 0x9a, 0xea, 0xa7, 0x0c, 0xbf, 0xd8, 0xcb, 0x56, 0x78, 0x1e,
        0xf2, 0xb5, 0xb2, 0xd3, 0xf2, 0x49, 0xc1, 0xb5, 0x71, 0xa2, 0x80, 0x28, 0x00, 0x04, 0xe5,
        0x7a, 0x3b, 0xcf,
    ];
    /// The password of the samples.
    const PASSWORD: &[u8] = b"VOkJxbRl1RmTxUk/WvJxBt";

    /// A request of these attributes with seal and fingerprint.
    pub(in crate::rx) fn sealed(attributes: &[(u16, &[u8])], key: &hmac::Key) -> Vec<u8> {
        let mut request = SAMPLE[..HEADER].to_vec();
        let put = |request: &mut Vec<u8>, kind: u16, value: &[u8]| {
            request.extend(kind.to_be_bytes());
            request.extend((value.len() as u16).to_be_bytes());
            request.extend(value);
            request.resize(request.len().next_multiple_of(4), 0);
        };
        for (kind, value) in attributes {
            put(&mut request, *kind, value);
        }
        let tag = seal(key, &request);
        put(&mut request, MESSAGE_INTEGRITY, &tag);
        let length = (request.len() - HEADER + 8) as u16;
        request[2..4].copy_from_slice(&length.to_be_bytes());
        let sum = fingerprint_of(&request);
        put(&mut request, FINGERPRINT, &sum.to_be_bytes());
        request
    }

    fn key() -> hmac::Key {
        hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, PASSWORD)
    }

    fn attribute(kind: u16) -> (Message<'static>, Attribute<'static>) {
        let request = Message::request(&SAMPLE).unwrap();
        let found = request.attributes().find(|a| a.kind == kind).unwrap();
        (request, found)
    }

    #[test]
    fn the_sample_of_rfc_5769_is_read_and_found_authentic() {
        let (request, username) = attribute(USERNAME);
        assert_eq!(username.value, b"evtj:h6vY");

        let (_, integrity) = attribute(MESSAGE_INTEGRITY);
        assert!(request.is_sealed_with(&key(), &integrity));

        let (_, fingerprint) = attribute(FINGERPRINT);
        assert!(request.has_fingerprint(&fingerprint));
    }

    /// RFC 5769, 2.2 and 2.3, without the name of the software that their answers bear.
    #[test]
    fn addresses_of_both_kinds_are_mapped_as_in_rfc_5769() {
        let request = Message::request(&SAMPLE).unwrap();
        let v4 = request.answered("192.0.2.1:32853".parse().unwrap(), &key());
        assert_eq!(
            v4[20..32],
            [0, 0x20, 0, 8, 0, 1, 0xa1, 0x47, 0xe1, 0x12, 0xa6, 0x43]
        );

        let address = "[2001:db8:1234:5678:11:2233:4455:6677]:32853";
        let v6 = request.answered(address.parse().unwrap(), &key());
        assert_eq!(v6[20..28], [0, 0x20, 0, 20, 0, 2, 0xa1, 0x47]);
        let mapped = [
            0x01, 0x13, 0xa9, 0xfa, 0xa5, 0xd3, 0xf1, 0x79, 0xbc, 0x25, 0xf4, 0xb5, 0xbe, 0xd2,
            0xb9, 0xd9,
        ];
        assert_eq!(v6[28..44], mapped);
        assert_eq!(v6.len(), LONGEST);
    }

    #[test]
    fn a_question_is_a_check_like_any_other() {
        let transaction = [7; 12];
        for name in [
            "theirs:ours".to_owned(),
            format!("{0}:{0}", "x".repeat(256)),
        ] {
            let octets = question(&transaction, &name, &key());
            let request = Message::request(&octets).unwrap();
            let find = |kind| request.attributes().find(|a| a.kind == kind).unwrap();

            assert_eq!(request.transaction(), transaction);
            assert_eq!(find(USERNAME).value, name.as_bytes());
            assert!(request.is_sealed_with(&key(), &find(MESSAGE_INTEGRITY)));
            assert!(request.has_fingerprint(&find(FINGERPRINT)));
        }
    }
}
