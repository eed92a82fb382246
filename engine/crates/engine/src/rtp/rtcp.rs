//! RTCP packets: the reports the engine sends, and the part of the peers' it needs (RFC 3550, 6.4).

use std::time::Duration;

/// Octets of the longest report that [`write_report`] makes.
pub const MAX_REPORT: usize = 28 + 24 + 32;

const VERSION: u8 = 2 << 6;
const PADDING: u8 = 1 << 5;
/// Where a report's header says how many blocks it has.
const COUNT: u8 = 0x1F;
const SENDER_REPORT: u8 = 200;
const RECEIVER_REPORT: u8 = 201;
const SOURCE_DESCRIPTION: u8 = 202;
/// SDES item: canonical name (RFC 3550, 6.5.1).
const CNAME: u8 = 1;
/// One name for the whole engine: there is nothing to synchronise it with.
const NAME: &[u8; 9] = b"convivium";

/// A time of day in the format of NTP: seconds since 1900 in units of 2^-32 s (RFC 3550, 4).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NtpTime(pub u64);

impl NtpTime {
    /// From the time since 1970; wraps in 2036 as the format does.
    #[must_use]
    pub fn from_unix(since_1970: Duration) -> Self {
        const FROM_1900_TO_1970_S: u64 = 2_208_988_800;
        let fraction = (u64::from(since_1970.subsec_nanos()) << 32) / 1_000_000_000;
        let seconds = since_1970.as_secs().wrapping_add(FROM_1900_TO_1970_S);
        Self((seconds << 32) | fraction)
    }

    /// The middle 32 bits, as report blocks quote a time.
    #[must_use]
    pub const fn middle(self) -> u32 {
        (self.0 >> 16) as u32
    }
}

/// What a sender says of itself (RFC 3550, 6.4.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SenderInfo {
    /// When the report was written.
    pub ntp: NtpTime,
    /// The same moment on the RTP clock.
    pub timestamp: u32,
    /// Packets sent since the start, wrapping.
    pub packets: u32,
    /// Payload octets sent since the start, wrapping.
    pub octets: u32,
}

/// What a receiver says of one source (RFC 3550, 6.4.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Block {
    /// The source it speaks of.
    pub ssrc: u32,
    /// Packets lost since the last report, in 1/256 of those expected.
    pub fraction_lost: u8,
    /// Packets lost since the start, within 24 bits.
    pub lost: u32,
    /// The highest sequence number with its count of wraps.
    pub highest: u32,
    /// Interarrival jitter in ticks of 1/48,000 s.
    pub jitter: u32,
    /// The middle of the NTP time in the source's last sender report; 0 without one.
    pub last_report: u32,
    /// Time since that report arrived, in 1/65,536 s.
    pub since_last_report: u32,
}

/// A report of the engine.
#[derive(Debug, Clone, Copy)]
pub struct Report {
    /// Under which SSRC the engine reports.
    pub ssrc: u32,
    /// Of what it sends; `None` when it sends nothing.
    pub sender: Option<SenderInfo>,
    /// Of what it receives; `None` when it receives nothing.
    pub block: Option<Block>,
}

/// Write a report and a source description; returns the length, or `None` without room for
/// [`MAX_REPORT`] octets.
#[must_use]
pub fn write_report(report: &Report, packet: &mut [u8]) -> Option<usize> {
    let mut writer = Writer {
        packet: packet.get_mut(..MAX_REPORT)?,
        at: 0,
    };
    let kind = if report.sender.is_some() {
        SENDER_REPORT
    } else {
        RECEIVER_REPORT
    };
    let words = 1 + report.sender.map_or(0, |_| 5) + report.block.map_or(0, |_| 6);
    writer.head(u8::from(report.block.is_some()), kind, words);
    writer.word(report.ssrc);
    if let Some(sender) = report.sender {
        writer.word((sender.ntp.0 >> 32) as u32);
        writer.word(sender.ntp.0 as u32);
        writer.word(sender.timestamp);
        writer.word(sender.packets);
        writer.word(sender.octets);
    }
    if let Some(block) = report.block {
        writer.word(block.ssrc);
        writer.word(u32::from(block.fraction_lost) << 24 | block.lost.min(0x7F_FFFF));
        writer.word(block.highest);
        writer.word(block.jitter);
        writer.word(block.last_report);
        writer.word(block.since_last_report);
    }
    writer.description(report.ssrc);
    Some(writer.at)
}

struct Writer<'p> {
    packet: &'p mut [u8],
    at: usize,
}

impl Writer<'_> {
    fn put(&mut self, octets: &[u8]) {
        self.packet[self.at..self.at + octets.len()].copy_from_slice(octets);
        self.at += octets.len();
    }

    fn word(&mut self, value: u32) {
        self.put(&value.to_be_bytes());
    }

    fn head(&mut self, count: u8, kind: u8, words: u16) {
        self.put(&[VERSION | count, kind]);
        self.put(&words.to_be_bytes());
    }

    /// One chunk with the name; the item ends in zeros up to a full word (RFC 3550, 6.5).
    fn description(&mut self, ssrc: u32) {
        self.head(1, SOURCE_DESCRIPTION, 4);
        self.word(ssrc);
        self.put(&[CNAME, NAME.len() as u8]);
        self.put(NAME);
        self.put(&[0]);
    }
}

/// Find the sender report in a compound packet: who sent it, and what it says.
#[must_use]
pub fn read_sender_info(compound: &[u8]) -> Option<(u32, SenderInfo)> {
    let report = packets(compound).find(|packet| packet[1] == SENDER_REPORT)?;
    let info = SenderInfo {
        ntp: NtpTime(u64::from(word(report, 2)?) << 32 | u64::from(word(report, 3)?)),
        timestamp: word(report, 4)?,
        packets: word(report, 5)?,
        octets: word(report, 6)?,
    };
    Some((word(report, 1)?, info))
}

/// Find what a compound packet says of a source.
#[must_use]
pub fn read_block(compound: &[u8], ssrc: u32) -> Option<Block> {
    packets(compound).find_map(|packet| {
        let first = match packet[1] {
            SENDER_REPORT => 7,
            RECEIVER_REPORT => 2,
            _ => return None,
        };
        let places = (0..usize::from(packet[0] & COUNT)).map(|n| first + 6 * n);
        let at = places
            .into_iter()
            .find(|at| word(packet, *at) == Some(ssrc))?;
        block(packet, at)
    })
}

fn block(packet: &[u8], at: usize) -> Option<Block> {
    let [fraction_lost, lost @ ..] = word(packet, at + 1)?.to_be_bytes();
    Some(Block {
        ssrc: word(packet, at)?,
        fraction_lost,
        lost: u32::from_be_bytes([0, lost[0], lost[1], lost[2]]),
        highest: word(packet, at + 2)?,
        jitter: word(packet, at + 3)?,
        last_report: word(packet, at + 4)?,
        since_last_report: word(packet, at + 5)?,
    })
}

/// The packets of a compound one, as far as it is well formed; each has its four octets of header.
fn packets(compound: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = compound;
    std::iter::from_fn(move || {
        let (head, _) = rest.split_first_chunk::<4>()?;
        let length = 4 + 4 * usize::from(u16::from_be_bytes([head[2], head[3]]));
        let (packet, after) = rest.split_at_checked(length)?;
        rest = after;
        (head[0] & !COUNT & !PADDING == VERSION).then_some(packet)
    })
}

/// One word of a packet, its header being the first.
fn word(packet: &[u8], at: usize) -> Option<u32> {
    let octets = packet.get(4 * at..4 * at + 4)?;
    octets.try_into().ok().map(u32::from_be_bytes)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const INFO: SenderInfo = SenderInfo {
        ntp: NtpTime(0x0123_4567_89AB_CDEF),
        timestamp: 960,
        packets: 7,
        octets: 99,
    };

    #[test]
    fn a_sender_report_is_read_as_it_was_written() {
        let mut packet = [0; MAX_REPORT];
        let report = Report {
            ssrc: 42,
            sender: Some(INFO),
            block: None,
        };
        let length = write_report(&report, &mut packet).unwrap();

        assert_eq!(read_sender_info(&packet[..length]), Some((42, INFO)));
    }

    /// Every packet of a compound says its own length, and together they fill it.
    #[test]
    fn a_full_report_is_as_long_as_its_headers_say() {
        let mut packet = [0; MAX_REPORT];
        let block = Block {
            ssrc: 1,
            fraction_lost: 3,
            lost: 9,
            highest: 5,
            jitter: 4,
            last_report: 3,
            since_last_report: 2,
        };
        let report = Report {
            ssrc: 42,
            sender: Some(INFO),
            block: Some(block),
        };
        let length = write_report(&report, &mut packet).unwrap();

        assert_eq!(read_block(&packet[..length], 1), Some(block));
        assert_eq!(read_block(&packet[..length], 2), None);

        let first = 4 + 4 * usize::from(u16::from_be_bytes([packet[2], packet[3]]));
        let second =
            4 + 4 * usize::from(u16::from_be_bytes([packet[first + 2], packet[first + 3]]));
        assert_eq!(packet[first + 1], SOURCE_DESCRIPTION);
        assert_eq!(first + second, length);
    }

    #[test]
    fn of_several_blocks_that_of_the_source_is_read_wherever_it_stands() {
        // A receiver report about two sources behind an empty one (RFC 3550, 6.1).
        let mut compound = vec![0x80, RECEIVER_REPORT, 0, 1, 0, 0, 0, 9];
        compound.extend([0x82, RECEIVER_REPORT, 0, 13, 0, 0, 0, 9]);
        for ssrc in [7_u32, 42] {
            compound.extend(ssrc.to_be_bytes());
            compound.extend([64, 0, 1, ssrc as u8]);
            compound.extend([0; 16]);
        }

        let found = read_block(&compound, 42).unwrap();
        assert_eq!((found.fraction_lost, found.lost), (64, 256 + 42));
    }

    #[test]
    fn the_year_1970_is_ntp_second_2208988800() {
        let half_past = NtpTime::from_unix(Duration::from_millis(500));

        assert_eq!(half_past.0, (2_208_988_800 << 32) | (1 << 31));
    }

    proptest! {
        #[test]
        fn any_octets_are_read_without_a_panic(octets in prop::collection::vec(any::<u8>(), 0..120)) {
            let _ = read_sender_info(&octets);
            let _ = read_block(&octets, 0);
        }
    }
}
