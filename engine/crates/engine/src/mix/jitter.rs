//! Puts the packets of one voice back into order. When to take them out is decided in `voice`.

use super::RtpAudio;
use crate::opus::PacketShape;

/// Packets held at most: 640 ms of the shortest.
const RING: usize = 64;

/// A larger step in sequence numbers is another stream (RFC 3550, A.1 calls it `MAX_DROPOUT`).
const MAX_STEP: u64 = 1_000;

/// Where counting starts, so that a few packets may come before the first.
const FIRST_CYCLE: u64 = 1 << 16;

/// What came of a packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Arrival {
    /// It is in its place, and so is the one before it, if that has not had its turn.
    InPlace,
    /// It is in its place; the one before it has not come.
    AfterGap,
    /// Its turn has passed.
    Late,
    /// It was there already, or its sequence number is far from all others.
    Ignored,
    /// The second in a row far from all others: the sender began anew. Only this one is held.
    Restarted,
}

/// A packet and its place.
#[derive(Debug)]
pub(super) struct Packet {
    sequence: u64,
    /// The number of its first sample.
    pub(super) timestamp: i64,
    pub(super) shape: PacketShape,
    pub(super) payload: Vec<u8>,
}

/// The packets of one voice that have not had their turn, by extended sequence number.
///
/// What is taken out never goes back: each packet's sequence number is above all before it.
#[derive(Debug)]
pub(super) struct JitterBuffer {
    ring: [Option<Packet>; RING],
    /// The lowest sequence number that still has its turn before it.
    next: u64,
    newest: Option<(u64, i64)>,
    /// The sequence number that would confirm a restart.
    confirms: Option<u16>,
    /// Payload buffers to be used again.
    spare: Vec<Vec<u8>>,
}

impl JitterBuffer {
    pub(super) fn new() -> Self {
        Self {
            ring: std::array::from_fn(|_| None),
            next: 0,
            newest: None,
            confirms: None,
            spare: Vec::new(),
        }
    }

    /// Put a packet into its place; also gives the number of its first sample.
    pub(super) fn insert(&mut self, packet: &RtpAudio<'_>, shape: PacketShape) -> (Arrival, i64) {
        let Some((sequence, timestamp)) = self.extended(packet) else {
            return self.doubt(packet, shape);
        };
        self.confirms = None;
        if sequence < self.next {
            return (Arrival::Late, timestamp);
        }
        self.make_room(sequence);
        if self.ring[place(sequence)].is_some() {
            return (Arrival::Ignored, timestamp);
        }
        let first = self.newest.is_none();
        self.store(sequence, timestamp, packet.payload, shape);
        let lacking = sequence > self.next && self.ring[place(sequence - 1)].is_none();
        (
            if lacking && !first {
                Arrival::AfterGap
            } else {
                Arrival::InPlace
            },
            timestamp,
        )
    }

    /// The packet whose turn is next, and whether it directly follows the last one taken.
    pub(super) fn peek(&self) -> Option<(&Packet, bool)> {
        let (newest, _) = self.newest?;
        (self.next..=newest)
            .find_map(|sequence| self.ring[place(sequence)].as_ref())
            .map(|packet| (packet, packet.sequence == self.next))
    }

    /// Take the packet whose turn is next; those missing before it have lost theirs.
    pub(super) fn take(&mut self) -> Option<Packet> {
        let sequence = self.peek()?.0.sequence;
        self.next = sequence + 1;
        self.ring[place(sequence)].take()
    }

    /// Give back the buffer of a packet that was taken.
    pub(super) fn recycle(&mut self, packet: Packet) {
        if self.spare.len() < RING {
            self.spare.push(packet.payload);
        }
    }

    /// Forget all packets and begin anew with this one.
    pub(super) fn restart(&mut self, packet: &RtpAudio<'_>, shape: PacketShape) -> i64 {
        for place in &mut self.ring {
            self.spare.extend(place.take().map(|packet| packet.payload));
        }
        self.spare.truncate(RING);
        self.confirms = None;
        let (sequence, timestamp) = begin(packet);
        self.next = sequence;
        self.newest = None;
        self.store(sequence, timestamp, packet.payload, shape);
        timestamp
    }

    /// Sequence number and timestamp without wraps, or nothing if the step is too large.
    fn extended(&mut self, packet: &RtpAudio<'_>) -> Option<(u64, i64)> {
        let Some((newest, newest_timestamp)) = self.newest else {
            let (sequence, timestamp) = begin(packet);
            self.next = sequence - 16;
            return Some((sequence, timestamp));
        };
        let step = packet.sequence.wrapping_sub(low_16(newest)).cast_signed();
        if u64::from(step.unsigned_abs()) > MAX_STEP {
            return None;
        }
        let ticks = packet
            .timestamp
            .wrapping_sub(low_32(newest_timestamp))
            .cast_signed();
        Some((
            newest.checked_add_signed(step.into())?,
            newest_timestamp + i64::from(ticks),
        ))
    }

    fn doubt(&mut self, packet: &RtpAudio<'_>, shape: PacketShape) -> (Arrival, i64) {
        if self.confirms == Some(packet.sequence) {
            return (Arrival::Restarted, self.restart(packet, shape));
        }
        self.confirms = Some(packet.sequence.wrapping_add(1));
        (Arrival::Ignored, 0)
    }

    /// Give up the turns that lie a whole ring before `sequence`.
    fn make_room(&mut self, sequence: u64) {
        while self.next + RING as u64 <= sequence {
            if let Some(packet) = self.ring[place(self.next)].take() {
                self.recycle(packet);
            }
            self.next += 1;
        }
    }

    fn store(&mut self, sequence: u64, timestamp: i64, payload: &[u8], shape: PacketShape) {
        let mut buffer = self.spare.pop().unwrap_or_default();
        buffer.clear();
        buffer.extend_from_slice(payload);
        self.ring[place(sequence)] = Some(Packet {
            sequence,
            timestamp,
            shape,
            payload: buffer,
        });
        if self.newest.is_none_or(|(newest, _)| sequence > newest) {
            self.newest = Some((sequence, timestamp));
        }
    }
}

fn begin(packet: &RtpAudio<'_>) -> (u64, i64) {
    (
        FIRST_CYCLE + u64::from(packet.sequence),
        i64::from(packet.timestamp),
    )
}

#[expect(clippy::cast_possible_truncation, reason = "a remainder of 64")]
const fn place(sequence: u64) -> usize {
    (sequence % RING as u64) as usize
}

#[expect(clippy::cast_possible_truncation, reason = "the low bits are meant")]
const fn low_16(sequence: u64) -> u16 {
    sequence as u16
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the low bits are meant"
)]
const fn low_32(timestamp: i64) -> u32 {
    timestamp as u32
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SHAPE: PacketShape = PacketShape {
        samples: 960,
        carries_previous: false,
        is_silence: false,
    };

    fn packet(sequence: u16) -> RtpAudio<'static> {
        RtpAudio {
            sequence,
            timestamp: u32::from(sequence) * 960,
            marker: false,
            payload: &[120],
        }
    }

    fn insert(buffer: &mut JitterBuffer, sequence: u16) -> Arrival {
        buffer.insert(&packet(sequence), SHAPE).0
    }

    fn taken(buffer: &mut JitterBuffer) -> Vec<u64> {
        std::iter::from_fn(|| buffer.take().map(|packet| packet.sequence % 65_536)).collect()
    }

    #[test]
    fn packets_come_out_in_order_each_once() {
        let mut buffer = JitterBuffer::new();
        for sequence in [7, 5, 6, 6, 9] {
            insert(&mut buffer, sequence);
        }

        assert_eq!(taken(&mut buffer), [5, 6, 7, 9]);
        assert_eq!(insert(&mut buffer, 8), Arrival::Late);
        assert_eq!(insert(&mut buffer, 9), Arrival::Late);
        assert_eq!(taken(&mut buffer), []);
    }

    #[test]
    fn numbers_and_timestamps_may_wrap() {
        let mut buffer = JitterBuffer::new();
        let wrapping = |sequence: u16, timestamp| RtpAudio {
            sequence,
            timestamp,
            marker: false,
            payload: &[120],
        };

        buffer.insert(&wrapping(65_535, u32::MAX - 959), SHAPE);
        let after = buffer.insert(&wrapping(0, 0), SHAPE);

        assert_eq!(after, (Arrival::InPlace, 1 << 32));
        assert_eq!(taken(&mut buffer), [65_535, 0]);
    }

    #[test]
    fn a_single_stray_packet_is_ignored_and_a_second_in_a_row_restarts() {
        let mut buffer = JitterBuffer::new();
        insert(&mut buffer, 100);
        assert_eq!(insert(&mut buffer, 5_000), Arrival::Ignored);
        assert_eq!(insert(&mut buffer, 101), Arrival::InPlace);
        assert_eq!(insert(&mut buffer, 6_000), Arrival::Ignored);

        assert_eq!(insert(&mut buffer, 6_001), Arrival::Restarted);

        assert_eq!(taken(&mut buffer), [6_001]);
    }

    #[test]
    fn a_packet_knows_whether_the_one_before_it_is_missing() {
        let mut buffer = JitterBuffer::new();

        let arrivals = [10, 11, 13, 12, 14].map(|sequence| insert(&mut buffer, sequence));

        let (here, gap) = (Arrival::InPlace, Arrival::AfterGap);
        assert_eq!(arrivals, [here, here, gap, here, here]);
    }

    #[test]
    fn a_flood_pushes_the_oldest_out() {
        let mut buffer = JitterBuffer::new();
        for sequence in 0..200 {
            insert(&mut buffer, sequence);
        }

        let taken = taken(&mut buffer);

        assert_eq!(taken.len(), RING);
        assert_eq!(taken.last(), Some(&199));
    }

    proptest! {
        #[test]
        fn the_buffer_never_goes_back(
            steps in prop::collection::vec((any::<bool>(), -1_500_i64..1_500, 0_i64..4), 1..400)
        ) {
            let mut buffer = JitterBuffer::new();
            let mut sequence = 1_000_000_i64;
            let mut last = 0;
            for (jump, far, near) in steps {
                sequence += if jump { far } else { near - 1 };
                let arrival = insert(&mut buffer, low_16(sequence.unsigned_abs()));
                if arrival == Arrival::Restarted {
                    last = 0;
                }
                if near % 2 == 0 && let Some(packet) = buffer.take() {
                    prop_assert!(packet.sequence > last);
                    last = packet.sequence;
                }
            }
        }
    }
}
