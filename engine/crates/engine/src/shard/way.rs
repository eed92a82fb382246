//! What sending sound to one peer takes, and nothing else of the peer.
//!
//! It lies with the members of a space, one behind the other: a crowd's is gone through fifty times
//! a second, and whatever has to be fetched from elsewhere in memory for it costs more than it does.

use std::net::SocketAddr;
use std::time::Instant;

use super::outside::Outside;
use super::pace::Share;
use crate::ids::SourceId;
use crate::mix::{FrameSet, LaneFrame, Packet};
use crate::rtp::{Block, Header, NtpTime, Report, SenderInfo, write_report};
use crate::srtp::SendLane;

/// What a space's clock showed with its last frame: RTP timestamp, and when.
pub(super) type SpaceClock = (u32, Instant);

/// The way of sound to a connected peer.
#[derive(Debug)]
pub(super) struct Way {
    /// Where it ends now; nothing is sent while it ends nowhere.
    pub(super) to: Option<SocketAddr>,
    pub(super) lane: SendLane,
    pub(super) payload_type: u8,
    /// A peer that takes no sound still gets reports.
    pub(super) takes_sound: bool,
    /// What this peer's RTP clock shows when the space's shows 0: random (RFC 3550, 5.1).
    pub(super) clock_begins: u32,
}

impl Way {
    /// Send a peer whose own voice is `source` its share of a frame set.
    pub(super) fn hear(
        &mut self,
        source: SourceId,
        frames: &FrameSet,
        share: &Share,
        outside: &mut Outside,
    ) {
        if !self.takes_sound {
            return;
        }
        for packet in share.earlier(frames) {
            // What is left over of the common lane might hold this peer's own voice.
            if !packet.frame.csrc.contains(&source.0) {
                self.send_packet(frames, packet, outside);
            }
        }
        if share.single.contains(&frames.tick) {
            let own = frames.lane_of(source);
            self.send_frame(frames.timestamp, frames.marker, own, outside);
        }
        for packet in frames.packets.joined.iter().filter(|_| share.joined) {
            self.send_packet(frames, packet, outside);
        }
    }

    /// Send a peer that has just come what a quiet space says of itself.
    pub(super) fn greet(
        &mut self,
        quiet: &FrameSet,
        clock: SpaceClock,
        outside: &mut Outside,
        now: Instant,
    ) {
        if self.takes_sound {
            self.send_frame(shown(clock, now), false, &quiet.common, outside);
        }
    }

    fn send_packet(&mut self, frames: &FrameSet, packet: &Packet, outside: &mut Outside) {
        let timestamp = frames.timestamp_of(packet.tick);
        self.send_frame(timestamp, packet.marker, &packet.frame, outside);
    }

    fn send_frame(
        &mut self,
        timestamp: u32,
        marker: bool,
        frame: &LaneFrame,
        outside: &mut Outside,
    ) {
        let Some(to) = self.to else { return };
        let header = Header {
            payload_type: self.payload_type,
            marker,
            timestamp: self.time(timestamp),
            csrc: &frame.csrc,
        };
        outside.write(to, |packet| {
            self.lane.seal_rtp(&header, &frame.payload, packet).ok()
        });
    }

    /// Send a report of what was sent, and with `block` of what arrived.
    pub(super) fn report(
        &mut self,
        clock: Option<SpaceClock>,
        block: Option<Block>,
        outside: &mut Outside,
        now: Instant,
    ) {
        let Some(to) = self.to else { return };
        let (packets, octets) = self.lane.sent();
        let ntp = NtpTime::from_unix(outside.wall.since_1970(now));
        let sender = clock.filter(|_| packets > 0).map(|clock| SenderInfo {
            ntp,
            timestamp: self.time(shown(clock, now)),
            packets,
            octets,
        });
        let report = Report {
            ssrc: self.lane.ssrc(),
            sender,
            block,
        };
        outside.write(to, |packet| {
            let length = write_report(&report, packet)?;
            self.lane.seal_rtcp(packet, length).ok()
        });
    }

    /// What this peer's RTP clock shows when the space's shows `space`.
    const fn time(&self, space: u32) -> u32 {
        self.clock_begins.wrapping_add(space)
    }
}

/// What a space's clock shows now, since its last frame may be a while ago (RFC 3550, 6.4.1).
fn shown((timestamp, at): SpaceClock, now: Instant) -> u32 {
    let ticks = now.saturating_duration_since(at).as_micros() * 48 / 1000;
    timestamp.wrapping_add(ticks as u32)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_clock_goes_on_after_its_last_frame_and_over_its_end() {
        let at = crate::clock::now();
        let clock = (u32::MAX - 47_999, at);

        assert_eq!(shown(clock, at), u32::MAX - 47_999);
        assert_eq!(
            shown(clock, at + Duration::from_millis(20)),
            u32::MAX - 47_039
        );
        assert_eq!(shown(clock, at + Duration::from_secs(3)), 96_000);
    }
}
