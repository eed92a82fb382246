//! How many more listeners an engine can carry: from what a packet costs its sending threads now.
//! Pure, and an estimate: rounded by whoever shows it.

use crate::config::MAX_PEERS;
use crate::mix::PacketTime;

/// Of each sending thread so much may be used, in thousandths; the rest is for joins, for speakers,
/// and for what else the machine does.
const USABLE: f64 = 0.7;
/// What a packet costs until that has been measured, in us of a thread: the dearer end of what was.
const PACKET_US: f64 = 4.5;
/// What a listener costs beside packets, in us a second: checks, reports, deadlines.
const LISTENER_US: f64 = 25.0;
/// Fewer packets in a second tell more of what the thread does beside than of what they cost.
const TELLING: u64 = 10_000;
/// How much a new second counts for the average.
const WEIGHT: f64 = 0.1;

/// What sending a second's packets took.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Sending {
    /// Threads that send to listeners.
    pub(super) threads: u64,
    /// What all of them have used of processors, in us.
    pub(super) used_us: u64,
    /// Packets they sent.
    pub(super) packets: u64,
}

/// Knows what a packet costs.
#[derive(Debug)]
pub(super) struct Room {
    packet_us: f64,
    threads: u64,
}

impl Default for Room {
    fn default() -> Self {
        Self {
            packet_us: PACKET_US,
            threads: 1,
        }
    }
}

impl Room {
    /// Learn from one second.
    pub(super) fn learn(&mut self, sending: Sending) {
        self.threads = sending.threads.max(1);
        if sending.packets >= TELLING && sending.used_us > 0 {
            let cost = sending.used_us as f64 / sending.packets as f64;
            self.packet_us += WEIGHT * (cost - self.packet_us);
        }
    }

    /// How many more there is room for beside so many, if packets may become as long as this.
    pub(super) fn beside(&self, peers: u64, longest: PacketTime) -> u64 {
        let packets = 50.0 / longest.frames() as f64;
        let each_us = packets * self.packet_us + LISTENER_US;
        let all = self.threads as f64 * USABLE * 1e6 / each_us;
        (all as u64).min(MAX_PEERS as u64).saturating_sub(peers)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn measured(packet_us: u64) -> Room {
        let mut room = Room::default();
        for _ in 0..100 {
            room.learn(Sending {
                threads: 2,
                used_us: 100_000 * packet_us,
                packets: 100_000,
            });
        }
        room
    }

    #[test]
    fn longer_packets_and_more_threads_make_room_for_more() {
        let two = measured(5);

        assert!(two.beside(0, PacketTime::Ms120) > 3 * two.beside(0, PacketTime::Ms20));
        assert!(two.beside(0, PacketTime::Ms20) > Room::default().beside(0, PacketTime::Ms20));
    }

    #[test]
    fn what_packets_turn_out_to_cost_counts_and_the_first_second_alone_does_not() {
        let longest = PacketTime::Ms120;
        assert!(measured(2).beside(0, longest) > measured(9).beside(0, longest) * 2);

        let mut room = Room::default();
        let before = room.beside(0, longest);
        room.learn(Sending {
            threads: 1,
            used_us: 20_000_000,
            packets: 1_000_000,
        });
        assert!(room.beside(0, longest) > before / 2);
    }

    #[test]
    fn a_second_with_few_packets_teaches_nothing() {
        let mut room = Room::default();
        let before = room.beside(0, PacketTime::Ms20);
        room.learn(Sending {
            threads: 1,
            used_us: 500_000,
            packets: TELLING - 1,
        });

        assert_eq!(room.beside(0, PacketTime::Ms20), before);
    }

    #[test]
    fn nobody_has_less_than_no_room_or_more_than_the_engine_takes() {
        assert_eq!(measured(5).beside(1_000_000, PacketTime::Ms20), 0);
        let mut cheap = measured(1);
        cheap.threads = 1_000;
        assert_eq!(
            cheap.beside(1_000, PacketTime::Ms120),
            MAX_PEERS as u64 - 1_000
        );
    }
}
