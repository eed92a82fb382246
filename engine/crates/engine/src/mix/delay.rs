//! How long packets are under way, and how long to wait for them therefore.
//!
//! Transit is arrival minus timestamp: its zero is anybody's, so only differences count. A packet's
//! lateness is its transit above the smallest of the last seconds.

/// Half of the memory of the smallest transit: 2 s. Clocks that drift by 200 ppm move 0.8 ms in it twice.
const WINDOW: i64 = 96_000;

/// 5 ms of lateness per bucket, up to 240 ms.
const BUCKET: i64 = 240;
const BUCKETS: usize = 48;

const LONGEST: i64 = 240 * 48;

/// The share of packets that may come too late.
const LATE: f32 = 0.03;

/// Each packet weakens the memory of those before by this at most: half of it is gone in 2 s.
const FORGET: f32 = 0.993;

/// The target lies 10 ms above what is needed: half a tick, since packets are taken in ticks.
pub(super) const MARGIN: i64 = 480;

/// 20 ms: what a calm network gets.
pub(super) const LEAST_TARGET: i64 = 960;
/// 200 ms: beyond this a conversation suffers more than from gaps.
pub(super) const MOST_TARGET: i64 = 9_600;

/// What is known of the delays of one sender's packets. All times in samples.
#[derive(Debug)]
pub(super) struct DelayEstimate {
    /// The smallest transit in this window and the one before.
    smallest: Option<(i64, i64)>,
    window_end: i64,
    shares: [f32; BUCKETS],
    packets: f32,
}

impl DelayEstimate {
    pub(super) const fn new() -> Self {
        Self {
            smallest: None,
            window_end: 0,
            shares: [0.0; BUCKETS],
            packets: 0.0,
        }
    }

    /// Take in a packet.
    pub(super) fn observe(&mut self, arrival: i64, timestamp: i64) {
        let transit = arrival - timestamp;
        let (this, before) = self.smallest.unwrap_or((transit, transit));
        self.smallest = Some(if arrival >= self.window_end {
            self.window_end = arrival + WINDOW;
            (transit, this)
        } else {
            (this.min(transit), before)
        });
        self.count(self.lateness(arrival, timestamp));
    }

    /// Take in that the packet of `timestamp` was lost and its copy came at `arrival`: waiting for
    /// copies is worth it only where there are some.
    pub(super) fn observe_copy(&mut self, arrival: i64, timestamp: i64) {
        self.count(self.lateness(arrival, timestamp));
    }

    /// How much later than the quickest packets this one came; 0 if it is the first.
    pub(super) fn lateness(&self, arrival: i64, timestamp: i64) -> i64 {
        if self.smallest.is_none() {
            0
        } else {
            arrival - timestamp - self.base()
        }
    }

    /// The transit of the quickest packets of the last 2 to 4 s.
    pub(super) fn base(&self) -> i64 {
        self.smallest.map_or(0, |(this, before)| this.min(before))
    }

    /// How much later than the quickest packet to play: 20 to 200 ms.
    pub(super) fn target(&self) -> i64 {
        let mut late = 0.0;
        let mut lateness = LONGEST;
        for share in self.shares.iter().rev() {
            late += share;
            if late > LATE {
                break;
            }
            lateness -= BUCKET;
        }
        (lateness + MARGIN).clamp(LEAST_TARGET, MOST_TARGET)
    }

    #[expect(
        clippy::cast_sign_loss,
        clippy::cast_possible_truncation,
        reason = "not negative, and cut to the last bucket"
    )]
    fn count(&mut self, lateness: i64) {
        self.packets += 1.0;
        // An even mean at first: the first packets must not count for more than those after.
        let keep = (1.0 - 1.0 / self.packets).min(FORGET);
        for share in &mut self.shares {
            *share *= keep;
        }
        let bucket = (lateness / BUCKET).max(0) as usize;
        self.shares[bucket.min(BUCKETS - 1)] += 1.0 - keep;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Let `packets` of 20 ms come, each as late as `lateness` says, from sample `first` on.
    fn come(estimate: &mut DelayEstimate, first: i64, packets: i64, lateness: impl Fn(i64) -> i64) {
        for n in 0..packets {
            let timestamp = first + n * 960;
            estimate.observe(timestamp + lateness(n), timestamp);
        }
    }

    #[test]
    fn a_calm_network_gets_twenty_milliseconds() {
        let mut estimate = DelayEstimate::new();
        assert_eq!(estimate.target(), LEAST_TARGET);

        come(&mut estimate, 0, 500, |n| 70_000 + n % 5 * 48);

        assert_eq!(estimate.target(), LEAST_TARGET);
        assert_eq!(estimate.base(), 70_000);
    }

    #[test]
    fn the_target_covers_what_is_common_and_not_what_is_rare() {
        let mut estimate = DelayEstimate::new();

        come(
            &mut estimate,
            0,
            1_000,
            |n| if n % 10 == 0 { 3_000 } else { 0 },
        );
        let often_late = estimate.target();
        come(&mut estimate, 960_000, 1_000, |n| {
            if n % 100 == 0 { 9_000 } else { 0 }
        });
        let seldom_late = estimate.target();

        assert!((3_400..4_000).contains(&often_late), "{often_late}");
        assert_eq!(seldom_late, LEAST_TARGET);
    }

    #[test]
    fn the_target_never_leaves_its_bounds() {
        let mut estimate = DelayEstimate::new();

        come(&mut estimate, 0, 1_000, |n| n % 7 * 40_000);

        assert_eq!(estimate.target(), MOST_TARGET);
    }

    #[test]
    fn the_base_follows_a_drifting_clock_and_a_longer_way() {
        let mut estimate = DelayEstimate::new();

        // A sender 200 ppm slow, for a minute: 12 ms.
        come(&mut estimate, 0, 3_000, |n| n * 960 / 5_000);
        assert!((estimate.base() - 576).abs() < 60, "{}", estimate.base());
        come(&mut estimate, 2_880_000, 1_000, |_| 5_000);
        assert_eq!(estimate.base(), 5_000);
        assert_eq!(estimate.target(), LEAST_TARGET);
    }

    #[test]
    fn copies_of_lost_packets_are_waited_for_where_they_are_common() {
        let mut estimate = DelayEstimate::new();

        for n in 0..1_000 {
            estimate.observe(n * 960, n * 960);
            if n % 10 == 0 {
                estimate.observe_copy(n * 960, n * 960 - 960);
            }
        }

        assert!(estimate.target() > LEAST_TARGET);
    }
}
