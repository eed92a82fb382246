//! Which packets of a frame set one listener gets: frames one by one, or joined for its cohort.

use std::ops::Range;

use crate::mix::{FrameSet, Packet, PacketTime};
use crate::opus::MAX_JOINED;

/// What a listener has had, and in which tick its packets end.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pace {
    cohort: u64,
    /// The first tick it has not been sent; `None` before the first.
    next: Option<u64>,
}

/// What to send of a frame set.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Share {
    /// The ticks whose frames are sent one by one.
    pub(super) single: Range<u64>,
    /// Whether the joined packet follows them.
    pub(super) joined: bool,
}

impl Pace {
    /// The pace of a peer in the cohort of this number.
    pub(super) const fn new(number: u64) -> Self {
        Self {
            // Any number of cohorts there can be divides 6.
            cohort: number % MAX_JOINED as u64,
            next: None,
        }
    }

    /// Take what is due of the frames up to this tick.
    ///
    /// Every tick is sent once, and in order, however the length of packets changes: before its
    /// cohort's first whole packet a listener gets frames one by one, and what a change leaves over
    /// of the old packet is sent so too.
    pub(super) fn take(&mut self, tick: u64, time: PacketTime) -> Share {
        let from = self.next.unwrap_or(tick).min(tick + 1);
        let place = (tick + self.cohort) % time.frames();
        let begins = tick.saturating_sub(place);
        let is_whole = time != PacketTime::Ms20 && from <= begins;
        let ends = place == time.frames() - 1;
        let single = if is_whole {
            from..begins
        } else {
            from..tick + 1
        };
        self.next = Some(if is_whole && !ends { begins } else { tick + 1 });
        Share {
            single,
            joined: is_whole && ends,
        }
    }
}

impl Share {
    /// The frames of the common lane that are sent one by one and were made before this tick.
    pub(super) fn earlier<'f>(&'f self, frames: &'f FrameSet) -> impl Iterator<Item = &'f Packet> {
        frames
            .packets
            .recent
            .iter()
            .filter(|packet| packet.tick < frames.tick && self.single.contains(&packet.tick))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const TIMES: [PacketTime; 4] = [
        PacketTime::Ms20,
        PacketTime::Ms40,
        PacketTime::Ms60,
        PacketTime::Ms120,
    ];

    fn sent(pace: &mut Pace, tick: u64, time: PacketTime) -> Vec<u64> {
        let share = pace.take(tick, time);
        let joined = if share.joined { time.frames() } else { 0 };
        share.single.chain(tick + 1 - joined..=tick).collect()
    }

    #[test]
    fn a_settled_listener_gets_one_packet_when_its_cohort_is_due() {
        let mut pace = Pace::new(4);
        for tick in 0..6 {
            pace.take(tick, PacketTime::Ms120);
        }
        let shares: Vec<_> = (6..18)
            .map(|tick| pace.take(tick, PacketTime::Ms120))
            .collect();

        assert_eq!(shares.iter().filter(|share| share.joined).count(), 2);
        assert!(shares.iter().all(|share| share.single.is_empty()));
    }

    #[test]
    fn each_tick_is_another_cohorts() {
        let mut paces: Vec<_> = (0..60).map(Pace::new).collect();
        for tick in 100..200 {
            let due = paces
                .iter_mut()
                .filter_map(|pace| pace.take(tick, PacketTime::Ms120).joined.then_some(()))
                .count();
            assert!(tick < 106 || due == 10, "{due} of 60 in tick {tick}");
        }
    }

    proptest! {
        /// However packet times change, every tick is sent once and in order, at most 100 ms late.
        #[test]
        fn no_frame_is_lost_or_sent_twice(
            number: u64,
            changes in prop::collection::vec((0..4_usize, 1..9_u64), 1..20),
        ) {
            let mut pace = Pace::new(number % 1000);
            let (mut tick, mut got) = (50, Vec::new());
            for (time, ticks) in changes {
                for _ in 0..ticks {
                    got.extend(sent(&mut pace, tick, TIMES[time]));
                    let behind = tick + 1 - got.len() as u64 - 50;
                    prop_assert!(behind < TIMES[time].frames());
                    tick += 1;
                }
            }
            got.extend(sent(&mut pace, tick, PacketTime::Ms20));
            prop_assert_eq!(got, (50..=tick).collect::<Vec<_>>());
        }
    }
}
