//! How much of each kind one peer may send: token buckets, filled by time.

use std::time::Instant;

use super::classify::Class;
use crate::bucket::Bucket;

/// The allowances of one peer.
///
/// Checks from unproven addresses have their own bucket: a stranger who saw the name in the clear
/// may send checks with it, and must not use up those that keep the peer alive.
#[derive(Debug)]
pub(super) struct Allowances {
    checks: Bucket,
    strange_checks: Bucket,
    dtls: Bucket,
    rtp: Bucket,
    rtcp: Bucket,
}

impl Default for Allowances {
    /// Twice what browsers send: 50 voice packets a second, a check each 2.5 s and bursts of them
    /// at the start, a report a second, a handshake or a burst of events.
    fn default() -> Self {
        Self {
            checks: Bucket::new(60.0, 20.0),
            strange_checks: Bucket::new(60.0, 20.0),
            dtls: Bucket::new(200.0, 100.0),
            rtp: Bucket::new(100.0, 120.0),
            rtcp: Bucket::new(40.0, 20.0),
        }
    }
}

impl Allowances {
    /// Whether one more datagram of a kind may pass; it is counted.
    pub(super) fn take(&mut self, class: Class, proven: bool, now: Instant) -> bool {
        let bucket = match class {
            Class::Stun if proven => &mut self.checks,
            Class::Stun => &mut self.strange_checks,
            Class::Dtls => &mut self.dtls,
            Class::Rtp => &mut self.rtp,
            Class::Rtcp => &mut self.rtcp,
        };
        bucket.take(now)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    /// How many of `per_second` packets pass in ten seconds.
    fn passed(class: Class, per_second: u32) -> u32 {
        let start = crate::clock::now();
        let mut allowances = Allowances::default();
        (0..10 * per_second)
            .map(|n| start + Duration::from_secs(1) * n / per_second)
            .map(|at| u32::from(allowances.take(class, true, at)))
            .sum()
    }

    #[test]
    fn a_voice_passes_whole() {
        assert_eq!(passed(Class::Rtp, 50), 500);
    }

    #[test]
    fn a_flood_of_voice_is_cut_to_about_twice_a_voice() {
        let passed = passed(Class::Rtp, 2000);

        assert!((1200..=1310).contains(&passed), "{passed} of 20000");
    }

    #[test]
    fn a_flood_of_any_kind_is_cut() {
        for class in [Class::Stun, Class::Dtls, Class::Rtp, Class::Rtcp] {
            let passed = passed(class, 1000);
            assert!(passed < 1500, "{class:?}: {passed} of 10000");
        }
    }

    #[test]
    fn strange_checks_do_not_use_up_the_peers_own() {
        let now = crate::clock::now();
        let mut allowances = Allowances::default();
        let strange = (0..1000).filter(|_| allowances.take(Class::Stun, false, now));
        assert!(strange.count() < 100);

        assert!(allowances.take(Class::Stun, true, now));
    }
}
