//! Longer packets for a large audience: each frame is encoded once as ever, and several are joined.
//!
//! A packet costs the same whatever is in it, so listeners of a crowd get one for 40, 60 or 120 ms.
//! They are divided into as many cohorts as a packet holds frames, and each tick one cohort's
//! packet is complete: what has to be sent is spread over all ticks.

use std::collections::VecDeque;

use arrayvec::ArrayVec;

use super::{LaneFrame, MAX_HEARD};
use crate::opus::{MAX_JOINED, OpusError, Repacketizer};

/// Octets of the longest payload that is joined: with all headers it fits what any path carries
/// (1,280 octets, RFC 8200, 5).
const MAX_JOINED_BYTES: usize = 1_100;

/// How many frames one packet holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum PacketTime {
    /// 20 ms: one.
    #[default]
    Ms20,
    /// 40 ms: two.
    Ms40,
    /// 60 ms: three.
    Ms60,
    /// 120 ms: six, the most there can be.
    Ms120,
}

impl PacketTime {
    /// Frames in a packet, and cohorts of listeners.
    #[must_use]
    pub const fn frames(self) -> u64 {
        match self {
            Self::Ms20 => 1,
            Self::Ms40 => 2,
            Self::Ms60 => 3,
            Self::Ms120 => 6,
        }
    }

    /// The next longer one, or itself where there is none.
    #[must_use]
    pub const fn longer(self) -> Self {
        match self {
            Self::Ms20 => Self::Ms40,
            Self::Ms40 => Self::Ms60,
            Self::Ms60 | Self::Ms120 => Self::Ms120,
        }
    }

    /// The packet time of so many milliseconds, if there is such.
    #[must_use]
    pub const fn of_ms(ms: u32) -> Option<Self> {
        match ms {
            20 => Some(Self::Ms20),
            40 => Some(Self::Ms40),
            60 => Some(Self::Ms60),
            120 => Some(Self::Ms120),
            _ => None,
        }
    }

    /// Its milliseconds as a word.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Ms20 => "20",
            Self::Ms40 => "40",
            Self::Ms60 => "60",
            Self::Ms120 => "120",
        }
    }
}

/// A packet of one or more frames for listeners.
#[derive(Debug, Clone)]
pub struct Packet {
    /// The tick of its first frame.
    pub tick: u64,
    /// Sound begins after silence.
    pub marker: bool,
    /// What is in it, and who is heard at its end.
    pub frame: LaneFrame,
}

/// What those get whose packets hold more than one frame.
#[derive(Debug, Clone, Default)]
pub struct Packets {
    /// How long they are.
    pub time: PacketTime,
    /// The frames of the common lane up to this one, one by one, oldest first; none while packets
    /// are of 20 ms and no change of that has left any over.
    pub recent: ArrayVec<Packet, MAX_JOINED>,
    /// The same joined, for the cohort whose packet ends with this tick.
    pub joined: ArrayVec<Packet, MAX_JOINED>,
}

impl Packets {
    /// A frame that is joined with no other, for packets that hold this many.
    pub(super) fn alone(time: PacketTime, tick: u64, frame: &LaneFrame) -> Self {
        if time == PacketTime::Ms20 {
            return Self::default();
        }
        let packet = Packet {
            tick,
            marker: false,
            frame: frame.clone(),
        };
        Self {
            time,
            recent: ArrayVec::new(),
            joined: [packet].into_iter().collect(),
        }
    }
}

/// Keeps the last frames of the common lane, and joins those of the cohort whose turn it is.
#[derive(Debug)]
pub(super) struct Packing {
    repacketizer: Repacketizer,
    recent: VecDeque<Packet>,
}

impl Packing {
    pub(super) fn new() -> Result<Self, OpusError> {
        Ok(Self {
            repacketizer: Repacketizer::new()?,
            recent: VecDeque::with_capacity(MAX_JOINED),
        })
    }

    /// Forget all frames: what is left of them is silence, or must not be heard.
    pub(super) fn clear(&mut self) {
        self.recent.clear();
    }

    /// Take the frame of a tick, and give what listeners get with it.
    pub(super) fn pack(
        &mut self,
        time: PacketTime,
        tick: u64,
        marker: bool,
        frame: &LaneFrame,
    ) -> Packets {
        let was_empty = self.recent.is_empty();
        self.take(tick, marker, frame);
        if time != PacketTime::Ms20 {
            return Packets {
                time,
                recent: self.recent(),
                joined: self.joined(time),
            };
        }
        // What a change has left over of longer packets is sent one by one, once.
        let recent = if was_empty {
            ArrayVec::new()
        } else {
            self.recent()
        };
        self.clear();
        Packets {
            recent,
            ..Packets::default()
        }
    }

    /// Take the frame of a tick. After a gap those before it are of no use any more.
    fn take(&mut self, tick: u64, marker: bool, frame: &LaneFrame) {
        if self.recent.back().is_some_and(|last| last.tick + 1 != tick) {
            self.recent.clear();
        }
        if self.recent.len() == MAX_JOINED {
            self.recent.pop_front();
        }
        self.recent.push_back(Packet {
            tick,
            marker,
            frame: frame.clone(),
        });
    }

    /// The frames one by one, oldest first, the one taken last included.
    fn recent(&self) -> ArrayVec<Packet, MAX_JOINED> {
        self.recent.iter().cloned().collect()
    }

    /// The last frames joined, as far as they can be: more than one packet where the encoder
    /// changed its mode, or where they are too long together.
    fn joined(&mut self, time: PacketTime) -> ArrayVec<Packet, MAX_JOINED> {
        let frames = self.recent.make_contiguous();
        let wanted = usize::try_from(time.frames()).unwrap_or(MAX_JOINED);
        let mut rest = &frames[frames.len().saturating_sub(wanted)..];
        let mut packets = ArrayVec::new();
        while !rest.is_empty() {
            let (packet, count) = join(&mut self.repacketizer, rest);
            packets.push(packet);
            rest = &rest[count..];
        }
        packets
    }
}

/// Join as many of the first frames as possible; gives how many.
fn join(repacketizer: &mut Repacketizer, frames: &[Packet]) -> (Packet, usize) {
    let payloads: ArrayVec<&[u8], MAX_JOINED> = frames
        .iter()
        .scan(0, |length, packet| {
            *length += packet.frame.payload.len();
            (*length <= MAX_JOINED_BYTES).then_some(&*packet.frame.payload)
        })
        .collect();
    let mut joined = [0; MAX_JOINED_BYTES + 2 * MAX_JOINED];
    let Ok((count, length)) = repacketizer.join(&payloads, &mut joined) else {
        // A frame too long for company goes alone.
        return (frames[0].clone(), 1);
    };
    let packet = Packet {
        tick: frames[0].tick,
        marker: frames[..count].iter().any(|packet| packet.marker),
        frame: LaneFrame {
            payload: joined[..length].into(),
            csrc: heard(&frames[..count]),
        },
    };
    (packet, count)
}

/// Whoever is heard in any of the frames: those of the last first, as it is the newest.
fn heard(frames: &[Packet]) -> ArrayVec<u32, MAX_HEARD> {
    let mut heard = ArrayVec::new();
    for source in frames.iter().rev().flat_map(|packet| &packet.frame.csrc) {
        if !heard.contains(source) && !heard.is_full() {
            heard.push(*source);
        }
    }
    heard
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::opus::PacketShape;

    /// Hybrid, full band, 20 ms, one mono frame.
    const HYBRID: u8 = 15 << 3;
    /// CELT, full band, 20 ms, one mono frame.
    const CELT: u8 = 31 << 3;

    fn packing(kinds: &[u8], length: usize) -> Packing {
        let mut packing = Packing::new().unwrap();
        for (tick, kind) in (10..).zip(kinds) {
            let mut payload = vec![7; length];
            payload[0] = *kind;
            let csrc = [u32::try_from(tick).unwrap()].into_iter().collect();
            let frame = LaneFrame {
                payload: payload.into(),
                csrc,
            };
            packing.take(tick, tick == 11, &frame);
        }
        packing
    }

    fn shapes(packets: &[Packet]) -> Vec<(u64, usize)> {
        let frames = |packet: &Packet| PacketShape::read(&packet.frame.payload).unwrap().samples;
        packets
            .iter()
            .map(|packet| (packet.tick, frames(packet) / 960))
            .collect()
    }

    #[test]
    fn frames_of_one_mode_go_into_one_packet() {
        let mut packing = packing(&[HYBRID; 6], 80);

        let packets = packing.joined(PacketTime::Ms120);

        assert_eq!(shapes(&packets), [(10, 6)]);
        assert!(packets[0].marker, "sound begins in its second frame");
        assert_eq!(packets[0].frame.csrc.as_slice(), [15, 14, 13, 12, 11, 10]);
        assert_eq!(shapes(&packing.joined(PacketTime::Ms60)), [(13, 3)]);
        assert!(!packing.joined(PacketTime::Ms60)[0].marker);
        assert_eq!(shapes(&packing.joined(PacketTime::Ms20)), [(15, 1)]);
    }

    #[test]
    fn a_change_of_mode_inside_a_group_makes_two_packets_of_it() {
        let kinds = [HYBRID, HYBRID, CELT, CELT, CELT, HYBRID];

        let packets = packing(&kinds, 80).joined(PacketTime::Ms120);

        assert_eq!(shapes(&packets), [(10, 2), (12, 3), (15, 1)]);
    }

    #[test]
    fn what_no_path_carries_whole_is_not_joined() {
        let packets = packing(&[HYBRID; 6], 320).joined(PacketTime::Ms120);

        assert_eq!(shapes(&packets), [(10, 3), (13, 3)]);
        let alone = packing(&[HYBRID; 2], 1_200).joined(PacketTime::Ms40);
        assert_eq!(shapes(&alone), [(10, 1), (11, 1)]);
    }

    #[test]
    fn frames_before_a_gap_are_not_sent_after_it() {
        let mut packing = packing(&[HYBRID; 3], 80);
        let frame = packing.recent()[0].frame.clone();
        packing.take(20, true, &frame);

        assert_eq!(shapes(&packing.joined(PacketTime::Ms120)), [(20, 1)]);
        packing.clear();
        assert!(packing.joined(PacketTime::Ms120).is_empty());
    }
}
