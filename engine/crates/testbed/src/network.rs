//! A network that delays, loses, doubles and reorders, the same way each time for the same seed.
//!
//! Time is virtual: moments are counted from the beginning of the experiment.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::time::Duration;

/// What a network does to packets.
#[derive(Debug, Clone, Copy, Default)]
pub struct Conditions {
    /// The shortest way.
    pub delay: Duration,
    /// Mean of what comes on top by chance: many packets less, a few several times as much.
    pub jitter: Duration,
    /// Each packet by itself is late by up to this much more, all alike likely: order is not kept.
    pub scattered: Duration,
    /// Share of packets lost, 0 to 1.
    pub loss: f64,
    /// How many packets are lost in a row on average; below 1 counts as 1.
    pub burst: f64,
    /// Share of packets held back until later ones have passed, 0 to 1.
    pub reordered: f64,
    /// Share of packets that come twice, 0 to 1.
    pub doubled: f64,
    /// Bytes per second that pass; 0 is without limit.
    pub rate: u32,
}

/// Deterministic chance (`SplitMix64`).
#[derive(Debug, Clone)]
pub struct Chance(u64);

impl Chance {
    /// The same seed gives the same chance.
    #[must_use]
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next 64 bits.
    pub const fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number from 0 up to, not including, 1.
    #[expect(clippy::cast_precision_loss, reason = "53 bits fit")]
    pub fn share(&mut self) -> f64 {
        (self.bits() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// True with this probability.
    pub fn happens(&mut self, probability: f64) -> bool {
        self.share() < probability
    }
}

/// One direction of a path, with everything that is on its way.
#[derive(Debug)]
pub struct Network<P> {
    conditions: Conditions,
    chance: Chance,
    losing: bool,
    busy_until: Duration,
    last_arrival: Duration,
    sent: u64,
    under_way: BinaryHeap<Reverse<UnderWay<P>>>,
}

#[derive(Debug)]
struct UnderWay<P> {
    arrival: Duration,
    number: u64,
    packet: P,
}

impl<P: Clone> Network<P> {
    /// A path with these conditions; the seed decides what happens to which packet.
    #[must_use]
    pub const fn new(seed: u64, conditions: Conditions) -> Self {
        Self {
            conditions,
            chance: Chance::new(seed),
            losing: false,
            busy_until: Duration::ZERO,
            last_arrival: Duration::ZERO,
            sent: 0,
            under_way: BinaryHeap::new(),
        }
    }

    /// Change the weather; what is under way stays as it was.
    pub const fn become_like(&mut self, conditions: Conditions) {
        self.conditions = conditions;
    }

    /// Put a packet of `bytes` bytes on its way.
    pub fn send(&mut self, now: Duration, bytes: u32, packet: P) {
        let leaves = self.leaves(now, bytes);
        if self.loses() {
            return;
        }
        let arrival = self.arrival(leaves);
        if self.chance.happens(self.conditions.doubled) {
            self.put(arrival + Duration::from_millis(1), packet.clone());
        }
        self.put(arrival, packet);
    }

    /// Take the next packet that has arrived by `now`, with the time of its arrival.
    pub fn arrived(&mut self, now: Duration) -> Option<(Duration, P)> {
        if self.under_way.peek()?.0.arrival > now {
            return None;
        }
        let Reverse(next) = self.under_way.pop()?;
        Some((next.arrival, next.packet))
    }

    /// When the last byte has left, if the path takes only so many a second.
    fn leaves(&mut self, now: Duration, bytes: u32) -> Duration {
        let takes = f64::from(bytes) / f64::from(self.conditions.rate.max(1));
        let takes = if self.conditions.rate == 0 {
            0.0
        } else {
            takes
        };
        self.busy_until = self.busy_until.max(now) + Duration::from_secs_f64(takes);
        self.busy_until
    }

    /// Two states, losing and not (Gilbert): losses come in bursts of the mean length asked for.
    fn loses(&mut self) -> bool {
        let Conditions { loss, burst, .. } = self.conditions;
        let ends = 1.0 / burst.max(1.0);
        let begins = if loss >= 1.0 {
            1.0
        } else {
            ends * loss / (1.0 - loss)
        };
        self.losing = if self.losing && loss < 1.0 {
            !self.chance.happens(ends)
        } else {
            self.chance.happens(begins)
        };
        self.losing
    }

    fn arrival(&mut self, leaves: Duration) -> Duration {
        let Conditions {
            delay,
            jitter,
            reordered,
            scattered,
            ..
        } = self.conditions;
        let chance = -(1.0 - self.chance.share()).ln();
        let arrival = leaves + delay + jitter.mul_f64(chance);
        if self.chance.happens(reordered) {
            return arrival.max(self.last_arrival) + Duration::from_millis(50);
        }
        if !scattered.is_zero() {
            return arrival + scattered.mul_f64(self.chance.share());
        }
        // Queues keep the order: who comes behind a late packet is late too.
        self.last_arrival = self.last_arrival.max(arrival);
        self.last_arrival
    }

    fn put(&mut self, arrival: Duration, packet: P) {
        self.sent += 1;
        self.under_way.push(Reverse(UnderWay {
            arrival,
            number: self.sent,
            packet,
        }));
    }
}

impl<P> Ord for UnderWay<P> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        (self.arrival, self.number).cmp(&(other.arrival, other.number))
    }
}

impl<P> PartialOrd for UnderWay<P> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl<P> PartialEq for UnderWay<P> {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl<P> Eq for UnderWay<P> {}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    /// Send 10,000 packets, one each 20 ms; gives back arrivals with the packets' numbers.
    fn carried(seed: u64, conditions: Conditions) -> Vec<(Duration, u32)> {
        let mut network = Network::new(seed, conditions);
        for number in 0..10_000 {
            network.send(Duration::from_millis(20) * number, 100, number);
        }
        std::iter::from_fn(|| network.arrived(1_000 * SECOND)).collect()
    }

    #[test]
    fn a_perfect_network_only_takes_its_time() {
        let delay = Duration::from_millis(30);

        let carried = carried(
            1,
            Conditions {
                delay,
                ..Conditions::default()
            },
        );

        assert_eq!(carried.len(), 10_000);
        for (arrival, number) in carried {
            assert_eq!(arrival, Duration::from_millis(20) * number + delay);
        }
    }

    #[test]
    fn nothing_arrives_before_its_time() {
        let mut network = Network::new(
            1,
            Conditions {
                delay: SECOND,
                ..Conditions::default()
            },
        );
        network.send(Duration::ZERO, 100, 7);

        assert_eq!(network.arrived(Duration::from_millis(999)), None);
        assert_eq!(network.arrived(SECOND), Some((SECOND, 7)));
    }

    #[test]
    fn losses_have_the_share_and_the_length_asked_for() {
        for burst in [1.0, 4.0] {
            let carried = carried(
                2,
                Conditions {
                    loss: 0.1,
                    burst,
                    ..Conditions::default()
                },
            );

            let lost = 10_000 - carried.len();
            assert!((800..1_200).contains(&lost), "{lost} lost");
            let gaps = carried
                .windows(2)
                .filter(|pair| pair[1].1 > pair[0].1 + 1)
                .count();
            #[expect(clippy::cast_precision_loss, reason = "small counts")]
            let mean = lost as f64 / gaps as f64;
            assert!((mean - burst).abs() < 0.5, "bursts of {mean}");
        }
    }

    #[test]
    fn only_what_is_asked_for_is_out_of_order_or_doubled() {
        let jitter = Duration::from_millis(15);
        let behind = |carried: &[(Duration, u32)]| {
            carried
                .windows(2)
                .filter(|pair| pair[1].1 < pair[0].1)
                .count()
        };

        let jittery = carried(
            3,
            Conditions {
                jitter,
                ..Conditions::default()
            },
        );
        let reordered = carried(
            3,
            Conditions {
                reordered: 0.01,
                ..Conditions::default()
            },
        );
        let doubled = carried(
            3,
            Conditions {
                doubled: 0.01,
                ..Conditions::default()
            },
        );

        assert_eq!(behind(&jittery), 0);
        assert!((50..200).contains(&behind(&reordered)));
        assert!((10_050..10_200).contains(&doubled.len()));
    }

    #[test]
    fn scattered_packets_come_at_any_time_within_their_bounds() {
        let scattered = Duration::from_millis(80);
        let conditions = Conditions {
            scattered,
            ..Conditions::default()
        };

        let late: Vec<_> = carried(3, conditions)
            .into_iter()
            .map(|(arrival, number)| arrival.saturating_sub(Duration::from_millis(20) * number))
            .collect();

        assert_eq!(late.len(), 10_000);
        assert!(late.iter().all(|late| *late < scattered));
        let mean = late.iter().sum::<Duration>() / 10_000;
        assert!(
            mean.abs_diff(scattered / 2) < Duration::from_millis(2),
            "{mean:?}"
        );
    }

    #[test]
    fn a_narrow_path_delays_more_and_more() {
        // 100 bytes each 20 ms are 5,000 a second.
        let carried = carried(
            4,
            Conditions {
                rate: 4_000,
                ..Conditions::default()
            },
        );

        assert_eq!(carried[9_999].0, Duration::from_millis(25) * 10_000);
    }

    #[test]
    fn the_same_seed_gives_the_same_network() {
        let conditions = Conditions {
            jitter: Duration::from_millis(10),
            loss: 0.05,
            ..Conditions::default()
        };

        assert_eq!(carried(5, conditions), carried(5, conditions));
        assert_ne!(carried(5, conditions), carried(6, conditions));
    }
}
