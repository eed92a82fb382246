//! Datagrams that nobody should answer, many in a second, from tens of thousands of addresses.
//!
//! Some are noise, the others look like what a server is sent: checks for nobody and for a member
//! whose name was seen in the clear, DTLS, RTP and reports of strangers, and voice from a member's
//! own address, as somebody on the path can forge it. None is authentic.

use std::io;
use std::net::{Ipv4Addr, SocketAddrV4};

use crate::mmsg::{Arrivals, Departures, ManySocket};

/// Strangers lie from here on, beyond all crowds.
const FIRST_STRANGER: u32 = u32::from_be_bytes([127, 192, 0, 0]);
const STRANGERS: u64 = 1 << 16;
/// Noise to take datagrams from, and the longest that is taken.
const NOISE: usize = 1 << 16;
const LONGEST_NOISE: usize = 1_200;
const SEALED_VOICE: usize = 108;
/// Octets of a STUN header, of a fingerprint (RFC 8489, 14.7), and of a seal with its head (14.5).
const STUN_HEAD: usize = 20;
const FINGERPRINT: usize = 8;
const SEAL: usize = 24;

/// What a datagram pretends to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Noise,
    /// A check under a name that nobody has.
    CheckForNobody,
    /// A check under a member's name, with a wrong seal.
    ForgedCheck,
    Answer,
    Dtls,
    Voice,
    Report,
    /// Voice from a member's address, with a wrong tag.
    ForgedVoice,
}

/// They take turns.
const KINDS: [Kind; 8] = [
    Kind::Noise,
    Kind::CheckForNobody,
    Kind::ForgedCheck,
    Kind::Answer,
    Kind::Dtls,
    Kind::Voice,
    Kind::Report,
    Kind::ForgedVoice,
];

/// A member whose name and address the liars know.
#[derive(Debug, Clone)]
pub struct Victim {
    /// Where the member is; the port is that of the members' socket.
    pub address: Ipv4Addr,
    /// Where everything goes.
    pub server: SocketAddrV4,
    /// An authentic check of the member, whose seal will be spoilt.
    pub check: Vec<u8>,
}

/// What was sent, and what came back to strangers.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Thrown {
    /// Datagrams that the kernel took.
    pub sent: u64,
    /// Datagrams that strangers were sent.
    pub answered: u64,
    /// Octets in them.
    pub answered_octets: u64,
}

/// Everybody who lies.
pub struct Flood {
    strangers: ManySocket,
    by_strangers: Departures,
    by_members: Departures,
    arrivals: Arrivals,
    noise: Vec<u8>,
    dice: u64,
    next: u64,
    thrown: Thrown,
}

impl Flood {
    /// Nothing thrown yet.
    ///
    /// # Errors
    /// Without a socket.
    pub fn new() -> io::Result<Self> {
        let mut dice = 0x9E37_79B9_7F4A_7C15;
        let noise = (0..NOISE).map(|_| roll(&mut dice) as u8).collect();
        Ok(Self {
            strangers: ManySocket::open(0)?,
            by_strangers: Departures::default(),
            by_members: Departures::default(),
            arrivals: Arrivals::default(),
            noise,
            dice,
            next: 0,
            thrown: Thrown::default(),
        })
    }

    /// Send so many datagrams; what members seem to have sent leaves by their own socket.
    pub fn throw(&mut self, count: u64, victims: &[Victim], members: &ManySocket) {
        if victims.is_empty() {
            return;
        }
        for _ in 0..count {
            let turn = self.next / KINDS.len() as u64;
            let kind = KINDS[(self.next % KINDS.len() as u64) as usize];
            let victim = &victims[(turn % victims.len() as u64) as usize];
            let stranger = Ipv4Addr::from(FIRST_STRANGER + (self.next % STRANGERS) as u32);
            self.next += 1;
            let (dice, noise) = (roll(&mut self.dice), &self.noise);
            let write = |packet: &mut [u8]| write(kind, dice, noise, victim, packet);
            if kind == Kind::ForgedVoice {
                let from = Some(victim.address);
                self.by_members.write(from, victim.server, write);
            } else {
                self.by_strangers
                    .write(Some(stranger), victim.server, write);
            }
            if self.by_strangers.is_full() {
                self.send(members);
            }
        }
        self.send(members);
    }

    fn send(&mut self, members: &ManySocket) {
        let taken = self.by_strangers.send(&self.strangers) + self.by_members.send(members);
        self.thrown.sent += taken as u64;
    }

    /// Count what came back to strangers.
    ///
    /// # Errors
    /// When nothing can be received any more.
    pub fn listen(&mut self) -> io::Result<()> {
        while self.arrivals.take(&self.strangers)? > 0 {
            for arrival in self.arrivals.datagrams() {
                self.thrown.answered += 1;
                self.thrown.answered_octets += arrival.octets.len() as u64;
            }
        }
        Ok(())
    }

    /// What was sent and came back until now.
    #[must_use]
    pub const fn thrown(&self) -> Thrown {
        self.thrown
    }
}

/// Write a datagram of a kind; gives its length.
fn write(kind: Kind, dice: u64, noise: &[u8], victim: &Victim, packet: &mut [u8]) -> Option<usize> {
    let at = dice as usize % (NOISE - LONGEST_NOISE);
    let mut filled = |head: &[u8], length: usize| {
        let packet = packet.get_mut(..length)?;
        packet.copy_from_slice(noise.get(at..at + length)?);
        packet.get_mut(..head.len())?.copy_from_slice(head);
        Some(length)
    };
    match kind {
        Kind::Noise => filled(&[], (dice >> 32) as usize % LONGEST_NOISE),
        Kind::Dtls => filled(&[22, 254, 253, 0, 0, 0, 0], 140),
        Kind::Voice | Kind::ForgedVoice => filled(&[0x80, 111], SEALED_VOICE),
        Kind::Report => filled(&[0x80, 201, 0, 7], 60),
        Kind::Answer => filled(&[1, 1, 0, 24, 0x21, 0x12, 0xA4, 0x42], STUN_HEAD + 24),
        Kind::CheckForNobody => {
            let length = spoilt(victim, dice, packet)?;
            // Its name, after the head of the first attribute, is another.
            let name = packet.get_mut(STUN_HEAD + 4..STUN_HEAD + 8)?;
            name.copy_from_slice(&[b'?'; 4]);
            Some(length)
        }
        Kind::ForgedCheck => spoilt(victim, dice, packet),
    }
}

/// The victim's check with another transaction and a wrong seal, and without a fingerprint: who
/// forges one can have that right, too, so it would spare nobody the look at the seal.
fn spoilt(victim: &Victim, dice: u64, packet: &mut [u8]) -> Option<usize> {
    let length = victim.check.len().checked_sub(FINGERPRINT)?;
    let packet = packet.get_mut(..length)?;
    packet.copy_from_slice(&victim.check[..length]);
    let body = length.checked_sub(STUN_HEAD + SEAL)? + SEAL;
    packet[2..4].copy_from_slice(&(body as u16).to_be_bytes());
    packet[8..16].copy_from_slice(&dice.to_be_bytes());
    packet[length - 1] ^= 1 | dice as u8;
    Some(length)
}

/// The next number of a sequence without pattern, by xorshift (Marsaglia 2003).
const fn roll(dice: &mut u64) -> u64 {
    *dice ^= *dice << 13;
    *dice ^= *dice >> 7;
    *dice ^= *dice << 17;
    *dice
}

#[cfg(test)]
mod tests {
    use str0m::crypto::from_feature_flags;
    use str0m::ice::{StunMessage, TransId};

    use super::*;
    use crate::mmsg::LONGEST;

    const PASSWORD: &[u8] = b"a password of somebody";

    fn seal(key: &[u8], parts: &[&[u8]]) -> [u8; 20] {
        from_feature_flags()
            .sha1_hmac_provider
            .sha1_hmac(key, parts)
    }

    fn victim(server: SocketAddrV4) -> Victim {
        let message =
            StunMessage::binding_request("theirs:ours", TransId::new(), true, 1, 99, false);
        let mut check = vec![0; 300];
        let length = message.to_bytes(Some(PASSWORD), &mut check, seal).unwrap();
        check.truncate(length);
        Victim {
            address: Ipv4Addr::new(127, 1, 0, 0),
            server,
            check,
        }
    }

    fn written(kind: Kind, dice: u64) -> Vec<u8> {
        let noise: Vec<u8> = (0..NOISE).map(|at| (at / 251) as u8).collect();
        let victim = victim("127.0.0.1:9".parse().unwrap());
        let mut packet = vec![0; LONGEST];
        let length = write(kind, dice, &noise, &victim, &mut packet).unwrap();
        packet.truncate(length);
        packet
    }

    #[test]
    fn a_forged_check_is_whole_bears_the_members_name_and_is_not_authentic() {
        let authentic = victim("127.0.0.1:9".parse().unwrap()).check;
        assert!(
            StunMessage::parse(&authentic)
                .unwrap()
                .verify(PASSWORD, seal)
        );
        for dice in [0, 1, 0xFFFF_FFFF_FFFF_FFFE] {
            let datagram = written(Kind::ForgedCheck, dice);

            let check = StunMessage::parse(&datagram).unwrap();
            assert_eq!(check.split_username(), Some(("theirs", "ours")));
            assert!(!check.verify(PASSWORD, seal));
        }
        let datagram = written(Kind::CheckForNobody, 5);
        let check = StunMessage::parse(&datagram).unwrap();
        assert_eq!(check.split_username(), Some(("????rs", "ours")));
    }

    #[test]
    fn what_is_thrown_comes_from_many_and_what_comes_back_is_counted() {
        let server = ManySocket::open(0).unwrap();
        let members = ManySocket::open(0).unwrap();
        let victims = [victim(SocketAddrV4::new(
            Ipv4Addr::LOCALHOST,
            server.port(),
        ))];
        let mut flood = Flood::new().unwrap();
        flood.throw(800, &victims, &members);

        let (mut arrivals, mut answers) = (Arrivals::default(), Departures::default());
        let (mut from, mut of_members) = (std::collections::HashSet::new(), 0);
        while arrivals.take(&server).unwrap() > 0 {
            for arrival in arrivals.datagrams() {
                from.insert(arrival.from);
                of_members += u32::from(arrival.from.port() == members.port());
            }
        }
        assert_eq!(flood.thrown().sent, 800);
        assert_eq!((from.len(), of_members), (701, 100));

        let one = from
            .iter()
            .find(|one| one.port() != members.port())
            .unwrap();
        answers.write(None, *one, |packet| {
            packet[..3].copy_from_slice(b"you");
            Some(3)
        });
        answers.send(&server);
        flood.listen().unwrap();
        let thrown = flood.thrown();
        assert_eq!((thrown.answered, thrown.answered_octets), (1, 3));
    }
}
