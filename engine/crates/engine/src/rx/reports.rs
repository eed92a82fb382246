//! Reports of peers, opened where they arrive.
//!
//! There is one from each listener every few seconds, and none of them changes anything for the
//! peer: what it says of loss is added to the sums of its space, and when a speaker sent what is
//! kept for the shard to look up.

use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::feedback::Feedback;
use crate::rtp::{NtpTime, read_block, read_sender_info};
use crate::srtp::{ReportLane, SrtpError};

/// A round trip longer than this is none: the report quotes what nobody sent.
const LONGEST_ROUND_TRIP: Duration = Duration::from_secs(10);

/// The reports of one peer.
#[derive(Debug)]
pub(crate) struct Reports {
    lane: ReportLane,
    /// Of whom the peer reports.
    ours: u32,
    feedback: Arc<Feedback>,
    sender: Option<SenderReport>,
}

/// When a source said what time it was (RFC 3550, 6.4.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct SenderReport {
    /// Who said it.
    pub(crate) ssrc: u32,
    /// The middle of the time in the report.
    pub(crate) middle: u32,
    /// When it arrived.
    pub(crate) at: Instant,
}

impl Reports {
    /// Those that a lane opens, of what we send under `ours`.
    pub(crate) fn new(lane: ReportLane, ours: u32, feedback: Arc<Feedback>) -> Self {
        Self {
            lane,
            ours,
            feedback,
            sender: None,
        }
    }

    /// Open a report in place, and take what is of use; `wall` is the time of day.
    pub(super) fn take(
        &mut self,
        report: &mut [u8],
        wall: NtpTime,
        now: Instant,
    ) -> Result<(), SrtpError> {
        let compound = self.lane.open_rtcp(report)?;
        if let Some((ssrc, info)) = read_sender_info(compound) {
            self.sender = Some(SenderReport {
                ssrc,
                middle: info.ntp.middle(),
                at: now,
            });
        }
        if let Some(block) = read_block(compound, self.ours) {
            let since = block.last_report.wrapping_add(block.since_last_report);
            let known = (block.last_report != 0).then(|| wall.middle().wrapping_sub(since));
            let round_trip = known.map(|units| Duration::from_secs(1) * units / 65_536);
            self.feedback.add(
                &block,
                round_trip.filter(|time| *time <= LONGEST_ROUND_TRIP),
            );
        }
        Ok(())
    }

    /// The last sender report.
    pub(super) fn sender(&self) -> Option<SenderReport> {
        self.sender
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::clock::now;
    use crate::rtp::{Block, MAX_REPORT, Report, SenderInfo, write_report};
    use crate::srtp::{DtlsRole, Keys, Profile, SendLane};

    /// Under which SSRC we send in these tests.
    const OURS: u32 = 9;

    fn keys(role: DtlsRole) -> Keys {
        let material: Vec<u8> = (0..56).collect();
        Keys::split(Profile::AeadAes128Gcm, role, &material).unwrap()
    }

    /// Where the reports of a peer are opened, and with what it seals them.
    pub(in crate::rx) fn ends() -> (Reports, SendLane, Arc<Feedback>) {
        let feedback = Arc::new(Feedback::default());
        let lane = ReportLane::new(&keys(DtlsRole::Server)).unwrap();
        let reports = Reports::new(lane, OURS, Arc::clone(&feedback));
        let peer = SendLane::new(&keys(DtlsRole::Client), 4, 0).unwrap();
        (reports, peer, feedback)
    }

    /// A report of a quarter lost, quoting one of ours that came so long ago, both in 1/65,536 s.
    pub(in crate::rx) fn sealed(peer: &mut SendLane, quoted: u32, ago: u32) -> Vec<u8> {
        let report = Report {
            ssrc: peer.ssrc(),
            sender: Some(SenderInfo {
                ntp: NtpTime(0x0123_4567_89AB_CDEF),
                timestamp: 1,
                packets: 2,
                octets: 3,
            }),
            block: Some(Block {
                ssrc: OURS,
                fraction_lost: 64,
                lost: 7,
                highest: 8,
                jitter: 48,
                last_report: quoted,
                since_last_report: ago,
            }),
        };
        let mut packet = vec![0; MAX_REPORT + 20];
        let length = write_report(&report, &mut packet).unwrap();
        let length = peer.seal_rtcp(&mut packet, length).unwrap();
        packet.truncate(length);
        packet
    }

    #[test]
    fn losses_and_the_round_trip_are_added_to_the_sums_of_the_space() {
        let (mut reports, mut peer, feedback) = ends();
        // Ours left a second ago and was with the peer for three quarters of it; the middle of the
        // time wraps meanwhile.
        let wall = NtpTime(0x1234_0000_8000_0000);
        let quoted = wall.middle().wrapping_sub(65_536);
        let mut report = sealed(&mut peer, quoted, 49_152);
        reports.take(&mut report, wall, now()).unwrap();
        let sums = feedback.take();

        assert_eq!((sums.reports, sums.lossy), (1, 1));
        assert_eq!(sums.lost_ppm(), Some(250_000));
        assert_eq!(sums.jitter_us(), Some(1000));
        assert_eq!(sums.round_trip_us(), Some(250_000));
    }

    #[test]
    fn a_round_trip_that_cannot_be_is_none() {
        let (mut reports, mut peer, feedback) = ends();
        let wall = NtpTime(0x1234_0000_8000_0000);
        for quoted in [0, wall.middle().wrapping_add(65_536)] {
            let mut report = sealed(&mut peer, quoted, 0);
            reports.take(&mut report, wall, now()).unwrap();
        }

        assert_eq!(feedback.take().round_trip_us(), None);
    }

    #[test]
    fn a_report_counts_once_and_what_it_says_of_time_is_kept() {
        let (mut reports, mut peer, feedback) = ends();
        let (report, at) = (sealed(&mut peer, 0, 0), now());
        for _ in 0..2 {
            let _ = reports.take(&mut report.clone(), NtpTime(0), at);
        }

        assert_eq!(feedback.take().reports, 1);
        let (ssrc, middle) = (4, 0x4567_89AB);
        assert_eq!(reports.sender(), Some(SenderReport { ssrc, middle, at }));
    }
}
