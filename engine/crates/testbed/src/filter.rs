//! What of the sound sent to many addresses is read, and what the kernel drops at the socket.
//!
//! On one machine whoever counts packets takes the processor from whoever sends them. A filter of
//! the socket (`SO_ATTACH_FILTER`, socket(7)) runs where a datagram arrives, after the sender has paid
//! for its way through IP and before anybody is given it. It keeps checks, handshakes and reports
//! of everybody; of the sound it keeps all that goes to one listener in so many, and of the others'
//! each 16th packet: so everybody is known to hear, and some are known to miss nothing.

use libc::sock_filter;

/// Of listeners who are not read whole, packets are kept whose number this divides; 2^16 is a
/// multiple, so that it holds over a wrap.
pub const SPARSELY: u16 = 16;

/// Whose sound is read whole: by the place of their address after the first one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Readers {
    /// How many of the first ones are.
    pub first: u32,
    /// And from there on each how many one; 1: everybody.
    pub every: u32,
}

impl Readers {
    /// Everybody is read whole: the kernel needs no filter.
    #[must_use]
    pub const fn are_all(&self) -> bool {
        self.every <= 1
    }

    /// Whether the listener at this place is read whole.
    #[must_use]
    pub const fn include(&self, place: u32) -> bool {
        self.are_all() || place < self.first || place.is_multiple_of(self.every)
    }

    /// The program that keeps what is to be read, listeners lying from `first_address` on.
    ///
    /// For the program a datagram begins with its UDP header of 8 octets. What is too short to be
    /// looked at is dropped (bpf(4): a load beyond the end ends the program with 0).
    #[must_use]
    pub fn program(&self, first_address: u32) -> [sock_filter; 15] {
        use libc::{
            BPF_ABS, BPF_ALU, BPF_B, BPF_H, BPF_JEQ, BPF_JGE, BPF_JMP, BPF_JSET, BPF_K, BPF_LD,
            BPF_MOD, BPF_RET, BPF_SUB, BPF_W, SKF_NET_OFF,
        };
        const FIRST_OCTET: u32 = 8;
        const NUMBER: u32 = FIRST_OCTET + 2;
        const DESTINATION: u32 = SKF_NET_OFF.cast_unsigned() + 16;
        const KEEP: u32 = u32::MAX;
        let load = |width, at| step(BPF_LD | width | BPF_ABS, 0, 0, at);
        let alter = |what, by| step(BPF_ALU | what | BPF_K, 0, 0, by);
        let test = |what, against, yes, no| step(BPF_JMP | what | BPF_K, yes, no, against);
        [
            // RTP and RTCP begin with version 2 (RFC 3550), nothing else here does (RFC 7983).
            load(BPF_B, FIRST_OCTET),
            test(BPF_JGE, 128, 0, 12),
            test(BPF_JGE, 192, 11, 0),
            // Types 192 to 223 are RTCP (RFC 5761, 4).
            load(BPF_B, FIRST_OCTET + 1),
            test(BPF_JGE, 192, 0, 1),
            test(BPF_JGE, 224, 0, 8),
            load(BPF_W, DESTINATION),
            alter(BPF_SUB, first_address),
            test(BPF_JGE, self.first, 0, 5),
            alter(BPF_MOD, self.every.max(1)),
            test(BPF_JEQ, 0, 3, 0),
            load(BPF_H, NUMBER),
            test(BPF_JSET, u32::from(SPARSELY) - 1, 0, 1),
            step(BPF_RET | BPF_K, 0, 0, 0),
            step(BPF_RET | BPF_K, 0, 0, KEEP),
        ]
    }
}

const fn step(code: u32, jt: u8, jf: u8, k: u32) -> sock_filter {
    sock_filter {
        code: code as u16,
        jt,
        jf,
        k,
    }
}

#[cfg(test)]
mod tests {
    use std::net::{Ipv4Addr, SocketAddrV4};

    use super::*;
    use crate::mmsg::{Arrivals, Departures, ManySocket};

    const FIRST: Ipv4Addr = Ipv4Addr::new(127, 9, 0, 0);

    /// An RTP packet (or RTCP, by its type) with this number.
    const fn packet(kind: u8, number: u16) -> [u8; 4] {
        let [high, low] = number.to_be_bytes();
        [0x80, kind, high, low]
    }

    /// Send datagrams to listeners at these places; gives those that came through, and how many the
    /// kernel dropped. What loopback delivers is there when it has been sent.
    fn sifted(readers: Readers, sent: &[(u8, &[u8])]) -> (Vec<(u8, Vec<u8>)>, u32) {
        let sink = ManySocket::open(0).unwrap();
        sink.keep(&readers, FIRST).unwrap();
        let source = ManySocket::open(0).unwrap();
        let mut departures = Departures::default();
        for (place, octets) in sent {
            let to = SocketAddrV4::new(Ipv4Addr::new(127, 9, 0, *place), sink.port());
            departures.write(None, to, |buffer| {
                buffer[..octets.len()].copy_from_slice(octets);
                Some(octets.len())
            });
        }
        assert_eq!(departures.send(&source), sent.len());
        let mut arrivals = Arrivals::default();
        arrivals.take(&sink).unwrap();
        let came = arrivals.datagrams();
        let came = came.map(|one| (one.to.octets()[3], one.octets.to_vec()));
        (came.collect(), sink.dropped().unwrap())
    }

    #[test]
    fn the_sound_of_some_is_kept_whole_and_each_sixteenth_packet_of_the_others() {
        let readers = Readers { first: 2, every: 5 };
        let packets: Vec<_> = (0..32)
            .map(|number| packet(111, 65_529_u16.wrapping_add(number)))
            .collect();
        for place in 0..=10 {
            let sent: Vec<_> = packets.iter().map(|one| (place, one.as_slice())).collect();

            let (came, dropped) = sifted(readers, &sent);

            let whole = readers.include(place.into());
            assert_eq!(whole, [0, 1, 5, 10].contains(&place));
            let expected = if whole { 32 } else { 2 };
            assert_eq!(came.len(), expected, "at {place}");
            assert_eq!(dropped as usize, 32 - expected, "at {place}");
            if !whole {
                assert_eq!(
                    came,
                    [0, 16].map(|number| (place, packet(111, number).to_vec()))
                );
            }
        }
    }

    #[test]
    fn what_is_no_sound_is_kept_for_everybody() {
        let readers = Readers { first: 0, every: 9 };
        let (report, sound) = (packet(201, 1), packet(111, 1));
        let others: [&[u8]; 5] = [&[0, 1, 0, 1], &[22, 254, 253, 1], &[192; 4], &report, &[1]];
        let mut sent = others.map(|octets| (1, octets)).to_vec();
        sent.push((1, &sound));

        let (came, dropped) = sifted(readers, &sent);

        assert_eq!(came.len(), others.len());
        assert_eq!(dropped, 1);
    }

    #[test]
    fn the_edges_of_report_types_are_drawn_where_they_are() {
        let readers = Readers { first: 0, every: 9 };
        for (kind, kept) in [(191, false), (192, true), (223, true), (224, false)] {
            let (came, _) = sifted(readers, &[(1, &packet(kind, 1))]);

            assert_eq!(!came.is_empty(), kept, "{kind}");
        }
    }

    #[test]
    fn where_all_are_read_nothing_is_dropped() {
        let readers = Readers { first: 0, every: 1 };
        let (came, dropped) = sifted(readers, &[(3, &packet(111, 7))]);

        assert_eq!((came.len(), dropped), (1, 0));
        assert!(readers.include(3));
    }
}
