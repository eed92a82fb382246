//! A synthetic speaker: a voice, an encoder as a browser has one, and a clock that may drift.
//!
//! Moments are counted from the beginning of the experiment. A speaker who pauses does as browsers
//! do with DTX: one packet of silence, then nothing, while timestamps go on.

use std::ops::Range;
use std::time::Duration;

use convivium_engine::opus::{Content, Encoder, Encoding, FRAME, MAX_FRAME_BYTES, OpusError};

use crate::speech::Recording;
use crate::voice::Voice;

/// A packet of 20 ms of silence (RFC 6716, 3.1: hybrid, full band, one mono frame without content).
const SILENCE: [u8; 1] = [15 << 3];

/// How somebody speaks.
#[derive(Debug, Clone, Copy)]
pub struct Manner {
    /// When the first sample is spoken.
    pub begins: Duration,
    /// Samples per packet: 480, 960, 1,920 or 2,880.
    pub packet_samples: usize,
    /// How much slower the speaker's clock runs than that of the experiment, in parts per million.
    pub slow_ppm: f64,
    /// The first sequence number.
    pub first_sequence: u16,
    /// The first timestamp.
    pub first_timestamp: u32,
    /// What the speaker's encoder is set to.
    pub encoding: Encoding,
}

/// What somebody says.
#[derive(Debug, Clone)]
pub enum Said {
    /// The tones of a synthetic voice.
    Tones(Voice),
    /// Words.
    Words(Recording),
    /// The tones of one voice on the left and of another on the right.
    Both(Voice, Voice),
}

impl From<Voice> for Said {
    fn from(voice: Voice) -> Self {
        Self::Tones(voice)
    }
}

impl From<Recording> for Said {
    fn from(recording: Recording) -> Self {
        Self::Words(recording)
    }
}

impl Said {
    fn sample(&self, number: u64) -> f32 {
        match self {
            Self::Tones(voice) => voice.sample(number),
            Self::Words(recording) => recording.sample(number),
            Self::Both(left, right) => left.sample(number).midpoint(right.sample(number)),
        }
    }

    fn left_and_right(&self, number: u64) -> [f32; 2] {
        match self {
            Self::Both(left, right) => [left.sample(number), right.sample(number)],
            Self::Tones(_) | Self::Words(_) => [self.sample(number); 2],
        }
    }
}

impl Manner {
    /// As a browser sends music: in stereo, with four times the bits.
    #[must_use]
    pub fn of_music() -> Self {
        Self {
            encoding: Encoding::of(Content::Music),
            ..Self::default()
        }
    }
}

impl Default for Manner {
    fn default() -> Self {
        Self {
            begins: Duration::ZERO,
            packet_samples: FRAME,
            slow_ppm: 0.0,
            first_sequence: 65_500,
            first_timestamp: u32::MAX - 48_000,
            encoding: Encoding::default(),
        }
    }
}

/// One packet as it leaves a speaker.
#[derive(Debug, Clone)]
pub struct Spoken {
    /// When it leaves.
    pub at: Duration,
    /// Its RTP sequence number.
    pub sequence: u16,
    /// Its RTP timestamp.
    pub timestamp: u32,
    /// Its Opus packet.
    pub payload: Box<[u8]>,
}

/// Somebody who speaks all the time but in the pauses.
#[derive(Debug)]
pub struct Speaker {
    said: Said,
    manner: Manner,
    pauses: Vec<Range<Duration>>,
    encoder: Encoder,
    /// Packets that came to their time, sent or not.
    due: u32,
    sent: u16,
    was_pausing: bool,
}

impl Speaker {
    /// Somebody who says this in this manner.
    ///
    /// # Errors
    /// `OpusError` without memory for an encoder.
    pub fn new(said: impl Into<Said>, manner: Manner) -> Result<Self, OpusError> {
        Ok(Self {
            said: said.into(),
            manner,
            pauses: Vec::new(),
            encoder: Encoder::new(manner.encoding)?,
            due: 0,
            sent: 0,
            was_pausing: false,
        })
    }

    /// Say nothing in this time.
    pub fn pause(&mut self, time: Range<Duration>) {
        self.pauses.push(time);
    }

    /// The next packet, if it leaves by `now`.
    ///
    /// # Errors
    /// `OpusError` if libopus fails.
    pub fn speak(&mut self, now: Duration) -> Result<Option<Spoken>, OpusError> {
        loop {
            let at = self.leaves(self.due + 1);
            if at > now {
                return Ok(None);
            }
            self.due += 1;
            let pausing = self.pauses.iter().any(|pause| pause.contains(&at));
            if !(pausing && self.was_pausing) {
                self.was_pausing = pausing;
                return self.spoken(at, pausing).map(Some);
            }
        }
    }

    /// When the end of a packet has been spoken.
    fn leaves(&self, packets: u32) -> Duration {
        let lasts = Duration::from_micros(self.manner.packet_samples as u64 * 1_000 / 48);
        self.manner.begins + (lasts * packets).mul_f64(1.0 + self.manner.slow_ppm / 1e6)
    }

    fn spoken(&mut self, at: Duration, pausing: bool) -> Result<Spoken, OpusError> {
        let samples = self.manner.packet_samples;
        let first = u64::from(self.due - 1) * samples as u64;
        let payload = if pausing {
            Box::from(SILENCE)
        } else {
            self.encoded(first)?
        };
        self.sent = self.sent.wrapping_add(1);
        Ok(Spoken {
            at,
            sequence: self
                .manner
                .first_sequence
                .wrapping_add(self.sent.wrapping_sub(1)),
            timestamp: self.manner.first_timestamp.wrapping_add(low_bits(first)),
            payload,
        })
    }

    fn encoded(&mut self, first: u64) -> Result<Box<[u8]>, OpusError> {
        let end = first + self.manner.packet_samples as u64;
        let sound: Vec<_> = match self.encoder.content() {
            Content::Voices => (first..end).map(|at| self.said.sample(at)).collect(),
            Content::Music => (first..end)
                .flat_map(|at| self.said.left_and_right(at))
                .collect(),
        };
        let mut packet = [0; MAX_FRAME_BYTES];
        self.encoder.encode(&sound, &mut packet).map(Box::from)
    }
}

#[expect(clippy::cast_possible_truncation, reason = "RTP time wraps at 32 bits")]
const fn low_bits(samples: u64) -> u32 {
    samples as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spoken(manner: Manner, pause: Range<u64>) -> Vec<Spoken> {
        let mut speaker = Speaker::new(Voice::new(0), manner).unwrap();
        speaker.pause(Duration::from_millis(pause.start)..Duration::from_millis(pause.end));
        std::iter::from_fn(|| speaker.speak(Duration::from_secs(1)).unwrap()).collect()
    }

    #[test]
    fn who_has_spoken_for_as_many_packets_as_there_are_numbers_goes_on() {
        let mut speaker = Speaker::new(Voice::new(0), Manner::default()).unwrap();
        speaker.sent = u16::MAX - 1;
        let said = std::iter::from_fn(|| speaker.speak(Duration::from_millis(60)).unwrap());

        let numbers: Vec<_> = said.map(|packet| packet.sequence).collect();
        assert_eq!(numbers, [65_498, 65_499, 65_500]);
    }

    #[test]
    fn a_packet_leaves_when_its_last_sample_is_spoken() {
        let manner = Manner {
            begins: Duration::from_millis(7),
            ..Manner::default()
        };

        let spoken = spoken(manner, 0..0);

        assert_eq!(spoken.len(), 49);
        assert_eq!(spoken[0].at, Duration::from_millis(27));
        assert_eq!(spoken[48].at, Duration::from_millis(987));
    }

    #[test]
    fn numbers_and_timestamps_count_on_over_their_wraps() {
        let manner = Manner {
            packet_samples: 2_880,
            ..Manner::default()
        };

        let spoken = spoken(manner, 0..0);

        assert_eq!(spoken.len(), 16);
        for pair in spoken.windows(2) {
            assert_eq!(pair[1].sequence, pair[0].sequence.wrapping_add(1));
            assert_eq!(pair[1].timestamp, pair[0].timestamp.wrapping_add(2_880));
        }
    }

    #[test]
    fn a_pause_is_announced_once_and_time_goes_on_in_it() {
        let spoken = spoken(Manner::default(), 300..600);

        assert_eq!(spoken.len(), 50 - 14);
        assert_eq!(spoken[14].payload.len(), 1);
        assert_eq!(spoken[15].sequence, spoken[14].sequence.wrapping_add(1));
        assert_eq!(
            spoken[15].timestamp.wrapping_sub(spoken[14].timestamp),
            15 * 960
        );
    }

    #[test]
    fn a_slow_clock_speaks_late() {
        let manner = Manner {
            slow_ppm: 10_000.0,
            ..Manner::default()
        };

        assert_eq!(spoken(manner, 0..0)[9].at, Duration::from_millis(202));
    }
}
