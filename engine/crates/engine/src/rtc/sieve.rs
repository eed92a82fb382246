//! What of a member's SCTP packets the library gets to see (RFC 9260, 3).
//!
//! The library takes whatever a well-meaning other side may send. One that means ill could have it
//! sort, search and keep without end: data far ahead of what is missing, acknowledgements that name
//! the same data again and again, hundreds of chunks that are each answered. What no browser sends
//! on a channel with one ordered, reliable stream ends here.

/// Octets before the first chunk.
const COMMON_HEADER: usize = 12;
/// Chunks of one packet; browsers bundle an acknowledgement and a few messages.
const MAX_CHUNKS: usize = 16;
/// How far data may be ahead of what is complete, or behind it when sent again.
const WINDOW: u32 = 64;
/// Gaps that one acknowledgement may name.
const MAX_GAPS: usize = 64;
/// Messages that may be written while no acknowledgement moves.
const MAX_UNACKNOWLEDGED: u32 = 1024;

const DATA: u8 = 0;
const INIT: u8 = 1;
const SACK: u8 = 3;
const FORWARD_TSN: u8 = 192;
/// A flag of data: outside the order of its stream.
const UNORDERED: u8 = 4;

/// What is known of both directions.
#[derive(Debug, Default)]
pub(super) struct Sieve {
    /// Up to where what the other side sends is complete (its TSN).
    complete: u32,
    /// Up to where the other side has acknowledged.
    acknowledged: Option<u32>,
    written: u32,
}

impl Sieve {
    /// A sieve for an association that begins with this packet.
    pub(super) fn new(first: &[u8]) -> Self {
        let initial = chunks(first)
            .find(|chunk| chunk.kind == INIT)
            .and_then(|init| word(init.value, 12));
        Self {
            complete: initial.unwrap_or(0).wrapping_sub(1),
            ..Self::default()
        }
    }

    /// Whether a packet from the other side may pass.
    pub(super) fn passes(&mut self, packet: &[u8], is_open: bool) -> bool {
        if chunks(packet).count() > MAX_CHUNKS {
            return false;
        }
        let passes = chunks(packet).all(|chunk| match chunk.kind {
            DATA => self.is_near(&chunk),
            SACK => is_plain(&chunk),
            // The association stands: this one is late, or wants another.
            INIT => !is_open,
            FORWARD_TSN => false,
            _ => true,
        });
        if passes {
            let acknowledged = chunks(packet)
                .filter(|chunk| chunk.kind == SACK)
                .filter_map(|sack| word(sack.value, 0))
                .last();
            if acknowledged.is_some() && acknowledged != self.acknowledged {
                self.acknowledged = acknowledged;
                self.written = 0;
            }
        }
        passes
    }

    /// A packet goes to the other side: it may say up to where everything has come.
    pub(super) fn sent(&mut self, packet: &[u8]) {
        let complete = chunks(packet)
            .filter(|chunk| chunk.kind == SACK)
            .filter_map(|sack| word(sack.value, 0))
            .last();
        self.complete = complete.unwrap_or(self.complete);
    }

    /// A message was written; false when the other side has acknowledged nothing for so many that it
    /// does not mean to.
    pub(super) fn wrote(&mut self) -> bool {
        self.written += 1;
        self.written <= MAX_UNACKNOWLEDGED
    }

    fn is_near(&self, data: &Chunk<'_>) -> bool {
        let ahead = word(data.value, 0).map(|number| number.wrapping_sub(self.complete));
        data.flags & UNORDERED == 0
            && ahead.is_some_and(|ahead| ahead <= WINDOW || ahead >= WINDOW.wrapping_neg())
    }
}

/// Whether the gaps of an acknowledgement are few, in order and apart.
fn is_plain(sack: &Chunk<'_>) -> bool {
    let Some(count) = sack.value.get(8..10) else {
        return false;
    };
    let count = usize::from(u16::from_be_bytes([count[0], count[1]]));
    let gaps = sack.value.get(12..).unwrap_or_default();
    if count > MAX_GAPS || gaps.len() < 4 * count {
        return false;
    }
    let edges = gaps[..4 * count]
        .chunks_exact(2)
        .map(|edge| u16::from_be_bytes([edge[0], edge[1]]));
    let mut last = 0;
    edges.enumerate().all(|(place, edge)| {
        // A gap may begin and end with the same number; the next begins after it.
        let follows = edge > last || (place % 2 == 1 && edge == last);
        last = edge;
        follows
    })
}

/// One chunk of a packet, without its header.
struct Chunk<'p> {
    kind: u8,
    flags: u8,
    value: &'p [u8],
}

/// The chunks of a packet, up to the first that is cut off.
fn chunks(packet: &[u8]) -> impl Iterator<Item = Chunk<'_>> {
    let mut rest = packet.get(COMMON_HEADER..).unwrap_or_default();
    std::iter::from_fn(move || {
        let [kind, flags, high, low, ..] = *rest else {
            return None;
        };
        let length = usize::from(u16::from_be_bytes([high, low]));
        let value = rest.get(4..length)?;
        rest = rest.get(length.next_multiple_of(4)..).unwrap_or_default();
        Some(Chunk { kind, flags, value })
    })
}

fn word(value: &[u8], at: usize) -> Option<u32> {
    let octets = value.get(at..at + 4)?;
    Some(u32::from_be_bytes(octets.try_into().ok()?))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A packet of these chunks: kind, flags, value.
    fn packet(chunks: &[(u8, u8, &[u8])]) -> Vec<u8> {
        let mut packet = vec![0; COMMON_HEADER];
        for (kind, flags, value) in chunks {
            packet.extend([*kind, *flags]);
            packet.extend((value.len() as u16 + 4).to_be_bytes());
            packet.extend(*value);
            packet.resize(packet.len().next_multiple_of(4), 0);
        }
        packet
    }

    fn data(number: u32) -> Vec<u8> {
        packet(&[(DATA, 3, &[&number.to_be_bytes()[..], &[0; 9]].concat())])
    }

    fn sack(complete: u32, gaps: &[(u16, u16)]) -> Vec<u8> {
        let mut value = complete.to_be_bytes().to_vec();
        value.extend([0, 0, 255, 255]);
        value.extend((gaps.len() as u16).to_be_bytes());
        value.extend([0, 0]);
        for (begin, end) in gaps {
            value.extend(begin.to_be_bytes());
            value.extend(end.to_be_bytes());
        }
        packet(&[(SACK, 0, &value)])
    }

    /// A sieve of an association whose other side begins with this number.
    fn sieve(initial: u32) -> Sieve {
        let mut init = vec![0; 12];
        init.extend(initial.to_be_bytes());
        Sieve::new(&packet(&[(INIT, 0, &init)]))
    }

    #[test]
    fn data_passes_near_what_is_complete_and_not_far_from_it() {
        let mut sieve = sieve(u32::MAX);
        for near in [u32::MAX, 0, WINDOW - 2] {
            assert!(sieve.passes(&data(near), true), "{near}");
        }
        assert!(!sieve.passes(&data(WINDOW - 1), true));
        assert!(!sieve.passes(&data(1 << 31), true));

        sieve.sent(&sack(1000, &[]));
        assert!(sieve.passes(&data(1000 + WINDOW), true));
        assert!(sieve.passes(&data(1000 - WINDOW), true), "sent again");
        assert!(!sieve.passes(&data(0), true));
    }

    #[test]
    fn what_no_browser_sends_on_an_ordered_channel_does_not_pass() {
        let mut sieve = sieve(1);
        let unordered = packet(&[(DATA, 3 | UNORDERED, &[0, 0, 0, 1, 0, 0, 0, 0, 0])]);
        assert!(!sieve.passes(&unordered, true));
        assert!(!sieve.passes(&packet(&[(FORWARD_TSN, 0, &[0; 4])]), true));
        let another = packet(&[(INIT, 0, &[0; 16])]);
        assert!(sieve.passes(&another, false), "the answer was lost");
        assert!(!sieve.passes(&another, true));
    }

    #[test]
    fn a_packet_has_so_many_chunks() {
        let heartbeat = (4, 0, &[0; 4][..]);
        assert!(sieve(1).passes(&packet(&[heartbeat; MAX_CHUNKS]), true));
        assert!(!sieve(1).passes(&packet(&[heartbeat; MAX_CHUNKS + 1]), true));
    }

    #[test]
    fn gaps_are_few_in_order_and_apart() {
        let passes = |gaps: &[(u16, u16)]| sieve(1).passes(&sack(0, gaps), true);
        assert!(passes(&[]));
        assert!(passes(&[(2, 2), (4, 9)]));
        for wrong in [
            &[(2, 9), (2, 9)][..],
            &[(4, 2)],
            &[(5, 6), (2, 3)],
            &[(0, 1)],
        ] {
            assert!(!passes(wrong), "{wrong:?}");
        }
        let many: Vec<_> = (1..=MAX_GAPS as u16 + 1).map(|n| (2 * n, 2 * n)).collect();
        assert!(passes(&many[..MAX_GAPS]));
        assert!(!passes(&many));
        let mut cut = sack(0, &[(2, 3)]);
        cut[COMMON_HEADER + 3] -= 4;
        assert!(!sieve(1).passes(&cut, true));
    }

    #[test]
    fn whoever_acknowledges_nothing_is_written_to_so_often() {
        let mut sieve = sieve(1);
        assert!((0..MAX_UNACKNOWLEDGED).all(|_| sieve.wrote()));
        assert!(sieve.passes(&sack(7, &[]), true));
        assert!((0..MAX_UNACKNOWLEDGED).all(|_| sieve.wrote()));
        assert!(sieve.passes(&sack(7, &[(2, 3)]), true), "nothing new");
        assert!(!sieve.wrote());
    }

    proptest! {
        #[test]
        fn whatever_comes_is_looked_at_to_the_end(packet: Vec<u8>, is_open: bool) {
            let _ = Sieve::new(&packet).passes(&packet, is_open);
        }
    }
}
