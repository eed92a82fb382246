//! What a receiver can say of a source: RFC 3550, 6.4.1 and the sample code of its appendix A.
//!
//! Browsers choose the strength of their error correction by these reports.

use std::time::{Duration, Instant};

use super::{Block, ParsedHeader};

/// Ticks of the RTP clock in a second (RFC 7587, 4.1).
const CLOCK_HZ: u64 = 48_000;

/// One source as it arrives.
#[derive(Debug)]
pub struct Reception {
    ssrc: u32,
    first: u32,
    highest: u32,
    received: u32,
    reported: (u32, u32),
    transit: Option<u32>,
    jitter_16: u32,
    last_report: Option<(u32, Instant)>,
    begun: Instant,
}

impl Reception {
    /// A source of which this is the first packet. Call [`Reception::arrived`] with it too.
    #[must_use]
    pub fn new(header: &ParsedHeader, now: Instant) -> Self {
        Self {
            ssrc: header.ssrc,
            first: u32::from(header.sequence),
            highest: u32::from(header.sequence),
            received: 0,
            reported: (0, 0),
            transit: None,
            jitter_16: 0,
            last_report: None,
            begun: now,
        }
    }

    /// Whose packets these are.
    #[must_use]
    pub const fn ssrc(&self) -> u32 {
        self.ssrc
    }

    /// A packet of the source came.
    pub fn arrived(&mut self, header: &ParsedHeader, now: Instant) {
        self.received = self.received.wrapping_add(1);
        let ahead = header.sequence.wrapping_sub(self.highest as u16);
        if ahead < 0x8000 {
            self.highest = self.highest.wrapping_add(u32::from(ahead));
        }
        // RFC 3550, A.8: the mean deviation of the transit time, in sixteenths.
        let arrival = ticks(now.saturating_duration_since(self.begun));
        let transit = arrival.wrapping_sub(header.timestamp);
        if let Some(before) = self.transit.replace(transit) {
            let deviation = (transit.wrapping_sub(before).cast_signed()).unsigned_abs();
            self.jitter_16 = self
                .jitter_16
                .saturating_add(deviation)
                .saturating_sub((self.jitter_16.saturating_add(8)) >> 4);
        }
    }

    /// The source said when it sent what: the middle of the time in its report, and when that came.
    pub fn reported(&mut self, middle: u32, at: Instant) {
        self.last_report = Some((middle, at));
    }

    /// What to tell the source now; losses are counted since the last time.
    pub fn block(&mut self, now: Instant) -> Block {
        let expected = self.highest.wrapping_sub(self.first).wrapping_add(1);
        let lately_expected = expected.wrapping_sub(self.reported.0);
        let lately_received = self.received.wrapping_sub(self.reported.1);
        self.reported = (expected, self.received);
        let lately_lost = lately_expected.saturating_sub(lately_received);
        let fraction = (u64::from(lately_lost) << 8) / u64::from(lately_expected.max(1));
        let (last_report, since) = self.last_report.map_or((0, 0), |(middle, at)| {
            let since = now.saturating_duration_since(at);
            (middle, (since.as_nanos() * 65_536 / 1_000_000_000) as u32)
        });
        Block {
            ssrc: self.ssrc,
            fraction_lost: fraction.min(255) as u8,
            lost: expected.saturating_sub(self.received),
            highest: self.highest,
            jitter: self.jitter_16 >> 4,
            last_report,
            since_last_report: since,
        }
    }
}

/// A time on the RTP clock, wrapping.
fn ticks(time: Duration) -> u32 {
    (time.as_nanos() * u128::from(CLOCK_HZ) / 1_000_000_000) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    fn packet(sequence: u16) -> ParsedHeader {
        let mut octets = [0; 12];
        octets[0] = 0x80;
        octets[2..4].copy_from_slice(&sequence.to_be_bytes());
        octets[4..8].copy_from_slice(&(u32::from(sequence) * 960).to_be_bytes());
        ParsedHeader::parse(&octets).unwrap()
    }

    fn heard(sequences: impl IntoIterator<Item = u16>) -> (Reception, Instant) {
        let start = crate::clock::now();
        let mut reception: Option<Reception> = None;
        let mut now = start;
        for sequence in sequences {
            now = start + Duration::from_millis(20) * u32::from(sequence);
            let header = packet(sequence);
            reception
                .get_or_insert_with(|| Reception::new(&header, start))
                .arrived(&header, now);
        }
        (reception.unwrap(), now)
    }

    #[test]
    fn an_even_stream_has_no_loss_and_no_jitter() {
        let (mut reception, now) = heard(0..100);
        let block = reception.block(now);

        assert_eq!(
            (block.fraction_lost, block.lost, block.jitter, block.highest),
            (0, 0, 0, 99)
        );
    }

    #[test]
    fn every_second_packet_lost_is_half() {
        let (mut reception, now) = heard((0..100).step_by(2));
        let block = reception.block(now);

        assert_eq!(block.lost, 49);
        assert!((120..=128).contains(&block.fraction_lost));
    }

    #[test]
    fn losses_are_told_once() {
        let (mut reception, now) = heard((0..100).step_by(2));
        reception.block(now);

        assert_eq!(reception.block(now).fraction_lost, 0);
    }
}
