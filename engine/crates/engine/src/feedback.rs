//! What the listeners of a space report of what arrives, summed up.
//!
//! The receive thread adds each report; the mixer takes the sums every few seconds. Two reports
//! that come while it does so may be split between two sums, which does no harm to a mean.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use crate::rtp::Block;

/// Sums since they were last taken.
#[derive(Debug, Default)]
pub(crate) struct Feedback {
    reports: AtomicU64,
    lossy: AtomicU64,
    /// In 1/256 of what was expected.
    lost: AtomicU64,
    /// In ticks of 1/48,000 s.
    jitter: AtomicU64,
    round_trips: AtomicU64,
    round_trip_us: AtomicU64,
}

/// Sums that were taken.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Reported {
    /// Reports that came.
    pub(crate) reports: u64,
    /// Those among them that speak of a loss.
    pub(crate) lossy: u64,
    lost: u64,
    jitter: u64,
    round_trips: u64,
    round_trip_us: u64,
}

impl Feedback {
    /// Add a report; the round trip is unknown until the listener has had a report of ours.
    pub(crate) fn add(&self, block: &Block, round_trip: Option<Duration>) {
        let add = |sum: &AtomicU64, value: u64| sum.fetch_add(value, Ordering::Relaxed);
        add(&self.reports, 1);
        add(&self.lossy, u64::from(block.fraction_lost > 0));
        add(&self.lost, block.fraction_lost.into());
        add(&self.jitter, block.jitter.into());
        if let Some(round_trip) = round_trip {
            add(&self.round_trips, 1);
            add(&self.round_trip_us, round_trip.as_micros() as u64);
        }
    }

    /// Take the sums; only one may do so.
    pub(crate) fn take(&self) -> Reported {
        let take = |sum: &AtomicU64| sum.swap(0, Ordering::Relaxed);
        Reported {
            reports: take(&self.reports),
            lossy: take(&self.lossy),
            lost: take(&self.lost),
            jitter: take(&self.jitter),
            round_trips: take(&self.round_trips),
            round_trip_us: take(&self.round_trip_us),
        }
    }
}

impl std::ops::AddAssign for Reported {
    fn add_assign(&mut self, other: Self) {
        self.reports += other.reports;
        self.lossy += other.lossy;
        self.lost += other.lost;
        self.jitter += other.jitter;
        self.round_trips += other.round_trips;
        self.round_trip_us += other.round_trip_us;
    }
}

impl Reported {
    /// The mean share of packets lost, in millionths; `None` without a report.
    pub(crate) fn lost_ppm(&self) -> Option<u64> {
        (self.lost * 1_000_000 / 256).checked_div(self.reports)
    }

    /// The share of reports that speak of a loss, in millionths; `None` without a report.
    pub(crate) fn lossy_ppm(&self) -> Option<u64> {
        (self.lossy * 1_000_000).checked_div(self.reports)
    }

    /// The mean jitter in microseconds; `None` without a report.
    pub(crate) fn jitter_us(&self) -> Option<u64> {
        (self.jitter * 1000 / 48).checked_div(self.reports)
    }

    /// The mean round trip in microseconds; `None` when none is known.
    pub(crate) fn round_trip_us(&self) -> Option<u64> {
        self.round_trip_us.checked_div(self.round_trips)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn block(fraction_lost: u8, jitter: u32) -> Block {
        Block {
            ssrc: 1,
            fraction_lost,
            lost: 0,
            highest: 0,
            jitter,
            last_report: 0,
            since_last_report: 0,
        }
    }

    #[test]
    fn means_are_over_those_who_reported_since_the_last_time() {
        let feedback = Feedback::default();
        feedback.add(&block(0, 48), None);
        feedback.add(&block(64, 96), Some(Duration::from_millis(30)));
        let taken = feedback.take();

        assert_eq!(taken.lost_ppm(), Some(125_000));
        assert_eq!(taken.lossy_ppm(), Some(500_000));
        assert_eq!(taken.jitter_us(), Some(1500));
        assert_eq!(taken.round_trip_us(), Some(30_000));
        assert_eq!(feedback.take(), Reported::default());
        assert_eq!(Reported::default().lost_ppm(), None);
    }
}
