//! From packets of many voices to one frame set every 20 ms: jitter buffers, decoders, lanes.
//!
//! Time is an argument here: no threads, no sockets, no clocks. What is sent to whom, and whose
//! packets may come in at all, is decided elsewhere. Sound is 48 kHz, `f32`, mono or with a
//! side to it (`frame`); times between packets are counted in samples, which are also the ticks of the RTP clock.

mod clip;
mod delay;
mod frame;
mod gain;
mod jitter;
mod lane;
mod level;
mod limiter;
mod loudness;
mod packing;
mod ramp;
mod signs;
mod sound;
mod space;
mod stretch;
mod true_peak;
mod voice;

use std::sync::Arc;
use std::time::Duration;

use arrayvec::ArrayVec;

use crate::SourceId;
use crate::opus::FRAME;

pub use packing::{Packet, PacketTime, Packets};
pub use space::SpaceMixer;

/// How often a space is mixed.
pub const TICK: Duration = Duration::from_millis(20);

/// The most voices in one mix: a CSRC list holds no more (RFC 3550, 5.1).
pub const MAX_HEARD: usize = 15;

/// One RTP packet of a voice, its header read and its payload opened.
#[derive(Debug, Clone, Copy)]
pub struct RtpAudio<'p> {
    /// Counts packets, wrapping (RFC 3550, 5.1).
    pub sequence: u16,
    /// When its first sample was taken, in samples, wrapping.
    pub timestamp: u32,
    /// The sender says that sound begins after silence; the buffer finds that out by itself.
    pub marker: bool,
    /// An Opus packet of 10 to 120 ms (RFC 7587, 4.2).
    pub payload: &'p [u8],
}

/// How a live voice came through since its gate opened, in samples.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Reception {
    /// Decoded from packets that came in time.
    pub decoded: u64,
    /// Recovered from the copies in the packets after those that did not.
    pub recovered: u64,
    /// Made up, the ends of words that fade away included.
    pub made_up: u64,
    /// The sender's time, without wraps, of the next sample to be given; none between words.
    pub next: Option<i64>,
}

/// What one tick of a space gave.
#[derive(Debug)]
pub struct Tick {
    /// What to send now; nothing in most ticks of a silent space.
    pub frames: Option<FrameSet>,
    /// Clips that came to their end.
    pub ended_clips: Vec<SourceId>,
}

/// What everybody in a space is sent for the same 20 ms.
#[derive(Debug, Clone)]
pub struct FrameSet {
    /// Counts ticks since the space began, silent ones included.
    pub tick: u64,
    /// Samples since the space began, wrapping; rises by 960 a tick, silent ticks included.
    pub timestamp: u32,
    /// Sound begins after silence (RFC 3551, 4.1).
    pub marker: bool,
    /// For listeners, and for speakers who are silent.
    pub common: LaneFrame,
    /// For each active speaker, the mix without that speaker.
    pub minus: ArrayVec<(SourceId, LaneFrame), MAX_HEARD>,
    /// What those get whose packets hold more than this frame.
    pub packets: Packets,
    /// Nobody has been heard for a while: the next packet takes its time.
    pub quiet: bool,
}

/// One encoded frame of one lane.
#[derive(Debug, Clone)]
pub struct LaneFrame {
    /// An Opus packet of 20 ms.
    pub payload: Arc<[u8]>,
    /// The sources that are heard in it now.
    pub csrc: ArrayVec<u32, MAX_HEARD>,
}

impl FrameSet {
    /// The RTP time of a tick not long before this one.
    #[must_use]
    #[expect(clippy::cast_possible_truncation, reason = "RTP time wraps at 32 bits")]
    pub const fn timestamp_of(&self, tick: u64) -> u32 {
        let before = self.tick.saturating_sub(tick) as u32;
        self.timestamp
            .wrapping_sub(before.wrapping_mul(FRAME as u32))
    }

    /// Whether there is a mix without this voice.
    #[must_use]
    pub fn has_lane_of(&self, source: SourceId) -> bool {
        self.minus.iter().any(|(own, _)| *own == source)
    }

    /// The frame for a peer whose own voice is `source`.
    #[must_use]
    pub fn lane_of(&self, source: SourceId) -> &LaneFrame {
        self.minus
            .iter()
            .find(|(own, _)| *own == source)
            .map_or(&self.common, |(_, frame)| frame)
    }
}
